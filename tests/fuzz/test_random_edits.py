"""Random edits of random schemas: if nothing breaks, every request stays valid; if only words change, nothing else."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml
from hypothesis import assume, note
from hypothesis import strategies as st

from generator.check import check
from generator.diagnostics import ProblemsFound
from generator.diff.calls import requests, values_of, variations
from generator.diff.findings import findings
from generator.diff.kinds import Level
from generator.diff.verdict import Judge, Values
from generator.ir import Model, Package
from generator.ir.build import build
from tests.diff.real import Fare, classes_of
from tests.fuzz.sampling import Sample
from tests.fuzz.schemas import Schema, sound
from tests.fuzz.texts import texts

SHARE = 4
"""One pair of schemas takes as long as so many schemas in other tests."""
CALLS = 250
"""Calls that are tried on each pair."""

_WORDS = ("title", "vendor", "summary", "notes")
_NUMBERS = ("min", "max", "step", "min_length", "max_length")


@st.composite
def edits(draw: st.DrawFn) -> tuple[Schema, Schema]:
    """A sound schema, and the same with one or two things changed."""
    old = draw(sound())
    old["model"], old["class"] = "random", "Random"
    new = copy.deepcopy(old)
    for _ in range(draw(st.integers(1, 2))):
        draw(st.sampled_from([_words, _number, _less, _order, _gone, _more, _other, _rule, _default]))(draw, new)
    return old, new


def _field(draw: st.DrawFn, schema: Schema) -> Schema:
    """A field of the form, or of the items of a list."""
    fields = [*schema["fields"].values()]
    fields += [inner for field in fields for inner in field.get("fields", {}).values()]
    return draw(st.sampled_from(fields))


def _words(draw: st.DrawFn, schema: Schema) -> None:
    if draw(st.booleans()):
        schema[draw(st.sampled_from(_WORDS))] = draw(texts)
    else:
        _field(draw, schema)["doc"] = draw(texts)


def _number(draw: st.DrawFn, schema: Schema) -> None:
    field = _field(draw, schema)
    if keys := [key for key in _NUMBERS if key in field]:
        field[draw(st.sampled_from(keys))] += draw(st.sampled_from([-2, -1, 1, 2, 5]))
    elif "many" in field:
        field["many"] = {"min": draw(st.integers(0, 2)), "max": draw(st.integers(2, 5))}


def _less(draw: st.DrawFn, schema: Schema) -> None:
    field = _field(draw, schema)
    field.pop(draw(st.sampled_from([key for key in field if key not in ("type", "class", "fields")])))


def _order(draw: st.DrawFn, schema: Schema) -> None:
    schema["fields"] = {name: schema["fields"][name] for name in draw(st.permutations(list(schema["fields"])))}


def _gone(draw: st.DrawFn, schema: Schema) -> None:
    if len(schema["fields"]) > 1:
        del schema["fields"][draw(st.sampled_from(list(schema["fields"])))]


def _more(draw: st.DrawFn, schema: Schema) -> None:
    name, field = draw(st.sampled_from(list(draw(sound())["fields"].items())))
    schema["fields"][f"{name[:40]}_more"] = field


def _other(draw: st.DrawFn, schema: Schema) -> None:
    """Another field in the place of one."""
    name = draw(st.sampled_from(list(schema["fields"])))
    target = schema["fields"][name]["target"]
    other = draw(st.sampled_from(list(draw(sound())["fields"].values())))
    schema["fields"][name] = {
        **other,
        "target": target if ("[]" in target[-2:]) == ("[]" in other["target"][-2:]) else other["target"],
    }


def _rule(draw: st.DrawFn, schema: Schema) -> None:
    rules = schema.setdefault("rules", [])
    names = list(schema["fields"])
    match draw(st.integers(0, 3)):
        case 0 if rules:
            rules.pop(draw(st.integers(0, len(rules) - 1)))
        case 1 if rules:
            rule = draw(st.sampled_from(rules))
            for key in ("when", "unless"):
                if key in rule and draw(st.booleans()):
                    rule.pop(key)
        case 2:
            rules.append(
                {"when": {draw(st.sampled_from(names)): "present"}, "requires": [draw(st.sampled_from(names))]}
            )
        case _:
            rules.append(
                {"exclusive": draw(st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True))}
                if len(names) > 1
                else {}
            )
    schema["rules"] = [rule for rule in rules if rule]


def _default(draw: st.DrawFn, schema: Schema) -> None:
    field = _field(draw, schema)
    match field["type"]:
        case "boolean":
            field["default"] = draw(st.booleans())
        case "enum":
            field["default"] = draw(st.sampled_from(list(field["options"])))
        case "integer":
            field["default"] = draw(st.integers(field.get("min"), field.get("max")))
        case "string":
            field["required"] = not field.get("required", False)


def _package(schema: Schema, folder: Path) -> Package:
    folder.mkdir(exist_ok=True)
    (folder / "random.yaml").write_text(yaml.safe_dump(schema, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return build(check(folder))


def _calls(model: Model) -> Iterator[Values]:
    """Valid requests of a model, and what differs from them in one field."""
    bases = requests(Judge(model))
    yield from bases
    for field in model.fields:
        for base in bases[:2]:
            yield from variations(base, [field.name], {field.name: values_of(field)})


def test_what_diff_says_is_true_of_every_request(tmp_path: Path, sample: Sample, seen: Counter[str]) -> None:
    part = Sample(sample.size // SHARE, sample.seed, seen)

    @part(edits())
    def run(pair: tuple[Schema, Schema]) -> None:
        note("\n---\n".join(yaml.safe_dump(schema, sort_keys=False, allow_unicode=True) for schema in pair))
        try:
            old, new = (_package(schema, tmp_path / side) for schema, side in zip(pair, ("old", "new"), strict=True))
        except ProblemsFound:
            assume(False)
        found = findings(old, new)
        kinds = {finding.change.kind_name for finding in found}
        note(f"findings: {[(f.change.kind_name, f.change.subject, f.change.text) for f in found]}")
        assert kinds.isdisjoint(("unexplained-refusal", "unexplained-body", "unknown-fact")), "a row is missing"
        levels = {finding.change.level for finding in found}
        with classes_of(old, tmp_path / "templates") as before, classes_of(new, tmp_path / "templates") as after:
            calls = itertools.chain(*(_calls(package.models[0]) for package in (old, new)))
            for values in itertools.islice(calls, CALLS):
                note(f"call: {values}")
                _judge(levels, Fare(before["random"], values), Fare(after["random"], values))
                seen["calls judged before and after an edit"] += 1
        seen["edits of a schema"] += 1

    run()


def _judge(levels: set[Level], before: Fare, after: Fare) -> None:
    if Level.BREAKS not in levels and before.accepted:
        assert after.accepted, after.error
        if Level.SENT not in levels:
            assert before.body == after.body
    if levels <= {Level.WORDS}:
        assert before.accepted == after.accepted, before.error or after.error
        assert (before.body, before.warnings) == (after.body, after.warnings)
