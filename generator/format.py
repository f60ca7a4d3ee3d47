"""Stage 5: rendered Python in the project's one style."""

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
from generator.emit.layout import LaidOut, is_tidy
from generator.emit.literals import LINE_LENGTH

_BLACK = version("black")
_MODE = black.Mode(target_versions={TargetVersion.PY311}, line_length=LINE_LENGTH)
_STUB_MODE = replace(_MODE, is_pyi=True)


def format_python(files: Mapping[str, str | bytes], cache: Cache | None = None) -> Files:
    """The files, with every Python text among them formatted by black.

    Args:
        files: path to content; bytes stay as they are.
        cache: where texts that were formatted before are looked up.

    Raises:
        ProblemsFound: a text is no Python, which means that its template is wrong.
    """
    cache = cache or Cache(None)
    problems: list[Problem] = []
    formatted: Files = {}
    for path, text in files.items():
        try:
            formatted[path] = _formatted(path, text, cache) if isinstance(text, str) else text
        except InvalidInput as error:
            problems.append(_problem(path, str(text), error))
    if problems:
        raise ProblemsFound(problems, files=len(files))
    return formatted


def _formatted(path: str, text: str, cache: Cache) -> str:
    if not path.endswith((".py", ".pyi")):
        return text
    stub = path.endswith(".pyi")
    key = digest("black", _BLACK, str(stub), text)
    known = cache.get(key)
    if isinstance(known, str):
        return known
    if isinstance(text, LaidOut) and is_tidy(text):
        made = str(text)
    else:
        made = black.format_str(text, mode=_STUB_MODE if stub else _MODE)
    cache.put(key, made)
    return made


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
