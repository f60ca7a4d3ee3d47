"""A mutant in a copy of the project: the tests there can both notice and miss it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mutants.__main__ import ROOT
from mutants.project_copy import ProjectCopy
from mutants.schemas import Mutant, schema_mutants


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> ProjectCopy:
    return ProjectCopy(ROOT, tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def schema() -> Path:
    """The first model's."""
    return min(path for path in (ROOT / "schemas").glob("*.yaml") if path.name != "gateway.yaml")


def mutant(schema: Path, text: str) -> Mutant:
    return Mutant(name="m", path=f"schemas/{schema.name}", text=text)


def test_the_generator_notices_a_mutant(copy: ProjectCopy, schema: Path) -> None:
    assert copy.try_mutant(mutant(schema, "nothing")).noticed_by == "generator: wrong-type"


def test_a_test_notices_a_mutant(copy: ProjectCopy) -> None:
    # Not each one: nothing shows the default of a field that no example has.
    changes = (found for found in schema_mutants(ROOT) if found.name.endswith("change default"))
    noticed = (copy.try_mutant(change, briefly=True).noticed_by or "" for change in changes)
    assert any(test.startswith("tests/requests/") for test in noticed)


def test_a_mutant_that_changes_nothing_survives_and_leaves_nothing(copy: ProjectCopy, schema: Path) -> None:
    same = mutant(schema, f"# The same.\n{schema.read_text(encoding='utf-8')}")
    assert copy.try_mutant(same, briefly=True).noticed_by is None
    copy.check_unchanged()
