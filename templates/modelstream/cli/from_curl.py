"""``modelstream from-curl``: a documented curl command as a checked request, in Python or as a command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from modelstream.cli.curl_text import CurlCall, read_curl
from modelstream.cli.exits import WRONG_CALL, Stop, Wrong
from modelstream.cli.form import form_of, request_class
from modelstream.cli.generate import SHARED_NAMES
from modelstream.cli.output import Output
from modelstream.cli.settings import TALK, add, listen
from modelstream.cli.values import Refused, read_file
from modelstream.cli.words import did_you_mean, shell_word
from modelstream.errors import InvalidRequest
from modelstream.models import MODELS

if TYPE_CHECKING:
    from modelstream import Request
    from modelstream.cli.form import FormField

_LONGEST_ARGUMENT = 100_000
"""Bytes; Linux takes 128 kB for one argument."""


@add(*TALK)
@click.command("from-curl", short_help="Check a curl command and turn it into Python or a command line.")
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
    """Read a curl command from FILE or from standard input, check what it would send, and write the same request as
    Python source or as a command line. A JSON body alone is read, too. Nothing is sent. If something is wrong, all of
    it is listed, and the exit status is 2."""
    listen(output, options)
    if file == "-" and sys.stdin.isatty():
        output.talk("Paste the curl command and press Ctrl-D in a new line.")
    try:
        call = read_curl(read_file(file))
    except Refused as refused:
        raise Stop(WRONG_CALL, str(refused), kind="UnreadableCurl") from None
    request = _request(call, output)
    if call.base_url and form == "python":
        output.warn(f"the command is for another gateway; give the client base_url={call.base_url!r}")
    source = _command_line(request, call) if form == "cli" else _python(request)
    output.event("request", model=call.body["model"], payload=request.to_payload(), source=source)
    output.result(source)


def _request(call: CurlCall, output: Output) -> Request:
    body = call.body
    if not isinstance(body, dict):
        raise Stop(WRONG_CALL, "the body is no JSON object", kind="UnreadableCurl")
    model = body.get("model")
    if not isinstance(model, str) or not model:
        message = "the body names no model" if "model" not in body else f"{model!r} is no model id"
        raise Stop(WRONG_CALL, message, kind="InvalidRequest", wrongs=[Wrong("model", "is required", path="model")])
    near = "" if model in MODELS else did_you_mean(model, MODELS)
    if near:
        output.warn(f"{model!r} is not known here, so that only the common fields are checked{near}")
    try:
        return request_class(model).from_payload(body)
    except InvalidRequest as error:
        wrongs = [Wrong(p.path or p.field, p.message, p.field, p.path) for p in error.problems]
        message = f"{len(wrongs)} problem{'s' if len(wrongs) != 1 else ''} in a {model} request"
        raise Stop(WRONG_CALL, message, kind="InvalidRequest", wrongs=wrongs) from None


def _chosen(request: Request) -> Iterator[tuple[str, Any]]:
    """The fields that differ from what leaving them out would give."""
    for name, field in type(request).model_fields.items():
        value = getattr(request, name)
        if field.is_required() or value != field.default:
            yield name, value


# As Python.


def _python(request: Request) -> str:
    values = dict(_chosen(request))
    lines = [f"    {name}={_literal(value)}," for name, value in values.items()]
    names = ", ".join(sorted({type(request).__name__, *_classes(values)}))
    call = [f"request = {type(request).__name__}(", *lines, ")"]
    return "\n".join([f"from modelstream import {names}", "", *call])


def _classes(values: Mapping[str, Any]) -> Iterator[str]:
    from modelstream.request import Item

    for value in values.values():
        if isinstance(value, tuple):
            yield from (type(item).__name__ for item in value if isinstance(item, Item))


def _literal(value: Any) -> str:
    from modelstream.request import Item

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


def _command_line(request: Request, call: CurlCall) -> str:
    model = call.body["model"]
    form = form_of(model, taken=SHARED_NAMES)
    fields = {field.name: field for field in form.fields}
    words = [f"modelstream generate {_word(model)}"]
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
