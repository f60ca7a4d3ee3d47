"""`import modelstream` costs next to nothing: every name is there, and what it needs is imported when it is used."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import modelstream

HEAVY = {"httpx", "httpcore", "pydantic", "pydantic_core", "ssl", "asyncio"}


def imported_by(code: str) -> set[str]:
    """The modules that a new interpreter has after the code."""
    return set(printed_by(f"{code}\nimport sys\nprint(*sys.modules, sep='\\n')"))


def printed_by(code: str) -> list[str]:
    """The lines that a new interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def own(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith(("modelstream.", "modelstream_runtime"))}


def test_importing_the_package_imports_nothing_else() -> None:
    imported = imported_by("import modelstream")
    assert "modelstream" in imported
    assert own(imported) == set()
    assert imported.isdisjoint(HEAVY)


def test_importing_the_package_does_not_even_import_typing() -> None:
    """Which takes as long as to start Python. Without site packages, of which some import it themselves."""
    folder = str(Path(modelstream.__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {folder!r}); import modelstream; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-IS", "-c", code], capture_output=True, text=True, check=True)
    assert {"modelstream", "importlib"} <= set(done.stdout.split())
    assert {"typing", "re"}.isdisjoint(done.stdout.split())


def test_the_interpreter_spends_no_time_on_http_or_pydantic() -> None:
    command = [sys.executable, "-X", "importtime", "-c", "import modelstream"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    timed = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "modelstream" in timed
    assert timed.isdisjoint(HEAVY)


def test_looking_at_the_models_imports_none_of_them() -> None:
    imported = imported_by("from modelstream import MODELS; list(MODELS); 'kling-v3' in MODELS; repr(MODELS)")
    light = {"modelstream.models", "modelstream.catalog", "modelstream.gateway"}
    assert own(imported) == light | {
        "modelstream_runtime",
        "modelstream_runtime.catalog",
        "modelstream_runtime.gateway",
    }
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "code", ["from modelstream import KlingV3", "from modelstream import MODELS; MODELS['kling-v3']"]
)
def test_one_model_imports_no_other_and_no_http(code: str) -> None:
    imported = imported_by(code)
    assert {name for name in own(imported) if ".models." in name} == {"modelstream.models.kling_v3"}
    assert "pydantic" in imported
    assert "httpx" not in imported


def test_a_request_needs_no_http() -> None:
    code = "from modelstream import KlingV3; KlingV3(prompt='p').to_curl()"
    assert "httpx" not in imported_by(code)


def test_errors_can_be_caught_before_anything_heavy_is_there() -> None:
    assert imported_by("from modelstream import InvalidRequest, TaskFailed").isdisjoint(HEAVY)


def test_making_a_client_imports_no_model() -> None:
    imported = imported_by(
        "from modelstream import AsyncModelStream, ModelStream; ModelStream('k'); AsyncModelStream('k')"
    )
    assert {"modelstream._sync.client", "modelstream_runtime._async.client"} <= imported
    assert {name for name in imported if name.startswith("modelstream.models.")} == set()


def test_every_public_name_is_there() -> None:
    for name in modelstream.__all__:
        assert getattr(modelstream, name) is not None
    assert len(set(modelstream.__all__)) == len(modelstream.__all__)


def test_dir_shows_every_public_name_before_it_is_used() -> None:
    names = printed_by("import modelstream; print(*dir(modelstream), sep='\\n')")
    assert set(modelstream.__all__) <= set(names)
    assert names == sorted(names)


def test_a_star_import_gives_every_public_name() -> None:
    names: dict[str, object] = {}
    exec("from modelstream import *", names)  # noqa: S102
    assert set(modelstream.__all__) <= set(names)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'modelstream' has no attribute 'KlingV9'"):
        _ = modelstream.KlingV9  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ImportError, match="KlingV9"):
        exec("from modelstream import KlingV9", {})  # noqa: S102


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(str(modelstream.__file__)).with_suffix(".pyi").read_text(encoding="utf-8"))
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    seen = {alias.name: node.module for node in imports for alias in node.names}
    assert sorted(seen) == sorted(modelstream.__all__)
    for name in seen:
        value = getattr(modelstream, name)
        if inspect.isclass(value):
            assert value.__module__ in (seen[name], "modelstream")
