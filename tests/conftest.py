"""Options of the tests."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-errors`` writes what ``tests/errors`` expects; read the difference before you commit it."""
    parser.addoption("--update-errors", action="store_true", help="write tests/errors/*/expected.txt anew")
