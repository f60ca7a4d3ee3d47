"""``page.yaml``: what a page stated when somebody last compared it with the schema, without its sentences.

It stands beside the documented curl, as ``tests/goldens/<model>/documented/page.yaml``. The importer writes it, the
checker holds the schema to it, and drift compares it with the page as it is today. Its keys:

``page``, ``title``
    Id and title in the model's header; neither for the generic page.
``endpoint``
    Method and path of the request.
``curl``
    A digest of the body of the documented request, whatever its indentation.
``summary``
    The sentences below the header.
``controls``
    Parts of the form without a name on the wire: ``name`` and ``prose``.
``fields``
    In the order of the page, each with ``name``, ``mark`` (``*`` or ``?``) and ``type``, and what the page has of:
    ``modes`` (in brackets before the prose), ``example`` (or ``example_digest``, for a longer text), ``low``, ``high``
    and ``step`` (of the value range), ``options`` (or ``glued_options``, the list as it stands, if the text does not
    decide where an option ends), ``undecided`` (attributes that can be read in several ways) and ``prose``.
``response``
    The fields of the response, as ``name?type``.

A sentence has a ``digest`` and what it has of: ``numbers``, ``words`` (of rules and defaults), ``says`` (keys of a
schema, with the value that it states) and ``unsure`` (keys that it speaks of, but not plainly).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.diagnostics import Problem, ProblemsFound, shown
from generator.load import Document, load
from generator.saved_page.facts import Control, Options, Page, PageField, Sentence
from generator.yaml_text import yaml_lines

NAME = "page.yaml"

_HEAD = "# What the page states, without its sentences. Written by `python -m generator import`; `check` compares.\n"

_PAGE = {"page", "title", "endpoint", "curl", "summary", "controls", "fields", "response"}
_FIELD = {
    "name", "mark", "type", "modes", "example", "example_digest", "low", "high", "step", "options", "glued_options",
    "undecided", "prose",
}  # fmt: skip
_SENTENCE = {"digest", "numbers", "words", "says", "unsure"}


def write_record(page: Page) -> str:
    """The text of the file."""
    data = {
        "page": page.model,
        "title": page.title,
        "endpoint": page.endpoint,
        "curl": page.body_digest,
        "summary": [_of_sentence(sentence) for sentence in page.summary],
        "controls": [{"name": c.name, "prose": [_of_sentence(s) for s in c.prose]} for c in page.controls],
        "fields": [_of_field(field) for field in page.fields],
        "response": list(page.response),
    }
    return _HEAD + "".join(f"{line}\n" for line in yaml_lines(_without_nothing(data)))


def _of_field(field: PageField) -> dict[str, Any]:
    options = field.options
    return _without_nothing(
        {
            "name": field.name,
            "mark": field.mark,
            "type": field.type,
            "modes": list(field.modes),
            "example": field.example,
            "example_digest": field.example_digest,
            "low": field.low,
            "high": field.high,
            "step": field.step,
            "options": list(options.values) if options else None,
            "glued_options": options.run if options else None,
            "undecided": list(field.undecided),
            "prose": [_of_sentence(sentence) for sentence in field.prose],
        }
    )


def _of_sentence(sentence: Sentence) -> dict[str, Any]:
    return _without_nothing(
        {
            "digest": sentence.digest,
            "numbers": list(sentence.numbers),
            "words": list(sentence.words),
            "says": {key: list(v) if isinstance(v, tuple) else v for key, v in sentence.says.items()},
            "unsure": list(sentence.unsure),
        }
    )


def _without_nothing(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if value not in (None, "", [], {}) or value is False}


def read_record(path: Path) -> tuple[Page, Document]:
    """The page as the file has it, and the file with the places of its nodes.

    Raises:
        ProblemsFound: it cannot be read, or is no such file.
    """
    document = load(path)
    if document.problems:
        raise ProblemsFound(document.problems)
    try:
        return _page(document.data), document
    except _BadRecord as error:
        message = f"this is no record of a page: {error}; write it again with `python -m generator import`"
        raise ProblemsFound([Problem(file=document.file, code="bad-page", message=message)]) from error


class _BadRecord(Exception):
    pass


def _page(data: Any) -> Page:
    entry = _mapping(data, _PAGE, "the file")
    return Page(
        model=_text(entry, "page") or None,
        title=_text(entry, "title") or None,
        endpoint=_text(entry, "endpoint"),
        body_digest=_text(entry, "curl"),
        summary=_sentences(entry.get("summary")),
        controls=tuple(
            Control(name=_text(c, "name"), prose=_sentences(c.get("prose")))
            for c in (_mapping(c, {"name", "prose"}, "a control") for c in _list(entry, "controls"))
        ),
        fields=tuple(_field(field) for field in _list(entry, "fields")),
        response=_texts(entry, "response"),
    )


def _field(data: Any) -> PageField:
    entry = _mapping(data, _FIELD, "a field")
    options = None
    if "options" in entry or "glued_options" in entry:
        values = _list(entry, "options")
        if not all(isinstance(value, (str, int)) for value in values):
            raise _BadRecord("an option is neither a text nor an integer")
        options = Options(values=tuple(values), run=_text(entry, "glued_options"))
    example = entry.get("example")
    if isinstance(example, (dict, list)):
        raise _BadRecord("an example is no single value")
    return PageField(
        name=_text(entry, "name"),
        mark=_text(entry, "mark"),
        type=_text(entry, "type"),
        modes=_texts(entry, "modes"),
        example=example,
        example_digest=_text(entry, "example_digest"),
        low=_number(entry, "low"),
        high=_number(entry, "high"),
        step=_number(entry, "step"),
        options=options,
        undecided=_texts(entry, "undecided"),
        prose=_sentences(entry.get("prose")),
    )


def _sentences(data: Any) -> tuple[Sentence, ...]:
    return tuple(_sentence(entry) for entry in _list({"prose": data if data is not None else []}, "prose"))


def _sentence(data: Any) -> Sentence:
    entry = _mapping(data, _SENTENCE, "a sentence")
    says = entry.get("says", {})
    if not isinstance(says, dict) or not all(isinstance(key, str) for key in says):
        raise _BadRecord("`says` is no mapping")
    return Sentence(
        digest=_text(entry, "digest"),
        numbers=tuple(_list(entry, "numbers")),
        words=_texts(entry, "words"),
        says={key: tuple(value) if isinstance(value, list) else value for key, value in says.items()},
        unsure=_texts(entry, "unsure"),
    )


def _mapping(data: Any, known: set[str], what: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _BadRecord(f"{what} is no mapping")
    if unknown := [key for key in data if key not in known]:
        raise _BadRecord(f"{what} has no key {shown(unknown[0])}")
    return data


def _list(entry: Mapping[str, Any], key: str) -> list[Any]:
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise _BadRecord(f"`{key}` is no list")
    return value


def _texts(entry: Mapping[str, Any], key: str) -> tuple[str, ...]:
    values = _list(entry, key)
    if not all(isinstance(value, str) for value in values):
        raise _BadRecord(f"`{key}` has something else than texts")
    return tuple(values)


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise _BadRecord(f"`{key}` is no text")
    return value


def _number(entry: Mapping[str, Any], key: str) -> int | float | None:
    value = entry.get(key)
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise _BadRecord(f"`{key}` is no number")
    return value
