"""What users install is the package and nothing else: it brings httpx and pydantic along, is typed, and works in an
environment that has never seen this repository."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from modelstream import KlingV3
from tests.support.server import serve

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated" / "modelstream"


class Built(NamedTuple):
    """The two archives, and an environment into which one of them was installed."""

    sdist: Path
    wheel: Path
    python: Path
    packages: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Built as a release is: the wheel from the sdist."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    run(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    run(sys.executable, "-m", "pip", f"--python={python}", "install", "--quiet", str(wheel))
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    return Built(sdist, wheel, python, packages)


def run(*command: str, **variables: str) -> str:
    """What a command prints. It knows of no other place to import from."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | variables
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd="/")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_only_what_it_needs_comes_along(built: Built) -> None:
    found = distributions(path=[str(built.packages)])
    installed: dict[str, Distribution] = {canonicalize_name(entry.name): entry for entry in found}
    assert set(needs(installed["modelstream"])) == {"httpx", "pydantic", "sniffio"}
    expected = {"modelstream"}
    waiting = ["modelstream"]
    while waiting:
        for name in needs(installed[waiting.pop()]):
            if name not in expected:
                expected.add(name)
                waiting.append(name)
    assert set(installed) == expected


def needs(found: Distribution) -> Iterator[str]:
    """What a distribution needs when no extra is asked for."""
    for requirement in map(Requirement, found.requires or []):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)


def test_the_wheel_holds_the_package_and_nothing_else(built: Built) -> None:
    names = zipfile.ZipFile(built.wheel).namelist()
    own = {name for name in names if not name.startswith("modelstream-")}
    packages = [PACKAGE, ROOT / "runtime" / "modelstream_runtime"]
    files = {path: home for home in packages for path in home.rglob("*") if path.is_file()}
    kept = {path.relative_to(home.parent).as_posix() for path, home in files.items() if "__pycache__" not in path.parts}
    assert own == kept
    assert {"modelstream/py.typed", "modelstream_runtime/py.typed", "modelstream_runtime/mock/samples/16x9.mp4"} <= own
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_sdist_holds_what_the_package_is_made_from(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for path in ("pyproject.toml", "README.md", "LICENSE", "generator/__main__.py", "schemas/kling-v3.yaml",
                 "templates/modelstream/catalog.py.jinja", "tests/goldens/kling-v3/documented/curl.txt",
                 "generated/modelstream/models/kling_v3.py", "runtime/modelstream_runtime/request.py"):  # fmt: skip
        assert path in names
    assert [name for name in names if re.search(r"(^|/)(\.\w*cache|__pycache__)(/|$)", name)] == []
    assert [name for name in names if name.startswith((".venv", ".nox", "dist/"))] == []


def test_an_example_runs(built: Built) -> None:
    program = """
import importlib.util, json, sys, warnings
warnings.simplefilter("error")
import modelstream
from modelstream import KlingV3, ModelStream
request = KlingV3(prompt="A cup of coffee", mode="pro")
with ModelStream() as client:
    task = client.submit(request)
print(json.dumps({
    "file": modelstream.__file__, "version": modelstream.__version__, "curl": request.to_curl(), "task": task.id,
    "generator": importlib.util.find_spec("generator") is not None,
}))
"""
    with serve([{"task_id": "abcd1234efgh"}]) as server:
        environment = {"MODELSTREAM_API_KEY": "sk-1", "MODELSTREAM_BASE_URL": server.url}
        seen: dict[str, Any] = json.loads(run(str(built.python), "-c", program, **environment))
    assert Path(seen["file"]).is_relative_to(built.packages)
    assert seen["generator"] is False
    assert seen["task"] == "abcd1234efgh"
    assert seen["curl"] == KlingV3(prompt="A cup of coffee", mode="pro").to_curl()
    assert built.wheel.name == f"modelstream-{seen['version']}-py3-none-any.whl"
    assert server.received[0].json == KlingV3(prompt="A cup of coffee", mode="pro").to_payload()


def test_type_checkers_know_that_it_is_typed(built: Built, tmp_path: Path) -> None:
    good = tmp_path / "good.py"
    good.write_text("from modelstream import ModelStream\nModelStream('k').submit('kling-v3', prompt='p')\n")
    bad = tmp_path / "bad.py"
    bad.write_text("from modelstream import ModelStream\nModelStream('k').submit('kling-v3', prompt='p', seed=1)\n")
    options = [f"--python-executable={built.python}", f"--cache-dir={tmp_path / 'cache'}"]
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", *options, str(good), str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert "good.py" not in done.stdout
    assert "Found 1 error in 1 file" in done.stdout
    assert 'bad.py:2: error: No overload variant of "submit"' in done.stdout
