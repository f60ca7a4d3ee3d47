"""Files that are copied as they are, and the synchronous twins of asynchronous modules.

What is under a folder ``_async`` is also written to its sibling ``_sync``, without the asynchronous words, unless that
has a file of its own there.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.emit.header import with_header
from generator.emit.templates import Templates
from generator.emit.unasync import without_async


def copied(templates: Templates, source: str) -> Iterator[tuple[str, str | bytes]]:
    """The files that one file of the templates gives, by path."""
    if not source.endswith((".py", ".pyi")):
        yield source, templates.content(source)
        return
    text = with_header(source, templates.text(source), f"templates/{source}")
    yield source, text
    twin = source.replace("/_async/", "/_sync/")
    if twin != source and not templates.has(twin):
        yield twin, without_async(text)
