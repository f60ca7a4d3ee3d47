"""One request in the languages of its users: Python, a command line, JSON, and curl."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from generator.emit.body import Values, body_of
from generator.emit.literals import literal
from generator.ir import Gateway, Model, Switch, Text
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.curl import curl_command
from modelstream_runtime.option_names import no_option, options_of
from modelstream_runtime.shell import shell_word


def as_python(model: Model, values: Values) -> str:
    """Source that makes the request."""
    arguments = [f"    {name}={literal(value)}," for name, value in values.items()]
    return "\n".join(
        [f"from {PACKAGE} import {model.class_name}", "", f"request = {model.class_name}(", *arguments, ")"]
    )


def as_command_line(model: Model, values: Values) -> str | None:
    """The command that submits the request; ``None`` if no command line can hold a value."""
    options = options_of({f.name: isinstance(f, Switch) for f in model.fields if model.id or f.name != "model"})
    lines: list[tuple[str, ...]] = [(PACKAGE, "generate", model.id or values["model"])]
    for name, option in options.items():
        if name in values:
            lines += _words(model, name, option, values[name])
    if any("\0" in word for line in lines for word in line):
        return None
    return " \\\n  ".join(" ".join(map(shell_word, line)) for line in lines)


def as_json(model: Model, values: Values) -> str:
    """The body of the request."""
    body = json.dumps(body_of(model, values), indent=2, ensure_ascii=False)
    return re.sub(r"[^ \n]", lambda found: c if (c := found[0]).isprintable() else json.dumps(c)[1:-1], body)


def as_curl(model: Model, values: Values, gateway: Gateway) -> str:
    """The documentation's curl command, as ``to_curl()`` gives it."""
    return curl_command(body_of(model, values), url=gateway.base_url + gateway.endpoints["submit"], api_key="<token>")


def _words(model: Model, name: str, option: str, value: Any) -> Iterator[tuple[str, ...]]:
    """The options for a field's value, each with its argument."""
    match value:
        case None:
            yield "--omit", name
        case bool():
            yield (option if value else no_option(option),)
        case dict() | [dict(), *_]:
            yield option, json.dumps(value, ensure_ascii=False)
        case list():
            yield from ((option, str(item)) for item in value)
        case str() if isinstance(model.field(name), Text) and value.startswith("@"):
            yield option, f"@{value}"  # A single one stands before the name of a file.
        case _:
            yield option, str(value)
