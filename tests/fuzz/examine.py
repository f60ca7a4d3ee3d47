"""What must be true of every schema file: it is refused, each reason with its place, or what is made of it is right."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
import shlex
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

from generator.diagnostics import Problem, ProblemsFound, report
from generator.emit.body import body_of
from generator.ir import Choice, Field, Model, Number, ObjectList, Package
from modelstream import InvalidRequest, ModelStreamWarning, Request
from modelstream_runtime.mock.strict import StrictValidator
from tests.conformance.assertions import assert_agreed
from tests.conformance.cases import all_cases_of, is_forbidden
from tests.conformance.made_up import catalog_of
from tests.fuzz.candidates import Candidate
from tests.fuzz.neutral import neutral, shape
from tests.fuzz.texts import texts_in
from tests.fuzz.workshop import ROOT, Made, Workshop, imported

KNOWN_CODES = {path.name.partition(".")[0] for path in (ROOT / "tests" / "errors").iterdir()}
"""What a problem may be called; each has an example among the errors."""

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


def examine(candidate: Candidate, workshop: Workshop, seen: Counter[str]) -> Package | ProblemsFound:
    """Try a schema file in every way, and count the cases; return what became of it."""
    path = workshop.write(candidate.stem, candidate.text)
    try:
        package = workshop.package()
    except ProblemsFound as found:
        assert_located(found, candidate.text, path.name)
        return found
    made = workshop.make(package)
    twin = workshop.make(dataclasses.replace(package, models=(neutral(made.model),)))
    assert shape(made.source) == shape(twin.source), "a text changes what the module does"
    assert_printable(made.source)
    assert_documented(made)
    assert_in_json_schemas(made)
    with imported(made) as module:
        cls = getattr(module, made.model.class_name)
        assert_exact(made.model, cls, module)
        wire = StrictValidator(json.loads(made.files[f"modelstream/schemas/{made.model.module}.wire.json"]))
        for example in made.model.examples:
            assert_travels(made.model, cls, wire, example.values, must=True)
        for values in candidate.values:
            assert_travels(made.model, cls, wire, values, must=False)
    catalog = catalog_of(made)
    for case in all_cases_of(made.model):
        if is_forbidden(made.model, case):
            seen["cases that the rules forbid"] += 1
        else:
            seen["cases on all surfaces"] += 1
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ModelStreamWarning)
                assert_agreed(dataclasses.replace(case, catalog=catalog))
    return package


def assert_located(found: ProblemsFound, text: str, file: str) -> None:
    """Every problem has a name that is known, and a place inside the file; and all of them can be printed."""
    assert found.problems
    lines = _LINE_BREAK.split(text.removeprefix("\ufeff"))
    for problem in found.problems:
        _assert_inside(problem, lines, file)
    told = report(found, "text")
    assert told.replace("\n", "").isprintable()
    assert len(json.loads(report(found, "json"))) == len(found.problems)
    assert len(report(found, "github").split("\n")) == len(found.problems)


def _assert_inside(problem: Problem, lines: list[str], file: str) -> None:
    assert problem.code in KNOWN_CODES, problem
    assert problem.file.rpartition("/")[2] == file, problem
    assert 1 <= problem.span.line <= len(lines), problem
    length = len(lines[problem.span.line - 1])
    assert 1 <= problem.span.column <= length + 1, problem
    assert 1 <= problem.span.length <= max(1, length - problem.span.column + 2), problem


def assert_printable(source: str) -> None:
    """Nothing in the module hides itself or moves what stands beside it."""
    assert [c for c in source if not c.isprintable() and c != "\n"] == []


def assert_documented(made: Made) -> None:
    """The documentation has the words of every text, in the class or at the field."""
    strings = [node.value for node in ast.walk(ast.parse(made.source)) if isinstance(node, ast.Expr)]
    told = words("\n".join(str(node.value) for node in strings if isinstance(node, ast.Constant)))
    model = made.model
    for text in (model.title, model.vendor, model.summary.rstrip(". "), model.notes or "", model.page):
        assert words(text) in told, text
    for mode in model.modes:
        assert words(f"- {mode.name}: ") in told, mode.name
        assert words(mode.doc) in told, mode.doc
    for field in every_field(model):
        assert words(field.doc) in told, field.doc
        for note in field.notes:
            assert words(note.rstrip(". ")) in told, note
        labels = [option.label for option in options_of(field)]
        for label in labels:
            assert words(label or "") in told, label


def assert_in_json_schemas(made: Made) -> None:
    """The schema of the form carries options and defaults as they are, that of the wire also what is always sent."""
    for kind in ("form", "wire"):
        schema = json.loads(made.files[f"modelstream/schemas/{made.model.module}.{kind}.json"])
        StrictValidator.check_schema(schema)
        carried = set(texts_in(schema))
        missing = {option.value for field in every_field(made.model) for option in options_of(field)} - carried
        assert not missing, f"not in the {kind} schema"
    missing = {value for field in made.model.fields for value in constants_of(field)} - carried
    assert not missing, "not in the wire schema"


def assert_exact(model: Model, cls: type[Request], module: Any) -> None:
    """The classes have the fields, options, defaults and reasons of the schema."""
    assert cls._model_id == model.id
    assert [rule.because for rule in cls._rules] == [rule.because for rule in model.rules]
    assert_fields_exact(model.fields, cls)
    for entry in model.lists:
        assert_fields_exact(entry.fields, getattr(module, entry.class_name))


def assert_fields_exact(fields: tuple[Field, ...], cls: Any) -> None:
    """The class has these fields, in this order, with these options and defaults."""
    assert list(cls.model_fields) == [field.name for field in fields]
    for field in fields:
        made = cls.model_fields[field.name]
        assert made.is_required() == field.required
        assert field.required or (made.default, type(made.default)) == (field.default, type(field.default))
        # Not in this order: typing gives one Literal for two that differ in order only, here those of other schemas.
        assert set(literals(made.annotation)) == {option.value for option in options_of(field)}


def assert_travels(model: Model, cls: type[Request], wire: Any, values: Any, *, must: bool) -> None:
    """What the class accepts is sent as documented, is valid by the wire's schema, and can be read back."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelStreamWarning)
        try:
            request = cls(**values)
        except InvalidRequest:
            if must:
                raise  # The checker took it for a valid one.
            return
    payload = request.to_payload()
    assert payload == body_of(model, values)
    assert [error.message for error in wire.iter_errors(payload)] == []
    assert cls.from_payload(json.loads(json.dumps(payload))) == request
    assert json.loads(shlex.split(request.to_curl())[-1]) == payload


def every_field(model: Model) -> Iterator[Field]:
    """The fields of a model and those of its lists' items."""
    for field in model.fields:
        yield field
        if isinstance(field, ObjectList):
            yield from field.fields


def options_of(field: Field) -> Any:
    """The options of a choice and the special values of a number; nothing for any other field."""
    return field.options if isinstance(field, Choice) else field.special if isinstance(field, Number) else ()


def constants_of(field: Field) -> Iterator[Any]:
    """What is always sent along with a field's values."""
    yield from field.item.constants.values() if field.item else ()


def literals(annotation: Any) -> list[Any]:
    """The values in an annotation's `Literal`."""
    inner = get_args(annotation)
    return [value for part in inner for value in (literals(part) if get_args(part) else [part]) if not _is_type(value)]


def _is_type(value: Any) -> bool:
    return not isinstance(value, (str, int))


def words(text: str) -> str:
    """The text with every break and every gap made one space."""
    return " ".join(text.split())
