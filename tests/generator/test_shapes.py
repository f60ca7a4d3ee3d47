"""Shapes of the body: what a schema says of them, the class sends, reads back and refuses, and so does the mock."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.emit.body import body_of
from generator.explain import explain_model
from generator.ir import Model
from modelstream import InvalidRequest, Request
from modelstream_runtime.mock.checking import Checker
from tests.fuzz.workshop import Workshop, imported

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
        assert re.sub(r"\s+", " ", literal).strip() in re.sub(r"\s+", " ", self.source)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[[str], Made]]:
    """Makes the class of a schema, of which only what follows the head is given."""
    with ExitStack() as stack:

        def make(rest: str) -> Made:
            workshop = Workshop(tmp_path / "workshop")
            workshop.write("demo", HEAD + rest)
            made = workshop.make(workshop.package())
            module = stack.enter_context(imported(made))
            schema = json.loads(made.files["modelstream/schemas/demo.wire.json"])
            return Made(made.model, made.source, module.Demo, module, Checker(schema))

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
