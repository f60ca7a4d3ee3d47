# Made from the schemas and templates/modelstream/mock/__main__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""``python -m modelstream.mock`` serves the mock gateway on loopback."""

import sys

from modelstream.catalog import CATALOG
from modelstream_runtime.mock.command import main

if __name__ == "__main__":
    sys.exit(main(CATALOG))
