"""The mutation run itself: its list is up to date, and it can both find and miss a mutant."""

from __future__ import annotations

from collections import Counter

import pytest

from mutants.__main__ import ROOT, explanations, report, summary
from mutants.arena import Arena, Outcome
from mutants.edits import edit_mutants
from mutants.mutant import Mutant
from mutants.schemas import schema_mutants


def test_every_edit_fits_the_code_and_asks_tests_that_exist() -> None:
    mutants = list(edit_mutants(ROOT))
    assert mutants
    assert [name for name, count in Counter(m.name for m in mutants).items() if count > 1] == []
    missing = {test for mutant in mutants for test in mutant.tests if not (ROOT / test).exists()}
    assert missing == set()


def test_every_constraint_of_a_schema_has_a_mutant() -> None:
    mutants = list(schema_mutants(ROOT))
    names = [mutant.name for mutant in mutants]
    assert len(set(names)) == len(names)
    for name in (
        "kling-v3: fields.duration: drop max",
        "kling-v3: fields.duration: widen min",
        "kling-v3: fields.mode: drop option pro",
        "kling-v3: fields.multi_prompt.fields.prompt: widen max_length",
        "kling-v3: rules: drop rule 0",
        "wan2.7-r2v: fields.resolution: rename target",
        "wan2.7-r2v: fields.reference_image: change item.type",
    ):
        assert name in names


def test_every_explained_survivor_is_a_mutant() -> None:
    assert set(explanations()) <= {mutant.name for mutant in (*edit_mutants(ROOT), *schema_mutants(ROOT))}


def test_outcomes_are_told() -> None:
    outcomes = [Outcome("a", "tests/test_x.py::test_y", "first"), Outcome("b", None, "all"), Outcome("c", None, "all")]
    told = summary(outcomes, {"b": "nobody sees it"})
    assert told.splitlines() == [
        "1 of 3 mutants were noticed",
        "    1 by tests/test_x.py",
        "survived: b (nobody sees it)",
        "survived: c (not explained)",
    ]
    assert "| c | **nobody** |" in report(outcomes, {"b": "nobody sees it"})


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Arena:
    return Arena(ROOT, tmp_path_factory.mktemp("arena"))


def mutant(path: str, old: str, new: str) -> Mutant:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert text.count(old) == 1
    return Mutant(name="m", path=path, text=text.replace(old, new), tests=("tests/requests/test_goldens.py",))


def test_a_mutant_is_noticed_by_a_test_or_by_the_generator(arena: Arena) -> None:
    schema = "schemas/kling-v3.yaml"
    assert (
        arena.fight(mutant(schema, "class: KlingV3\n", "class: klingV3\n"), briefly=True).killer
        == "generator: bad-value"
    )
    changed = mutant("templates/modelstream/curl.py", "indent=2", "indent=3")
    assert (arena.fight(changed, briefly=True).killer or "").startswith("tests/requests/test_goldens.py::")


def test_a_mutant_that_changes_nothing_survives_and_leaves_nothing(arena: Arena) -> None:
    same = mutant("templates/modelstream/curl.py", "_SPECIAL = re", "\n_SPECIAL = re")
    assert arena.fight(same, briefly=True).killer is None
    arena.check(same.tests)
