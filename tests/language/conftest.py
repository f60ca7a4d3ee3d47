"""``make(yaml)`` gives a made-up model with all its surfaces."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.made_up import MadeUp, made_up

Make = Callable[[str], MadeUp]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Make]:
    """Makes the model of a schema; what all schemas have is added to the text."""
    with ExitStack() as stack:
        yield lambda text: stack.enter_context(made_up(tmp_path_factory.mktemp("made"), text))
