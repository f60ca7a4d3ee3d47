"""What the page about a model shows, as Markdown, and what the comparison of all models says about it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from generator.emit.pages.fields import (
    EVIDENCE,
    constant_in_words,
    default_in_words,
    limits_in_words,
    place_in_words,
    type_in_words,
)
from generator.emit.pages.markdown import code, table, text
from generator.emit.pages.requests import as_command_line, as_curl, as_json, as_python
from generator.emit.pages.rules import WORDING
from generator.ir import Choice, Example, Field, Gateway, Media, Mode, Model, Number, ObjectList, Text
from modelstream_runtime.limits import UNITS, bounds, listed
from modelstream_runtime.markdown import block

_RESOLUTION = re.compile(r"\b(\d{3,4}P|[248]K)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A model for a template of a page. Every text is safe Markdown."""

    model: Model

    @property
    def title(self) -> str:
        """The model's name for people."""
        return text(self.model.title)

    @property
    def id(self) -> str:
        """The id on the wire, or what the generic request takes."""
        return code(self.model.id) if self.model.id else "any"

    @property
    def class_name(self) -> str:
        """The request class."""
        return code(self.model.class_name)

    @property
    def vendor(self) -> str:
        """Who makes the model."""
        return text(self.model.vendor)

    @property
    def source(self) -> str:
        """The documentation page that the facts are from."""
        return code(self.model.page)

    @property
    def paragraphs(self) -> list[str]:
        """The summary and the notes."""
        notes = (self.model.notes or "").splitlines()
        return [text(paragraph) for paragraph in (self.model.summary, *notes) if paragraph.strip()]

    @property
    def fields(self) -> str:
        """The table of the fields."""
        headings = ("field", "type", "limits", "default", "place in the body", "known from")
        return table(headings, ((*_facts(f), place_in_words(f), EVIDENCE[f.evidence]) for f in self.model.fields))

    @property
    def modes(self) -> list[str]:
        """Each mode, what it needs and takes, and what it makes."""
        return [_mode(mode) for mode in self.model.modes]

    @property
    def purposes(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Each field and what it is for; the fields that are only for some modes follow under a heading."""
        return [
            (
                f"Only for {text(listed(modes))}" if modes else "",
                [(code(f.name), text(f.about)) for f in fields if f.about],
            )
            for modes, fields in self.model.fields_by_modes.items()
        ]

    @property
    def lists(self) -> list[tuple[str, str, str]]:
        """Each field that is a list of objects, the class of its items, and the table of their fields."""
        return [(code(each.name), code(each.class_name), _item_table(each)) for each in self.model.lists]

    @property
    def constants(self) -> list[str]:
        """What the body has beside the fields."""
        return [constant_in_words(constant) for constant in self.model.constants]

    @property
    def errors(self) -> list[str]:
        """The rules that a request must keep."""
        return [WORDING.rule(rule) for rule in self.model.rules if not rule.warns]

    @property
    def warnings(self) -> list[str]:
        """The rules that only warn."""
        return [WORDING.rule(rule) for rule in self.model.rules if rule.warns]

    @property
    def is_documented(self) -> bool:
        """Whether the example is the request of the documentation page."""
        return self._example is not None and self._example.name == "documented"

    def examples(self, gateway: Gateway) -> list[tuple[str, str]]:
        """The documented request in each language, or else the first example; none if there is no example."""
        if self._example is None:
            return []
        model, values = self.model, self._example.values
        command = as_command_line(model, values)
        return [
            ("Python", block("python", as_python(model, values))),
            ("Command line", block("sh", command) if command else "No command line can hold these values."),
            ("JSON body", block("json", as_json(model, values))),
            ("curl", block("sh", as_curl(model, values, gateway))),
        ]

    @property
    def _example(self) -> Example | None:
        documented = (example for example in self.model.examples if example.name == "documented")
        return next(documented, next(iter(self.model.examples), None))

    # For the comparison.

    @property
    def inputs(self) -> str:
        """What kinds of input the model takes."""
        texts = [f for f in self.model.fields if isinstance(f, Text) and f.name == "prompt"]
        media = [f for f in self.model.fields if isinstance(f, Media)]
        found: dict[str, Sequence[Field]] = {"text": texts}
        found |= {kind: [f for f in media if f.kind == kind] for kind in ("image", "video", "audio")}
        return _or_none(name + _needed(fields) for name, fields in found.items() if fields)

    @property
    def lengths(self) -> str:
        """How long a video can be."""
        seconds = (f for f in self.model.fields if isinstance(f, Number) and f.unit == "s")
        return _or_none(bounds(f.minimum, f.maximum, UNITS["s"]) or "any" for f in seconds)

    @property
    def resolutions(self) -> str:
        """Which resolutions or qualities a caller can choose."""
        return _or_none(words for field in self.model.fields if (words := _resolutions(field)))


def _facts(field: Field) -> Sequence[str]:
    return code(field.name), type_in_words(field), limits_in_words(field), default_in_words(field)


def _mode(mode: Mode) -> str:
    sentence = f"**{text(mode.name)}** {WORDING.mode(mode)}."
    return f"{sentence} {text(mode.doc)}" if mode.doc else sentence


def _item_table(field: ObjectList) -> str:
    rows = (
        (*_facts(f), listed((code(".".join(path)) for path in field.item.paths_of(f.name)), "and"))
        for f in field.fields
    )
    return table(("field", "type", "limits", "default", "key in the item"), rows)


def _needed(fields: Sequence[Field]) -> str:
    return " (required)" if any(field.required for field in fields) else ""


def _resolutions(field: Field) -> str:
    if isinstance(field, Number) and field.unit == "px":
        return f"{code(field.name)} in pixels"
    labels = [f"{option.value} {option.label or ''}" for option in field.options] if isinstance(field, Choice) else []
    names = {name.upper() for label in labels for name in _RESOLUTION.findall(label)}
    return f"{', '.join(sorted(names, key=_height))} ({code(field.name)})" if names else ""


def _height(name: str) -> int:
    return int(name[:-1]) * (1000 if name.endswith("K") else 1)


def _or_none(words: Iterable[str]) -> str:
    return ", ".join(words) or "none"
