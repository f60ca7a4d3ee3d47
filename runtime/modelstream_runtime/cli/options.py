"""The options of ``generate MODEL``: those of the model's form, and those that all models share."""

from __future__ import annotations

from collections.abc import Callable
from typing import assert_never

import click
from click.shell_completion import CompletionItem

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.settings import JOURNAL_OPTION, OUTPUT_OPTIONS, WAIT_OPTIONS, account_options
from modelstream_runtime.form import Form, FormField, form_of

PREFIX = "field_"
"""Begins the parameter names of the form's options, so that no field can clash with a shared option."""

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_REQUEST_OPTIONS = (
    click.Option(
        ["--params"],
        metavar="FILE",
        type=click.Path(),
        help="A YAML (1.2) or JSON file with values by field name; - is standard input. Options override it.",
    ),
    click.Option(
        ["--set", "overrides"],
        metavar="KEY.KEY=VALUE",
        multiple=True,
        help="Set a value in the JSON body, for parameters that have no option. The value is JSON, or else a text. It "
        "is not checked.",
    ),
    click.Option(
        ["--omit"],
        metavar="FIELD",
        multiple=True,
        help="Leave a field out of the request, even if it has a default. The gateway then uses its own default.",
    ),
    click.Option(["--dry-run"], is_flag=True, help="Print the JSON body instead of sending it. Needs no key."),
    click.Option(["--curl"], is_flag=True, help="With --dry-run: print the curl command instead."),
    click.Option(["--no-wait"], is_flag=True, help="Submit the request and print the task id."),
)


def shared_options(catalog: Catalog) -> tuple[click.Option, ...]:
    """The options that all models share."""
    return (*_REQUEST_OPTIONS, *WAIT_OPTIONS, *account_options(catalog), JOURNAL_OPTION, *OUTPUT_OPTIONS)


def shared_names(catalog: Catalog) -> set[str]:
    """The names of the shared options, which no field's option may take."""
    return {name for option in shared_options(catalog) for name in (*option.opts, *option.secondary_opts)} | {
        "-h",
        "--help",
    }


def generate_form(catalog: Catalog, model: str) -> Form:
    """The form of a model, with the options that ``generate MODEL`` has for its fields."""
    return form_of(catalog, model, taken=shared_names(catalog))


def field_options(form: Form) -> list[click.Option]:
    """An option for each field.

    Each option takes any text. The request checks the values, and reports all problems at once.
    """
    return [_option(field) for field in form.fields]


def _option(field: FormField) -> click.Option:
    name = f"{field.option}/--no-{field.option[2:]}" if field.kind == "boolean" else field.option
    return click.Option(
        [name, PREFIX + field.name],
        default=None,
        multiple=field.many,
        metavar=_metavar(field),
        help=_help(field),
        shell_complete=_completer(field),
    )


def _metavar(field: FormField) -> str | None:
    match field.kind:
        case "choice":
            return f"[{'|'.join(map(str, field.choices))}]"
        case "media":
            only = field.accepts.only if field.accepts else None
            return "FILE|URL" if only is None else "URL" if only == "url" else "FILE"
        case "objects" | "object":
            return "JSON|@FILE"
        case "text":
            return "TEXT|@FILE"
        case "integer" | "number":
            return field.kind.upper()
        case "boolean":
            return None
        case unexpected:
            assert_never(unexpected)


def _help(field: FormField) -> str:
    facts = [field.limits] if field.limits else []
    facts += ["repeatable"] if field.many else []
    facts += [f"default: {field.default_shown}"] if field.default_shown else []
    facts += [field.gateway_default_shown] if field.gateway_default_shown else []
    facts += ["required"] if field.required else []
    facts += [field.modes_shown] if field.modes else []
    parts = [field.doc, f"{field.choices_explained}." if field.choices_explained else ""]
    return " ".join(filter(None, [*parts, f"[{'; '.join(facts)}]" if facts else ""]))


def _completer(field: FormField) -> Completer | None:
    match field.kind:
        case "choice":
            return lambda ctx, param, incomplete: [
                CompletionItem(str(choice), help=field.labels.get(str(choice)))
                for choice in field.choices
                if str(choice).startswith(incomplete)
            ]
        case "media":
            return lambda ctx, param, incomplete: [CompletionItem(incomplete, type="file")]
        case "text" | "integer" | "number" | "boolean" | "objects" | "object":
            return None
        case unexpected:
            assert_never(unexpected)
