"""The matrix of model, constraint and surface, as a report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

from tests.conformance.agreement import agrees
from tests.conformance.cases import Case
from tests.conformance.exemptions import EXEMPTIONS
from tests.conformance.surfaces import SURFACES, Surface, Verdict

Kind = Literal["agrees", "exempt", "differs", "not sayable"]

_MARKS = {"agrees": "", "exempt": "exempt: ", "differs": "**DIFFERS**: ", "not sayable": ""}
_HEAD = ("constraint", "case", "expected")


class Row(NamedTuple):
    """A case, and what each surface says of it."""

    model: str
    constraint: str
    name: str
    expected: str
    cells: Mapping[str, tuple[str, str]]

    @classmethod
    def of(cls, case: Case, cells: Mapping[str, tuple[str, str]]) -> Row:
        """The row of a case."""
        blamed = f"refused: {case.field or 'no field'}, at {case.path}"
        return cls(case.model, case.constraint, case.name, "accepted" if case.accepted else blamed, cells)


def cell(surface: Surface, case: Case, verdict: Verdict | None) -> tuple[Kind, str]:
    """What a surface says of a case, and what is to be thought of that."""
    if verdict is None:
        return "not sayable", "-"
    if agrees(surface, case, verdict):
        return "agrees", str(verdict)
    if any(exemption.excuses(surface, case, verdict) for exemption in EXEMPTIONS):
        return "exempt", str(verdict)
    return "differs", str(verdict)


def summary(rows: Sequence[Row]) -> str:
    """One line a model."""
    lines = _table(("model", "cases", "verdicts", "agree", "exempt", "differ"), _counted(rows))
    return "\n".join(lines)


def report(rows: Sequence[Row]) -> str:
    """The whole matrix in Markdown; the summary comes first."""
    rows = sorted(rows, key=lambda row: row.model)
    lines = ["# Conformance", "", "Does every surface say the same of every request?", "", summary(rows), ""]
    lines += ["## What a surface cannot say", ""]
    lines += _table(
        ("surfaces", "constraints", "says", "because"),
        [(", ".join(e.surfaces), ", ".join(e.constraints), e.shows, e.reason) for e in EXEMPTIONS],
    )
    names = [surface.name for surface in SURFACES]
    for model in dict.fromkeys(row.model for row in rows):
        lines += ["", f"## {model}", ""]
        told = [
            (
                row.constraint,
                row.name,
                row.expected,
                *(_MARKS[kind] + said for kind, said in map(row.cells.__getitem__, names)),
            )
            for row in rows
            if row.model == model
        ]
        lines += _table((*_HEAD, *names), told)
    return "\n".join(lines) + "\n"


def _counted(rows: Iterable[Row]) -> list[tuple[object, ...]]:
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row.model, []).append(row)
        by_model.setdefault("all", []).append(row)
    counted: list[tuple[object, ...]] = []
    for model in (*sorted(by_model.keys() - {"all"}), "all"):
        kinds = Counter(kind for row in by_model.get(model, ()) for kind, _ in row.cells.values())
        said = kinds["agrees"] + kinds["exempt"] + kinds["differs"]
        counted.append((model, len(by_model.get(model, ())), said, kinds["agrees"], kinds["exempt"], kinds["differs"]))
    return counted


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(_shown(value) for value in line)} |" for line in lines]


def _shown(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")
