"""What a command buys and saves, in the journal of this machine.

The journal never keeps a command from its work: trouble with it is a warning, and the command goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from modelstream_runtime.cli.exits import Stop
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import Settings, gateway_address
from modelstream_runtime.credentials import is_on_this_machine

# The modules of the journal would delay every other command.
if TYPE_CHECKING:
    from modelstream_runtime.cli.background import Run
    from modelstream_runtime.cli.call import Call
    from modelstream_runtime.journal.journal import Journal
    from modelstream_runtime.journal.records import Purchase
    from modelstream_runtime.purchases.place import Place

T = TypeVar("T")
Step = Callable[["Journal"], Coroutine[Any, Any, T]]


def place_of(settings: Settings, *, mock: bool = False) -> Place:
    """Where the journal is of what these settings buy.

    Args:
        mock: it is the one for mock gateways, whatever the address.

    Raises:
        JournalError: the user has no home.
    """
    from modelstream_runtime.purchases.place import machine_place

    return machine_place(settings.catalog.package, mock=mock or is_on_this_machine(gateway_address(settings)))


@contextmanager
def recording(settings: Settings, output: Output, *, buys: bool) -> Iterator[Record]:
    """The record of the one purchase of a command. The journal stays open in the block.

    Args:
        settings: say which journal it is, and whether the command uses it at all.
        output: takes the warnings.
        buys: the command buys. Otherwise there is nothing to record if there is no journal yet.
    """
    record = Record(settings, output)
    if not settings.journaled:
        yield record
        return
    from modelstream_runtime.cli.background import event_loop

    with event_loop() as run:
        record.open(run, buys=buys)
        try:
            yield record
        finally:
            record.close()


class Record:
    """The purchase that a command makes or waits for, as the journal has it.

    Without a journal, or if the journal does not know the purchase, the methods do nothing.

    Args:
        settings: say which journal it is.
        output: takes the warnings.
    """

    def __init__(self, settings: Settings, output: Output) -> None:
        self._settings = settings
        self._output = output
        self._run: Run | None = None
        self._journal: Journal | None = None
        self._is_usable = True
        self._number: int | None = None
        self._reference: str | None = None

    def open(self, run: Run, *, buys: bool) -> None:
        """Open the journal, if there is one or the command needs one."""
        self._run = run
        self._journal = self._trying(lambda: run(lambda: _opened(self._settings, buys=buys)))

    def close(self) -> None:
        """Leave the journal to others. What is on its way into it gets there first."""
        if self._run is not None and self._journal is not None:
            journal, run = self._journal, self._run
            with suppress(KeyboardInterrupt):  # The command is about to say how it ended.
                self._trying(lambda: run(journal.close))

    @property
    def headers(self) -> dict[str, str]:
        """The headers that name the purchase to the gateway as the journal names it."""
        from modelstream_runtime.transport import REFERENCE_HEADER

        return {REFERENCE_HEADER: self._reference} if self._reference else {}

    def begin(self, call: Call, account: str) -> None:
        """Enter the purchase of a call, which is sent right after this. If the process dies then, it is in doubt."""
        if self._journal is None:
            return
        import secrets

        from modelstream_runtime.journal.records import NewPurchase
        from modelstream_runtime.purchases.content import payload_digest

        payload, stored, reference = call.payload, call.stored, secrets.token_hex(8)
        digest = payload_digest(payload)
        entry = NewPurchase(secrets.token_hex(16), payload["model"], lambda: stored, digest)
        self._reference = reference
        entered = self._step(
            lambda journal: journal.enter_claimed(
                entry, "command line", reference=reference, account=account, payload_digest=digest
            )
        )
        self._number = entered.number if entered else None

    def not_submitted(self, stop: Stop) -> None:
        """The gateway rejected the request, or nobody knows whether it did."""
        if reference := self._reference:
            reason = stop.message.removesuffix(f" (client reference {reference})")
            is_lost = stop.kind == "SubmitUnknown"
            with suppress(KeyboardInterrupt):
                self._step(lambda journal: (journal.lost if is_lost else journal.refused)(reference, reason))

    def submitted(self, task_id: str) -> None:
        """The gateway accepted the request."""
        if reference := self._reference:
            self._step(lambda journal: journal.submitted(reference, task_id))

    def find(self, task_id: str) -> None:
        """Go on with the purchase that bought a task, if this machine bought it."""
        found = self._step(lambda journal: _taken(journal, task_id))
        self._number = found.number if found else None

    def finished(self, url: str | None) -> None:
        """The video is made."""
        if (number := self._number) is not None:
            self._step(lambda journal: journal.finished(number, url))

    def saved(self, path: Path) -> None:
        """The video is on the disk."""
        if (number := self._number) is not None:
            self._step(lambda journal: _saved(journal, number, path.absolute()))

    def ended_by(self, error: Exception) -> None:
        """Waiting or saving ended with an error."""
        from modelstream_runtime.purchases.fetching import NO_VIDEO, journal_end, state_after

        if (number := self._number) is not None and isinstance(error, NO_VIDEO):
            state, reason = state_after(error)
            with suppress(KeyboardInterrupt):
                self._step(lambda journal: journal_end(journal, number, state, reason))

    def _step(self, step: Step[T]) -> T | None:
        journal, run = self._journal, self._run
        if journal is None or run is None or not self._is_usable:
            return None
        return self._trying(lambda: run(lambda: step(journal)))

    def _trying(self, operation: Callable[[], T]) -> T | None:
        from modelstream_runtime.journal.database import JournalError

        try:
            return operation()
        except (JournalError, OSError, ImportError) as error:
            if self._is_usable:
                self._warn(error)
            self._is_usable = False  # Each step needs the one before.
            return None

    def _warn(self, error: Exception) -> None:
        # The advice of the journal itself is to run the command again, which would buy again.
        cause = error.__cause__ or error
        reason = getattr(cause, "strerror", None) or cause
        listing, number = f"{self._settings.catalog.package} tasks", self._number
        effect = f"nothing, so '{listing}' will not show this"
        if number is not None:
            effect = f"nothing more, so '{listing}' may not show what became of purchase {number}"
        self._output.warn(f"the journal of this machine takes {effect}: {reason}")


async def _opened(settings: Settings, *, buys: bool) -> Journal | None:
    from modelstream_runtime.journal.journal import Journal

    path = place_of(settings).journal
    return await Journal.open_shared(path) if buys or path.is_file() else None


async def _taken(journal: Journal, task_id: str) -> Purchase | None:
    from modelstream_runtime.purchases.fetching import fetch_again

    found = await journal.find_task(task_id)
    if found is not None:
        await fetch_again(journal, found)
        await journal.take(found.number)
    return found


async def _saved(journal: Journal, number: int, path: Path) -> None:
    from modelstream_runtime.purchases.content import file_digest

    sha256, size = file_digest(path)
    await journal.saved(number, str(path), size, sha256)
