# Made from templates/modelstream/cli/completion.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""``modelstream completion``: the script that teaches a shell the options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from modelstream.cli.output import Output

VARIABLE = "_MODELSTREAM_COMPLETE"
_FILES = {
    "bash": '~/.bashrc:  eval "$(modelstream completion bash)"',
    "zsh": '~/.zshrc:  eval "$(modelstream completion zsh)"',
    "fish": "~/.config/fish/config.fish:  modelstream completion fish | source",
}


@click.command(
    short_help="Print the completion script for a shell.",
    help="Print the script that completes commands, models, options and values. Put this into\n\n\b\n"
    + "\n".join(_FILES.values()),
)
@click.argument("shell", type=click.Choice(list(_FILES)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script."""
    found = get_completion_class(shell)
    assert found is not None
    output: Output = ctx.obj
    output.result(found(ctx.find_root().command, {}, "modelstream", VARIABLE).source())
