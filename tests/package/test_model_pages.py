"""The pages about the models are true: what they show as Python, as a command and as curl gives the JSON they show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.__main__ import main
from modelstream import MODELS
from tests.support.command import surroundings
from tests.support.golden import ROOT, Golden, documented

PAGES = sorted(path for path in (ROOT / "docs/models").glob("*.md") if path.name != "README.md")
README = (ROOT / "docs/models/README.md").read_text(encoding="utf-8")

BLOCK = re.compile(r"^### ([\w ]+)\n\n(```+)\w+\n(.*?)\n\2$", re.DOTALL | re.MULTILINE)


def blocks(page: Path) -> dict[str, str]:
    """Heading to block."""
    return {heading: source for heading, _, source in BLOCK.findall(page.read_text(encoding="utf-8"))}


def printed(*command: str, package: Path | None = None) -> str:
    """What a new process prints that finds a package first."""
    more = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(package or "")}
    done = subprocess.run(command, capture_output=True, text=True, env=surroundings(more), timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_blocks(page: Path, package: Path | None = None) -> dict[str, Any]:
    """Check that all blocks of a page are the same request; return its body."""
    shown = blocks(page)
    assert list(shown) == ["Python", "Command line", "JSON body", "curl"]
    body: dict[str, Any] = json.loads(shown["JSON body"])
    script = "import json\nprint(json.dumps({'body': request.to_payload(), 'curl': request.to_curl()}))"
    made = json.loads(printed(sys.executable, "-c", f"{shown['Python']}\n{script}", package=package))
    # Compared as text: the order of the keys is part of the documentation.
    assert json.dumps(made["body"]) == json.dumps(body)
    assert shown["curl"] == made["curl"]
    sent = json.loads(printed("bash", "-c", f"{shown['Command line']} --dry-run", package=package))
    assert json.dumps(sent) == json.dumps(body)
    return body


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_four_languages_say_the_same(page: Path) -> None:
    check_blocks(page)


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_the_documented_request_is_the_golden(golden: Golden) -> None:
    page = ROOT / "docs/models" / f"{golden.model}.md"
    assert "## The documented request" in page.read_text(encoding="utf-8")
    assert json.dumps(json.loads(blocks(page)["JSON body"])) == json.dumps(golden.body)


def test_every_model_has_a_page_and_a_row() -> None:
    assert [page.stem for page in PAGES] == sorted([*MODELS, "generic"])
    assert re.findall(r"\]\(([\w.-]+)\.md\)", README) == [*MODELS, "generic"]
    for page in PAGES:
        assert "[All models](README.md)" in page.read_text(encoding="utf-8")


def test_the_comparison_says_what_the_models_take() -> None:
    rows = {cells[1]: cells[3:] for line in README.splitlines() if len(cells := line.strip("| ").split(" | ")) == 6}
    assert rows["`wan2.6-i2v-flash`"] == [
        "text (required), image (required), audio",
        "2 to 15 seconds",
        "720P, 1080P (`resolution`)",
    ]
    assert rows["`kling-v3`"][2:] == ["720P, 1080P (`mode`)"]


AWKWARD = """\
model: awkward-1
class: Awkward1
title: Awkward
vendor: Nobody
summary: Fields whose options the program itself has, and values that a shell or the program would read otherwise.
source: {page: awkward, checked: 2026-11-21}
fields:
  prompt: {type: string, required: true, target: prompt, evidence: page}
  retries: {type: integer, min: -9, target: metadata.retries, evidence: page}
  output: {type: string, target: metadata.output, evidence: page}
  wait: {type: boolean, default: true, target: metadata.wait, evidence: page}
  fast: {type: boolean, default: true, target: metadata.fast, evidence: page}
  size: {type: enum, options: [1, 2], default: 1, target: metadata.size, evidence: page}
  scale: {type: number, default: 0.5, target: metadata.scale, evidence: page}
  pictures: {type: image, many: {max: 3}, target: 'pictures[]', evidence: page}
  more: {type: object, target: more, evidence: page}
  shots:
    type: list
    class: Shot
    target: 'shots[]'
    evidence: page
    fields:
      text: {type: string, required: true}
      seconds: {type: integer, wire: string, default: 2}
examples:
  - name: other
    values: {prompt: Not this one}
  - name: documented
    values:
      prompt: "@home it's $(date) `date` !! \\\\ 100%\\n```\\nthe second \\"line\\" \\u202e\\u200b\\t."
      retries: -5
      output: '-'
      wait: false
      fast: false
      size: 2
      scale: 1
      pictures: ['https://a.example/1.png', 'https://a.example/2.png?a=b&c=''d''']
      more: {key: [1, "it's", null, true]}
      shots: [{text: "it's", seconds: 3}, {text: '-x'}]
"""


def test_awkward_names_and_values(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/awkward-1.yaml").write_text(AWKWARD, encoding="utf-8")
    assert main(["generate", f"--schemas={tmp_path / 'schemas'}", f"--out={tmp_path / 'out'}", "--no-cache"]) == 0
    page = tmp_path / "docs/models/awkward-1.md"
    body = check_blocks(page, tmp_path / "out")
    assert body["prompt"].startswith("@home it's $(date)")
    assert body["metadata"] == {"retries": -5, "output": "-", "wait": False, "fast": False, "size": 2, "scale": 1.0}
    assert body["shots"] == [{"text": "it's", "seconds": "3"}, {"text": "-x", "seconds": "2"}]
    command = blocks(page)["Command line"]
    assert {"--field-retries", "--field-output", "--no-field-wait", "--no-fast"} <= set(command.split())
