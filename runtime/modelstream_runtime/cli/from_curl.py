"""``from-curl``: a documented curl command as a checked request, in Python or as a command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.curl_text import CurlCall, read_curl
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.form import form_of
from modelstream_runtime.cli.generate import shared_names
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import TALK, add, listen
from modelstream_runtime.cli.words import shell_word
from modelstream_runtime.documents import Refused, read_file
from modelstream_runtime.errors import InvalidRequest

if TYPE_CHECKING:
    from modelstream_runtime.cli.form import FormField
    from modelstream_runtime.request import Request

_LONGEST_ARGUMENT = 100_000
"""Bytes; Linux takes 128 kB for one argument."""


_HELP = """Read a curl command from FILE or from standard input, check what it would send, and write the same request as
    Python source or as a command line. A JSON body alone is read, too. Nothing is sent. If something is wrong, all of
    it is listed, and the exit status is 2."""


def from_curl_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @add(*TALK)
    @click.command(
        "from-curl", short_help="Check a curl command and turn it into Python or a command line.", help=_HELP
    )
    @click.argument("file", default="-", type=click.Path(), required=False, metavar="[FILE]")
    @click.option(
        "--as",
        "form",
        type=click.Choice(["python", "cli"]),
        default="python",
        show_default=True,
        help="Write Python source, or a command line of this program.",
    )
    @click.pass_obj
    def from_curl(output: Output, /, file: str, form: str, **options: Any) -> None:
        listen(output, options)
        if file == "-" and sys.stdin.isatty():
            output.talk("Paste the curl command and press Ctrl-D in a new line.")
        try:
            call = read_curl(read_file(file), catalog.gateway)
        except Refused as refused:
            raise Stop(WRONG_CALL, str(refused), kind="UnreadableCurl") from None
        request = _request(call, catalog, output)
        if call.base_url and form == "python":
            output.warn(f"the command is for another gateway; give the client base_url={call.base_url!r}")
        source = _command_line(request, call, catalog) if form == "cli" else _python(request, catalog)
        output.event("request", model=call.body["model"], payload=request.to_payload(), source=source)
        output.result(source)

    return from_curl


def _request(call: CurlCall, catalog: Catalog, output: Output) -> Request:
    body = call.body
    if not isinstance(body, dict):
        raise Stop(WRONG_CALL, "the body is no JSON object", kind="UnreadableCurl")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        message = "the body names no model" if "model" not in body else f"{model!r} is no model id"
        raise Stop(
            WRONG_CALL, message, kind="InvalidRequest", problems=[UsageProblem("model", "is required", path="model")]
        )
    near = "" if model in catalog.models else did_you_mean(model, catalog.models)
    if near:
        output.warn(f"{model!r} is not known here, so that only the common fields are checked{near}")
    try:
        return catalog.request_class(model).from_payload(body)
    except InvalidRequest as error:
        problems = [UsageProblem(p.path or p.field, p.message, p.field, p.path) for p in error.problems]
        message = f"{len(problems)} problem{'s' if len(problems) != 1 else ''} in a {model} request"
        raise Stop(WRONG_CALL, message, kind="InvalidRequest", problems=problems) from None


def _chosen(request: Request) -> Iterator[tuple[str, Any]]:
    """The fields that differ from what leaving them out would give."""
    for name, field in type(request).model_fields.items():
        value = getattr(request, name)
        if field.is_required() or value != field.default:
            yield name, value


# As Python.


def _python(request: Request, catalog: Catalog) -> str:
    values = dict(_chosen(request))
    lines = [f"    {name}={_literal(value)}," for name, value in values.items()]
    names = ", ".join(sorted({type(request).__name__, *_classes(values)}))
    call = [f"request = {type(request).__name__}(", *lines, ")"]
    return "\n".join([f"from {catalog.package} import {names}", "", *call])


def _classes(values: Mapping[str, Any]) -> Iterator[str]:
    from modelstream_runtime.request import Item

    for value in values.values():
        if isinstance(value, tuple):
            yield from (type(item).__name__ for item in value if isinstance(item, Item))


def _literal(value: Any) -> str:
    from modelstream_runtime.request import Item

    match value:
        case str():
            text = repr(value)
            return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
        case Item():
            parts = [f"{name}={_literal(getattr(value, name))}" for name in type(value).model_fields]
            return f"{type(value).__name__}({', '.join(parts)})"
        case Mapping():
            return "{" + ", ".join(f"{_literal(key)}: {_literal(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_literal, value)) + "]"
        case _:
            return repr(value)


# As a command line.


def _command_line(request: Request, call: CurlCall, catalog: Catalog) -> str:
    model = call.body["model"]
    form = form_of(catalog, model, taken=shared_names(catalog))
    fields = {field.name: field for field in form.fields}
    words = [f"{catalog.package} generate {_word(model)}"]
    words += [f"--base-url {_word(call.base_url)}"] if call.base_url else []
    for name, value in _chosen(request):
        if name in fields:  # The model's id is no option.
            words += _arguments(fields[name], value)
    return " \\\n  ".join(words)


def _arguments(field: FormField, value: Any) -> Iterator[str]:
    if value is None:
        yield f"--omit {field.name}"
    elif isinstance(value, bool):
        yield field.option if value else f"--no-{field.option[2:]}"
    elif field.kind == "objects":
        yield f"{field.option} {_word(_json([item.model_dump() for item in value]))}"
    elif field.kind == "object":
        yield f"{field.option} {_word(_json(value))}"
    else:
        for one in value if isinstance(value, tuple) else (value,):
            text = str(one)
            yield f"{field.option} {_word(f'@{text}' if field.kind == 'text' and text.startswith('@') else text)}"


def _word(text: str) -> str:
    if "\0" in text:
        raise Stop(WRONG_CALL, "a value holds a character that no command line can; use --as python", kind="Unwritable")
    if len(text.encode("utf-8", "surrogatepass")) > _LONGEST_ARGUMENT:
        raise Stop(WRONG_CALL, "a value is too long for a command line; use --as python", kind="Unwritable")
    return shell_word(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
