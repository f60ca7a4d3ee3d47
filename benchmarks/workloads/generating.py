"""The generator: from scratch, when nothing has changed, and when one schema has changed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter, time_ns

from benchmarks.synthetic import ROOT, write_schemas


def full(count: int) -> None:
    """Generate this many models from scratch."""
    _report(_generate(_project(count), "--no-cache", "--out", str(_scratch() / "out" / "generated")))


def unchanged(count: int) -> None:
    """Compare the generated files with the schemas; nothing has changed."""
    _report(_generate(_generated(count), "--check"))


def one_changed(count: int) -> None:
    """Change one schema and generate again."""
    project = _generated(count)
    schema = project / "schemas" / "synthetic-000.yaml"
    text = schema.read_text(encoding="utf-8")
    schema.write_text(re.sub(r"(?m)^title: .*$", f"title: Changed {time_ns()}", text), encoding="utf-8")
    _report(_generate(project))


def imports() -> None:
    """Start Python and import the dependencies of the generator."""
    _report(_timed("-c", "import jinja2, yaml, jsonschema, black, datamodel_code_generator.parser.jsonschema"))


def datamodel_codegen(count: int) -> None:
    """Run its command line once for each of this many models."""
    forms = sorted((_generated(count) / "generated" / "modelstream" / "schemas").glob("synthetic_*.form.json"))
    out, options = str(_scratch() / "codegen.py"), ("--input-file-type", "jsonschema", "--formatters", "black")
    command = ("-m", "datamodel_code_generator", "--output-model-type", "pydantic_v2.BaseModel", *options)
    _report(sum(_timed(*command, "--input", str(form), "--output", out) for form in forms))


def openapi_client(count: int) -> None:
    """Run openapi-python-client on our OpenAPI document of this many models."""
    document = _generated(count) / "generated" / "modelstream" / "schemas" / "openapi.json"
    out = ("--output-path", str(_scratch() / "openapi-client"), "--overwrite", "--meta", "none")
    _report(_timed("-m", "openapi_python_client", "generate", "--path", str(document), *out))


def _generate(project: Path, *options: str) -> float:
    folders = ("--schemas", str(project / "schemas"), "--out", str(project / "generated"))
    return _timed("-m", "generator", "generate", *folders, *options)


def _timed(*arguments: str) -> float:
    started = perf_counter()
    quiet = subprocess.DEVNULL
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, stdout=quiet, stderr=quiet)
    return perf_counter() - started


def _report(seconds: float) -> None:
    print(json.dumps({"time": seconds}))


def _generated(count: int) -> Path:
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
