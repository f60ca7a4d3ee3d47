"""The pipeline and what it remembers: every run renders the same files, however much the last run left for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import black
import pytest

import generator.pipeline
from generator.__main__ import main
from generator.cache import Cache
from generator.diagnostics import ProblemsFound
from generator.pipeline import generate
from generator.sources import Sources

ROOT = Path(__file__).parents[2]


class Project:
    """A copy of this project's schemas and goldens, which a test may change."""

    def __init__(self, folder: Path) -> None:
        self.schemas = folder / "schemas"
        self.goldens = folder / "tests" / "goldens"
        self.templates = folder / "templates"
        self.out = folder / "out"
        self.cache = folder / ".cache" / "generator.json"
        shutil.copytree(ROOT / "schemas", self.schemas)
        # What a test changes here is not what the page states.
        shutil.copytree(ROOT / "tests" / "goldens", self.goldens, ignore=shutil.ignore_patterns("page.yaml"))
        for name in ("_datamodel", "modelstream/models", "modelstream/schemas"):
            shutil.copytree(ROOT / "templates" / name, self.templates / name)

    @property
    def options(self) -> list[str]:
        return [f"--schemas={self.schemas}", f"--templates={self.templates}", f"--out={self.out}"]

    def run(self, *options: str) -> dict[str, bytes]:
        """Run the command; return what is in the output folder then."""
        assert main(["generate", *self.options, *options]) == 0
        files = (path for path in self.out.rglob("*") if path.is_file())
        return {path.relative_to(self.out).as_posix(): path.read_bytes() for path in files}

    def rendered(self) -> dict[str, bytes]:
        """What the stages render, without a cache and without writing anything."""
        return generate(Sources.of(self.schemas, None), self.templates, Cache(None)).files

    def change(self, path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Sources]:
    """A record of each time that the stages ran."""
    recorded: list[Sources] = []

    def recording(sources: Sources, templates: Path, cache: Cache) -> generator.pipeline.Generated:
        recorded.append(sources)
        return generate(sources, templates, cache)

    monkeypatch.setattr(generator.pipeline, "generate", recording)
    return recorded


@pytest.fixture(scope="module", autouse=True)
def remembered() -> Iterator[None]:
    """Black lays out each text once for all tests of this file, which ask for the same ones again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(black, "format_str", cache(black.format_str))
        yield


@pytest.fixture
def formatted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that black was asked to format."""
    texts: list[str] = []
    format_str = black.format_str

    def recording(text: str, *, mode: black.Mode) -> str:
        texts.append(text)
        return format_str(text, mode=mode)

    monkeypatch.setattr(black, "format_str", recording)
    return texts


def without_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    return {path: content for path, content in files.items() if path != "manifest.json"}


def test_a_second_run_does_not_even_render(project: Project, runs: list[Sources]) -> None:
    first = project.run()
    assert without_manifest(first) == project.rendered()
    runs.clear()
    assert project.run() == first
    assert project.run("--check") == first
    assert runs == []


def test_finding_that_nothing_changed_imports_no_tool(project: Project) -> None:
    project.run()
    program = (
        "import sys; from generator.__main__ import main; status = main(sys.argv[1:]);"
        "tools = {'black', 'datamodel_code_generator', 'jinja2', 'jsonschema', 'pydantic'};"
        "print(*sorted(sys.modules.keys() & tools));"
        "sys.exit(status)"
    )
    command = [sys.executable, "-c", program, "generate", *project.options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == [""]


def test_a_run_that_changes_nothing_says_the_same(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.run()
    capsys.readouterr()
    for options in ((), ("--check",), ("--check", "--format=json"), ("--check", "--format=github")):
        project.run(*options)
        from_the_cache = capsys.readouterr()
        project.run(*options, "--no-cache")
        assert capsys.readouterr() == from_the_cache


@pytest.mark.parametrize("content", ["", "[]", '{"last": 5, "formatted": 5}', '{"formatted": {', "[" * 100_000, "\x00"])
def test_a_broken_cache_only_costs_time(content: str, project: Project, runs: list[Sources]) -> None:
    first = project.run()
    project.cache.write_text(content)
    assert project.run() == first
    assert len(runs) == 2
    assert project.run() == first
    assert len(runs) == 2


def test_broken_parts_of_a_cache_only_cost_time(project: Project, runs: list[Sources]) -> None:
    first = project.run()
    sound = json.loads(project.cache.read_bytes())
    keys = sound["formatted"]
    for broken in (
        {**sound, "formatted": dict.fromkeys(keys, 5), "last": None},
        {**sound, "last": {**sound["last"], "models": "5"}},
        {**sound, "last": {**sound["last"], "outputs": "another"}},
    ):
        runs.clear()
        project.cache.write_text(json.dumps(broken))
        assert project.run() == first
        assert len(runs) == 1


def test_a_lost_cache_only_costs_time(project: Project, runs: list[Sources]) -> None:
    first = project.run()
    shutil.rmtree(project.cache.parent)
    assert project.run() == first
    assert len(runs) == 2


def test_a_cache_that_cannot_be_written_only_costs_time(project: Project) -> None:
    project.cache.parent.write_text("a file where the folder should be")
    assert without_manifest(project.run()) == project.rendered()


def test_the_cache_can_be_elsewhere_or_nowhere(project: Project, tmp_path: Path, runs: list[Sources]) -> None:
    elsewhere = tmp_path / "elsewhere.json"
    for _ in range(2):
        project.run(f"--cache={elsewhere}")
    assert len(runs) == 1
    assert elsewhere.is_file()
    for _ in range(2):
        project.run("--no-cache")
    assert len(runs) == 3
    assert not project.cache.parent.exists()


CHANGES: dict[str, Callable[[Project], object]] = {
    "a schema": lambda p: p.change(p.schemas / "kling-v3.yaml", "max: 15", "max: 14"),
    "the gateway": lambda p: p.change(p.schemas / "gateway.yaml", "https://", "https://new."),
    "a template of models": lambda p: p.change(
        p.templates / "modelstream" / "models" / "[module].py.jinja", "class.", "classes."
    ),
    "the class template": lambda p: p.change(
        p.templates / "_datamodel" / "pydantic_v2" / "BaseModel.jinja2", "expects it", "wants it"
    ),
    "a file that is copied": lambda p: (p.templates / "modelstream" / "new.txt").write_text("new"),
    "a model more": lambda p: (p.schemas / "another-1.yaml").write_text(
        "model: another-1\nclass: Another1\ntitle: t\nvendor: v\nsummary: s\nsource: {page: p, checked: 2026-11-21}\n"
        "fields: {prompt: {type: string, target: prompt, evidence: page}}\n"
    ),
    "a model less": lambda p: (p.schemas / "wan2.7-r2v.yaml").unlink(),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_is_noticed(what: str, project: Project, runs: list[Sources]) -> None:
    before = project.run()
    CHANGES[what](project)
    after = project.run()
    assert len(runs) == 2
    assert without_manifest(after) == project.rendered()
    if what != "the gateway":  # The templates of these tests show nothing of it.
        assert after != before


def test_a_documented_request_that_changed_is_noticed(project: Project, runs: list[Sources]) -> None:
    before = project.run()
    project.change(project.goldens / "kling-v3" / "documented" / "curl.txt", '"duration": 5', '"duration": 6')
    after = project.run()
    assert {path for path in after if after[path] != before[path]} == {
        "modelstream/schemas/kling_v3.form.json",
        "modelstream/schemas/openapi.json",
    }
    assert without_manifest(after) == project.rendered()
    assert len(runs) == 2
    project.change(project.goldens / "kling-v3" / "documented" / "curl.txt", '"duration"', '"length"')
    assert main(["generate", *project.options]) == 1


def test_a_file_that_the_generator_rejects_is_noticed(project: Project) -> None:
    project.run()
    (project.schemas / "another.yml").write_text("")
    assert main(["generate", *project.options]) == 1


@pytest.mark.parametrize("edit", ["changed", "removed", "added"])
def test_an_edit_of_the_package_is_noticed(edit: str, project: Project, runs: list[Sources]) -> None:
    before = project.run()
    file = project.out / "modelstream" / "models" / "kling_v3.py"
    added = file.with_name("mine.txt")
    match edit:
        case "changed":
            file.write_text("EDITED = True\n")
        case "removed":
            file.unlink()
        case _:
            added.write_text("mine")
    assert main(["generate", "--check", *project.options]) == 1
    after = project.run()
    after.pop("modelstream/models/mine.txt", None)
    assert after == before
    assert len(runs) == 3


def test_an_untracked_file_is_reported_by_every_run(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.run()
    (project.out / "mine.txt").write_text("mine")
    for _ in range(2):
        project.run()
        assert "mine.txt" in capsys.readouterr().err


def test_only_what_changed_is_formatted_again(project: Project, formatted: list[str]) -> None:
    project.run()
    assert len(formatted) > 5
    formatted.clear()
    project.change(project.schemas / "kling-v3.yaml", "max: 15", "max: 14")
    project.run()
    assert len(formatted) == 1
    assert "KlingV3" in formatted[0]
    project.run()
    formatted.clear()
    project.run("--only", "kling-v3")
    assert formatted == [], "the run that changed nothing kept what black had made"


def test_every_problem_is_reported_in_one_run(project: Project) -> None:
    project.run()
    project.change(project.schemas / "kling-v3.yaml", "max: 15", "max: x")
    project.change(project.schemas / "wan2.7-r2v.yaml", "title:", "tilte:")
    for _ in range(2):
        with pytest.raises(ProblemsFound) as found:
            project.rendered()
        assert {Path(problem.file).name for problem in found.value.problems} == {"kling-v3.yaml", "wan2.7-r2v.yaml"}


def test_a_template_that_renders_no_python_is_reported(project: Project) -> None:
    template = project.templates / "modelstream" / "models" / "[module].py.jinja"
    template.write_text("NAMES = [\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        project.rendered()
    assert {problem.code for problem in found.value.problems} == {"no-python"}
    assert len(found.value.problems) == len(list(project.schemas.glob("*.yaml"))) - 1, "one for each model"
