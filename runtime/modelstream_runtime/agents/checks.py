"""Whether the arguments of a call are those that its tool takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.agents.tools import Schema, Tool
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.limits import bounds


def checked(tool: Tool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with the defaults of those that are missing or ``null``.

    What is inside objects and lists is left to those who know what belongs there.

    Raises:
        InvalidRequest: an argument is unknown, missing, of another type, or out of range. It has all problems.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    problems = [
        Problem(name, f"no such argument{_hint(tool, name)}", value=arguments[name])
        for name in arguments
        if name not in tool.parameters
    ]
    problems += [Problem(name, "is required") for name in tool.required if name not in given]
    for name, schema in tool.parameters.items():
        if name not in given:
            given[name] = schema.get("default")
        elif message := _wrong(given[name], schema):
            problems.append(Problem(name, message, value=given[name]))
    if problems:
        raise InvalidRequest(tool.name, problems, subject=f"call of {tool.name}")
    return given


def _wrong(value: Any, schema: Schema) -> str:
    match schema["type"]:
        case "string" if not isinstance(value, str):
            return f"{shown(value)} is not a string"
        case "integer":
            least, most = schema.get("minimum"), schema.get("maximum")
            if not isinstance(value, int) or isinstance(value, bool):
                return f"{shown(value)} is not an integer ({bounds(least, most)})"
            if (least is not None and value < least) or (most is not None and value > most):
                return f"{shown(value)} is out of range ({bounds(least, most)})"
    return ""


def _hint(tool: Tool, name: str) -> str:
    # Language models like to put the fields of a model beside ``params``.
    return (
        "; fields of the model go into params" if "params" in tool.parameters else did_you_mean(name, tool.parameters)
    )
