"""Where the journal of this machine and its videos are at home, and the command that a doubt in it needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.shell import shell_line
from modelstream_runtime.user_folders import data_folder


class Place(NamedTuple):
    """A journal, and the folder for videos beside it.

    Attributes:
        journal: the file of the journal. Without it, nobody knows what is paid.
        videos: the default folder for videos.
    """

    journal: Path
    videos: Path


def home_variable(package: str) -> str:
    """The environment variable that names another home."""
    return f"{package.upper()}_HOME"


def machine_place(package: str, *, mock: bool = False) -> Place:
    """The place of the one journal of this machine and user, in which every program of the package takes part.

    Args:
        package: the generated package, after which folder and variable are named.
        mock: the place for what is bought at a mock gateway. It is never mistaken for a real purchase.

    Raises:
        JournalError: the user has no home.
    """
    variable = home_variable(package)
    try:
        home = Path(os.environ.get(variable) or data_folder() / package)
    except RuntimeError:
        raise JournalError(f"this user has no home folder; set {variable} to the folder for the journal") from None
    home = (home / "mock" if mock else home).absolute()
    return Place(home / "journal.sqlite", home / "videos")


def resolve_command(package: str, number: int, *, mock: bool) -> str:
    """The command with which a person ends the doubt about a purchase; an option with the choice follows it.

    Args:
        package: the generated package, after which the command is named.
        number: of the purchase.
        mock: the purchase is in the journal for what is bought at a mock gateway.
    """
    return shell_line([package, "tasks", "resolve", str(number), *(["--mock"] if mock else [])])
