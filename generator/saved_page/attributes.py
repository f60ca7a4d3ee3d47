"""The line of a field's attributes, which the page glues together.

``RequiredExample Value: 5Value Range: 3 ≤ value ≤ 15step: 1Placeholder: e.g. 5``
"""

from __future__ import annotations

import re
from typing import NamedTuple

from modelstream_runtime.yaml12 import scalar

START = re.compile(r"(Required\s*)?(Example Value:|Value Range:|step:|Placeholder:|Enum/Options:)|Required\Z")
"""How a line of attributes begins."""

OPTIONS = "Enum/Options:"

_NUMBER = r"-?\d{1,20}(?:\.\d{1,20})?"
_RANGE = (
    rf"(?:(?P<low>{_NUMBER})\s*(?:≤|<=)\s*)?value"
    rf"(?:\s*(?:≤|<=)\s*(?P<high>{_NUMBER})|\s*(?:≥|>=)\s*(?P<least>{_NUMBER}))?"
)
_TAIL = rf"(?:\s*Value Range:\s*{_RANGE})?(?:\s*step:\s*(?P<step>{_NUMBER}))?"
_STRICT = {
    "number": re.compile(
        rf"(?P<required>Required)?(?:\s*Example Value:\s*(?P<example>{_NUMBER}))?{_TAIL}"
        r"(?:\s*Placeholder:(?P<rest>.*))?\s*",
        re.DOTALL,
    ),
    "boolean": re.compile(
        r"(?P<required>Required)?(?:\s*Example Value:\s*(?P<example>true|false))?(?:\s*Placeholder:(?P<rest>.*))?\s*",
        re.DOTALL,
    ),
}
_MARKER = re.compile(r"Example Value:|Value Range:|step:|Placeholder:")
_END = re.compile(rf"{_TAIL}\s*\Z")


class Attributes(NamedTuple):
    """What the line states."""

    required: bool = False
    example: str | None = None
    low: int | float | None = None
    high: int | float | None = None
    step: int | float | None = None
    undecided: tuple[str, ...] = ()


def number(text: str) -> int | float:
    """The number as it is written: 5 is an integer, 5.0 is not."""
    value = scalar(text)
    assert isinstance(value, (int, float))
    return value


def read_attributes(text: str, type_name: str) -> Attributes:
    """Read the attributes of a field of that type. What can be read in two ways is undecided."""
    if not text:
        return Attributes()
    kind = {"integer": "number", "float": "number", "int": "number", "bool": "boolean"}.get(type_name, type_name)
    if strict := _STRICT.get(kind):
        found = strict.fullmatch(text)
        # An empty match says nothing of a text that is there.
        return _of_match(found, found["example"]) if found else Attributes(undecided=("attributes",))
    return _free(text)


def _of_match(found: re.Match[str], example: str | None) -> Attributes:
    groups = found.groupdict()
    low = groups.get("low") or groups.get("least")
    high, step = groups.get("high"), groups.get("step")
    twice = bool(groups.get("low") and groups.get("least"))
    return Attributes(
        required=bool(groups.get("required")),
        example=example,
        low=number(low) if low else None,
        high=number(high) if high else None,
        step=number(step) if step else None,
        undecided=("attributes",) if twice else (),
    )


def _free(text: str) -> Attributes:
    """Of a field whose example may be any text, which may hold the words of the other attributes, too."""
    required = text.startswith("Required")
    rest = text.removeprefix("Required").lstrip()
    markers = [found[0] for found in _MARKER.finditer(rest)]
    undecided = ("attributes",) if len(markers) != len(set(markers)) else ()
    before, _, _ = rest.partition("Placeholder:")
    if not before.startswith("Example Value:"):
        found = _END.fullmatch(before)
        if not found:
            return Attributes(required=required, undecided=("attributes",))
        return _of_match(found, None)._replace(required=required, undecided=undecided)
    value = before.removeprefix("Example Value:").strip()
    if "Value Range:" not in value and not re.search(rf"step:\s*{_NUMBER}\Z", value):
        return Attributes(required=required, example=value, undecided=undecided)
    start = value.find("Value Range:") if "Value Range:" in value else value.rfind("step:")
    found = _END.fullmatch(value[start:])
    if not found:  # The words are a part of the example.
        return Attributes(required=required, example=value, undecided=("attributes",))
    return _of_match(found, value[:start].rstrip())._replace(required=required, undecided=undecided)
