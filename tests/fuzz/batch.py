"""Many accepted schemas as one package, for what is too slow to be done for each: type checkers, a fresh process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from generator.check import check
from generator.emit import emit
from generator.format import format_python
from generator.ir.build import build
from generator.load import load_bytes
from tests.fuzz.workshop import TEMPLATES
from tests.fuzz.yaml_text import flow

_IMPORT_ALL = """
import modelstream
for name in modelstream.__all__:
    getattr(modelstream, name)
for model, cls in modelstream.MODELS.items():
    assert cls._model_id == model
"""


def write_package(texts: Iterable[str], folder: Path) -> list[str]:
    """Make one package of all these schemas, each under a name of its own; return the modules that depend on them."""
    schemas = folder / "schemas"
    schemas.mkdir(parents=True)
    for index, text in enumerate(texts):
        data: Any = load_bytes(text.encode(), "fuzzed").data | {"model": f"fuzzed-{index}", "class": f"Fuzzed{index}X"}
        (schemas / f"fuzzed-{index}.yaml").write_text(flow(data), encoding="utf-8")
    package = build(check(schemas))
    files = format_python(emit(package, TEMPLATES))
    dependent = [f"modelstream/models/{model.module}.py" for model in package.models]
    dependent += ["modelstream/__init__.py", "modelstream/_async/dispatch.py", "modelstream/catalog.py"]
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
    return [re.sub(r"(/__init__)?\.pyi?$", "", path).replace("/", ".") for path in dependent]


def assert_imports(folder: Path) -> None:
    """In a fresh process every public name is there, without a warning."""
    _run([sys.executable, "-W", "error", "-c", _IMPORT_ALL], folder, PYTHONPATH=str(folder))


def assert_typed(modules: Iterable[str], folder: Path) -> None:
    """mypy has nothing to say, however strict it is."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={folder / 'cache'}"]
    options = ["--follow-imports=silent", *(word for module in modules for word in ("-m", module))]
    _run([*command, *options], folder, MYPYPATH=str(folder))


def _run(command: list[str], folder: Path, **variables: str) -> None:
    done = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
