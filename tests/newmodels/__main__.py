"""Put a copy of the project with the made-up models into a folder: ``python -m tests.newmodels FOLDER``.

The models in ``schemas`` have every feature of the language and every pair of features that meet in one array. Nothing
but their schemas and goldens is added, so that a test of the copy that fails knows which models there are:
``nox -s newmodels`` runs them all.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]

_NOT_COPIED = (".git", ".nox", ".venv", ".cache", ".*_cache", ".hypothesis", "__pycache__", "dist", "reports")


def copy_with_models(folder: Path) -> None:
    """Copy the project, and put the made-up schemas and goldens beside the others."""
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    for name, place in (("schemas", "schemas"), ("goldens", "tests/goldens")):
        shutil.copytree(HERE / name, folder / place, dirs_exist_ok=True)


if __name__ == "__main__":
    copy_with_models(Path(sys.argv[1]))
