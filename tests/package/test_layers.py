"""Imports lead one way: there are no cycles, and no layer knows of the layers above it.

Imports for type checkers and imports in functions count, too: readers follow them all.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (ROOT / "generator", ROOT / "benchmarks", *ROOT.glob("runtime/*/"), *ROOT.glob("generated/*/"))
MODULES = {
    ".".join(path.relative_to(package.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for package in PACKAGES
    for path in sorted(package.rglob("*.py*"))
    if path.suffix in (".py", ".pyi")
}
MAY_IMPORT = {
    "modelstream_runtime": set[str](),
    "modelstream": {"modelstream_runtime"},
    "generator": {"modelstream_runtime"},
}
"""What each layer may import of the project, beside itself."""
LAYERS = {*MAY_IMPORT, "benchmarks", "mutants", "scripts", "tests"}


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """The names that import statements name: modules, and names in modules."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "write the whole name of the module"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def cycles(imports: dict[str, set[str]]) -> set[str]:
    """Each group of modules that import one another, as one text."""
    reached: dict[str, set[str]] = {}
    for start in imports:
        todo, reached[start] = [*imports[start]], set()
        while todo:
            if (module := todo.pop()) not in reached[start]:
                reached[start].add(module)
                todo += imports[module]
    return {
        " <-> ".join(sorted(other for other in found if module in reached[other]))
        for module, found in reached.items()
        if module in found
    }


def test_cycles_are_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"d", "a"}}) == {"b <-> c", "d"}
    found = ast.parse("import a\nif TYPE_CHECKING:\n    from b import c\ndef f():\n    import d")
    assert sorted(imported(ast.walk(found))) == ["a", "b.c", "d"]


def test_there_are_no_cycles() -> None:
    imports = {
        name: {
            known
            for target in imported(ast.walk(tree(path)))
            for known in [next((m for m in (target, target.rpartition(".")[0]) if m in MODULES), "")]
            if known
        }
        for name, path in MODULES.items()
    }
    assert cycles(imports) == set()


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_no_layer_imports_those_above_it(layer: str) -> None:
    files = {name: path for name, path in MODULES.items() if name.partition(".")[0] == layer}
    assert files
    found = {
        f"{name} imports {target}"
        for name, path in files.items()
        for target in imported(ast.walk(tree(path)))
        if target.partition(".")[0] in LAYERS - MAY_IMPORT[layer] - {layer}
    }
    assert found == set()
