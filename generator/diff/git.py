"""Files of a git revision, read with plumbing commands. No hook, filter or other program of the repository runs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, printable

_MOST_BYTES = 20_000_000
"""The most that is read of a revision."""
_SAFE_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*")
_REGULAR = ("100644", "100755")


class Repository:
    """A git repository, found from a folder in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def commit(self, revision: str) -> str:
        """The commit that a revision names.

        Raises:
            ProblemsFound: there is no such revision, no repository, or no git.
        """
        try:
            return (
                self._git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
                .decode()
                .strip()
            )
        except (OSError, subprocess.CalledProcessError) as error:
            why = "git is not installed" if isinstance(error, FileNotFoundError) else "neither a folder nor a revision"
            raise _unknown(revision, f"{why}; write a folder of schemas, or a branch, tag or commit") from error

    def merge_base(self, one: str, other: str) -> str:
        """The commit at which two commits parted.

        Raises:
            ProblemsFound: they have no commit in common.
        """
        try:
            return self._git("merge-base", one, other).decode().strip()
        except subprocess.CalledProcessError as error:
            raise _unknown(f"{one}...{other}", "the two have no commit in common") from error

    def files(self, commit: str, patterns: re.Pattern[str]) -> Mapping[str, bytes]:
        """Path to content of the regular files whose whole path matches.

        Raises:
            ProblemsFound: there is more than a schema folder holds.
        """
        listing = self._git("ls-tree", "-r", "-z", "-l", "--full-tree", commit).decode("utf-8", "surrogateescape")
        found: dict[str, str] = {}
        total = 0
        for entry in filter(None, listing.split("\0")):
            facts, _, path = entry.partition("\t")
            mode, kind, name, length = facts.split()
            if mode in _REGULAR and kind == "blob" and _SAFE_PATH.fullmatch(path) and patterns.fullmatch(path):
                total += int(length)
                found[path] = name
        if total > _MOST_BYTES:
            raise _unknown(commit, f"its schemas have more than {_MOST_BYTES} bytes")
        return {path: self._git("cat-file", "blob", name) for path, name in found.items()}

    def _git(self, *arguments: str) -> bytes:
        # Objects that a server would have to send are no part of this machine's repository; nothing is fetched.
        environment = {**os.environ, "GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
        command = ["git", "--no-replace-objects", "-C", str(self._folder), *arguments]
        return subprocess.run(command, check=True, capture_output=True, env=environment).stdout  # noqa: S603


def _unknown(revision: str, message: str) -> ProblemsFound:
    return ProblemsFound([Problem(file=printable(revision), span=NOWHERE, code="unknown-revision", message=message)])
