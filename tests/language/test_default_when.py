"""A default that depends on other fields: it is sent, does not count as given, and is found again in a copy."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from tests.language.conftest import Make
from tests.support.made_up import MadeUp

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  tier: {type: enum, options: [std, pro, max], default: std, target: tier, doc: Quality.}
  sound: {type: boolean, gateway_default: true, target: meta.sound, doc: Whether it has sound.}
  seconds:
    type: integer
    min: 1
    max: 20
    default: 5
    default_when: [{when: {tier: pro}, value: 10}, {when: {tier: [pro, max]}, value: 15}]
    unit: s
    target: seconds
    doc: Length.
  volume: {type: number, default_when: [{when: {sound: true}, value: 1}], target: meta.volume, doc: Volume.}
rules:
  - {when: {seconds: [10, 15]}, requires: {sound: true}, because: long videos have sound}
  - {when: {sound: false}, ignores: [seconds], because: silent videos have one length}
"""


@pytest.fixture(scope="module")
def dependent(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.mark.parametrize(
    ("values", "seconds"),
    [
        ({}, 5),
        ({"tier": "pro"}, 10),
        ({"tier": "max"}, 15),
        ({"tier": None}, 5),
        ({"tier": "pro", "seconds": 7}, 7),
        ({"tier": "pro", "seconds": None}, None),
    ],
)
def test_the_first_case_that_holds_gives_the_default(
    dependent: MadeUp, values: dict[str, Any], seconds: int | None
) -> None:
    values = {"prompt": "A boat"} | values
    request = dependent.request(values)
    assert request.to_payload().get("seconds") == seconds
    verdicts = dependent.accepted(values)
    assert verdicts == dict.fromkeys(verdicts, True)


def test_a_condition_reads_what_the_gateway_takes(dependent: MadeUp) -> None:
    meta = dependent.request({"prompt": "A boat"}).to_payload()["meta"]
    assert (meta, type(meta["volume"])) == ({"volume": 1.0}, float)
    assert dependent.request({"prompt": "A boat", "sound": False}).to_payload()["meta"] == {"sound": False}


def test_a_rule_reads_the_default_on_every_surface(dependent: MadeUp) -> None:
    values = {"prompt": "A boat", "tier": "pro", "sound": False}
    assert dependent.problems(values) == [("sound", "must be True with seconds=10 or 15: long videos have sound")]
    verdicts = dependent.accepted(values)
    assert verdicts == dict.fromkeys(verdicts, False)


def test_the_default_is_not_given_by_the_caller(dependent: MadeUp) -> None:
    request = dependent.request({"prompt": "A boat", "tier": "pro"})
    assert request.model_fields_set == {"prompt", "tier"}
    silent = dependent.request({"prompt": "A boat", "sound": False})
    assert silent.remarks() == ()  # Nobody is warned of a default.
    assert [str(remark) for remark in dependent.request({"prompt": "A", "sound": False, "seconds": 4}).remarks()]


def test_a_copy_finds_the_default_again(dependent: MadeUp) -> None:
    request = dependent.request({"prompt": "A boat", "tier": "pro"})
    for one in (request, dependent.cls.from_payload(request.to_payload())):
        assert one == request
        assert one.replace(tier="std").to_payload()["seconds"] == 5
        assert one.replace(seconds=3).replace(tier="std").to_payload()["seconds"] == 3


def test_a_field_of_another_model_has_the_default(dependent: MadeUp) -> None:
    class Job(BaseModel):
        request: dependent.cls  # type: ignore[name-defined]

    assert Job.model_validate({"request": {"prompt": "A", "tier": "pro"}}).request.seconds == 10


def test_a_wrong_condition_is_the_only_problem(dependent: MadeUp) -> None:
    assert [field for field, _ in dependent.problems({"prompt": "A boat", "tier": "best", "sound": False})] == ["tier"]


def test_people_are_told_of_all_defaults(dependent: MadeUp) -> None:
    described = str(dependent.cls.model_fields["seconds"].description)
    assert described.endswith('default `5`, `10` when `tier` is `"pro"` or `15` when `tier` is `"pro"` or `"max"`.')
    assert "| `5`, `10` when `tier` is `pro` or `15` when `tier` is `pro` or `max` |" in dependent.page
    assert "default: 5, 10 when tier is pro or 15" in " ".join(dependent.run("generate", "made-up", "--help").split())
    schema = dependent.schema("form")["properties"]["seconds"]
    assert schema["default"] == 5
    assert schema["x-default-when"][0] == {"when": {"tier": "pro"}, "value": 10}


def test_a_condition_on_a_switch_or_on_what_is_given_reads_as_the_help_shows_values(make: Make) -> None:
    echo = "{type: integer, default_when: [{when: {sound: present}, value: 2}], target: meta.echo, doc: Echo.}"
    schema = SCHEMA.replace("rules:", f"  echo: {echo}\nrules:")
    told = " ".join(make(schema).run("generate", "made-up", "--help").split())
    assert "default: 1.0 when sound is on" in told
    assert "default: 2 when sound is given" in told
