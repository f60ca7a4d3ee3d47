"""The generator on one schema at a time: only the templates that a schema changes are rendered."""

from __future__ import annotations

import shutil
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.check import check
from generator.emit import emit
from generator.format import format_python
from generator.ir import Model, Package
from generator.ir.build import build

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"


@dataclass(frozen=True, slots=True)
class Made:
    """What the generator made of one schema."""

    model: Model
    files: dict[str, str]

    @property
    def path(self) -> str:
        """The module with the request class."""
        return f"modelstream/models/{self.model.module}.py"

    @property
    def source(self) -> str:
        """The text of that module."""
        return self.files[self.path]


class Workshop:
    """A folder with the templates that depend on a schema, and a place for schemas."""

    def __init__(self, folder: Path, pattern: str = "*[[]mod*") -> None:
        self.templates = folder / "templates"
        self.schemas = folder / "schemas"
        self.schemas.mkdir(parents=True)
        for source in [*TEMPLATES.glob("_datamodel/**/*.jinja2"), *TEMPLATES.rglob(pattern)]:
            target = self.templates / source.relative_to(TEMPLATES)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def write(self, stem: str, text: str) -> Path:
        """Put a schema there, in place of all others."""
        for path in self.schemas.iterdir():
            path.unlink()
        path = self.schemas / f"{stem}.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return path

    def package(self) -> Package:
        """The schemas that are there as objects.

        Raises:
            ProblemsFound: something is wrong with them.
        """
        return build(check(self.schemas))

    def make(self, package: Package) -> Made:
        """The files of the only model."""
        files = format_python(emit(package, self.templates))
        texts = {path: text if isinstance(text, str) else text.decode() for path, text in files.items()}
        return Made(package.all_models[0], texts)


@contextmanager
def imported(made: Made) -> Iterator[Any]:
    """The module with the request class, for as long as the block lasts."""
    name = f"modelstream.models.{made.model.module}"
    module = types.ModuleType(name)
    before = sys.modules.get(name)
    sys.modules[name] = module
    try:
        exec(compile(made.source, made.path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
        yield module
    finally:
        del sys.modules[name]
        if before:
            sys.modules[name] = before
