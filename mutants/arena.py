"""A copy of the project in which a mutant lives, is generated, and is looked for by the tests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from mutants.mutant import Mutant

_COPIED = ("schemas", "templates", "generator", "runtime", "generated", "tests", "scripts", "docs",
           "pyproject.toml", "README.md", "LICENSE", "noxfile.py", "CONTRIBUTING.md", "CHANGELOG.md")  # fmt: skip
_LONGEST = 600
"""Seconds after which tests that do not end have noticed."""

_SLOW = (
    "tests/fuzz",
    "tests/test_wheel.py",
    "tests/test_typing.py",
    "tests/test_benchmarks.py",
    "tests/test_mutants.py",
)
"""Left out where all tests are asked: they look at other things, or for long at the same."""


class Outcome(NamedTuple):
    """What became of a mutant."""

    mutant: str
    killer: str | None
    """The first test that failed, or the stage that refused it; ``None`` for a survivor."""
    asked: str
    """``generator``, ``first`` or ``all``: how far the search went."""


class Arena:
    """One copy of the project."""

    def __init__(self, project: Path, folder: Path) -> None:
        self._project = project
        self._folder = folder
        for name in _COPIED:
            if (project / name).is_dir():
                shutil.copytree(project / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(project / name, folder / name)
        used = self._run("-c", "import modelstream, generator; print(modelstream.__file__, generator.__file__)")
        if used.stdout.count(str(folder)) != 2:
            raise RuntimeError(f"not the copy is tested, but {used.stdout}")

    def check(self, tests: Iterable[str]) -> None:
        """Make sure that these tests notice nothing where nothing is broken."""
        if failing := self._failing(tuple(tests)):
            raise RuntimeError(f"without a mutant {failing} fails, too")

    def fight(self, mutant: Mutant, *, briefly: bool = False) -> Outcome:
        """Put the mutant in, look for it, take it out. ``briefly`` asks its own tests only."""
        file = self._folder / mutant.path
        file.write_text(mutant.text, encoding="utf-8")
        try:
            return self._look_for(mutant, briefly=briefly)
        finally:
            shutil.copy2(self._project / mutant.path, file)
            # A broken generator may have left anything.
            shutil.rmtree(self._folder / "generated")
            shutil.copytree(self._project / "generated", self._folder / "generated")

    def _look_for(self, mutant: Mutant, *, briefly: bool) -> Outcome:
        made = self._run("-m", "generator", "generate")
        if made.returncode:
            code = re.search(r": ([a-z-]+): ", made.stderr)
            return Outcome(mutant.name, f"generator: {code[1] if code else 'it broke'}", "generator")
        if killer := self._failing(mutant.tests):
            return Outcome(mutant.name, killer, "first")
        rest = () if briefly else ("tests", *(f"--ignore={path}" for path in (*_SLOW, *mutant.tests)))
        return Outcome(mutant.name, self._failing(rest) if rest else None, "all")

    def _failing(self, tests: tuple[str, ...]) -> str | None:
        """The first test that fails."""
        ended = self._run("-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests)
        if ended.returncode == 0:
            return None
        if ended.returncode < 0:
            return f"no end after {_LONGEST} s"
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
        if failed is None:
            raise RuntimeError(f"pytest ended with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return failed[1]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # Before everything installed, so that the package is the copy's.
        path = os.pathsep.join([str(self._folder / "generated"), str(self._folder)])
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self._folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=_LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)
