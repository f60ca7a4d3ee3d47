"""One step after the other of one purchase. Anybody may call it at any time, and nothing is bought twice.

An engine that runs many purchases, on one machine or on many, only has to call `Advancer.advance` until every purchase
has ended. It may call it twice, at the same time, or again after a crash.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, Protocol, get_args

from modelstream_runtime._async.client import AsyncClient
from modelstream_runtime._async.task import AsyncTask
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    InvalidRequest,
    ModelStreamError,
    PermissionDeniedError,
    QuotaExhaustedError,
    SubmitUnknown,
)
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import (
    NOT_BOUGHT,
    RETRIED_ONCE,
    Allowance,
    BudgetSpent,
    Claimed,
    NotReady,
    Pace,
    Purchase,
    Stopped,
    Wait,
)
from modelstream_runtime.journal.states import UNDER_WAY, State
from modelstream_runtime.purchases.content import MediaChanged, file_digest, payload_digest, request_of
from modelstream_runtime.purchases.fetching import NO_VIDEO, journal_end, state_after
from modelstream_runtime.request import Request
from modelstream_runtime.retry import RetryDecision, decide_after_failure, decide_after_response, delay_before
from modelstream_runtime.transport import REFERENCE_HEADER

logger = logging.getLogger(PACKAGE)

_SHUT_OUT = (AuthenticationError, QuotaExhaustedError, PermissionDeniedError)
"""Errors that every other request of the same account would get, too."""

Point = Literal[
    "loaded",
    "claiming",
    "claimed",
    "rejected",
    "accepted",
    "submitted",
    "done",
    "finished",
    "renamed",
    "saved",
]
"""``loaded``: the jobs are durable. ``claiming`` and ``claimed``: before and after the durable claim. ``rejected`` and
``accepted``: the gateway has answered. ``submitted``: its task is durable. ``done``: the task has ended. ``finished``:
the address is durable. ``renamed``: the file has its name. ``saved``: that is durable.
"""

POINTS: Final[tuple[Point, ...]] = get_args(Point)

Checkpoint = Callable[[Point], object]
"""Called at each named point before and after a durable step, so that a test can end the process there."""


def no_checkpoint(point: Point) -> None:
    """Go on."""


_Step = Callable[[str, str], Awaitable[bool]]
"""Journals the outcome of an attempt: its reference, and the task or the reason."""


class Ended(NamedTuple):
    """The purchase is in a state in which nothing is left to do for now.

    Attributes:
        reason: why, where the state does not say it all.
    """

    state: State
    reason: str = ""


Advanced = Ended | Wait | Stopped | BudgetSpent


class Videos(Protocol):
    """Where the videos go."""

    def path_of(self, purchase: Purchase) -> Path:
        """The file of a purchase that is not saved yet."""
        ...

    def recorded(self, path: Path) -> str:
        """How the journal names a file."""
        ...


class PurchaseNotJournaled(ModelStreamError):
    """The gateway accepted a purchase, and the journal could not be written.

    Attributes:
        id: the id of the purchase in the journal, where it will be in doubt.
        task_id: the task at the gateway.
    """

    def __init__(self, id: str, task_id: str, reason: str) -> None:
        super().__init__(f"{id} was bought as task {task_id}, but could not be journaled: {reason}")
        self.id = id
        self.task_id = task_id


class Advancer:
    """Advances the purchases of a journal.

    Args:
        journal: the purchases.
        client: buys, waits and saves.
        videos: where they go.
        pace: how fast the account may buy.
        submitting: limits how many paid requests are under way at once. After a crash, these are in doubt.
        timeout: seconds to wait for one video.
        interval: seconds between two polls.
        on_poll: called with a purchase and its task whenever the task's status or progress changes.
        on_step: called after each durable step with the id, the old state, the new one and the reason.
        checkpoint: see `Checkpoint`.
        obstacle: says right before each paid request why nothing may be bought any more, if that is so.
    """

    def __init__(
        self,
        journal: Journal,
        client: AsyncClient,
        videos: Videos,
        *,
        pace: Pace,
        submitting: asyncio.Semaphore,
        timeout: float | None,
        interval: float | None,
        on_poll: Callable[[Purchase, AsyncTask], object] = lambda purchase, task: None,
        on_step: Callable[[str, State, State, str], object] = lambda id, old, new, reason: None,
        checkpoint: Checkpoint = no_checkpoint,
        obstacle: Callable[[], Stopped | None] = lambda: None,
    ) -> None:
        self._journal = journal
        self._client = client
        # A retry inside the client would leave a purchase in the state "sending" while nothing is sent.
        self._once = client.with_options(max_retries=0, retry_unknown=False)
        self._videos = videos
        self._pace = pace
        self._submitting = submitting
        self._timeout = timeout
        self._interval = interval
        self._on_poll = on_poll
        self._on_step = on_step
        self._checkpoint = checkpoint
        self._obstacle = obstacle
        self._unwritten: dict[int, Callable[[], Awaitable[bool]]] = {}

    @property
    def account(self) -> str:
        """The account that pays."""
        return self._client.account

    async def buy(self, number: int, *, payload: str | None = None, allowance: Allowance | None = None) -> Advanced:
        """Buy a purchase if nobody has.

        Args:
            payload: the digest of the body that was checked. Another one, because a file has changed, is not sent.
            allowance: how many purchases of its source are allowed.

        Returns:
            The state that it reached, or why it cannot be bought now.
        """
        purchase = await self._journal.purchase(number)
        if purchase.state != "ready":
            return Ended(purchase.state, purchase.reason or "")
        bought = await self._buy(purchase, payload, allowance)
        return Ended("submitted") if isinstance(bought, AsyncTask) else bought

    async def advance(self, number: int) -> Advanced:
        """Take a purchase as far as it goes: buy it if nobody has, wait for its video, and save it.

        Returns:
            The state that it reached, or why it cannot be bought now.
        """
        purchase = await self._journal.purchase(number)
        if purchase.state == "ready":
            bought = await self._buy(purchase)
            return await self._fetch(purchase, bought) if isinstance(bought, AsyncTask) else bought
        return await self._take(purchase)

    async def fetch(self, number: int) -> Advanced:
        """Wait for a video that is bought, and save it. This never buys.

        Returns:
            The state that it reached.
        """
        return await self._take(await self._journal.purchase(number))

    async def _take(self, purchase: Purchase) -> Advanced:
        if purchase.state not in UNDER_WAY or not await self._journal.take(purchase.number):
            return Ended(purchase.state, purchase.reason or "")
        return await self._fetch(purchase, self._client.task(str(purchase.task_id)))

    async def _buy(
        self, purchase: Purchase, payload: str | None = None, allowance: Allowance | None = None
    ) -> AsyncTask | Advanced:
        """Send the paid request, at most once."""
        try:
            request, digest = await _sendable(self._client.catalog, purchase)
            if payload not in (None, digest):
                raise MediaChanged("a file has changed since the request was checked; check it again")
        except (MediaChanged, InvalidRequest) as error:
            await self._journal.unsendable(purchase.number, str(error))
            return self._ended(purchase, "ready", "refused", str(error))
        async with self._submitting:
            # Once it is claimed, it goes on up to the next durable step even if the caller is cancelled.
            return await _uninterrupted(self._claim_and_send(purchase, request, digest, allowance))

    async def _claim_and_send(
        self, purchase: Purchase, request: Request, digest: str, allowance: Allowance | None
    ) -> AsyncTask | Advanced:
        if obstacle := self._obstacle():
            return obstacle
        reference = secrets.token_hex(8)
        self._checkpoint("claiming")
        claim = await self._journal.claim(
            purchase.number,
            reference=reference,
            account=self._client.account,
            payload_digest=digest,
            pace=self._pace,
            allowance=allowance,
        )
        match claim:
            case Claimed():
                self._on_step(purchase.id, "ready", "sending", "")
                self._checkpoint("claimed")
                return await self._send(purchase, request, reference)
            case Wait() | Stopped() | BudgetSpent():
                return claim
            case NotReady(state):
                return Ended(state)

    async def _send(self, purchase: Purchase, request: Request, reference: str) -> AsyncTask | Advanced:
        try:
            task = await self._once.submit(request, extra_headers={REFERENCE_HEADER: reference})
        except SubmitUnknown as error:
            await self._write(purchase, self._journal.lost, reference, error.reason)
            return self._ended(purchase, "sending", "in doubt", error.reason)
        except APIError as error:
            return await self._refused(purchase, reference, error, decide_after_response(error, self._gateway))
        except APIConnectionError as error:
            decision = decide_after_failure(error.__cause__ or error)
            return await self._refused(purchase, reference, error, decision)
        except BaseException as error:
            # Whatever it is: the request may have left. Cancelled while waiting for the answer is one of these.
            await self._write(purchase, self._journal.lost, reference, f"interrupted by {type(error).__name__}")
            self._on_step(purchase.id, "sending", "in doubt", type(error).__name__)
            raise
        self._checkpoint("accepted")
        try:
            ours = await self._write(purchase, self._journal.submitted, reference, task.id)
        except JournalError as error:
            raise PurchaseNotJournaled(purchase.id, task.id, str(error)) from error
        self._checkpoint("submitted")
        if not ours:
            logger.warning(
                "task %s answers an attempt at %s that a person has resolved otherwise", task.id, purchase.id
            )
            return Ended("submitted", "resolved otherwise")
        self._on_step(purchase.id, "sending", "submitted", "")
        return task

    async def _write(self, purchase: Purchase, step: _Step, reference: str, outcome: str) -> bool:
        """Journal what became of an attempt. If that fails, it is kept for `write_again`."""
        try:
            return await step(reference, outcome)
        except JournalError:
            self._unwritten[purchase.number] = partial(step, reference, outcome)
            raise

    async def write_again(self) -> None:
        """Journal the outcomes of attempts that could not be written.

        Raises:
            JournalError: it still cannot be written.
        """
        for number, step in tuple(self._unwritten.items()):
            await step()
            self._unwritten.pop(number, None)

    async def _refused(
        self, purchase: Purchase, reference: str, error: ModelStreamError, decision: RetryDecision
    ) -> Advanced:
        """What becomes of a purchase that the gateway did not charge, as it or its absence says."""
        reason = str(error)
        self._checkpoint("rejected")
        if decision.action == "unknown":  # The client would have raised SubmitUnknown; doubt is the safe side.
            await self._write(purchase, self._journal.lost, reference, reason)
            return self._ended(purchase, "sending", "in doubt", reason)
        if isinstance(error, _SHUT_OUT) or (decision.action == "fail" and isinstance(error, APIConnectionError)):
            await self._write(purchase, partial(self._journal.not_bought, stop=reason), reference, reason)
            self._on_step(purchase.id, "sending", "ready", reason)
            return Stopped(reason)
        once = decision.action == "retry once"
        before = await self._journal.attempts(purchase.number) if once else []
        if decision.action == "fail" or any(attempt.outcome == RETRIED_ONCE for attempt in before):
            await self._write(purchase, self._journal.refused, reference, reason)
            return self._ended(purchase, "sending", "refused", reason)
        setbacks = await self._journal.setbacks(self._client.account)
        pause = delay_before(setbacks + 1, getattr(error, "retry_after", None))
        outcome = RETRIED_ONCE if once else NOT_BOUGHT
        await self._write(purchase, partial(self._journal.not_bought, pause=pause, outcome=outcome), reference, reason)
        self._on_step(purchase.id, "sending", "ready", reason)
        return Wait(pause, reason)

    async def _fetch(self, purchase: Purchase, task: AsyncTask) -> Advanced:
        """Wait for a video that is bought, and save it. Nothing here costs money."""
        number = purchase.number
        state: State = "finished" if purchase.state == "finished" else "submitted"
        try:
            # Also if it was finished before: the address may be another one now.
            await task.wait(
                timeout=self._timeout,
                interval=self._interval,
                on_update=lambda polled: self._on_poll(purchase, polled),
            )
            if state == "submitted":
                self._checkpoint("done")
                await self._journal.finished(number, task.url)
                self._on_step(purchase.id, state, "finished", "")
                state = "finished"
                self._checkpoint("finished")
            # Looking for leftovers before each of thousands of files takes longer than everything else.
            path = await task._save(self._videos.path_of(purchase))
            self._checkpoint("renamed")
            digest, size = await asyncio.to_thread(file_digest, path)
            await self._journal.saved(number, self._videos.recorded(path), size, digest)
            self._checkpoint("saved")
        except NO_VIDEO as error:
            end, reason = state_after(error)
            await journal_end(self._journal, number, end, reason)
            return self._ended(purchase, state, end, reason)
        except JournalError:
            raise
        except ModelStreamError as error:  # Such as a timeout. The next run goes on.
            await self._journal.leave(number)
            return Ended(state, str(error))
        except OSError as error:
            # The disk that takes no video now will take none of the next, so it makes no sense to buy more.
            return Stopped(f"{error.filename}: {error.strerror}" if error.filename else str(error))
        return self._ended(purchase, state, "saved", "")

    def _ended(self, purchase: Purchase, old: State, new: State, reason: str) -> Ended:
        self._on_step(purchase.id, old, new, reason)
        return Ended(new, reason)

    @property
    def _gateway(self) -> Any:
        return self._client.catalog.gateway


async def _uninterrupted(coroutine: Awaitable[AsyncTask | Advanced]) -> AsyncTask | Advanced:
    """The result of a coroutine. The first cancellation of the caller waits for it; a second one cancels it, too."""
    inner = asyncio.ensure_future(coroutine)
    try:
        return await asyncio.shield(inner)
    except asyncio.CancelledError:
        if inner.cancelled():
            raise
        try:
            await asyncio.shield(inner)
        except asyncio.CancelledError:
            inner.cancel()
            await asyncio.wait([inner])
        raise


_LARGE = 100_000
"""Characters of a stored request from which on making it would keep the event loop from everything else."""


async def _sendable(catalog: Catalog, purchase: Purchase) -> tuple[Request, str]:
    """The request of a purchase, and the digest of its body."""

    def make() -> tuple[Request, str]:
        request = request_of(catalog, purchase.model, purchase.request)
        return request, payload_digest(request.to_payload())

    is_large = len(purchase.request) > _LARGE or '"files"' in purchase.request
    return await asyncio.to_thread(make) if is_large else make()
