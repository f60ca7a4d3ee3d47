"""What can go wrong, as a table. The header ``X-Mock-Scenario``, a key such as ``sk-mock-429``, or a setting of the
gateway chooses a scenario.

``NAME:N`` limits the fault to the first N exchanges, so that a client's second or third attempt succeeds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelstream_runtime.mock.routes import Kind

Ending = Literal["completed", "failed", "never"]
Address = Literal["given", "missing", "expired"]

KEY_PREFIX = "sk-mock-"
"""A key with this prefix ends in the name of a scenario."""

_SUBMIT: frozenset[Kind] = frozenset({"submit"})
_TASK: frozenset[Kind] = frozenset({"task", "video"})
_DOWNLOADS: frozenset[Kind] = frozenset({"content", "result"})
_WITH_KEY: frozenset[Kind] = frozenset({"submit", "task", "video", "content"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What happens to some exchanges instead of a good response, or on top of one.

    Attributes:
        at: the kinds of exchanges that it affects.
        error: name of a row in `ERROR_REPLIES`; ``None``: the response is good.
        accepted: the gateway accepts a submission all the same.
        slow: the response is delayed.
        cut: the response breaks off halfway.
        reset: the connection is reset instead of sending a response.
    """

    at: frozenset[Kind]
    error: str | None = None
    accepted: bool = False
    slow: bool = False
    cut: bool = False
    reset: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """One way for things to go.

    Attributes:
        sentence: what happens.
        ending: how the task ends.
        address: whether the completed task has a URL, and whether it works.
        lenient: the gateway accepts parameters that the schemas do not know.
    """

    name: str
    sentence: str
    fault: Fault | None = None
    ending: Ending = "completed"
    address: Address = "given"
    lenient: bool = False


SCENARIOS: dict[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario(name="ok", sentence="Nothing goes wrong."),
        Scenario(
            name="400",
            sentence="The gateway rejects the submission and blames its prompt.",
            fault=Fault(at=_SUBMIT, error="prompt"),
        ),
        Scenario(
            name="401",
            sentence="The gateway rejects the key, whatever the request.",
            fault=Fault(at=_WITH_KEY, error="key"),
        ),
        Scenario(
            name="402",
            sentence="The gateway rejects the submission: the account has no credit left.",
            fault=Fault(at=_SUBMIT, error="quota"),
        ),
        Scenario(
            name="403",
            sentence="The gateway rejects the submission: the account may not use the model.",
            fault=Fault(at=_SUBMIT, error="permission"),
        ),
        Scenario(
            name="429",
            sentence="The gateway answers 429 Too Many Requests and does not say when to retry.",
            fault=Fault(at=_WITH_KEY, error="rate"),
        ),
        Scenario(
            name="429-retry-after",
            sentence="The gateway answers 429 Too Many Requests with Retry-After: 1.",
            fault=Fault(at=_WITH_KEY, error="rate_with_pause"),
        ),
        Scenario(
            name="500",
            sentence="The gateway accepts and bills the submission, but answers 500 do_request_failed.",
            fault=Fault(at=_SUBMIT, error="upstream", accepted=True),
        ),
        Scenario(
            name="503",
            sentence="The gateway rejects the submission before purchase: no channel serves the model.",
            fault=Fault(at=_SUBMIT, error="channel"),
        ),
        Scenario(name="failed", sentence="The task fails, and the gateway reports why.", ending="failed"),
        Scenario(name="never-ending", sentence="The task stays in progress forever.", ending="never"),
        Scenario(
            name="url-missing",
            sentence="The completed task has no URL; its video is only at /content.",
            address="missing",
        ),
        Scenario(
            name="url-expired",
            sentence="The URL of the completed task has expired; its video is still at /content.",
            address="expired",
        ),
        Scenario(
            name="slow",
            sentence="The gateway delays each response, by two seconds unless you set another delay.",
            fault=Fault(at=_WITH_KEY | _DOWNLOADS, slow=True),
        ),
        Scenario(
            name="cut",
            sentence="A download of the whole video breaks off halfway; a resumed download succeeds.",
            fault=Fault(at=_DOWNLOADS, cut=True),
        ),
        Scenario(
            name="cut-submit",
            sentence="The gateway accepts and bills the submission, but its response breaks off halfway.",
            fault=Fault(at=_SUBMIT, accepted=True, cut=True),
        ),
        Scenario(
            name="reset",
            sentence="The gateway accepts and bills the submission, but resets the connection.",
            fault=Fault(at=_SUBMIT, accepted=True, reset=True),
        ),
        Scenario(
            name="reset-task",
            sentence="The gateway resets the connection of each poll.",
            fault=Fault(at=_TASK, reset=True),
        ),
        Scenario(
            name="reset-download",
            sentence="The gateway resets the connection of each download.",
            fault=Fault(at=_DOWNLOADS, reset=True),
        ),
        Scenario(
            name="lenient",
            sentence="The gateway accepts parameters that the schemas do not know.",
            lenient=True,
        ),
    )
}


def scenario_table() -> str:
    """All scenarios and what they do, a line each."""
    width = max(map(len, SCENARIOS))
    return "\n".join(f"  {name:<{width}}  {scenario.sentence}" for name, scenario in SCENARIOS.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A scenario, and how often its fault happens.

    Attributes:
        text: as the caller wrote it.
        times: how many exchanges the fault affects; ``None``: all of them.
    """

    text: str
    scenario: Scenario
    times: int | None = None


def choose(text: str) -> Choice:
    """Read a text such as ``429:2``.

    Raises:
        ValueError: no scenario has this name, or the count is wrong.
    """
    name, colon, count = text.strip().partition(":")
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise ValueError(f"unknown scenario {name!r}; choose one of {', '.join(SCENARIOS)}")
    if not colon:
        return Choice(text=name, scenario=scenario)
    if scenario.fault is None:
        raise ValueError(f"{text!r}: the scenario {name!r} takes no count, because none of its exchanges fails")
    if not count.isascii() or not count.isdigit() or len(count) > 9:
        raise ValueError(f"{text!r}: the count after the colon is a number of exchanges, as in '429:2'")
    return Choice(text=f"{name}:{count}", scenario=scenario, times=int(count))
