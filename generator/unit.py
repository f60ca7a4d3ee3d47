"""Stages 1 to 5 for one part of the package: a model, the program that serves all models, or their catalog.

A model's files depend on nothing but its schema, its documented requests and the templates; the program's on the
templates alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from generator.cache import AS_JSON, Cache
from generator.check import check_gateway_alone, check_model
from generator.diagnostics import ProblemsFound
from generator.emit import Files, emit_catalog, emit_model, emit_program
from generator.emit.entry import Catalog, Entry
from generator.emit.templates import Templates
from generator.format import format_python
from generator.ir import build_gateway, build_model
from generator.sources import Sources

Unit = dict[str, Any]
"""One part, as JSON has it: its ``files``, and of a model its ``entry`` and the names ``claimed``."""


@dataclass(frozen=True)
class Maker:
    """Makes the parts of one package. Where something is wrong it makes nothing, and others have to say what."""

    sources: Sources
    folder: Path
    """The templates."""
    cache: Cache

    @cached_property
    def _templates(self) -> Templates:
        # Made on first use: other processes are sent makers, and no compiled templates can be sent.
        return Templates(self.folder)

    def model(self, path: Path) -> Unit | None:
        """All that follows from one schema file."""
        try:
            document, claimed = check_model(path, self.sources)
            model = build_model(document)
            files = format_python(emit_model(self._templates, model))
        except ProblemsFound:
            return None
        return {"files": _as_json(files), "entry": asdict(Entry.of(model)), "claimed": sorted(claimed)}

    def program(self) -> Unit | None:
        """All that follows from no schema."""
        try:
            return {"files": _as_json(format_python(emit_program(self._templates), self.cache))}
        except ProblemsFound:
            return None

    def catalog(self, entries: Iterable[dict[str, Any]]) -> Unit | None:
        """What is said of all models, from their entries."""
        try:
            gateway = build_gateway(check_gateway_alone(self.sources.gateway))
            catalog = Catalog.of(gateway, map(Entry.load, entries))
            return {"files": _as_json(format_python(emit_catalog(self._templates, catalog), self.cache))}
        except ProblemsFound:
            return None


def _as_json(files: Files) -> dict[str, str]:
    """A character for each byte, because not every file is a text."""
    return {path: (c.encode() if isinstance(c, str) else c).decode(AS_JSON) for path, c in files.items()}
