"""An agent sends local files only from below the folder that a person has named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.files import FileNotAllowed, Files
from modelstream_runtime.agents.results import ToolResult
from tests.agents.test_results import PNG
from tests.support.agents import Desk, at
from tests.support.batches import Shop

MODEL, FIELD = next(
    (model, name)
    for model in CATALOG.models
    for name, schema in CATALOG.schemas.form(model)["properties"].items()
    if "png" in schema.get("x-formats", ())
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a picture, and around it what must not leave the machine."""
    (tmp_path / "secret.png").write_bytes(PNG)
    (tmp_path / "allowed-not").mkdir()
    (tmp_path / "allowed-not" / "near.png").write_bytes(PNG)
    allowed = tmp_path / "allowed"
    (allowed / "deep").mkdir(parents=True)
    (allowed / "hero.png").write_bytes(PNG)
    (allowed / "deep" / "hero.png").write_bytes(PNG)
    (allowed / "out.png").symlink_to(tmp_path / "secret.png")
    (allowed / "up").symlink_to(tmp_path)
    (allowed / "in.png").symlink_to(allowed / "hero.png")
    (allowed / "loop.png").symlink_to(allowed / "loop.png")
    os.mkfifo(allowed / "pipe.png")
    return allowed


@pytest.mark.parametrize("name", ["hero.png", "./deep/hero.png", "deep/../hero.png", "in.png"])
def test_files_below_the_folder_may_be_sent(name: str, folder: Path) -> None:
    files = Files(folder)
    assert files.allowed(Path(name)).read_bytes() == PNG
    assert files.allowed(folder / name).read_bytes() == PNG


@pytest.mark.parametrize(
    "name",
    [
        "../secret.png",
        "deep/../../secret.png",
        "out.png",
        "up/secret.png",
        "../allowed-not/near.png",
        "/etc/passwd",
        "~/.ssh/id_rsa",
        "loop.png",
        "pipe.png",
        "deep",
        "",
        "missing.png",
        "a\x00b.png",
        "x" * 5000,
    ],
)
def test_no_other_file_may_be_sent(name: str, folder: Path) -> None:
    with pytest.raises(FileNotAllowed):
        Files(folder).allowed(Path(name))


def test_whether_a_file_outside_exists_is_not_told(folder: Path) -> None:
    told = set()
    for name in ("../secret.png", "../no-such-file.png"):
        with pytest.raises(FileNotAllowed) as refused:
            Files(folder).allowed(Path(name))
        told.add(str(refused.value))
    assert len(told) == 1


def check(tmp_path: Path, files: Path | None, value: object) -> ToolResult:
    desk = Desk(Shop(), tmp_path / "desk", files=files)
    return at(desk, lambda desk: desk.call("check_video", model=MODEL, params={FIELD: value, "nonsense": 1}))


@pytest.mark.parametrize("where", ["with a folder", "without one"])
def test_a_refused_file_is_a_problem_among_all_others(where: str, folder: Path, tmp_path: Path) -> None:
    result = check(tmp_path, folder if where == "with a folder" else None, "../secret.png")
    problems = {problem["field"]: problem["message"] for problem in result.content["problems"]}
    place = next(name for name in problems if name.startswith(FIELD))
    assert "no such field" in problems["nonsense"]
    assert ("the setting files" in problems[place]) == (where == "without one")
    assert len([name for name in problems if name.startswith(FIELD)]) == 1


def test_an_allowed_file_is_no_problem(folder: Path, tmp_path: Path) -> None:
    result = check(tmp_path, folder, "hero.png")
    assert [p["field"] for p in result.content["problems"] if p["field"].startswith(FIELD)] == []
