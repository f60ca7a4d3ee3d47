"""One change between two trees of schemas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from generator.cache import digest
from generator.diff.kinds import KINDS, Kind, Level

GATEWAY = "gateway"
"""What stands in the place of a model's name in a change of the gateway's file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What differs. The texts are facts of the schemas and may hold anything."""

    kind_name: str
    model: str
    """The model's name, or `GATEWAY`."""
    place: str = ""
    """The field, an item's field as ``shots[].text``, a rule, or a key of the file."""
    fact: str
    """The key whose value differs, such as ``max``."""
    before: str = ""
    after: str = ""
    fields: tuple[str, ...] = ()
    """The fields that a witness has to set or leave out."""
    left_out: str = ""
    """A field that a witness has to leave out."""
    hints: Mapping[str, tuple[object, ...]] = field(default_factory=dict, compare=False)
    """Values of these fields that a witness may need."""
    line: int | None = None
    """The line in the new file, or in the old one if the new one no longer has it."""

    @property
    def kind(self) -> Kind:
        """Its row in the table."""
        return KINDS[self.kind_name]

    @property
    def level(self) -> Level:
        """How badly it hits callers."""
        return self.kind.level

    @property
    def subject(self) -> str:
        """Where it is."""
        return " ".join(part for part in (self.model, self.place) if part)

    @property
    def text(self) -> str:
        """What differs, in a line."""
        match self.before, self.after:
            case "", "":
                return self.fact
            case "", after:
                return f"{self.fact}: now {after}"
            case before, "":
                return f"{self.fact}: {before} is gone"
            case before, after:
                return f"{self.fact}: {before} -> {after}"

    @property
    def fingerprint(self) -> str:
        """A name for the change that stays the same while the change does."""
        # A letter comes first, so that YAML never takes one for a number.
        return "c" + digest(self.kind_name, self.model, self.place, self.fact, self.before, self.after)[:11]
