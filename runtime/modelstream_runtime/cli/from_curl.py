"""``from-curl``: a documented curl command as a checked request, in Python or as a command line."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import OUTPUT_OPTIONS, add_options, configure
from modelstream_runtime.cli.text import counted
from modelstream_runtime.curl_text import CurlCall, read_curl
from modelstream_runtime.documents import UnreadableValue, read_file
from modelstream_runtime.errors import InvalidRequest

if TYPE_CHECKING:
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
        source = _written(request, call, form, catalog)
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


def _written(request: Request, call: CurlCall, form: str, catalog: Catalog) -> str:
    from modelstream_runtime.written import Unwritable, as_command, as_python  # With pydantic, which help never needs.

    if form == "python":
        return as_python(request, catalog)
    try:
        return as_command(request, catalog, base_url=call.base_url)
    except Unwritable as error:
        raise Stop(WRONG_CALL, f"{error}; use --as python", kind="Unwritable") from None
