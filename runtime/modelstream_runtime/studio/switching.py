"""Taking the values of one model's form to another: what both models have stays, and each loss is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from modelstream_runtime._text import shown
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import Problem
from modelstream_runtime.problems import top_field
from modelstream_runtime.studio.preview import GENERIC, NO_FILES, preview, text_of


class Change(NamedTuple):
    """A field that is not as it was."""

    field: str
    message: str


class Switched(NamedTuple):
    """The text that fills the form of the other model, and what became of the values, field by field."""

    text: str
    changes: tuple[Change, ...]

    def as_json(self) -> dict[str, Any]:
        """The text and the changes as the page reads them."""
        return {"text": self.text, "changes": [change._asdict() for change in self.changes]}


def switched(catalog: Catalog, text: str, model: str, files: Mapping[str, bytes] = NO_FILES) -> Switched:
    """The same values for another model.

    Args:
        catalog: the models.
        text: what the page shows; see `preview`.
        model: the form of the other model.
        files: placeholder to content.
    """
    before = preview(catalog, text, files)
    values = dict(before.values)
    if before.form == GENERIC != model:
        values.pop("model", None)
    changes: list[Change] = []
    # Rules between fields are only checked for values that are right by themselves, so it may take several rounds.
    while refused := [p for p in _problems(catalog, model, values, files) if top_field(p) in values]:
        lost = [(problem, values.pop(top_field(problem), None)) for problem in refused]
        changes += [Change(p.field, f"was dropped: {p.message}") for p, value in lost if value is not None]
    changes += _other_defaults(catalog, before.form or GENERIC, model, values)
    return Switched(text_of(model, values), tuple(changes))


def _problems(
    catalog: Catalog, model: str, values: Mapping[str, Any], files: Mapping[str, bytes]
) -> tuple[Problem, ...]:
    return preview(catalog, text_of(model, values), files).problems


def _other_defaults(catalog: Catalog, old: str, new: str, given: Mapping[str, Any]) -> Iterator[Change]:
    """The fields of both models that were not set, and that now have another default."""
    was, now = (catalog.schemas.form(model)["properties"] for model in (old, new))
    for name in (name for name in now if name in was and name not in given):
        before, after = was[name].get("default"), now[name].get("default")
        if before != after:
            here = "has no default here" if after is None else f"is {shown(after)} by default here"
            yield Change(name, f"{here}; it {'had none' if before is None else f'was {shown(before)}'}")
