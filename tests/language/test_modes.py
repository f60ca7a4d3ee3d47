"""Modes: one declaration says which fields a request can have together, and every surface obeys it alike."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp

URL = "https://example.com/a"

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  first: {type: image, target: first, doc: The first frame.}
  last: {type: image, target: meta.last, doc: The last frame.}
  faces: {type: image, many: {max: 3}, target: 'meta.media[]', item: {type: face, url: $value}, doc: Faces.}
  places: {type: image, many: {max: 3}, target: 'meta.media[]', item: {type: place, url: $value}, doc: Places.}
  seed: {type: integer, target: seed, doc: A number.}
modes:
  Text to Video: {}
  Image to Video: {requires: [first], allows: [last], doc: From a picture.}
  Reference to Video: {requires: [faces], allows: [places, last]}
"""

SELECTED = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  kind: {type: enum, options: [TEXT, FRAME], default: TEXT, target: kind, doc: Which mode.}
  first: {type: image, target: first, doc: The first frame.}
modes:
  Text: {when: {kind: TEXT}}
  Frame: {when: {kind: FRAME}, requires: [first]}
"""

FIELDS = {"first": URL, "last": URL, "faces": [URL], "places": [URL]}
VALID: list[set[str]] = [
    set(),
    {"first"},
    {"first", "last"},
    {"faces"},
    {"faces", "places"},
    {"faces", "last"},
    {"faces", "places", "last"},
]
SUBSETS = [set(names) for size in range(5) for names in itertools.combinations(FIELDS, size)]


@pytest.fixture(scope="module")
def modes(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.fixture(scope="module")
def selected(make: Make) -> MadeUp:
    return make(SELECTED)


@pytest.mark.parametrize("names", SUBSETS, ids=lambda names: "+".join(sorted(names)) or "none")
def test_a_request_has_the_fields_of_one_mode(modes: MadeUp, names: set[str]) -> None:
    values = {"prompt": "A boat"} | {name: FIELDS[name] for name in names}
    verdicts = modes.accepted(values)
    assert verdicts == dict.fromkeys(verdicts, names in VALID)


MESSAGES = [
    ({"last"}, [("first", "is needed for Image to Video (selected by last)")]),
    ({"places"}, [("faces", "is needed for Reference to Video (selected by places)")]),
    (
        {"first", "faces"},
        [("faces", "is only for Reference to Video, not for Image to Video (selected by first)")],
    ),
    (
        {"first", "last", "faces"},
        [("faces", "is only for Reference to Video, not for Image to Video (selected by first and last)")],
    ),
    (
        {"first", "faces", "places"},
        [("first", "is only for Image to Video, not for Reference to Video (selected by faces and places)")],
    ),
]


@pytest.mark.parametrize(("names", "expected"), MESSAGES, ids=lambda part: "+".join(sorted(map(str, part)))[:30])
def test_the_message_names_the_nearest_mode(modes: MadeUp, names: set[str], expected: list[tuple[str, str]]) -> None:
    values: dict[str, Any] = {"prompt": "A boat"} | {name: FIELDS[name] for name in FIELDS if name in names}
    assert modes.problems(values) == expected
    body: dict[str, Any] = {"model": "made-up", "prompt": "A boat"}
    meta: dict[str, Any] = {"last": URL} if "last" in names else {}
    media = [{"type": name[:-1], "url": URL} for name in ("faces", "places") if name in names]
    body |= {"first": URL} if "first" in names else {}
    body |= {"meta": meta | ({"media": media} if media else {})} if meta or media else {}
    assert modes.told(body) == expected


def test_without_a_mode_to_start_from_the_modes_are_listed(make: Make) -> None:
    made = make(
        "fields:\n  a: {type: string, target: a, doc: A.}\n  b: {type: string, target: b, doc: B.}\n"
        "modes: {A to B: {requires: [a]}, B to A: {requires: [b]}}\n"
    )
    assert made.problems({}) == [("a", "is needed for A to B (the modes are A to B, B to A)")]
    assert made.told({"model": "made-up"}) == made.problems({})


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({}, []),
        ({"kind": "FRAME", "first": URL}, []),
        ({"first": URL}, [("kind", "must be 'FRAME' for Frame (selected by first)")]),
        ({"kind": "FRAME"}, [("first", "is needed for Frame (the modes are Text, Frame)")]),
        ({"kind": None}, [("kind", "must be 'TEXT' for Text (the modes are Text, Frame)")]),
    ],
)
def test_a_value_can_select_the_mode(selected: MadeUp, values: dict[str, Any], problems: list[tuple[str, str]]) -> None:
    values = {"prompt": "A boat"} | values
    verdicts = selected.accepted(values)
    assert verdicts == dict.fromkeys(verdicts, not problems)
    assert selected.problems(values) == problems


def test_programs_find_the_modes_in_the_schema_of_the_form(modes: MadeUp) -> None:
    assert modes.schema("form")["x-modes"] == [
        {"name": "Text to Video"},
        {"name": "Image to Video", "description": "From a picture.", "requires": ["first"], "allows": ["last"]},
        {"name": "Reference to Video", "requires": ["faces"], "allows": ["places", "last"]},
    ]


def test_the_class_tells_of_its_modes(modes: MadeUp) -> None:
    docs = modes.cls.__doc__ or ""
    assert "- Text to Video: has no fields of its own.\n" in docs
    assert "- Image to Video: needs `first` and takes `last`. From a picture.\n" in docs
    assert modes.cls.model_fields["faces"].description == (
        "Faces. One image or a list of at most 3; only for Reference to Video (required). "
        "The client sends a local file as a data URI."
    )
    assert "only for" not in str(modes.cls.model_fields["seed"].description)


def test_the_page_groups_the_fields_by_mode(modes: MadeUp) -> None:
    assert "- **Image to Video** needs `first` and takes `last`. From a picture.\n" in modes.page
    assert "\nOnly for Image to Video or Reference to Video:\n\n- `last`: The last frame.\n" in modes.page


def test_the_command_line_groups_the_options_by_mode(modes: MadeUp) -> None:
    shown = modes.run("generate", "made-up", "--help")
    assert "Modes of made-up, of which a request uses one:\n" in shown
    assert "Image to Video      needs --first and takes --last. From a picture.\n" in shown
    assert "Fields of made-up only for Image to Video:\n  --first FILE|URL" in shown
    assert "only for Reference to Video (required)" in shown
    assert "Image to Video: needs first and takes last. From a picture.\n" in modes.run("models", "made-up")


def test_a_mode_that_a_switch_selects_is_told_as_the_switch_is(make: Make) -> None:
    made = make(
        SELECTED.replace("{type: enum, options: [TEXT, FRAME], default: TEXT,", "{type: boolean, default: false,")
        .replace("kind: TEXT", "kind: false")
        .replace("kind: FRAME", "kind: true")
    )
    shown = made.run("models", "made-up")
    assert "kind is on" in shown
    assert "True" not in shown
