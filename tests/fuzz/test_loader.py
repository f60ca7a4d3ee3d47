"""The YAML loader on bytes that are hardly YAML: whatever they are, they are read or refused with a place, and the work
and the memory that takes is in proportion to their number."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from pathlib import Path

import pytest

from generator.check import check
from generator.diagnostics import ProblemsFound
from generator.load import MAX_BYTES, load_bytes
from tests.fuzz.examine import assert_located
from tests.fuzz.hostile_bytes import YAML_SCRAPS, spoiled
from tests.fuzz.sampling import Sample
from tests.fuzz.workshop import ROOT

FILES = [path.read_bytes() for path in sorted((ROOT / "schemas").glob("*.yaml"))]

_MOST_MEMORY = 100
"""Bytes of memory for a byte of a file; three times what the worst of these takes."""


def test_any_bytes_are_read_or_refused_with_a_place(tmp_path: Path, sample: Sample) -> None:
    path = tmp_path / "fuzzed.yaml"

    @sample(spoiled(FILES, YAML_SCRAPS), b"[")
    def run(content: bytes) -> None:
        path.write_bytes(content)
        try:
            check(tmp_path)
        except ProblemsFound as found:
            assert_located(found, content.decode(errors="backslashreplace"), path.name)

    run()


@pytest.mark.parametrize(
    ("unit", "around"),
    [
        (b"[", b""),
        (b"{a: ", b""),
        (b"- ", b""),
        (b"? ", b""),
        (b"a, ", b"[%b]"),
        (b"a: 1\n", b"%b"),
        (b"&a ", b"%b"),
        (b"&a a, *a, ", b"[%b]"),
        (b"!x y, ", b"[%b]"),
        (b"*a, ", b"[%b]"),
        (b"x", b"%b"),
        (b"\\x41", b'"%b"'),
        (b"#\n", b"%b"),
        (b"---\n", b"%b"),
        (b"\xef\xbb\xbf", b"%b"),
        (b"9", b"%b"),
        (b"\n", b"'%b'"),
        (b"'", b"%b"),
    ],
)
def test_memory_is_in_proportion_to_the_file(unit: bytes, around: bytes) -> None:
    content = (around or b"%b").replace(b"%b", unit * (100_000 // len(unit)))
    tracemalloc.start()
    with suppress(ProblemsFound):
        load_bytes(content, "long.yaml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < _MOST_MEMORY * len(content)


def test_no_more_is_read_than_a_schema_can_have() -> None:
    with pytest.raises(ProblemsFound) as found:
        load_bytes(b"a" * (MAX_BYTES + 1), "long.yaml")
    assert [problem.code for problem in found.value.problems] == ["too-large"]
