"""Stage 4: the objects and the templates to the text of every file, in memory.

``templates/`` mirrors the tree it makes:

- ``x.py.jinja`` is rendered to ``x.py``;
- a name with ``[module]`` is rendered once per model;
- any other file is copied as it is;
- what is under a folder ``_async`` is also written to its sibling ``_sync``, without the asynchronous words, unless
  that has a file of its own there;
- a folder at the top whose name begins with an underscore holds parts and makes no files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.emit.datamodel import render_classes
from generator.emit.literals import comment
from generator.emit.templates import Templates
from generator.emit.unasync import without_async
from generator.ir import Package

_BINARY = (".mp4",)


def emit(package: Package, folder: Path) -> dict[str, str | bytes]:
    """Path below the output folder to content, for every file of the package; bytes if it is no text.

    Raises:
        ProblemsFound: a template is broken.
    """
    templates = Templates(folder)
    files: dict[str, str | bytes] = {}
    problems: list[Problem] = []
    for source in _sources(folder):
        try:
            files.update(_render(templates, source, package))
        except ProblemsFound as found:
            problems += found.problems
    if not files and not problems:
        message = "no templates here; the folder mirrors the tree that is generated"
        problems.append(Problem(file=display_path(folder), span=NOWHERE, code="no-templates", message=message))
    if problems:
        raise ProblemsFound(problems)
    return dict(sorted(files.items()))


def _sources(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        source = path.relative_to(folder)
        if path.is_file() and not source.parts[0].startswith("_") and "__pycache__" not in source.parts:
            yield source.as_posix()


def _render(templates: Templates, source: str, package: Package) -> Iterator[tuple[str, str | bytes]]:
    path = source.removesuffix(".jinja")
    if "[module]" in path:
        for model in package.all_models:
            text = templates.render(source, model=model, classes=partial(render_classes, templates, model))
            made_from = f"schemas/{model.file} and templates/{source}"
            yield path.replace("[module]", model.module), _with_header(path, text, made_from)
        return
    if path.endswith(_BINARY):
        yield path, templates.content(source)
        return
    if path != source:
        text = templates.render(source, package=package, gateway=package.gateway)
    else:
        text = templates.text(source)
    made_from = f"the schemas and templates/{source}" if path != source else f"templates/{source}"
    text = _with_header(path, text, made_from)
    yield path, text
    twin = path.replace("/_async/", "/_sync/")
    if twin != path and not templates.has(twin):
        yield twin, without_async(text)


def _with_header(path: str, text: str, made_from: str) -> str:
    if not path.endswith((".py", ".pyi")):
        return text
    how = 'Do not edit it here: change its source, then run "nox -s generate".'
    return f"{comment(f'Made from {made_from}.')}\n{comment(how)}\n{text}"
