"""Stage 4: the objects and the templates to the text of every file, in memory.

``templates/`` mirrors the tree it makes:

- ``x.py.jinja`` is rendered to ``x.py``;
- a name with ``[module]`` is rendered once per model;
- a name with ``[twin]`` is rendered once per module of the runtime's asynchronous client;
- any other file is copied as it is;
- a folder at the top whose name begins with an underscore holds parts and makes no files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.emit.datamodel import render_classes
from generator.emit.entry import Catalog, Entry
from generator.emit.layout import LaidOut
from generator.emit.literals import comment
from generator.emit.templates import Templates
from generator.ir import Model, Package
from generator.sources import template_files

Files = dict[str, str | bytes]
"""Path below the output folder to content; a text if it has yet to be formatted."""

_PER_MODEL = "[module]"
_PER_TWIN = "[twin]"
_RENDERED = ".jinja"
_PYTHON = (".py", ".pyi")

_LAID_OUT = (
    "modelstream/__init__.py.jinja",
    "modelstream/models/[module].py.jinja",
    "modelstream/models/__init__.py.jinja",
)
"""Templates that lay out their text as black would, who takes longer than all other stages together."""


def emit(package: Package, folder: Path) -> Files:
    """Every file of the package.

    Raises:
        ProblemsFound: templates are broken.
    """
    templates = Templates(folder)
    catalog = Catalog.of(package.gateway, map(Entry.of, package.all_models))
    of_models = (_model_parts(templates, model) for model in package.all_models)
    return _run(chain(*of_models, _program_parts(templates), _catalog_parts(templates, catalog)))


def emit_model(templates: Templates, model: Model) -> Files:
    """The files that are made for one model alone.

    Raises:
        ProblemsFound: templates are broken.
    """
    return _run(_model_parts(templates, model))


def emit_program(templates: Templates) -> Files:
    """The files that no schema has a say in.

    Raises:
        ProblemsFound: a file cannot be read.
    """
    return _run(_program_parts(templates))


def emit_catalog(templates: Templates, catalog: Catalog) -> Files:
    """The files that say something of all models.

    Raises:
        ProblemsFound: templates are broken.
    """
    return _run(_catalog_parts(templates, catalog))


def paths_of(folder: Path, module: str) -> frozenset[str]:
    """The paths of the files that are made for one model alone."""
    return frozenset(_path(source, module) for source in template_files(folder) if _PER_MODEL in source)


_Part = Callable[[], Iterable[tuple[str, str | bytes]]]


def _run(parts: Iterable[_Part]) -> Files:
    files: Files = {}
    problems: list[Problem] = []
    for part in parts:
        try:
            files.update(part())
        except ProblemsFound as found:
            problems += found.problems
    if problems:
        raise ProblemsFound(problems)
    return dict(sorted(files.items()))


def _model_parts(templates: Templates, model: Model) -> Iterator[_Part]:
    for source in _sources(templates):
        if _PER_MODEL in source:
            yield partial(_for_model, templates, source, model)


def _program_parts(templates: Templates) -> Iterator[_Part]:
    for source in _sources(templates):
        if _PER_TWIN in source:
            for name, module in templates.runtime.asynchronous.items():
                yield partial(_twin, templates, source, name, module)
        elif not source.endswith(_RENDERED):
            yield partial(_copied, templates, source)


def _catalog_parts(templates: Templates, catalog: Catalog) -> Iterator[_Part]:
    for source in _sources(templates):
        if _PER_MODEL not in source and _PER_TWIN not in source and source.endswith(_RENDERED):
            yield partial(_for_all, templates, source, catalog)


def _sources(templates: Templates) -> list[str]:
    sources = [source for source in templates.files if not source.startswith("_")]
    if not sources:
        message = "no templates here; the folder mirrors the tree that is generated"
        place = display_path(templates.folder)
        raise ProblemsFound([Problem(file=place, span=NOWHERE, code="no-templates", message=message)])
    return sources


def _path(source: str, module: str = "") -> str:
    return source.removesuffix(_RENDERED).replace(_PER_MODEL, module)


def _for_model(templates: Templates, source: str, model: Model) -> Iterator[tuple[str, str | bytes]]:
    text = templates.render(source, model=model, classes=partial(render_classes, templates, model))
    made_from = f"schemas/{model.file} and templates/{source}"
    yield _path(source, model.module), _laid_out(source, _with_header(_path(source), text, made_from))


def _for_all(templates: Templates, source: str, catalog: Catalog) -> Iterator[tuple[str, str | bytes]]:
    text = templates.render(source, package=catalog, gateway=catalog.gateway)
    made_from = f"the schemas and templates/{source}"
    yield _path(source), _laid_out(source, _with_header(_path(source), text, made_from))


def _twin(templates: Templates, source: str, name: str, module: str) -> Iterator[tuple[str, str | bytes]]:
    path = _path(source).replace(_PER_TWIN, name.removesuffix(".py"))
    text = templates.render(source, module=module)
    yield path, _with_header(path, text, f"runtime/modelstream_runtime/_async/{name}")


def _copied(templates: Templates, source: str) -> Iterator[tuple[str, str | bytes]]:
    if source.endswith(_PYTHON):
        yield source, _with_header(source, templates.text(source), f"templates/{source}")
    else:
        yield source, templates.content(source)


def _laid_out(source: str, text: str) -> str:
    return LaidOut(text) if source in _LAID_OUT else text


def _with_header(path: str, text: str, made_from: str) -> str:
    if not path.endswith(_PYTHON):
        return text
    how = 'Do not edit it here: change its source, then run "nox -s generate".'
    return f"{comment(f'Made from {made_from}.')}\n{comment(how)}\n{text}"
