"""A group of commands."""

from __future__ import annotations

import click


class GroupInOrder(click.Group):
    """Commands in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # click would sort them.
