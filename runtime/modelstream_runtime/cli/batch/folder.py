"""The batch that a command is about, and how its errors end the command."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modelstream_runtime.batch.batch import BaseBatch, NoBudget
from modelstream_runtime.batch.check import InvalidBatch, WrongJob
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import NO_JOURNAL, WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.shell import shell_line

_MOST_SHOWN = 50


def batch_in(catalog: Catalog, folder: str, jobs: Any = None, **options: Any) -> BaseBatch:
    """The batch in a folder, or behind an address."""
    bound: type[BaseBatch] = type("Batch", (BaseBatch,), {"catalog": catalog})
    if is_address(folder):
        options["journal"], folder = folder, "."
    return bound(folder, jobs, **options)


def is_address(folder: str) -> bool:
    """Whether a journal is in PostgreSQL and not in a folder."""
    return folder.startswith(("postgresql://", "postgres://"))


def without_password(address: str) -> str:
    """The address of a journal as it may be printed."""
    return re.sub(r"(?<=://)([^/@:]*):[^/@]*@", r"\1@", address)


def go_on(catalog: Catalog, account: list[str], place: str, *words: str) -> str:
    """The command that goes on with a batch.

    Args:
        account: the words that name the account.
        place: its folder, or the address of its journal.
        words: more options.
    """
    if is_address(place):
        if words:
            return command(catalog, "run", "--journal", place, *words)
        return command(catalog, "worker", *account, "--journal", place, "--out", "DIR")
    return command(catalog, "run", *account, "--out", place, *words)


def command(catalog: Catalog, name: str, *words: str) -> str:
    """A command about a batch, safe to paste."""
    return shell_line([catalog.package, "batch", name, *words])


@contextmanager
def explaining() -> Iterator[None]:
    """Errors of a batch end the command with a status of their own."""
    try:
        yield
    except JournalError as error:
        raise Stop(NO_JOURNAL, str(error), kind="JournalError") from None
    except NoBudget:
        message = "say how many purchases are allowed in all, over all runs: --max-purchases 500, or 'all'"
        raise Stop(WRONG_CALL, message, kind="UsageError") from None
    except InvalidBatch as error:
        message = str(error).partition("\n")[0]
        raise Stop(WRONG_CALL, message, kind="InvalidBatch", problems=problems_of(error.wrong, error.count)) from None


def problems_of(wrong: tuple[WrongJob, ...], count: int) -> list[UsageProblem]:
    """The problems of jobs, each with its place; not all of thousands."""
    problems = [
        UsageProblem(job.place_of(problem), problem.message, problem.field, problem.path)
        for job in wrong[:_MOST_SHOWN]
        for problem in job.problems
    ]
    if count > _MOST_SHOWN:
        problems.append(UsageProblem("...", f"and {count - _MOST_SHOWN} more jobs"))
    return problems
