"""``python -m modelstream`` is the command line."""

import sys

from modelstream.cli import main

if __name__ == "__main__":
    sys.exit(main())
