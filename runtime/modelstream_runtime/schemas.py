"""The JSON Schemas of a generated package."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


class Schemas:
    """Reads the schemas that lie in a package.

    Args:
        package: the package with the JSON files.
        modules: model id to module, after which its files are named.
    """

    def __init__(self, package: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._modules = modules

    def form(self, model: str) -> dict[str, Any]:
        """The schema of a model's form: flat field names as its request class has them; ``null`` means left out.

        Keywords of our own name what JSON Schema cannot express: ``x-rules`` the rules, with the condition under
        which they hold, ``x-step`` the steps of floats, ``x-formats`` the formats of files in Base64.

        Args:
            model: a model id, or ``generic`` for the request that takes any id.

        Raises:
            KeyError: the package has no schema for the model.
        """
        return self._read(f"{self._modules[model]}.form.json")

    def wire(self, model: str) -> dict[str, Any]:
        """The schema of a model's JSON body; ``x-field`` names the form field behind a place. Otherwise as `form`."""
        return self._read(f"{self._modules[model]}.wire.json")

    def openapi(self) -> dict[str, Any]:
        """The gateway as an OpenAPI 3.1 document: its paths, and every response that its documentation shows."""
        return self._read("openapi.json")

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(files(self._package).joinpath(name).read_bytes())
        return content
