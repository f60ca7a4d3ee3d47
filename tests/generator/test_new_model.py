"""A new model is one YAML and one folder of goldens. This one has all that the five do not: two fields in one array
with constants of several kinds, an optional field with a default in a list of objects, and names that differ from
those on the wire."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import serve

ROOT = Path(__file__).parents[2]

SCHEMA = r"""# yaml-language-server: $schema=form_schema.schema.json
model: aurora-1.5
class: Aurora15
title: 'Aurora 1.5: "Dawn"'
vendor: Northern Lights
summary: Reference to video with places and faces, told in shots.
source: {page: aurora-1.5, checked: 2026-11-21}

fields:
  prompt: {type: string, required: true, max_length: 800, target: text, doc: What happens in the video.}
  tier:
    type: enum
    options: {fast: 'Fast: a "draft", 4:3', fine: "Fine: it's slow\\, but \"good\""}
    default: fast
    target: options.quality
    doc: Quality of the video.
  seconds: {type: integer, min: 4, max: 12, unit: s, default: 6, target: options.length, doc: Length of the video.}
  faces:
    type: image
    many: {max: 3}
    required: true
    formats: [png, jpeg]
    target: options.inputs[]
    item: {role: face, weight: 1, flag: true, uri: $value}
    doc: Who is in it.
  places:
    type: image
    many: {max: 2}
    target: options.inputs[]
    item: {role: 'place: "far"', uri: $value}
    doc: Where they are.
  shots:
    type: list
    class: Shot
    many: {max: 4}
    target: options.board[]
    item: {at: $position, says: $line, lasts: $seconds, mood: $mood, kind: shot}
    doc: The shots, in order.
    fields:
      line: {type: string, required: true, max_length: 100, doc: What happens.}
      seconds: {type: integer, required: true, min: 1, max: 12, unit: s, wire: string, doc: Length of the shot.}
      mood: {type: enum, options: {calm: 'Calm: "still"', wild: Wild}, default: calm, doc: How it feels.}
  sound: {type: boolean, default: false, target: options.sound, doc: Whether it can be heard.}

rules:
  - {count: [faces, places], max: 4, because: 'at most "4" pictures: no more'}
  - {when: {shots: present}, sum: shots.seconds, equals: seconds, because: the shots fill the video}
"""

CURL = r"""curl -X POST "https://api.modelstream.ai/v1/video/generations" \
  -H "Authorization: Bearer <token>" \
  -H "Content-Type: application/json" \
  -d '{
  "model": "aurora-1.5",
  "text": "It'\''s dawn",
  "options": {
    "quality": "fast",
    "length": 6,
    "inputs": [
      {
        "role": "face",
        "weight": 1,
        "flag": true,
        "uri": "https://example.com/ann.png"
      },
      {
        "role": "face",
        "weight": 1,
        "flag": true,
        "uri": "https://example.com/bob.png"
      },
      {
        "role": "place: \"far\"",
        "uri": "https://example.com/fjord.png"
      }
    ],
    "board": [
      {
        "at": 1,
        "says": "The sun rises",
        "lasts": "4",
        "mood": "calm",
        "kind": "shot"
      },
      {
        "at": 2,
        "says": "They wake",
        "lasts": "2",
        "mood": "wild",
        "kind": "shot"
      }
    ],
    "sound": false
  }
}'
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The schemas and goldens with a sixth model, and the package made from them."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    shutil.copytree(ROOT / "tests" / "goldens", folder / "tests" / "goldens")
    (folder / "schemas" / "aurora-1.5.yaml").write_text(SCHEMA, encoding="utf-8")
    golden = folder / "tests" / "goldens" / "aurora-1.5" / "documented"
    golden.mkdir(parents=True)
    (golden / "curl.txt").write_text(CURL, encoding="utf-8")
    command = [sys.executable, "-m", "generator", "generate", "--schemas", "schemas", "--out", "generated"]
    done = run(command, folder, ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run(command: list[str], folder: Path, *path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command in the folder, with other places to import from."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))} | variables
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def evaluated(house: Path, program: str, **variables: str) -> Any:
    """What a program that uses the new package prints as JSON."""
    command = [sys.executable, "-W", "error", "-c", f"import json\nfrom modelstream import *\n{program}"]
    done = run(command, house, house / "generated", **variables)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_goldens_are_tested_without_a_change_in_python(house: Path) -> None:
    test = Path("tests", "requests", "test_goldens.py")
    for path in (Path("tests", "support", "golden.py"), test):
        (house / path).parent.mkdir()
        shutil.copy(ROOT / path, house / path)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-W", "error", str(test)]
    done = run(command, house, house / "generated", house, ROOT, PYTEST_ADDOPTS="")
    assert done.returncode == 0, done.stdout
    assert "test_values_give_the_curl_text[aurora-1.5-documented] PASSED" in done.stdout
    assert "test_the_body_gives_the_values_back[aurora-1.5-documented] PASSED" in done.stdout


def test_only_what_lists_all_models_changes_beside_it(house: Path) -> None:
    old, new = ROOT / "generated", house / "generated"
    before = {path.relative_to(old).as_posix() for path in old.rglob("*") if path.is_file()}
    after = {path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file()}
    made = {path for path in after - before if "__pycache__" not in path}
    assert {path for path in made if "aurora_1_5" not in path} == set()
    assert "modelstream/models/aurora_1_5.py" in made
    both = {path for path in before & after if "__pycache__" not in path}
    changed = {path for path in both if (old / path).read_bytes() != (new / path).read_bytes()}
    assert changed == {
        "manifest.json",
        "modelstream/__init__.py",
        "modelstream/__init__.pyi",
        "modelstream/_async/dispatch.py",
        "modelstream/_sync/dispatch.py",
        "modelstream/catalog.py",
        "modelstream/schemas/openapi.json",
    }


def test_the_new_class_works(house: Path) -> None:
    program = """
def refused(**values):
    try:
        Aurora15(**values)
    except InvalidRequest as error:
        return str(error)

url = "https://example.com/a.png"
shots = [Aurora15Shot(line="a", seconds=3, mood=None), Aurora15Shot(line="b", seconds=3)]
request = request_for("aurora-1.5", prompt="p", faces=url, shots=shots)

def strange(**changes):
    body = request.to_payload()
    body["options"]["inputs"][0] |= changes
    try:
        Aurora15.from_payload(body)
    except InvalidRequest as error:
        return [problem.path for problem in error.problems]

print(json.dumps({
    "class": type(request).__name__,
    "known": "aurora-1.5" in MODELS and "Aurora15" in dir(__import__("modelstream")),
    "board": request.to_payload()["options"]["board"],
    "same": Aurora15.from_payload(request.to_payload()) == request,
    "constants": [strange(weight=True), strange(flag=1), strange(weight=1.0), strange(role="place")],
    "too many": refused(prompt="p", faces=[url] * 3, places=[url] * 2),
    "sum": refused(prompt="p", faces=url, shots=shots, seconds=7),
    "items": refused(prompt="p", faces=["a"], shots=[{"line": "", "seconds": 13, "mood": "Wild"}]),
    "docs": Aurora15.__doc__,
}))
"""
    seen = evaluated(house, program)
    assert seen["class"] == "Aurora15"
    assert seen["known"] is True
    assert seen["board"] == [
        {"at": 1, "says": "a", "lasts": "3", "kind": "shot"},
        {"at": 2, "says": "b", "lasts": "3", "mood": "calm", "kind": "shot"},
    ]
    assert seen["same"] is True
    wrong = ["weight", "flag", "weight", "role"]
    assert seen["constants"] == [[f"options.inputs[0].{key}", "options.inputs[]"] for key in wrong]
    assert seen["too many"] == (
        "1 problem in a aurora-1.5 request\n"
        '  places  5 in faces and places together is more than 4: at most "4" pictures: no more '
        "[sent as options.inputs[]]"
    )
    assert seen["sum"].endswith(
        "  seconds  7 is not 6, the sum of seconds in shots: the shots fill the video [sent as options.length]"
    )
    assert [line.split()[0] for line in seen["items"].splitlines()[1:]] == [
        "faces[0]",
        "shots[0].line",
        "shots[0].seconds",
        "shots[0].mood",
    ]
    assert "[sent as options.inputs[].uri]" in seen["items"]
    assert "'Wild' is not one of 'calm', 'wild'; did you mean 'wild'? [sent as options.board[0].mood]" in seen["items"]
    assert 'Aurora 1.5: "Dawn", sent as model `aurora-1.5`' in seen["docs"]


def test_the_new_model_is_submitted_by_its_id(house: Path) -> None:
    program = """
client = ModelStream("key")
task = client.submit("aurora-1.5", prompt="It's dawn", places="https://example.com/fjord.png",
    faces=["https://example.com/ann.png", "https://example.com/bob.png"],
    shots=[Aurora15Shot(line="The sun rises", seconds=4), Aurora15Shot(line="They wake", seconds=2, mood="wild")])
client.close()
print(json.dumps(task.id))
"""
    with serve([{"task_id": "abcd1234efgh"}]) as server:
        assert evaluated(house, program, MODELSTREAM_BASE_URL=server.url) == "abcd1234efgh"
    body = CURL.partition("-d '")[2].rstrip("'\n").replace("'\\''", "'")
    assert json.dumps(server.received[0].json) == json.dumps(json.loads(body))


def test_a_wrong_golden_is_noticed(house: Path, tmp_path: Path) -> None:
    """The evidence `curl` of a field stands or falls with the documented body."""
    shutil.copytree(house / "schemas", tmp_path / "schemas")
    shutil.copytree(house / "tests" / "goldens", tmp_path / "tests" / "goldens")
    golden = tmp_path / "tests" / "goldens" / "aurora-1.5" / "documented" / "curl.txt"
    golden.write_text(CURL.replace('"sound"', '"sounds"'), encoding="utf-8")
    done = run([sys.executable, "-m", "generator", "check", "--schemas", "schemas"], tmp_path, ROOT)
    assert done.returncode == 1
    assert "evidence-unproven" in done.stderr
    assert "options.sound" in done.stderr
