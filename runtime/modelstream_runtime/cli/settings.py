"""The options that several commands share, and the client that they configure."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.agents.limits import MOST_TYPED
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import NOT_ALLOWED, WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.output import Output
from modelstream_runtime.credentials import ApiKey, find_base_url
from modelstream_runtime.documents import UnreadableValue, read_file
from modelstream_runtime.errors import ModelStreamError

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient
    from modelstream_runtime.blocking import BlockingClient

KEY_OPTIONS = ("--api-key", "--key", "--token", "--apikey", "--api_key")
"""Options that do not exist, but that people try."""

_WAIT = 1800.0
_UNITS = {"s": 1, "m": 60, "h": 3600}
_RETRIES = 4

OUTPUT_OPTIONS = (
    click.Option(["--json", "as_json"], is_flag=True, help="Write one JSON object per event to standard output."),
    click.Option(["-q", "--quiet"], is_flag=True, help="Print only results and errors."),
    click.Option(["-v", "--verbose"], is_flag=True, help="Also report retries and resumed downloads."),
)
WAIT_OPTIONS = (
    click.Option(
        ["-o", "--output"],
        metavar="FILE",
        type=click.Path(),
        help="Where to save the video; an existing file is replaced. In a folder, and by default in the current one, "
        "the file is named after the task.",
    ),
    click.Option(["--no-clobber"], is_flag=True, help="Never replace an existing file."),
    click.Option(
        ["--timeout"],
        metavar="SECONDS",
        help=f"How long to wait at most, by default {_WAIT:.0f}; 'none' waits forever. After a timeout, the task "
        "continues at the gateway.",
    ),
    click.Option(
        ["--interval"], metavar="SECONDS", help="The pause between two polls. By default it grows from 2 to 10 seconds."
    ),
)

JOURNAL_OPTION = click.Option(
    ["--no-journal"], is_flag=True, help="Leave the journal of this machine alone, which the command 'tasks' lists."
)


def account_options(catalog: Catalog) -> tuple[click.Option, ...]:
    """The options that name a gateway and an account there."""
    gateway = catalog.gateway
    return (
        click.Option(
            ["--api-key-file"],
            metavar="FILE",
            type=click.Path(),
            help="A file with the API key; - is standard input. By default the key comes from "
            f"{gateway.api_key_variable}. You cannot pass the key as an argument: process listings would show it.",
        ),
        click.Option(
            ["--retries"],
            metavar="NUMBER",
            help=f"How often to retry after a failure, by default {_RETRIES}. A paid request is retried only when it "
            "was certainly not charged.",
        ),
        click.Option(
            ["--base-url"],
            metavar="URL",
            help=f"The address of the gateway. By default it comes from {gateway.base_url_variable}, or else is "
            f"{gateway.base_url}.",
        ),
    )


def key_advice(catalog: Catalog) -> str:
    """What to do instead of passing a key on the command line."""
    return (
        "Never pass a key on the command line, where the list of processes and the history of the shell show it. "
        f"Set {catalog.gateway.api_key_variable}, or name a file with --api-key-file."
    )


def add_options(*options: click.Option) -> Callable[[click.Command], click.Command]:
    """A decorator that adds options to a command."""

    def decorate(command: click.Command) -> click.Command:
        command.params = [*command.params, *options]
        return command

    return decorate


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """The values of the shared options."""

    catalog: Catalog
    output: str | None
    no_clobber: bool
    timeout: float | None
    interval: float | None
    api_key_file: str | None
    base_url: str | None
    retries: int
    journaled: bool

    @property
    def account(self) -> list[str]:
        """The words that name the same account in another command."""
        words = ["--api-key-file", self.api_key_file] if self.api_key_file not in (None, "-") else []
        words += ["--base-url", self.base_url] if self.base_url else []
        return [word for word in words if word is not None]

    @property
    def has_key(self) -> bool:
        """Whether the options or the environment name an API key, be it a wrong one."""
        return self.api_key_file is not None or bool(os.environ.get(self.catalog.gateway.api_key_variable))


def configure(output: Output, options: Mapping[str, Any]) -> None:
    """Apply `OUTPUT_OPTIONS`."""
    output.json = options["as_json"]
    output.quiet = options["quiet"]
    output.verbose = options["verbose"]


def read_settings(options: Mapping[str, Any], problems: list[UsageProblem], catalog: Catalog) -> Settings:
    """Read the shared options. Mistakes in them are added to ``problems``."""
    return Settings(
        catalog=catalog,
        output=_output(options.get("output"), options.get("no_clobber", False), problems),
        no_clobber=options.get("no_clobber", False),
        timeout=seconds_in("--timeout", options.get("timeout"), problems, default=_WAIT, allow_none=True),
        interval=seconds_in("--interval", options.get("interval"), problems, default=None),
        api_key_file=options.get("api_key_file"),
        base_url=_base_url(options.get("base_url"), problems, catalog),
        retries=_retries(options.get("retries"), problems),
        journaled=not options.get("no_journal", False),
    )


def make_async_client(settings: Settings, *, connections: int) -> AsyncClient:
    """The asynchronous client for these settings.

    Raises:
        Stop: there is no key, or the key or the address is malformed.
    """
    key, base_url = read_api_key(settings), gateway_address(settings)
    made: AsyncClient = settings.catalog.async_client(
        key, base_url=base_url, max_retries=settings.retries, max_connections=connections
    )
    return made


def make_client(settings: Settings) -> BlockingClient:
    """The client for these settings.

    Raises:
        Stop: there is no key, or the key or the address is malformed.
    """
    key, base_url = read_api_key(settings), gateway_address(settings)
    return settings.catalog.client(key, base_url=base_url, max_retries=settings.retries)


def gateway_address(settings: Settings) -> str:
    """The address of the gateway, from the options, from the environment, or from the catalog.

    Raises:
        Stop: it is malformed.
    """
    try:
        return find_base_url(settings.base_url, settings.catalog.gateway)
    except ModelStreamError as error:
        raise Stop(WRONG_CALL, str(error), kind="InvalidAddress") from None


def read_api_key(settings: Settings) -> str:
    """The API key, from a file or from the environment.

    Raises:
        Stop: there is none, or it is malformed.
    """
    variable = settings.catalog.gateway.api_key_variable
    if settings.api_key_file is not None:
        try:
            key = read_file(settings.api_key_file)
        except UnreadableValue as error:
            raise Stop(NOT_ALLOWED, f"--api-key-file: {error}", kind="AuthenticationError") from None
    else:
        key = os.environ.get(variable, "")
    if not key:
        hint = f"Set {variable}, or name a file with --api-key-file."
        raise Stop(NOT_ALLOWED, "there is no API key", kind="AuthenticationError", hint=hint)
    try:
        ApiKey(key)
    except ModelStreamError as error:
        raise Stop(NOT_ALLOWED, str(error), kind="AuthenticationError") from None
    return key


def seconds_in(
    option: str, given: str | None, problems: list[UsageProblem], *, default: float | None, allow_none: bool = False
) -> float | None:
    """The seconds in a text such as ``90``, ``30m`` or ``2h``. A mistake is added to ``problems``."""
    if given is None:
        return default
    if allow_none and given.casefold() == "none":
        return None
    try:
        seconds = float(given[:-1]) * _UNITS[given[-1]] if given[-1:] in _UNITS else float(given)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        kinds = "neither a number of seconds nor 'none'" if allow_none else "not a number of seconds"
        problems.append(UsageProblem(option, f"{given!r} is {kinds}"))
        return default
    return seconds


def models_option(verb: str) -> click.Option:
    """``--models``, which gives models a tool of their own for agents; its value is a list of ids."""
    return click.Option(
        ["--models"],
        metavar="ID,ID",
        default="",
        callback=lambda context, option, text: [model.strip() for model in text.split(",") if model.strip()],
        help=f"{verb} a tool of its own, with its fields, for each of these models (at most {MOST_TYPED}).",
    )


def _retries(given: str | None, problems: list[UsageProblem]) -> int:
    if given is None:
        return _RETRIES
    if not re.fullmatch("[0-9]{1,4}", given, re.ASCII):
        problems.append(UsageProblem("--retries", f"{given!r} is not a number of retries"))
        return _RETRIES
    return int(given)


def _output(given: str | None, no_clobber: bool, problems: list[UsageProblem]) -> str | None:
    """Where the video goes. What can be checked there is checked now, before anything is paid."""
    if given is None:
        return None
    if given == "-":
        problems.append(UsageProblem("--output", "a video cannot go to standard output; name a file"))
        return None
    path = Path(given)
    try:
        folder = path if path.is_dir() else path.parent
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        if not folder.is_dir():
            problems.append(UsageProblem("--output", f"{str(folder)!r} is not a folder"))
        elif not os.access(folder, os.W_OK | os.X_OK):
            problems.append(UsageProblem("--output", f"the folder {str(folder)!r} is not writable"))
        elif no_clobber and path.exists() and not path.is_dir():
            problems.append(UsageProblem("--output", file_exists(path)))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        problems.append(UsageProblem("--output", f"{given!r} cannot be a file: {reason}"))
    return given


def file_exists(path: Path) -> str:
    """The message of ``--no-clobber``."""
    return f"{str(path)!r} exists, and --no-clobber forbids replacing it"


def _base_url(given: str | None, problems: list[UsageProblem], catalog: Catalog) -> str | None:
    if given is None:
        return None
    try:
        return find_base_url(given, catalog.gateway)
    except ModelStreamError as error:
        problems.append(UsageProblem("--base-url", str(error)))
        return None
