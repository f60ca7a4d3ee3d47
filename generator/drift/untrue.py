"""What a schema says wrongly now that its page moved, and what the page has come to state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from generator.check.documented import Documented
from generator.check.evidence import check_evidence, shows
from generator.check.page import compare_with_page
from generator.check.schema_view import SchemaView
from generator.diagnostics import Problem
from generator.ir.fields import targets_of
from generator.saved_page.facts import Page
from generator.saved_page.stated import stated
from generator.sources import Sources
from modelstream_runtime.limits import listed

_WEAK = ("vendor", "guess")


def untrue(
    schema: SchemaView, sources: Sources, documented: Sequence[Documented], old: Page, new: Page
) -> Iterator[Problem]:
    """The problems that the schema would have with the page as it is now, and has not with the record."""
    assert new.curl is not None, "a page without one is refused"
    before = {each.name: each for each in documented}
    body = before["documented"].body if "documented" in before else None
    known = {_key(problem) for problem in compare_with_page(schema, old, body)}
    known |= {_key(problem) for problem in check_evidence(schema, sources, documented)}
    now = [
        replace(each, body=new.curl.body, text=new.curl.text) if each.name == "documented" else each
        for each in documented
    ]
    found = [*compare_with_page(schema, new, new.curl.body), *check_evidence(schema, sources, now)]
    yield from (problem for problem in found if _key(problem) not in known)


def _key(problem: Problem) -> tuple[Any, ...]:
    return problem.span, problem.code, problem.message


class News(NamedTuple):
    """Something that the page has come to state."""

    field: str
    message: str
    key: str
    """The key of the field that can become stronger."""


def stated_now(schema: SchemaView, documented: Sequence[Documented], old: Page, new: Page) -> Iterator[News]:
    """Facts known from the vendor, or guessed, that the page has come to state."""
    assert new.curl is not None, "a page without one is refused"
    bodies = [each.body for each in documented]
    for name, field in schema.fields.items():
        targets = targets_of(field)
        shown_before = any(all(shows(body, target, field) for target in targets) for body in bodies)
        if field.get("evidence") in _WEAK and targets:
            if all(shows(new.curl.body, target, field) for target in targets) and not shown_before:
                places = listed(map(str, targets), "and")
                yield News(name, f"the page's curl now shows {places}: evidence can become curl", "evidence")
            elif new.field(name) and not old.field(name):
                yield News(name, "the page's form now has the field: evidence can become page", "evidence")
        if field.get("limits") in _WEAK and (keys := list(_limits_now(name, field, old, new))):
            yield News(name, f"the page now states {', '.join(keys)}: limits can become page", "limits")


def _limits_now(name: str, field: Mapping[str, Any], old: Page, new: Page) -> Iterator[str]:
    """The limits that the page states as the schema does, and did not state before."""
    before, now = old.field(name), new.field(name)
    known = stated(before) if before else {}
    for key, fact in (stated(now) if now else {}).items():
        if key in field and key not in ("required", "default") and fact.decided and key not in known:
            yield key
