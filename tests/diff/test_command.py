"""``python -m generator diff``: its sides, formats, exit status, acknowledgements and versions."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from generator.__main__ import _parser as command_line
from generator.__main__ import main

ROOT = Path(__file__).parents[2]

HEAD = """\
model: demo
class: Demo
title: Demo
vendor: Demo Inc
summary: A model to compare.
source: {page: demo, checked: 2026-11-21}
fields:
  prompt: {type: string, required: true, target: prompt, evidence: vendor, doc: Prompt.}
"""
OLD = HEAD + "  length: {type: integer, max: 10, default: 5, target: length, evidence: vendor, doc: Length.}\n"
NARROWER = OLD.replace("max: 10", "max: 8")
OTHER_DEFAULT = OLD.replace("default: 5", "default: 6")
OTHER_WORDS = OLD.replace("Length.", "How long.")
MORE = OLD + "  tags: {type: object, target: tags, evidence: vendor, doc: Tags.}\n"


class Project:
    """A folder with schemas, and a git repository around it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.schemas = folder / "schemas"
        self.schemas.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("one", OLD)

    def write(self, text: str, *, version: str = "1.2.3") -> None:
        (self.schemas / "demo.yaml").write_text(text, encoding="utf-8")
        (self.folder / "pyproject.toml").write_text(f'[project]\nversion = "{version}"\n', encoding="utf-8")

    def acknowledge(self, text: str) -> None:
        (self.folder / "changes").mkdir(exist_ok=True)
        (self.folder / "changes" / "acknowledged.yaml").write_text(text, encoding="utf-8")

    def commit(self, tag: str, text: str, *, version: str = "1.2.3") -> None:
        self.write(text, version=version)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", tag)
        self.git("tag", tag)

    def git(self, *arguments: str) -> None:
        who = {
            f"GIT_{role}_{what}": "demo@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
        }
        quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        subprocess.run(["git", *arguments], cwd=self.folder, check=True, env={**os.environ, **who, **quiet})

    def diff(self, *arguments: str) -> int:
        return main(["diff", "--schemas", str(self.schemas), *arguments])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def test_a_revision_and_the_folder(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(NARROWER)
    assert project.diff("main") == 0
    out, err = capsys.readouterr()
    fingerprint = re.findall(r"c[0-9a-f]{11}", out)[0]
    assert (out, err) == (
        f"""\
breaks callers (1)
  demo length: max: 10 -> 8  [limit-narrowed, {fingerprint}]
      Calls with a value beyond the new limit.
      call:   Demo(prompt="A paper boat", length=10)
      before: sends {{"model": "demo", "prompt": "A paper boat", "length": 10}}
      now:    rejected: length: 10 is greater than the maximum of 8

main -> schemas: 1 change (1 breaks callers)
due: a major step of the version, 2.0.0
""",
        "",
    )


def test_two_revisions(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.commit("two", NARROWER)
    outputs = set()
    for sides in (["one", "two"], ["one..two"], ["one..main"], ["one...two"], ["one.."], ["one"]):
        assert project.diff(*sides, "--format", "json") == 0
        outputs.add(json.dumps(json.loads(capsys.readouterr().out)["changes"]))
    assert len(outputs) == 1
    assert project.diff("two", "one") == 0
    assert "limit-widened" in capsys.readouterr().out


def test_three_dots_compare_with_the_common_base(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.git("checkout", "--quiet", "-b", "work")
    project.commit("two", MORE)
    project.git("checkout", "--quiet", "main")
    project.commit("three", NARROWER)
    assert project.diff("main...work") == 0
    out = capsys.readouterr().out
    assert ("field-added" in out, "limit-widened" in out) == (True, False)


def test_two_folders(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "demo.yaml").write_text(OTHER_WORDS, encoding="utf-8")
    assert project.diff("schemas", "other") == 0
    assert '"words only"' not in capsys.readouterr().out
    assert project.diff("other", "schemas") == 0
    assert "schemas: 1 change (1 words only)" in capsys.readouterr().out


def test_the_same(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.diff("main", "--fail-on", "words-only", "--check-version") == 0
    assert capsys.readouterr() == ("main -> schemas: the schemas say the same\n", "")


@pytest.mark.parametrize("revision", ["nowhere", "--upload-pack=x", "main:schemas", "HEAD~9", "a..b", ""])
def test_what_is_no_revision(revision: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) if revision.startswith("-") else _no_exit():
        assert project.diff(revision) == 1
        assert "unknown-revision: neither a folder nor a revision" in capsys.readouterr().err


class _no_exit:  # noqa: N801
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def test_new_schemas_have_to_be_sound(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.commit("two", OLD.replace("max: 10", "max: 4"))
    assert project.diff("one", "two") == 1
    assert capsys.readouterr().err.startswith("two:schemas/demo.yaml:9:44: default-outside-range: ")


def test_an_older_language_is_read_as_well_as_possible(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.commit("two", OLD.replace("max: 10", "max: 10, colour: red"))
    assert project.diff("two", "one") == 0
    out = capsys.readouterr().out
    assert out.startswith("not compared: two:schemas/demo.yaml:9:36: unknown-key: 'colour' is not a key of")
    assert out.endswith("two -> one: the schemas say the same\n")


def test_a_revision_that_can_hardly_be_read(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    other = "\nmodel: other\nclass: Other\nfields: 5\n"
    (project.schemas / "other.yaml").write_text(other, encoding="utf-8")
    (project.schemas / "broken.yaml").write_text("[", encoding="utf-8")
    project.commit("two", OLD)
    for name in ("other", "broken"):
        (project.schemas / f"{name}.yaml").unlink()
    assert project.diff("two") == 0
    out = capsys.readouterr().out
    assert "not compared: two:schemas/broken.yaml:1:2: syntax: " in out
    assert "not compared: two:schemas/other.yaml:2:1: unreadable: the file is written in too old a language" in out


@pytest.mark.parametrize(
    ("text", "level", "status"),
    [
        (NARROWER, "breaks-callers", 1),
        (OTHER_DEFAULT, "breaks-callers", 0),
        (OTHER_DEFAULT, "changes-what-is-sent", 1),
        (MORE, "changes-what-is-sent", 0),
        (MORE, "new", 1),
        (OTHER_WORDS, "new", 0),
        (OTHER_WORDS, "words-only", 1),
    ],
)
def test_it_fails_on_a_level_and_worse(text: str, level: str, status: int, project: Project) -> None:
    project.write(text)
    assert project.diff("main", "--fail-on", level) == status


def test_an_acknowledged_change_does_not_fail(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(NARROWER)
    assert project.diff("main", "--format", "json") == 0
    fingerprint = json.loads(capsys.readouterr().out)["changes"][0]["fingerprint"]
    project.acknowledge(f"- {{change: {fingerprint}, reason: The gateway cuts longer videos.}}\n")
    assert project.diff("main", "--fail-on", "breaks-callers") == 0
    assert "acknowledged: The gateway cuts longer videos." in capsys.readouterr().out
    project.write(NARROWER.replace("max: 8", "max: 7"))
    assert project.diff("main", "--fail-on", "breaks-callers") == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {change: c0123456789a, reason: r}", ":1:12: unused-acknowledgement: no change has the fingerprint"),
        ("- {change: 5, reason: r}", ":1:12: bad-value: 5 is no fingerprint"),
        ("- {change: c0123456789a}", ":1:3: wrong-type: write {change: FINGERPRINT, reason: TEXT}"),
        ("- {change: FOUND, reason: ' '}", ":1:34: bad-value: there is no reason"),
        ("- {change: FOUND, reason: r}\n- {change: FOUND, reason: r}", ":2:12: bad-value: "),
        ("change: FOUND", ":1:1: wrong-type: write a list"),
        ("- {change: [}", ":1:13: syntax: "),
    ],
)
def test_a_wrong_acknowledgement(text: str, problem: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(NARROWER)
    project.diff("main", "--format", "json")
    fingerprint = json.loads(capsys.readouterr().out)["changes"][0]["fingerprint"]
    project.acknowledge(text.replace("FOUND", fingerprint))
    assert project.diff("main") == 1
    assert capsys.readouterr().err.startswith(f"changes/acknowledged.yaml{problem}")


@pytest.mark.parametrize(
    ("text", "before", "after", "status"),
    [
        (NARROWER, "1.2.3", "2.0.0", 0),
        (NARROWER, "1.2.3", "1.9.9", 1),
        (NARROWER, "0.2.3", "0.3.0", 0),
        (NARROWER, "0.2.3", "0.2.4", 1),
        (OTHER_DEFAULT, "1.2.3", "1.2.4", 1),
        (OTHER_DEFAULT, "1.2.3", "1.3.0", 0),
        (MORE, "1.2.3", "1.3.0", 0),
        (OTHER_WORDS, "1.2.3", "1.2.3", 1),
        (OTHER_WORDS, "1.2.3", "1.2.4", 0),
        (OLD, "1.2.3", "1.2.3", 0),
    ],
)
def test_the_version_has_to_follow(
    text: str, before: str, after: str, status: int, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.commit("two", OLD, version=before)
    project.commit("three", text, version=after)
    assert project.diff("two", "three", "--check-version") == status
    err = capsys.readouterr().err
    assert err.startswith(f"three:pyproject.toml: version: the version is {after}; " if status else "")
    assert bool(err) == bool(status)


def test_without_a_version_nothing_follows(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.git("rm", "--quiet", "pyproject.toml")
    project.git("commit", "--quiet", "--message", "two")
    assert project.diff("one", "main", "--check-version") == 1
    assert (
        capsys.readouterr().err
        == "main:pyproject.toml: version: main declares no version, so nothing can follow from it\n"
    )


def test_models_come_go_and_change_their_names(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.schemas / "other.yaml").write_text(
        OLD.replace("model: demo", "model: other").replace("class: Demo", "class: Other"), encoding="utf-8"
    )
    assert project.diff("main", "--format", "json") == 0
    assert [c["kind"] for c in json.loads(capsys.readouterr().out)["changes"]] == ["model-added"]
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message", "two")
    assert project.diff("HEAD", "one", "--format", "json") == 0
    assert [c["kind"] for c in json.loads(capsys.readouterr().out)["changes"]] == ["model-removed"]
    (project.schemas / "other.yaml").unlink()
    (project.schemas / "new-id.yaml").write_text(
        OLD.replace("model: demo", "model: new-id").replace("class: Demo", "class: Other"), encoding="utf-8"
    )
    assert project.diff("HEAD", "--format", "json") == 0
    changes = json.loads(capsys.readouterr().out)["changes"]
    assert [(c["kind"], c["before"], c["after"]) for c in changes] == [("model-renamed", "other", "new-id")]


def test_json_has_the_witness_as_values(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(OTHER_DEFAULT)
    project.diff("main", "--format", "json")
    [change] = json.loads(capsys.readouterr().out)["changes"]
    body = {"model": "demo", "prompt": "A paper boat"}
    assert change["witness"] == {
        "call": 'Demo(prompt="A paper boat")',
        "values": {"prompt": "A paper boat"},
        "before": {"body": {**body, "length": 5}, "warnings": []},
        "after": {"body": {**body, "length": 6}, "warnings": []},
    }
    assert (change["level"], change["line"], change["file"]) == ("changes-what-is-sent", 9, "schemas/demo.yaml")


def test_markdown_is_an_entry_of_a_changelog(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(NARROWER.replace("default: 5", "default: 6"))
    project.diff("main", "--format", "markdown")
    assert capsys.readouterr().out == """\
### Models (due: 2.0.0, a major step)

**Breaks callers**

- `demo` `length`: max, `10` became `8`. Calls with a value beyond the new limit.
  `Demo(prompt="A paper boat", length=10)`: accepted before, now `length: 10 is greater than the maximum of 8`

**Changes what is sent, without the caller's doing**

- `demo` `length`: default, `5` became `6`. Calls that leave the field out: they ask for something else.
  `Demo(prompt="A paper boat")`: `length` was `5`, now `6`
"""


def test_annotations_stand_at_the_line(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(NARROWER.replace("default: 5", "default: 6").replace("Length.", "How long."))
    project.diff("main", "--format", "github")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::error", "::warning", "::notice"]
    assert lines[0].startswith("::error file=schemas/demo.yaml,line=9,col=1,title=breaks callers::demo length: max")


HOSTILE = '"`</code><script>x</script> | [a](b) ${{ y }} ::error::\\e[2J \\u202e @everyone\\n## Title"'


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github"])
def test_a_hostile_text_stays_a_text(form: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = NARROWER.replace("Length.", HOSTILE).replace("title: Demo", f"title: {HOSTILE}")
    project.write(text + f"  mode: {{type: enum, options: [{HOSTILE}], target: mode, evidence: vendor, doc: d}}\n")
    assert project.diff("main", "--format", form) == 0
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert not re.search(r"^(::(?!error|warning|notice)|#{1,2} )", out, re.MULTILINE)
    if form == "markdown":
        assert "<script>" not in re.sub(r"`[^`\n]*`", "", out)
        assert "${{" not in out


def test_nothing_of_a_revision_runs(project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trap = f"touch {tmp_path / 'sprung'}"
    (project.folder / ".gitattributes").write_text("* filter=trap diff=trap\n", encoding="utf-8")
    for key in ("filter.trap.smudge", "filter.trap.clean", "diff.trap.textconv", "core.pager"):
        project.git("config", key, trap)
    project.git("config", "core.fsmonitor", trap)
    (tmp_path / "sprung").unlink(missing_ok=True)
    project.write(NARROWER)
    assert project.diff("main") == 0
    assert not (tmp_path / "sprung").exists()


def test_the_commands_of_the_workflow_are_commands() -> None:
    text = (ROOT / ".github" / "workflows" / "schema-changes.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    lines = [line for job in jobs.values() for step in job["steps"] for line in step.get("run", "").splitlines()]
    commands = [
        line.partition("|")[0].split()[2:] for line in lines if line.split()[:3] == ["python", "-m", "generator"]
    ]
    assert {"--format", "--fail-on", "--check-version"} <= {word for command in commands for word in command}
    for command in commands:
        assert command_line().parse_args(command[1:]).run


def test_links_and_strange_names_of_a_revision_are_not_read(project: Project, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(OLD.replace("demo", "link"), encoding="utf-8")
    (project.schemas / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (project.schemas / "a b.yaml").write_text("[", encoding="utf-8")
    project.commit("two", OLD)
    assert project.diff("one", "two", "--fail-on", "words-only") == 0
