"""What a language model sends as values of a request: nulls cost nothing, and leaving out is explicit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelstream_runtime.agents.arguments import read_given
from modelstream_runtime.agents.files import Files
from modelstream_runtime.agents.requests import order_from
from modelstream_runtime.errors import InvalidRequest
from tests.support.made_up import MadeUp, made_up

FIELDS = """
fields:
  prompt: {type: string, required: true, max_length: 20, target: prompt, doc: What.}
  seconds: {type: integer, min: 2, max: 9, default: 4, target: duration, doc: Length.}
  seed: {type: integer, target: seed, evidence: page, doc: Seed.}
  shots:
    type: list
    class: Shot
    many: {max: 3}
    target: shots[]
    item: {text: $text, mood: $mood}
    evidence: page
    doc: Shots.
    fields:
      text: {type: string, required: true, doc: What.}
      mood: {type: enum, options: [calm, wild], default: calm, doc: How.}
  extra: {type: object, target: extra, evidence: page, doc: More.}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeUp]:
    folder: Path = tmp_path_factory.mktemp("made")
    with made_up(folder, FIELDS) as made:
        yield made


def body(made: MadeUp, params: Any, omit: Any = None) -> dict[str, Any]:
    return order_from(made.catalog, read_given(made.catalog, "made-up", params, omit), Files(None)).request.to_payload()


def problems(made: MadeUp, params: Any, omit: Any = None, model: Any = "made-up") -> list[tuple[str, str]]:
    with pytest.raises(InvalidRequest) as refused:
        order_from(made.catalog, read_given(made.catalog, model, params, omit), Files(None))
    return [(problem.field, problem.message) for problem in refused.value.problems]


def test_null_is_what_a_model_says_of_fields_that_it_does_not_care_about(made: MadeUp) -> None:
    nulls = {"seconds": None, "seed": None, "shots": None, "extra": None, "invented": None}
    assert body(made, {"prompt": "A boat"} | nulls) == body(made, {"prompt": "A boat"})
    assert body(made, {"prompt": "A boat"})["duration"] == 4


def test_leaving_a_default_out_is_explicit(made: MadeUp) -> None:
    assert "duration" not in body(made, {"prompt": "A boat", "seconds": None}, ["seconds"])


def test_nulls_in_items_are_deleted_as_well(made: MadeUp) -> None:
    shots = [{"text": "Dawn", "mood": None}, {"text": "Dusk", "mood": "wild"}]
    given = {"prompt": "A boat", "shots": shots}
    assert [shot["mood"] for shot in body(made, given)["shots"]] == ["calm", "wild"]
    assert body(made, given, ["shots[].mood"])["shots"] == [{"text": "Dawn"}, {"text": "Dusk", "mood": "wild"}]
    assert body(made, given, ["shots[0].mood"])["shots"][0] == {"text": "Dawn"}
    assert shots[0] == {"text": "Dawn", "mood": None}, "the caller's own"


def test_nulls_in_an_object_of_the_callers_own_are_content(made: MadeUp) -> None:
    assert body(made, {"prompt": "A boat", "extra": {"a": None}})["extra"] == {"a": None}


def test_objects_may_be_written_as_json(made: MadeUp) -> None:
    assert body(made, '{"prompt": "A boat", "extra": "{\\"a\\": [1]}"}') == body(
        made, {"prompt": "A boat", "extra": {"a": [1]}}
    )


@pytest.mark.parametrize(
    ("params", "omit", "found"),
    [
        ({"prompt": "A boat", "seconds": 5}, ["seconds"], ("omit", "'seconds' also has a value in params")),
        ({"prompt": "A boat"}, ["secnds"], ("secnds", "no such field; did you mean 'seconds'?")),
        ({}, ["prompt"], ("prompt", "is required and cannot be None")),
        ({"prompt": "A boat"}, "seed", ("omit", "'seed' is not a list of names")),
        ({"prompt": "A boat"}, [None], ("omit", "[None] is not a list of names")),
        ({"prompt": "A boat"}, ["shots[4].mood"], ("omit", "'shots[4].mood' is in no item of params")),
        ({"prompt": "A boat", "shots": [{"text": "a"}]}, ["shots[].mod"], ("shots[0].mod", "no such field")),
        ({"prompt": "A boat", "shots": [None]}, None, ("shots[0]", "is required and cannot be None")),
        ("A boat", None, ("params", "invalid JSON")),
        ("[1]", None, ("params", "[1] is not an object with the fields of the model")),
        (None, None, ("params", "None is not an object")),
        ('{"prompt": "a", "prompt": "b"}', None, ("params", "")),
        ({"prompt": "A boat", "extra": "text"}, None, ("extra", "'text'")),
    ],
)
def test_wrong_arguments_are_refused_with_their_place(
    made: MadeUp, params: Any, omit: Any, found: tuple[str, str]
) -> None:
    told = problems(made, params, omit)
    assert any(field == found[0] and message.startswith(found[1]) for field, message in told), told


def test_all_problems_are_told_at_once(made: MadeUp) -> None:
    told = problems(made, {"seconds": 99, "invented": 1, "seed": 1}, ["seed"])
    assert [field for field, _ in told] == ["omit", "prompt", "seconds", "invented"]


@pytest.mark.parametrize("model", ["made-upp", "", None, 7, ["made-up"]])
def test_a_model_that_nobody_can_check_is_refused(made: MadeUp, model: Any) -> None:
    ((field, message),) = problems(made, {"prompt": "A boat"}, model=model)
    assert field == "model"
    assert "is not one of made-up" in message
