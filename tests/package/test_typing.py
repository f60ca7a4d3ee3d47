"""mypy and pyright refuse exactly the marked lines of `tests/typing`: a wrong call is seen while it is written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "typing").glob("*.py"))

Lines = dict[str, set[int]]


def marked() -> Lines:
    return {
        path.name: {
            number
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
            if line.endswith("  # error")
        }
        for path in FILES
    }


def test_bad_files_have_marks_and_good_files_have_none() -> None:
    lines = marked()
    assert {name: bool(found) for name, found in lines.items()} == {
        "bad_calls.py": True,
        "bad_requests.py": True,
        "good_calls.py": False,
        "good_requests.py": False,
    }


def test_mypy_refuses_exactly_the_marked_lines(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", "--no-pretty"]
    surroundings = os.environ | {"MYPYPATH": str(ROOT / "generated"), "MYPY_FORCE_COLOR": "0"}
    done = subprocess.run([*command, *FILES], capture_output=True, text=True, env=surroundings, cwd=ROOT)
    found = re.findall(r"^(.+?):(\d+): error: ", done.stdout, re.MULTILINE)
    assert differences(found) == {}, done.stderr


def test_pyright_refuses_exactly_the_marked_lines(tmp_path: Path) -> None:
    for path in FILES:
        shutil.copy(path, tmp_path)  # A configuration only speaks for files below it.
    config = {"extraPaths": [str(ROOT / "generated")], "pythonVersion": "3.11", "typeCheckingMode": "standard"}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config), encoding="utf-8")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(FILES)
    errors = [entry for entry in report["generalDiagnostics"] if entry["severity"] == "error"]
    found = [(entry["file"], entry["range"]["start"]["line"] + 1) for entry in errors]
    assert differences(found) == {}


def differences(found: list[tuple[str, str]] | list[tuple[str, int]]) -> dict[str, dict[str, set[int]]]:
    """The lines that should be errors and are none, and the other way round."""
    lines: Lines = {path.name: set() for path in FILES}
    for file, line in found:
        lines.setdefault(Path(file).name, set()).add(int(line))
    expected = marked()
    return {
        name: {"not seen": expected[name] - seen, "not marked": seen - expected[name]}
        for name, seen in lines.items()
        if seen != expected.setdefault(name, set())
    }


def test_a_file_with_a_wrong_mark_is_noticed() -> None:
    right = [(name, line) for name, found in marked().items() for line in found]
    assert differences(right) == {}
    assert differences(right[1:]) != {}
    assert differences([*right, ("good_calls.py", 1)]) == {"good_calls.py": {"not seen": set(), "not marked": {1}}}
