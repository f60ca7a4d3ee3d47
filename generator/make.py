"""From the folders to the content of every file, with no more work than what has changed asks for.

Each model is a unit of its own, the program that serves them all is one, and the catalog of the models is the last. A
unit that was made before from the same input comes out of the cache, the others are made side by side. This only works
while nothing is wrong: at the first sign of a problem the whole pipeline runs in one piece, which tells every problem
there is.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cache import AS_JSON, Cache, digest, digest_of_generator
from generator.progress import Progress
from generator.sources import Sources

if TYPE_CHECKING:
    from generator.unit import Unit

_WORTH_A_PROCESS = 8
"""How many units a process has to make to be worth its start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeModel:
    """One model in what was made."""

    name: str
    file: str
    paths: frozenset[str]
    """The files that are made for it alone."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """Path below the output folder to content, and the models it was made from."""

    files: Mapping[str, bytes]
    models: tuple[MadeModel, ...]


def make(sources: Sources, templates: Path, cache: Cache, progress: Progress) -> Made:
    """Every file of the package.

    Raises:
        ProblemsFound: schemas or templates are wrong.
    """
    return _from_units(sources, templates, cache, progress) or _in_one_piece(sources, templates, progress)


def _from_units(sources: Sources, templates: Path, cache: Cache, progress: Progress) -> Made | None:
    """``None`` if anything is wrong anywhere."""
    if sources.problems():
        return None
    try:
        program = digest_of_generator(templates)
        keys = [program, *(digest(program, *_inputs(path, sources)) for path in sources.models)]
        catalog_key = digest(sources.gateway.read_bytes(), *keys)
    except OSError:
        return None
    units = [cache.get(key) for key in keys]
    catalog = cache.get(catalog_key)
    if catalog is None or None in units:
        # Imported when there is something to make, because it costs more than a run that finds everything made.
        from generator.unit import Maker

        gc.freeze()  # The tools' own objects stay; looking them through again and again takes a sixth of the time.
        maker = Maker(sources, templates, cache)
        makers: list[Callable[[], Unit | None]] = [
            maker.program,
            *(partial(maker.model, path) for path in sources.models),
        ]
        names = ["the program", *(path.name for path in sources.models)]
        missing = [place for place, unit in enumerate(units) if unit is None]
        progress.stage("making", len(missing))
        for place, unit in zip(missing, _made([makers[place] for place in missing]), strict=True):
            progress.step(names[place])
            if unit is None:
                return None
            units[place] = unit
            cache.put(keys[place], unit)
        if _clash(units[1:]):
            return None
        progress.stage("making the catalog")
        catalog = maker.catalog(unit["entry"] for unit in units[1:])
        if catalog is None:
            return None
        cache.put(catalog_key, catalog)
        cache.sweep()
    files = {path: text for unit in (*units, catalog) for path, text in unit["files"].items()}
    return Made(
        files={path: content.encode(AS_JSON) for path, content in sorted(files.items())},
        models=tuple(_made_model(unit) for unit in units[1:]),
    )


def _inputs(path: Path, sources: Sources) -> Iterator[str | bytes]:
    """What a model's unit depends on beside the program."""
    yield path.name
    yield path.read_bytes()
    yield str(sources.goldens.is_dir())
    for golden in sources.documented(path.stem):
        yield golden.read_bytes()


def _made(makers: Sequence[Callable[[], Unit | None]]) -> Iterator[Unit | None]:
    workers = min(os.cpu_count() or 1, len(makers) // _WORTH_A_PROCESS)
    if workers < 2:
        yield from (make() for make in makers)
        return
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(_call, makers, chunksize=_WORTH_A_PROCESS)


def _call(make: Callable[[], Unit | None]) -> Unit | None:
    return make()


def _clash(units: Iterable[Unit]) -> bool:
    """Whether two models claim the same name."""
    claims = [tuple(claim) for unit in units for claim in unit["claimed"]]
    return len(claims) != len(set(claims))


def _made_model(unit: Unit) -> MadeModel:
    return MadeModel(name=unit["entry"]["name"], file=unit["entry"]["file"], paths=frozenset(unit["files"]))


def _in_one_piece(sources: Sources, templates: Path, progress: Progress) -> Made:
    from generator.check import check_sources
    from generator.emit import emit, paths_of
    from generator.format import format_python
    from generator.ir import build

    progress.stage("checking schemas")
    package = build(check_sources(sources))
    progress.stage("rendering templates")
    files = emit(package, templates)
    progress.stage("formatting")
    formatted = format_python(files)
    return Made(
        files={path: text.encode() if isinstance(text, str) else text for path, text in formatted.items()},
        models=tuple(
            MadeModel(name=model.name, file=model.file, paths=paths_of(templates, model.module))
            for model in package.all_models
        ),
    )
