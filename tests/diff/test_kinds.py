"""For each kind of change a pair of schemas, with a call that fares in the real request classes as it should."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from generator import ir
from generator.diff import gateway, models, rules
from generator.diff.fields import TABLES
from generator.diff.findings import Finding, findings
from generator.diff.kinds import KINDS, Shows
from generator.diff.pairs import Pair, Table, compare
from generator.load import load
from modelstream import Request
from tests.diff.real import Fare, classes_of, package_of

ROOT = Path(__file__).parents[2]
CASES: list[dict[str, Any]] = load(Path(__file__).parent / "cases.yaml").data
NAMES = [case["name"] for case in CASES]


def schema_of(index: int, part: Mapping[str, Any]) -> dict[str, Any]:
    """The model that all pairs extend, under an id of its own."""
    base = {"model": f"case-{index}", "class": f"Case{index}", "title": "t", "vendor": "v", "summary": "s"}
    fields = {"prompt": {"type": "string", "required": True, "target": "prompt", "doc": "d"}, **part.get("fields", {})}
    source = {"page": "p", "checked": "2026-11-21"}
    schema: dict[str, Any] = {**base, "source": source, **part, "fields": fields}
    if "class" in part:
        schema["class"] += str(index)
    return schema


class Compared(NamedTuple):
    """All pairs at once."""

    findings: dict[int, list[Finding]]
    old: Mapping[str, type[Request]]
    new: Mapping[str, type[Request]]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compared]:
    """The findings of all pairs, and the request classes of both sides."""
    place = tmp_path_factory.mktemp("diff")
    for side in ("old", "new"):
        (place / side).mkdir()
        for index, case in enumerate(CASES):
            text = yaml.safe_dump(schema_of(index, case[side]), sort_keys=False)
            (place / side / f"case-{index}.yaml").write_text(text, encoding="utf-8")
    old, new = package_of(place / "old"), package_of(place / "new")
    found = findings(old, new)
    numbers = {index: [f for f in found if f.change.model == f"case-{index}"] for index in range(len(CASES))}
    with classes_of(old, place / "templates") as before, classes_of(new, place / "templates") as after:
        yield Compared(numbers, before, after)


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_a_pair_differs_in_just_these_ways(index: int, compared: Compared) -> None:
    told = {finding.change.kind_name for finding in compared.findings[index]}
    assert sorted(told) == sorted(CASES[index]["kinds"])


@pytest.mark.parametrize("index", range(len(CASES)), ids=NAMES)
def test_every_witness_fares_in_the_real_classes_as_its_kind_says(index: int, compared: Compared) -> None:
    model = f"case-{index}"
    for finding in compared.findings[index]:
        assert finding.call, f"no call shows {finding.change.text}"
        witness, shows = finding.witness, finding.change.kind.shows
        if witness is None:
            assert shows is Shows.TOLD
            continue
        before, after = Fare(compared.old[model], witness.values), Fare(compared.new[model], witness.values)
        assert before.accepted == witness.before.accepted, before.error
        assert after.accepted == witness.after.accepted, after.error
        assert [before.body, after.body] == [w.wire if w.accepted else None for w in (witness.before, witness.after)]
        match shows:
            case Shows.REFUSED:
                assert (before.accepted, after.accepted) == (True, False)
            case Shows.ACCEPTED:
                assert (before.accepted, after.accepted) == (False, True)
            case Shows.OTHER_BODY:
                assert before.body != after.body
            case Shows.WARNS_OTHERWISE:
                assert (before.body, before.warnings != after.warnings) == (after.body, True)
            case Shows.SAME:
                assert (before.body, before.warnings) == (after.body, after.warnings)


def test_every_kind_of_request_has_a_pair() -> None:
    tried = {kind for case in CASES for kind in case["kinds"]}
    elsewhere = {"unexplained-refusal", "unexplained-body"}
    assert {name for name, kind in KINDS.items() if kind.shows is not Shows.TOLD} - tried == elsewhere


ATTRIBUTES: dict[type, Table] = {
    ir.Model: models.TABLE,
    ir.Rule: rules.TABLE,
    ir.Gateway: gateway.TABLE,
    **TABLES,
}


@pytest.mark.parametrize("cls", ATTRIBUTES, ids=lambda cls: cls.__name__)
def test_every_attribute_has_a_row(cls: Any) -> None:
    assert set(ATTRIBUTES[cls]) == {attribute.name for attribute in dataclasses.fields(cls)}


WHOLE: dict[type, str] = {
    ir.Constant: "target value before when evidence",
    ir.ItemShape: "entries",
    ir.Mode: "name requires allows when doc",
    ir.Variable: "name",
    ir.Option: "value label",
    ir.Target: "container key array index item_property",
    ir.ErrorRow: "raises status codes",
    ir.Package: "gateway models generic",
    ir.Example: "name values",
    ir.RefusedExample: "name values field",
}
"""The other classes, with the attributes that are compared where an object of the class is an attribute itself."""


def test_every_class_of_the_objects_is_compared() -> None:
    classes = {cls for name in ir.__all__ if dataclasses.is_dataclass(cls := getattr(ir, name))}
    known = ATTRIBUTES.keys() | WHOLE.keys()
    assert classes - known == set(), "add it to a table of generator/diff, and a pair to cases.yaml"
    assert {cls: " ".join(attribute.name for attribute in dataclasses.fields(cls)) for cls in WHOLE} == WHOLE


def test_what_no_row_covers_counts_as_the_worst() -> None:
    pair = Pair(model="m", old=ir.Many(minimum=1), new=ir.Many(minimum=2))
    assert [change.kind_name for change in compare(pair, {})] == ["unknown-fact"]


LANGUAGE = json.loads((ROOT / "schemas" / "form_schema.schema.json").read_text(encoding="utf-8"))
COMPARED_BY_OTHERS = {
    "model": "a model is known by its id; test_command.py renames one",
    "generic": "a schema cannot begin to be generic and keep its id",
    **dict.fromkeys(["open", "fields.open"], "a question is open in a draft, from which nothing is generated"),
    **dict.fromkeys(["differs", "fields.differs"], "only the checker reads why a fact differs from the page"),
}
"""Keys of the language that no pair changes, and why."""


def _keys_of_the_language() -> Iterator[str]:
    yield from LANGUAGE["properties"]
    yield from (f"fields.{key}" for key in LANGUAGE["$defs"]["field"]["properties"])
    yield from (f"rules.{key}" for key in LANGUAGE["$defs"]["rule"]["properties"])


def _changed_keys(case: Mapping[str, Any]) -> Iterator[str]:
    old, new = case["old"], case["new"]
    yield from (key for key in {**old, **new} if old.get(key) != new.get(key))
    for before, after in _both(old.get("fields", {}), new.get("fields", {})):
        yield from _changed_keys_of_field(before, after)
    for before, after in itertools.zip_longest(old.get("rules", ()), new.get("rules", ()), fillvalue={}):
        yield from (f"rules.{key}" for key in {**before, **after} if before.get(key) != after.get(key))


def _changed_keys_of_field(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"fields.{key}" for key in {**old, **new} if old.get(key) != new.get(key))
    for before, after in _both(old.get("fields", {}), new.get("fields", {})):
        yield from _changed_keys_of_field(before, after)


def _both(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[Any, Any]]:
    yield from ((old[name], new[name]) for name in old if name in new)


def test_every_key_of_the_language_is_changed_by_a_pair() -> None:
    tried = {key for case in CASES for key in _changed_keys(case)}
    assert sorted(set(_keys_of_the_language()) - tried - COMPARED_BY_OTHERS.keys()) == []
    assert COMPARED_BY_OTHERS.keys() <= set(_keys_of_the_language()) - tried
