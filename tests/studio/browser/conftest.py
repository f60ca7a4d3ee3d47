"""A browser for the tests of the page: Debian's, one for all tests of a process."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # A sandbox needs rights that containers do not give to root.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] * (os.geteuid() == 0))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody's browser. What a page logs as an error fails the test, and so does a request to another host."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda message: wrong.append(message.text) if is_mistake(message) else None)
    context.on("request", lambda request: wrong.append(request.url) if is_foreign(request.url) else None)
    yield context
    context.close()
    assert wrong == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def is_mistake(message: ConsoleMessage) -> bool:
    """Whether the page logs a mistake of its own. A browser also logs each response that is an error."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


def is_foreign(url: str) -> bool:
    """Whether an address leads to another machine."""
    return not url.startswith(("http://127.0.0.1:", "http://localhost:", "file:", "blob:", "data:"))
