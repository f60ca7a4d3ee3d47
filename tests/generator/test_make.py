"""What is made is the same whichever way it is made: in one piece, unit by unit, side by side, or out of the cache."""

from __future__ import annotations

import functools
import io
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import generator.make
from generator.cache import Cache
from generator.check import check
from generator.diagnostics import ProblemsFound
from generator.emit import emit
from generator.emit.layout import LaidOut, is_tidy
from generator.format import format_python
from generator.ir import build
from generator.make import Made, make
from generator.progress import Progress
from generator.sources import Sources
from generator.unit import Maker

ROOT = Path(__file__).parents[2]


class Project:
    """A copy of this project's schemas and goldens, which a test may change."""

    def __init__(self, folder: Path) -> None:
        self.schemas = folder / "schemas"
        self.goldens = folder / "tests" / "goldens"
        self.templates = folder / "templates"
        self.cache = folder / "cache"
        shutil.copytree(ROOT / "schemas", self.schemas)
        shutil.copytree(ROOT / "tests" / "goldens", self.goldens)
        for name in ("_datamodel", "modelstream/models", "modelstream/schemas"):
            shutil.copytree(ROOT / "templates" / name, self.templates / name)

    def make(self, *, cache: bool = True) -> Made:
        sources = Sources.of(self.schemas, None)
        return make(sources, self.templates, Cache(self.cache if cache else None), Progress(io.StringIO()))

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def made_models(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The schema files that were gone through, by name."""
    names: list[str] = []
    model = Maker.model

    @functools.wraps(model)
    def told(self: Maker, path: Path) -> object:
        names.append(path.name)
        return model(self, path)

    monkeypatch.setattr(Maker, "model", told)
    return names


def in_one_piece(project: Project) -> dict[str, bytes]:
    files = format_python(emit(build(check(project.schemas)), project.templates))
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def test_units_make_what_one_piece_makes(project: Project) -> None:
    assert project.make(cache=False).files == in_one_piece(project)


def test_what_is_not_formatted_needs_no_formatting() -> None:
    """What templates lay out themselves; random schemas are tried in tests/fuzz."""
    files = emit(build(check(ROOT / "schemas")), ROOT / "templates")
    tidy = {path: str(text) for path, text in files.items() if isinstance(text, LaidOut) and is_tidy(text)}
    assert len(tidy) > len(list((ROOT / "schemas").glob("*.yaml"))) // 2
    assert format_python(tidy) == tidy


def test_a_template_that_makes_no_python_is_told_though_it_is_not_formatted(project: Project) -> None:
    template = project.templates / "modelstream" / "models" / "[module].py.jinja"
    template.write_text("NAMES = [\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        project.make()
    assert {problem.code for problem in found.value.problems} == {"no-python"}


def test_side_by_side_makes_the_same(project: Project, made_models: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    alone = project.make(cache=False)
    made_models.clear()
    monkeypatch.setattr(generator.make, "_WORTH_A_PROCESS", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert project.make(cache=False) == alone
    assert made_models == [], "other processes made them"


def test_a_second_run_makes_nothing(project: Project, made_models: list[str]) -> None:
    first = project.make()
    assert len(made_models) == 5
    made_models.clear()
    assert project.make() == first
    assert made_models == []


def test_the_cache_may_be_lost_or_broken(project: Project, made_models: list[str]) -> None:
    first = project.make()
    for path in project.cache.iterdir():
        path.write_bytes(b'{"files": ')
    assert project.make() == first
    shutil.rmtree(project.cache)
    assert project.make() == first
    assert len(made_models) == 15


def test_a_cache_that_cannot_be_written_only_costs_time(project: Project) -> None:
    project.cache.write_text("a file where the folder should be")
    assert project.make().files == in_one_piece(project)


CHANGES: dict[str, tuple[Callable[[Project], None], int]] = {
    "a schema": (lambda p: p.change(p.schemas / "kling-v3.yaml", "max: 15", "max: 14"), 1),
    "a documented request": (
        lambda p: p.change(p.goldens / "kling-v3" / "documented" / "curl.txt", '"duration": 5', '"duration": 6'),
        1,
    ),
    "a template of models": (
        lambda p: p.change(p.templates / "modelstream" / "models" / "[module].py.jinja", "class.", "classes."),
        5,
    ),
    "the class template": (
        lambda p: p.change(p.templates / "_datamodel" / "pydantic_v2" / "BaseModel.jinja2", "expects it", "wants it"),
        5,
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_seen(what: str, project: Project, made_models: list[str]) -> None:
    change, models = CHANGES[what]
    before = project.make()
    made_models.clear()
    change(project)
    after = project.make()
    assert len(made_models) == models
    assert after.files == in_one_piece(project)
    if what != "a documented request":
        assert after != before


def test_the_gateway_is_seen(project: Project) -> None:
    project.make()
    project.change(project.schemas / "gateway.yaml", "https://", "https://new.")
    assert project.make().files == in_one_piece(project)


def test_a_model_more_and_a_model_less_are_seen(project: Project, made_models: list[str]) -> None:
    first = project.make()
    schema, golden = project.schemas / "wan2.7-r2v.yaml", project.goldens / "wan2.7-r2v"
    text = schema.read_text(encoding="utf-8")
    schema.unlink()
    less = project.make()
    assert less.files == in_one_piece(project)
    assert len(less.models) == 4
    schema.write_text(text, encoding="utf-8")
    assert golden.is_dir()
    assert project.make() == first
    assert len(made_models) == 5, "only the first run made models"


@pytest.mark.parametrize("claimed", ["class", "module"])
def test_models_that_claim_the_same_name_are_told(claimed: str, project: Project) -> None:
    """Each is sound by itself; also when both come out of the cache."""
    project.make()
    source = project.schemas / "wan2.7-r2v.yaml"
    name = {"class": "wan2.8-r2v", "module": "wan2-7-r2v"}[claimed]
    text = source.read_text(encoding="utf-8").replace("model: wan2.7-r2v", f"model: {name}")
    if claimed == "module":
        text = text.replace("class: Wan27R2V", "class: Wan27R2VToo")
    (project.schemas / f"{name}.yaml").write_text(text, encoding="utf-8")
    shutil.copytree(project.goldens / "wan2.7-r2v", project.goldens / name)
    for _ in range(2):
        with pytest.raises(ProblemsFound) as found:
            project.make()
        assert {problem.code for problem in found.value.problems} == {"name-collision"}


def test_every_problem_is_told_though_units_stop_at_the_first(project: Project) -> None:
    project.make()
    project.change(project.schemas / "kling-v3.yaml", "max: 15", "max: x")
    project.change(project.schemas / "wan2.7-r2v.yaml", "title:", "tilte:")
    for _ in range(2):
        with pytest.raises(ProblemsFound) as found:
            project.make()
        assert {Path(problem.file).name for problem in found.value.problems} == {"kling-v3.yaml", "wan2.7-r2v.yaml"}


def test_what_was_not_used_for_long_is_thrown_away(project: Project) -> None:
    project.make()
    kept = {path.name for path in project.cache.iterdir()}
    old = project.cache / "old.json"
    old.write_text("{}")
    month_ago = time.time() - 31 * 24 * 3600
    os.utime(old, (month_ago, month_ago))
    project.change(project.schemas / "kling-v3.yaml", "max: 15", "max: 14")
    project.make()
    assert not old.exists()
    assert kept < {path.name for path in project.cache.iterdir()}
