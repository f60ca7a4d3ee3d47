"""A request as people write it: Python source, or a command line. Both leave out what is the default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, assert_never

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.curl import MAX_ARGUMENT
from modelstream_runtime.form import FormField, form_of
from modelstream_runtime.option_names import SHARED_OPTIONS, no_option
from modelstream_runtime.request import Item, Request
from modelstream_runtime.shell import shell_word

_NO_FILES: Mapping[str, str] = MappingProxyType({})


class Unwritable(Exception):
    """A value that a command line cannot hold. The message says why."""


def as_python(request: Request, catalog: Catalog, *, files: Mapping[str, str] = _NO_FILES) -> str:
    """The statements that make the request.

    Args:
        request: the request.
        catalog: whose package they import.
        files: encoded file to its name; the source then reads the file.
    """
    values = dict(_chosen(request))
    written = {name: _literal(value, files) for name, value in values.items()}
    names = ", ".join(sorted({type(request).__name__, *_classes(values)}))
    paths = ["from pathlib import Path", ""] if any(_has_files(value, files) for value in values.values()) else []
    lines = [f"    {name}={value}," for name, value in written.items()]
    call = [f"request = {type(request).__name__}(", *lines, ")"]
    return "\n".join([*paths, f"from {catalog.package} import {names}", "", *call])


def as_command(
    request: Request, catalog: Catalog, *, base_url: str | None = None, files: Mapping[str, str] = _NO_FILES
) -> str:
    """The command that makes the video.

    Args:
        request: the request.
        catalog: has the model.
        base_url: the address of another gateway.
        files: encoded file to its name; the command then reads the file.

    Raises:
        Unwritable: a command line cannot hold one of the values.
    """
    model = request.to_payload()["model"]
    fields = _fields(catalog, model)
    words = [f"{catalog.package} generate {_word(model)}"]
    words += [f"--base-url {_word(base_url)}"] if base_url else []
    for name, value in _chosen(request):
        if name in fields:  # The model id is an argument and no option.
            words += _arguments(fields[name], value, files)
    return " \\\n  ".join(words)


@lru_cache(maxsize=64)
def _fields(catalog: Catalog, model: str) -> dict[str, FormField]:
    return {field.name: field for field in form_of(catalog, model, taken=SHARED_OPTIONS).fields}


def _chosen(request: Request) -> Iterator[tuple[str, Any]]:
    """The fields whose values differ from their defaults."""
    for name, field in type(request).model_fields.items():
        value = getattr(request, name)
        if field.is_required() or value != field.default:
            yield name, value


# As Python.


def _classes(values: Mapping[str, Any]) -> Iterator[str]:
    for value in values.values():
        if isinstance(value, tuple):
            yield from (type(item).__name__ for item in value if isinstance(item, Item))


def _has_files(value: Any, files: Mapping[str, str]) -> bool:
    match value:
        case Item():
            return any(_has_files(getattr(value, name), files) for name in type(value).model_fields)
        case list() | tuple():
            return any(_has_files(item, files) for item in value)
        case _:
            return isinstance(value, str) and value in files


def _literal(value: Any, files: Mapping[str, str]) -> str:
    match value:
        case str() if value in files:
            return f"Path({_literal(files[value], _NO_FILES)})"
        case str():
            text = repr(value)
            return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
        case Item():
            parts = [f"{name}={_literal(getattr(value, name), files)}" for name in type(value).model_fields]
            return f"{type(value).__name__}({', '.join(parts)})"
        case Mapping():
            return (
                "{"
                + ", ".join(f"{_literal(key, _NO_FILES)}: {_literal(item, files)}" for key, item in value.items())
                + "}"
            )
        case list() | tuple():
            return "[" + ", ".join(_literal(item, files) for item in value) + "]"
        case _:
            return repr(value)


# As a command line.


def _arguments(field: FormField, value: Any, files: Mapping[str, str]) -> Iterator[str]:
    if value is None:
        yield f"--omit {field.name}"
        return
    match field.kind:
        case "boolean":
            yield field.option if value else no_option(field.option)
        case "objects":
            items = [{name: _named(getattr(item, name), files) for name in type(item).model_fields} for item in value]
            yield f"{field.option} {_word(_json(items))}"
        case "object":
            yield f"{field.option} {_word(_json(value))}"
        case "text":
            yield f"{field.option} {_word(f'@{value}' if value.startswith('@') else value)}"
        case "integer" | "number" | "choice" | "media":
            for item in value if isinstance(value, tuple) else (value,):
                yield f"{field.option} {_word(str(_named(item, files)))}"
        case unexpected:
            assert_never(unexpected)


def _named(value: Any, files: Mapping[str, str]) -> Any:
    """The value with the names of files in the place of their contents."""
    if isinstance(value, (list, tuple)):
        return [_named(item, files) for item in value]
    return files.get(value, value) if isinstance(value, str) else value


def _word(text: str) -> str:
    if "\0" in text:
        raise Unwritable("a value holds a character that a command line cannot hold")
    if len(text.encode("utf-8", "surrogatepass")) > MAX_ARGUMENT:
        raise Unwritable("a value is too long for a command line")
    return shell_word(text)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
