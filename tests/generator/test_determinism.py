"""The same schemas and templates give the same bytes, whatever else is different."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What a run makes that the others are compared with."""
    return _generate(tmp_path_factory.mktemp("first"), PYTHONHASHSEED="0")


def test_another_hash_seed(first: dict[str, bytes], tmp_path: Path) -> None:
    assert _generate(tmp_path, PYTHONHASHSEED="4242") == first


def test_another_place_language_and_time_zone(first: dict[str, bytes], tmp_path: Path) -> None:
    """From the root of the disk, with copies of the input elsewhere, on a system that knows ASCII only."""
    schemas, templates = tmp_path / "in" / "formulare", tmp_path / "vorlagen"
    _copy_backwards(ROOT / "schemas", schemas)
    _copy_backwards(ROOT / "templates", templates)
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    made = _generate(tmp_path, schemas=schemas, templates=templates, cwd=Path("/"), TZ="Asia/Tokyo", **ascii_only)
    assert made == first


def test_twice_in_a_row(first: dict[str, bytes], tmp_path: Path) -> None:
    for path, content in first.items():
        file = tmp_path / "out" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    assert _generate(tmp_path) == first


def test_another_order_of_files(
    first: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """File systems list files in any order; here it is backwards."""
    glob, rglob = Path.glob, Path.rglob

    def glob_backwards(self: Path, pattern: str) -> Iterator[Path]:
        yield from sorted(glob(self, pattern), reverse=True)

    def rglob_backwards(self: Path, pattern: str) -> Iterator[Path]:
        yield from sorted(rglob(self, pattern), reverse=True)

    monkeypatch.setattr(Path, "glob", glob_backwards)
    monkeypatch.setattr(Path, "rglob", rglob_backwards)
    assert main(["generate", "--no-cache", "--out", str(tmp_path / "out")]) == 0
    monkeypatch.undo()
    assert capsys.readouterr().err == ""
    assert _bytes(tmp_path / "out") == first


def _generate(
    folder: Path,
    *,
    schemas: Path = ROOT / "schemas",
    templates: Path = ROOT / "templates",
    cwd: Path = ROOT,
    **environment: str,
) -> dict[str, bytes]:
    """What a process of its own makes."""
    folders = ["--no-cache", f"--schemas={schemas}", f"--templates={templates}", f"--out={folder / 'out'}"]
    subprocess.run(
        [sys.executable, "-m", "generator", "generate", *folders, f"--goldens={ROOT / 'tests' / 'goldens'}"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        check=True,
        capture_output=True,
    )
    return _bytes(folder / "out")


def _bytes(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _copy_backwards(source: Path, target: Path) -> None:
    """Copy a folder so that its files come to the disk in another order."""
    for file in sorted(source.rglob("*"), reverse=True):
        if file.is_file() and "__pycache__" not in file.parts:
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
