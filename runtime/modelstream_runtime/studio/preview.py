"""The only judge of the page, served and exported: what is wrong with a request, and what it looks like elsewhere.

The page hands in one text, which is one of these:

- the values of a form: ``{"form": "MODEL", "values": {...}}``. What is not among the values has its default, and
  ``null`` leaves a field out. The form ``generic`` takes any model.
- a JSON body, with ``model`` in it.
- a curl command. Nothing that it names is read.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from modelstream_runtime._caller import without_warnings
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.curl import curl_command
from modelstream_runtime.curl_text import documented_body
from modelstream_runtime.documents import UnreadableValue, parse_json
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.request import Item, Request, values_read, values_set
from modelstream_runtime.studio.uploads import Missing, Placeholders
from modelstream_runtime.written import Unwritable, as_command, as_python

GENERIC = "generic"
"""The form for any model, and its name among the schemas."""

_HUGE = 10**309
"""A number that no float can be."""

NO_FILES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What the page shows of a text. Without a request, there is nothing to send, and the views are ``None``.

    Attributes:
        form: the form that the text is for; ``None`` if the text names no model.
        values: the values of that form that have the same meaning as the text.
        error: what is wrong, as the client words it; empty if nothing is.
        problems: each thing that is wrong.
        remarks: what is allowed but probably not intended.
        body: the JSON body. Placeholders stand for files.
        curl: the curl command. Placeholders stand for files, unless the whole command was asked for.
        python: Python source, which reads the files by their names.
        command: the command line, which reads the files by their names.
        notes: why a view is missing or differs, by the name of the view.
    """

    form: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    problems: tuple[Problem, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    curl: str | None = None
    python: str | None = None
    command: str | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The preview as the page reads it. ``values`` are a text, so that numbers stay as they are."""
        return {
            "form": self.form,
            "values": _json(self.values),
            "error": self.error,
            "problems": [{"field": p.field, "message": p.message, "path": p.path} for p in self.problems],
            "remarks": [{"field": name, "message": message} for name, message in self.remarks],
            "body": self.body,
            "curl": self.curl,
            "python": self.python,
            "command": self.command,
            "notes": dict(self.notes),
        }


def preview(catalog: Catalog, text: str, files: Mapping[str, bytes] = NO_FILES, *, whole: bool = False) -> Preview:
    """What is wrong with a text, and what it looks like elsewhere. It never raises an error.

    Args:
        catalog: the models.
        text: what the page hands in.
        files: placeholder to content; see `uploads`.
        whole: show the files in the body and in the curl command.
    """
    placeholders = Placeholders(files)
    try:
        read = _read(catalog, text, placeholders)
    except UnreadableValue as error:
        return Preview(error=str(error))
    try:
        with without_warnings():
            request = read.request()
    except InvalidRequest as error:
        return Preview(form=read.form, values=read.values, error=str(error), problems=error.problems)
    return _shown(catalog, read.form, request, placeholders, whole=whole)


def request_of(catalog: Catalog, text: str, files: Mapping[str, bytes] = NO_FILES) -> Request:
    """The request of a text.

    Raises:
        UnreadableValue: the text is none of what the page hands in.
        InvalidRequest: some values break the model's documented limits.
    """
    with without_warnings():
        return _read(catalog, text, Placeholders(files)).request()


def text_of(form: str, values: Mapping[str, Any]) -> str:
    """The text of the values of a form."""
    return _json({"form": form, "values": values})


def form_text(catalog: Catalog, request: Request) -> str:
    """The text that fills the form with a request."""
    model: str = request.to_payload()["model"]
    return text_of(model if model in catalog.models else GENERIC, _plain(values_set(request)))


class _Read(NamedTuple):
    """A text that could be read: the form that it is for, its values with placeholders, and the request of it."""

    form: str
    values: Mapping[str, Any]
    request: Callable[[], Request]


def _read(catalog: Catalog, text: str, placeholders: Placeholders) -> _Read:
    given = parse_json(text if text.lstrip().startswith("{") else documented_body(text))
    if not isinstance(given, dict):
        raise UnreadableValue("the body is not a JSON object")
    try:
        if "model" not in given and isinstance(given.get("form"), str):
            return _read_form(catalog, given, placeholders)
        return _read_body(catalog, given, placeholders)
    except Missing as missing:
        raise UnreadableValue(f"the content of {missing.name!r} is no longer here; choose the file again") from None
    except RecursionError:
        raise UnreadableValue("the text is nested too deeply") from None


def _read_form(catalog: Catalog, given: Mapping[str, Any], placeholders: Placeholders) -> _Read:
    form, values = given["form"], given.get("values", {})
    if not isinstance(values, dict):
        raise UnreadableValue("the values of the form are not a JSON object")
    if form not in catalog.models and form != GENERIC:
        form, values = GENERIC, {"model": form} | values
    contents = placeholders.contents(values)
    return _Read(form, values, lambda: catalog.request_class(form)(**contents))


def _read_body(catalog: Catalog, body: Mapping[str, Any], placeholders: Placeholders) -> _Read:
    model = body.get("model")
    if not isinstance(model, str) or not model:
        raise UnreadableValue("the body names no model" if "model" not in body else f"{model!r} is not a model id")
    form = model if model in catalog.models else GENERIC
    cls = catalog.request_class(model)
    encoded = placeholders.encoded(body)
    values = placeholders.placed(values_read(cls, encoded))
    return _Read(form, values, lambda: cls.from_payload(encoded))


def _shown(catalog: Catalog, form: str, request: Request, placeholders: Placeholders, *, whole: bool) -> Preview:
    gateway = catalog.gateway
    notes: dict[str, str] = {}
    payload = request.to_payload()
    body = payload if whole else placeholders.placed(payload)
    if placeholders.is_used and not whole:
        notes["body"] = notes["curl"] = "Files are shown by their names; what you copy has their contents."
    if placeholders.is_used:
        notes["python"] = notes["command"] = "Files are read from the folder in which you run it."
    try:
        command = as_command(request, catalog, files=placeholders.names)
    except Unwritable as error:
        command, notes["command"] = None, f"There is no command line, because {error}."
    return Preview(
        form=form,
        values=placeholders.placed(_plain(values_set(request))),
        remarks=tuple((remark.field, remark.message) for remark in request.remarks()),
        body=json.dumps(body, indent=2, ensure_ascii=False),
        curl=curl_command(body, url=gateway.base_url + gateway.submit_path, api_key="<token>"),
        python=as_python(request, catalog, files=placeholders.names),
        command=command,
        notes=notes,
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Item):
        given = (name for name in type(value).model_fields if name in value.model_fields_set)
        return {name: _plain(getattr(value, name)) for name in given}
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _json(value: Any) -> str:
    return json.dumps(_finite(value))


def _finite(value: Any) -> Any:
    """The value without infinity, as which Python reads 1e400, and which JSON cannot write."""
    match value:
        case float() if math.isinf(value):
            return _HUGE if value > 0 else -_HUGE
        case dict():
            return {name: _finite(part) for name, part in value.items()}
        case list():
            return [_finite(item) for item in value]
        case _:
            return value
