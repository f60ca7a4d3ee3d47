"""``modelstream from-curl``: what a documented curl says, checked, as Python or as a command line."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelstream import MODELS, KlingV3, VideoRequest
from modelstream.catalog import CATALOG
from modelstream.cli import main
from modelstream.gateway import GATEWAY
from modelstream_runtime.curl_text import CurlCall, read_command, read_curl
from modelstream_runtime.shell import shell_word
from tests.support.command import SCRIPT, Ended, run_script, terminal
from tests.support.golden import Golden, goldens


def from_curl(text: str, *words: str, capsys: pytest.CaptureFixture[str], folder: Path) -> Ended:
    file = folder / "curl.txt"
    file.write_text(text, encoding="utf-8")
    status = main(["from-curl", str(file), *words])
    shown = capsys.readouterr()
    return Ended(status, shown.out, shown.err)


def executed(source: str) -> Any:
    names: dict[str, Any] = {}
    exec(compile(source, "from-curl", "exec"), names)  # noqa: S102
    return names["request"]


def curl_of(body: object, url: str = "https://api.modelstream.ai/v1/video/generations") -> str:
    return f"curl -X POST {url} -d {shlex.quote(json.dumps(body))}"


@pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")
@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_round_trip_of_every_golden(golden: Golden, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    python = from_curl(golden.curl, capsys=capsys, folder=tmp_path)
    assert python.status == 0
    assert executed(python.out).to_payload() == golden.body
    assert executed(python.out).to_curl() == golden.to_curl

    cli = from_curl(golden.curl, "--as", "cli", capsys=capsys, folder=tmp_path)
    words = shlex.split(cli.out.replace("\\\n", ""))
    assert words[:2] == ["modelstream", "generate"]
    assert main([*words[1:], "--dry-run", "--curl"]) == 0
    assert capsys.readouterr().out == f"{golden.to_curl}\n"

    event = json.loads(from_curl(golden.curl, "--json", capsys=capsys, folder=tmp_path).out.splitlines()[-1])
    assert (event["event"], event["payload"]) == ("request", golden.body)


def test_through_the_entry_point_and_a_shell(tmp_path: Path) -> None:
    [golden] = [g for g in goldens() if (g.model, g.name) == ("kling-v3", "storyboard")]
    written = run_script("from-curl", "--as", "cli", given=golden.to_curl).out
    shell = f'set -eu\nmodelstream() {{ {shlex.quote(str(SCRIPT))} "$@" --dry-run --curl; }}\n{written}'
    ended = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert ended.stdout == f"{golden.to_curl}\n"


def test_python_leaves_out_what_is_the_default(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = KlingV3(prompt="it's", cfg_scale=None, mode="pro").to_curl()
    shown = from_curl(text, capsys=capsys, folder=tmp_path).out
    assert shown == (
        "from modelstream import KlingV3\n\n"
        'request = KlingV3(\n    prompt="it\'s",\n    mode="pro",\n    cfg_scale=None,\n)\n'
    )
    assert from_curl(text, "--as", "cli", capsys=capsys, folder=tmp_path).out == (
        "modelstream generate kling-v3 \\\n  --prompt 'it'\"'\"'s' \\\n  --mode pro \\\n  --omit cfg_scale\n"
    )


@pytest.mark.parametrize(
    ("body", "prompt"),
    [
        ('{"prompt": "It\'s raining, isn\'t it"}', "It's raining, isn't it"),
        ('{"prompt": "rock\'n\'roll"}', "rock'n'roll"),
        ('{"prompt": "the dogs\' day"}', "the dogs' day"),
        ('{"prompt": "\'quoted\'"}', "'quoted'"),
        ("{\"prompt\": \"both '\\'' and '\"}", "both ' and '"),
        ('{"prompt": "\\u96e8 isn\'t \\"rain\\""}', '雨 isn\'t "rain"'),
        ('\n{\n  "prompt": "it\'s"\n}\n', "it's"),
    ],
)
@pytest.mark.parametrize(
    "command", ["curl https://x.example -d '{}' -H 'A: b'", "curl --data-raw='{}' \\\n https://x.example"]
)
def test_apostrophes_that_a_page_forgot_to_escape(body: str, prompt: str, command: str) -> None:
    assert read_curl(command.replace("{}", body), GATEWAY).body == {"prompt": prompt}


def test_an_escaped_quote_of_the_other_kind_stays_what_it_is() -> None:
    text = """curl https://x.example -d '{"prompt": "It'"'"'s"}'"""
    assert read_curl(text, GATEWAY).body == {"prompt": "It's"}


def test_a_text_that_begins_with_an_at_sign(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = KlingV3(prompt="@home").to_curl()
    words = shlex.split(from_curl(text, "--as", "cli", capsys=capsys, folder=tmp_path).out.replace("\\\n", ""))
    assert main([*words[1:], "--dry-run", "--curl"]) == 0
    assert capsys.readouterr().out == f"{text}\n"


def test_another_gateway_is_kept(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = KlingV3(prompt="x").to_curl(base_url="http://127.0.0.1:8765")
    shown = from_curl(text, "--as", "cli", capsys=capsys, folder=tmp_path)
    assert "--base-url http://127.0.0.1:8765" in shown.out
    words = shlex.split(shown.out.replace("\\\n", ""))
    assert main([*words[1:], "--dry-run", "--curl"]) == 0
    assert capsys.readouterr().out == f"{text}\n"
    assert "base_url='http://127.0.0.1:8765'" in from_curl(text, capsys=capsys, folder=tmp_path).err


def test_everything_that_is_wrong_by_its_place_in_the_body(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    body = {
        "model": "kling-v3",
        "prompt": "x",
        "duration": 5.0,
        "mod": "pro",
        "metadata": {"cfg_scale": 7, "watermark_info": {"enabled": "yes"}},
    }
    ended = from_curl(curl_of(body), capsys=capsys, folder=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == """\
Error: 4 problems in a kling-v3 request
  mod: no field travels there; did you mean 'mode'?
  duration: 5.0 is not an integer (3 to 15 seconds)
  metadata.cfg_scale: 7 is more than 1 (0 to 1)
  metadata.watermark_info.enabled: 'yes' is not True or False
"""
    event = json.loads(from_curl(curl_of(body), "--json", capsys=capsys, folder=tmp_path).out)
    assert [(p["field"], p["path"]) for p in event["problems"]][2:] == [
        ("cfg_scale", "metadata.cfg_scale"),
        ("watermark_enabled", "metadata.watermark_info.enabled"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the text holds no curl command, and it is not a JSON object"),
        ("wget https://example.com", "the text holds no curl command, and it is not a JSON object"),
        ("curl https://example.com", "the curl command sends no body (-d)"),
        ('curl https://example.com -d \'{"model": 1', "the quote that opens in line 1 is not closed"),
        ("curl https://example.com -d '{\"model\": 1'", "invalid JSON: Expecting ',' delimiter in line 1, column 12"),
        ("curl x -d '{}' -d '{}'", "the curl command has several bodies (-d)"),
        ("curl x -d '[]'", "the body is not a JSON object"),
        ("curl x -d '{}'", "the body names no model"),
        ("curl x -d '{\"model\": 5}'", "5 is not a model id"),
        ('curl x -d \'{"model": "kling-v3", "model": "kling-v3"}\'', "the key 'model' appears twice"),
        ('curl x -d \'{"model": "kling-v3", "prompt": NaN}\'', "NaN is not a JSON number"),
        ("curl x -d @- <<'E'\n{}", "the here-document that begins in line 1 is not closed"),
        ("curl x -d @gone.json", "there is no file 'gone.json'"),
    ],
)
def test_what_is_no_request(text: str, said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    ended = from_curl(text, capsys=capsys, folder=tmp_path)
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err


@pytest.mark.parametrize(
    ("model", "hint"), [*((f" {known}", f"; did you mean {known!r}?\n") for known in MODELS), ("none-of-them-0", "")]
)
@pytest.mark.filterwarnings("ignore::modelstream.UnknownModelWarning")
def test_a_misspelled_model_is_reported(
    model: str, hint: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    ended = from_curl(curl_of({"model": model, "prompt": "x"}), capsys=capsys, folder=tmp_path)
    assert (ended.status, executed(ended.out)) == (0, VideoRequest(model=model, prompt="x"))
    assert ended.err.endswith(hint)
    assert bool(ended.err) is bool(hint)


def test_the_id_of_another_model_is_no_misspelling(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    other = f"{next(iter(MODELS))}99"  # As the client sees it, another number makes another model.
    assert CATALOG.similar_model(other) is None
    assert from_curl(curl_of({"model": other, "prompt": "x"}), capsys=capsys, folder=tmp_path).err == ""
    assert main(["generate", other, "--no-such-option", "--dry-run"]) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_standard_input_and_a_terminal(tmp_path: Path) -> None:
    body = '{"model": "kling-v3", "prompt": "x"}'
    assert executed(run_script("from-curl", given=body).out).to_payload() == {"model": "kling-v3", "prompt": "x"}
    with terminal("from-curl", cwd=tmp_path) as shown:
        shown.wait_for("press Ctrl-D")
        shown.type(f"{body}\n\x04")
        assert shown.end() == 0
    assert "request = KlingV3(" in shown.shown


def test_the_key_in_a_command_is_not_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = KlingV3(prompt="x").to_curl("sk-secret")
    for words in ([], ["--as", "cli"], ["--json"]):
        ended = from_curl(text, *words, capsys=capsys, folder=tmp_path)
        assert "sk-secret" not in ended.out + ended.err


# How a shell reads.


@pytest.mark.parametrize(
    "text",
    [
        'curl -d "{\\"a\\": \\"\\$1 \\`x\\`\\"}" https://x/v1',
        'curl https://x/v1 -d "{\\"\\\na\\": \\"\\$1 \\`x\\`\\"}"',
        'curl -sS -X POST https://x/v1 --data-raw $\'{"a": "\\u00241 `x`"}\' --compressed',
        "$ curl https://x/v1 \\\n  -H 'A: b' \\\r\n  --json='{\"a\": \"$1 `x`\"}' | jq .",
        '# first\n\n/usr/bin/curl --max-time 5 -d\'{"a": "$1 `x`"}\' https://x/v1 > out.json',
        'curl --url https://x/v1 --data \\{\\"a\\":\\ \\"\\$1\\ \\`x\\`\\"} # a comment',
        '  {"a": "$1 `x`"}  ',
        "A=1 curl https://x/v1 -Lsd '{\"a\": \"$1 `x`\"}'; curl https://y -d '{}'",
    ],
)
def test_ways_to_write_a_body(text: str) -> None:
    assert read_curl(text, GATEWAY).body == {"a": "$1 `x`"}


@pytest.mark.parametrize(
    "text",
    [
        'curl https://x/v1 -d @- <<\'JSON\'\n{\n  "a": "$1 `x`"\n}\nJSON',
        'curl https://x/v1 --data-binary @- <<"E" | jq .\n{"a": "$1 `x`"}\nE\ncurl https://y -d \'{}\'',
        'curl -d@- https://x/v1 << EOF\n{"a": "\\$1 \\`x\\`"}\nEOF\n',
        'curl -d @- \\\n  https://x/v1 <<-E\n\t{"a":\n\t"\\$1 \\`x\\`"}\n\tE',
    ],
)
def test_bodies_in_here_documents(text: str) -> None:
    assert read_curl(text, GATEWAY) == CurlCall(body={"a": "$1 `x`"}, base_url=None)


def test_a_large_request_comes_back_from_its_curl_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    request = VideoRequest(model="other", prompt="x", image="data:image/png;base64," + 200_000 * "A")
    assert "<<" in request.to_curl()
    python = from_curl(request.to_curl(), capsys=capsys, folder=tmp_path)
    assert executed(python.out) == request


def test_escapes_of_browsers() -> None:
    text = r"""curl 'https://x/v1' --data-raw $'{"a": "it\'s \ud83c\udfac \x41 \t\\n"}'"""
    assert read_curl(text.replace(r"\t", ""), GATEWAY).body == {"a": "it's \N{CLAPPER BOARD} A \n"}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(TEXTS)
def test_every_text_comes_back_from_a_shell_word(text: str) -> None:
    body = json.dumps({"a": text}, ensure_ascii=False)
    assert read_curl(f"curl https://x -d {shlex.quote(body)}", GATEWAY).body == {"a": text}
    quoted = body.translate({ord(char): f"\\{char}" for char in '\\"$`'})
    assert read_curl(f'curl https://x -d "{quoted}"', GATEWAY).body == {"a": text}


@given(TEXTS)
def test_our_words_are_read_as_we_mean_them(text: str) -> None:
    word = shell_word(text)
    assert all(char.isprintable() or char in "\n\t" for char in word)
    assert read_command(f"curl {word} x").words == ["curl", text, "x"]


def test_bash_reads_them_the_same_way() -> None:
    texts = [
        "plain",
        "it's",
        "a\nb\tc",
        "\x1b[2J'\\",
        "\x9b\u202e\x7f1f",
        '$(id) `id` "x"',
        "\U000e0001end",
        "",
        "byte \udcff1.png",
    ]
    script = "printf '%s\\0' " + " ".join(map(shell_word, texts))
    ended = subprocess.run(["bash", "-c", script], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert os.fsdecode(ended.stdout).split("\0")[:-1] == texts


def test_hostile_commands_are_written_harmlessly(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    prompt = "\x1b]0;x\x07'; rm -rf ~ #\u202e\x9b"
    for words in ([], ["--as", "cli"]):
        ended = from_curl(curl_of({"model": "kling-v3", "prompt": prompt}), *words, capsys=capsys, folder=tmp_path)
        assert ended.status == 0
        assert not {"\x1b", "\x07", "\u202e", "\x9b"} & set(ended.out)
    python = from_curl(curl_of({"model": "kling-v3", "prompt": prompt}), capsys=capsys, folder=tmp_path)
    assert executed(python.out).prompt == prompt
    ended = from_curl(curl_of({"model": "kling-v3", "prompt": "a\0b"}), "--as", "cli", capsys=capsys, folder=tmp_path)
    assert (ended.status, "use --as python" in ended.err) == (2, True)
    ended = from_curl(curl_of({"model": "a\x1b[2J", "prompt": "x", "\x1b[2J": 1}), capsys=capsys, folder=tmp_path)
    assert (ended.status, "\x1b" in ended.err) == (2, False)
