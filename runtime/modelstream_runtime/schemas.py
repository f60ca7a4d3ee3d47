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

        Extension keywords express what JSON Schema cannot.

        - Of the model: ``x-model`` is its id, which the generic form lacks, ``x-class`` the name of its request class,
          ``x-vendor`` who makes it, and ``x-source`` the documentation page and the day on which it was read.
        - Of the modes, of which a request uses one: ``x-modes`` lists their names, the fields that each ``requires``
          and ``allows``, and the values ``when`` it is selected. Fields that no mode names are for all of them.
        - Of a field: ``x-unit`` is the unit of a number (``s`` or ``px``), ``x-step`` the distance between two floats,
          ``x-special`` the integers outside the range that it takes as well, ``x-gateway-default`` what the gateway
          takes if the field is left out, ``x-media`` the kind of a file, ``x-formats`` and ``x-max-bytes`` its formats
          and its size, ``x-labels`` what the values mean, ``x-accepts`` a pattern in words, and ``x-target`` where the
          value travels in the body, a list if it travels at several places. ``x-evidence`` says how that is known: from
          the documented request (``curl``), the text of the ``page``, the ``vendor``, or by a ``guess``.
          ``x-limits-evidence`` says the same of the limits.
        - Of the rules between fields: ``x-rules`` has those that only the request class enforces, and ``x-warnings``
          those that only warn. ``rule`` is the kind, ``fields`` are the fields that it is about, ``values`` the values
          that it expects, ``if`` is the condition under which it holds, as a JSON Schema, and ``because`` the reason.
          ``x-rules-in-words`` has all of them as sentences: those that raise ``errors``, and those that only give
          ``warnings``. The modes are not among them.

        Args:
            model: a model id, or ``generic`` for the request class that accepts any model id.

        Raises:
            KeyError: there is no schema for the model.
        """
        return self._read(f"{self._modules[model]}.form.json")

    def wire(self, model: str) -> dict[str, Any]:
        """The schema of a model's JSON body.

        It has the keywords of `form`, ``x-field`` for the form field of a place, ``x-same`` for places that have the
        same value, and, in a rule, ``paths`` for where its fields travel.
        """
        return self._read(f"{self._modules[model]}.wire.json")

    def openapi(self) -> dict[str, Any]:
        """The gateway as an OpenAPI 3.1 document, with its paths and every response that its documentation shows."""
        return self._read("openapi.json")

    def _read(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(files(self._package).joinpath(name).read_bytes())
        return content
