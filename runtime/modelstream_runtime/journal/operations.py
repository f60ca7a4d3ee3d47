"""The transactions of the journal. Each is one step of a purchase, and either happens as a whole or not at all.

A step that does not fit the state of its purchase changes nothing and says so, because a step may come twice: from a
run that was killed and started again, or from two machines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from modelstream_runtime.journal.database import Row, Transaction
from modelstream_runtime.journal.records import (
    NOT_BOUGHT,
    UNPAID,
    Added,
    Allowance,
    Attempt,
    Budget,
    BudgetSpent,
    Claim,
    Claimed,
    NewPurchase,
    NotReady,
    Pace,
    Purchase,
    Source,
    Stopped,
    Wait,
)
from modelstream_runtime.journal.states import UNBOUGHT, UNDER_WAY, State

LONGEST_PAUSE = 120.0
"""Seconds. A pause that seems longer comes from a clock that was set back."""
_ROUNDING = 0.001
_RECHECK = 1.0
"""Seconds until it is worth looking again whether a purchase in flight has ended."""

_BEYOND = 2**62
"""Greater than any number of a purchase."""

_COLUMNS = (
    "number, id, model, request, digest, state, reference, account, task_id, url, file, bytes, sha256, reason, added, "
    "updated, source, runner"
)
_OF_ATTEMPT = "number = (SELECT number FROM attempts WHERE reference = ?) AND reference = ?"
"""The purchase whose last attempt has a reference. The reference of a purchase has no index of its own."""
_NAMES = tuple(_COLUMNS.split(", "))
_ATTEMPT_COLUMNS = "reference, attempt, payload_digest, started, ended, outcome, task_id, reason"
_ATTEMPT_NAMES = tuple(_ATTEMPT_COLUMNS.split(", "))


class DuplicateId(Exception):
    """Two purchases of one list have the same id."""

    def __init__(self, id: str) -> None:
        super().__init__(id)
        self.id = id


def add(tx: Transaction, purchases: Iterable[NewPurchase], now: float) -> Added:
    """Make the journal's purchases those of the list, as far as they are not bought yet.

    Raises:
        DuplicateId: an id is there twice.
    """
    tx.exclude_others()
    # If anything raises, the table goes with everything else that the transaction did.
    tx.change("CREATE TEMP TABLE listed (number BIGINT NOT NULL PRIMARY KEY)")
    added = _add(tx, purchases, now)
    tx.change("DROP TABLE listed")
    return added


def _add(tx: Transaction, purchases: Iterable[NewPurchase], now: float) -> Added:
    last = tx.one("SELECT COALESCE(MAX(number), 0) FROM purchases")
    count = int(last[0]) if last else 0
    had_some = count > 0
    new = known = changed = 0
    for position, purchase in enumerate(purchases, start=1):
        found = had_some and tx.one(
            "SELECT number, digest, state, position, reference FROM purchases WHERE id = ?", purchase.id
        )
        if found:
            number, digest, state, old_position, reference = found
            known += 1
            if state not in UNBOUGHT:
                if digest != purchase.digest:
                    purchase.conflict(state)
            elif digest != purchase.digest or _is_open(state, reference, purchase.fixed):
                request = purchase.request()
                if request is None:
                    continue
                # Somebody may claim it meanwhile.
                if tx.change(
                    "UPDATE purchases SET model = ?, request = ?, digest = ?, state = 'ready', reason = NULL, "
                    "updated = ? WHERE number = ? AND state = ?",
                    *(purchase.model, request, purchase.digest, now, number, state),
                ):
                    changed += digest != purchase.digest
                elif digest != purchase.digest:
                    purchase.conflict("sending")
            if old_position != position:
                tx.change("UPDATE purchases SET position = ? WHERE number = ?", position, number)
        else:
            request = purchase.request()
            if request is None:
                continue
            count += 1
            number = count
            new += 1
            added = tx.change(
                "INSERT INTO purchases (number, id, position, model, request, digest, state, added, updated) "
                "VALUES (?, ?, ?, ?, ?, ?, 'ready', ?, ?) ON CONFLICT (id) DO NOTHING",
                *(number, purchase.id, position, purchase.model, request, purchase.digest, now, now),
            )
            if not added:
                raise DuplicateId(purchase.id)
        if had_some and not tx.change("INSERT INTO listed VALUES (?) ON CONFLICT DO NOTHING", number):
            raise DuplicateId(purchase.id)
    withdrawn = kept = 0
    if had_some:
        missing = "number NOT IN (SELECT number FROM listed)"
        withdrawn = tx.change(
            f"UPDATE purchases SET state = 'cancelled', reason = 'no longer in the list', updated = ? "
            f"WHERE state = 'ready' AND {missing}",
            now,
        )
        rest = tx.one(
            f"SELECT COUNT(*) FROM purchases WHERE {missing} AND state NOT IN ({_marks(UNBOUGHT)})",
            *UNBOUGHT,
        )
        kept = int(rest[0]) if rest else 0
    return Added(new=new, known=known, changed=changed, withdrawn=withdrawn, kept=kept)


def enter(tx: Transaction, entry: NewPurchase, source: Source, now: float) -> Purchase:
    """Add one purchase, or find the one that has its id.

    What was rejected or cancelled may be bought again under the same id and with the same request.

    Returns:
        The purchase. It has another digest if it was entered with another request, and is not changed then.

    Raises:
        ValueError: the request cannot be made.
    """
    tx.exclude_others()
    found = find(tx, entry.id)
    if found is None:
        request = entry.request()
        if request is None:
            raise ValueError("a purchase without a request")
        last = tx.one("SELECT COALESCE(MAX(number), 0) FROM purchases")
        number = int(last[0]) + 1 if last else 1
        tx.change(
            "INSERT INTO purchases (number, id, position, model, request, digest, state, added, updated, source) "
            "VALUES (?, ?, ?, ?, ?, ?, 'ready', ?, ?, ?)",
            *(number, entry.id, number, entry.model, request, entry.digest, now, now, source),
        )
    elif found.digest != entry.digest or found.state not in UNBOUGHT:
        return found
    else:
        number = found.number
        # Made again, because its files may have moved.
        _step(tx, number, UNBOUGHT, "ready", now, reason=found.reason, hidden=0, request=entry.request())
    entered = purchase(tx, number)
    assert entered is not None
    return entered


def _is_open(state: State, reference: str | None, fixed: bool) -> bool:
    """Whether a purchase with an unchanged digest still has to be made again. What the gateway rejected has not."""
    return state == "cancelled" or (state == "refused" and reference is None) or (state == "ready" and not fixed)


def claim(
    tx: Transaction,
    number: int,
    *,
    reference: str,
    runner: str,
    account: str,
    payload_digest: str,
    pace: Pace,
    allowance: Allowance | None = None,
    now: float,
) -> Claim:
    """Take a purchase, right before its paid request is sent. The budget is reserved in the same transaction.

    Args:
        allowance: how many purchases of the same source are allowed in a period.
    """
    tx.change("INSERT INTO accounts (account) VALUES (?) ON CONFLICT DO NOTHING", account)
    # Everybody who buys with this key waits here for one another, so that pace and budget hold over all of them.
    found = tx.one("SELECT paused_until, next_start, stopped FROM accounts WHERE account = ?" + tx.for_update, account)
    assert found is not None
    paused_until, next_start, stopped = found
    purchase = tx.one("SELECT state, reference FROM purchases WHERE number = ?" + tx.for_update, number)
    if purchase == ("sending", reference):
        return Claimed(reference)  # The database was lost after the commit, and this is the second try.
    if purchase is None or purchase[0] != "ready":
        return NotReady(purchase[0] if purchase else "cancelled")
    if tx.one("SELECT runner FROM runners WHERE runner = ? AND ended IS NOT NULL", runner):
        return Stopped("this process has left the journal")
    if stopped is not None:
        return Stopped(stopped)
    between = 1 / pace.per_second if pace.per_second is not None else 0
    # Nobody waits for longer than anybody was told to: such a time comes from a clock that was set back.
    for until, longest, reason in (
        (paused_until, LONGEST_PAUSE, "the gateway asked for a pause"),
        (next_start, between + _ROUNDING, "the rate"),
    ):
        if 0 < until - now <= longest:
            return Wait(until - now, reason)
    if pace.in_flight is not None:
        row = tx.one("SELECT COUNT(*) FROM purchases WHERE account = ? AND state IN ('sending', 'submitted')", account)
        if row and row[0] >= pace.in_flight:
            return Wait(_RECHECK, "the limit of purchases in flight")
    if allowance is not None and (beyond := _beyond(tx, number, allowance, now)):
        return beyond
    if not tx.change("UPDATE budget SET reserved = reserved + 1 WHERE allowed IS NULL OR reserved < allowed"):
        spent = budget(tx)
        return BudgetSpent(spent.reserved, spent.allowed or 0)
    if pace.per_second is not None:
        start = next_start if 0 < now - next_start < between else now
        tx.change("UPDATE accounts SET next_start = ? WHERE account = ?", start + between, account)
    _begin(tx, number, reference, runner, account, payload_digest, now)
    return Claimed(reference)


def enter_claimed(
    tx: Transaction,
    entry: NewPurchase,
    source: Source,
    now: float,
    *,
    reference: str,
    runner: str,
    account: str,
    payload_digest: str,
) -> Purchase:
    """Add one purchase with an id of its own, and take it in the same step: its caller sends it now.

    No pause holds it up, because it is a person who waits. The client sends it again if the gateway asks for that.
    """
    entered = enter(tx, entry, source, now)
    tx.change("INSERT INTO accounts (account) VALUES (?) ON CONFLICT DO NOTHING", account)
    tx.change("UPDATE budget SET reserved = reserved + 1")
    _begin(tx, entered.number, reference, runner, account, payload_digest, now)
    return entered


def _begin(
    tx: Transaction, number: int, reference: str, runner: str, account: str, payload_digest: str, now: float
) -> None:
    """Enter an attempt that is sent right after this."""
    row = tx.one("SELECT COUNT(*) FROM attempts WHERE number = ?", number)
    tx.change(
        "INSERT INTO attempts (reference, number, attempt, runner, account, payload_digest, started) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        *(reference, number, (row[0] if row else 0) + 1, runner, account, payload_digest, now),
    )
    tx.change(
        "UPDATE purchases SET state = 'sending', reference = ?, account = ?, runner = ?, reason = NULL, updated = ?, "
        "hidden = 0 WHERE number = ?",
        *(reference, account, runner, now, number),
    )


def _beyond(tx: Transaction, number: int, allowance: Allowance, now: float) -> BudgetSpent | None:
    """Whether an allowance is spent. Attempts that seem to lie in the future count: somebody set the clock back."""
    starts = _starts(tx, "(SELECT source FROM purchases WHERE number = ?)", number, now - allowance.seconds)
    if len(starts) < allowance.purchases:
        return None
    # As soon as so many have left the period that one fewer than allowed is in it.
    oldest = starts[len(starts) - allowance.purchases] if allowance.purchases else None
    seconds = None if oldest is None else max(0.0, oldest + allowance.seconds - now)
    return BudgetSpent(len(starts), allowance.purchases, seconds)


def _starts(tx: Transaction, source: str, value: Any, after: float) -> list[float]:
    """When the attempts of a source began that bought something, or may have, the oldest first."""
    rows = tx.rows(
        f"SELECT attempts.started FROM attempts JOIN purchases ON purchases.number = attempts.number "
        f"WHERE purchases.source = {source} AND attempts.started > ? "
        f"AND (outcome IS NULL OR outcome NOT IN ({_marks(UNPAID)})) ORDER BY attempts.started",
        *(value, after, *UNPAID),
    )
    return [float(start) for (start,) in rows]


def spent(tx: Transaction, source: Source, after: float) -> int:
    """How many purchases of a source were made since a time, or may have been."""
    return len(_starts(tx, "?", source, after))


def unsendable(tx: Transaction, number: int, reason: str, now: float) -> bool:
    """The request cannot be made any more, for example because a file has changed. Nothing was sent.

    Without a reference, it is none that the gateway has rejected.
    """
    return _step(tx, number, ("ready",), "refused", now, reason=reason, reference=None)


def submitted(tx: Transaction, reference: str, task_id: str, now: float) -> bool:
    """The gateway accepted an attempt. This also settles a doubt, and is never lost, however late it comes.

    Returns:
        Whether the purchase goes on with this task. It does not if a person resolved the doubt otherwise meanwhile.
    """
    before = tx.one("SELECT outcome FROM attempts WHERE reference = ?", reference)
    _end(tx, reference, "submitted", now, task_id=task_id)
    tx.change(
        "UPDATE accounts SET setbacks = 0 WHERE setbacks > 0 AND account = "
        "(SELECT account FROM attempts WHERE reference = ?)",
        reference,
    )
    found = tx.one(f"SELECT state, task_id FROM purchases WHERE {_OF_ATTEMPT}" + tx.for_update, reference, reference)
    if found is None:
        return False
    state, known = found
    if before == ("submitted",) or state not in ("sending", "in doubt", "abandoned", *UNBOUGHT):
        return bool(known == task_id)
    tx.change(
        f"UPDATE purchases SET state = 'submitted', task_id = ?, reason = NULL, updated = ? WHERE {_OF_ATTEMPT}",
        *(task_id, now, reference, reference),
    )
    if state in UNBOUGHT:  # A person thought so, and the budget was released.
        tx.change("UPDATE budget SET reserved = reserved + 1")
    return True


def not_bought(
    tx: Transaction,
    reference: str,
    reason: str,
    now: float,
    *,
    pause: float = 0,
    stop: str | None = None,
    outcome: str = NOT_BOUGHT,
) -> bool:
    """The gateway certainly did not charge an attempt, and the purchase may be sent again.

    Args:
        outcome: of the attempt.
        pause: seconds in which nobody buys with the key.
        stop: why nobody can buy with the key until a person has done something.
    """
    # In the order in which everybody locks: account, purchase, budget.
    tx.change(
        "UPDATE accounts SET setbacks = setbacks + 1, stopped = COALESCE(?, stopped), "
        "paused_until = CASE WHEN paused_until > ? OR ? = 0 THEN paused_until ELSE ? END "
        "WHERE account = (SELECT account FROM attempts WHERE reference = ?)",
        *(stop, now + pause, pause, now + pause, reference),
    )
    return _unbought(tx, reference, "ready", outcome, reason, now)


def refused(tx: Transaction, reference: str, reason: str, now: float) -> bool:
    """The gateway rejected the request itself, so sending it again is useless. It was not charged."""
    return _unbought(tx, reference, "refused", "refused", reason, now)


def lost(tx: Transaction, reference: str, reason: str, now: float) -> bool:
    """Nobody knows the fate of an attempt. The purchase is in doubt, and its budget stays reserved."""
    _end(tx, reference, "lost", now, reason=reason)
    return bool(
        tx.change(
            "UPDATE purchases SET state = 'in doubt', reason = ?, updated = ? "
            f"WHERE {_OF_ATTEMPT} AND state = 'sending'",
            *(reason, now, reference, reference),
        )
    )


def finished(tx: Transaction, number: int, url: str | None, now: float) -> bool:
    """The video is made, and has an address."""
    return _step(tx, number, ("submitted",), "finished", now, url=url)


def saved(tx: Transaction, number: int, file: str, size: int, sha256: str, now: float) -> bool:
    """The video is on the disk."""
    return _step(tx, number, ("submitted", "finished", "unfetched"), "saved", now, file=file, bytes=size, sha256=sha256)


def failed(tx: Transaction, number: int, reason: str, now: float) -> bool:
    """The task ended without a video."""
    return _step(tx, number, ("submitted", "finished"), "failed", now, reason=reason)


def unfetched(tx: Transaction, number: int, reason: str, now: float) -> bool:
    """The video cannot be fetched now. Another try costs nothing."""
    return _step(tx, number, ("submitted", "finished", "saved"), "unfetched", now, reason=reason)


def orphaned(tx: Transaction, runner: str, now: float) -> int:
    """Put into doubt what a runner that is gone was sending, and leave the rest of its work to others.

    Returns:
        How many purchases are in doubt now because of it.
    """
    reason = "the process ended while it sent the paid request"
    tx.change(
        "UPDATE attempts SET outcome = 'lost', ended = ?, reason = ? WHERE outcome IS NULL AND reference IN "
        "(SELECT reference FROM purchases WHERE runner = ? AND state = 'sending')",
        *(now, reason, runner),
    )
    count = tx.change(
        "UPDATE purchases SET state = 'in doubt', reason = ?, updated = ? WHERE runner = ? AND state = 'sending'",
        *(reason, now, runner),
    )
    tx.change(
        f"UPDATE purchases SET runner = NULL WHERE runner = ? AND state IN ({_marks(UNDER_WAY)})", runner, *UNDER_WAY
    )
    tx.change("UPDATE runners SET ended = ? WHERE runner = ?", now, runner)
    return count


def running(tx: Transaction) -> list[str]:
    """The runners that have not ended, as far as the journal knows, and all that send something."""
    rows = tx.rows(
        "SELECT runner FROM runners WHERE ended IS NULL UNION "
        "SELECT runner FROM purchases WHERE state = 'sending' AND runner IS NOT NULL"
    )
    return [str(runner) for (runner,) in rows]


def resolve(tx: Transaction, id: str, *, now: float, task_id: str | None, state: State) -> State | None:
    """A person ends a doubt.

    Args:
        task_id: the task that the attempt bought, for the state ``submitted``.
        state: ``submitted``, ``ready`` (it was not bought) or ``abandoned``.

    Returns:
        The state it was in, which is another than ``in doubt`` if nothing was changed; ``None``: there is no such id.
    """
    found = tx.one("SELECT number, state, reference FROM purchases WHERE id = ?" + tx.for_update, id)
    if found is None:
        return None
    number, old, reference = found
    if old == "in doubt":
        _end(tx, reference, {"submitted": "submitted", "ready": NOT_BOUGHT}.get(state, "lost"), now, task_id=task_id)
        _step(tx, number, ("in doubt",), state, now, task_id=task_id, runner=None, reason="resolved by a person")
        if state == "ready":
            _release(tx)
    before: State = old
    return before


def restart(tx: Transaction, states: tuple[State, ...], now: float) -> int:
    """Make purchases ready again that ended without a video. What was reserved for them stays reserved."""
    return tx.change(
        f"UPDATE purchases SET state = 'ready', runner = NULL, task_id = NULL, url = NULL, updated = ? "
        f"WHERE state IN ({_marks(states)})",
        *(now, *states),
    )


def refetch(tx: Transaction, number: int | None, now: float) -> int:
    """Try again to fetch what could not be fetched. It costs nothing.

    Args:
        number: of the purchase; ``None``: all of them.
    """
    one, which = ("", ()) if number is None else (" AND number = ?", (number,))
    return tx.change(
        f"UPDATE purchases SET state = 'submitted', runner = NULL, updated = ? WHERE state = 'unfetched'{one}",
        *(now, *which),
    )


def cancel(tx: Transaction, now: float) -> int:
    """Take back everything that is not bought yet."""
    return tx.change(
        "UPDATE purchases SET state = 'cancelled', reason = 'cancelled by a person', updated = ? WHERE state = 'ready'",
        now,
    )


def take(tx: Transaction, number: int, runner: str) -> bool:
    """Go on with a purchase that is bought, unless another runner does."""
    return bool(
        tx.change(
            f"UPDATE purchases SET runner = ? WHERE number = ? AND state IN ({_marks(UNDER_WAY)}) "
            "AND (runner IS NULL OR runner = ?)",
            *(runner, number, *UNDER_WAY, runner),
        )
    )


def allow(tx: Transaction, purchases: int | None) -> None:
    """Set how many purchases are allowed in all; ``None``: any number."""
    tx.change("UPDATE budget SET allowed = ?", None if purchases is None else _within(purchases))


def budget(tx: Transaction) -> Budget:
    """How much of the budget is reserved."""
    row = tx.one("SELECT reserved, allowed FROM budget")
    assert row is not None
    return Budget(*row)


def obstacle(tx: Transaction, account: str) -> Stopped | BudgetSpent | None:
    """Why nothing can be bought with a key now, for longer than a pause."""
    row = tx.one("SELECT stopped FROM accounts WHERE account = ?", account)
    if row and row[0] is not None:
        return Stopped(row[0])
    spent = budget(tx)
    if spent.allowed is not None and spent.reserved >= spent.allowed:
        return BudgetSpent(spent.reserved, spent.allowed)
    return None


def leave(tx: Transaction, number: int, runner: str, now: float) -> bool:
    """Let others go on with a purchase that is bought."""
    return bool(
        tx.change(
            "UPDATE purchases SET runner = NULL, updated = ? WHERE number = ? AND runner = ? AND state <> 'sending'",
            *(now, number, runner),
        )
    )


def let_go_on(tx: Transaction) -> None:
    """Forget why nobody could buy: a person has started a new run."""
    tx.change("UPDATE accounts SET stopped = NULL, paused_until = 0, setbacks = 0")


def retry_account(tx: Transaction, account: str) -> None:
    """Forget why nobody could buy with a key, but for pauses that the gateway asked for."""
    tx.change("UPDATE accounts SET stopped = NULL WHERE account = ?", account)


def setbacks(tx: Transaction, account: str) -> int:
    """How many attempts in a row failed with a key."""
    row = tx.one("SELECT setbacks FROM accounts WHERE account = ?", account)
    return int(row[0]) if row else 0


def counts(tx: Transaction) -> dict[State, int]:
    """How many purchases are in each state."""
    return {state: int(count) for state, count in tx.each("SELECT state, COUNT(*) FROM purchases GROUP BY state")}


def purchase(tx: Transaction, number: int) -> Purchase | None:
    """A purchase by its number."""
    row = tx.one(f"SELECT {_COLUMNS} FROM purchases WHERE number = ?", _within(number))
    return _purchase(row) if row else None


def find(tx: Transaction, id: str) -> Purchase | None:
    """A purchase by its id."""
    row = tx.one(f"SELECT {_COLUMNS} FROM purchases WHERE id = ?", id)
    return _purchase(row) if row else None


def find_task(tx: Transaction, task_id: str) -> Purchase | None:
    """The purchase that goes on with a task."""
    row = tx.one(f"SELECT {_COLUMNS} FROM purchases WHERE task_id = ? ORDER BY number DESC", task_id)
    return _purchase(row) if row else None


def latest(
    tx: Transaction,
    *,
    before: int | None = None,
    limit: int | None = None,
    states: tuple[State, ...] = (),
    hidden: bool = False,
    requests: bool = True,
) -> list[Purchase]:
    """The purchases, the last one that was added first.

    Args:
        before: only those with a smaller number.
        limit: how many at most; ``None``: all.
        states: only those in one of these; by default in any.
        hidden: also those that somebody has hidden.
        requests: with their requests, which pictures make long. Otherwise these are empty.
    """
    columns = _COLUMNS if requests else _COLUMNS.replace(" request,", " '',")
    conditions = ["number < ?", *([] if hidden else ["hidden = 0"])]
    conditions += [f"state IN ({_marks(states)})"] if states else []
    rows = tx.rows(
        f"SELECT {columns} FROM purchases WHERE {' AND '.join(conditions)} ORDER BY number DESC LIMIT ?",
        *(_BEYOND if before is None else _within(before), *states, _BEYOND if limit is None else _within(limit)),
    )
    return [_purchase(row) for row in rows]


def hide(tx: Transaction, number: int) -> bool:
    """Leave a purchase out of lists. Its id stays taken, and what it cost stays counted."""
    return bool(
        tx.change(
            "UPDATE purchases SET hidden = 1 WHERE number = ? AND state NOT IN ('sending', 'in doubt')", _within(number)
        )
    )


def numbers(tx: Transaction, states: tuple[State, ...], *, after: int, limit: int) -> list[tuple[int, int]]:
    """Position and number of purchases in the input's order, from the one after a position."""
    return [
        (int(position), int(number))
        for position, number in tx.each(
            f"SELECT position, number FROM purchases WHERE state IN ({_marks(states)}) AND position > ? "
            "ORDER BY position LIMIT ?",
            *(*states, after, limit),
        )
    ]


def owner_of(tx: Transaction, task_id: str) -> Purchase | None:
    """The purchase that bought a task, even if it goes on with another one."""
    row = tx.one(
        f"SELECT {_COLUMNS} FROM purchases WHERE number IN (SELECT number FROM attempts WHERE task_id = ?)", task_id
    )
    return _purchase(row) if row else None


def ids(tx: Transaction, state: State) -> Iterator[tuple[int, str, str | None]]:
    """Number, id and file of the purchases in a state, one after the other."""
    for number, id, file in tx.each("SELECT number, id, file FROM purchases WHERE state = ? ORDER BY position", state):
        yield int(number), id, file


def purchases(tx: Transaction, states: tuple[State, ...] | None = None) -> Iterator[Purchase]:
    """All purchases in the input's order, one after the other."""
    where = f" WHERE state IN ({_marks(states)})" if states else ""
    for row in tx.each(f"SELECT {_COLUMNS} FROM purchases{where} ORDER BY position, number", *(states or ())):
        yield _purchase(row)


def attempts(tx: Transaction, number: int) -> list[Attempt]:
    """The attempts of a purchase."""
    rows = tx.rows(f"SELECT {_ATTEMPT_COLUMNS} FROM attempts WHERE number = ? ORDER BY attempt", number)
    return [Attempt(**dict(zip(_ATTEMPT_NAMES, row, strict=True))) for row in rows]


def _unbought(tx: Transaction, reference: str, state: State, outcome: str, reason: str, now: float) -> bool:
    """The attempt cost nothing: the purchase gets another state, and the budget back what was reserved."""
    _end(tx, reference, outcome, now, reason=reason)
    changed = tx.change(
        "UPDATE purchases SET state = ?, reason = ?, runner = NULL, updated = ? "
        f"WHERE {_OF_ATTEMPT} AND state IN ('sending', 'in doubt')",
        *(state, reason, now, reference, reference),
    )
    if changed:
        _release(tx)
    return bool(changed)


def _release(tx: Transaction) -> None:
    tx.change("UPDATE budget SET reserved = reserved - 1 WHERE reserved > 0")


def _end(tx: Transaction, reference: str, outcome: str, now: float, **values: Any) -> None:
    given = {"outcome": outcome, "ended": now} | {key: value for key, value in values.items() if value is not None}
    assignments = ", ".join(f"{key} = ?" for key in given)
    tx.change(f"UPDATE attempts SET {assignments} WHERE reference = ?", *given.values(), reference)


def _step(tx: Transaction, number: int, old: tuple[State, ...], new: State, now: float, **values: Any) -> bool:
    given = {"state": new, "reason": None, "updated": now} | values
    assignments = ", ".join(f"{key} = ?" for key in given)
    changed = tx.change(
        f"UPDATE purchases SET {assignments} WHERE number = ? AND state IN ({_marks(old)})",
        *(*given.values(), number, *old),
    )
    return bool(changed)


def _within(number: int) -> int:
    """The number, or the next one that every database takes."""
    return max(0, min(number, _BEYOND))


def _marks(values: tuple[Any, ...]) -> str:
    return ", ".join("?" * len(values))


def _purchase(row: Row) -> Purchase:
    return Purchase(**dict(zip(_NAMES, row, strict=True)))
