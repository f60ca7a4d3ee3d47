"""Every surface says the same of every request, and shows the same body for it.

`cases` derives the requests from the schemas, with the verdict known beforehand, `surfaces` asks each surface,
`exemptions` lists what a surface cannot say and why, and `matrix` is the report that ``nox -s conformance`` writes.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.ir import Model
from modelstream.catalog import CATALOG
from tests.conformance.agreement import agrees
from tests.conformance.assertions import assert_agreed, assert_alike, told
from tests.conformance.cases import Case, cases, cases_of
from tests.conformance.exemptions import EXEMPTIONS, Exemption
from tests.conformance.lowering import lower
from tests.conformance.made_up import MADE_UP, made_up
from tests.conformance.matrix import Row, cell
from tests.conformance.requests import forms
from tests.conformance.rules import Values
from tests.conformance.samples import models
from tests.conformance.surfaces import SURFACES

# What a model ignores is allowed, and warned of.
pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

CASES = cases()


def _subject(case: Case) -> str:
    """The field, rule or place that a case is about."""
    found = re.match(r"((rule|wire)-)?[^-\[]*", case.name)
    return found[0] if found else case.name


GROUPS = {
    key: [case for case in CASES if key == f"{case.model}-{_subject(case)}"]
    for key in dict.fromkeys(f"{case.model}-{_subject(case)}" for case in CASES)
}
"""The cases of a model that are about one field, rule or place in the body: a test each, for its price is per test."""


@pytest.mark.parametrize("group", GROUPS)
def test_all_surfaces_say_what_is_expected(group: str, record_property: Any) -> None:
    differing = []
    for case in GROUPS[group]:
        verdicts = {surface: surface.verdict(case) for surface in SURFACES}
        cells = {surface.name: cell(surface, case, verdict) for surface, verdict in verdicts.items()}
        record_property("conformance", json.dumps(Row.of(case, cells)))
        if "differs" in [kind for kind, _ in cells.values()]:
            differing.append(told(case, cells))
    assert not differing, "\n".join(differing)


def test_the_names_of_cases_are_their_own() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_every_rule_can_be_broken(model: Model) -> None:
    broken = {case.name.split("-")[1] for case in CASES if case.model == model.name and case.name.startswith("rule-")}
    assert broken == {str(n) for n, _ in enumerate((r for r in model.rules if not r.warns), start=1)}


def test_every_exemption_is_needed() -> None:
    """By some model, of which the made-up ones have everything that the language can say."""
    excused: dict[Exemption, tuple[set[str], set[str]]] = {exemption: (set(), set()) for exemption in EXEMPTIONS}
    made = [case for name in MADE_UP for case in cases_of(*made_up(name))]
    for case, surface in itertools.product([*CASES, *made], SURFACES):
        covering = [exemption for exemption in EXEMPTIONS if exemption.covers(surface, case)]
        verdict = surface.verdict(case) if covering else None
        if verdict is not None and not agrees(surface, case, verdict):
            for exemption in covering:
                excused[exemption][0].add(surface.name)
                constraint = case.constraint.removeprefix("item: ")
                excused[exemption][1].add("by hand" if constraint.startswith("by hand: ") else constraint)
    for exemption, (surfaces, constraints) in excused.items():
        assert (surfaces, constraints) == (set(exemption.surfaces), set(exemption.constraints)), exemption.reason


@pytest.mark.parametrize("name", MADE_UP)
def test_surfaces_agree_on_made_up_models(name: str) -> None:
    for case in cases_of(*made_up(name)):
        assert_agreed(case)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_random_requests_are_accepted_and_travel_alike_everywhere(model: Model) -> None:
    unasked = set() if model.name in CATALOG.models else {"check_video"}  # An agent gets no model without a schema.

    @settings(
        max_examples=100, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.data())
    def check(data: st.DataObject) -> None:
        values: Values = data.draw(forms(model))
        body = lower(model, values)
        case = Case(model=model.name, constraint="valid", name="random", values=values, body=body, accepted=True)
        cells = {surface.name: cell(surface, case, surface.verdict(case)) for surface in SURFACES}
        assert {name for name, (kind, _) in cells.items() if kind != "agrees"} == unasked, told(case, cells)
        assert_alike(case)

    check()


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_what_is_accepted_travels_alike_everywhere(model: Model) -> None:
    for case in CASES:
        if case.model == model.name and case.accepted:
            assert_alike(case)
