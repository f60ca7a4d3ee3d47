"""The two sides of a comparison: folders of schemas, or the schemas of git revisions, as objects."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from generator.check import Checked, check_sources
from generator.check.language import check_language
from generator.diagnostics import Problem, ProblemsFound, display_path
from generator.diff.git import Repository
from generator.ir import Package
from generator.ir.build import build
from generator.load import Document, load
from generator.sources import LANGUAGE, Sources

ACKNOWLEDGED = "changes/acknowledged.yaml"

_FILES = re.compile(r"schemas/[^/]+\.ya?ml|tests/goldens/[^/]+/[^/]+/[^/]+|pyproject\.toml|" + re.escape(ACKNOWLEDGED))
"""The files of a revision that are compared, or that the comparison needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tree:
    """One side."""

    label: str
    """What it is called in messages: ``main``, or the folder."""
    folder: Path
    """Its schemas; those of a revision are in a temporary folder."""
    is_revision: bool

    def named(self, problem: Problem) -> Problem:
        """The problem with the file as a person would name it, and not where its copy is."""
        if not self.is_revision:
            return problem
        root = display_path(self.folder.parent)
        return dataclasses.replace(problem, file=problem.file.replace(f"{root}/", f"{self.label}:"))

    @property
    def version(self) -> str | None:
        """The version that the project beside the schemas declares."""
        try:
            project = tomllib.loads((self.folder.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
            return str(project["version"])
        except (OSError, ValueError, KeyError):
            return None

    @property
    def acknowledged(self) -> Path:
        """The reasons for known changes."""
        return self.folder.parent / ACKNOWLEDGED


@contextmanager
def opened(old: str, new: str | None, *, default: Path) -> Iterator[tuple[Tree, Tree]]:
    """Both sides. ``old`` may name both as ``main..HEAD``; without ``new`` it is the ``default`` folder.

    Raises:
        ProblemsFound: one of them is neither a folder nor a revision.
    """
    repository = Repository(default.parent if default.parent.is_dir() else Path.cwd())
    if new is None and not Path(old).is_dir() and ".." in old:
        old, dots, new = re.split(r"(\.{2,3})", old, maxsplit=1)
        old, new = old or "HEAD", new or "HEAD"
        if dots == "...":
            old = repository.merge_base(repository.commit(old), repository.commit(new))
    with TemporaryDirectory(prefix="schemas-") as place:
        trees = [
            _tree(name, repository, Path(place) / side)
            for side, name in (("old", old), ("new", str(default) if new is None else new))
        ]
        yield trees[0], trees[1]


def _tree(name: str, repository: Repository, place: Path) -> Tree:
    folder = Path(name)
    if name and folder.is_dir():
        folder = folder / "schemas" if (folder / "schemas").is_dir() else folder
        return Tree(label=display_path(folder), folder=folder.resolve(), is_revision=False)
    for path, content in repository.files(repository.commit(name), _FILES).items():
        target = place / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return Tree(label=name, folder=place.resolve() / "schemas", is_revision=True)


def read(tree: Tree) -> Package:
    """The schemas of a tree as objects.

    Raises:
        ProblemsFound: something is wrong with them.
    """
    try:
        return build(check_sources(_sources(tree)))
    except ProblemsFound as found:
        raise ProblemsFound(map(tree.named, found.problems), files=found.files) from found


def read_old(tree: Tree) -> tuple[Package, list[Problem]]:
    """The schemas of a tree that may be written in an older language, as far as they can be read, and what cannot.

    Raises:
        ProblemsFound: there is no schema at all.
    """
    try:
        return read(tree), []
    except ProblemsFound as found:
        wrong = found
    sources = _sources(tree)
    unread: list[Problem] = []
    gateway = _readable(sources.gateway, "gateway.schema.json", unread) or load(LANGUAGE / "gateway.yaml")
    built = []
    for path in sources.models:
        document = _readable(path, "form_schema.schema.json", unread)
        if document is None:
            continue
        checked = Checked(gateway=gateway, models=(document,), documented={})
        try:
            built.append(build(checked))
        except (LookupError, TypeError, ValueError, AttributeError, AssertionError):
            unread.append(document.problem("unreadable", "the file is written in too old a language", ()))
    if not built:
        raise wrong
    package = Package(
        gateway=built[0].gateway,
        models=tuple(model for part in built for model in part.models),
        generic=next((part.generic for part in built if part.generic), None),
    )
    return package, list(map(tree.named, unread))


def _sources(tree: Tree) -> Sources:
    return Sources.of(tree.folder, None)


def _readable(path: Path, language: str, unread: list[Problem]) -> Document | None:
    """The file without the parts that today's language does not know, which are added to ``unread``."""
    try:
        document = load(path)
    except ProblemsFound as found:
        unread += found.problems
        return None
    problems, rest = check_language(document, LANGUAGE / language)
    # What is missing today does not hide anything that was there.
    unread += [problem for problem in problems if problem.code != "missing-key"]
    return dataclasses.replace(document, data=_without_gaps(rest))


def _without_gaps(node: Any) -> Any:
    """The data without the ``None`` that stands for what the language rejects."""
    if isinstance(node, dict):
        return {key: _without_gaps(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_without_gaps(item) for item in node if item is not None]
    return node
