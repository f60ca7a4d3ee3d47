"""The generator: from nothing, when nothing has changed, and when one schema has."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter, time_ns

from benchmarks.synthetic import ROOT, write_schemas

_SAMPLE = 8
"""How many models a program that has to be started for each is started for."""


def full(count: int) -> None:
    """Make so many models from nothing. Prints the time of one."""
    _tell(_generate(_project(count), "--no-cache", "--out", str(_scratch() / "out")) / count)


def unchanged(count: int) -> None:
    """Compare what was made before."""
    _tell(_generate(_made(count), "--check"))


def one_changed(count: int) -> None:
    """Make one model anew, and what all of them share."""
    project = _made(count)
    schema = project / "schemas" / "synthetic-000.yaml"
    text = schema.read_text(encoding="utf-8")
    schema.write_text(re.sub(r"(?m)^title: .*$", f"title: Changed {time_ns()}", text), encoding="utf-8")
    _tell(_generate(project))


def imports() -> None:
    """Start Python and import what the generator stands on."""
    _tell(_timed("-c", "import jinja2, yaml, jsonschema, black, datamodel_code_generator.parser.jsonschema"))


def datamodel_codegen() -> None:
    """Its command line, once for each model. Prints the time of one."""
    forms = sorted((_made(_SAMPLE) / "generated" / "modelstream" / "schemas").glob("synthetic_*.form.json"))
    out, options = str(_scratch() / "codegen.py"), ("--input-file-type", "jsonschema", "--formatters", "black")
    command = ("-m", "datamodel_code_generator", "--output-model-type", "pydantic_v2.BaseModel", *options)
    _tell(sum(_timed(*command, "--input", str(form), "--output", out) for form in forms) / len(forms))


def openapi_client(count: int) -> None:
    """openapi-python-client on our document of so many models. Prints the time of one."""
    document = _made(count) / "generated" / "modelstream" / "schemas" / "openapi.json"
    out = ("--output-path", str(_scratch() / "openapi-client"), "--overwrite", "--meta", "none")
    _tell(_timed("-m", "openapi_python_client", "generate", "--path", str(document), *out) / count)


def _generate(project: Path, *options: str) -> float:
    folders = ("--schemas", str(project / "schemas"), "--out", str(project / "generated"))
    return _timed("-m", "generator", "generate", *folders, *options)


def _timed(*arguments: str) -> float:
    started = perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=quiet, stderr=quiet)
    return perf_counter() - started


def _tell(seconds: float) -> None:
    print(json.dumps({"time": seconds}))


def _made(count: int) -> Path:
    project = _project(count)
    if not (project / "generated").exists():
        _generate(project)
    return project


def _project(count: int) -> Path:
    project = _scratch() / f"{count}-models"
    if not project.exists():
        write_schemas(project, count)
    return project


def _scratch() -> Path:
    return Path(os.environ["BENCHMARK_SCRATCH"])
