"""What the last run leaves for the next one, in one file that may be lost, broken or unwritable at any time.

It says whether anything has changed since, before any tool is imported, and it keeps what black returned for each text.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generator.plan import present
from generator.sources import LANGUAGE, RUNTIME, Sources, template_files

_TOOLS = ("black", "datamodel-code-generator", "isort", "jinja2", "jsonschema", "pydantic", "pydantic-core", "pyyaml")

_PROGRAM = (
    (Path(__file__).parent, "**/*.py"),
    (RUNTIME, "**/*.py"),
    (LANGUAGE, "*.schema.json"),
)
"""Folders and patterns of the files that decide what is rendered, beside the schemas, goldens and templates."""


class Cache:
    """The file. Without a path nothing is remembered."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._content = _read(path) if path else {}
        self._formatted: dict[str, str] = {}
        """What this run needed. The file drops what only earlier runs did."""

    def counts_if_unchanged(self, inputs: str, folders: Iterable[Path]) -> tuple[int, int] | None:
        """How many models and files there are, if neither the inputs nor the folders changed since the last run."""
        last = self._content.get("last")
        match last:
            case {"inputs": found, "outputs": outputs, "models": int(models), "files": int(files)} if found == inputs:
                return (models, files) if outputs == digest_of_folders(folders) else None
        return None

    def formatted(self, key: str) -> str | None:
        """What black returned for the text with that digest."""
        known = self._content.get("formatted")
        text = known.get(key) if isinstance(known, dict) else None
        if not isinstance(text, str):
            return None
        self._formatted[key] = text
        return text

    def remember_formatted(self, key: str, text: str) -> None:
        """Keep what black returned for the text with that digest."""
        self._formatted[key] = text

    def save(self, last: tuple[str, Iterable[Path], int, int] | None) -> None:
        """Write the file.

        Args:
            last: the inputs, and the folders that now hold exactly what follows from them, with the numbers of models
                and files; ``None`` if they hold anything else.
        """
        if self._path is None:
            return
        content: dict[str, Any] = {"formatted": self._formatted}
        if last:
            inputs, folders, models, files = last
            outputs = digest_of_folders(folders)
            content["last"] = {"inputs": inputs, "outputs": outputs, "models": models, "files": files}
        with suppress(OSError):
            _write(self._path, json.dumps(content))


def digest(*parts: str | bytes) -> str:
    """A name for these parts, in this order."""
    found = hashlib.blake2b(digest_size=24)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "little"))
        found.update(content)
    return found.hexdigest()


def digest_of_inputs(sources: Sources, templates: Path) -> str:
    """A name for everything that decides what is rendered. A file that cannot be read has a name of its own."""
    return digest(
        sys.version,
        *(f"{tool} {version(tool)}" for tool in _TOOLS),
        *(part for folder, pattern in _PROGRAM for part in _contents(folder, sorted(folder.glob(pattern)))),
        *_contents(templates, (templates / name for name in template_files(templates))),
        *_contents(sources.folder, [sources.gateway, *sources.models]),
        # No model has that name, but the folder is rejected because of it.
        *sorted(path.name for path in sources.folder.glob("*.yml")),
        str(sources.goldens.is_dir()),
        *(part for path in sources.models for part in _contents(sources.goldens, sources.documented(path.stem))),
        *(part for path in sources.models for part in _contents(sources.goldens, sources.form_values(path.stem))),
        *_contents(sources.goldens, filter(Path.is_file, (sources.page_record(path.stem) for path in sources.models))),
    )


def digest_of_folders(folders: Iterable[Path]) -> str:
    """A name for all files of the folders."""
    return digest(*(digest(*_contents(folder, (folder / path for path in present(folder)))) for folder in folders))


def _contents(folder: Path, paths: Iterable[Path]) -> Iterator[str | bytes]:
    for path in paths:
        yield os.path.relpath(path, folder)
        try:
            yield path.read_bytes()
        except OSError as error:
            yield str(error)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
