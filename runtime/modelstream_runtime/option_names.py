"""The options that ``generate MODEL`` has for the fields of a model's form.

The command line and the pages about the models both take them from here, so that the pages show what works.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

SHARED_OPTIONS: Final = frozenset(
    {
        "--api-key-file",
        "--base-url",
        "--curl",
        "--dry-run",
        "--help",
        "--interval",
        "--json",
        "--no-clobber",
        "--no-journal",
        "--no-wait",
        "--omit",
        "--output",
        "--params",
        "--quiet",
        "--retries",
        "--set",
        "--timeout",
        "--verbose",
    }
)
"""The long options that all models share. Programs that do not import the command line use this copy."""


def options_of(switches: Mapping[str, bool], taken: Iterable[str] = SHARED_OPTIONS) -> dict[str, str]:
    """Field to option: ``--negative-prompt`` for ``negative_prompt``.

    Args:
        switches: field to whether it is a switch, which also has the option ``--no-NAME``; in the order of the form.
        taken: the options that the command has besides those of the form. If the option of a field would be one of
            them, or that of an earlier field, the field gets the option ``--field-NAME``.

    Raises:
        ValueError: no option is free for a field.
    """
    used = set(taken)
    options: dict[str, str] = {}
    for name, is_switch in switches.items():
        for candidate in (_option(name), _option(f"field_{name}")):
            both = {candidate, no_option(candidate)} if is_switch else {candidate}
            if not both & used:
                used |= both
                options[name] = candidate
                break
        else:
            raise ValueError(f"no option is free for the field {name}")
    return options


def no_option(option: str) -> str:
    """The option that turns a switch off: ``--no-audio`` for ``--audio``."""
    return f"--no-{option[2:]}"


def _option(field: str) -> str:
    return "--" + field.replace("_", "-")
