"""``models``: the models, and the fields of each."""

from __future__ import annotations

import textwrap
from typing import Any

import click

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import OUTPUT_OPTIONS, add_options, configure
from modelstream_runtime.form import FormField, form_of

_MAX_WIDTH = 100
_HELP = "List the models. With an ID, list the model's fields: type, limits, default, and purpose."


def models_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""
    known = catalog.models

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [model for model in known if model.startswith(incomplete)]

    @add_options(*OUTPUT_OPTIONS)
    @click.command("models", short_help="List the models, or the fields of one.", help=_HELP)
    @click.argument("model", metavar="[ID]", required=False, shell_complete=complete)
    @click.pass_obj
    def models(output: Output, /, model: str | None, **options: Any) -> None:
        configure(output, options)
        if model is None:
            _list(catalog, output)
        elif model in known:
            _describe(catalog, model, output)
        else:
            message = f"there is no schema for the model {model!r}{did_you_mean(model, known)}"
            hint = (
                f"The models with a schema are {', '.join(known)}. {catalog.package} generate takes any other id, too, "
                "unchecked."
            )
            raise Stop(WRONG_CALL, message, kind="UnknownModel", hint=hint)

    return models


def _list(catalog: Catalog, output: Output) -> None:
    width = max(map(len, catalog.models), default=0)
    for model in catalog.models:
        form = catalog.schemas.form(model)
        output.event("model", model=model, request_class=form["x-class"], summary=form["description"])
        output.result(f"{model:<{width}}  {form['description']}")


def _describe(catalog: Catalog, model: str, output: Output) -> None:
    form = form_of(catalog, model)
    output.event("model", model=model, summary=form.summary, form=catalog.schemas.form(model))
    lines = [_indented(f"{name}: {words}") for name, words in form.modes_explained({})]
    modes = ["\n".join(["A request is of one mode:", *lines])] if lines else []
    output.result("\n\n".join([f"{model}: {form.summary}", *modes, *map(_description, form.fields)]))


def _description(field: FormField) -> str:
    facts = [field.type_name, " | ".join(map(str, field.choices)), field.limits]
    facts += ["required"] if field.required else []
    facts += [field.modes_shown]
    facts += [f"default {field.default_shown}"] if field.default_shown else []
    facts += [field.gateway_default_shown] if field.gateway_default_shown else []
    purpose = [field.doc, f"{field.choices_explained}." if field.choices_explained else ""]
    return f"{field.name}: {', '.join(filter(None, facts))}\n{_indented(' '.join(filter(None, purpose)))}"


def _indented(text: str) -> str:
    from shutil import get_terminal_size  # It would delay every completion in a shell.

    width = min(get_terminal_size((_MAX_WIDTH, 0)).columns, _MAX_WIDTH)
    return textwrap.fill(text, width, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)
