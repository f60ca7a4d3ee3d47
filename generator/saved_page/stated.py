"""What a page states about a field, in the keys of a schema: one answer for drafts, checks and drift.

The form itself counts (mark, initial value, value range, options), then plain sentences. Where the two disagree, or
where only a sentence speaks of a key and not plainly, the key is undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from generator.saved_page.facts import PageField, Sentence
from generator.saved_page.prose import looks_like_a_mode

KEYS = (
    "required", "default", "min", "max", "step", "special", "unit", "options", "min_length", "max_length", "many",
    "formats", "max_bytes", "only",
)  # fmt: skip
"""Everything that a page may state about a field, beside its type."""


class Stated(NamedTuple):
    """One fact of a page."""

    value: Any = None
    decided: bool = True
    candidates: tuple[Any, ...] = ()
    """What it may be, if it is undecided."""
    line: int = 0
    numbers: tuple[int | float, ...] = ()
    """The numbers of the sentences that speak of it, if it is undecided."""


def stated(field: PageField) -> dict[str, Stated]:
    """All facts about the field, by key; a key that the page does not speak of is not there."""
    found = {"required": _required(field)}
    found |= _of_the_form(field)
    for key, in_prose in _in_prose(field).items():
        if key == "required":
            continue
        if key not in found:
            found[key] = in_prose
        elif in_prose.decided and found[key].decided and in_prose.value != found[key].value:
            # A value range and a sentence, or an initial value and a sentence, that disagree.
            both = (found[key].value, in_prose.value)
            found[key] = Stated(decided=False, candidates=both, line=in_prose.line)
        elif key == "default" and not in_prose.decided and found[key].decided:
            # A sentence about a default that is not the initial value, or not plainly.
            found[key] = Stated(decided=False, candidates=(found[key].value, *in_prose.candidates), line=in_prose.line)
    for key in ("min", "max"):
        if "special" in found and key in found and key not in _of_the_form(field):
            found[key] = found[key]._replace(decided=False)
    if "attributes" in field.undecided:
        for key in ("default", "min", "max", "step", "options", "many"):
            if key in found:
                found[key] = found[key]._replace(decided=False)
    return {key: found[key] for key in KEYS if key in found}


def is_number(field: PageField) -> bool:
    """Whether the page calls it a number."""
    return field.type in ("number", "integer", "int", "float")


def is_switch(field: PageField) -> bool:
    """Whether the page calls it a boolean."""
    return field.type in ("boolean", "bool")


def has_initial_value(field: PageField) -> bool:
    """Whether the example is the initial value of a control: texts and media have none."""
    return field.example is not None and (is_number(field) or is_switch(field) or field.options is not None)


def _required(field: PageField) -> Stated:
    marked = field.mark == "*"
    said = [s.says["required"] for s in field.prose if "required" in s.says]
    unsure = any("required" in sentence.unsure for sentence in field.prose) or "required" in field.undecided
    if field.modes and marked:
        # Required in that mode, and so not in every request. A remark in brackets may be no mode.
        sure = all(map(looks_like_a_mode, field.modes))
        return Stated(False, sure, () if sure else (True, False), field.line)
    if unsure or any(value != marked for value in said) or (marked and _is_about_a_mode(field)):
        return Stated(marked, decided=False, candidates=(True, False), line=field.line)
    return Stated(marked, line=field.line)


def _is_about_a_mode(field: PageField) -> bool:
    """Whether a sentence ties the field to a mode, without the brackets that usually do so."""
    return any("mode" in sentence.words for sentence in field.prose)


def _of_the_form(field: PageField) -> dict[str, Stated]:
    found: dict[str, Stated] = {}
    line = field.attributes_line
    if has_initial_value(field):
        found["default"] = Stated(field.example, line=line)
    if field.has_bounds and is_number(field) and field.options is None:
        found |= {key: Stated(v, line=line) for key, v in (("min", field.low), ("max", field.high)) if v is not None}
        if field.low is not None and field.high is not None and field.low > field.high:
            found |= {key: found[key]._replace(decided=False) for key in ("min", "max")}
    elif field.has_bounds and field.type.startswith("array"):
        # On an array, the range counts the items.
        many = {key: v for key, v in (("min", field.low), ("max", field.high)) if v is not None}
        found["many"] = Stated(many, decided=all(isinstance(v, int) for v in many.values()), line=line)
    elif field.has_bounds and field.options is None:
        # On a text, it may count characters or uploads; no text has at most one character.
        one = field.high == 1
        found["many"] = Stated({"max": 1} if one else None, one, () if one else _counts(field), line)
    if field.step is not None and is_number(field):
        found["step"] = Stated(field.step, decided=field.step > 0, line=line)
    if field.options is not None:
        options = field.options
        decided = bool(options.values)
        found["options"] = Stated(options.values or None, decided, options.candidates, options.line)
    return found


def _counts(field: PageField) -> tuple[Any, ...]:
    """What a range on a text may mean."""
    many = {key: v for key, v in (("min", field.low), ("max", field.high)) if v is not None}
    lengths = {f"{key}_length": v for key, v in many.items()}
    return ({"many": many}, lengths)


def _in_prose(field: PageField) -> dict[str, Stated]:
    found: dict[str, Stated] = {}
    for key, value, sentence in _statements(field):
        numbers = (*(found[key].numbers if key in found else ()), *sentence.numbers)
        if key not in found:
            found[key] = Stated(value, value is not None, (), sentence.line, numbers)
        elif found[key].value != value or not found[key].decided:
            candidates = tuple(v for v in (*found[key].candidates, found[key].value, value) if v is not None)
            found[key] = Stated(None, decided=False, candidates=candidates, line=sentence.line, numbers=numbers)
    return found


def _statements(field: PageField) -> Iterator[tuple[str, Any, Sentence]]:
    for sentence in field.prose:
        says: Mapping[str, Any] = sentence.says
        yield from ((key, value, sentence) for key, value in says.items())
        yield from ((key, None, sentence) for key in sentence.unsure)
