"""The stages from the schema files to the content of every file of the package, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from generator.cache import Cache
from generator.check import check_sources
from generator.emit import emit
from generator.format import format_python
from generator.ir import Package
from generator.ir.build import build
from generator.sources import Sources


@dataclass(frozen=True, kw_only=True, slots=True)
class Generated:
    """The package as objects, and its files: name to content."""

    package: Package
    files: dict[str, bytes]


def generate(sources: Sources, templates: Path, cache: Cache) -> Generated:
    """Every file of the package, in memory.

    Raises:
        ProblemsFound: schemas or templates are wrong.
    """
    package = build(check_sources(sources))
    files = format_python(emit(package, templates), cache)
    return Generated(
        package=package,
        files={path: text.encode() if isinstance(text, str) else text for path, text in files.items()},
    )
