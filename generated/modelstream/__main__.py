# Made from the schemas and templates/modelstream/__main__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""``python -m modelstream`` runs the command line."""

import sys

from modelstream.cli import main

if __name__ == "__main__":
    sys.exit(main())
