"""Every surface says the same of every request, and shows the same body for it.

`cases` derives the requests from the schemas, with the verdict known beforehand, `surfaces` asks each surface,
`exemptions` lists what a surface cannot say and why, and `matrix` is the report that ``nox -s conformance`` writes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.ir import Model
from tests.conformance.agreement import agrees
from tests.conformance.cases import Case, cases
from tests.conformance.exemptions import EXEMPTIONS, Exemption
from tests.conformance.lowering import lower
from tests.conformance.matrix import Row, cell
from tests.conformance.requests import forms
from tests.conformance.rules import Values
from tests.conformance.samples import models
from tests.conformance.surfaces import SURFACES, payloads

# What a model ignores is allowed, and warned of.
pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_all_surfaces_say_what_is_expected(case: Case, record_property: Any) -> None:
    verdicts = {surface: surface.verdict(case) for surface in SURFACES}
    cells = {surface.name: cell(surface, case, verdict) for surface, verdict in verdicts.items()}
    record_property("conformance", json.dumps(Row.of(case, cells)))
    assert "differs" not in [kind for kind, _ in cells.values()], _told(case, cells)


def _told(case: Case, cells: Mapping[str, tuple[str, str]]) -> str:
    expected = "accepted" if case.accepted else f"refused: {case.field or '?'} at {case.path or '?'}"
    lines = [f"{case.model}, {case.constraint}: not all surfaces say {expected!r}"]
    lines += [f"  form {_short(case.values)}"] if case.values is not None else []
    lines += [f"  body {_short(case.body)}"] if case.body is not None else []
    lines += [f"  {'!' if kind == 'differs' else ' '} {name:<20} {said}" for name, (kind, said) in cells.items()]
    return "\n".join(lines)


def _short(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    text = re.sub(r"(.)\1{19,}", lambda run: f"{run[1]}...({len(run[0])} times)", text)
    return text if len(text) <= 1000 else f"{text[:1000]}..."


def test_the_names_of_cases_are_their_own() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_every_rule_can_be_broken(model: Model) -> None:
    broken = {case.name.split("-")[1] for case in CASES if case.model == model.name and case.name.startswith("rule-")}
    assert broken == {str(n) for n, _ in enumerate((r for r in model.rules if not r.warns), start=1)}


@pytest.mark.parametrize("exemption", EXEMPTIONS, ids=lambda exemption: "+".join(exemption.constraints))
def test_every_exemption_is_needed(exemption: Exemption) -> None:
    needed, covered = set(), set()
    for surface in SURFACES:
        for case in CASES:
            verdict = surface.verdict(case) if exemption.covers(surface, case) else None
            if verdict is not None and not agrees(surface, case, verdict):
                needed.add(surface.name)
                covered.add(case.constraint.removeprefix("item: "))
    assert needed == set(exemption.surfaces)
    assert covered == set(exemption.constraints)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_random_requests_are_accepted_and_travel_alike_everywhere(model: Model) -> None:
    @settings(
        max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        values: Values = data.draw(forms(model))
        body = lower(model, values)
        case = Case(model=model.name, constraint="valid", name="random", values=values, body=body, accepted=True)
        cells = {surface.name: cell(surface, case, surface.verdict(case)) for surface in SURFACES}
        assert {kind for kind, _ in cells.values()} == {"agrees"}, _told(case, cells)
        assert_alike(model, values)

    check()


@pytest.mark.parametrize("case", [case for case in CASES if case.accepted], ids=str)
def test_what_is_accepted_travels_alike_everywhere(case: Case) -> None:
    model = next(model for model in models() if model.name == case.model)
    assert case.values is not None
    assert_alike(model, case.values)


def assert_alike(model: Model, values: Values) -> None:
    """Every surface that shows a body shows this one, down to the order of the keys and the kinds of numbers."""
    expected = _bytes(lower(model, values))
    shown = {name: _bytes(body) for name, body in payloads(model.name, values).items()}
    differing = {name: text for name, text in shown.items() if text != expected}
    assert not differing, f"{_short(values)}\n  expected {expected!r}\n  {differing}"


def _bytes(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
