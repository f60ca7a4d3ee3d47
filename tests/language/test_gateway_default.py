"""A default that is not sent: the gateway takes it, and so do the conditions of rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  sound: {type: boolean, gateway_default: true, target: meta.sound, doc: Whether it has sound.}
  tier: {type: enum, options: [fast, fine], gateway_default: fast, target: tier, doc: Quality.}
  seconds: {type: integer, min: 1, max: 9, default: 4, target: seconds, doc: Length.}
  voice: {type: string, target: meta.voice, doc: Who speaks.}
constants:
  - {target: meta.loud, value: 1, when: {sound: true}, evidence: page}
rules:
  - {when: {tier: fast}, max: {seconds: 5}, because: fast videos are short}
  - {when: {voice: present}, requires: {sound: true}, because: a voice is sound}
  - {when: {seconds: 9}, requires: [tier], because: nine seconds cost more}
"""


@pytest.fixture(scope="module")
def gateway(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({}, []),
        ({"seconds": 6}, [("seconds", "6 is more than 5: fast videos are short")]),
        ({"seconds": 6, "tier": None}, [("seconds", "6 is more than 5: fast videos are short")]),
        ({"seconds": 6, "tier": "fast"}, [("seconds", "6 is more than 5: fast videos are short")]),
        ({"seconds": 6, "tier": "fine"}, []),
        ({"voice": "Ada"}, []),
        ({"voice": "Ada", "sound": True}, []),
        ({"voice": "Ada", "sound": False}, [("sound", "must be True with voice: a voice is sound")]),
    ],
)
def test_every_surface_reads_what_the_gateway_takes(
    gateway: MadeUp, values: dict[str, Any], problems: list[tuple[str, str]]
) -> None:
    values = {"prompt": "A boat"} | values
    assert gateway.problems(values) == problems
    verdicts = gateway.accepted(values)
    assert verdicts == dict.fromkeys(verdicts, not problems)


def test_what_the_gateway_takes_is_not_given(gateway: MadeUp) -> None:
    problems = gateway.problems({"prompt": "A boat", "seconds": 9})
    assert ("tier", "is needed with seconds=9: nine seconds cost more") in problems


def test_it_is_not_sent(gateway: MadeUp) -> None:
    request = gateway.request({"prompt": "A boat"})
    assert request.to_payload() == {"model": "made-up", "prompt": "A boat", "seconds": 4, "meta": {"loud": 1}}
    assert gateway.cls.from_payload(request.to_payload()) == request


def test_people_are_told_what_the_gateway_takes(gateway: MadeUp) -> None:
    description = str(gateway.cls.model_fields["sound"].description)
    assert description == "Whether it has sound. If you leave it out, the gateway takes `True`."
    assert "| the gateway takes `true` |" in gateway.page
    assert gateway.schema("form")["properties"]["sound"]["x-gateway-default"] is True
    assert "left out, the gateway takes on" in gateway.run("generate", "made-up", "--help")
    assert "left out, the gateway takes fast" in gateway.run("models", "made-up")
