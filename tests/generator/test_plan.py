"""What a run does to the output folder: it writes what changed, removes what it wrote before and no longer renders, and
touches nothing else; ``--check`` only reports. A run that fails leaves everything as it was.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

import generator.plan
from generator.__main__ import main

ROOT = Path(__file__).parents[2]

SCHEMA = """\
model: {name}
class: {name_}
title: Demo
vendor: Demo Inc
summary: A model to generate from.
source: {{page: demo, checked: 2026-11-21}}
fields:
  prompt: {{type: string, required: true, target: prompt}}
"""

LONG_AGO = 1_000_000_000


@dataclass(frozen=True)
class Result:
    """What a command returned and printed."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A small project: two schemas, three templates."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def schemas(self) -> Path:
        return self.folder / "schemas"

    @property
    def templates(self) -> Path:
        return self.folder / "templates"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def generate(self, *options: str) -> Result:
        folders = ("--schemas", self.schemas, "--templates", self.templates, "--out", self.out)
        status = main(["generate", *map(str, folders), *options])
        out, err = self.capsys.readouterr()
        return Result(status, out, err)

    def write(self, path: str, content: str) -> Path:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8", newline="")
        return file

    def tree(self) -> dict[str, tuple[bytes | None, int]]:
        """Every folder and file of the output, with its content and its time."""
        return {
            path.relative_to(self.folder).as_posix(): (
                path.read_bytes() if path.is_file() else None,
                path.stat().st_mtime_ns if path.is_file() else 0,
            )
            for path in [*self.folder.glob("out"), *self.out.rglob("*")]
        }

    def age(self) -> None:
        """Make all files of the output old, so that a file that is written again stands out."""
        for path in self.out.rglob("*"):
            if path.is_file():
                os.utime(path, (LONG_AGO, LONG_AGO))

    def written(self) -> set[str]:
        """The files of the output that are not old."""
        files = (path for path in self.out.rglob("*") if path.is_file())
        return {path.relative_to(self.out).as_posix() for path in files if path.stat().st_mtime != LONG_AGO}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Project:
    """The project before its first run, as the working directory."""
    project = Project(tmp_path, capsys)
    for name in ("cat", "dog"):
        project.write(f"schemas/{name}.yaml", SCHEMA.format(name=name, name_=name.title()))
    project.write(
        "templates/demo/names.py.jinja", "NAMES = {{ package.models | map(attribute='id') | list | literal }}\n"
    )
    project.write("templates/demo/models/[module].py.jinja", "ID = {{ model.id | literal }}\n")
    project.write("templates/demo/copied.py", '"""Copied."""\n\nONE = 1\nTWO = 2\n')
    monkeypatch.chdir(tmp_path)
    return project


@pytest.fixture
def made(project: Project) -> Project:
    """The project after its first run."""
    assert project.generate().status == 0
    project.age()
    return project


def test_the_first_run_writes_everything(project: Project) -> None:
    result = project.generate()
    assert result.status == 0
    assert result.out == "2 models: 5 written, 0 removed, 0 unchanged in out\n"
    assert {path.relative_to(project.out).as_posix() for path in project.out.rglob("*") if path.is_file()} == {
        "manifest.json",
        "demo/names.py",
        "demo/copied.py",
        "demo/models/cat.py",
        "demo/models/dog.py",
    }
    assert (project.out / "demo/names.py").read_text(encoding="utf-8").endswith('\nNAMES = ["cat", "dog"]\n')


def test_a_second_run_touches_nothing(made: Project) -> None:
    before = made.tree()
    result = made.generate()
    assert (result.status, result.out) == (0, "2 models: 5 files in out are up to date\n")
    assert made.tree() == before


def test_only_what_changed_is_written(made: Project) -> None:
    made.write("templates/demo/copied.py", "ONE = 1\n")
    result = made.generate()
    assert result.out == "2 models: 1 written, 0 removed, 4 unchanged in out\n"
    assert made.written() == {"demo/copied.py"}


def test_an_edited_file_is_written_again(made: Project) -> None:
    before = (made.out / "demo/copied.py").read_bytes()
    made.write("out/demo/copied.py", "EDITED = True\n")
    assert made.generate().status == 0
    assert (made.out / "demo/copied.py").read_bytes() == before


def test_a_missing_file_is_written(made: Project) -> None:
    before = (made.out / "demo/copied.py").read_bytes()
    (made.out / "demo/copied.py").unlink()
    assert made.generate().status == 0
    assert (made.out / "demo/copied.py").read_bytes() == before
    assert made.written() == {"demo/copied.py"}


def test_the_same_bytes_come_back_after_the_folder_was_deleted(made: Project) -> None:
    before = {path: content for path, (content, _) in made.tree().items()}
    shutil.rmtree(made.out)
    assert made.generate().status == 0
    assert {path: content for path, (content, _) in made.tree().items()} == before


def test_what_is_no_longer_rendered_is_removed_with_its_folder(made: Project) -> None:
    shutil.rmtree(made.templates / "demo/models")
    result = made.generate()
    assert result.out == "2 models: 1 written, 2 removed, 2 unchanged in out\n"
    assert not (made.out / "demo/models").exists()
    assert made.written() == {"manifest.json"}


def test_untracked_files_are_left_alone_and_reported(made: Project) -> None:
    shutil.rmtree(made.templates / "demo/models")
    made.write("out/demo/models/notes.txt", "mine")
    made.write("out/\x1b[31mred.txt", "mine")
    result = made.generate()
    assert result.status == 0
    assert result.err == (
        "left alone: out/\\x1b[31mred.txt (the generator did not write it)\n"
        "left alone: out/demo/models/notes.txt (the generator did not write it)\n"
    )
    assert (made.out / "demo/models/notes.txt").read_text(encoding="utf-8") == "mine"
    assert not (made.out / "demo/models/cat.py").exists()


def test_caches_of_tools_are_neither_removed_nor_reported(made: Project) -> None:
    made.write("out/demo/__pycache__/copied.cpython-311.pyc", "")
    made.write("out/.ruff_cache/x", "")
    result = made.generate()
    assert result.err == ""
    assert made.generate("--check").status == 0
    assert (made.out / ".ruff_cache/x").exists()


@pytest.mark.parametrize("manifest", [None, "", "[]", '{"files": 5}', '{"files": [5, {}]}', "[" * 100_000])
def test_without_a_sound_manifest_nothing_is_removed(manifest: str | None, made: Project) -> None:
    (made.templates / "demo/copied.py").unlink()
    if manifest is None:
        (made.out / "manifest.json").unlink()
    else:
        made.write("out/manifest.json", manifest)
    result = made.generate()
    assert result.status == 0
    assert (made.out / "demo/copied.py").exists()
    assert result.err == "left alone: out/demo/copied.py (the generator did not write it)\n"


def test_a_manifest_cannot_remove_anything_outside(made: Project) -> None:
    outside = made.write("outside.txt", "mine")
    linked = made.write("elsewhere/linked.txt", "mine")
    (made.out / "link").symlink_to(linked.parent, target_is_directory=True)
    (made.out / "copy.txt").symlink_to(outside)
    paths = ["../outside.txt", str(outside), "demo/../../outside.txt", "link/linked.txt", "copy.txt", "link"]
    made.write("out/manifest.json", json.dumps({"files": paths}))
    assert made.generate().status == 0
    assert outside.read_text(encoding="utf-8") == "mine"
    assert linked.read_text(encoding="utf-8") == "mine"


def test_a_link_in_place_of_a_file_is_replaced_and_not_followed(made: Project) -> None:
    outside = made.write("outside.txt", "mine")
    (made.out / "demo/copied.py").unlink()
    (made.out / "demo/copied.py").symlink_to(outside)
    assert made.generate().status == 0
    assert outside.read_text(encoding="utf-8") == "mine"
    assert not (made.out / "demo/copied.py").is_symlink()


def test_check_agrees_with_what_was_just_written(made: Project) -> None:
    before = made.tree()
    result = made.generate("--check")
    assert (result.status, result.out, result.err) == (0, "5 files in out match the schemas\n", "")
    assert made.tree() == before


def test_check_shows_an_edit_of_one_byte_as_a_diff(made: Project) -> None:
    file = made.out / "demo/copied.py"
    file.write_bytes(file.read_bytes().replace(b"ONE = 1", b"ONE = 7"))
    before = made.tree()
    result = made.generate("--check")
    assert result.status == 1
    assert result.out == (
        "--- on disk/demo/copied.py\n"
        "+++ generated/demo/copied.py\n"
        "@@ -2,5 +2,5 @@\n"
        ' # Do not edit it here: change its source, then run "nox -s generate".\n'
        ' """Copied."""\n'
        " \n"
        "-ONE = 7\n"
        "+ONE = 1\n"
        " TWO = 2\n"
        "CHANGED demo/copied.py\n"
        '1 difference; run "nox -s generate" and commit what it writes\n'
    )
    assert made.tree() == before


def test_check_reports_changed_missing_and_untracked_files(made: Project) -> None:
    made.write("out/demo/copied.py", "")
    (made.out / "demo/names.py").unlink()
    made.write("out/demo/extra.py", "")
    result = made.generate("--check")
    assert result.status == 1
    assert result.out.splitlines()[-4:] == [
        "CHANGED demo/copied.py",
        "UNTRACKED demo/extra.py",
        "MISSING demo/names.py",
        '3 differences; run "nox -s generate" and commit what it writes',
    ]


def test_check_reports_a_file_that_is_no_longer_rendered(made: Project) -> None:
    (made.templates / "demo/copied.py").unlink()
    result = made.generate("--check")
    assert result.status == 1
    assert "STALE demo/copied.py\n" in result.out
    assert (made.out / "demo/copied.py").exists()


def test_check_of_a_folder_that_is_not_there(project: Project) -> None:
    result = project.generate("--check")
    assert result.status == 1
    assert [line.partition(" ")[0] for line in result.out.splitlines()[:-1]] == ["MISSING"] * 5
    assert not project.out.exists()


def test_a_diff_shows_line_ends_and_what_a_terminal_would_obey(made: Project) -> None:
    file = made.out / "demo/copied.py"
    file.write_bytes(file.read_bytes().replace(b"ONE = 1\n", b"ONE = 1\r\n").replace(b"TWO = 2\n", b"\x1b[2J\x9b"))
    out = made.generate("--check").out
    assert "-ONE = 1\\r\n" in out
    assert "-\\x1b[2J\\x9b\n\\ No newline at end of file\n" in out
    assert all(c.isprintable() or c == "\n" for c in out)


def test_a_file_of_bytes_has_no_diff(made: Project) -> None:
    (made.out / "demo/copied.py").write_bytes(b"\0\1\2")
    out = made.generate("--check").out
    assert out.startswith("Binary files on disk/demo/copied.py and generated/demo/copied.py differ\nCHANGED ")


def test_differences_for_machines(made: Project) -> None:
    made.write("out/demo/a,b.py", "")
    (made.out / "demo/names.py").unlink()
    result = made.generate("--check", "--format", "json")
    assert result.status == 1
    assert json.loads(result.out) == [
        {"kind": "UNTRACKED", "path": "demo/a,b.py", "diff": ""},
        {"kind": "MISSING", "path": "demo/names.py", "diff": ""},
    ]
    assert made.generate("--check", "--format", "github").out == (
        '::error file=out/demo/a%2Cb.py,title=UNTRACKED::run "nox -s generate" and commit what it writes\n'
        '::error file=out/demo/names.py,title=MISSING::run "nox -s generate" and commit what it writes\n'
    )


def test_no_difference_for_machines(made: Project) -> None:
    assert made.generate("--check", "--format", "json") == Result(0, "[]\n", "")
    assert made.generate("--check", "--format", "github") == Result(0, "", "")


BROKEN_INPUT = {
    "schema": ("schemas/dog.yaml", "model: dog\n", "missing-key"),
    "yaml": ("schemas/dog.yaml", "model: [dog\n", "syntax"),
    "template": ("templates/demo/names.py.jinja", "{% for x in %}\n", "template"),
    "undefined": ("templates/demo/names.py.jinja", "# {{ package.nmaes }}\n", "template"),
    "undefined-filter": ("templates/demo/names.py.jinja", "# {{ 1 | nmaes }}\n", "template"),
    "no-python": ("templates/demo/names.py.jinja", "NAMES = [\n", "no-python"),
    "not-utf-8": ("templates/demo/copied.py", "\udcff", "unreadable"),
}


@pytest.mark.parametrize("what", BROKEN_INPUT)
@pytest.mark.parametrize("options", [(), ("--check",), ("--only", "cat")])
def test_broken_input_leaves_everything_as_it_was(what: str, options: tuple[str, ...], made: Project) -> None:
    path, content, code = BROKEN_INPUT[what]
    made.write("out/demo/copied.py", "EDITED = True\n")
    (made.folder / path).write_text(content, encoding="utf-8", errors="surrogateescape")
    before = made.tree()
    result = made.generate(*options)
    assert result.status == 1
    assert f": {code}: " in result.err
    assert result.err.endswith("nothing was generated\n")
    assert result.out == ""
    assert made.tree() == before


@pytest.mark.parametrize("what", BROKEN_INPUT)
def test_broken_input_makes_no_folder(what: str, project: Project) -> None:
    path, content, _ = BROKEN_INPUT[what]
    (project.folder / path).write_text(content, encoding="utf-8", errors="surrogateescape")
    assert project.generate().status == 1
    assert not project.out.exists()


def test_a_folder_in_place_of_a_file_is_reported(made: Project) -> None:
    (made.out / "demo/names.py").unlink()
    made.write("out/demo/names.py/inner.txt", "mine")
    made.write("out/demo/copied.py", "EDITED = True\n")
    before = made.tree()
    result = made.generate()
    assert result.status == 1
    assert result.err == "out/demo/names.py: unwritable: cannot write: Is a directory\n"
    assert made.tree() == before


def test_a_file_in_place_of_the_folder_is_reported(project: Project) -> None:
    project.write("out", "mine")
    result = project.generate()
    assert result.status == 1
    assert result.err.startswith("out/demo/copied.py: unwritable: cannot write: ")
    assert project.out.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("made_before", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(
    made_before: bool, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    if made_before:
        project.generate()
        project.write("out/demo/copied.py", "EDITED = True\n")
        project.write("out/demo/names.py", "EDITED = True\n")
    before = project.tree()
    written: list[Path] = []
    stage = generator.plan._stage

    def until_full(target: Path, content: bytes) -> Path:
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(stage(target, content))
        return written[0]

    monkeypatch.setattr(generator.plan, "_stage", until_full)
    result = project.generate()
    assert written
    assert result.status == 1
    assert result.err.endswith(": unwritable: cannot write: No space left on device\n")
    assert project.tree() == before


def test_only_one_model_is_written(made: Project) -> None:
    made.write("templates/demo/models/[module].py.jinja", "MODEL = {{ model.id | literal }}\n")
    made.write("templates/demo/copied.py", "CHANGED = True\n")
    made.write("templates/demo/forms/[module].txt.jinja", "{{ model.title }}\n")
    result = made.generate("--only", "cat")
    assert result == Result(0, "2 models: 2 written, 0 removed, 0 unchanged in out\n", "")
    assert made.written() == {"demo/models/cat.py", "demo/forms/cat.txt"}
    assert made.generate("--only", "cat").out == "2 models: 2 files in out are up to date\n"


def test_only_one_model_is_compared(made: Project) -> None:
    made.write("out/demo/models/dog.py", "")
    made.write("out/demo/extra.txt", "")
    result = made.generate("--check", "--only", "cat")
    assert result == Result(0, "1 file in out matches the schemas\n", "")
    assert made.generate("--check", "--only", "dog").out.splitlines()[-2] == "CHANGED demo/models/dog.py"


def test_only_an_unknown_model_is_reported(made: Project) -> None:
    before = made.tree()
    result = made.generate("--only", "cta")
    assert result == Result(1, "", "schemas: unknown-model: no model 'cta'; did you mean 'cat'?\n")
    assert made.tree() == before


# The pages about the models, which are in a folder of their own.


@pytest.fixture
def paged(project: Project) -> Project:
    """The project with pages, after its first run."""
    project.write("templates/docs/models/[model].md.jinja", "# {{ model.title }}\n")
    project.write("templates/docs/models/README.md.jinja", "{{ package.models | map(attribute='id') | join(' ') }}\n")
    assert project.generate().out == "2 models: 9 written, 0 removed, 0 unchanged in out and docs/models\n"
    return project


def pages(project: Project) -> dict[str, str]:
    files = (path for path in (project.folder / "docs").rglob("*") if path.is_file())
    return {path.relative_to(project.folder).as_posix(): path.read_text(encoding="utf-8") for path in files}


def test_pages_are_beside_the_package_and_have_their_own_manifest(paged: Project) -> None:
    found = pages(paged)
    manifest = json.loads(found.pop("docs/models/manifest.json"))
    assert manifest["files"] == ["README.md", "cat.md", "dog.md", "manifest.json"]
    assert found == {
        "docs/models/README.md": "cat dog\n",
        "docs/models/cat.md": "# Demo\n",
        "docs/models/dog.md": "# Demo\n",
    }
    assert not (paged.out / "docs").exists()
    assert "docs" not in (paged.out / "manifest.json").read_text(encoding="utf-8")
    assert paged.generate().out == "2 models: 9 files in out and docs/models are up to date\n"
    assert paged.generate("--check").out == "9 files in out and docs/models match the schemas\n"


def test_pages_can_be_elsewhere(paged: Project) -> None:
    assert paged.generate("--docs", "pages").out == "2 models: 4 written, 0 removed, 5 unchanged in out and pages\n"
    written = {path.name for path in (paged.folder / "pages").iterdir()}
    assert written == {"README.md", "cat.md", "dog.md", "manifest.json"}


@pytest.mark.parametrize("cache", [(), ("--no-cache",)])
def test_check_reports_what_differs_in_the_pages(cache: tuple[str, ...], paged: Project) -> None:
    paged.write("docs/models/cat.md", "# Edited\n")
    paged.write("docs/models/notes.md", "mine")
    (paged.folder / "docs/models/README.md").unlink()
    result = paged.generate("--check", *cache)
    assert result.status == 1
    assert result.out == (
        "--- on disk/docs/models/cat.md\n"
        "+++ generated/docs/models/cat.md\n"
        "@@ -1 +1 @@\n"
        "-# Edited\n"
        "+# Demo\n"
        "MISSING docs/models/README.md\n"
        "CHANGED docs/models/cat.md\n"
        "UNTRACKED docs/models/notes.md\n"
        '3 differences; run "nox -s generate" and commit what it writes\n'
    )
    paths = [change["path"] for change in json.loads(paged.generate("--check", "--format", "json").out)]
    assert paths == ["docs/models/README.md", "docs/models/cat.md", "docs/models/notes.md"]
    lines = paged.generate("--check", "--format", "github", "--docs", "docs/models").out.splitlines()
    assert [line.partition(",")[0] for line in lines] == [f"::error file={path}" for path in paths]


def test_pages_of_other_models_and_of_nobody_are_left_alone(paged: Project) -> None:
    paged.write("docs/models/dog.md", "# Edited\n")
    paged.write("docs/models/cat.md", "# Edited\n")
    result = paged.generate("--only", "cat")
    assert result.out == "2 models: 1 written, 0 removed, 1 unchanged in out and docs/models\n"
    assert (pages(paged)["docs/models/cat.md"], pages(paged)["docs/models/dog.md"]) == ("# Demo\n", "# Edited\n")
    paged.write("docs/models/notes.md", "mine")
    result = paged.generate()
    assert result.err == "left alone: docs/models/notes.md (the generator did not write it)\n"
    assert pages(paged)["docs/models/notes.md"] == "mine"


def test_the_page_of_a_model_that_is_gone_is_removed(paged: Project) -> None:
    (paged.schemas / "dog.yaml").unlink()
    assert "STALE docs/models/dog.md\n" in paged.generate("--check").out
    assert paged.generate().status == 0
    assert "docs/models/dog.md" not in pages(paged)


def test_nothing_is_replaced_in_either_folder_before_everything_is_staged(paged: Project) -> None:
    paged.write("templates/demo/copied.py", "CHANGED = True\n")
    paged.write("templates/docs/models/README.md.jinja", "changed\n")
    (paged.folder / "docs/models/README.md").unlink()
    paged.write("docs/models/README.md/inner.txt", "mine")
    before = paged.tree(), pages(paged)
    result = paged.generate()
    assert result.err == "docs/models/README.md: unwritable: cannot write: Is a directory\n"
    assert (paged.tree(), pages(paged)) == before


def test_a_full_disk_leaves_both_folders_as_they_were(paged: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    paged.write("templates/demo/copied.py", "CHANGED = True\n")
    paged.write("templates/docs/models/[model].md.jinja", "changed\n")
    before = paged.tree(), pages(paged)
    stage = generator.plan._stage

    def until_full(target: Path, content: bytes) -> Path:
        if target.name == "dog.md":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return stage(target, content)

    monkeypatch.setattr(generator.plan, "_stage", until_full)
    assert paged.generate().status == 1
    assert (paged.tree(), pages(paged)) == before


def test_the_committed_package_matches_the_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["generate", "--check"])
    assert status == 0, capsys.readouterr().out[-3000:]
