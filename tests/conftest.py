"""Options of the tests, and the transport they use."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.purchases.place import home_variable
from tests.support.postgres import NoPostgres, fresh_database, postgres
from tests.support.process import stop_ignoring_signals

stop_ignoring_signals()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--update-errors`` and ``--update-docs`` write what tests expect; read the difference before you commit it."""
    parser.addoption("--update-errors", action="store_true", help="write tests/errors/*/expected.txt anew")
    parser.addoption("--update-docs", action="store_true", help="write the outputs of the examples into the docs")


@pytest.fixture(autouse=True, scope="session")
def home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The home of the journal of this machine: no test writes into that of a user."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(home_variable(CATALOG.package), str(home))
        yield home


@contextmanager
def through_aiohttp() -> Iterator[None]:
    """Asynchronous clients that are made in the block speak through aiohttp, as with the extra of that name."""
    with mock.patch("modelstream_runtime.transport.has_aiohttp", return_value=True):
        yield


@pytest.fixture(autouse=True)
def through_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asynchronous clients speak through httpx alone, although the extra is installed for the tests."""
    monkeypatch.setattr("modelstream_runtime.transport.has_aiohttp", lambda: False)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A server of PostgreSQL. CI has one; elsewhere tests that need it are skipped where it is not installed."""
    try:
        with postgres() as url:
            yield url
    except NoPostgres as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """An empty database of its own."""
    return fresh_database(postgres_server)
