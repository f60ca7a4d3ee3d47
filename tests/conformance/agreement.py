"""Whether a surface says what is expected of a case."""

from __future__ import annotations

import re

from tests.conformance.blame import Place
from tests.conformance.cases import LAST_INDEX, Case
from tests.conformance.surfaces import Surface, Verdict

_INDEX = re.compile(r"\[\d*\]")


def agrees(surface: Surface, case: Case, verdict: Verdict) -> bool:
    """Whether the verdict is the expected one, and blames the expected place and nothing else."""
    if case.accepted or verdict.accepted:
        return case.accepted == verdict.accepted
    expected = [place for place in verdict.places if _is_expected(surface, case, place)]
    return bool(expected) and all(place in expected or _is_below(case, place) for place in verdict.places)


def _is_expected(surface: Surface, case: Case, place: Place) -> bool:
    if place.path is not None and not _is_path(case.path or "", place.path):
        return False
    if surface.takes == "body" and (case.field is None or "unknown" in case.constraint):
        return True  # No form field is at that place.
    if place.field is None or case.field is None:
        return place.field == case.field
    # Which of several pictures it is, some say in the path alone.
    return place.field == case.field or place.field == LAST_INDEX.sub("", case.field)


def _is_path(expected: str, path: str) -> bool:
    """In an array the number of the item, or what is wrong in it, may be left open."""
    if expected == path:
        return True
    general, told = _INDEX.sub("[]", expected), _INDEX.sub("[]", path)
    array = told.removesuffix("[]")
    return told == general or array == general.removesuffix("[]") or general.startswith(f"{array}[]")


def _is_below(case: Case, place: Place) -> bool:
    """What has to be in a container is missing as well, if the container is none."""
    return bool(case.path and place.path and place.path.startswith(f"{case.path}."))
