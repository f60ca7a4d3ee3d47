"""Bytes that were once a file of ours, and bytes that never were anything."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

YAML_SCRAPS = (
    *(b"&a ", b"*a", b"<<: *a", b"!!python/object:os.system ", b"! ", b"!<tag:x> ", b"%YAML 1.1\n---\n", b"%TAG ! x\n"),
    *(b"---\n", b"...\n", b"\t", b"\r", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"\xc2\x85", b"\xe2\x80\xa8", b"\x7f"),
    *(
        b"? ",
        b": ",
        b"- ",
        b"[",
        b"]",
        b"{",
        b"}",
        b"|2-\n",
        b">+\n",
        b'"',
        b"'",
        b"\\",
        b'"\\ud800"',
        b"# ",
        b"\n",
        b"  ",
    ),
    *(b"1e999", b".inf", b".nan", b"0x", b"0o8", b"-", b"~", b"9" * 40, b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
    *(b"[" * 30_000, b"[" * 40, b"- " * 40, b"{a: " * 40, b"x" * 2000, b"? " * 40, b"a: " * 5),
)
"""What means something in YAML, most of it nothing good."""

CURL_SCRAPS = (
    *(
        b"curl ",
        b"-d ",
        b"--data=",
        b"-H",
        b"--json ",
        b"'",
        b'"',
        b"\\",
        b"\\\n",
        b"$'",
        b"\\x",
        b"\\U",
        b"\\u",
        b"#",
        b"$",
    ),
    *(b"$'\\UFFFFFFFF'", b"$'\\ud800'", b"http://[", b"https://a:b@c/v1/video/generations", b";", b"|", b"\n", b"\r\n"),
    *(b"{", b"}", b"@/dev/null", b"\x00", b"\xff", b"\xed\xa0\x80", b"1e999", b"NaN", b"9" * 5000, b"[" * 2000),
)
"""What means something to a shell, to curl or to JSON."""


@st.composite
def spoiled(draw: st.DrawFn, originals: Sequence[bytes], scraps: Sequence[bytes]) -> bytes:
    """One of the files with bytes flipped, cut out, put in, or with a piece of another; or no file at all."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.binary(max_size=60) | st.lists(st.sampled_from(scraps), max_size=8).map(b"".join))
    content = draw(st.sampled_from(originals))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        match draw(st.integers(0, 4)):
            case 0 if start < len(content):
                flipped = content[start] ^ (1 << draw(st.integers(0, 7)))
                content = content[:start] + bytes([flipped]) + content[start + 1 :]
            case 1:
                content = content[:start] + content[end:]
            case 2:
                content = content[:start] + draw(st.binary(min_size=1, max_size=4)) + content[start:]
            case 3:
                other = draw(st.sampled_from(originals))
                cut = draw(st.integers(0, len(other)))
                content = content[:start] + other[cut : cut + 200] + content[end:]
            case _:
                content = content[:start] + draw(st.sampled_from(scraps)) + content[start:]
    return content
