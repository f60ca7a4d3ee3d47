"""Every kind of move on a page, and how much it matters. This table is data."""

from __future__ import annotations

from typing import Literal, NamedTuple

Severity = Literal["error", "warning", "notice"]

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "notice")
"""The worst first. A notice never fails a run."""


class Kind(NamedTuple):
    """A row of the table."""

    name: str
    severity: Severity
    advice: str
    """What to do about it."""


_ROWS = (
    Kind("field-gone", "error", "Remove the field from the schema, or give its evidence another class."),
    Kind("field-renamed", "error", "Rename the field in the schema."),
    Kind("field-added-required", "error", "Add the field to the schema: every request has to have it."),
    Kind("field-added", "warning", "Add the field to the schema."),
    Kind("mark-changed", "error", "Correct `required`."),
    Kind("type-changed", "error", "Correct the type and what depends on it."),
    Kind("option-gone", "error", "Remove the option."),
    Kind("option-added", "warning", "Add the option."),
    Kind("options-changed", "error", "Compare the options one by one: the text does not say where each ends."),
    Kind("range-narrower", "error", "Correct the range."),
    Kind("range-wider", "warning", "Correct the range."),
    Kind("step-changed", "error", "Correct the step."),
    Kind("initial-value-changed", "warning", "Correct the default; it decides what calls ask for and what they cost."),
    Kind("example-changed", "notice", "Nothing: the example of a text is no default."),
    Kind("modes-changed", "warning", "Compare the modes of the schema with the page."),
    Kind("undecided-changed", "warning", "Read the field on the page: its attributes can be read in several ways."),
    Kind("numbers-or-rules-changed", "warning", "Read the sentence, and compare limits, defaults and rules."),
    Kind("wording-changed", "notice", "Nothing, unless the sentence means something else now."),
    Kind("order-changed", "notice", "Nothing."),
    Kind("control-gone", "warning", "Compare the modes of the schema with the page."),
    Kind("control-added", "warning", "Compare the modes of the schema with the page."),
    Kind("title-changed", "warning", "Correct the title."),
    Kind("endpoint-changed", "error", "Compare schemas/gateway.yaml with the page."),
    Kind("curl-changed", "error", "Compare the targets of these fields with the new curl."),
    Kind("response-field-gone", "warning", "Compare `responses` of schemas/gateway.yaml with the page."),
    Kind("response-field-added", "notice", "Nothing, unless the client should read it."),
    Kind("untrue", "error", "Correct the schema, or say in `differs` why it is right."),
    Kind("stated-now", "notice", "The evidence can become stronger."),
)

KINDS = {kind.name: kind for kind in _ROWS}
