"""What a surface cannot say, and why. A row that no case needs fails the tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from modelstream_runtime.mock.strict import StrictValidator
from tests.conformance.cases import Case
from tests.conformance.surfaces import Surface, Verdict

FORMS = ("form: jsonschema", "form: jsonschema-rs")
WIRES = ("wire: jsonschema", "wire: jsonschema-rs")


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """Constraints that surfaces do not tell as others do.

    Attributes:
        shows: what they say instead.
        field: the form field it is about, if it is about one only.
        only_if: what else must be so.
    """

    surfaces: tuple[str, ...]
    constraints: tuple[str, ...]
    shows: Literal["accepted", "refused without a place"]
    reason: str
    field: str | None = None
    only_if: Callable[[Surface, Case], bool] = lambda surface, case: True

    def covers(self, surface: Surface, case: Case) -> bool:
        """Whether it is about this case on this surface."""
        constraint = "by hand" if case.constraint.startswith("by hand: ") else case.constraint.removeprefix("item: ")
        return surface.name in self.surfaces and constraint in self.constraints and self.field in (None, case.field)

    def excuses(self, surface: Surface, case: Case, verdict: Verdict) -> bool:
        """Whether it foresees this verdict."""
        shown = "accepted" if verdict.accepted else "refused without a place" if not verdict.places else ""
        return self.covers(surface, case) and shown == self.shows and self.only_if(surface, case)


def _is_beyond_json_schema(surface: Surface, case: Case) -> bool:
    """Whether a rule is named beside the schema, or a validator that knows our own keywords refuses the case."""
    kind = surface.takes
    schema = case.catalog.schemas.form(case.model) if kind == "form" else case.catalog.schemas.wire(case.model)
    return "x-rules" in schema or not StrictValidator(schema).is_valid(case.values if kind == "form" else case.body)


EXEMPTIONS = (
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("by hand",),
        shows="accepted",
        only_if=_is_beyond_json_schema,
        reason="The example breaks what JSON Schema cannot say, as in the rows below.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("type: whole fraction",),
        shows="accepted",
        reason="To JSON Schema 5.0 is an integer. The mock's validator has a stricter type of its own.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("wrong format",),
        shows="accepted",
        reason="JSON Schema does not look into Base64; the schemas name the formats under x-formats.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("off step", "off step, as a text"),
        shows="accepted",
        reason="multipleOf fails for floats, because 0.3 is no multiple of 0.1; the schemas say x-step instead.",
    ),
    Exemption(
        surfaces=WIRES,
        constraints=("below min, as a text", "above max, as a text", "rule: within, as a text"),
        shows="accepted",
        reason="JSON Schema cannot compare a text as a number; the schemas say x-number or x-rules.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("not JSON",),
        shows="accepted",
        reason="JSON Schema does not look into a text; the schemas say x-json.",
    ),
    Exemption(
        surfaces=WIRES,
        constraints=("position among any number of items",),
        shows="accepted",
        reason="JSON Schema cannot count the items before one; the schemas say x-positions.",
    ),
    Exemption(
        surfaces=WIRES,
        constraints=("another value at a place",),
        shows="accepted",
        reason="JSON Schema cannot compare two places; the schemas say x-same.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("rule: count over several places",),
        shows="accepted",
        reason="JSON Schema cannot count two lists together; the schemas name the rule under x-rules.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("rule: sum",),
        shows="accepted",
        reason="JSON Schema cannot add; the schemas name the rule under x-rules.",
    ),
    Exemption(
        surfaces=FORMS,
        constraints=("rule: count",),
        shows="accepted",
        reason="JSON Schema cannot count two lists together; the schemas name the rule under x-rules.",
    ),
    Exemption(
        surfaces=("form: jsonschema", "wire: jsonschema"),
        constraints=("NaN", "infinity"),
        shows="accepted",
        reason="NaN and infinity are no JSON. A validator that is handed Python's has no keyword for it.",
    ),
    Exemption(
        surfaces=(*FORMS, *WIRES),
        constraints=("NaN within",),
        shows="accepted",
        reason="NaN is no JSON, and what is in an object of the caller's own has no schema.",
    ),
    Exemption(
        surfaces=("--params --dry-run", "mock"),
        constraints=("NaN", "NaN within", "infinity"),
        shows="refused without a place",
        reason="A text with NaN in it is no JSON: it is refused as a whole, before anything in it is read.",
    ),
    Exemption(
        surfaces=("--params --dry-run",),
        constraints=("missing",),
        field="model",
        shows="accepted",
        reason="The model is a word of the command and cannot be left out.",
    ),
    Exemption(
        surfaces=("--params --dry-run",),
        constraints=(
            "null",
            "too short",
            *(f"type: {kind}" for kind in ("integer", "fraction", "boolean", "array", "object")),
        ),
        field="model",
        shows="refused without a place",
        reason="The model is a word of the command; a file that says otherwise is refused as such.",
    ),
    Exemption(
        surfaces=("from_payload",),
        constraints=("null on the wire", "empty list on the wire", "a number sent as text"),
        shows="accepted",
        reason="It is read as what the request then sends: left out, or as a text.",
    ),
)
