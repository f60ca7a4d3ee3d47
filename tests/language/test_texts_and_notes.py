"""JSON in a text, facts that no machine checks, and texts that somebody still has to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp, reported

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  hints: {type: string, format: json, max_length: 40, target: meta.hints, doc: More parameters.}
  clips:
    type: video
    many: {max: 3}
    notes: [All clips together last at most 30 seconds, 'At least 300 pixels a side.']
    target: 'meta.clips[]'
    doc: The clips.
  shots:
    type: list
    class: Shot
    target: 'shots[]'
    doc: The shots.
    fields: {text: {type: string, required: true, notes: [Names count as one word], doc: What happens.}}
"""


@pytest.fixture(scope="module")
def texts(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": [1, null]}', ""),
        ('"a"', ""),
        ("7", ""),
        ("{'a': 1}", "Expecting property name enclosed in double quotes at line 1, column 2"),
        ('{"a": 1,\n}', "Illegal trailing comma before end of object at line 1, column 8"),
        ("NaN", "NaN is not a number in JSON"),
        ("a", "Expecting value at line 1, column 1"),
    ],
)
def test_a_text_that_is_not_json_is_refused_before_it_is_sent(texts: MadeUp, text: str, reason: str) -> None:
    problems = texts.problems({"prompt": "A boat", "hints": text})
    told = texts.told({"model": "made-up", "prompt": "A boat", "meta": {"hints": text}})
    assert bool(problems) == bool(told) == bool(reason)
    assert texts.run("generate", "made-up", "--prompt", "A", "--hints", text, "--dry-run").startswith("{") != bool(
        reason
    )
    if reason and "comma" not in reason:  # Python's parser words that one differently from version to version.
        assert problems == [("hints", f"{text!r} is not JSON: {reason}")]
        assert told == [("hints", f"the text is not JSON: {reason}")]


def test_the_text_is_sent_as_it_is(texts: MadeUp) -> None:
    request = texts.request({"prompt": "A boat", "hints": '{ "b":1 }'})
    assert request.to_payload()["meta"] == {"hints": '{ "b":1 }'}


def test_people_are_told_that_it_is_json(texts: MadeUp) -> None:
    assert texts.cls.model_fields["hints"].description == "More parameters. At most 40 characters, valid JSON."
    assert "| at most 40 characters; valid JSON |" in texts.page
    assert texts.schema("form")["properties"]["hints"]["contentMediaType"] == "application/json"
    assert "at most 40 characters, valid JSON" in texts.run("models", "made-up")


def test_notes_reach_everybody(texts: MadeUp) -> None:
    notes = "The clips. All clips together last at most 30 seconds. At least 300 pixels a side."
    assert str(texts.cls.model_fields["clips"].description).startswith(notes)
    assert texts.schema("form")["properties"]["clips"]["description"] == notes
    assert f"- `clips`: {notes}\n" in texts.page
    assert notes in " ".join(texts.run("generate", "made-up", "--help").split())
    assert notes in " ".join(texts.run("models", "made-up").split())
    item = texts.schema("form")["properties"]["shots"]["items"]["properties"]["text"]
    assert item["description"] == "What happens. Names count as one word."


@pytest.mark.parametrize("doc", ["TODO", "todo: write", "TBD", "FIXME", "...", "?", "…"])
def test_a_text_that_says_nothing_yet_is_no_doc(tmp_path: Path, doc: str) -> None:
    assert reported(tmp_path, f"fields:\n  a: {{type: string, target: a, doc: {doc!r}}}\n") == [
        f"2: unwritten-doc: {doc!r} says nothing yet; write for a caller what this is"
    ]


def test_a_word_that_only_begins_so_is_a_doc(tmp_path: Path) -> None:
    assert reported(tmp_path, "fields:\n  a: {type: string, target: a, doc: Todos of the day.}\n") == []


def test_a_name_that_the_client_uses_is_told_with_another(tmp_path: Path) -> None:
    assert reported(tmp_path, "fields:\n  payload: {type: string, target: payload, doc: A text.}\n") == [
        "2: reserved-name: 'payload' is an argument of the client's methods; "
        "call the field payload_ and keep its target"
    ]


def test_a_renamed_field_travels_under_the_name_of_the_page(make: Make) -> None:
    made = make("fields:\n  payload_: {type: string, target: payload, doc: A text.}\n")
    assert made.request({"payload_": "a"}).to_payload() == {"model": "made-up", "payload": "a"}
    assert '"payload": "a"' in made.run("generate", "made-up", "--payload-", "a", "--dry-run")
