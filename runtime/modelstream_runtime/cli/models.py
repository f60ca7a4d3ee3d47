"""``models``: what there is, and what each takes."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.form import form_of
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import TALK, add, listen

_HELP = "List the models; with an ID the model's fields: type, limits, default, and what they are for."


def models_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""
    known = catalog.models

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [model for model in known if model.startswith(incomplete)]

    @add(*TALK)
    @click.command("models", short_help="List the models, or the fields of one.", help=_HELP)
    @click.argument("model", metavar="[ID]", required=False, shell_complete=complete)
    @click.pass_obj
    def models(output: Output, /, model: str | None, **options: Any) -> None:
        listen(output, options)
        if model is None:
            _list(catalog, output)
        elif model in known:
            _describe(catalog, model, output)
        else:
            message = f"there is no model {model!r} here{did_you_mean(model, known)}"
            hint = f"Known are {', '.join(known)}. Any other id can be used with {catalog.package} generate, unchecked."
            raise Stop(WRONG_CALL, message, kind="UnknownModel", hint=hint)

    return models


def _list(catalog: Catalog, output: Output) -> None:
    width = max(map(len, catalog.models), default=0)
    for model in catalog.models:
        form = catalog.schemas.form(model)
        output.event("model", model=model, request_class=form["title"], summary=form["description"])
        output.result(f"{model:<{width}}  {form['description']}")


def _describe(catalog: Catalog, model: str, output: Output) -> None:
    form = form_of(catalog, model)
    output.event("model", model=model, summary=form.summary, form=catalog.schemas.form(model))
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
