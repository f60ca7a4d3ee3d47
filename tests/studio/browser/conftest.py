"""One browser for each process, the exported page with its engine, and a studio at a mock gateway."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from modelstream.catalog import CATALOG
from modelstream_runtime.studio.export import export
from tests.studio.browser.studio import Studio, opened
from tests.support.golden import ROOT
from tests.support.studio import studio_process

ENGINE = ROOT / ".cache" / "engine"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "the tests of the page need a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        # A sandbox needs rights that containers do not give to root.
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] * (os.geteuid() == 0))
        yield started
        started.close()


@pytest.fixture(scope="session")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported page without an engine."""
    folder = tmp_path_factory.mktemp("bare")
    export(CATALOG, folder)
    return folder


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported page with its engine."""
    assert ENGINE.is_dir(), "there is no engine: run `nox -s studio`, or `python -m scripts.engine .cache/engine`"
    folder = tmp_path_factory.mktemp("site")
    export(CATALOG, folder, ENGINE)
    return folder


@pytest.fixture(scope="session")
def offline(browser: Browser, site: Path) -> Iterator[Studio]:
    """The exported page, opened from the disk, with its engine running."""
    with opened(browser, (site / "index.html").as_uri()) as studio:
        studio.page.wait_for_selector("body:not([data-connection=starting])", timeout=60_000)
        assert studio.page.evaluate("document.body.dataset.connection") == "ready"
        yield studio


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a studio at a mock gateway."""
    home = tmp_path_factory.mktemp("home")
    with studio_process("--mock", "--no-browser", "--port=0", home=home) as (_, visitor):
        yield visitor.address.page


@pytest.fixture(scope="session")
def served(browser: Browser, address: str) -> Iterator[Studio]:
    """The page as a studio serves it."""
    with opened(browser, address) as studio:
        yield studio


@pytest.fixture(params=["served", "offline"])
def studio(request: pytest.FixtureRequest) -> Studio:
    """The page in each of its two forms."""
    found: Studio = request.getfixturevalue(request.param)
    return found
