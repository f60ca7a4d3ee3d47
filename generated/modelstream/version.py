# Made from templates/modelstream/version.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""The version of this package."""

from typing import Final

__version__: Final = "0.1.0"
