"""``null`` in an example leaves a field out, although it has a default."""

from __future__ import annotations

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp, reported

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  seconds: {type: integer, min: 1, default: 4, target: seconds, doc: Length.}
  sound: {type: boolean, default: true, target: sound, doc: Whether it has sound.}
rules:
  - {when: {sound: absent}, max: {seconds: 3}, because: silent videos are short}
examples:
  - {name: left-out, values: {prompt: A boat, seconds: null}}
refused:
  - {name: too-long-in-silence, values: {prompt: A boat, sound: null}, field: seconds}
"""


@pytest.fixture(scope="module")
def left_out(make: Make) -> MadeUp:
    return make(SCHEMA)


def test_the_example_has_no_such_key_on_any_surface(left_out: MadeUp) -> None:
    [example] = left_out.model.examples
    assert example.values == {"prompt": "A boat", "seconds": None}
    body = {"model": "made-up", "prompt": "A boat", "sound": True}
    assert left_out.request(example.values).to_payload() == body
    verdicts = left_out.accepted(example.values)
    assert verdicts == dict.fromkeys(verdicts, True)
    assert "    seconds=None,\n" in left_out.page
    assert "--omit seconds" in left_out.page
    assert '"seconds": 4' not in left_out.page


def test_a_rule_sees_what_is_left_out(left_out: MadeUp) -> None:
    [refused] = left_out.model.refused
    assert left_out.problems(refused.values) == [("seconds", "4 is more than 3: silent videos are short")]


def test_a_required_field_cannot_be_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    schema = (
        "fields:\n  prompt: {type: string, required: true, target: prompt, doc: What happens.}\n"
        "examples: [{name: a, values: {prompt: null}}]\n"
    )
    assert reported(tmp_path_factory.mktemp("a"), schema) == [
        "3: bad-example: prompt: there is no value; leave the field out instead"
    ]
