"""The request that an agent means, and the key under which the journal buys it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from pydantic_core import to_json

from modelstream_runtime._caller import without_warnings
from modelstream_runtime.agents.arguments import Given
from modelstream_runtime.agents.files import FileNotAllowed, Files
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.form import FormField, form_of
from modelstream_runtime.form_values import with_media
from modelstream_runtime.problems import field_name
from modelstream_runtime.purchases.content import Content
from modelstream_runtime.request import Request

_TAKE = re.compile(r"^agent-[0-9a-f]{32}-take-([0-9]{1,9})$", re.ASCII)
_FOR_PYTHON = "; for a local file, pass pathlib.Path(...)"
"""Advice of the request classes that helps no agent."""

Steps = tuple[str | int, ...]


class Order(NamedTuple):
    """A request, and the content of which the journal can make it again.

    Attributes:
        request: the request.
        content: its values, with local files by their paths.
    """

    request: Request
    content: Content


def order_from(catalog: Catalog, given: Given, files: Files) -> Order:
    """The request that an agent means. A text that is no address of a picture, sound or video is a local file.

    Args:
        catalog: the models.
        given: the model and its values.
        files: those that may be sent.

    Raises:
        InvalidRequest: some values break the model's limits, or a file may not be sent. It has all problems.
    """
    try:
        return _order(catalog, given, files)
    except RecursionError:
        raise InvalidRequest(given.model, [Problem("params", "is nested too deeply")]) from None


def purchase_key(base_url: str, request: Request, take: int) -> str:
    """The key of a purchase: the same request at the same gateway has the same, however often an agent asks for it.

    Args:
        base_url: the address of the gateway.
        request: what is bought.
        take: counts the purchases of the same request that are meant to be different videos.
    """
    # httpx writes the same address in one way, whatever its case and default port.
    digest = hashlib.sha256(to_json([str(httpx.URL(base_url)), request.to_payload()])).hexdigest()[:32]
    return f"agent-{digest}" + (f"-take-{take}" if take > 1 else "")


def take_of(key: str) -> int:
    """The take in the key of a purchase. Purchases that no agent made are the only ones of their request."""
    found = _TAKE.search(key)
    return int(found[1]) if found else 1


def _order(catalog: Catalog, given: Given, files: Files) -> Order:
    fields = {field.name: field for field in form_of(catalog, given.model).fields}
    found = {name: _with_paths(fields.get(name), value, files) for name, value in given.values.items()}
    refused: dict[str, str] = {}
    checked = {name: _allowed(value, files, (name,), refused) for name, value in found.items()}
    problems = [*given.problems, *(Problem(name, message) for name, message in refused.items())]
    try:
        with without_warnings():
            request = catalog.request_for(given.model, **checked)
    except InvalidRequest as error:
        problems += [_for_agents(problem) for problem in error.problems if problem.field not in refused]
    else:
        if not problems:
            return Order(request, Content.of_values(given.model, checked))
    raise InvalidRequest(given.model, problems)


def _with_paths(field: FormField | None, value: Any, files: Files) -> Any:
    """The value with paths in the place of texts that are neither the address nor the content of a file."""
    if field is None:
        return value
    if field.kind == "media" and field.many and isinstance(value, str):
        value = [value]  # As the request class does it, so that problems have the same place.
    return with_media(field, value, files.folder or Path())


def _allowed(value: Any, files: Files, steps: Steps, refused: dict[str, str]) -> Any:
    """The value with the allowed files in the place of their paths. Others stay texts, and get into ``refused``."""
    match value:
        case Path():
            try:
                return files.allowed(value)
            except FileNotAllowed as error:
                refused[field_name(steps)] = f"{str(value)!r} {error}"
                return str(value)
        case Mapping():
            return {name: _allowed(item, files, (*steps, name), refused) for name, item in value.items()}
        case list():
            return [_allowed(item, files, (*steps, index), refused) for index, item in enumerate(value)]
        case _:
            return value


def _for_agents(problem: Problem) -> Problem:
    message = problem.message.replace(_FOR_PYTHON, "")
    return Problem(problem.field, message, value=problem.value, path=problem.path)
