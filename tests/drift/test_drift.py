"""``python -m generator drift``: what moved on a page is told, and how bad it is; what did not is not."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.__main__ import main
from generator.drift.kinds import KINDS
from generator.saved_page.record import write_record
from tests.drift.changes import Change, every_change, page_of, severity_of, unnoticed

HERE = Path(__file__).parent
PAGE = (HERE / "page.txt").read_text(encoding="utf-8")
MODEL = "lantern-motion-1"
SECONDS = "Example Value: 4Value Range: 2 ≤ value ≤ 12step: 2"


class Project:
    """A schema, the record of its page, and the page as somebody saved it today."""

    def __init__(self, folder: Path) -> None:
        self.schema = folder / "schemas" / f"{MODEL}.yaml"
        self.schema.parent.mkdir()
        shutil.copy(HERE / f"{MODEL}.yaml", self.schema)
        self.documented = folder / "tests" / "goldens" / MODEL / "documented"
        self.documented.mkdir(parents=True)
        page = page_of(PAGE)
        assert page.curl
        (self.documented / "page.yaml").write_text(write_record(page), encoding="utf-8")
        (self.documented / "curl.txt").write_text(f"{page.curl.text}\n", encoding="utf-8")
        self.page = folder / "page.txt"

    def drift(self, text: str, *options: str) -> int:
        self.page.write_bytes(text.encode())
        return main(["drift", "--schemas", str(self.schema.parent), str(self.page), *options])

    def check(self) -> int:
        return main(["check", "--schemas", str(self.schema.parent)])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


def replaced(old: str, new: str) -> str:
    """The page with one thing changed."""
    assert PAGE.count(old) == 1, old
    return PAGE.replace(old, new)


CHANGES = list(every_change(PAGE))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_changed_fact_is_noticed(change: Change) -> None:
    assert change.text != PAGE
    worst = severity_of(page_of(PAGE), page_of(change.text))
    assert worst in {"error": ("error",), "warning": ("error", "warning")}.get(
        change.least, ("error", "warning", "notice")
    )


def test_every_kind_of_fact_is_changed() -> None:
    kinds = {re.sub(r"^\w+: ", "", change.name).partition(" ")[0] for change in CHANGES}
    wanted = {"name", "mark", "type", "gone", "one", "example", "bound", "step", "option", "number", "word", "mode"}
    assert wanted <= kinds
    assert len(CHANGES) > 90


def test_a_change_that_is_not_there_would_be_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.drift.changes.every_change", lambda text: [Change("none", text, "warning")])
    assert unnoticed(PAGE) == (1, ["none: nothing instead of warning"])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PAGE, id="the same"),
        pytest.param(PAGE.replace("\n", "\r\n"), id="other line ends"),
        pytest.param(PAGE.replace("\n", "  \n"), id="blanks at the ends"),
        pytest.param(PAGE.replace(" ", "\u00a0"), id="no-break spaces"),
        pytest.param(f"\ufeff{PAGE}\n\n\n", id="a byte order mark"),
        pytest.param(PAGE.replace("• More Models →", "• Lantern 9\n  • Seven More Models →"), id="menu"),
        pytest.param(PAGE.replace("Pricing\nSupport", "Only when you need 12 of them"), id="footer"),
        pytest.param(PAGE.replace("over the pond.\n", "above the pond.\n"), id="wording"),
        pytest.param(PAGE.replace("What the lantern does.", "What shall the lantern do?"), id="wording of a field"),
        pytest.param(PAGE.replace("Placeholder: e.g. 6", "Placeholder: e.g. 8"), id="placeholder"),
        pytest.param(PAGE.replace('  "seconds": 4,', '        "seconds":   4,'), id="indentation of the curl"),
        pytest.param(PAGE.replace("Value: A lantern drifts over", "Value: Some lantern is above"), id="example"),
    ],
)
def test_menus_white_space_and_wording_never_fail(text: str, project: Project) -> None:
    assert project.drift(text) == 0


def test_nothing_moved(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.drift(PAGE) == 0
    assert capsys.readouterr() == ("1 page: nothing moved\n", "")


def test_a_move_and_what_is_untrue_now_have_their_places(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.drift(replaced(SECONDS, SECONDS.replace("12", "10")).replace("seconds, 2-12", "seconds, 2-10")) == 1
    out = capsys.readouterr().out
    assert out == """\
error: lantern-motion-1 seconds: the page states the max 10  [untrue]
    page.txt, schemas/lantern-motion-1.yaml:10
    Correct the schema, or say in `differs` why it is right.
error: lantern-motion-1 seconds: high 12 -> 10  [range-narrower]
    page.txt:41, tests/goldens/lantern-motion-1/documented/page.yaml:28
    Correct the range.
warning: lantern-motion-1 seconds: numbers 12, 2 -> 10, 2, says max: 12, min: 2, unit: s -> max: 10, min: 2, unit: s; \
the page says: 'Duration in seconds, 2-10.'  [numbers-or-rules-changed]
    page.txt:39, tests/goldens/lantern-motion-1/documented/page.yaml:31
    Read the sentence, and compare limits, defaults and rules.
1 page: 2 errors, 1 warning
"""


MOVES = {
    "field-gone": PAGE.replace("tags?array\n\n1-3 tags for the archive.\n\nValue Range: 1 ≤ value ≤ 3\n\n", ""),
    "field-renamed": PAGE.replace("glow?number", "shine?number"),
    "field-added-required": PAGE.replace("loop?boolean", "more*string\n\nWhat else.\n\nloop?boolean"),
    "field-added": PAGE.replace("loop?boolean", "more?string\n\nWhat else.\n\nloop?boolean"),
    "mark-changed": PAGE.replace("prompt*string", "prompt?string"),
    "type-changed": PAGE.replace("glow?number", "glow?string"),
    "option-gone": PAGE.replace("Dawn (pale): dawn", ""),
    "option-added": PAGE.replace("Dawn (pale): dawn", "Dawn (pale): dawnNoon (bright): noon"),
    "options-changed": PAGE.replace("Night (moonless): nightDusk (red): duskDawn (pale): dawn", "nightduskdawn"),
    "range-narrower": PAGE.replace("0 ≤ value ≤ 1step", "0.2 ≤ value ≤ 1step"),
    "range-wider": PAGE.replace("0 ≤ value ≤ 1step", "0 ≤ value ≤ 2step"),
    "step-changed": PAGE.replace("step: 0.1", "step: 0.2"),
    "initial-value-changed": PAGE.replace("Example Value: night", "Example Value: dusk"),
    "example-changed": PAGE.replace("Value: A lantern", "Value: Some lantern"),
    "modes-changed": PAGE.replace("[Together]", "[Image to Video]"),
    "undecided-changed": PAGE.replace("Example Value: 0.3Value", "Example Value: 0.3, or soValue"),
    "numbers-or-rules-changed": PAGE.replace("Max 800 chars", "Max 900 chars"),
    "wording-changed": PAGE.replace("What the lantern does.", "What shall the lantern do?"),
    "order-changed": PAGE.replace("nightDusk (red): duskDawn (pale): dawn", "nightDawn (pale): dawnDusk (red): dusk"),
    "control-gone": PAGE.replace("Float Mode\n\nChoose how it floats. Alone: prompt only. Together: two", "Two"),
    "control-added": PAGE.replace("prompt*string", "Sink Mode\n\nHow it sinks.\n\nprompt*string"),
    "title-changed": PAGE.replace("Lantern Motion (", "Lantern in Motion ("),
    "endpoint-changed": PAGE.replace("POST/v1/video/generations", "POST/v2/video/generations"),
    "curl-changed": PAGE.replace('"seconds": 4', '"length": 4'),
    "response-field-gone": PAGE.replace("status?string", "state?string"),
    "response-field-added": PAGE.replace("status?string", "url?string\n\nstatus?string"),
    "untrue": PAGE.replace("prompt*string", "prompt?string"),
    "stated-now": PAGE.replace('"loop": false', '"loop": false,\n    "echo": 3'),
}


@pytest.mark.parametrize("kind", MOVES)
def test_each_kind_of_move(kind: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert MOVES[kind] != PAGE
    status = project.drift(MOVES[kind], "--format", "json")
    found = json.loads(capsys.readouterr().out)
    assert kind in [entry["kind"] for entry in found]
    assert status == any(entry["severity"] != "notice" for entry in found)
    files = {"untrue": f"schemas/{MODEL}.yaml", "stated-now": f"schemas/{MODEL}.yaml"}
    record = f"tests/goldens/{MODEL}/documented/page.yaml"
    assert {e["file"] for e in found if e["kind"] == kind} == {files.get(kind, record)}
    assert all(entry["line"] for entry in found)


def test_every_kind_has_a_page() -> None:
    assert MOVES.keys() == KINDS.keys()


GOOD_NEWS = [
    ('"loop": false', '"loop": false,\n    "echo": 3', "echo", "the page's curl now shows metadata.echo: evidence"),
    ("loop?boolean", "echo?number\n\nHow it sounds.\n\nloop?boolean", "echo", "the page's form now has the field"),
    (
        "loop?boolean",
        "echo?number\n\nHow it sounds.\n\nExample Value: 1Value Range: 0 ≤ value ≤ 9\nloop?boolean",
        "echo",
        "the page now states min, max: limits can become page",
    ),
]


@pytest.mark.parametrize(("old", "new", "field", "message"), GOOD_NEWS)
def test_what_the_page_has_come_to_state_is_good_news(
    old: str, new: str, field: str, message: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.drift(replaced(old, new), "--format", "json")
    news = [e for e in json.loads(capsys.readouterr().out) if e["kind"] == "stated-now"]
    assert any(e["message"].startswith(message) and e["subject"] == field for e in news)
    assert all(e["severity"] == "notice" for e in news)


def test_a_field_that_the_schema_has_already_is_no_gap(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert project.drift(replaced("loop?boolean", "echo?number\n\nHow it sounds.\n\nloop?boolean")) == 0
    assert "field-added" not in capsys.readouterr().out


def test_accepting_a_page(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    text = replaced("What the lantern does.", "What shall the lantern do?")
    assert project.drift(text, "--accept") == 0
    today = datetime.now(UTC).date().isoformat()
    assert capsys.readouterr().err.splitlines() == [
        f"written: tests/goldens/{MODEL}/documented/page.yaml",
        f"written: schemas/{MODEL}.yaml",
    ]
    before = (HERE / f"{MODEL}.yaml").read_text(encoding="utf-8")
    assert project.schema.read_text(encoding="utf-8") == before.replace("2026-11-01", today)
    assert project.drift(text, "--accept") == 0
    assert capsys.readouterr() == ("1 page: nothing moved\n", "")
    assert project.check() == 0


def test_accepting_another_curl_keeps_the_record_and_the_golden_together(project: Project) -> None:
    text = replaced('"sky": "night"', '"sky": "dawn"')
    assert project.drift(text, "--accept") == 0
    assert '"sky": "dawn"' in (project.documented / "curl.txt").read_text(encoding="utf-8")
    assert project.drift(text) == 0
    assert project.check() == 0


def test_what_is_untrue_still_fails_after_it_was_accepted(project: Project) -> None:
    text = replaced("prompt*string", "prompt?string")
    assert project.drift(text, "--accept") == 1
    assert project.drift(text) == 0
    assert project.check() == 1


@pytest.mark.parametrize("form", ["text", "json", "markdown", "github"])
def test_a_hostile_page_stays_a_text(form: str, project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "9 `</code><script>x</script>` | [a](b) ${{ y }} {{ canary() }} %0A::error::z @everyone."
    project.drift(replaced("What the lantern does.", f"What it does {hostile}"), "--format", form)
    out = capsys.readouterr().out
    assert out.replace("\n", "").isprintable()
    assert out.count("\n::") <= out.count("file=")
    if form == "markdown":
        assert "<script>" not in re.sub(r"`[^`\n]*`", "", out)
        assert "{{" not in out


def test_annotations_have_their_severities(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.drift(
        replaced("prompt*string", "prompt?string").replace("Max 800", "Max 900").replace("The sky over", "A sky above"),
        "--format",
        "github",
    )
    words = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert sorted(set(words)) == ["::error", "::notice", "::warning"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "page.txt:1:1: no-page: "),
        (PAGE.replace(MODEL, "other-2"), "page.txt:1:1: unknown-model: no schema has the model other-2"),
        (PAGE.partition("curl -X")[0], "page.txt:1:1: no-page: there is no curl here"),
    ],
)
def test_what_is_no_page_of_a_model(
    text: str, problem: str, project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert project.drift(text) == 1
    assert capsys.readouterr().err.startswith(problem)


def test_a_page_without_a_record(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    (project.documented / "page.yaml").unlink()
    assert project.drift(PAGE) == 1
    assert "no-record: there is no tests/goldens/lantern-motion-1/documented/page.yaml" in capsys.readouterr().err


def test_the_other_pages_are_compared_if_one_cannot_be_read(
    project: Project, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other.txt").write_text("no page", encoding="utf-8")
    assert project.drift(PAGE.replace("Max 800", "Max 900"), "other.txt", "nowhere.txt") == 1
    out, err = capsys.readouterr()
    assert "numbers-or-rules-changed" in out
    assert "other.txt:1:1: no-page: " in err
    assert "nowhere.txt: unreadable: No such file or directory" in err
