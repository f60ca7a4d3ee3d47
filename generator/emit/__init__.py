"""Stage 4: the objects and the templates to the text of every file, in memory.

``templates/`` mirrors the tree that is rendered:

- ``x.py.jinja`` is rendered to ``x.py``;
- a name with ``[module]`` or ``[model]`` is rendered once for each model, under the name of its module or its id;
- a name with ``[twin]`` is rendered once for each module of the runtime's asynchronous client;
- any other file is copied as it is;
- a folder at the top whose name begins with an underscore holds parts of templates and renders no files.

Nothing here cares for the layout of Python: black formats every file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.emit.datamodel import render_classes
from generator.emit.literals import comment
from generator.emit.templates import Templates
from generator.ir import Gateway, Model, Package
from generator.sources import template_files

Files = dict[str, str | bytes]
"""Name of a rendered file, a path as in ``templates/``, to its content; a text if it has yet to be formatted."""

_File = tuple[str, str | bytes]

_PER_MODEL = ("[module]", "[model]")
_PER_TWIN = "[twin]"
_RENDERED = ".jinja"


def emit(package: Package, folder: Path) -> Files:
    """Every file of the package.

    Raises:
        ProblemsFound: templates are broken.
    """
    templates = Templates(folder)
    files: Files = {}
    problems: list[Problem] = []
    for source in _sources(templates):
        for render in _renderings(source, templates, package):
            try:
                path, content = render()
            except ProblemsFound as found:
                problems += found.problems
            else:
                files[path] = content
    if problems:
        raise ProblemsFound(problems)
    return dict(sorted(files.items()))


def paths_of_model(folder: Path, model: Model) -> frozenset[str]:
    """The paths of the files that are rendered for one model alone."""
    return frozenset(_path(source, model) for source in template_files(folder) if _is_per_model(source))


def _sources(templates: Templates) -> list[str]:
    sources = [source for source in template_files(templates.folder) if not source.startswith("_")]
    if not sources:
        message = "there are no templates here; the folder mirrors the tree that is generated"
        place = display_path(templates.folder)
        raise ProblemsFound([Problem(file=place, span=NOWHERE, code="no-templates", message=message)])
    return sources


def _renderings(source: str, templates: Templates, package: Package) -> Iterator[Callable[[], _File]]:
    """What renders the files that one file of the templates gives."""
    if _is_per_model(source):
        yield from (partial(_for_model, templates, source, model, package.gateway) for model in package.all_models)
    elif _PER_TWIN in source:
        modules = templates.runtime.asynchronous.items()
        yield from (partial(_twin, templates, source, name, module) for name, module in modules)
    elif source.endswith(_RENDERED):
        yield partial(_for_all, templates, source, package)
    else:
        yield partial(_copied, templates, source)


def _for_model(templates: Templates, source: str, model: Model, gateway: Gateway) -> _File:
    classes = partial(render_classes, templates, model)
    text = templates.render(source, model=model, gateway=gateway, classes=classes)
    path = _path(source, model)
    return path, _with_header(path, text, f"schemas/{model.file} and templates/{source}")


def _for_all(templates: Templates, source: str, package: Package) -> _File:
    text = templates.render(source, package=package, gateway=package.gateway)
    return _path(source), _with_header(_path(source), text, f"the schemas and templates/{source}")


def _twin(templates: Templates, source: str, name: str, module: str) -> _File:
    path = _path(source).replace(_PER_TWIN, name.removesuffix(".py"))
    text = templates.render(source, module=module)
    return path, _with_header(path, text, f"runtime/modelstream_runtime/_async/{name}")


def _copied(templates: Templates, source: str) -> _File:
    if _is_python(source):
        return source, _with_header(source, templates.text(source), f"templates/{source}")
    return source, templates.content(source)


def _is_per_model(source: str) -> bool:
    return any(place in source for place in _PER_MODEL)


def _path(source: str, model: Model | None = None) -> str:
    path = source.removesuffix(_RENDERED)
    names = zip(_PER_MODEL, (model.module, model.name), strict=True) if model else ()
    for place, name in names:
        path = path.replace(place, name)
    return path


def _with_header(path: str, text: str, made_from: str) -> str:
    """The text of a file, with what it was made from if it is Python."""
    if not _is_python(path):
        return text
    how = 'Do not edit it here: change its source, then run "nox -s generate".'
    return f"{comment(f'Made from {made_from}.')}\n{comment(how)}\n{text}"


def _is_python(path: str) -> bool:
    return path.endswith((".py", ".pyi"))
