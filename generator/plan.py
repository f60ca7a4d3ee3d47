"""Stage 6, the only one that writes: compare what was made with what is on the disk, then write or report.

Which files of a folder are ours is kept in a manifest inside it. A file that is not in it is never touched.
"""

from __future__ import annotations

import difflib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import Format, Problem, ProblemsFound, display_path, printable

MANIFEST = "manifest.json"

_IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

_ADVICE = 'run "nox -s generate" and commit what it writes'

Kind = Literal["CHANGED", "MISSING", "EXTRA"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One file that is not as it should be."""

    kind: Kind
    path: str
    diff: str = ""
    owned: bool = True

    def __str__(self) -> str:
        return f"{self.kind} {printable(self.path)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What has to happen for a folder to hold what was made, and nothing that was made before."""

    folder: Path
    files: Mapping[str, bytes] = field(repr=False)
    changes: tuple[Change, ...]

    @property
    def foreign(self) -> tuple[Change, ...]:
        """Files in the folder that are not ours."""
        return tuple(change for change in self.changes if not change.owned)


def make_plan(folder: Path, texts: Mapping[str, str], *, only: str | None = None) -> Plan:
    """Compare the texts, by path below the folder, with the folder; with ``only``, just that path."""
    files = {path: text.encode() for path, text in sorted(texts.items())}
    files[MANIFEST] = _manifest([*files, MANIFEST])
    owned = _owned(folder)
    changes = []
    for path, wanted in files.items():
        try:
            found = (folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            changes.append(Change(kind="MISSING", path=path))
            continue
        if found != wanted:
            changes.append(Change(kind="CHANGED", path=path, diff=_diff(path, found, wanted)))
    for path in _present(folder):
        if path not in files:
            changes.append(Change(kind="EXTRA", path=path, owned=path in owned))
    if only is not None:
        changes = [change for change in changes if change.path == only]
    return Plan(folder=folder, files=files, changes=tuple(sorted(changes, key=lambda change: change.path)))


def differences(plan: Plan, format: Format) -> str:
    """What is not as it should be: a unified diff of every changed file, then a line for each file."""
    if format == "json":
        return json.dumps([{"kind": c.kind, "path": c.path, "diff": c.diff} for c in plan.changes], indent=2)
    if format == "github":
        folder = display_path(plan.folder)
        return "\n".join(f"::error file={folder}/{printable(c.path)},title={c.kind}::{_ADVICE}" for c in plan.changes)
    if not plan.changes:
        return f"{len(plan.files)} files in {display_path(plan.folder)} are what the schemas say"
    diffs = [change.diff for change in plan.changes if change.diff]
    return "".join(diffs) + "\n".join([*map(str, plan.changes), f"{len(plan.changes)} differences; {_ADVICE}"])


def carry_out(plan: Plan) -> None:
    """Write what changed and remove what is ours and no longer made. Files that are right keep their times.

    All new content is on the disk under temporary names before the first file is replaced, so that a full disk
    or a lost permission leaves the folder as it was.

    Raises:
        ProblemsFound: the folder cannot be written.
    """
    staged: list[tuple[Path, Path]] = []
    try:
        for change in plan.changes:
            if change.kind != "EXTRA":
                target = plan.folder / change.path
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.append((_stage(target, plan.files[change.path]), target))
        for temporary, target in staged:
            os.replace(temporary, target)
        for change in plan.changes:
            if change.kind == "EXTRA" and change.owned:
                (plan.folder / change.path).unlink()
                _remove_empty_parents(plan.folder, change.path)
    except OSError as error:
        message = f"cannot write: {error.strerror or error}"
        problem = Problem(file=display_path(Path(error.filename or plan.folder)), code="unwritable", message=message)
        raise ProblemsFound([problem]) from error
    finally:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)


def _stage(target: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    return Path(name)


def _diff(path: str, found: bytes, wanted: bytes) -> str:
    lines = [content.decode(errors="backslashreplace").splitlines(keepends=True) for content in (found, wanted)]
    diff = difflib.unified_diff(*lines, fromfile=f"on disk/{path}", tofile=f"generated/{path}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in diff)


def _manifest(paths: list[str]) -> bytes:
    note = "The files in this folder that the generator makes, and may remove when it no longer does."
    return (json.dumps({"note": note, "files": sorted(paths)}, indent=2) + "\n").encode()


def _owned(folder: Path) -> set[str]:
    """The files that an earlier run made, by its manifest; whatever points out of the folder is not believed."""
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        paths = [path for path in files if isinstance(path, str)]
    except (OSError, ValueError, KeyError, TypeError):
        return set()
    return {path for path in paths if ".." not in PurePosixPath(path).parts and not PurePosixPath(path).is_absolute()}


def _present(folder: Path) -> Iterator[str]:
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        for name in sorted(names):
            yield (Path(root) / name).relative_to(folder).as_posix()


def _remove_empty_parents(folder: Path, path: str) -> None:
    for parent in list(PurePosixPath(path).parents)[:-1]:
        try:
            (folder / parent).rmdir()
        except OSError:
            return
