"""``tasks show`` and ``tasks resolve``: one purchase."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.call import encoded_media
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.history.place import in_journal, place_in
from modelstream_runtime.cli.history.words import in_words, moment, resolve_choices
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.resolving import decide, read_decision
from modelstream_runtime.cli.text import one_line, printable, with_short_media
from modelstream_runtime.errors import InvalidRequest
from modelstream_runtime.form import form_of
from modelstream_runtime.journal.journal import Journal, NoPurchase
from modelstream_runtime.journal.records import Attempt, Purchase
from modelstream_runtime.journal.states import State
from modelstream_runtime.purchases.content import MediaChanged, files_in, request_of
from modelstream_runtime.shell import shell_line
from modelstream_runtime.written import Unwritable, as_command, as_python


def show_purchase(catalog: Catalog, output: Output, which: str, options: Mapping[str, Any]) -> None:
    """Print a purchase with its request, by its number or by the id of its task."""

    async def read(journal: Journal) -> tuple[Purchase, list[Attempt]] | None:
        await journal.bury()
        by_number = await _numbered(journal, int(which)) if re.fullmatch("[0-9]{1,18}", which) else None
        purchase = by_number or await journal.find_task(which)
        return None if purchase is None else (purchase, await journal.attempts(purchase.number))

    found = in_journal(place_in(catalog, options), read)
    if found is None:
        raise _unknown(catalog, which)
    purchase, attempts = found
    request = _Written(catalog, purchase)
    output.event(
        "purchase",
        **purchase.facts,
        request=json.loads(purchase.request),
        command=request.command,
        python=request.python,
        attempts=[attempt.facts for attempt in attempts],
    )
    lines = [
        f"purchase {purchase.number} of {one_line(purchase.model)}, {moment(purchase.added)}, from: {purchase.source}",
        in_words(purchase),
        *(f"attempt {each.attempt} at {moment(each.started)}: {_outcome(each, purchase)}" for each in attempts),
        "",
        request.body,
    ]
    lines += ["", request.command] if request.command else []
    lines += ["", request.python] if request.python else []
    output.result("\n".join(lines))
    if request.note:
        output.inform(one_line(request.note))
    if purchase.task_id and purchase.state in ("submitted", "finished", "unfetched"):
        output.inform("Save its video, which costs nothing:")
        output.inform(f"  {_wait_command(catalog, purchase.task_id, options)}")
    if purchase.state == "in doubt":
        output.inform("Look at the task list of your account for the client reference, and say what you found:")
        output.inform(f"  {resolve_choices(catalog.package, purchase.number, mock=options['mock'])}")


def resolve_doubt(catalog: Catalog, output: Output, number: int, options: Mapping[str, Any]) -> None:
    """End the doubt about a purchase."""
    decision = read_decision(options)

    async def end(journal: Journal) -> State | None:
        await journal.bury()
        purchase = await _numbered(journal, number)
        return None if purchase is None else await decide(journal, purchase.id, decision)

    before = in_journal(place_in(catalog, options), end)
    if before is None:
        raise _unknown(catalog, str(number))
    if before != "in doubt":
        message = f"purchase {number} is {before}, and not in doubt; nothing was changed"
        raise Stop(WRONG_CALL, message, kind="UsageError")
    output.event("purchase_resolved", number=number, state=decision.state, task_id=decision.task_id)
    match decision.state:
        case "submitted":
            output.inform(f"purchase {number} was bought; save its video with:")
            output.result(_wait_command(catalog, str(decision.task_id), options))
        case "ready":
            output.inform(f"purchase {number} was not bought; it is not sent again unless you submit it again")
        case _:
            output.inform(f"purchase {number} is given up; it stays counted as a purchase")


async def _numbered(journal: Journal, number: int) -> Purchase | None:
    try:
        return await journal.purchase(number)
    except NoPurchase:
        return None


class _Written:
    """The request of a purchase as people write it.

    Attributes:
        body: the JSON body with short media, or what the journal keeps of a request that can be made no more.
        command: the command that makes the same video; ``None``: a command line cannot hold it.
        python: the statements that make the request.
        note: what is missing, and why.
    """

    def __init__(self, catalog: Catalog, purchase: Purchase) -> None:
        self.command: str | None = None
        self.python: str | None = None
        self.note = ""
        try:
            request = request_of(catalog, purchase.model, purchase.request)
        except (MediaChanged, InvalidRequest) as error:
            stored = json.loads(purchase.request)
            self.body = _json(with_short_media(stored.get("body", stored), ()))
            self.note = f"No command and no Python source makes this request: {error}"
            return
        media = encoded_media(form_of(catalog, purchase.model), request)
        self.body = _json(with_short_media(request.to_payload(), media))
        files = files_in(request, purchase.request)
        self.python = as_python(request, catalog, files=files)
        try:
            self.command = as_command(request, catalog, files=files)
        except Unwritable as error:
            self.note = f"There is no command line for it: {error}."


def _outcome(attempt: Attempt, purchase: Purchase) -> str:
    words = attempt.outcome or "not answered yet"
    task = f" as {attempt.task_id}" if attempt.task_id else ""
    reason = f": {attempt.reason}" if attempt.reason not in (None, purchase.reason) else ""
    return one_line(f"{words}{task} (client reference {attempt.reference}){reason}")


def _wait_command(catalog: Catalog, task_id: str, options: Mapping[str, Any]) -> str:
    # Nobody knows the address of a mock gateway any more; without one, the command would ask the real gateway.
    address = ["--base-url", "URL"] if options["mock"] else []
    return shell_line([catalog.package, "wait", *address, *(["--"] if task_id.startswith("-") else []), task_id])


def _json(value: Any) -> str:
    return "\n".join(map(printable, json.dumps(value, indent=2, ensure_ascii=False).split("\n")))


def _unknown(catalog: Catalog, which: str) -> Stop:
    hint = f"{catalog.package} tasks lists the purchases of this machine; those at mock gateways, with --mock."
    return Stop(WRONG_CALL, f"this machine has no purchase {which!r}", kind="UsageError", hint=hint)
