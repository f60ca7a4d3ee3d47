"""Mutants of the code: the listed edits."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

from mutants.mutant import Mutant

LIST = Path(__file__).with_name("edits.toml")


class Stale(Exception):
    """An edit that no longer fits the code."""


def edit_mutants(root: Path) -> Iterator[Mutant]:
    """All of them, in the order of the list.

    Raises:
        Stale: what an edit replaces does not stand exactly once in its file.
    """
    for edit in tomllib.loads(LIST.read_text(encoding="utf-8"))["edit"]:
        text = (root / edit["path"]).read_text(encoding="utf-8")
        if (found := text.count(edit["old"])) != 1:
            raise Stale(
                f"{edit['name']}: {edit['old']!r} stands {found} times in {edit['path']}; bring edits.toml up to date"
            )
        yield Mutant(
            name=edit["name"],
            path=edit["path"],
            text=text.replace(edit["old"], edit["new"]),
            tests=tuple(f"tests/{name}" for name in edit["tests"]),
        )
