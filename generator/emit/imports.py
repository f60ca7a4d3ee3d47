"""The import lines of a module, from the names its code uses."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable

from generator.naming import HOMES

_HOME_OF = {name: module for module, names in HOMES.items() for name in names}
_GROUPS = ("collections.abc", "typing"), ("pydantic",), tuple(sorted(m for m in HOMES if m.startswith("modelstream")))


def import_lines(tree: ast.Module) -> str:
    """The imports that the code needs, grouped and sorted. Imports of the tree itself are ignored."""
    used: defaultdict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _HOME_OF:
            used[_HOME_OF[node.id]].add(node.id)
    groups = ("\n".join(import_line(used[module], module) for module in group if used[module]) for group in _GROUPS)
    return "\n\n".join(group for group in groups if group)


def import_line(names: Iterable[str], module: str) -> str:
    """The statement that imports the names."""
    return f"from {module} import {', '.join(sorted_names(names))}"


def sorted_names(names: Iterable[str]) -> list[str]:
    """The names in the order in which import sorters put them."""
    return sorted(names, key=_order)


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as import sorters have it."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)
