# Made from templates/modelstream/cli/models.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""``modelstream models``: what there is, and what each takes."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from modelstream.cli.exits import WRONG_CALL, Stop
from modelstream.cli.output import Output
from modelstream.cli.settings import TALK, add, listen
from modelstream.cli.words import did_you_mean
from modelstream.models import MODELS


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [model for model in MODELS if model.startswith(incomplete)]


@add(*TALK)
@click.command(short_help="List the models, or the fields of one.")
@click.argument("model", metavar="[ID]", required=False, shell_complete=_complete)
@click.pass_obj
def models(output: Output, /, model: str | None, **options: Any) -> None:
    """List the models; with an ID the model's fields: type, limits, default, and what they are for."""
    listen(output, options)
    if model is None:
        _list(output)
    elif model in MODELS:
        _describe(model, output)
    else:
        message = f"there is no model {model!r} here{did_you_mean(model, MODELS)}"
        hint = f"Known are {', '.join(MODELS)}. Any other id can be used with modelstream generate, unchecked."
        raise Stop(WRONG_CALL, message, kind="UnknownModel", hint=hint)


def _list(output: Output) -> None:
    from modelstream import schemas

    width = max(map(len, MODELS))
    for model in MODELS:
        form = schemas.form(model)
        output.event("model", model=model, request_class=form["title"], summary=form["description"])
        output.result(f"{model:<{width}}  {form['description']}")


def _describe(model: str, output: Output) -> None:
    from modelstream import schemas
    from modelstream.cli.form import form_of

    form = form_of(model)
    output.event("model", model=model, summary=form.summary, form=schemas.form(model))
    blocks = [f"{model}: {form.summary}"]
    for field in form.fields:
        choices = ", ".join(map(str, field.choices))
        parts = [field.type_name, choices, field.allowed]
        parts += ["required"] if field.required else []
        parts += [f"default {field.default_shown}"] if field.default_shown else []
        explained = " ".join(
            filter(None, [field.doc, f"{field.choices_explained}." if field.choices_explained else ""])
        )
        # The characters of a document may be wider than one column; that only makes lines longer.
        blocks.append(f"{field.name}: {', '.join(filter(None, parts))}\n" + _indented(explained))
    output.result("\n\n".join(blocks))


def _indented(text: str) -> str:
    return textwrap.fill(text, 100, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
