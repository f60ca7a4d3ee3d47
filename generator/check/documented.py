"""The documented requests: what their curl commands send, and the form values that give it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from generator.check.schema_view import SchemaView, item_fields
from generator.check.values import misfits
from generator.diagnostics import Problem, ProblemsFound, Span, display_path, shown, suggest
from generator.ir.fields import targets_of
from generator.ir.rules import Rule, assuming, gateway_defaults
from generator.kinds import traits_of
from generator.load import load, problem_at
from generator.sources import Sources
from modelstream_runtime.curl_text import documented_body
from modelstream_runtime.documents import UnreadableJson, UnreadableValue, parse_json
from modelstream_runtime.wire import Constant, Target, read_body


@dataclass(frozen=True, kw_only=True, slots=True)
class Documented:
    """A curl command of the documentation, as it stands in a golden."""

    name: str
    """Of the golden; that of the page is ``documented``."""
    file: str
    text: str
    body: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The command in a file.

        Raises:
            ProblemsFound: the file holds no curl command that sends a JSON object.
        """
        file, text = display_path(path), ""
        try:
            text = path.read_text(encoding="utf-8")
            written = documented_body(text)
        except (OSError, ValueError, UnreadableValue) as error:
            raise ProblemsFound([_bad(file, f"this is not a documented curl: {error}")]) from error
        try:
            body = parse_json(written)
        except UnreadableJson as error:
            span = _place_in(text, written, error.line, error.column)
            message = f"the body of the curl is not JSON: {error.reason}"
            raise ProblemsFound([problem_at(file, tuple(text.split("\n")), span, "bad-golden", message)]) from error
        except UnreadableValue as error:
            raise ProblemsFound([_bad(file, f"the body of the curl is not JSON: {error}")]) from error
        if not isinstance(body, dict):
            raise ProblemsFound([_bad(file, "the body of the curl is not a JSON object")])
        return cls(name=path.parent.name, file=file, text=text, body=body)

    def problem(self, key: str, message: str) -> Problem:
        """A problem with what stands behind the first such key."""
        lines = tuple(self.text.split("\n"))
        places = ((n, c) for n, line in enumerate(lines, start=1) if (c := line.find(f'"{key}"')) >= 0)
        spans = (Span(line=line, column=column + 1, length=len(key) + 2) for line, column in places)
        span = next(spans, Span())
        return problem_at(self.file, lines, span, "bad-golden", message)


def read_documented(sources: Sources, stem: str, problems: list[Problem]) -> list[Documented]:
    """The documented requests of a schema file that can be read; the others are problems."""
    found = []
    for path in sources.documented(stem):
        try:
            found.append(Documented.read(path))
        except ProblemsFound as unread:
            problems += unread.problems
    return found


def form_values(schema: SchemaView, documented: Documented) -> dict[str, Any]:
    """The form that gives a documented body, as a person would fill it in: without what is a default anyway."""
    values, _ = _read_back(schema, documented)
    defaults = {name: field["default"] for name, field in schema.fields.items() if "default" in field}
    return {
        name: value
        for name, value in ((name, values.get(name)) for name in schema.fields if name in values or name in defaults)
        if not (name in defaults and value == defaults[name] and type(value) is type(defaults[name]))
    }


def check_documented(schema: SchemaView, documented: Documented) -> Iterator[Problem]:
    """All parts of a documented body that the schema does not have, or that it refuses."""
    if not schema.whole:
        return
    if not schema.generic and documented.body.get("model") != schema.data["model"]:
        sent = shown(documented.body.get("model"))
        yield documented.problem("model", f"this curl is for the model {sent}, not {schema.data['model']}")
        return
    values, unread = _read_back(schema, documented)
    for place, message in unread:
        yield documented.problem(_last_key(place), f"{place}: {message}")
    for name, value in values.items():
        for misfit in misfits(schema.fields[name], value):
            key = (
                misfit.path[-1]
                if misfit.path and isinstance(misfit.path[-1], str)
                else _last_key(_target(schema, name))
            )
            yield documented.problem(key, f"{name}: {misfit.message}")
    for name, field in schema.fields.items():
        if field.get("required") and name not in values:
            yield documented.problem(_last_key(_target(schema, name)), f"this curl lacks the required field {name!r}")
    for index, rule in schema.rules:
        if Rule.parse(rule, gateway_defaults(schema.fields)).is_broken_by(values):
            line = schema.line_of("rules", index)
            yield documented.problem("model", f"this curl breaks the rule in line {line} of {schema.document.file}")


def check_goldens(schema: SchemaView, sources: Sources) -> Iterator[Problem]:
    """All mistakes in the form values of goldens, and values that the curl of a documented request says already."""
    own = {path.parent.name for path in sources.documented(schema.stem)}
    for index, example in schema.examples:
        if (name := example.get("name")) in own:
            message = (
                f"the golden {name!r} says this already: its form values are read from curl.txt; delete the example"
            )
            yield schema.problem("bad-example", message, "examples", index, "name")
    for path in sources.form_values(schema.stem):
        try:
            values = load(path)
        except ProblemsFound as unread:
            yield from unread.problems
            continue
        yield from values.problems
        if path.parent.name in own:
            message = "the values of a documented request are read from its curl.txt; delete this file"
            yield values.problem("bad-golden", message, ())
        elif not isinstance(values.data, dict):
            yield values.problem("bad-golden", "these are no form values; write FIELD: VALUE", ())
        else:
            for name in values.data:
                if schema.declared and name not in schema.declared:
                    hint = suggest(str(name), schema.declared, otherwise=schema.listing)
                    yield values.problem("bad-golden", f"no field {shown(name)}{hint}", (name,), key=True)


def _read_back(schema: SchemaView, documented: Documented) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The complete form, and place and reason of everything that no field reads."""
    body = documented.body if schema.generic else {k: v for k, v in documented.body.items() if k != "model"}
    targets = {name: _reader(name, field) for name, field in schema.fields.items()}
    taken = gateway_defaults(schema.fields)
    whens = ((each, assuming(taken, each.get("when"))) for _, each in schema.constants)
    constants = [Constant(each["target"], each["value"], when=when) for each, when in whens]
    values, problems, _, doubtful = read_body(body, targets, constants)
    problems += (each.problem for each in doubtful)
    for name, value in values.items():
        # One picture stands in a form as itself, whether or not there may be more.
        if traits_of(schema.fields[name]).is_media and isinstance(value, list) and len(value) == 1:
            values[name] = value[0]
        # What an item leaves out, it leaves out of the form as well.
        if schema.fields[name]["type"] == "list" and isinstance(value, list):
            values[name] = [{k: v for k, v in item.items() if v is not None} for item in value]
    return values, [(problem.path or problem.field, problem.message) for problem in problems]


def _reader(name: str, field: Mapping[str, Any]) -> Target:
    """What the runtime needs to read a field from a body."""
    inner = item_fields(dict(field))
    own = "value" if field.get("item") else name
    kinds = {"boolean": bool, "number": float, "integer": int, "enum": int}
    as_text = {n: kinds[data["type"]] for n, data in {own: field, **inner}.items() if data.get("wire") == "string"}
    path, *also = map(str, targets_of(field))
    return Target(
        path,
        also=tuple(also),
        item=field.get("item") or ({each: f"${each}" for each in inner} if inner else None),
        many="many" in field or bool(inner),
        as_text=as_text,
        lists=tuple(each for each, data in inner.items() if "many" in data),
        file=next((each for each, data in inner.items() if traits_of(data).is_media), "value"),
        attach_to=field.get("attach_to"),
    )


def _target(schema: SchemaView, name: str) -> str:
    return str(targets_of(schema.fields[name])[0])


def _last_key(path: str) -> str:
    return path.rpartition("[")[0].rpartition(".")[2] if path.endswith("]") else path.rpartition(".")[2]


def _place_in(text: str, written: str, line: int, column: int) -> Span:
    """A place in the body as a place in the command."""
    first = written.split("\n", 1)[0]
    lines = text[: text.find(f"'{first}") + 1].split("\n")
    return Span(line=len(lines) - 1 + line, column=column + (len(lines[-1]) if line == 1 else 0))


def _bad(file: str, message: str) -> Problem:
    return Problem(file=file, code="bad-golden", message=message)
