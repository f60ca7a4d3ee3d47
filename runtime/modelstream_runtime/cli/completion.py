"""``completion``: the script that teaches a shell the commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.output import Output


def completion_variable(catalog: Catalog) -> str:
    """The environment variable through which the script asks the program."""
    return f"_{catalog.package.upper()}_COMPLETE"


def completion_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""
    name = catalog.package
    places = {
        "bash": f'~/.bashrc:  eval "$({name} completion bash)"',
        "zsh": f'~/.zshrc:  eval "$({name} completion zsh)"',
        "fish": f"~/.config/fish/config.fish:  {name} completion fish | source",
    }

    @click.command(
        "completion",
        short_help="Print the completion script for a shell.",
        help="Print the script that completes commands, models, options and values. Put its line into the file of "
        "your shell:\n\n\b\n" + "\n".join(places.values()),
    )
    @click.argument("shell", type=click.Choice(list(places)))
    @click.pass_context
    def completion(ctx: click.Context, shell: str) -> None:
        output: Output = ctx.obj
        output.result(_script(shell, ctx.find_root().command, catalog))

    return completion


def _script(shell: str, program: click.Command, catalog: Catalog) -> str:
    found = get_completion_class(shell)
    assert found is not None
    script = found(program, {}, catalog.package, completion_variable(catalog)).source()
    if shell == "zsh":
        # Without the completion system, zsh has no compdef. The first line must stay first.
        head, _, rest = script.partition("\n")
        return f"{head}\n(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit -i }}\n{rest}"
    # click's script for fish cuts a description at its first comma.
    return script.replace('string split ","', 'string split --max 1 ","') if shell == "fish" else script
