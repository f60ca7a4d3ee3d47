"""The options that several commands share, and the client they make."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import NOT_ALLOWED, WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.output import Output
from modelstream_runtime.documents import Refused, read_file

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient

Command = TypeVar("Command", bound=Callable[..., Any])

KEY_OPTIONS = ("--api-key", "--key", "--token", "--apikey", "--api_key")
"""What people try instead."""

_WAIT = 1800.0
_RETRIES = 4

TALK = (
    click.Option(["--json", "as_json"], is_flag=True, help="Write a JSON object for each event to standard output."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Tell only results and errors."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Tell also what is repeated and resumed."),
)
WAITING = (
    click.Option(
        ["-o", "--output"],
        metavar="FILE",
        type=click.Path(),
        help="Where to save the video; it replaces a file of that name. In a folder, and by default in the current "
        "one, it is named after the task.",
    ),
    click.Option(
        ["--timeout"],
        metavar="SECONDS",
        help=f"How long to wait at most, {_WAIT:.0f} by default; 'none' waits for ever. The task goes on after it.",
    ),
    click.Option(
        ["--interval"], metavar="SECONDS", help="Pause between two questions; by default it grows from 2 to 10."
    ),
)


def account(catalog: Catalog) -> tuple[click.Option, ...]:
    """The options about the gateway and the account there."""
    gateway = catalog.gateway
    return (
        click.Option(
            ["--api-key-file"],
            metavar="FILE",
            type=click.Path(),
            help="File with the API key; - is standard input. Otherwise the key comes from "
            f"{gateway.api_key_variable}. It cannot be an argument, because every list of processes would show it.",
        ),
        click.Option(
            ["--retries"],
            metavar="NUMBER",
            help=f"How often to repeat what failed and certainly bought nothing, {_RETRIES} by default.",
        ),
        click.Option(
            ["--base-url"],
            metavar="URL",
            help=f"Another gateway than {gateway.base_url}; otherwise {gateway.base_url_variable} is looked at.",
        ),
    )


def key_advice(catalog: Catalog) -> str:
    """What to do instead of giving a key on the command line."""
    return (
        "A key is never given on the command line, where the list of processes and the history of the shell show it. "
        f"Set {catalog.gateway.api_key_variable}, or name a file with --api-key-file."
    )


def add(*options: click.Option) -> Callable[[click.Command], click.Command]:
    """A decorator that gives options to a command."""

    def decorate(command: click.Command) -> click.Command:
        command.params = [*command.params, *options]
        return command

    return decorate


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The shared options, read."""

    catalog: Catalog
    output: str | None
    timeout: float | None
    interval: float | None
    api_key_file: str | None
    base_url: str | None
    retries: int

    @property
    def account(self) -> list[str]:
        """The words that name the same account in another command."""
        words = ["--api-key-file", self.api_key_file] if self.api_key_file not in (None, "-") else []
        words += ["--base-url", self.base_url] if self.base_url else []
        return [word for word in words if word is not None]


def listen(output: Output, options: dict[str, Any]) -> None:
    """Take the options that say who is told what."""
    output.json = options.pop("as_json", False)
    output.quiet = options.pop("quiet", False)
    output.verbose = options.pop("verbose", False)


def read_shared(options: dict[str, Any], problems: list[UsageProblem], catalog: Catalog) -> Settings:
    """Read the shared options; what is wrong with them joins ``problems``."""
    return Settings(
        catalog=catalog,
        output=_output(options.get("output"), problems),
        timeout=_seconds("--timeout", options.get("timeout"), problems, default=_WAIT, allow_none=True),
        interval=_seconds("--interval", options.get("interval"), problems, default=None),
        api_key_file=options.get("api_key_file"),
        base_url=_base_url(options.get("base_url"), problems, catalog),
        retries=_retries(options.get("retries"), problems),
    )


def make_client(settings: Settings) -> BlockingClient:
    """The client for these settings.

    Raises:
        Stop: there is no key, or it cannot be one.
    """
    from modelstream_runtime.credentials import ApiKey
    from modelstream_runtime.errors import ModelStreamError

    variable = settings.catalog.gateway.api_key_variable
    key: str | None
    if settings.api_key_file is not None:
        try:
            key = read_file(settings.api_key_file)
        except Refused as refused:
            raise Stop(NOT_ALLOWED, f"--api-key-file: {refused}", kind="AuthenticationError") from None
    else:
        key = os.environ.get(variable)
    if not key:
        hint = f"Set {variable}, or name a file with --api-key-file."
        raise Stop(NOT_ALLOWED, "there is no API key", kind="AuthenticationError", hint=hint)
    try:
        ApiKey(key)
    except ModelStreamError as error:
        raise Stop(NOT_ALLOWED, str(error), kind="AuthenticationError") from None
    try:
        return settings.catalog.client(key, base_url=settings.base_url, max_retries=settings.retries)
    except ModelStreamError as error:
        raise Stop(WRONG_CALL, str(error), kind="InvalidAddress") from None


def _seconds(
    option: str, given: str | None, problems: list[UsageProblem], *, default: float | None, allow_none: bool = False
) -> float | None:
    if given is None:
        return default
    if allow_none and given.casefold() == "none":
        return None
    try:
        seconds = float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        problems.append(
            UsageProblem(option, f"{given!r} is no number of seconds" + (" and not 'none'" if allow_none else ""))
        )
        return default
    return seconds


def _retries(given: str | None, problems: list[UsageProblem]) -> int:
    if given is None:
        return _RETRIES
    if not re.fullmatch("[0-9]{1,4}", given, re.ASCII):
        problems.append(UsageProblem("--retries", f"{given!r} is no number of repetitions"))
        return _RETRIES
    return int(given)


def _output(given: str | None, problems: list[UsageProblem]) -> str | None:
    """Where the video goes, so far as it can be told before it is paid that it can go there."""
    if given is None:
        return None
    if given == "-":
        problems.append(UsageProblem("--output", "a video is not written to standard output; name a file"))
        return None
    path = Path(given)
    try:
        folder = path if path.is_dir() else path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            problems.append(UsageProblem("--output", f"{str(folder)!r} is no folder"))
        elif not os.access(folder, os.W_OK | os.X_OK):
            problems.append(UsageProblem("--output", f"the folder {str(folder)!r} cannot be written to"))
    except (OSError, ValueError) as error:
        problems.append(
            UsageProblem("--output", f"{given!r} cannot be a file: {getattr(error, 'strerror', None) or error}")
        )
    return given


def _base_url(given: str | None, problems: list[UsageProblem], catalog: Catalog) -> str | None:
    from modelstream_runtime.credentials import find_base_url
    from modelstream_runtime.errors import ModelStreamError

    if given is None:
        return None
    try:
        return find_base_url(given, catalog.gateway)
    except ModelStreamError as error:
        problems.append(UsageProblem("--base-url", str(error)))
        return None
