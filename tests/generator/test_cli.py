"""The generator's command line: what its commands print, where, and with which exit status."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import main

ROOT = Path(__file__).parents[2]

SCHEMA = """\
model: demo
class: Demo
title: "Demo \\e[2J \\u202e"
vendor: Demo Inc
summary: A model to explain.
source: {page: demo, checked: 2026-11-21}
fields:
  prompt: {type: string, required: true, max_length: 500, target: prompt}
  length:
    type: integer
    min: 2
    max: 10
    unit: s
    default: 4
    target: metadata.seconds
    evidence: vendor
    limits: guess
    doc: |
      How long it is.

      Not \ttoo long.
  mode: {type: enum, options: {std: Standard, "p\\e[0mro": "Pro\\u202e"}, default: std, target: mode, doc: "\\x9b2J"}
  images: {type: image, many: {max: 3}, target: 'media[]', item: {kind: "\\e[1m\\u202eimage", url: $value}}
  shots:
    type: list
    class: Shot
    target: shots[]
    item: {index: $position, text: $text, seconds: $seconds}
    fields:
      text: {type: string, required: true}
      seconds: {type: integer, required: true, min: 1}
rules:
  - {when: {mode: std}, max: {length: 8}, because: standard is short}
  - {sum: shots.seconds, equals: length, because: shots fill the video}
"""


@pytest.fixture
def schemas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one schema, below the working directory."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "demo.yaml").write_text(SCHEMA, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_check_of_sound_schemas(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schemas", "schemas"]) == 0
    assert capsys.readouterr() == ("1 model: no problems\n", "")


def test_check_of_sound_schemas_for_machines(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--schemas", "schemas", "--format", "json"]) == 0
    assert capsys.readouterr() == ("[]\n", "")
    assert main(["check", "--schemas", "schemas", "--format", "github"]) == 0
    assert capsys.readouterr() == ("", "")


def test_the_schemas_of_the_repository_are_sound(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    count = len([path for path in (ROOT / "schemas").glob("*.yaml") if path.name != "gateway.yaml"])
    assert capsys.readouterr() == (f"{count} models: no problems\n", "")


def test_problems_go_to_people_on_stderr_and_to_machines_on_stdout(
    schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (schemas / "demo.yaml").write_text(SCHEMA.replace("min: 2", "min: 20"), encoding="utf-8")
    for command in (["check"], ["generate"], ["explain", "demo"]):
        assert main([*command, "--schemas", "schemas"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("schemas/demo.yaml:11:10: bounds-reversed: ")
        assert main([*command, "--schemas", "schemas", "--format", "json"]) == 1
        out, err = capsys.readouterr()
        assert '"bounds-reversed"' in out
        assert err == ""


def test_the_golden_that_proves_a_field_can_be_anywhere(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    golden = schemas.parent / "proof" / "demo" / "documented" / "curl.txt"
    golden.parent.mkdir(parents=True)
    golden.write_text('curl -d \'{"model": "demo", "prompt": "A cat"}\'\n', encoding="utf-8")
    assert main(["check", "--schemas", "schemas", "--goldens", "proof"]) == 1
    err = capsys.readouterr().err
    assert "no curl in proof/demo has mode" in err
    assert "has prompt" not in err


def test_explain_shows_the_fields_the_rules_and_the_body(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--schemas", "schemas", "demo"]) == 0
    assert capsys.readouterr() == (
        """\
demo: Demo \\x1b[2J \\u202e (Demo Inc), class Demo, schemas/demo.yaml

field   type              allowed              default   wire path         evidence  line
prompt  string            1 to 500 characters  required  prompt            curl      8
length  integer           2 to 10 seconds      4         metadata.seconds  vendor    9
mode    enum              std | p\\x1b[0mro     "std"     mode              curl      22
images  list of image     at most 3 items                media[]           curl      23
shots   list of DemoShot                                 shots[]           curl      24

rules
  within: standard is short
  sum: shots fill the video

body
{
  "model": "demo",
  "prompt": "<prompt>",
  "metadata": {
    "seconds": "<length>"
  },
  "mode": "<mode>",
  "media": [
    {
      "kind": "\\u001b[1m\\u202eimage",
      "url": "<images>"
    }
  ],
  "shots": [
    {
      "index": "<position>",
      "text": "<text>",
      "seconds": "<seconds>"
    }
  ]
}
""",
        "",
    )


def test_explain_shows_everything_about_a_field(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--schemas", "schemas", "demo", "length"]) == 0
    assert capsys.readouterr() == (
        """\
field:     length
type:      integer
allowed:   2 to 10 seconds
default:   4
wire path: metadata.seconds
evidence:  vendor
line:      schemas/demo.yaml:9
limits:    guess
rule:      within: standard is short
rule:      sum: shots fill the video

How long it is.

Not \ttoo long.
""",
        "",
    )


def test_explain_shows_the_labels_of_a_choice(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--schemas", "schemas", "demo", "mode"]) == 0
    out = capsys.readouterr().out
    assert out.endswith("           std: Standard\n           p\\x1b[0mro: Pro\\u202e\n\n\\x9b2J\n")


def test_explain_shows_the_items_of_a_list(schemas: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--schemas", "schemas", "demo", "shots"]) == 0
    out = capsys.readouterr().out
    assert "rule:      sum: shots fill the video\n" in out
    assert "item:      text  string" in out
    assert "item:      seconds  integer  at least 1  required\n" in out


@pytest.mark.parametrize("model", ["kling-v3", "generic"])
def test_explain_knows_a_model_by_its_id_and_by_its_file(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", model]) == 0
    assert capsys.readouterr().out.startswith(f"{model}: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["dmeo"], "schemas: unknown-model: no model 'dmeo'; did you mean 'demo'?\n"),
        (["x"], "schemas: unknown-model: no model 'x'; choose from demo\n"),
        (["demo", "Prompts"], "schemas/demo.yaml: unknown-field: no field 'Prompts'; did you mean 'prompt'?\n"),
        (
            ["demo", "x"],
            "schemas/demo.yaml: unknown-field: no field 'x'; choose from prompt, length, mode, images, shots\n",
        ),
    ],
)
def test_what_there_is_nothing_to_explain_of(
    arguments: list[str], message: str, schemas: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", "--schemas", "schemas", *arguments]) == 1
    assert capsys.readouterr() == ("", message)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--help"], ["generate", "check", "explain"]),
        (["generate", "--help"], ["--schemas", "--templates", "--out", "--only", "--check", "--goldens", "--format"]),
        (["check", "--help"], ["--schemas", "--goldens", "--format"]),
        (["explain", "--help"], ["MODEL", "FIELD", "--schemas", "--format"]),
        (["diff", "--help"], ["OLD", "NEW", "--schemas", "--fail-on", "--acknowledged", "--check-version", "--format"]),
        (["drift", "--help"], ["PAGE", "--schemas", "--goldens", "--accept", "--format"]),
    ],
)
def test_help_names_every_option(arguments: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    assert (stopped.value.code, err) == (0, "")
    assert [word for word in words if word not in out] == []


@pytest.mark.parametrize("arguments", [[], ["generat"], ["check", "--fromat", "json"], ["check", "--format", "xml"]])
def test_wrong_usage_has_a_status_of_its_own(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (2, "")
    assert err.startswith("usage: python -m generator")


def test_it_runs_as_a_module_and_passes_the_status_on(schemas: Path) -> None:
    assert _run("check", "--schemas", str(schemas)).returncode == 0
    assert _run("check", "--schemas", str(schemas / "nowhere")).returncode == 1


def test_a_terminal_that_knows_ascii_only_is_served(schemas: Path) -> None:
    text = SCHEMA.replace("How long it is.", "長さ")
    (schemas / "demo.yaml").write_text(text, encoding="utf-8")
    result = _run("explain", "--schemas", str(schemas), "demo", "length", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (0, "")
    assert "\\u9577\\u3055" in result.stdout


def test_a_reader_that_leaves_early_is_no_error(schemas: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "generator", "explain", "--schemas", str(schemas), "demo"]
    buffered = {**os.environ, "PYTHONUNBUFFERED": ""}
    try:
        result = subprocess.run(command, cwd=ROOT, env=buffered, stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (result.returncode, result.stderr) == (1, b"")


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "generator", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, check=False, capture_output=True, encoding="utf-8"
    )
