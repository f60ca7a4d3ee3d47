# Made from the schemas and templates/modelstream/mock/core.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The mock of this package's gateway."""

from modelstream.catalog import CATALOG
from modelstream_runtime.mock import core

__all__ = ["MockGateway"]


class MockGateway(core.MockGateway):
    __doc__ = core.MockGateway.__doc__
    __module__ = "modelstream.mock"
    catalog = CATALOG
