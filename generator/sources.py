"""The files that the generator reads, and where they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from generator.diagnostics import NOWHERE, Problem, display_path

LANGUAGE = Path(__file__).parents[1] / "schemas"
"""The folder of the language: the JSON Schemas of both kinds of file, and the gateway for folders without one."""

RUNTIME = Path(__file__).parents[1] / "runtime" / "modelstream_runtime"
"""The hand-written runtime, from whose asynchronous client the synchronous one is derived."""

GATEWAY = "gateway.yaml"

PAGES = "docs/models/"
"""Below this folder, the templates of the pages about the models, which are written to a folder of their own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """The files of a folder of schemas, and the documented requests that belong to them."""

    folder: Path
    gateway: Path
    models: tuple[Path, ...]
    goldens: Path
    must_have_goldens: bool

    @classmethod
    def of(cls, folder: Path, goldens: Path | None) -> Self:
        """Look for them.

        Args:
            folder: the ``*.yaml`` files: one per model, and optionally ``gateway.yaml``.
            goldens: by default ``tests/goldens`` beside the folder, if there is such a folder.
        """
        # Editors leave hidden files beside the one they have open.
        files = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
        own_gateway = folder / GATEWAY
        return cls(
            folder=folder,
            gateway=own_gateway if own_gateway in files else LANGUAGE / GATEWAY,
            models=tuple(path for path in files if path != own_gateway),
            goldens=goldens or folder.resolve().parent / "tests" / "goldens",
            must_have_goldens=goldens is not None,
        )

    @property
    def files(self) -> tuple[Path, ...]:
        """All schema files of the folder."""
        own_gateway = (self.gateway,) if self.gateway.parent == self.folder else ()
        return (*own_gateway, *self.models)

    def problems(self) -> list[Problem]:
        """What is wrong with the folders themselves."""
        found = [
            Problem(
                file=display_path(path),
                code="file-name",
                message=f"only .yaml files are read; call it {path.stem}.yaml",
            )
            for path in sorted(self.folder.glob("*.yml"))
        ]
        if not self.folder.is_dir():
            found.append(_nowhere(self.folder, "no-schemas", "there is no such folder"))
        elif not self.models and not found:
            message = "there is no model here; a folder of schemas has a .yaml file for each model"
            found.append(_nowhere(self.folder, "no-schemas", message))
        if self.must_have_goldens and not self.goldens.is_dir():
            message = "there is no such folder; it holds the goldens, as MODEL/documented/curl.txt"
            found.append(_nowhere(self.goldens, "no-goldens", message))
        return found

    def documented(self, stem: str) -> list[Path]:
        """The documented requests of a schema file. Other goldens prove only what their author believed."""
        return sorted((self.goldens / stem).glob("documented*/curl.txt"))

    def page_record(self, stem: str) -> Path:
        """The record of the page that a schema file mirrors; not every schema has one."""
        return self.goldens / stem / "documented" / "page.yaml"

    def form_values(self, stem: str) -> list[Path]:
        """The form values that people wrote for goldens of a schema file."""
        return sorted((self.goldens / stem).glob("*/values.yaml"))


def _nowhere(folder: Path, code: str, message: str) -> Problem:
    return Problem(file=display_path(folder), span=NOWHERE, code=code, message=message)


def template_files(folder: Path) -> Iterator[str]:
    """Every file of the templates, by its path below the folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix()
