"""The documentation of classes and fields, from what the schemas say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.emit.literals import docstring
from generator.emit.wording import Wording, file_limits
from generator.ir import Field, Many, Media, Model, ObjectList, OpenObject
from modelstream_runtime.limits import bounds, listed

_EVIDENCE = {
    "page": "stated on the page, not shown in its curl",
    "vendor": "according to the vendor's documentation; the gateway's page does not show it",
    "guess": "a guess: neither the page nor the vendor's documentation shows it",
}
_LIMITS = {"vendor": "according to the vendor's documentation", "guess": "our own guess"}
_ENCODINGS = {
    "data_uri": "a data URI",
    "base64": "bare Base64",
    "split": "bare Base64, with its type beside it",
    "any": "a data URI",
}


def class_docs(model: Model) -> str:
    """The docstring of a request class."""
    posted = (
        f"{model.title}, sent as model `{model.id}`."
        if model.id
        else f"{model.title}, sent as the model that it names."
    )
    source = f"{posted} Source: documentation page {model.page}, read on {model.checked}."
    summary = f"{model.summary.rstrip('. ')} ({model.vendor})."
    return docstring(summary, model.notes or "", _modes(model), source, arguments=_arguments(model.fields, model))


def item_docs(field: ObjectList) -> str:
    """The docstring of the class of a list's items."""
    return docstring(f"One item of `{field.name}`.", arguments=_arguments(field.fields))


def _modes(model: Model) -> str:
    """The modes, each in a line; empty if there are none."""
    lines = [" ".join(filter(None, [f"- {m.name}: {_WORDING.mode(m)}.", m.doc])) for m in model.modes]
    return "\n".join(["A request is of one mode:", *lines]) if lines else ""


def _arguments(fields: Iterable[Field], model: Model | None = None) -> dict[str, str]:
    """What each field is for and what it accepts. At run time these are the descriptions of the fields."""
    return {field.name: " ".join([field.about, *_facts(field, model)]) for field in fields}


def field_docs(field: Field, model: Model) -> str:
    """The docstring of a field: what it does, what it accepts, when the model ignores it, how certain that is."""
    return docstring(field.about, " ".join([*_facts(field, model), *_travels(field)]), _ignored(field, model))


def _facts(field: Field, model: Model | None) -> Iterable[str]:
    """The facts in sentences. ``model`` is the model of the field, unless the field is one of a list's items."""
    limits = _limits(field)
    if limits and field.limits in _LIMITS:
        limits += f" ({_LIMITS[field.limits]})"
    modes = _WORDING.modes_of(field, model) if model else ""
    facts = [fact for fact in (limits, _default(field), modes) if fact]
    if facts:
        yield _sentence("; ".join(facts))
    if isinstance(field, Media) and field.only != "url":
        yield f"The client sends a local file as {_ENCODINGS[field.encoding]}."


def _limits(field: Field) -> str:
    limits = _WORDING.limits(field)
    match field:
        case Media(kind=kind, many=Many(minimum=least, maximum=most)):
            files = f"one {kind} or a list of {bounds(least, most) or 'several'}"
            return ", ".join([files, *file_limits(field)])
        case ObjectList():
            return ", ".join(limits) or "several items"
        case OpenObject():
            return "any JSON object"
        case _:
            return ", ".join(limits)


def _default(field: Field) -> str:
    if field.gateway_default is not None:
        return f"if you leave it out, the gateway takes {_code(field.gateway_default)}"
    words = _WORDING.default(field)
    return f"default {words}" if words else ""


def _travels(field: Field) -> Iterable[str]:
    if field.target is None:
        return
    paths = [str(target) for target in field.targets]
    places = listed(map("`{}`".format, paths), "and")
    if field.evidence != "curl":
        yield f"Sent as {places}, {_EVIDENCE[field.evidence]}."
    elif paths != [field.name]:
        yield f"Sent as {places}."


def _ignored(field: Field, model: Model) -> str:
    sentences = []
    for rule in model.rules_on(field.name):
        reason = f": {rule.because}" if rule.because else ""
        sentences.append(f"The model ignores it (with a warning if you set it) {_WORDING.condition(rule)}{reason}.")
    return " ".join(sentences)


def _code(value: Any) -> str:
    """A value as a caller writes it."""
    return f'`"{value}"`' if isinstance(value, str) and value.isprintable() and '"' not in value else f"`{value!r}`"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


_WORDING = Wording(name="`{}`".format, value=_code, text=str)
