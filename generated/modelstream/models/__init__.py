# Made from the schemas and templates/modelstream/models/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The request classes: one module per model, imported when it is first asked for."""

from typing import Final

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Models

__all__ = ["MODELS", "request_for"]

MODELS: Final[Models] = CATALOG.models
"""All models that have a request class of their own, by id."""

request_for = CATALOG.request_for
