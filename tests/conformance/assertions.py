"""What must be true of a case: every surface says what is expected, and shows the same body."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.cases import Case
from tests.conformance.matrix import cell
from tests.conformance.surfaces import SURFACES, payloads


def assert_agreed(case: Case) -> None:
    """All surfaces say what is expected, and what they accept travels alike."""
    cells = {surface.name: cell(surface, case, surface.verdict(case)) for surface in SURFACES}
    assert "differs" not in [kind for kind, _ in cells.values()], told(case, cells)
    if case.accepted and case.values is not None:
        assert_alike(case)


def told(case: Case, cells: Mapping[str, tuple[str, str]]) -> str:
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


def assert_alike(case: Case) -> None:
    """Every surface that shows a body shows this one, down to the order of the keys and the kinds of numbers."""
    assert case.values is not None
    expected = _bytes(case.body)
    shown = {name: _bytes(body) for name, body in payloads(case.catalog, case.model, case.values).items()}
    differing = {name: text for name, text in shown.items() if text != expected}
    assert not differing, f"{_short(case.values)}\n  expected {expected!r}\n  {differing}"


def _bytes(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
