"""What a documentation page states, as immutable objects.

Texts and lines are there only for a page that has just been read; a record (``page.yaml``) keeps neither.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Scalar = str | int | float | bool


def digest(text: str) -> str:
    """A short name for a text, the same whatever the blanks between its words."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:12]


def digest_of_body(body: dict[str, Any]) -> str:
    """A name for the body of a curl: the same however it is indented."""
    return digest(json.dumps(body, ensure_ascii=False))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentence:
    """A sentence of the page's prose, and what it states in words plain enough to rely on."""

    digest: str
    numbers: tuple[int | float, ...] = ()
    words: tuple[str, ...] = ()
    """The words of a rule or a default that it has, such as ``only`` and ``default``."""
    says: Mapping[str, Any] = field(default_factory=dict)
    """Keys of a field in a schema, with what the sentence states for them."""
    unsure: tuple[str, ...] = ()
    """Keys that it speaks of, but not plainly."""
    text: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def is_a_condition(self) -> bool:
        """Whether it may state a rule between fields, which only a person can tell."""
        return any(word != "default" for word in self.words)


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """The list of a field's values."""

    values: tuple[str | int, ...] = ()
    """Empty if the text does not decide where one value ends and the next begins."""
    labels: tuple[str, ...] = field(default=(), compare=False)
    run: str = ""
    """The list as it stands on the page, if it is undecided."""
    candidates: tuple[tuple[str | int, ...], ...] = field(default=(), compare=False)
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageField:
    """One field of the form."""

    name: str
    mark: str = ""
    """``*`` for required, ``?`` for optional."""
    type: str = ""
    modes: tuple[str, ...] = ()
    """The generation modes in brackets before its prose."""
    example: Scalar | None = None
    """The initial value of the form; of a text only if it is short."""
    example_digest: str = ""
    """Instead, of a longer text."""
    low: int | float | None = None
    high: int | float | None = None
    step: int | float | None = None
    options: Options | None = None
    prose: tuple[Sentence, ...] = ()
    undecided: tuple[str, ...] = ()
    """What the attributes state in a way that can be read in several ways: ``attributes``, ``example``."""
    example_text: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    attributes_line: int = field(default=0, compare=False)

    @property
    def has_bounds(self) -> bool:
        """Whether there is a value range."""
        return self.low is not None or self.high is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """A part of the form without a name on the wire, such as the choice of a mode."""

    name: str
    prose: tuple[Sentence, ...] = ()
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Curl:
    """The documented request."""

    text: str
    body: dict[str, Any]
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A page about one model; without a model id, about any of them."""

    model: str | None
    title: str | None
    endpoint: str = ""
    """Method and path of the request."""
    summary: tuple[Sentence, ...] = ()
    controls: tuple[Control, ...] = ()
    fields: tuple[PageField, ...] = ()
    response: tuple[str, ...] = ()
    """The fields of the response, each with mark and type: ``task_id?string``."""
    body_digest: str = ""
    curl: Curl | None = field(default=None, compare=False)
    model_line: int = field(default=0, compare=False)
    unread: tuple[tuple[int, str], ...] = field(default=(), compare=False)
    """Lines of the form's description that fit nowhere."""

    def field(self, name: str) -> PageField | None:
        """The field of that name."""
        return next((f for f in self.fields if f.name == name), None)
