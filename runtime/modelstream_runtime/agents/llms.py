"""``llms.txt`` and ``llms-full.txt``: the models, for language models that read a site (https://llmstxt.org)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelstream_runtime._caller import without_warnings
from modelstream_runtime.agents.lowering import params_schema
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.form import form_of
from modelstream_runtime.markdown import block, visible
from modelstream_runtime.written import as_python

_INDEX, _FULL = "llms.txt", "llms-full.txt"


def llms_texts(catalog: Catalog) -> dict[str, str]:
    """The texts of the files by their names, for the root of a site."""
    head = (
        f"# Video models of the {_line(catalog.gateway.title)} gateway\n\n"
        f"> The Python package `{catalog.package}` makes videos with these models. It checks every parameter before "
        "anything is paid, and never buys a video twice.\n"
    )
    schemas = {model: catalog.schemas.form(model) for model in catalog.models}
    index = [
        f"- [{_link_text(form['title'])}]({_FULL}): `{model}`. {_line(form['description'])}"
        for model, form in schemas.items()
    ]
    sections = [_section(catalog, model, form) for model, form in schemas.items()]
    return {
        _INDEX: "\n".join([head, "## Models", "", *index, ""]),
        _FULL: "\n".join([head, *sections]),
    }


def _section(catalog: Catalog, model: str, form: Mapping[str, Any]) -> str:
    """Everything about one model."""
    params = params_schema(catalog, model)
    modes = [f"{name}: {told}" for name, told in form_of(catalog, model).modes_explained({})]
    rules = form.get("x-rules-in-words", {})
    parts = [
        f"## {_line(form['title'])}\n\n{_line(form['description'])}",
        f"Model id: `{model}`. Vendor: {_line(form['x-vendor'])}. Request class: `{form['x-class']}`.",
        _listed("Fields:", [line for name in params["properties"] for line in _field(name, params, 0)]),
        _listed("A request is of one mode:", [f"- {_line(mode)}" for mode in modes]),
        _listed("A request that breaks one of these rules raises an error:", map(_item, rules.get("errors", ()))),
        _listed("A request against one of these is sent, with a warning:", map(_item, rules.get("warnings", ()))),
        *_example(catalog, model, form),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _field(name: str, schema: Mapping[str, Any], depth: int) -> Iterator[str]:
    field = schema["properties"][name]
    facts = [_type(field), *(["required"] if name in schema["required"] else [])]
    yield f"{'  ' * depth}- `{name}` ({', '.join(facts)}): {_line(field['description'])}"
    items = field.get("items", {})
    for inner in items.get("properties", ()):
        yield from _field(inner, items, depth + 1)


def _type(field: Mapping[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(each["type"] for each in field["anyOf"])
    choices = ", ".join(str(choice) for choice in field.get("enum", ()))
    return f"one of {_line(choices)}" if choices else str(field["type"])


def _example(catalog: Catalog, model: str, form: Mapping[str, Any]) -> Iterator[str]:
    for values in form.get("examples", ())[:1]:
        with without_warnings():
            request = catalog.request_for(model, **values)
        yield block("python", as_python(request, catalog))
        yield block("sh", request.to_curl())


def _listed(title: str, lines: Any) -> str:
    listed = list(lines)
    return "\n".join([title, "", *listed]) if listed else ""


def _item(sentence: str) -> str:
    return f"- {_line(sentence)}"


def _line(text: str) -> str:
    """The text in one line, with escapes in the place of characters that do not print."""
    return visible(" ".join(text.split()))


def _link_text(text: str) -> str:
    return re.sub(r"[\[\]\\]", r"\\\g<0>", _line(text))
