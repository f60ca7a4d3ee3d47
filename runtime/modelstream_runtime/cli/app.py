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
from modelstream_runtime.cli.batch import batch_command
from modelstream_runtime.cli.completion import completion_command, completion_variable
from modelstream_runtime.cli.exits import OTHER, WRONG_CALL, Stop, Terminated, interrupted, status_lines, stop_for
from modelstream_runtime.cli.from_curl import from_curl_command
from modelstream_runtime.cli.generate import generate_command
from modelstream_runtime.cli.group import GroupInOrder
from modelstream_runtime.cli.history import history_command
from modelstream_runtime.cli.mcp import mcp_command
from modelstream_runtime.cli.mock import mock_command
from modelstream_runtime.cli.models import models_command
from modelstream_runtime.cli.output import Output, OutputLost
from modelstream_runtime.cli.settings import KEY_OPTIONS, key_advice
from modelstream_runtime.cli.studio import studio_command
from modelstream_runtime.cli.tasks import task_command, wait_command
from modelstream_runtime.cli.text import one_line
from modelstream_runtime.cli.tools import tools_command
from modelstream_runtime.errors import ModelStreamError, ModelStreamWarning, UnknownStatusWarning

_COMMANDS = (
    generate_command,
    wait_command,
    task_command,
    history_command,
    batch_command,
    models_command,
    studio_command,
    mock_command,
    mcp_command,
    tools_command,
    from_curl_command,
    completion_command,
)
"""The functions that make the commands, in the order of the help."""


def run(catalog: Catalog, arguments: Sequence[str]) -> int:
    """Run a command line and return its exit status."""
    program, name, variable = _program(catalog), catalog.package, completion_variable(catalog)
    if variable in os.environ:
        program.main(list(arguments), prog_name=name, complete_var=variable)
    output = Output()
    # A mistake in the options is reported before they are read.
    output.json = "--json" in arguments
    try:
        return _status(program, list(arguments), output, catalog)
    finally:
        output.close()


def _status(program: click.Group, arguments: list[str], output: Output, catalog: Catalog) -> int:
    """Run a command and report its error, if there is one."""
    try:
        with _reporting_warnings(output), _signals_as_interruptions():
            return _run(program, arguments, output, catalog)
    except Stop as error:
        stop = error
    except OutputLost as error:
        if error.closed:  # By a reader that needs no more, such as head.
            return OTHER
        stop = Stop(OTHER, str(error))
    except KeyboardInterrupt as interruption:
        stop = interrupted(interruption, catalog)
    except (ModelStreamError, OSError) as error:
        stop = stop_for(error, catalog)
    output.stop(stop)
    return stop.status


def _program(catalog: Catalog) -> click.Group:
    name, gateway = catalog.package, catalog.gateway
    example = next(iter(catalog.models), "MODEL")
    root = GroupInOrder(
        name,
        help=f"Make videos with the models of the {gateway.title} gateway.\n\n\b\n"
        f"  {name} generate {example} --prompt 'A cup of coffee by a rainy window' -o coffee.mp4\n"
        f"  {name} models {example}\n\n"
        f"The key comes from {gateway.api_key_variable} or from a file (--api-key-file).",
        epilog=f"\b\nExit statuses:\n{status_lines()}",
        context_settings={"max_content_width": 100, "help_option_names": ["-h", "--help"]},
    )
    click.version_option(__version__, prog_name=name)(root)
    for make_command in _COMMANDS:
        root.add_command(make_command(catalog))
    return root


def _run(program: click.Group, arguments: list[str], output: Output, catalog: Catalog) -> int:
    try:
        with program.make_context(catalog.package, arguments, obj=output) as context:
            program.invoke(context)
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
def _reporting_warnings(output: Output) -> Iterator[None]:
    """Send the warnings and the log of the package to the output."""
    logger = logging.getLogger(PACKAGE)
    handler = _Handler(output)
    propagate, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("always", ModelStreamWarning)
            # The log reports an unknown status as well.
            warnings.simplefilter("ignore", UnknownStatusWarning)
            warnings.showwarning = _shows(output, warnings.showwarning)
            yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = propagate
        logger.setLevel(level)


class _Handler(logging.Handler):
    def __init__(self, output: Output) -> None:
        super().__init__()
        self._output = output

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self._output.warn(record.getMessage())
        elif self._output.verbose:
            self._output.inform(one_line(record.getMessage()))


def _shows(output: Output, otherwise: Any) -> Any:
    def show(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
        if issubclass(category, ModelStreamWarning):
            output.warn(str(message))
        else:
            otherwise(message, category, *place, **more)

    return show


@contextmanager
def _signals_as_interruptions() -> Iterator[None]:
    """Treat a polite request to end like Ctrl-C, so that the program reports the id of the task."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise Terminated

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # A signal that is ignored on purpose, as under nohup, stays ignored.
    numbers = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    before = {}
    with suppress(ValueError):  # Only the main thread may set handlers.
        before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
