"""Results kept from run to run, each under a digest of all that it was made from, so that none can be out of date."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from generator.sources import LANGUAGE, RUNTIME, template_files

AS_JSON = "latin-1"
"""Makes a text of any bytes, with a character for each."""

_KEPT = 30 * 24 * 3600
"""Seconds after its last use that a result is thrown away."""

_TOOLS = ("black", "datamodel-code-generator", "jinja2", "jsonschema", "pydantic", "pydantic-core", "pyyaml")


class Cache:
    """A folder of JSON files, each of which may be lost at any time. Without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def get(self, key: str) -> Any:
        """What was put under the key, or ``None``."""
        if self._folder is None:
            return None
        path = self._folder / f"{key}.json"
        try:
            value = json.loads(path.read_bytes())
            os.utime(path)
        except (OSError, ValueError, RecursionError):
            return None
        return value

    def put(self, key: str, value: Any) -> None:
        """Keep a value. A folder that cannot be written only costs time."""
        if self._folder is None:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._folder)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                json.dump(value, file)
            Path(name).replace(self._folder / f"{key}.json")

    def sweep(self) -> None:
        """Throw away what has not been used for a month."""
        if self._folder is None or not self._folder.is_dir():
            return
        limit = time.time() - _KEPT
        for path in self._folder.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()


def digest(*parts: str | bytes) -> str:
    """A name for what consists of these parts, in this order."""
    found = hashlib.blake2b(digest_size=24)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        found.update(len(content).to_bytes(8, "little"))
        found.update(content)
    return found.hexdigest()


def digest_of_generator(templates: Path) -> str:
    """A digest of what every result depends on: this program, its tools, the language and the templates."""
    program = Path(__file__).parent
    return digest(
        sys.version,
        *(f"{tool} {version(tool)}" for tool in _TOOLS),
        *_contents(program, (path.relative_to(program).as_posix() for path in sorted(program.rglob("*.py")))),
        *_contents(LANGUAGE, sorted(path.name for path in LANGUAGE.glob("*.schema.json"))),
        *_contents(RUNTIME, sorted(path.relative_to(RUNTIME).as_posix() for path in RUNTIME.glob("**/*.py"))),
        *_contents(templates, template_files(templates)),
    )


def _contents(folder: Path, names: Iterable[str]) -> Iterable[str | bytes]:
    for name in names:
        yield name
        yield (folder / name).read_bytes()
