"""What can go wrong, as a table. A scenario is chosen by the header ``X-Mock-Scenario``, by a key such as
``sk-mock-429``, or for the whole gateway.

``NAME:N`` lets only the first N exchanges meet the fault, so that a client's second or third attempt goes well.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Exchange = Literal["submit", "task", "content", "result"]
Ending = Literal["completed", "failed", "never"]
Address = Literal["given", "missing", "expired"]

KEY_PREFIX = "sk-mock-"
"""What stands before the name of a scenario in a key."""

_DOWNLOADS: frozenset[Exchange] = frozenset({"content", "result"})
_WITH_KEY: frozenset[Exchange] = frozenset({"submit", "task", "content"})
_SUBMIT: frozenset[Exchange] = frozenset({"submit"})
_TASK: frozenset[Exchange] = frozenset({"task"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What happens to some exchanges in place of a good answer, or on top of one.

    Attributes:
        at: which exchanges.
        refusal: name of an error in `modelstream.mock.refusals`; without one the good answer is given.
        accepted: a submission makes its task all the same.
        slow: the answer waits first.
        cut: the answer breaks off half way.
        reset: the connection is reset in place of the answer.
    """

    at: frozenset[Exchange]
    refusal: str | None = None
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
        address: what becomes of the address of its video.
        lenient: parameters that the schemas do not know are accepted.
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
            sentence="The submission is refused: its prompt is blamed.",
            fault=Fault(at=_SUBMIT, refusal="prompt"),
        ),
        Scenario(
            name="401",
            sentence="The key is refused, whatever it asks for.",
            fault=Fault(at=_WITH_KEY, refusal="key"),
        ),
        Scenario(
            name="402",
            sentence="The submission is refused: no credit is left.",
            fault=Fault(at=_SUBMIT, refusal="quota"),
        ),
        Scenario(
            name="403",
            sentence="The submission is refused: the account may not use the model.",
            fault=Fault(at=_SUBMIT, refusal="permission"),
        ),
        Scenario(
            name="429",
            sentence="Too many requests; nothing says when to come back.",
            fault=Fault(at=_WITH_KEY, refusal="rate"),
        ),
        Scenario(
            name="429-retry-after",
            sentence="Too many requests; Retry-After asks for one second of patience.",
            fault=Fault(at=_WITH_KEY, refusal="rate_with_pause"),
        ),
        Scenario(
            name="500",
            sentence="The submission is answered 500 do_request_failed, yet its task was accepted and is billed.",
            fault=Fault(at=_SUBMIT, refusal="upstream", accepted=True),
        ),
        Scenario(
            name="503",
            sentence="The submission is refused before purchase: 503 model_not_found, no channel serves the model.",
            fault=Fault(at=_SUBMIT, refusal="channel"),
        ),
        Scenario(name="failed", sentence="The task ends without a video and tells why.", ending="failed"),
        Scenario(name="never-ending", sentence="The task stays in progress for good.", ending="never"),
        Scenario(
            name="url-missing",
            sentence="The finished task names no address; its video is only at /content.",
            address="missing",
        ),
        Scenario(
            name="url-expired",
            sentence="The finished task's address has expired; its video is still at /content.",
            address="expired",
        ),
        Scenario(
            name="slow",
            sentence="Every answer waits for some seconds, two if nothing else is said.",
            fault=Fault(at=_WITH_KEY | _DOWNLOADS, slow=True),
        ),
        Scenario(
            name="cut",
            sentence="A download from the first byte breaks off half way; one that goes on from there is whole.",
            fault=Fault(at=_DOWNLOADS, cut=True),
        ),
        Scenario(
            name="cut-submit",
            sentence="The answer to the submission breaks off half way; the task was accepted and is billed.",
            fault=Fault(at=_SUBMIT, accepted=True, cut=True),
        ),
        Scenario(
            name="reset",
            sentence="The submission meets a reset in place of an answer; the task was accepted and is billed.",
            fault=Fault(at=_SUBMIT, accepted=True, reset=True),
        ),
        Scenario(
            name="reset-task",
            sentence="Every question about the task meets a connection reset.",
            fault=Fault(at=_TASK, reset=True),
        ),
        Scenario(
            name="reset-download",
            sentence="Every download meets a connection reset.",
            fault=Fault(at=_DOWNLOADS, reset=True),
        ),
        Scenario(name="lenient", sentence="Parameters that the schemas do not know are accepted.", lenient=True),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """A scenario, and to how many exchanges its fault happens.

    Attributes:
        text: as it was chosen.
        times: ``None`` for all of them.
    """

    text: str
    scenario: Scenario
    times: int | None = None


def choose(text: str) -> Choice:
    """The choice that a text such as ``429:2`` stands for.

    Raises:
        ValueError: there is no such scenario.
    """
    name, colon, count = text.strip().partition(":")
    scenario = SCENARIOS.get(name)
    if scenario is None:
        raise ValueError(f"no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    if not colon:
        return Choice(text=name, scenario=scenario)
    if scenario.fault is None or not count.isascii() or not count.isdigit() or len(count) > 9:
        raise ValueError(f"{text!r}: after the colon stands how often a fault happens, as in '429:2'")
    return Choice(text=f"{name}:{count}", scenario=scenario, times=int(count))
