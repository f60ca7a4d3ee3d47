"""Everybody can use the page: light and dark, wide and narrow, with a screen reader. The pictures are for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from modelstream.catalog import CATALOG
from modelstream_runtime.studio.forms import listing
from tests.studio.browser.studio import Studio, opened
from tests.support.golden import ROOT

PICTURES = ROOT / "reports" / "studio"
MODELS = [each["id"] for each in listing(CATALOG)]
WIDEST = """
Math.max(...[...document.querySelectorAll("details")].map((details) => {
  details.open = true;
  const width = document.documentElement.scrollWidth;
  details.open = false;
  return width;
}))
"""
"""How wide the page becomes, whichever facts are open."""

Theme = Literal["light", "dark"]


@pytest.fixture(scope="module")
def shown(browser: Browser, address: str) -> Iterator[Studio]:
    """A page of its own, whose window and theme change."""
    with opened(browser, address) as studio:
        yield studio


def filled(studio: Studio, model: str) -> None:
    studio.open(model)
    studio.page.get_by_role("button", name="The documented request").click()
    studio.settle()


def serious(studio: Studio) -> list[str]:
    """What axe finds that keeps people from using the page."""
    found: Any = Axe().run(studio.page).response
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("model", MODELS)
def test_everybody_can_use_the_form(shown: Studio, model: str, theme: Theme) -> None:
    shown.page.emulate_media(color_scheme=theme)
    shown.page.set_viewport_size({"width": 1280, "height": 900})
    shown.open(model)
    assert serious(shown) == []
    filled(shown, model)
    for adder in shown.page.get_by_role("button", name="Add the first").all():
        adder.click()
    shown.write(json.dumps({"model": model, "strange": 1}))
    shown.page.locator("details").first.evaluate("details => { details.open = true; }")
    assert serious(shown) == []


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_wider_than_a_phone(shown: Studio, model: str) -> None:
    for width in (360, 390, 800, 1100):
        shown.page.set_viewport_size({"width": width, "height": 800})
        filled(shown, model)
        for adder in shown.page.get_by_role("button", name="Add the first").all():
            adder.click()
        assert shown.page.evaluate(WIDEST) <= width


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pictures(shown: Studio, width: int, theme: Theme) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    shown.page.emulate_media(color_scheme=theme)
    for model in MODELS:
        shown.page.set_viewport_size({"width": width, "height": 900})
        filled(shown, model)
        path = Path(PICTURES, f"{model.replace('/', '_')}-{width}-{theme}.png")
        shown.page.screenshot(path=path, full_page=True)
        assert path.stat().st_size > 10_000
