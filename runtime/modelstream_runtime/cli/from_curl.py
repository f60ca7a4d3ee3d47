"""``from-curl``: a documented curl command as a checked request, in Python or as a command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, assert_never

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.options import generate_form
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import OUTPUT_OPTIONS, add_options, configure
from modelstream_runtime.cli.text import counted, shell_word
from modelstream_runtime.curl import MAX_ARGUMENT
from modelstream_runtime.curl_text import CurlCall, read_curl
from modelstream_runtime.documents import UnreadableValue, read_file
from modelstream_runtime.errors import InvalidRequest

if TYPE_CHECKING:
    from modelstream_runtime.form import FormField
    from modelstream_runtime.request import Request

_HELP = """Read a curl command from FILE or from standard input, check what it would send, and print the same request as
Python source or as a command line. FILE may also hold the JSON body alone. The command sends nothing. If something is
wrong, it lists all problems, and the exit status is 2."""


def from_curl_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @add_options(*OUTPUT_OPTIONS)
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
        help="Print Python source, or a command line of this program.",
    )
    @click.pass_obj
    def from_curl(output: Output, /, file: str, form: str, **options: Any) -> None:
        configure(output, options)
        if file == "-" and sys.stdin.isatty():
            output.inform("Paste the curl command and press Ctrl-D on a new line.")
        try:
            call = read_curl(read_file(file), catalog.gateway)
        except UnreadableValue as error:
            raise Stop(WRONG_CALL, str(error), kind="UnreadableCurl") from None
        request = _request(call, catalog, output)
        if call.base_url and form == "python":
            output.warn(f"the command is for another gateway: pass base_url={call.base_url!r} to the client")
        source = _command_line(request, call, catalog) if form == "cli" else _python(request, catalog)
        output.event("request", model=call.body["model"], payload=request.to_payload(), source=source)
        output.result(source)

    return from_curl


def _request(call: CurlCall, catalog: Catalog, output: Output) -> Request:
    body = call.body
    if not isinstance(body, dict):
        raise Stop(WRONG_CALL, "the body is not a JSON object", kind="UnreadableCurl")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        message = "the body names no model" if "model" not in body else f"{model!r} is not a model id"
        raise Stop(
            WRONG_CALL, message, kind="InvalidRequest", problems=[UsageProblem("model", "is required", path="model")]
        )
    similar = catalog.similar_model(model)
    if similar:
        message = f"there is no request class for {model!r}, so only the common fields are checked"
        output.warn(f"{message}; did you mean {similar!r}?")
    try:
        return catalog.request_class(model).from_payload(body)
    except InvalidRequest as error:
        problems = [UsageProblem(p.path or p.field, p.message, p.field, p.path) for p in error.problems]
        message = f"{counted(len(problems), 'problem')} in a {model} request"
        raise Stop(WRONG_CALL, message, kind="InvalidRequest", problems=problems) from None


def _chosen(request: Request) -> Iterator[tuple[str, Any]]:
    """The fields whose values differ from their defaults."""
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
    fields = {field.name: field for field in generate_form(catalog, model).fields}
    words = [f"{catalog.package} generate {_word(model)}"]
    words += [f"--base-url {_word(call.base_url)}"] if call.base_url else []
    for name, value in _chosen(request):
        if name in fields:  # The model id is an argument and no option.
            words += _arguments(fields[name], value)
    return " \\\n  ".join(words)


def _arguments(field: FormField, value: Any) -> Iterator[str]:
    if value is None:
        yield f"--omit {field.name}"
        return
    match field.kind:
        case "boolean":
            yield field.option if value else f"--no-{field.option[2:]}"
        case "objects":
            yield f"{field.option} {_word(_json([item.model_dump() for item in value]))}"
        case "object":
            yield f"{field.option} {_word(_json(value))}"
        case "text":
            yield f"{field.option} {_word(f'@{value}' if value.startswith('@') else value)}"
        case "integer" | "number" | "choice" | "media":
            for item in value if isinstance(value, tuple) else (value,):
                yield f"{field.option} {_word(str(item))}"
        case unexpected:
            assert_never(unexpected)


def _word(text: str) -> str:
    if "\0" in text:
        raise Stop(
            WRONG_CALL, "a value holds a character that a command line cannot hold; use --as python", kind="Unwritable"
        )
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ARGUMENT:
        raise Stop(WRONG_CALL, "a value is too long for a command line; use --as python", kind="Unwritable")
    return shell_word(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
