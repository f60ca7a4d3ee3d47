# Made from the schemas and templates/modelstream/errors.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Everything that can go wrong. All errors are `ModelStreamError`; those below `APIError` are responses of the gateway."""

from modelstream_runtime.errors import *  # noqa: F403
from modelstream_runtime.errors import __all__ as __all__
