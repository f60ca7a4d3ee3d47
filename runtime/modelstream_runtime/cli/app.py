"""The program: its commands, and the one place where errors become exit statuses."""

from __future__ import annotations

import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import click
from click.exceptions import Exit, NoArgsIsHelpError

from modelstream_runtime.about import PACKAGE, __version__
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.completion import completion_command, completion_variable
from modelstream_runtime.cli.exits import OTHER, WRONG_CALL, Stop, Terminated, interrupted, listing, stop_for
from modelstream_runtime.cli.from_curl import from_curl_command
from modelstream_runtime.cli.generate import generate_command
from modelstream_runtime.cli.mock import mock_command
from modelstream_runtime.cli.models import models_command
from modelstream_runtime.cli.output import Output, ReaderGone
from modelstream_runtime.cli.settings import KEY_OPTIONS, key_advice
from modelstream_runtime.cli.tasks import task_command, wait_command
from modelstream_runtime.cli.words import one_line
from modelstream_runtime.errors import ModelStreamError, ModelStreamWarning, UnknownStatusWarning

_COMMANDS = (
    generate_command,
    wait_command,
    task_command,
    models_command,
    mock_command,
    from_curl_command,
    completion_command,
)
"""What makes the commands, in the order of the help."""


def program(catalog: Catalog) -> click.Group:
    """The program for a catalog."""
    name, gateway = catalog.package, catalog.gateway
    example = next(iter(catalog.models), "MODEL")
    root = click.Group(
        name,
        help=f"Make videos with the models of the {gateway.title} gateway.\n\n\b\n"
        f"  {name} generate {example} --prompt 'A cup of coffee by a rainy window' -o coffee.mp4\n"
        f"  {name} models {example}\n\n"
        f"The key comes from {gateway.api_key_variable} or from a file (--api-key-file).",
        epilog=f"\b\nExit statuses:\n{listing()}",
        context_settings={"max_content_width": 100},
    )
    click.version_option(__version__, prog_name=name)(root)
    for make in _COMMANDS:
        root.add_command(make(catalog))
    return root


def run(catalog: Catalog, arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    root, name, variable = program(catalog), catalog.package, completion_variable(catalog)
    if variable in os.environ:
        root.main(list(arguments), prog_name=name, complete_var=variable)
    output = Output()
    # What is wrong with the options themselves is told before they are read.
    output.json = "--json" in arguments
    try:
        with _listening(output), _signals_as_interruptions():
            return _run(root, list(arguments), output, catalog)
    except Stop as stop:
        status, ending = stop.status, stop
    except ReaderGone:
        return OTHER
    except KeyboardInterrupt as interruption:
        ending = interrupted(interruption, catalog)
        status = ending.status
    except (ModelStreamError, OSError) as error:
        ending = stop_for(error, catalog)
        status = ending.status
    with suppress(ReaderGone):
        output.stop(ending)
    return status


def _run(root: click.Group, arguments: list[str], output: Output, catalog: Catalog) -> int:
    try:
        with root.make_context(catalog.package, arguments, obj=output) as context:
            root.invoke(context)
    except Exit as ending:
        return ending.exit_code
    except NoArgsIsHelpError as error:
        sys.stderr.write(error.format_message() + "\n")
        return WRONG_CALL
    except click.ClickException as error:
        raise _usage_stop(error, catalog) from None
    return 0


def _usage_stop(error: click.ClickException, catalog: Catalog) -> Stop:
    message, hint = error.format_message(), ""
    if isinstance(error, click.NoSuchOption) and error.option_name in KEY_OPTIONS:
        message = f"{error.option_name}: {key_advice(catalog)}"
    if isinstance(error, click.UsageError) and error.ctx is not None:
        hint = f"See: {one_line(error.ctx.command_path)} --help"
    return Stop(WRONG_CALL, message, kind="UsageError", hint=hint)


@contextmanager
def _listening(output: Output) -> Iterator[None]:
    """Warnings and the log of the package, told as everything else is."""
    logger = logging.getLogger(PACKAGE)
    handler = _Handler(output)
    propagate, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ModelStreamWarning)
            # It is in the log as well.
            warnings.simplefilter("ignore", UnknownStatusWarning)
            warnings.showwarning = _shows(output, warnings.showwarning)
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate, level = propagate, level
        logger.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self._output.warn(record.getMessage())
        elif self._output.verbose:
            self._output.talk(one_line(record.getMessage()))


def _shows(output: Output, otherwise: Any) -> Any:
    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ModelStreamWarning):
            output.warn(str(message))
        else:
            otherwise(message, category, *place, **more)

    return show


@contextmanager
def _signals_as_interruptions() -> Iterator[None]:
    """A polite request to end is treated like Ctrl-C, so that the task's id is told."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Terminated

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # What somebody ignores on purpose, as nohup does, stays ignored.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    before = {}
    with suppress(ValueError):  # Only the main thread may do this.
        before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
