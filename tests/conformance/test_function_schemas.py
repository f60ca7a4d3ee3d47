"""The strict function schemas: they refuse no valid call, and what they refuse, Python refuses as well.

A strict host lets its language model write nothing that the schema refuses. A schema that is too narrow would keep a
valid video from being made; one that is narrower than Python would hide that the two disagree.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from modelstream import InvalidRequest
from modelstream.catalog import CATALOG
from modelstream_runtime.agents.arguments import as_arguments, read_given
from modelstream_runtime.agents.files import Files
from modelstream_runtime.agents.formats import all_required, closed
from modelstream_runtime.agents.lowering import Schema
from modelstream_runtime.agents.requests import order_from
from modelstream_runtime.agents.tools import typed_tools
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.form import kind_of
from tests.conformance.agreement import agrees
from tests.conformance.blame import Place
from tests.conformance.cases import Case, cases, cases_of
from tests.conformance.made_up import MADE_UP, made_up
from tests.conformance.samples import is_json
from tests.conformance.surfaces import Surface, Verdict

# What a model ignores is allowed, and warned of.
pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

of_each = pytest.mark.parametrize("model", list(dict.fromkeys([*CATALOG.models, *MADE_UP])))


def _catalog(model: str) -> Catalog:
    return CATALOG if model in CATALOG.models else made_up(model)[1]


@cache
def _cases(model: str) -> list[Case]:
    """The cases of a model that a form can have, and a language model can write."""
    asked = cases() if model in CATALOG.models else cases_of(*made_up(model))
    return [case for case in asked if case.model == model and case.values is not None and is_json(case.values)]


@cache
def _schema(catalog: Catalog, model: str, lower: Callable[[Schema], dict[str, Any]]) -> dict[str, Any]:
    (tool,) = typed_tools(catalog, [model])
    return lower(tool.input_schema)


def _call(case: Case) -> dict[str, Any]:
    """The case as a language model would call the tool of its model."""
    assert case.values is not None
    return as_arguments(case.catalog.schemas.form(case.model), case.values)


def _as_strict(case: Case, *, nulls: bool) -> dict[str, Any]:
    """The call as a strict schema has it: objects of any content as texts, and null for what is not given."""
    call, form = _call(case), case.catalog.schemas.form(case.model)
    params = dict(call["params"])
    for name, schema in form["properties"].items():
        if kind_of(schema) == "object" and isinstance(params.get(name), dict):
            params[name] = json.dumps(params[name])
        items = schema.get("items", {}).get("properties", {})
        if nulls and items and isinstance(params.get(name), list):
            params[name] = [dict.fromkeys(items) | each if isinstance(each, dict) else each for each in params[name]]
    if not nulls:
        return call | {"params": params}
    properties = _schema(case.catalog, case.model, all_required)["properties"]
    omit = {"omit": call.get("omit")} if "omit" in properties else {}
    return {"params": dict.fromkeys(form["properties"]) | params, "take": None, **omit}


def _by_call(case: Case, arguments: Mapping[str, Any]) -> tuple[Verdict, Any]:
    """What becomes of a call, and the body that it sends."""
    given = arguments["params"], arguments.get("omit")
    try:
        request = order_from(case.catalog, read_given(case.catalog, case.model, *given), Files(None)).request
    except InvalidRequest as refused:
        return Verdict(False, frozenset(Place(p.field or None, p.path or None) for p in refused.problems)), None
    return Verdict(True), request.to_payload()


CALLS = Surface("tool call", "form", lambda catalog, model, values: Verdict(True))


@of_each
def test_a_call_is_judged_and_sent_as_the_request_class_does(model: str) -> None:
    for case in _cases(model):
        for arguments in (_as_strict(case, nulls=False), _as_strict(case, nulls=True)):
            verdict, body = _by_call(case, arguments)
            assert agrees(CALLS, case, verdict), (case.name, arguments, verdict)
            assert not case.accepted or json.dumps(body) == json.dumps(case.body), (case.name, arguments)


@of_each
def test_schemas_refuse_nothing_valid_and_nothing_that_python_accepts(model: str) -> None:
    for lower in (all_required, closed, dict):  # For OpenAI, for Anthropic, and for hosts that are not strict.
        validator = Draft202012Validator(_schema(_catalog(model), model, lower))
        refused = 0
        for case in _cases(model):
            arguments = _call(case) if lower is dict else _as_strict(case, nulls=lower is all_required)
            if not validator.is_valid(arguments):
                errors = [error.message for error in validator.iter_errors(arguments)]
                assert not case.accepted, (case.name, arguments, errors)
                assert not _by_call(case, arguments)[0].accepted, (case.name, arguments, errors)
                refused += 1
        assert refused > 0, "a schema that refuses nothing says nothing"
