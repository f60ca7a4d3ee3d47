"""Stage 5: rendered Python in the project's one style."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import black
from black.mode import TargetVersion
from black.parsing import InvalidInput

from generator.diagnostics import Problem, ProblemsFound, Span

LINE_LENGTH = 120

_MODE = black.Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
_STUB_MODE = replace(_MODE, is_pyi=True)


def format_python(
    files: Mapping[str, str | bytes], progress: Callable[[str], None] = lambda path: None
) -> dict[str, str | bytes]:
    """The files with every Python file among them formatted by black.

    Args:
        files: path to content.
        progress: told each path before its turn.

    Raises:
        ProblemsFound: a text is no Python, which means that its template is wrong.
    """
    problems: list[Problem] = []
    formatted: dict[str, str | bytes] = {}
    for path, text in files.items():
        progress(path)
        try:
            formatted[path] = _formatted(path, text) if isinstance(text, str) else text
        except InvalidInput as error:
            problems.append(_problem(path, str(text), error))
    if problems:
        raise ProblemsFound(problems, files=len(files))
    return formatted


def _formatted(path: str, text: str) -> str:
    if path.endswith(".pyi"):
        return black.format_str(text, mode=_STUB_MODE)
    return black.format_str(text, mode=_MODE) if path.endswith(".py") else text


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
            message=f"its template makes no Python: {message}",
            source_line=source,
        )
    return Problem(file=path, code="no-python", message=f"its template makes no Python: {error}")
