"""The mutation run itself: it finds every constraint of a schema, and reports what nobody notices."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.load import load_bytes
from mutants.__main__ import ROOT, explanations, report, summary
from mutants.project_copy import Outcome
from mutants.schemas import Mutant, schema_mutants

SCHEMA = """
model: example-1
fields:
  prompt: {type: string, required: true, max_length: 9, target: prompt}
  mode: {type: enum, options: [std, pro], default: std, target: metadata.mode}
  pictures: {type: image, many: {max: 3}, target: 'media[]', item: {type: picture, url: $value}}
  first: {type: image, target: 'metadata.frames[0]'}
  last: {type: image, target: 'metadata.frames[1]'}
  shots: {type: list, target: 'shots[]', fields: {text: {type: string, min_length: 1}}}
modes:
  Text: {when: {mode: std}}
  Picture: {requires: [pictures], allows: [shots]}
rules:
  - {when: {mode: pro}, max: {seconds: 5}}
"""
NAMES = """
fields.prompt: drop max_length, fields.prompt: drop required, fields.prompt: widen max_length,
fields.prompt: rename target, fields.prompt: move target,
fields.mode: drop default, fields.mode: change default, fields.mode: drop option std, fields.mode: drop option pro,
fields.mode: add option mutant, fields.mode: rename target, fields.mode: move target,
fields.pictures: drop many, fields.pictures: drop item, fields.pictures: widen many.max,
fields.pictures: rename target, fields.pictures: move target, fields.pictures: change item.type,
fields.first: rename target, fields.first: move target, fields.last: rename target, fields.last: move target,
fields.shots: rename target, fields.shots: move target,
fields.shots.fields.text: drop min_length, fields.shots.fields.text: widen min_length,
modes: drop mode Text, modes: drop mode Picture, modes.Text: drop when,
modes.Picture: drop pictures, modes.Picture: drop shots,
rules: drop rule 0, rules.0: drop when, rules.0: widen max
"""


@pytest.fixture
def mutants(tmp_path: Path) -> dict[str, Mutant]:
    """Those of the schema, by name."""
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "example-1.yaml").write_text(SCHEMA, encoding="utf-8")
    return {mutant.name.removeprefix("example-1: "): mutant for mutant in schema_mutants(tmp_path)}


def test_every_constraint_of_a_schema_has_a_mutant(mutants: dict[str, Mutant]) -> None:
    assert sorted(mutants) == sorted(name.strip() for name in NAMES.split(","))


@pytest.mark.parametrize(
    ("field", "target"),
    [
        ("prompt", "prompt_"),
        ("mode", "metadata.mode_"),
        ("pictures", "media_[]"),
        ("first", "metadata.frames_[0]"),
        ("last", "metadata.frames_[1]"),
    ],
)
def test_a_renamed_array_keeps_its_brackets(mutants: dict[str, Mutant], field: str, target: str) -> None:
    fields = load_bytes(mutants[f"fields.{field}: rename target"].text.encode(), "mutant").data["fields"]
    assert fields[field]["target"] == target


def test_every_explained_survivor_is_a_mutant() -> None:
    assert set(explanations()) <= {mutant.name for mutant in schema_mutants(ROOT)}


def test_survivors_are_reported() -> None:
    outcomes = [Outcome("a", "tests/test_x.py::test_y"), Outcome("b", None), Outcome("c", None)]
    assert summary(outcomes, {"b": "nobody sees it"}).splitlines() == [
        "1 of 3 mutants were noticed",
        "    1 by tests/test_x.py",
        "survived: b (nobody sees it)",
        "survived: c (not explained)",
    ]
    assert "| c | **no test** |" in report(outcomes, {"b": "nobody sees it"})
