"""A copy of the project in which one mutant at a time replaces a file, is generated, and is tested."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from mutants.schemas import Mutant

FIRST_TESTS = ("tests/requests",)
"""They notice most mutants."""

_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "dist", "reports", "page.yaml")
"""Without the records of the pages, which would notice most mutants before any test is tried."""
_TIMEOUT = 3600
"""Seconds for one run of the tests, which is several times what they need. Tests that do not end notice nothing."""

_UNRELATED = (
    "tests/chaos",
    "tests/journal",
    "tests/support",
    "tests/package/test_benchmarks.py",
    "tests/package/test_typing.py",
    "tests/package/test_wheel.py",
    "tests/studio/test_gate.py",
)
"""Slow tests that no constraint of a schema can fail."""


class Outcome(NamedTuple):
    """What became of a mutant."""

    mutant: str
    noticed_by: str | None
    """The first test that failed, or the stage of the generator that rejected it; ``None`` for a survivor."""


class ProjectCopy:
    """One copy of the project."""

    def __init__(self, project: Path, folder: Path) -> None:
        self._project = project
        self._folder = folder
        shutil.copytree(project, folder, ignore=_NOT_COPIED, dirs_exist_ok=True)
        imported = self._run("-c", "import modelstream, generator; print(modelstream.__file__, generator.__file__)")
        if imported.stdout.count(str(folder)) != 2:
            raise RuntimeError(f"Python imports {imported.stdout} instead of the copy")

    def check_unchanged(self) -> None:
        """Make sure that the first tests pass where nothing is broken."""
        if failing := self._first_failure(*FIRST_TESTS):
            raise RuntimeError(f"{failing} fails without a mutant, too")

    def try_mutant(self, mutant: Mutant, *, briefly: bool = False) -> Outcome:
        """Put the mutant in, see who notices, and take it out. ``briefly`` runs the first tests only."""
        file = self._folder / mutant.path
        file.write_text(mutant.text, encoding="utf-8")
        try:
            return Outcome(mutant.name, self._noticed_by(briefly=briefly))
        finally:
            shutil.copy2(self._project / mutant.path, file)
            shutil.rmtree(self._folder / "generated")
            shutil.copytree(self._project / "generated", self._folder / "generated", ignore=_NOT_COPIED)

    def _noticed_by(self, *, briefly: bool) -> str | None:
        generated = self._run("-m", "generator", "generate")
        if generated.returncode:
            code = re.search(r": ([a-z-]+): ", generated.stderr)
            return f"generator: {code[1] if code else 'it crashed'}"
        if failure := self._first_failure(*FIRST_TESTS):
            return failure
        if briefly:
            return None
        ignored = (f"--ignore={path}" for path in (*_UNRELATED, *FIRST_TESTS))
        return self._first_failure("tests", *ignored) or self._first_failure("tests/conformance")

    def _first_failure(self, *tests: str) -> str | None:
        ended = self._run("-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests)
        if ended.returncode <= 0:  # Below 0, they did not end.
            return None
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", ended.stdout, re.MULTILINE)
        if failed is None:
            raise RuntimeError(f"pytest exited with {ended.returncode}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
        return failed[1]

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # The copy comes before everything that is installed.
        roots = [str(self._folder / name) for name in ("generated", "runtime", "")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(roots), "PYTHONDONTWRITEBYTECODE": "1"}
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
            out, err = process.communicate(timeout=_TIMEOUT)
        except BaseException as error:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            if not isinstance(error, subprocess.TimeoutExpired):
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)
