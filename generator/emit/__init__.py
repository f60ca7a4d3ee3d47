"""Stage 4: the objects and the templates to the text of every file, in memory.

``templates/`` mirrors the tree that is rendered:

- ``x.py.jinja`` is rendered to ``x.py``;
- a name with ``[module]`` is rendered once for each model;
- a name with ``[twin]`` is rendered once for each module of the runtime's asynchronous client;
- any other file is copied as it is;
- a folder at the top whose name begins with an underscore holds parts of templates and renders no files.

Nothing here cares for the layout of Python: black formats every file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.emit.datamodel import render_classes
from generator.emit.header import with_header
from generator.emit.templates import Templates
from generator.ir import Model, Package
from generator.sources import template_files

Files = dict[str, str | bytes]
"""Path below the output folder to content; a text if it has yet to be formatted."""

_PER_MODEL = "[module]"
_PER_TWIN = "[twin]"
_RENDERED = ".jinja"
_PYTHON = (".py", ".pyi")


def emit(package: Package, folder: Path) -> Files:
    """Every file of the package.

    Raises:
        ProblemsFound: templates are broken.
    """
    templates = Templates(folder)
    files: Files = {}
    problems: list[Problem] = []
    for source in _sources(templates):
        for model in package.all_models if _PER_MODEL in source else [None]:
            try:
                files.update(_render(source, templates, package, model))
            except ProblemsFound as found:
                problems += found.problems
    if problems:
        raise ProblemsFound(problems)
    return dict(sorted(files.items()))


def paths_of_model(folder: Path, module: str) -> frozenset[str]:
    """The paths of the files that are rendered for one model alone."""
    return frozenset(_path(source, module) for source in template_files(folder) if _PER_MODEL in source)


def _sources(templates: Templates) -> list[str]:
    sources = [source for source in template_files(templates.folder) if not source.startswith("_")]
    if not sources:
        message = "there are no templates here; the folder mirrors the tree that is generated"
        place = display_path(templates.folder)
        raise ProblemsFound([Problem(file=place, span=NOWHERE, code="no-templates", message=message)])
    return sources


def _render(
    source: str, templates: Templates, package: Package, model: Model | None
) -> Iterator[tuple[str, str | bytes]]:
    """What one file of the templates gives, for a model if it is rendered for each."""
    if model:
        text = templates.render(source, model=model, classes=partial(render_classes, templates, model))
        path = _path(source, model.module)
        yield path, with_header(path, text, f"schemas/{model.file} and templates/{source}")
    elif _PER_TWIN in source:
        for name, module in templates.runtime.asynchronous.items():
            path = _path(source).replace(_PER_TWIN, name.removesuffix(".py"))
            text = templates.render(source, module=module)
            yield path, with_header(path, text, f"runtime/modelstream_runtime/_async/{name}")
    elif source.endswith(_RENDERED):
        text = templates.render(source, package=package, gateway=package.gateway)
        yield _path(source), with_header(_path(source), text, f"the schemas and templates/{source}")
    elif source.endswith(_PYTHON):
        yield source, with_header(source, templates.text(source), f"templates/{source}")
    else:
        yield source, templates.content(source)


def _path(source: str, module: str = "") -> str:
    return source.removesuffix(_RENDERED).replace(_PER_MODEL, module)
