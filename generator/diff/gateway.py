"""What a change of the gateway's file does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.diff.changes import GATEWAY, Change
from generator.diff.pairs import Comparer, Pair, Table, told
from generator.ir import ErrorRow, Gateway

_ANY_STATUS = ("", *range(400, 600))
"""All statuses of a failed response; the empty text stands for a response that failed only by its body."""


def _named(kind: str) -> Comparer:
    def compare_value(pair: Pair, attribute: str) -> Iterator[Change]:
        yield _change(kind, attribute, getattr(pair.old, attribute), getattr(pair.new, attribute))

    return compare_value


def _each(kind: str) -> Comparer:
    """One change for each key of a mapping."""

    def compare_mapping(pair: Pair, attribute: str) -> Iterator[Change]:
        before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
        for key in {**before, **after}:
            if before.get(key) != after.get(key):
                yield _change(kind, f"{attribute} {key}", before.get(key), after.get(key))

    return compare_mapping


def _statuses(pair: Pair, _: str) -> Iterator[Change]:
    """By spelling: what a client takes a status for, and what it means to one that waits."""
    old, new = pair.old, pair.new
    for spelling in {**old.statuses, **new.statuses}:
        before, after = (_meaning(gateway, spelling) for gateway in (old, new))
        if before != after:
            kind = "status-added" if spelling not in old.statuses else "status-reclassified"
            yield _change(kind, f"status {told(spelling)}", before, after)


def _meaning(gateway: Gateway, spelling: str) -> str:
    name = gateway.statuses.get(spelling)
    return f"{name} ({gateway.meanings.get(name, 'waiting')})" if name else "unknown (waiting)"


def _paths(pair: Pair, attribute: str) -> Iterator[Change]:
    """Where facts are in a response. The first place counts, so that one more at the end changes nothing known."""
    old: Mapping[str, tuple[str, ...]] = getattr(pair.old, attribute)
    new: Mapping[str, tuple[str, ...]] = getattr(pair.new, attribute)
    for name in {**old, **new}:
        before, after = old.get(name, ()), new.get(name, ())
        if before != after:
            added = after[: len(before)] == before
            kind = "response-reading-added" if added else "response-reading"
            yield _change(kind, f"{attribute} {name}", ", ".join(before), ", ".join(after))


def _sequence(kind: str) -> Comparer:
    def compare_sequence(pair: Pair, attribute: str) -> Iterator[Change]:
        before, after = getattr(pair.old, attribute), getattr(pair.new, attribute)
        yield _change(kind, attribute, ", ".join(map(told, before)), ", ".join(map(told, after)))

    return compare_sequence


def _errors(pair: Pair, _: str) -> Iterator[Change]:
    """By response: which error its status and code raise."""
    codes = dict.fromkeys(
        ["", *(code for gateway in (pair.old, pair.new) for row in gateway.errors for code in row.codes)]
    )
    seen: set[tuple[str, str, str]] = set()
    for code in codes:
        for status in _ANY_STATUS:
            before, after = (_raised(gateway.errors, status, code) for gateway in (pair.old, pair.new))
            response = f"code {told(code)}" if code else f"status {status}"
            if before != after and (response, before, after) not in seen:
                seen.add((response, before, after))
                kind = "error-mapped" if before == "APIError" else "error-remapped"
                yield _change(kind, f"a response with {response}", before, after)


def _raised(rows: tuple[ErrorRow, ...], status: int | str, code: str) -> str:
    """The class of the first row that fits."""
    for row in rows:
        by_status = row.status is not None and (row.status == status or str(row.status) == f"{status}"[:1] + "xx")
        if by_status or (code and code in row.codes):
            return row.raises
    return "APIError"


def _change(kind: str, fact: str, before: Any, after: Any) -> Change:
    texts = [value if isinstance(value, str) else told(value) for value in (before, after)]
    return Change(kind_name=kind, model=GATEWAY, fact=fact, before=texts[0], after=texts[1])


def _words(pair: Pair, attribute: str) -> Iterator[Change]:
    yield _change("words", attribute, getattr(pair.old, attribute), getattr(pair.new, attribute))


TABLE: Table = {
    "title": _words,
    "page": _words,
    "base_url": _named("gateway-address"),
    "api_key_variable": _named("gateway-environment"),
    "base_url_variable": _named("gateway-environment"),
    "endpoints": _each("gateway-address"),
    "statuses": _statuses,
    "meanings": _statuses,
    "paths": _paths,
    "error_paths": _paths,
    "success_codes": _sequence("response-reading"),
    "request_id_headers": _sequence("response-reading"),
    "errors": _errors,
    "no_channel_codes": _sequence("retried-payment"),
    "polling": _each("polling"),
}
"""How each attribute of the gateway is compared."""
