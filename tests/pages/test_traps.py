"""Small pages with one trap each: better a question than a wrong fact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from generator.diagnostics import ProblemsFound
from generator.draft.command import import_page
from generator.load import load
from tests.pages.site import draft_of, drafted, page_text, read
from tests.pages.test_facts import codes_of

TRAPS: list[dict[str, Any]] = load(Path(__file__).parent / "traps.yaml").data
every_trap = pytest.mark.parametrize("trap", TRAPS, ids=lambda trap: trap["trap"].replace(" ", "-"))


def text_of(trap: dict[str, Any]) -> str:
    return page_text(trap["form"], trap["body"])


@every_trap
def test_the_draft_says_what_is_certain_and_asks_for_the_rest(trap: dict[str, Any]) -> None:
    draft = draft_of(text_of(trap))
    for name, facts in trap.get("certain", {}).items():
        field = draft["fields"][name]
        assert {key: field.get(key) for key in facts} == facts
        assert not {*facts} & {*field["open"]}
    for name, questions in trap.get("open", {}).items():
        entry = draft["fields"][name] if name else draft
        assert set(questions) <= {*entry["open"]}
        assert not {*questions} & ({*entry} - {"constants"})
    for name, keys in trap.get("never", {}).items():
        assert not {*keys} & {*draft["fields"].get(name, {})}


@every_trap
def test_the_draft_has_no_mistakes_beside_its_questions(trap: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(text_of(trap), encoding="utf-8")
    assert codes_of(page, drafted(page.read_bytes()), tmp_path) <= {"open-question", "page-quote"}


@every_trap
def test_a_question_stands_in_the_line_that_the_report_names(trap: dict[str, Any], tmp_path: Path) -> None:
    page = tmp_path / "page.txt"
    page.write_text(text_of(trap), encoding="utf-8")
    _, report = import_page(str(page), tmp_path / "drafts", tmp_path / "goldens", None)
    [draft] = (tmp_path / "drafts").iterdir()
    lines = draft.read_text(encoding="utf-8").splitlines()
    for number, words in re.findall(rf"^.*{re.escape(draft.name)}:(\d+): (.*)$", report, re.MULTILINE):
        *field, key = re.findall(r"([\w.-]+): ", words)[:2]
        assert any(f"{name}:" in lines[int(number) - 1] for name in (key, *field)), words


def test_there_are_enough_traps() -> None:
    assert len({trap["trap"] for trap in TRAPS}) == len(TRAPS) >= 40


def test_a_bare_apostrophe_stands_in_the_curl_as_it_does_on_the_page() -> None:
    page = page_text("text?string\n\nWhat to say.", {"text": "It's late"}).replace("'\\''", "'")
    told = read(page)
    assert told.curl
    assert told.curl.body["text"] == "It's late"
    assert "It's late" in told.curl.text
    assert told.curl.text.endswith("}'")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no-page"),
        ("\n \n", "no-page"),
        ("Some other text.\n", "no-page"),
        ("x" * 2_000_001, "too-large"),
        ("\n" * 20_001, "too-large"),
        ("<html>" + "<div>" * 20_000, "too-large"),
        ("<html>" + "<p>x</p>" * 60_000, "too-large"),
        ("Request Body\n\nseed?number\n\n" + "1-" * 10_000 + "\n\ncurl x -d '{\"a\": 1}'", "too-large"),
        ("curl x -d '" + "[" * 100_000, "bad-curl"),
        ("a\x1b[2Jb", "control-character"),
        ("a\u202eb", "control-character"),
    ],
    ids=[
        *("empty", "blank", "other", "large", "long", "deep-html", "large-html", "long-line", "deep-curl"),
        *("escape", "reversed"),
    ],
)
def test_what_is_no_page_is_refused_with_a_place(text: str, code: str) -> None:
    with pytest.raises(ProblemsFound) as found:
        read(text)
    assert {problem.code for problem in found.value.problems} == {code}


@pytest.mark.parametrize("part", [0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_page_that_is_cut_off_is_refused(part: float) -> None:
    whole = page_text("text?string\n\nWhat to say.\n\nExample Value: A long text, for once.", {"text": "Hello"})
    end = whole.index("}'")
    with pytest.raises(ProblemsFound):
        read(whole[: int(end * part)])


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("Bearer <token>", "$(touch owned)"),
        lambda text: text.replace("Bearer <token>", "`touch owned`"),
        lambda text: text.replace("curl -X POST", "curl -X POST; touch owned;"),
        lambda text: text.replace("curl -X POST", "curl -X POST | sh"),
        lambda text: text.replace("-d '{", '-d "$(cat /etc/passwd)'),
        lambda text: text.replace("-d '{", "-d @/etc/passwd '{"),
    ],
    ids=["substitution", "backticks", "semicolon", "pipe", "double-quotes", "file"],
)
def test_a_curl_that_would_run_something_is_refused(
    change: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProblemsFound) as found:
        read(change(page_text("text?string\n\nWhat to say.", {"text": "Hello"})))
    assert {problem.code for problem in found.value.problems} <= {"bad-curl", "no-page"}
    assert not list(tmp_path.iterdir())


def test_what_follows_the_curl_is_left_out() -> None:
    page = page_text("text?string\n\nWhat to say.", {"text": "Hello"}).replace("}'\n", "}' && touch owned\n")
    told = read(page)
    assert told.curl
    assert "owned" not in told.curl.text


def test_a_model_id_that_is_no_file_name_is_no_header() -> None:
    with pytest.raises(ProblemsFound):
        read(page_text("text?string\n\nWhat to say.", {"text": "Hello"}, model="../../evil"))


def test_two_models_are_asked_about() -> None:
    text = page_text("text?string\n\nWhat to say.", {"text": "Hello"}).replace('"demo-1"', '"demo-2"')
    assert draft_of(text)["open"]["model"] == ["demo-1", "demo-2"]


def test_modes_are_asked_about() -> None:
    before = "Generation Mode\n\nText to Video: a prompt. Image to Video: a picture.\n\n"
    draft = draft_of(page_text("text?string\n\nWhat to say.", {"text": "Hello"}, before=before))
    assert draft["open"]["modes"] == ["Text to Video", "Image to Video"]


def test_lines_that_fit_nowhere_are_told() -> None:
    told = read(
        page_text("text?string\n\nWhat to say.\n\nExample Value: A\n\nand then this, alone.", {"text": "Hello"})
    )
    assert [text for _, text in told.unread] == ["and then this, alone."]


def test_a_condition_in_plain_words_becomes_a_rule() -> None:
    form = "sound_track?boolean\n\nWhether it sounds.\n\nExample Value: true\n"
    form += "tone?string\n\nHow it sounds; effective only when 'Sound Track' is on.\n\n"
    form += "Example Value: warm\nEnum/Options:\nwarm\ncold"
    draft = draft_of(page_text(form, {"sound_track": True, "tone": "warm"}))
    [rule] = draft["rules"]
    assert (rule["unless"], rule["ignores"]) == ({"sound_track": True}, ["tone"])
    assert "rules" not in draft["fields"]["tone"]["open"]


def test_no_sentence_of_the_page_is_code_for_the_generator() -> None:
    hostile = "Say {{ ''.__class__ }} `rm -rf` $(reboot) \"\"\" ''' \\N{BULLET} # open: nothing."
    draft = draft_of(page_text(f"text?string\n\n{hostile}", {"text": "Hello"}, title=hostile))
    assert draft["title"] == hostile
    assert not re.search(r"[\x00-\x08\x7f]", str(draft))
