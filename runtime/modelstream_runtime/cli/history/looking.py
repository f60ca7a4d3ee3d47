"""``tasks``: the list."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, Final

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.history.place import in_journal, place_in
from modelstream_runtime.cli.history.words import in_words, moment, resolve_choices
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.progress import columns
from modelstream_runtime.cli.text import counted, one_line
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.journal.states import STATES, State
from modelstream_runtime.purchases.place import machine_place

_MODEL: Final = 36
"""Characters of a model id that the list shows."""
_ROW: Final = "{:>6}  {:<16}  {:<36}  {}"
_INDENT: Final = " " * 8


def show_list(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """Print the purchases of this machine, the last one first."""
    place = place_in(catalog, options)
    states: tuple[State, ...] = tuple(state for state in STATES if state.replace(" ", "-") in options["states"])
    limit = None if options["everything"] else options["limit"]

    async def read(journal: Journal) -> list[Purchase]:
        await journal.bury()
        more = None if limit is None else limit + 1  # One more, to know whether there are older ones.
        return await journal.latest(limit=more, states=states, hidden=options["everything"], requests=False)

    found = in_journal(place, read) or []
    is_mock = place == machine_place(catalog.package, mock=True)
    if is_mock:
        output.inform("Made at mock gateways, which cost nothing:")
    shown = found[:limit]
    for purchase in shown:
        output.event("purchase", **purchase.facts)
    if shown:
        output.result("\n".join([_ROW.format("number", "added", "model", "from"), *map(_lines, shown)]))
    else:
        output.inform("there are no such purchases" if states else "there are no purchases to list")
    if len(found) > len(shown):
        output.inform(f"There are older ones: list more with --limit {2 * len(shown)}, or all of them with --all.")
    if doubts := [purchase for purchase in shown if purchase.state == "in doubt"]:
        known = ", ".join(str(purchase.reference) for purchase in doubts)
        output.inform(
            f"{counted(len(doubts), 'purchase')} in doubt: look at the task list of your account (client reference "
            f"{one_line(known)}), and say what you found:"
        )
        for doubt in doubts:
            output.inform(f"  {resolve_choices(catalog.package, doubt.number, mock=options['mock'])}")


def _lines(purchase: Purchase) -> str:
    model = one_line(purchase.model)
    model = model if len(model) <= _MODEL else f"{model[: _MODEL - 3]}..."
    row = _ROW.format(purchase.number, moment(purchase.added), model, purchase.source or "batch")
    words = textwrap.fill(
        in_words(purchase),
        max(columns() - 1, 2 * len(_INDENT)),
        initial_indent=_INDENT,
        subsequent_indent=_INDENT,
        break_long_words=False,  # Ids and paths are copied.
        break_on_hyphens=False,
    )
    return f"{row}\n{words}"
