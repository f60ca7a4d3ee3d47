# Made from templates/modelstream/schemas/__init__.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""JSON Schemas of the models and the OpenAPI document of the gateway, for programs not written with this package.

>>> from modelstream import schemas
>>> schemas.form("kling-v3")["properties"]["duration"]["maximum"]
15
"""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from modelstream.models import module_of

__all__ = ["form", "openapi", "wire"]


def form(model: str) -> dict[str, Any]:
    """The schema of a model's form: flat field names as its request class has them; ``null`` means left out.

    What JSON Schema cannot say is named: rules under ``x-rules``, with the condition under which they hold, steps of
    floats under ``x-step``, formats of files in Base64 under ``x-formats``.

    Args:
        model: a model id, or ``generic`` for the request that takes any id.

    Raises:
        KeyError: the model has no schema here.
    """
    return _read(f"{module_of(model)}.form.json")


def wire(model: str) -> dict[str, Any]:
    """The schema of a model's JSON body; ``x-field`` names the form field behind a place. Otherwise as `form`."""
    return _read(f"{module_of(model)}.wire.json")


def openapi() -> dict[str, Any]:
    """The gateway as an OpenAPI 3.1 document: its three paths, and every answer that the documentation tells of."""
    return _read("openapi.json")


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(files(__name__).joinpath(name).read_bytes())
    return content
