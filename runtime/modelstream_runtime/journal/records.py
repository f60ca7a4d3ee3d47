"""What goes into the journal and comes out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from modelstream_runtime.journal.states import PAID, Paid, State
from modelstream_runtime.journal.texts import path_in_text

NOT_BOUGHT: Final = "not bought"
RETRIED_ONCE: Final = "retried once"
"""Not bought, and if it happens to the purchase again, another try is hopeless."""


UNPAID: Final = (NOT_BOUGHT, RETRIED_ONCE, "refused")
"""The outcomes of attempts that certainly cost nothing."""

Source = Literal["studio", "agent", "command line"]
"""Who entered a purchase into the journal of this machine."""


class NewPurchase(NamedTuple):
    """A purchase to be made.

    Attributes:
        id: the caller's name of it, unique in the journal.
        model: the id of the model.
        request: makes the request as JSON, into which the journal does not look. It is called for what the journal does
            not have yet; ``None``: leave the purchase out.
        digest: of the request. The same id with another digest is another request.
        fixed: whether the digest says everything about the request. Otherwise it depends on something that may change,
            such as a file, and is made again as long as it is not bought.
        conflict: called with the state of the purchase if it was sent with another request.
    """

    id: str
    model: str
    request: Callable[[], str | None]
    digest: str
    fixed: bool = True
    conflict: Callable[[State], object] = lambda state: None


@dataclass(frozen=True, kw_only=True, slots=True)
class Purchase:
    """A purchase as the journal has it.

    Attributes:
        number: counts the purchases of the journal in the order in which they were added.
        request: as JSON; empty if it was not read.
        reference: the client reference of the last attempt.
        account: the fingerprint of the API key of the last attempt.
        file: name of the saved file, for people; `path` is for programs.
        reason: why it is in its state, for people.
        added: when it was entered, in seconds since 1970; ``None``: by an earlier version.
        updated: when it got its state, in seconds since 1970.
        source: who entered it; ``None``: a batch.
        runner: the process that sends it or waits for it.
    """

    number: int
    id: str
    model: str
    request: str
    digest: str
    state: State
    reference: str | None
    account: str | None
    task_id: str | None
    url: str | None
    file: str | None
    bytes: int | None
    sha256: str | None
    reason: str | None
    added: float | None
    updated: float
    source: Source | None
    runner: str | None

    @property
    def paid(self) -> Paid:
        """Whether it was charged."""
        return PAID[self.state]

    @property
    def path(self) -> Path | None:
        """The saved file."""
        return None if self.file is None else path_in_text(self.file)

    @property
    def facts(self) -> dict[str, Any]:
        """What programs are told of it, as JSON."""
        return {
            "number": self.number,
            "key": self.id,
            "source": self.source,
            "model": self.model,
            "state": self.state,
            "paid": self.paid,
            "task_id": self.task_id,
            "reference": self.reference,
            "reason": self.reason,
            "added": self.added,
            "updated": self.updated,
            "url": self.url,
            "file": self.file,
            "bytes": self.bytes,
            "sha256": self.sha256,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One paid request.

    Attributes:
        reference: the client reference that was sent with it.
        attempt: counts the attempts of one purchase from 1.
        payload_digest: SHA-256 of the body.
        started: seconds since 1970.
        outcome: ``submitted``, ``not bought``, ``retried once`` (not bought either), ``refused``, ``lost``; ``None``
            while it is not known.
        task_id: the task that it bought.
    """

    reference: str
    attempt: int
    payload_digest: str
    started: float
    ended: float | None
    outcome: str | None
    task_id: str | None
    reason: str | None

    @property
    def facts(self) -> dict[str, Any]:
        """What programs are told of it, as JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


class Claimed(NamedTuple):
    """The purchase is ours to send, once, under this reference."""

    reference: str


class Wait(NamedTuple):
    """Nothing may be sent for some seconds."""

    seconds: float
    reason: str


class Stopped(NamedTuple):
    """Nothing may be sent with this API key until a person has done something."""

    reason: str


class BudgetSpent(NamedTuple):
    """All allowed purchases are made or in doubt.

    Attributes:
        seconds: until the next one is allowed; ``None``: a person has to allow more.
    """

    reserved: int
    allowed: int
    seconds: float | None = None


class NotReady(NamedTuple):
    """Somebody else has the purchase, or it is past that point."""

    state: State


Claim = Claimed | Wait | Stopped | BudgetSpent | NotReady


class Pace(NamedTuple):
    """How fast an account may buy.

    Attributes:
        per_second: new purchases per second; ``None``: as fast as it goes.
        in_flight: purchases that are sent but not finished at the same time, over all machines; ``None``: any number.
    """

    per_second: float | None = None
    in_flight: int | None = None


class Allowance(NamedTuple):
    """How many purchases of one source are allowed in any period.

    Attributes:
        purchases: made or in doubt.
        seconds: the length of the period.
    """

    purchases: int
    seconds: float = 86_400.0


class Added(NamedTuple):
    """What became of a list of new purchases.

    Attributes:
        new: how many were added.
        known: how many were in the journal already.
        changed: how many had another request before, and were not bought yet.
        withdrawn: how many were in the journal, are not in the list, and were not bought yet: they are cancelled.
        kept: how many were in the journal, are not in the list, and are bought or in doubt.
    """

    new: int
    known: int
    changed: int
    withdrawn: int
    kept: int


class Budget(NamedTuple):
    """How many purchases are made or in doubt, and how many are allowed; ``None``: any number."""

    reserved: int
    allowed: int | None
