"""Special values: a range, and integers outside of it that mean something of their own."""

from __future__ import annotations

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  duration:
    type: integer
    min: 4
    max: 15
    special: {-1: the model chooses}
    unit: s
    default: -1
    target: duration
    doc: Length.
  takes: {type: integer, min: 2, max: 8, step: 2, special: [-1, 1], wire: string, target: meta.takes, doc: How many.}
  shots:
    type: list
    class: Shot
    target: 'shots[]'
    doc: The shots.
    fields: {length: {type: integer, required: true, min: 1, special: [0], doc: Length.}}
"""


@pytest.fixture(scope="module")
def special(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.mark.parametrize("duration", [-1, 4, 15, None])
def test_every_surface_takes_the_range_and_what_is_special(special: MadeUp, duration: int | None) -> None:
    verdicts = special.accepted({"prompt": "A boat", "duration": duration})
    assert verdicts == dict.fromkeys(verdicts, True)


@pytest.mark.parametrize("duration", [-2, 0, 3, 16])
def test_no_surface_takes_what_is_between_them(special: MadeUp, duration: int) -> None:
    verdicts = special.accepted({"prompt": "A boat", "duration": duration})
    assert verdicts == dict.fromkeys(verdicts, False)


@pytest.mark.parametrize("duration", [-1.0, True, "-1"])
def test_a_special_value_is_an_integer(special: MadeUp, duration: object) -> None:
    [(field, message)] = special.problems({"prompt": "A boat", "duration": duration})
    assert (field, message) == (
        "duration",
        f"{duration!r} is not an integer (4 to 15 seconds, or -1 (the model chooses))",
    )


@pytest.mark.parametrize(("takes", "accepted"), [(-1, True), (1, True), (2, True), (3, False), (0, False)])
def test_the_steps_count_in_the_range_only(special: MadeUp, takes: int, accepted: bool) -> None:
    verdicts = special.accepted({"prompt": "A boat", "takes": takes})
    del verdicts["form"]  # JSON Schema has no steps that count from a minimum.
    assert verdicts == dict.fromkeys(verdicts, accepted)


@pytest.mark.parametrize(("length", "accepted"), [(0, True), (1, True), (-1, False)])
def test_an_item_has_special_values_too(special: MadeUp, length: int, accepted: bool) -> None:
    verdicts = special.accepted({"prompt": "A boat", "shots": [{"length": length}]})
    assert verdicts == dict.fromkeys(verdicts, accepted)


def test_the_message_names_the_range_and_what_is_special(special: MadeUp) -> None:
    assert special.problems({"prompt": "A boat", "duration": 3}) == [
        ("duration", "3 is less than 4 (4 to 15 seconds, or -1 (the model chooses))")
    ]
    assert special.told({"model": "made-up", "prompt": "A boat", "duration": 3}) == [
        ("duration", "3 is less than 4 (4 to 15, or -1)")
    ]


def test_the_type_says_what_is_special(special: MadeUp) -> None:
    assert "Literal[-1] | Annotated[int, Field(ge=4, le=15)] | None" in special.made.source
    assert "length: Annotated[Literal[0] | Annotated[int, Field(ge=1)], Special({0: None})]" in special.made.source


def test_people_read_the_same_words_everywhere(special: MadeUp) -> None:
    words = "4 to 15 seconds, or {} (the model chooses)"
    assert words.format("`-1`") in str(special.cls.model_fields["duration"].description)
    assert words.format("`-1`") in special.page
    assert words.format("-1") in special.run("generate", "made-up", "--help")
    assert words.format("-1") in special.run("models", "made-up")


def test_the_command_line_takes_a_negative_number_for_an_option(special: MadeUp) -> None:
    shown = special.run("generate", "made-up", "--prompt", "A boat", "--duration", "-1", "--dry-run")
    assert '"duration": -1' in shown
