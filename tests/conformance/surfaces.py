"""The surfaces: everything that takes a request and says whether it is right. Each gives its verdict in one form."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import shlex
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple, cast

import httpx
import jsonschema_rs
from jsonschema import Draft202012Validator

from modelstream import InvalidRequest, ModelStream, Request
from modelstream.mock import MockTransport
from modelstream_runtime.agents.arguments import as_arguments
from modelstream_runtime.agents.limits import Limits
from modelstream_runtime.agents.results import shortened
from modelstream_runtime.agents.service import Service
from modelstream_runtime.agents.shop import Shop
from modelstream_runtime.agents.tools import tools_of
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli import run
from modelstream_runtime.mock.messages import Request as Exchange
from tests.conformance.blame import Error, Place, Schema, places
from tests.conformance.cases import Case
from tests.conformance.samples import UNKNOWN_MODEL

KEY = "sk-conformance"
_PARAM = re.compile(r"(?:\d+ problems: )?(?P<path>.+?)(?: \(form field (?P<field>.+?)\))?: ", re.DOTALL)


class Verdict(NamedTuple):
    """What a surface says: accepted, or refused and who is to blame."""

    accepted: bool
    places: frozenset[Place] = frozenset()

    def __str__(self) -> str:
        if self.accepted:
            return "accepted"
        shown = sorted(f"{p.field or '?'}" + (f" at {p.path}" if p.path else "") for p in self.places)
        return f"refused: {', '.join(shown) or 'without a place'}"


class Surface(NamedTuple):
    """One way to hand in a request.

    Attributes:
        name: for people.
        takes: ``form`` or ``body``.
        judge: the verdict on the form or the body of a catalog's model.
    """

    name: str
    takes: str
    judge: Callable[[Catalog, str, Any], Verdict | None]

    def verdict(self, case: Case) -> Verdict | None:
        """What it says of a case; ``None`` if the case has nothing of what the surface takes."""
        given = case.values if self.takes == "form" else case.body
        return None if given is None else self.judge(case.catalog, case.model, given)


def request_class(catalog: Catalog, model: str) -> type[Request]:
    """The request class of a model, or the generic one."""
    return catalog.request_class(model if model in catalog.models else UNKNOWN_MODEL)


def _by_keyword(catalog: Catalog, model: str, values: Mapping[str, Any]) -> Verdict:
    return _made(partial(request_class(catalog, model), **values))


def _from_payload(catalog: Catalog, model: str, body: Mapping[str, Any]) -> Verdict:
    return _made(partial(request_class(catalog, model).from_payload, body))


def _made(make: Callable[[], object]) -> Verdict:
    try:
        make()
    except InvalidRequest as refused:
        return Verdict(False, frozenset(Place(p.field or None, p.path or None) for p in refused.problems))
    return Verdict(True)


def _by_jsonschema(kind: str, catalog: Catalog, model: str, instance: Any) -> Verdict:
    return _validated(kind, catalog, model, instance, _jsonschema_errors)


def _by_jsonschema_rs(kind: str, catalog: Catalog, model: str, instance: Any) -> Verdict:
    return _validated(kind, catalog, model, instance, _jsonschema_rs_errors)


_Errors = Callable[[Schema, Any], Iterator[Error]]


def _validated(kind: str, catalog: Catalog, model: str, instance: Any, errors: _Errors) -> Verdict:
    found = places(_schema(kind, catalog, model), instance, errors)
    if kind == "form":
        # A form has no wire: what is a path there is the name of the field.
        found = frozenset(Place(place.path or place.field, None) for place in found)
    return Verdict(not found, found)


@lru_cache(maxsize=64)
def _schema(kind: str, catalog: Catalog, model: str) -> Schema:
    return catalog.schemas.form(model) if kind == "form" else catalog.schemas.wire(model)


def _jsonschema_errors(schema: Schema, instance: Any) -> Iterator[Error]:
    for error in Draft202012Validator(schema).iter_errors(instance):
        yield Error(tuple(error.absolute_path), tuple(error.absolute_schema_path))


def _jsonschema_rs_errors(schema: Schema, instance: Any) -> Iterator[Error]:
    for error in jsonschema_rs.Draft202012Validator(cast(Any, schema)).iter_errors(instance):
        yield Error(tuple(error.instance_path), tuple(error.schema_path))


def _by_mock(catalog: Catalog, model: str, body: Mapping[str, Any]) -> Verdict:
    gateway = catalog.mock(any_model=model == "generic")
    headers = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
    response = gateway.handle(
        Exchange(method="POST", path="/v1/video/generations", headers=headers, body=json.dumps(body).encode())
    )
    if gateway.journal.bought:
        return Verdict(True)
    answer = json.loads(response.body)
    error = answer.get("error", answer)
    told = _PARAM.match(error["message"]) if error.get("param") else None
    named = told["field"] if told else None
    return Verdict(False, frozenset({Place(named or error["param"], error["param"])} if error.get("param") else ()))


def _by_command(catalog: Catalog, model: str, values: Mapping[str, Any]) -> Verdict:
    event = command_event(catalog, model, values)
    if event["event"] == "dry_run":
        return Verdict(True)
    blamed = (Place(problem["field"], problem["path"]) for problem in event["problems"])
    return Verdict(False, frozenset(place for place in blamed if place.field))


def command_event(catalog: Catalog, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What ``modelstream generate MODEL --params FILE --dry-run --json`` prints last."""
    with tempfile.TemporaryDirectory() as folder:
        params = Path(folder, "params.json")
        params.write_text(json.dumps(values), encoding="utf-8")
        words = ["generate", _id(catalog, model, values), "--params", str(params), "--dry-run", "--json"]
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()):
            run(catalog, words)
    event: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return event


def _id(catalog: Catalog, model: str, values: Mapping[str, Any]) -> str:
    """The word that names the model in a command."""
    given = values.get("model")
    return model if model in catalog.models else given if isinstance(given, str) and given else UNKNOWN_MODEL


def _by_tool(catalog: Catalog, model: str, values: Mapping[str, Any]) -> Verdict | None:
    """What an agent is told. It gets no model that nobody could check."""
    if model not in catalog.models:
        return None
    content = checked_by_tool(catalog, model, values)
    if content["valid"]:
        return Verdict(True)
    problems = (Place(problem["field"], problem.get("path")) for problem in content["problems"])
    return Verdict(False, frozenset(problems))


def checked_by_tool(catalog: Catalog, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The content of the result of ``check_video``."""

    def no_client() -> Any:
        raise AssertionError("a check asks nobody")

    service = Service(Shop(catalog, catalog.gateway.base_url, no_client), tools_of(catalog), Limits(0))
    arguments = {"model": model, **as_arguments(catalog.schemas.form(model), values)}
    return asyncio.run(service.call("check_video", arguments)).content


SURFACES = (
    Surface("keyword", "form", _by_keyword),
    Surface("form: jsonschema", "form", partial(_by_jsonschema, "form")),
    Surface("form: jsonschema-rs", "form", partial(_by_jsonschema_rs, "form")),
    Surface("--params --dry-run", "form", _by_command),
    Surface("check_video", "form", _by_tool),
    Surface("from_payload", "body", _from_payload),
    Surface("wire: jsonschema", "body", partial(_by_jsonschema, "wire")),
    Surface("wire: jsonschema-rs", "body", partial(_by_jsonschema_rs, "wire")),
    Surface("mock", "body", _by_mock),
)


def payloads(catalog: Catalog, model: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a valid request as each surface shows it that can."""
    request = request_class(catalog, model)(**values)
    body = request.to_payload()
    curl = shlex.split(request.to_curl().replace("\\\n", ""))
    return {
        "to_payload": body,
        "from_payload": type(request).from_payload(body).to_payload(),
        "to_curl": json.loads(curl[curl.index("-d") + 1]),
        "what the mock received": _received(catalog, request),
        "--dry-run": command_event(catalog, model, values)["payload"],
        **({"check_video": _checked(catalog, model, values, body)} if model in catalog.models else {}),
    }


def _checked(catalog: Catalog, model: str, values: Mapping[str, Any], body: Mapping[str, Any]) -> Any:
    """The body in the result of a tool, in which the media of a long one are shortened."""
    shown = checked_by_tool(catalog, model, values)["body"]
    return body if shown == shortened(body) else shown


def _received(catalog: Catalog, request: Request) -> Any:
    gateway = catalog.mock(any_model=True)
    http = httpx.Client(transport=MockTransport(gateway))
    with http, ModelStream(api_key=KEY, http_client=http) as client:
        client.submit(request)
    return gateway.journal[-1].body
