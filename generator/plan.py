"""Stage 6, the only one that writes: compare the rendered files with the folders, then write or report differences.

A manifest in each folder lists the files that the generator wrote there. It never touches a file that is not listed.
"""

from __future__ import annotations

import difflib
import io
import json
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from generator.diagnostics import (
    NOWHERE,
    Format,
    Problem,
    ProblemsFound,
    annotation,
    counted,
    display_path,
    printable,
    printable_lines,
)

MANIFEST = "manifest.json"

_CONTEXT = 3
"""Lines that a diff shows around a change."""

_IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

_ADVICE = 'run "nox -s generate" and commit what it writes'

Kind = Literal["CHANGED", "MISSING", "STALE", "UNTRACKED"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that the generator writes."""

    path: Path
    prefix: str = ""
    """How the names of the rendered files begin that belong here. The folder does not repeat it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One file that differs: it has other content, is missing, is no longer rendered, or never was."""

    kind: Kind
    folder: Folder
    path: str
    """The path below the folder."""
    found: bytes = field(default=b"", repr=False)
    wanted: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        """The path of the file among all rendered files."""
        return self.folder.prefix + self.path

    @property
    def target(self) -> Path:
        """Where the file is."""
        return self.folder.path / self.path

    @property
    def diff(self) -> str:
        """A unified diff from the file on the disk to the rendered one; only of a changed file."""
        return _diff(self.name, self.found, self.wanted) if self.kind == "CHANGED" else ""

    def __str__(self) -> str:
        return f"{self.kind} {printable(self.name)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How folders differ from what they should hold."""

    folders: tuple[Folder, ...]
    compared: int
    """How many rendered files were compared with the folders."""
    changes: tuple[Change, ...] = ()

    @property
    def places(self) -> str:
        """The folders, for people."""
        return " and ".join(display_path(folder.path) for folder in self.folders)

    def of_kind(self, *kinds: Kind) -> tuple[Change, ...]:
        """The changes of these kinds."""
        return tuple(change for change in self.changes if change.kind in kinds)


def make_plan(folders: Sequence[Folder], contents: Mapping[str, bytes], *, only: Collection[str] | None = None) -> Plan:
    """Compare the rendered contents with their folders.

    Args:
        folders: a file belongs to the one that has the longest prefix of its name.
        contents: name of a rendered file to its content.
        only: compare just the files of these names.

    Raises:
        ProblemsFound: a folder cannot be read.
    """
    belonging: dict[Folder, dict[str, bytes]] = {folder: {} for folder in folders}
    for name, content in sorted(contents.items()):
        folder = max((f for f in folders if name.startswith(f.prefix)), key=lambda f: len(f.prefix))
        belonging[folder][name.removeprefix(folder.prefix)] = content
    compared, changes = 0, list[Change]()
    for folder, files in belonging.items():
        files[MANIFEST] = _manifest([*files, MANIFEST])
        others = [path for path in present(folder.path) if path not in files]
        if only is not None:
            files, others = {path: files[path] for path in files if folder.prefix + path in only}, []
        compared += len(files)
        changes += [change for path, wanted in files.items() if (change := _compare(folder, path, wanted))]
        listed = _listed(folder.path)
        changes += [
            Change(kind="STALE" if path in listed else "UNTRACKED", folder=folder, path=path) for path in others
        ]
    changes.sort(key=lambda change: change.name)
    return Plan(folders=tuple(folders), compared=compared, changes=tuple(changes))


def _compare(folder: Folder, path: str, wanted: bytes) -> Change | None:
    try:
        found = (folder.path / path).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Change(kind="MISSING", folder=folder, path=path, wanted=wanted)
    except OSError as error:
        raise _unwritable(error, folder.path / path) from error
    return None if found == wanted else Change(kind="CHANGED", folder=folder, path=path, found=found, wanted=wanted)


def differences(plan: Plan, format: Format) -> str:
    """The differences: a unified diff of every changed file, then a line for each file."""
    if format == "json":
        return json.dumps([{"kind": c.kind, "path": c.name, "diff": c.diff} for c in plan.changes], indent=2)
    if format == "github":
        return "\n".join(annotation(display_path(c.target), c.kind, _ADVICE) for c in plan.changes)
    if not plan.changes:
        files = f"{counted(plan.compared, 'file')} in {plan.places}"
        return f"{files} {'matches' if plan.compared == 1 else 'match'} the schemas"
    diffs = [printable_lines(change.diff) for change in plan.changes]
    summary = f"{counted(len(plan.changes), 'difference')}; {_ADVICE}"
    return "".join(diffs) + "\n".join([*map(str, plan.changes), summary])


def apply(plan: Plan) -> None:
    """Write changed and missing files, remove stale ones. All others keep their times.

    All new content is on the disk under temporary names before the first file is replaced, so that a full disk
    or a lost permission leaves the folders as they were.

    Raises:
        ProblemsFound: a folder cannot be written.
    """
    staged: list[tuple[Path, Path]] = []
    new_folders: list[Path] = []
    target = plan.folders[0].path
    try:
        for change in plan.of_kind("CHANGED", "MISSING"):
            target = change.target
            _make_folder(target.parent, new_folders)
            staged.append((_stage(target, change.wanted), target))
        for temporary, target in staged:
            temporary.replace(target)
        for change in plan.of_kind("STALE"):
            target = change.target
            target.unlink()
            _remove_empty_parents(change)
    except OSError as error:
        for temporary, _ in staged:
            temporary.unlink(missing_ok=True)
        for folder in reversed(new_folders):
            with suppress(OSError):
                folder.rmdir()
        raise _unwritable(error, target) from error


def _unwritable(error: OSError, path: Path) -> ProblemsFound:
    message = f"cannot write: {error.strerror or error}"
    return ProblemsFound([Problem(file=display_path(path), span=NOWHERE, code="unwritable", message=message)])


def _make_folder(folder: Path, new_folders: list[Path]) -> None:
    """Make a folder and those around it; each new one is added to ``new_folders``."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(missing):
        place.mkdir()
        new_folders.append(place)


def _stage(target: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _diff(path: str, found: bytes, wanted: bytes) -> str:
    old, new = f"on disk/{path}", f"generated/{path}"
    if b"\0" in found + wanted:
        return f"Binary files {old} and {new} differ\n"
    before, after = _lines(found), _lines(wanted)
    start = _shared(before, after)
    end = _shared(before[start:][::-1], after[start:][::-1])
    # difflib takes time by the square of the length, which is too long for the files that list all models.
    start, end = max(0, start - _CONTEXT), max(0, end - _CONTEXT)
    cut = before[start : len(before) - end], after[start : len(after) - end]
    diff = difflib.unified_diff(*cut, fromfile=old, tofile=new, n=_CONTEXT)
    lines = (_moved(line, start) if line.startswith("@@") else line for line in diff)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _shared(before: list[str], after: list[str]) -> int:
    """How many lines both begin with."""
    return next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after))
    )


def _moved(hunk: str, lines: int) -> str:
    """The head of a hunk, so many lines further down."""
    return re.sub(r"([-+])(\d+)", lambda place: f"{place[1]}{int(place[2]) + lines}", hunk)


def _lines(content: bytes) -> list[str]:
    # Only line feeds end a line: the texts may contain other characters that Python treats as line breaks.
    return list(io.StringIO(content.decode(errors="backslashreplace"), newline="\n"))


def _manifest(paths: list[str]) -> bytes:
    note = "The files that the generator writes to this folder, and removes when it no longer renders them."
    return (json.dumps({"note": note, "files": sorted(paths)}, indent=2) + "\n").encode()


def _listed(folder: Path) -> set[str]:
    """The files that an earlier run wrote, by its manifest.

    They are only compared with files found in the folder, so it does not matter what else the manifest lists.
    """
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
        return {path for path in files if isinstance(path, str)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return set()


def present(folder: Path) -> Iterator[str]:
    """Every file of the folder, by its path below it, without the caches of tools."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in _IGNORED)
        for name in sorted(names):
            yield (Path(root) / name).relative_to(folder).as_posix()


def _remove_empty_parents(change: Change) -> None:
    for parent in list(PurePosixPath(change.path).parents)[:-1]:
        try:
            (change.folder.path / parent).rmdir()
        except OSError:
            return
