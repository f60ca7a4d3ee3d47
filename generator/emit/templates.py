"""Jinja, set up so that a broken template is reported like a broken schema: where, and why."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
from pydantic_core import to_json

from generator.diagnostics import Problem, ProblemsFound, Span, display_path
from generator.emit.imports import import_line, sorted_names
from generator.emit.json_schema import form_schema, wire_schema
from generator.emit.literals import docstring, in_docstring, literal
from generator.emit.openapi import openapi
from generator.emit.pages import ModelPage
from generator.emit.runtime import Runtime
from generator.emit.unasync import without_async
from generator.sources import RUNTIME

_DATAMODEL = "_datamodel"


class Templates:
    """The templates of ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(folder),
            undefined=jinja2.StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            # What comes from schemas passes through `literal` or `docstring`, and on pages through `ModelPage`.
            autoescape=False,  # noqa: S701
        )
        self._environment.filters |= {"literal": literal, "docstring": docstring, "sorted_names": sorted_names}
        self._environment.filters |= {"in_docstring": in_docstring, "import_from": import_line}
        self._environment.filters |= {"form_schema": form_schema, "wire_schema": wire_schema, "openapi": openapi}
        self._environment.filters |= {"page": ModelPage, "json": _json, "names_at": _names_at}
        self.runtime = Runtime(RUNTIME)
        self._environment.filters["without_async"] = partial(without_async, by_hand=self.runtime.twins)
        self._environment.globals |= {"runtime": self.runtime}

    def content(self, source: str) -> bytes:
        """The content of a file that is copied."""
        try:
            return (self.folder / source).read_bytes()
        except OSError as error:
            raise ProblemsFound([self._problem(source, 1, "unreadable", error.strerror or str(error))]) from error

    def text(self, source: str) -> str:
        """The text of a file that is copied."""
        try:
            return self.content(source).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ProblemsFound([self._problem(source, 1, "unreadable", str(error))]) from error

    def render(self, source: str, **context: Any) -> str:
        """A template's output.

        Raises:
            ProblemsFound: the template is not valid Jinja, or asks for something that does not exist.
        """
        return self._guard(source, lambda: self._environment.get_template(source).render(**context))

    def run_datamodel(self, run: Callable[[dict[str, Any]], str]) -> str:
        """Run datamodel-code-generator with the class template of this folder."""
        source = f"{_DATAMODEL}/pydantic_v2/BaseModel.jinja2"
        # Parsed here first, because its own error would not say which file is meant.
        self._guard(source, lambda: str(self._environment.get_template(source)))
        return self._guard(source, lambda: run({"custom_template_dir": self.folder / _DATAMODEL}))

    def _guard(self, source: str, run: Callable[[], str]) -> str:
        try:
            return run()
        except jinja2.TemplateSyntaxError as error:
            place = error.name or source
            raise ProblemsFound([self._problem(place, error.lineno, "template", str(error.message))]) from error
        except jinja2.TemplateNotFound as error:
            raise ProblemsFound([self._problem(source, 1, "template", f"no template {error.name}")]) from error
        except ProblemsFound:
            raise
        except Exception as error:  # whatever an expression in a template can raise
            line = _template_line(error, Path(source).name)
            message = f"{type(error).__name__}: {error}"
            raise ProblemsFound([self._problem(source, line, "template", message)]) from error

    def _problem(self, source: str, line: int, code: str, message: str) -> Problem:
        path = self.folder / source
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            lines = []
        text = lines[line - 1] if 0 < line <= len(lines) else ""
        column = len(text) - len(text.lstrip()) + 1
        span = Span(line=line, column=column, length=max(1, len(text.strip())))
        return Problem(file=display_path(path), span=span, code=code, message=message, source_line=text)


def _json(value: Any) -> str:
    # What the standard library makes, byte for byte, in a fifth of the time.
    return to_json(value, indent=2).decode()


def _names_at(homes: Mapping[str, str], home: str) -> list[str]:
    return [name for name, place in homes.items() if place == home]


def _template_line(error: Exception, name: str) -> int:
    """The line of the template an error came from: Jinja puts its templates into the traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(name)]
    return (lines[-1] if lines else 1) or 1
