"""Any number of models: copies of the real schemas under other names."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_SHARED = ("gateway.yaml", "generic.yaml")


def write_schemas(folder: Path, count: int) -> Path:
    """Write ``schemas`` and the goldens that they need into the folder; returns the folder of the schemas."""
    shutil.rmtree(folder, ignore_errors=True)
    schemas, goldens = folder / "schemas", folder / "tests" / "goldens"
    schemas.mkdir(parents=True)
    for name in _SHARED:
        shutil.copy(ROOT / "schemas" / name, schemas)
    shutil.copytree(ROOT / "tests" / "goldens" / "generic", goldens / "generic")
    originals = sorted(set((ROOT / "schemas").glob("*.yaml")) - {ROOT / "schemas" / name for name in _SHARED})
    for number in range(count):
        original, model = originals[number % len(originals)], f"synthetic-{number:03}"
        text = original.read_text(encoding="utf-8")
        text = re.sub(r"(?m)^model: .*$", f"model: {model}", text)
        text = re.sub(r"(?m)^class: .*$", f"class: Synthetic{number:03}", text)
        (schemas / f"{model}.yaml").write_text(text, encoding="utf-8")
        # The record of the page is not copied, because it knows the curl by its digest.
        golden = Path("tests", "goldens", original.stem, "documented", "curl.txt")
        target = goldens / model / "documented" / golden.name
        target.parent.mkdir(parents=True)
        body = (ROOT / golden).read_text(encoding="utf-8").replace(f'"{original.stem}"', f'"{model}"')
        target.write_text(body, encoding="utf-8")
    return schemas


def write_project(folder: Path, count: int) -> None:
    """Write the parts of this project that its wheel needs, with this many models instead of the real ones."""
    schemas = write_schemas(folder, count)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "runtime", folder / "runtime", ignore=shutil.ignore_patterns("__pycache__"))
    generate = (sys.executable, "-m", "generator", "generate")
    out = ("--schemas", str(schemas), "--out", str(folder / "generated"))
    subprocess.run([*generate, *out], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
