"""Turns the form schemas in ``schemas/`` into the typed client package in ``generated/``.

The stages, in the order in which they run; none of them reaches back:

    load -> check -> ir -> emit -> format -> plan
"""

import sys
from pathlib import Path

_RUNTIME = str(Path(__file__).parents[1] / "runtime")
if _RUNTIME not in sys.path:
    # The generator uses a few light modules of the runtime, which need not be installed for that.
    sys.path.insert(0, _RUNTIME)
