"""Every kind of change: whom it hits, how badly, and what its witness has to show. This table is data."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Level(Enum):
    """How badly a change hits callers, the worst first."""

    BREAKS = "breaks callers"
    SENT = "changes what is sent"
    NEW = "new"
    WORDS = "words only"

    @property
    def slug(self) -> str:
        """The name on the command line."""
        return self.value.replace(" ", "-")

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Level).index(self)


class Shows(Enum):
    """What a witness of a change shows about one call, before and after."""

    REFUSED = "accepted before, rejected now"
    OTHER_BODY = "accepted before and now, with another body"
    ACCEPTED = "rejected before, accepted now"
    WARNS_OTHERWISE = "the same body, other warnings"
    SAME = "the same body"
    TOLD = "what the change itself tells: a name, or an answer of the gateway"


class Kind(NamedTuple):
    """A row of the table."""

    name: str
    level: Level
    shows: Shows
    who: str
    """Who is hit, as the subject or the whole of a sentence for a changelog."""


_B, _S, _N, _W = Level.BREAKS, Level.SENT, Level.NEW, Level.WORDS
_REFUSED, _ACCEPTED, _BODY, _TOLD = Shows.REFUSED, Shows.ACCEPTED, Shows.OTHER_BODY, Shows.TOLD

_ROWS = (
    Kind("model-added", _N, _TOLD, "Nobody; the model has a class now."),
    Kind("model-removed", _B, _TOLD, "Everybody who uses the model: its class and its id are gone."),
    Kind("model-renamed", _B, _TOLD, "Everybody who names the model by its id; requests carry the new id."),
    Kind("class-renamed", _B, _TOLD, "Everybody who imports the class by its name."),
    Kind("field-added", _N, _ACCEPTED, "Nobody; calls may set the field now."),
    Kind("field-added-with-default", _S, _BODY, "Every call: the body now carries the field's default."),
    Kind("field-added-required", _B, _REFUSED, "Every call: it has to set the field now."),
    Kind("field-removed", _B, _REFUSED, "Calls that set the field."),
    Kind("field-renamed", _B, _REFUSED, "Calls that set the field by its old name."),
    Kind("wire-order", _S, _BODY, "Calls that set these fields: their values travel in another order."),
    Kind("type-changed", _B, _REFUSED, "Calls that set the field to a value of the old type."),
    Kind("type-widened", _N, _ACCEPTED, "Nobody; the field takes more values now."),
    Kind("number-type", _S, _BODY, "Calls that set the field: it travels as the other kind of JSON number."),
    Kind("limit-narrowed", _B, _REFUSED, "Calls with a value beyond the new limit."),
    Kind("limit-widened", _N, _ACCEPTED, "Nobody; more values are valid now."),
    Kind("option-removed", _B, _REFUSED, "Calls that use the value."),
    Kind("option-added", _N, _ACCEPTED, "Nobody; one more value is valid."),
    Kind("now-required", _B, _REFUSED, "Calls that leave the field out."),
    Kind("no-longer-required", _N, _ACCEPTED, "Nobody; calls may leave the field out."),
    Kind("default-changed", _S, _BODY, "Calls that leave the field out: they ask for something else."),
    Kind("default-under-rule", _B, _REFUSED, "Calls that leave the field out and now break a rule by its default."),
    Kind("default-removed", _S, _BODY, "Calls that leave the field out: the body no longer carries its default."),
    Kind("target-moved", _S, _BODY, "Calls that send the field: its value travels elsewhere."),
    Kind("item-changed", _S, _BODY, "Calls that send the field: its items have another shape."),
    Kind("encoding-changed", _S, _BODY, "Calls that pass a file: it travels in another encoding."),
    Kind("wire-type", _S, _BODY, "Calls that send the field: its value travels as another JSON type."),
    Kind("constant-changed", _S, _BODY, "Calls whose body has the constant, or had it."),
    Kind("rule-added", _B, _REFUSED, "Calls that break the rule."),
    Kind("rule-removed", _N, _ACCEPTED, "Nobody; calls that broke the rule are valid now."),
    Kind("rule-tightened", _B, _REFUSED, "Calls that the rule now covers."),
    Kind("rule-loosened", _N, _ACCEPTED, "Nobody; the rule covers fewer calls."),
    Kind("rule-restated", _W, Shows.SAME, "Nobody; other rules or modes say the same."),
    Kind("modes-tightened", _B, _REFUSED, "Calls that fit no mode any more."),
    Kind("modes-loosened", _N, _ACCEPTED, "Nobody; calls that fitted no mode are valid now."),
    Kind("warning-became-error", _B, _REFUSED, "Calls that were only warned."),
    Kind("error-became-warning", _N, _ACCEPTED, "Nobody; calls that broke the rule are only warned."),
    Kind("warning-changed", _N, Shows.WARNS_OTHERWISE, "Callers see other warnings; nothing else changes."),
    Kind("words", _W, Shows.SAME, "Readers of the documentation."),
    Kind("gateway-address", _S, _TOLD, "Every call: it goes to another address."),
    Kind("gateway-environment", _B, _TOLD, "Everybody who configures the client by the old environment variable."),
    Kind("status-reclassified", _B, _TOLD, "Everybody who waits: the wait ends otherwise, or under another name."),
    Kind("status-added", _N, _TOLD, "Nobody; a status that counted as waiting is known now."),
    Kind("error-remapped", _B, _TOLD, "Everybody who catches the old error class."),
    Kind("error-mapped", _N, _TOLD, "Nobody; a response raises a more specific error."),
    Kind("response-reading", _B, _TOLD, "Everybody who reads responses: a fact is looked for elsewhere."),
    Kind("response-reading-added", _N, _TOLD, "Nobody; a fact is looked for in one more place, after all others."),
    Kind("retried-payment", _S, _TOLD, "Paid requests: the client retries other ones than before."),
    Kind("polling", _S, _TOLD, "Everybody who waits: the client polls at other times."),
    Kind("unexplained-refusal", _B, _REFUSED, "Calls like the witness; no row of the table explains them."),
    Kind("unexplained-body", _S, _BODY, "Calls like the witness; no row of the table explains them."),
    Kind("unknown-fact", _B, _TOLD, "Unknown: no row of the table covers the fact, so it counts as the worst."),
)  # fmt: skip

KINDS = {kind.name: kind for kind in _ROWS}
