"""Shapes of the body: what a schema says of them, the class sends, reads back and refuses, and so does the mock."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from generator.emit.body import body_of
from generator.explain import explain_model
from generator.ir import Model
from modelstream import InvalidRequest, Request
from modelstream_runtime.mock.checking import Checker
from tests.conformance.made_up import catalog_of
from tests.conformance.surfaces import command_event
from tests.fuzz import workshop

HEAD = """\
model: demo
class: Demo
title: Demo
vendor: Demo Inc
summary: A model with bodies of many shapes.
source: {page: demo, checked: 2026-11-21}
"""
A, B, C = (f"https://example.com/{name}.png" for name in "abc")

Body = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """What the generator made of a schema."""

    model: Model
    source: str
    cls: type[Request]
    module: Any
    mock: Checker
    form: Body

    def sends(self, values: Body, body: Body) -> None:
        """A request with these values has this body, everywhere, and the body gives the request back."""
        request = self.cls(**values)
        payload = request.to_payload()
        assert json.dumps(payload) == json.dumps({"model": "demo"} | body)
        assert json.dumps(body_of(self.model, values)) == json.dumps(payload)
        assert self.cls.from_payload(json.loads(json.dumps(payload))) == request
        assert list(map(str, self.mock.problems(payload))) == []

    def refuses(self, values: Body, *, reads: dict[str, str], mock: dict[str, str]) -> None:
        """No request has this body: place to message, as `from_payload` and the mock say it."""
        body = {"model": "demo"} | values
        with pytest.raises(InvalidRequest) as refused:
            self.cls.from_payload(copy.deepcopy(body))
        assert {problem.path: problem.message for problem in refused.value.problems} == reads
        assert {problem.path: problem.message for problem in self.mock.problems(body)} == mock

    def writes(self, literal: str) -> None:
        """The source of ``to_payload`` has these lines."""
        assert _unformatted(literal) in _unformatted(self.source)


def _unformatted(source: str) -> str:
    """The source without what black adds and takes away."""
    return re.sub(r",([)\]}])", r"\1", re.sub(r"\s+", "", source)).rstrip(",")


@cache
def generated(rest: str) -> workshop.Made:
    """What the generator makes of a schema, of which only what follows the head is given."""
    with tempfile.TemporaryDirectory() as folder:
        shop = workshop.Workshop(Path(folder))
        shop.write("demo", HEAD + rest)
        return shop.make(shop.package())


@pytest.fixture
def make() -> Iterator[Callable[[str], Made]]:
    """Makes the class of a schema, anew for each test."""
    with ExitStack() as stack:

        def make(rest: str) -> Made:
            made = generated(rest)
            module = stack.enter_context(workshop.imported(made))
            form, wire = (json.loads(made.files[f"modelstream/schemas/demo.{kind}.json"]) for kind in ("form", "wire"))
            return Made(made.model, made.source, module.Demo, module, Checker(wire), form)

        yield make


CONSTANTS = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  seed: {type: integer, target: metadata.seed, doc: A number.}
  voice: {type: audio, target: metadata.audio.voice, doc: A voice.}
  tier: {type: enum, options: [fast, fine, best], target: tier, doc: Quality.}
constants:
  - {target: metadata.response_format, value: url, before: seed, evidence: page}
  - {target: metadata.extras, value: [], evidence: page}
  - {target: metadata.audio.type, value: voice, before: voice, when: {voice: present}, evidence: page}
  - {target: slow, value: {steps: 30, on: true}, when: {tier: [fine, best], seed: absent}, evidence: page}
"""


def test_constants_are_always_sent_or_under_their_condition(make: Callable[[str], Made]) -> None:
    made = make(CONSTANTS)
    made.sends({"prompt": "a"}, {"prompt": "a", "metadata": {"response_format": "url", "extras": []}})
    made.sends(
        {"prompt": "a", "seed": 1, "voice": "https://example.com/a.wav"},
        {
            "prompt": "a",
            "metadata": {
                "response_format": "url",
                "seed": 1,
                "audio": {"type": "voice", "voice": "https://example.com/a.wav"},
                "extras": [],
            },
        },
    )
    made.sends(
        {"prompt": "a", "tier": "fine"},
        {
            "prompt": "a",
            "metadata": {"response_format": "url", "extras": []},
            "tier": "fine",
            "slow": {"steps": 30, "on": True},
        },
    )
    made.writes('"audio": { "type": "voice" if self.voice is not None else None, "voice": self.voice, },')
    made.writes('if self.tier in ("fine", "best") and self.seed is None else None')


def test_a_body_has_its_constants_and_no_others(make: Callable[[str], Made]) -> None:
    made = make(CONSTANTS)
    made.refuses(
        {"prompt": "a"},
        reads={"metadata.response_format": "is required: 'url'", "metadata.extras": "is required: []"},
        mock={"metadata.response_format": "is required", "metadata.extras": "is required"},
    )
    constants = {"response_format": "url", "extras": []}
    made.refuses(
        {"prompt": "a", "metadata": constants | {"response_format": "b64_json"}},
        reads={"metadata.response_format": "'b64_json' is not 'url', the only value there"},
        mock={"metadata.response_format": "'b64_json' must be 'url'"},
    )
    made.refuses(
        {"prompt": "a", "metadata": constants | {"audio": {"type": "voice"}}},
        reads={"metadata.audio.type": "is sent only with voice"},
        mock={"metadata.audio.type": "is not allowed here: it is sent only with voice"},
    )
    made.refuses(
        {"prompt": "a", "metadata": constants | {"audio": {"voice": "https://example.com/a.wav"}}},
        reads={"metadata.audio.type": "is required: 'voice' with voice"},
        mock={"metadata.audio.type": "is required: it is sent only with voice"},
    )
    made.refuses(
        {"prompt": "a", "metadata": constants, "tier": "fine", "slow": {"steps": 30, "on": 1}},
        reads={"slow": "{'steps': 30, 'on': 1} is not {'steps': 30, 'on': True}, the only value there"},
        mock={"slow": '{"steps": 30, "on": 1} must be {"steps": 30, "on": true}'},
    )


def test_constants_are_explained(make: Callable[[str], Made]) -> None:
    told = explain_model(make(CONSTANTS).model, "schemas")
    assert '"response_format": "url"' in told
    assert '"extras": []' in told


NESTED = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  first:
    type: image
    target: content[]
    item: {type: image_url, image_url: {url: $value}, role: first_frame}
    doc: First frame.
  last:
    type: image
    target: content[]
    item: {type: image_url, image_url: {url: $value}, role: last_frame}
    doc: Last frame.
  others:
    type: image
    many: {max: 2}
    target: content[]
    item: {type: image_url, image_url: {url: $value, detail: {level: 1}}}
    doc: Other pictures.
  shots:
    type: list
    class: Shot
    target: content[]
    item: {type: shot, at: {index: $position}, what: {says: {text: $text}, lasts: $seconds}}
    doc: The shots.
    fields:
      text: {type: string, doc: What is said.}
      seconds: {type: integer, min: 1, wire: string, doc: Its length.}
"""
FIRST = {"type": "image_url", "image_url": {"url": A}, "role": "first_frame"}
OTHER = {"type": "image_url", "image_url": {"url": B, "detail": {"level": 1}}}


def test_items_nest_at_any_depth(make: Callable[[str], Made]) -> None:
    made = make(NESTED)
    shots = [{"text": "a", "seconds": 4}, {"seconds": 3}, {}]
    made.sends(
        {"prompt": "a", "first": A, "others": [B, C], "shots": shots},
        {
            "prompt": "a",
            "content": [
                FIRST,
                OTHER,
                {"type": "image_url", "image_url": {"url": C, "detail": {"level": 1}}},
                {"type": "shot", "at": {"index": 1}, "what": {"says": {"text": "a"}, "lasts": "4"}},
                {"type": "shot", "at": {"index": 2}, "what": {"lasts": "3"}},
                {"type": "shot", "at": {"index": 3}},
            ],
        },
    )
    made.writes(
        """*({"type": "image_url", "image_url": {"url": url}, "role": "first_frame"} for url in each(self.first)),"""
    )


@pytest.mark.parametrize(
    ("item", "place", "message", "mock"),
    [
        (FIRST | {"role": "frist"}, "role", "'frist' is not one of 'first_frame', 'last_frame'", None),
        (FIRST | {"type": "image"}, "type", "'image' is not one of 'image_url', 'shot'", None),
        ({"image_url": {"url": A}}, "type", "is required: one of 'image_url', 'shot'", None),
        (FIRST | {"mask": 1}, "mask", "no field travels there", "no such parameter"),
        (
            FIRST | {"image_url": {"url": A, "ulr": B}},
            "image_url.ulr",
            "no field travels there; did you mean 'url'?",
            "no such parameter; did you mean 'url'?",
        ),
        (FIRST | {"image_url": {}}, "image_url.url", "is required", "is required"),
        (FIRST | {"image_url": A}, "image_url", f"{A!r} is not an object", f"{A!r} is not an object"),
        (
            {"type": "image_url", "image_url": {"url": A, "detail": {"level": True}}},
            "image_url.detail.level",
            "True is not 1",
            "true must be 1",
        ),
        ({"type": "shot", "at": {}}, "at.index", "is required", "is required"),
        ({"type": "shot", "at": {"index": 1, "ms": 7}}, "at.ms", "no field travels there", "no such parameter"),
        (7, None, "7 is not an object", "7 is not an object"),
    ],
)
def test_what_is_wrong_in_an_item_is_told_at_its_place(
    make: Callable[[str], Made], item: Any, place: str | None, message: str, mock: str | None
) -> None:
    path = "content[1]" + (f".{place}" if place else "")
    reads, told = {path: message}, {path: mock or message}
    if place == "role":
        told = {path: f"{message}; did you mean 'first_frame'?"}
    elif message.startswith("'image' is"):
        told = {path: f"{message}; did you mean 'image_url'?"}
    make(NESTED).refuses({"prompt": "a", "content": [OTHER, item]}, reads=reads, mock=told)


def test_a_second_item_of_a_single_field_and_a_wrong_number_are_told(make: Callable[[str], Made]) -> None:
    made = make(NESTED)
    made.refuses(
        {"prompt": "a", "content": [FIRST, FIRST]},
        reads={"content[1]": "first takes only one item"},
        mock={"content": "2 of them are more than 1"},
    )
    with pytest.raises(InvalidRequest) as refused:
        made.cls.from_payload({"model": "demo", "prompt": "a", "content": [{"type": "shot", "at": {"index": 2}}]})
    assert [(p.path, p.message) for p in refused.value.problems] == [
        ("content[0].at.index", "2 is out of order; the items are numbered from 1")
    ]


def test_items_of_a_shared_array_may_differ_in_their_keys(make: Callable[[str], Made]) -> None:
    made = make("""
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  picture: {type: image, target: 'content[]', item: {image: $value}, doc: A picture.}
  clip: {type: video, target: 'content[]', item: {video: {url: $value}}, doc: A video.}
""")
    made.sends(
        {"prompt": "a", "picture": A, "clip": B}, {"prompt": "a", "content": [{"image": A}, {"video": {"url": B}}]}
    )
    made.sends({"prompt": "a", "clip": B}, {"prompt": "a", "content": [{"video": {"url": B}}]})


SWITCHES = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  web_search: {type: boolean, default: true, target: 'metadata.tools[]', item: {type: web_search}, doc: Search.}
  code: {type: boolean, target: 'metadata.tools[]', item: {type: code, limits: {seconds: 5}}, doc: Whether to compute.}
  think: {type: boolean, target: metadata.thinking, item: {type: enabled}, doc: Whether to think.}
rules:
  - {when: {think: true}, requires: [code], because: thoughts compute}
  - {when: {web_search: absent}, forbids: [code], because: code needs the web}
"""


def test_a_switch_adds_an_object_or_nothing(make: Callable[[str], Made]) -> None:
    made = make(SWITCHES)
    made.sends({"prompt": "a"}, {"prompt": "a", "metadata": {"tools": [{"type": "web_search"}]}})
    off = {"prompt": "a", "web_search": False, "code": False, "think": False}
    made.sends(off, {"prompt": "a"})
    assert made.cls(**off) == made.cls(prompt="a", web_search=None)
    made.sends(
        {"prompt": "a", "code": True, "think": True},
        {
            "prompt": "a",
            "metadata": {
                "tools": [{"type": "web_search"}, {"type": "code", "limits": {"seconds": 5}}],
                "thinking": {"type": "enabled"},
            },
        },
    )
    made.writes('"thinking": {"type": "enabled"} if self.think else None,')
    made.writes('*([{"type": "web_search"}] if self.web_search else []),')


def test_what_a_switch_adds_is_checked(make: Callable[[str], Made]) -> None:
    made = make(SWITCHES)
    search = {"type": "web_search"}
    made.refuses(
        {"prompt": "a", "metadata": {"tools": [search, {"type": "code", "limits": {"seconds": 6}}]}},
        reads={"metadata.tools[1].limits.seconds": "6 is not 5"},
        mock={"metadata.tools[1].limits.seconds": "6 must be 5"},
    )
    made.refuses(
        {"prompt": "a", "metadata": {"tools": [search], "thinking": {"type": "enabled", "budget": 5}}},
        reads={"metadata.thinking.budget": "no field travels there"},
        mock={
            "metadata.thinking.budget": "no such parameter",
            "metadata.tools": "is required: thoughts compute",
        },
    )
    made.refuses(
        {"prompt": "a", "metadata": {"thinking": True}},
        reads={"metadata.thinking": "True is not an object"},
        mock={"metadata.thinking": "true is not an object", "metadata.tools": "is required: thoughts compute"},
    )
    made.refuses(
        {"prompt": "a", "metadata": {"tools": [{"type": "code", "limits": {"seconds": 5}}]}},
        reads={"metadata.tools[]": "cannot be given with no web_search: code needs the web"},
        mock={"metadata.tools": "is not allowed here: code needs the web"},
    )


SCALARS = """
fields:
  prompt:
    type: string
    required: true
    max_length: 5
    target: content[]
    item: {type: text, text: $value}
    doc: What happens.
  picture: {type: image, target: 'content[]', item: {type: image_url, image_url: {url: $value}}, doc: A picture.}
  count: {type: integer, min: 1, max: 5, wire: string, target: 'content[]', item: {type: n, n: $value}, doc: How many.}
  tier: {type: enum, options: [a, b], default: a, target: 'content[]', item: {type: tier, is: $value}, doc: Quality.}
rules:
  - {when: {tier: b}, max: {count: 2}, because: b is slow}
  - {when: {count: 3}, requires: [picture], because: three are alike}
"""


def test_texts_numbers_and_choices_are_items_too(make: Callable[[str], Made]) -> None:
    made = make(SCALARS)
    made.sends(
        {"prompt": "a", "picture": A, "count": 3},
        {
            "content": [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": {"url": A}},
                {"type": "n", "n": "3"},
                {"type": "tier", "is": "a"},
            ]
        },
    )
    made.sends({"prompt": "a", "tier": None}, {"content": [{"type": "text", "text": "a"}]})
    made.writes('"content": [{"type": "text", "text": self.prompt},')
    text = {"type": "text", "text": "a"}
    made.refuses(
        {"content": [{"type": "text", "text": "abcdef"}, {"type": "tier", "is": "c"}]},
        reads={"content[]": "'c' is not one of 'a', 'b'"},
        mock={"content[0].text": "6 characters are more than 5", "content[1].is": "'c' is not one of 'a', 'b'"},
    )
    made.refuses(
        {"content": [text, text]},
        reads={"content[1]": "prompt takes only one item"},
        mock={"content": "2 of them are more than 1"},
    )
    made.refuses(
        {"content": [text, {"type": "n", "n": "3"}]},
        reads={"content[]": "is needed with count=3: three are alike"},
        mock={"content": "is required: three are alike"},
    )
    made.refuses({}, reads={"content[]": "is required"}, mock={"content": "is required"})
    made.refuses(
        {"content": [text, {"type": "n", "n": "4"}, {"type": "tier", "is": "b"}]},
        reads={"content[]": "4 is more than 2: b is slow"},
        mock={"content": "4 is more than 2: b is slow"},
    )


POSITIONS = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  first: {type: image, target: 'images[0]', doc: First frame.}
  last: {type: image, target: 'images[1]', doc: Last frame.}
  width: {type: integer, required: true, target: 'size[0]', doc: Width.}
  height: {type: integer, max: 9, wire: string, target: 'size[1]', doc: Height.}
  one: {type: image, target: 'parts[0]', item: {type: a, url: $value}, doc: A picture.}
  two: {type: enum, options: [x, y], target: 'parts[1]', item: {type: b, n: {n: $value}}, doc: A part.}
rules:
  - {when: {two: y}, requires: [last], because: y ends there}
"""


def test_fields_have_positions_of_one_array(make: Callable[[str], Made]) -> None:
    made = make(POSITIONS)
    made.sends({"prompt": "a", "width": 3}, {"prompt": "a", "size": [3]})
    made.sends(
        {"prompt": "a", "first": A, "last": B, "width": 3, "height": 4, "one": C, "two": "y"},
        {
            "prompt": "a",
            "images": [A, B],
            "size": [3, "4"],
            "parts": [{"type": "a", "url": C}, {"type": "b", "n": {"n": "y"}}],
        },
    )
    made.sends({"prompt": "a", "first": A, "width": 3}, {"prompt": "a", "images": [A], "size": [3]})
    made.writes('"size": [self.width, *each(as_text(self.height))],')


def test_a_later_position_needs_those_before_it(make: Callable[[str], Made]) -> None:
    made = make(POSITIONS)
    with pytest.raises(InvalidRequest) as refused:
        made.cls(prompt="a", width=3, last=B)
    assert [(p.field, p.message, p.path) for p in refused.value.problems] == [
        ("first", "is needed with last: last stands behind first in images", "images[0]")
    ]


def test_what_is_at_a_position_is_checked(make: Callable[[str], Made]) -> None:
    made = make(POSITIONS)
    made.refuses(
        {"prompt": "a", "images": [A, B, C], "size": [3]},
        reads={"images[2]": "no field travels there"},
        mock={"images": "3 items are more than 2"},
    )
    made.refuses(
        {"prompt": "a", "size": [], "images": []},
        reads={"size[0]": "is required"},
        mock={"images": "is an empty list", "size": "is an empty list"},
    )
    made.refuses(
        {"prompt": "a", "size": [3, 4], "parts": [{"type": "b", "n": {"n": "x"}}]},
        reads={  # It takes a number for one that travels as a text, as the request itself does.
            "parts[0].type": "'b' is not 'a'",
            "parts[0].n": "no field travels there",
            "parts[0].url": "is required",
        },
        mock={
            "size[1]": "4 is not a text",
            "parts[0].type": "'b' must be 'a'",
            "parts[0].n": "no such parameter",
            "parts[0].url": "is required",
        },
    )
    made.refuses(
        {"prompt": "a", "size": [3], "parts": [{"type": "a", "url": A}, {"type": "b", "n": {"n": "y"}}]},
        reads={"images[1]": "is needed with two='y': y ends there"},
        mock={"images[1]": "is required: y ends there"},
    )


SUBJECTS = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  subjects:
    type: list
    class: Subject
    many: {max: 3}
    target: subjects[]
    item: {id: $id, refs: {images: $images}, voice: $voice}
    doc: Who is in it.
    fields:
      id: {type: string, required: true, doc: A name.}
      images: {type: image, required: true, many: {max: 2}, formats: [png], doc: Pictures.}
      voice: {type: audio, doc: A voice.}
"""


def test_an_item_of_a_list_has_media_and_lists(make: Callable[[str], Made]) -> None:
    made = make(SUBJECTS)
    made.sends(
        {"prompt": "a", "subjects": [{"id": "a", "images": A}, {"id": "b", "images": [B, C], "voice": A}]},
        {
            "prompt": "a",
            "subjects": [{"id": "a", "refs": {"images": [A]}}, {"id": "b", "refs": {"images": [B, C]}, "voice": A}],
        },
    )
    made.writes('"refs": {"images": [*each(subject.images)]}, "voice": subject.voice} for subject in')


def test_files_in_items_are_encoded(make: Callable[[str], Made], tmp_path: Path) -> None:
    made = make(SUBJECTS)
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    request = made.cls(prompt="a", subjects=[made.module.DemoSubject(id="a", images=[picture, B])])
    data = "data:image/png;base64,iVBORw0KGgo="
    assert request.to_payload()["subjects"] == [{"id": "a", "refs": {"images": [data, B]}}]
    with pytest.raises(InvalidRequest, match="there is no file"):
        made.module.DemoSubject(id="a", images=tmp_path / "b.png")


def test_the_command_line_reads_files_in_items(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = catalog_of(generated(SUBJECTS))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    event = command_event(catalog, "demo", {"prompt": "a", "subjects": [{"id": "a", "images": ["a.png", B]}]})
    assert event["payload"]["subjects"] == [{"id": "a", "refs": {"images": ["data:image/png;base64,iVBORw0KGgo=", B]}}]
    event = command_event(catalog, "demo", {"prompt": "a", "subjects": [{"id": "a", "images": ["b.png"]}]})
    assert [(p["field"], p["path"]) for p in event["problems"]] == [
        ("subjects[0].images[0]", "subjects[0].refs.images[0]")
    ]


def test_what_is_wrong_in_a_list_of_an_item_is_told_at_its_place(make: Callable[[str], Made]) -> None:
    made = make(SUBJECTS)
    with pytest.raises(InvalidRequest) as refused:
        made.cls(prompt="a", subjects=[{"id": "a", "images": A}, {"id": "b", "images": [A, "b"]}])
    assert [(p.field, p.path) for p in refused.value.problems] == [
        ("subjects[1].images[1]", "subjects[1].refs.images[1]")
    ]
    made.refuses(
        {"prompt": "a", "subjects": [{"id": "a", "refs": {"images": A}}, {"id": "b", "refs": {"images": [A, B, C]}}]},
        reads={
            "subjects[0].refs.images": f"{A!r} is not a list",
            "subjects[1].refs.images": "3 items are more than 2",
        },
        mock={
            "subjects[0].refs.images": f"{A!r} is not a list",
            "subjects[1].refs.images": "3 items are more than 2",
        },
    )


def test_items_behind_one_that_cannot_be_read_are_told_at_their_places(make: Callable[[str], Made]) -> None:
    made = make(SUBJECTS)
    body = {
        "model": "demo",
        "prompt": "a",
        "subjects": [{"id": "a", "refs": {"images": [A]}, "age": 7}, {"id": "", "refs": {"images": [A, "b"]}}],
    }
    with pytest.raises(InvalidRequest) as refused:
        made.cls.from_payload(body)
    assert [(p.field, p.path) for p in refused.value.problems] == [
        ("subjects[0].age", "subjects[0].age"),
        ("subjects[1].id", "subjects[1].id"),
        ("subjects[1].images[1]", "subjects[1].refs.images[1]"),
    ]


AS_TEXT = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  loud: {type: boolean, wire: string, default: false, target: metadata.loud, doc: Whether it is loud.}
  size: {type: enum, options: [5, 10], wire: string, target: metadata.size, doc: How long.}
  speed: {type: number, max: 2, wire: string, target: metadata.deep.speed, doc: How fast.}
  parts:
    type: list
    class: Part
    target: parts[]
    doc: Parts.
    fields:
      on: {type: boolean, wire: string, doc: Whether it is on.}
      size: {type: enum, options: [1, 2], wire: string, doc: How long.}
rules:
  - {when: {loud: true}, requires: {size: 10}, because: it takes time}
"""


def test_switches_choices_and_numbers_are_sent_as_texts_anywhere(make: Callable[[str], Made]) -> None:
    made = make(AS_TEXT)
    made.sends({"prompt": "a"}, {"prompt": "a", "metadata": {"loud": "false"}})
    made.sends(
        {"prompt": "a", "loud": True, "size": 10, "speed": 1.0, "parts": [{"on": True, "size": 2}, {"on": False}]},
        {
            "prompt": "a",
            "metadata": {"loud": "true", "size": "10", "deep": {"speed": "1.0"}},
            "parts": [{"on": "true", "size": "2"}, {"on": "false"}],
        },
    )
    made.refuses(
        {"prompt": "a", "metadata": {"loud": "True", "size": "7"}, "parts": [{"size": "3"}]},
        reads={
            "metadata.loud": "'True' is not True or False",
            "metadata.size": "7 is not one of 5, 10",
            "parts[0].size": "3 is not one of 1, 2",
        },
        mock={
            "metadata.loud": "'True' is not one of 'true', 'false'; did you mean 'true'?",
            "metadata.size": "'7' is not one of '5', '10'",
            "parts[0].size": "'3' is not one of '1', '2'",
        },
    )
    made.refuses(
        {"prompt": "a", "metadata": {"loud": "true", "size": "5"}},
        reads={"metadata.size": "must be 10 with loud=True: it takes time"},
        mock={"metadata.size": "'5' must be '10': it takes time"},
    )


TWO_PLACES = """
fields:
  prompt: {type: string, required: true, target: [prompt, metadata.input.text], doc: What happens.}
  size: {type: enum, options: [5, 10], default: 5, wire: string, target: [size, metadata.size], doc: How large.}
  seed: {type: integer, min: 0, target: [metadata.input.seed, seed], doc: A number.}
  picture: {type: image, target: [image, metadata.image, metadata.input.image], doc: A picture.}
  more: {type: object, target: [more, metadata.more], doc: More parameters.}
rules:
  - {when: {size: 10}, requires: [seed], because: large is random}
"""


def test_one_field_is_sent_at_several_places(make: Callable[[str], Made]) -> None:
    made = make(TWO_PLACES)
    made.sends({"prompt": "a", "size": None}, {"prompt": "a", "metadata": {"input": {"text": "a"}}})
    made.sends(
        {"prompt": "a", "seed": 3, "picture": A, "more": {"a": [1]}},
        {
            "prompt": "a",
            "metadata": {
                "input": {"text": "a", "seed": 3, "image": A},
                "size": "5",
                "image": A,
                "more": {"a": [1]},
            },
            "size": "5",
            "seed": 3,
            "image": A,
            "more": {"a": [1]},
        },
    )
    made.writes('"metadata": {"input": {"text": self.prompt, "seed": self.seed, "image": self.picture,},')
    explained = explain_model(made.model, "schemas")
    assert "size, metadata.size" in explained
    assert '"text": "<prompt>"' in explained


def test_all_places_of_a_field_have_the_same_value(make: Callable[[str], Made]) -> None:
    made = make(TWO_PLACES)
    good: Body = {"prompt": "a", "metadata": {"input": {"text": "a"}}}
    with_text = {"metadata": {"input": {"text": "a"}, "size": "5"}}
    made.refuses(
        {"prompt": "a", "size": "5"} | {"metadata": {"input": {"text": "b"}}},
        reads={
            "metadata.input.text": "'b' is not 'a', the value of prompt",
            "metadata.size": "is required: '5', the value of size",
        },
        mock={
            "metadata.input.text": "'b' is not 'a', the value of prompt",
            "metadata.size": "is required: size has the same value at size and metadata.size",
        },
    )
    made.refuses(
        good | with_text,
        reads={"metadata.size": "is sent only together with size"},
        mock={"metadata.size": "is not allowed here: size has the same value at size and metadata.size"},
    )
    made.refuses(
        good | {"metadata": {"input": {"text": "a", "seed": 1}}, "seed": True},
        reads={"seed": "True is not 1, the value of metadata.input.seed"},
        mock={"seed": "True is not 1, the value of metadata.input.seed"},
    )
    made.refuses(
        good | {"size": "7", "metadata": {"input": {"text": "a"}, "size": "7"}},
        reads={"size": "7 is not one of 5, 10"},
        mock={"size": "'7' is not one of '5', '10'"},
    )
    made.refuses(
        good | {"size": "10", "metadata": {"input": {"text": "a"}, "size": "10"}},
        reads={"metadata.input.seed": "is needed with size=10: large is random"},
        mock={"metadata.input.seed": "is required: large is random"},
    )


COUNTED = """
fields:
  prompt: {type: string, required: true, target: 'parts[]', item: {type: text, text: $value}, doc: What happens.}
  pictures: {type: image, many: {min: 2, max: 3}, target: 'pictures[]', doc: Pictures.}
  camera: {type: object, required: true, target: camera, doc: Path of the camera.}
  extra: {type: object, target: extra, doc: What else.}
  total: {type: integer, default: 5, target: total, doc: Length.}
  shots:
    type: list
    class: Shot
    target: parts[]
    item: {type: shot, lasts: $seconds, stills: $stills, start: $start}
    doc: The shots.
    fields:
      seconds: {type: integer, min: 1, doc: Its length.}
      stills: {type: image, many: {}, doc: Pictures of it.}
      start: {type: image, doc: Its first frame.}
rules:
  - {count: [shots.stills, shots.start], max: 2, because: two are enough}
  - {sum: shots.seconds, equals: total, because: the shots fill it}
"""


def test_an_empty_object_is_sent_if_the_field_is_required_and_left_out_if_not(make: Callable[[str], Made]) -> None:
    make(COUNTED).sends(
        {"prompt": "a", "camera": {}, "extra": {}, "total": None},
        {"parts": [{"type": "text", "text": "a"}], "camera": {}},
    )


def test_what_two_fields_of_an_item_have_together_is_counted(make: Callable[[str], Made]) -> None:
    made = make(COUNTED)
    with pytest.raises(InvalidRequest) as refused:
        made.cls(prompt="a", camera={}, shots=[{"stills": [A, B, C]}])
    assert [(p.field, p.message) for p in refused.value.problems] == [
        ("shots", "3 in shots.stills and shots.start together is more than 2: two are enough")
    ]


def test_no_sum_has_to_equal_a_total_that_is_left_out(make: Callable[[str], Made]) -> None:
    made = make(COUNTED)
    body = made.cls(prompt="a", camera={}, total=None, shots=[{"seconds": 3}]).to_payload()
    assert list(map(str, made.mock.problems(body))) == []


def test_an_item_is_numbered_among_those_of_its_field(make: Callable[[str], Made]) -> None:
    parts = [{"type": "shot"}, {"type": "text", "text": "a"}, {"type": "shot", "lasts": 0}]
    [problem] = make(COUNTED).mock.problems({"model": "demo", "parts": parts, "camera": {}})
    assert (problem.path, problem.field) == ("parts[2].lasts", "shots[1].seconds")


def test_one_picture_is_not_several(make: Callable[[str], Made]) -> None:
    made = make(COUNTED)
    with pytest.raises(InvalidRequest):
        made.cls(prompt="a", camera={}, pictures=A)
    assert made.form["properties"]["pictures"]["type"] == ["array", "null"]


TYPED = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  pictures:
    type: image
    many: {max: 2}
    formats: [png]
    only: base64
    target: content[]
    item: {type: image, source: {media_type: $mime, data: $value}}
    doc: Pictures.
  sound: {type: audio, only: data_uri, target: 'content[]', item: {type: sound, as: $mime, data: $value}, doc: A sound.}
  first: {type: image, only: data_uri, target: 'frames[0]', item: {data: $value, mime: $mime}, doc: First frame.}
"""
PNG = "iVBORw0KGgo="
DATA = f"data:image/png;base64,{PNG}"


def test_the_type_of_a_file_is_sent_beside_it(make: Callable[[str], Made], tmp_path: Path) -> None:
    made = make(TYPED)
    typed = {"type": "image", "source": {"media_type": "image/png", "data": PNG}}
    made.sends({"prompt": "a", "pictures": DATA}, {"prompt": "a", "content": [typed]})
    made.sends(
        {"prompt": "a", "pictures": [DATA, DATA], "sound": "data:audio/wav;base64,UklGRgAAAABXQVZF", "first": DATA},
        {
            "prompt": "a",
            "content": [typed, typed, {"type": "sound", "as": "audio/wav", "data": "UklGRgAAAABXQVZF"}],
            "frames": [{"data": PNG, "mime": "image/png"}],
        },
    )
    made.writes(
        '{"type": "image", "source": {"media_type": mime_of(data), "data": base64_of(data)}} '
        "for data in each(self.pictures)"
    )
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert made.cls(prompt="a", pictures=picture).pictures == (DATA,)  # type: ignore[attr-defined]
    assert made.cls(prompt="a", first=f"DATA:image/png;BASE64,{PNG}").first == DATA  # type: ignore[attr-defined]
    for wrong in (A, PNG):
        with pytest.raises(InvalidRequest, match=r"is a URL|is not a data URI"):
            made.cls(prompt="a", pictures=wrong)


ITEMS_TYPED = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  subjects:
    type: list
    class: Subject
    target: content[]
    item: {name: $name, source: {data: $picture, media_type: $mime}}
    doc: Subjects.
    fields:
      name: {type: string, doc: A name.}
      picture: {type: image, formats: [png], only: base64, required: true, doc: A picture.}
"""


def test_the_type_of_a_file_in_an_item_of_a_list_is_sent_beside_it(make: Callable[[str], Made], tmp_path: Path) -> None:
    made = make(ITEMS_TYPED)
    source = {"data": PNG, "media_type": "image/png"}
    made.sends(
        {"prompt": "a", "subjects": [{"name": "Ann", "picture": DATA}, {"picture": DATA}]},
        {"prompt": "a", "content": [{"name": "Ann", "source": source}, {"source": source}]},
    )
    made.writes('"source": {"data": base64_of(subject.picture), "media_type": mime_of(subject.picture)}')
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    request = made.cls(prompt="a", subjects=[{"picture": picture}])
    assert request.to_payload()["content"] == [{"source": source}]
    for wrong in (A, PNG):
        with pytest.raises(InvalidRequest, match=r"is a URL|is not a data URI"):
            made.cls(prompt="a", subjects=[{"picture": wrong}])


def test_a_file_in_an_item_of_a_list_and_its_type_are_checked_each_at_its_place(make: Callable[[str], Made]) -> None:
    made = make(ITEMS_TYPED)
    strange = {"content[0].source.media_type": "'png' is not a MIME type, such as image/png"}
    made.refuses(
        {"prompt": "a", "content": [{"source": {"data": PNG, "media_type": "png"}}]}, reads=strange, mock=strange
    )
    missing = {"content[0].source.media_type": "is required"}
    made.refuses({"prompt": "a", "content": [{"source": {"data": PNG}}]}, reads=missing, mock=missing)
    made.refuses(
        {"prompt": "a", "content": [{"source": {"data": DATA, "media_type": "image/png"}}]},
        reads={"content[0].source.data": "the data URI contains no valid Base64"},
        mock={"content[0].source.data": f"{DATA!r} is not Base64 without a data URI's head"},
    )
    made.refuses(
        {"prompt": "a", "content": [{"source": {"media_type": "image/png"}}]},
        reads={"content[0].source.data": "is required and cannot be None"},
        mock={"content[0].source.data": "is required"},
    )


def test_a_file_and_its_type_are_checked_each_at_its_place(make: Callable[[str], Made]) -> None:
    made = make(TYPED)
    made.refuses(
        {"prompt": "a", "content": [{"type": "image", "source": {"media_type": "png", "data": PNG}}]},
        reads={"content[0].source.media_type": "'png' is not a MIME type, such as image/png"},
        mock={"content[0].source.media_type": "'png' is not a MIME type, such as image/png"},
    )
    made.refuses(
        {"prompt": "a", "content": [{"type": "image", "source": {"data": PNG}}], "frames": [{"mime": 1, "data": PNG}]},
        reads={
            "content[0].source.media_type": "is required",
            "frames[0].mime": "1 is not a MIME type, such as image/png",
        },
        mock={"content[0].source.media_type": "is required", "frames[0].mime": "1 is not a text"},
    )
    made.refuses(
        {"prompt": "a", "frames": [{"mime": "image/png", "data": DATA}]},
        reads={"frames[0]": "the data URI contains no valid Base64"},
        mock={"frames[0].data": f"{DATA!r} is not Base64 without a data URI's head"},
    )
