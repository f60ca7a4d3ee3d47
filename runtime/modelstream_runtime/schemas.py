"""The JSON Schemas of a generated package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


class Schemas:
    """Reads the JSON files in a package.

    Args:
        package: the package with the JSON files.
        modules: model id to the module after which its files are named.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = modules

    def form(self, model: str) -> dict[str, Any]:
        """The schema of a model's form, with the flat field names of its request class; ``null`` leaves a field out.

        Extension keywords express what JSON Schema cannot: ``x-rules`` has the rules with their conditions, ``x-step``
        the steps of floats, and ``x-formats`` the formats of files in Base64.

        Args:
            model: a model id, or ``generic`` for the request class that accepts any model id.

        Raises:
            KeyError: there is no schema for the model.
        """
        return self._read(f"{self._modules[model]}.form.json")

    def wire(self, model: str) -> dict[str, Any]:
        """The schema of a model's JSON body. As `form`, plus ``x-field``, the form field that travels in a place."""
        return self._read(f"{self._modules[model]}.wire.json")

    def openapi(self) -> dict[str, Any]:
        """The gateway as an OpenAPI 3.1 document, with its paths and every response that its documentation shows."""
        return self._read("openapi.json")

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(files(self._package).joinpath(name).read_bytes())
        return content
