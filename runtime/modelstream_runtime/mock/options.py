"""The options of the commands that serve a mock gateway: ``modelstream mock`` and ``python -m modelstream.mock``.

Imports nothing of the mock: the command line reads the options for its help.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, get_args

DialectName = Literal["documented", "newapi"]
REALTIME: Final = 10.0
"""The age in seconds at which a task ends, if the clock decides and no other age is set."""
HOST: Final = "127.0.0.1"
PORT: Final = 8765
LOGS: Final = ("text", "json", "none")


class Option(NamedTuple):
    """An option of both commands.

    Attributes:
        name: the parameter of `MockGateway` or of `serve` that it sets.
        metavar: what the help calls the value.
        choices: the allowed values; empty: any.
        alone: the value of the option when none follows it; ``None``: one must follow.
    """

    name: str
    default: Any
    help: str
    metavar: str | None = None
    choices: tuple[str, ...] = ()
    type: type = str
    alone: Any = None

    @property
    def flag(self) -> str:
        """The option as users write it."""
        return f"--{self.name.replace('_', '-')}"


SERVER_OPTIONS: Final = (
    Option("host", HOST, "Address to listen on. By default only this machine reaches it."),
    Option("port", PORT, "Port to listen on; 0 takes a free one.", type=int),
    Option("log", "text", "How to log each exchange.", choices=LOGS),
)
"""The options of the server."""

GATEWAY_OPTIONS: Final = (
    Option(
        "dialect",
        "documented",
        "Shape of the responses. The header X-Mock-Dialect overrides it.",
        choices=get_args(DialectName),
    ),
    Option(
        "scenario",
        "ok",
        "What goes wrong. NAME:2 limits the fault to the first two exchanges. The header X-Mock-Scenario overrides it.",
        metavar="NAME",
    ),
    Option("polls", 3, "The poll at which a task ends.", metavar="N", type=int),
    Option(
        "realtime",
        None,
        f"End tasks after SECONDS, however often they are polled; without a number, after {REALTIME:g}.",
        metavar="SECONDS",
        type=float,
        alone=REALTIME,
    ),
    Option("slow", 2.0, "By how much the scenario 'slow' delays a response.", metavar="SECONDS", type=float),
    Option("any_model", False, "Accept model ids without a schema, too.", type=bool),
    Option("keep", 500, "How many exchanges and tasks to remember.", metavar="N", type=int),
    Option("seed", 0, "Seed of the task ids.", metavar="N", type=int),
)
"""The settings of the gateway."""
