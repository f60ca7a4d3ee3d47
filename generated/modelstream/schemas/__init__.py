# Made from the schemas and templates/modelstream/schemas/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""JSON Schemas of the models and the OpenAPI document of the gateway, for programs not written with this package.

>>> from modelstream import schemas
>>> schemas.openapi()["openapi"]
'3.1.0'
"""

from modelstream.catalog import CATALOG

__all__ = ["form", "openapi", "wire"]

form = CATALOG.schemas.form
wire = CATALOG.schemas.wire
openapi = CATALOG.schemas.openapi
