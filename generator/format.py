"""Stage 5: black lays out every rendered Python file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version

import black
from black.mode import TargetVersion
from black.parsing import InvalidInput

from generator.cache import Cache, digest
from generator.diagnostics import Problem, ProblemsFound, Span
from generator.emit import Files
from generator.emit.literals import LINE_LENGTH

_MODE = black.Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
_STUB_MODE = replace(_MODE, is_pyi=True)
_BLACK = f"{version('black')} {_MODE}"


def format_python(files: Mapping[str, str | bytes], cache: Cache | None = None) -> Files:
    """The files, with every Python text among them formatted by black.

    Args:
        files: path to content; bytes stay as they are.
        cache: what black returned for the texts of the last run.

    Raises:
        ProblemsFound: a text is not Python, which means that its template is wrong.
    """
    cache = cache or Cache(None)
    problems: list[Problem] = []
    formatted: Files = {}
    for path, text in files.items():
        if isinstance(text, bytes) or not path.endswith((".py", ".pyi")):
            formatted[path] = text
            continue
        try:
            formatted[path] = _formatted(text, cache, stub=path.endswith(".pyi"))
        except InvalidInput as error:
            problems.append(_problem(path, text, error))
    if problems:
        raise ProblemsFound(problems, files=len(files))
    return formatted


def _formatted(text: str, cache: Cache, *, stub: bool) -> str:
    key = digest(_BLACK, str(stub), text)
    formatted = cache.formatted(key)
    if formatted is None:
        formatted = black.format_str(text, mode=_STUB_MODE if stub else _MODE)
        cache.remember_formatted(key, formatted)
    return formatted


def _problem(path: str, text: str, error: InvalidInput) -> Problem:
    try:
        compile(text, path, "exec")
    except SyntaxError as syntax:
        line, message = syntax.lineno or 1, syntax.msg
        source = (text.splitlines() or [""])[min(line, text.count("\n") + 1) - 1]
        span = Span(line=line, column=syntax.offset or 1)
        return Problem(
            file=path,
            span=span,
            code="no-python",
            message=f"its template does not render Python: {message}",
            source_line=source,
        )
    return Problem(file=path, code="no-python", message=f"its template does not render Python: {error}")
