"""The gateway's file: statuses, endpoints and polling make sense."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.diagnostics import Problem, shown
from generator.load import Document


def check_gateway(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    """All problems beyond what the language rejects."""
    yield from _check_statuses(document, data)
    for name, endpoint in (data.get("endpoints") or {}).items():
        path = endpoint.get("path") if isinstance(endpoint, dict) else None
        if isinstance(path, str) and ("{task_id}" in path) != (name != "submit"):
            wanted = "takes no {task_id}; remove it" if name == "submit" else "needs a {task_id}"
            yield document.problem("bad-value", f"the path of {name} {wanted}", ("endpoints", name, "path"))
    polling = data.get("polling") or {}
    if polling.get("first", 0) > polling.get("longest", polling.get("first", 0)):
        message = f"first {polling['first']} is more than longest {polling['longest']}; swap them"
        yield document.problem("bounds-reversed", message, ("polling", "first"))
    for index, row in enumerate(data.get("errors") or ()):
        # A row that differs from the file has lost what the language rejected, which has been reported.
        if row and row == document.data["errors"][index] and not row.keys() & {"status", "codes"}:
            yield document.problem("missing-key", "an error needs a status or codes", ("errors", index))


def _check_statuses(document: Document, data: dict[str, Any]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for name, status in (data.get("statuses") or {}).items():
        if not isinstance(name, str):
            message = f"{shown(name)} is not a text; put it in quotes"
            yield document.problem("bad-name", message, ("statuses", name), key=True)
            continue
        if "means" not in document.data["statuses"][name]:
            message = f"{shown(name)} has no `means`; write waiting, done or failed"
            yield document.problem("unclassified-status", message, ("statuses", name), key=True)
        for index, spelling in enumerate(status.get("spellings") or ()):
            first = seen.setdefault(fold(spelling), name) if spelling is not None else name
            if first != name:
                line = document.line_of(("statuses", first, "spellings"))
                message = f"{shown(spelling)} is a spelling of {first!r} already (line {line}); keep one"
                yield document.problem("status-twice", message, ("statuses", name, "spellings", index))


def fold(spelling: str) -> str:
    """The spelling without case and separators, on which the gateway and its vendors disagree."""
    return spelling.casefold().replace("_", "").replace("-", "").replace(" ", "")
