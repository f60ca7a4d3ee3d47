"""The page as static files, which work from a disk and from any web host, and submit nothing.

A browser loads only classic scripts from a disk, so all data are in such scripts. With an engine, the page has the
Python package in it and checks what people write; without one, it shows the documented requests.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from modelstream_runtime.about import __version__
from modelstream_runtime.agents.llms import llms_texts
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.studio.forms import described, listing

_SERVED, _EXPORTED = "served.js", "exported.js"
_WORKER: Final = "worker.js"
_RUNTIME: Final = "modelstream_runtime"

ENGINE: Final = {
    "pyodide": "pyodide.mjs",
    "loader": "pyodide.asm.mjs",
    "wasm": "pyodide.asm.wasm",
    "stdlib": "python_stdlib.zip",
}
"""The files of Pyodide in the folder of an engine, by their names in the worker. Beside them are ``pyodide-lock.json``,
wheels, and the licences of all in ``licenses/``."""


class NoEngine(Exception):
    """The folder of the engine lacks something. The message says what."""


def export(catalog: Catalog, folder: Path, engine: Path | None = None) -> None:
    """Write the page. Files of an earlier export are replaced; others stay.

    Args:
        catalog: the models.
        folder: where to; it is made if it is missing.
        engine: a folder with Pyodide and the packages that this one needs, as ``nox -s site`` makes it.

    Raises:
        NoEngine: the engine is not complete.
        OSError: something cannot be written.
    """
    texts = {**_page(), **_data(catalog, engine), **llms_texts(catalog)}
    binaries = dict(_licenses(engine)) if engine else {}
    for name, content in {**{name: text.encode() for name, text in texts.items()}, **binaries}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _page() -> dict[str, str]:
    """The files of the page, with one script for another."""
    page = files("modelstream_runtime.studio").joinpath("page")
    texts = {each.name: each.read_text("utf-8") for each in page.iterdir() if each.name not in (_SERVED, _WORKER)}
    index = texts["index.html"]
    texts["index.html"] = index.replace(f'src="{_SERVED}"', f'src="{_EXPORTED}"')
    assert texts["index.html"] != index, f"index.html loads {_SERVED}"
    return texts


def _data(catalog: Catalog, engine: Path | None) -> dict[str, str]:
    models = listing(catalog)
    parts = dict(_engine(catalog, engine)) if engine else {}
    index = {
        "catalog": models,
        "engine": list(parts),
        "session": {"package": catalog.package, "version": __version__, "gateway": catalog.gateway.title},
    }
    contents: dict[str, Any] = {"data/index": index}
    contents |= {f"data/model-{number}": described(catalog, model["id"]) for number, model in enumerate(models)}
    contents |= {f"engine/{name}": part for name, part in parts.items()}
    return {f"{name}.js": _script(name, content) for name, content in contents.items()}


def _script(name: str, content: Any) -> str:
    """A script that hands content to the page. It is ASCII, whatever is in the content."""
    return f"Studio.data({json.dumps(name)}, {json.dumps(content)});\n"


# The engine.


def _engine(catalog: Catalog, folder: Path) -> Iterator[tuple[str, Any]]:
    missing = [name for name in (*ENGINE.values(), "pyodide-lock.json") if not (folder / name).is_file()]
    wheels = sorted(folder.glob("*.whl"))
    if missing or not wheels:
        raise NoEngine(f"{folder} has no {', '.join(missing) or 'wheels'}; `nox -s site` makes a folder with an engine")
    info = json.loads((folder / "pyodide-lock.json").read_bytes())["info"]
    worker = files("modelstream_runtime.studio").joinpath("page", _WORKER).read_bytes()
    yield "worker", base64.b64encode(worker).decode()
    for name, file in ENGINE.items():
        yield name, _packed((folder / file).read_bytes())
    yield "site", _packed(_site(catalog, wheels))
    yield "settings", {"python": info, "catalog": catalog.package}


def _site(catalog: Catalog, wheels: list[Path]) -> bytes:
    """What is installed in the engine: the wheels and, as they are here, the two packages of this distribution."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as site:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    _add(site, name, archive.read(name))
        for package in (_RUNTIME, catalog.package):
            for name, content in _sources(files(package), package):
                _add(site, name, content)
    return made.getvalue()


def _add(site: zipfile.ZipFile, name: str, content: bytes) -> None:
    site.writestr(zipfile.ZipInfo(name), content)  # Without the time, so that the same input makes the same bytes.


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        place = f"{path}/{each.name}"
        if each.is_dir():
            yield from _sources(each, place)
        elif each.name.endswith((".py", ".json")):
            yield place, each.read_bytes()


def _licenses(engine: Path) -> Iterator[tuple[str, bytes]]:
    found = sorted((engine / "licenses").glob("*"))
    if not found:
        raise NoEngine(f"{engine} has no licenses/, which must go with the engine; `nox -s site` makes them")
    yield from ((f"engine/licenses/{file.name}", file.read_bytes()) for file in found)


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()
