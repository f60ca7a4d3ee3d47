"""Click options made from a model's form."""

from __future__ import annotations

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem

from modelstream_runtime.cli.form import Form, FormField

PREFIX = "field_"
"""Begins the parameter names of the form's options, so that no field gets in the way of a shared option."""

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def options_of(form: Form) -> list[click.Option]:
    """An option for each field.

    All of them take any text: what is wrong with the values is told by the request, all at once.
    """
    return [_option(field) for field in form.fields]


def _option(field: FormField) -> click.Option:
    name = f"{field.option}/--no-{field.option[2:]}" if field.kind == "boolean" else field.option
    return click.Option(
        [name, PREFIX + field.name],
        default=None,
        multiple=field.many,
        metavar=None if field.kind == "boolean" else _metavar(field),
        help=_help(field),
        shell_complete=None if field.kind == "boolean" else _completer(field),
    )


def _metavar(field: FormField) -> str:
    match field.kind:
        case "choice":
            return f"[{'|'.join(map(str, field.choices))}]"
        case "media":
            return "FILE|URL"
        case "objects" | "object":
            return "JSON|@FILE"
        case "text":
            return "TEXT|@FILE"
        case kind:
            return kind.upper()


def _help(field: FormField) -> str:
    extra = [field.allowed] if field.allowed else []
    extra += ["repeatable"] if field.many else []
    extra += [f"default: {field.default_shown}"] if field.default_shown else []
    extra += ["required"] if field.required else []
    parts = [field.doc, f"{field.choices_explained}." if field.choices_explained else ""]
    return " ".join(filter(None, [*parts, f"[{'; '.join(extra)}]" if extra else ""]))


def _completer(field: FormField) -> Completer:
    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        if field.kind == "choice":
            told = ((str(choice), field.labels.get(str(choice))) for choice in field.choices)
            return [CompletionItem(value, help=label) for value, label in told if value.startswith(incomplete)]
        return [CompletionItem(incomplete, type="file")] if field.kind == "media" else []

    return complete
