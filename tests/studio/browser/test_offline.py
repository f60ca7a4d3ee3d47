"""The exported page from the disk: its judge says what CPython says, in the same words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from generator.ir import Model
from modelstream.catalog import CATALOG
from modelstream_runtime.studio.forms import described, listing
from modelstream_runtime.studio.preview import preview, text_of
from tests.conformance.cases import cases_of
from tests.conformance.samples import models
from tests.studio.browser.studio import Studio, opened, prompted, with_image
from tests.support.golden import goldens

ALL = "texts => Promise.all(texts.map(async text => JSON.stringify(await Studio.transport.preview(text))))"


def texts_of(model: Model) -> list[str]:
    """Each case of the conformance matrix, as the page hands it in: as a form, and as a body."""
    texts = []
    for case in cases_of(model):
        texts += [] if case.values is None else [text_of(case.model, case.values)]
        texts += [] if case.body is None else [json.dumps(case.body)]
    return texts


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_the_browser_says_the_same_words_as_python(offline: Studio, model: Model) -> None:
    texts = texts_of(model)
    answers = [json.loads(answer) for answer in offline.page.evaluate(ALL, texts)]
    expected = [json.loads(json.dumps(preview(CATALOG, text).as_json())) for text in texts]
    differing = [text for text, said, wanted in zip(texts, answers, expected, strict=True) if said != wanted]
    assert differing == []
    assert len({answer["error"] for answer in answers}) > 10


def test_the_browser_shows_the_documented_requests(offline: Studio) -> None:
    for golden in goldens():
        [answer] = [json.loads(answer) for answer in offline.page.evaluate(ALL, [golden.curl])]
        assert answer["curl"] == golden.to_curl
        assert json.loads(answer["body"]) == golden.body


def test_the_page_says_that_its_checks_are_starting(browser: Browser, site: Path) -> None:
    with opened(browser, (site / "index.html").as_uri()) as studio:
        [first, *_] = described(CATALOG, next(iter(CATALOG.models)))["examples"]
        assert "starting" in studio.page.locator("#session").inner_text()
        assert studio.page.locator("#editor").input_value() == first["body"]  # It can be read at once.


def test_without_an_engine_the_page_shows_the_documented_requests(browser: Browser, bare_site: Path) -> None:
    with opened(browser, (bare_site / "index.html").as_uri()) as studio:
        assert "There are no checks" in studio.page.locator("#session").inner_text()
        for each in listing(CATALOG):
            studio.page.locator(f'#models a[data-id="{each["id"]}"]').click()
            studio.page.wait_for_selector(f'#models a[aria-current][data-id="{each["id"]}"]')
            for example in described(CATALOG, each["id"])["examples"][:1]:
                assert studio.view("curl") == example["curl"]
                assert studio.view("JSON") == example["body"]
        assert studio.errors == []


def test_without_an_engine_a_file_is_refused_in_plain_words(browser: Browser, bare_site: Path) -> None:
    model, field = with_image(many=False)
    with opened(browser, f"{(bare_site / 'index.html').as_uri()}#{model}") as studio:
        picker = studio.field(field["name"]).locator("input[type=file]")
        picker.set_input_files({"name": "hero.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n"})
        told = studio.page.get_by_role("alert").filter(has_text="hero.png")
        expect(told).to_have_text("hero.png: this needs the checks, which this page does not have")
        assert studio.errors == []


def test_an_engine_that_does_not_start_is_told_with_the_reason(
    browser: Browser, bare_site: Path, tmp_path: Path
) -> None:
    shutil.copytree(bare_site, tmp_path, dirs_exist_ok=True)
    index = tmp_path / "data" / "index.js"
    index.write_text(index.read_text("utf-8").replace('"engine": []', '"engine": ["worker"]'), encoding="utf-8")
    with opened(browser, (tmp_path / "index.html").as_uri()) as studio:
        expect(studio.page.locator("#session")).to_contain_text("engine/worker.js is missing from this export")


MARK = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


FOR_PEOPLE = frozenset("""
    title vendor summary doc words because label limits type default_words page gateway_default target evidence
    limits_evidence option package gateway unit body curl python command
    """.split())
"""The keys of texts that the page shows."""


def marked(value: Any, key: str = "") -> Any:
    """The value with markup in every text that is for people."""
    if isinstance(value, dict):
        return {name: marked(part, name) for name, part in value.items()}
    if isinstance(value, list):
        return [marked(item, key) for item in value]
    return f"{value} {MARK}" if key in FOR_PEOPLE and isinstance(value, str) else value


def test_markup_in_a_schema_is_text(browser: Browser, bare_site: Path, tmp_path: Path) -> None:
    for file in bare_site.rglob("*"):
        if file.is_file():
            copy = tmp_path / file.relative_to(bare_site)
            copy.parent.mkdir(exist_ok=True)
            content = file.read_text(encoding="utf-8")
            if file.parent.name == "data":
                head, _, rest = content.partition("(")
                name, data = json.loads("[" + rest.removesuffix(");\n") + "]")
                content = f"{head}({json.dumps(name)}, {json.dumps(marked(data))});\n"
            copy.write_text(content, encoding="utf-8")
    with opened(browser, (tmp_path / "index.html").as_uri()) as studio:
        for each in listing(CATALOG):
            studio.page.locator(f'#models a[data-id="{each["id"]}"]').click()
            studio.page.wait_for_selector(f'#models a[aria-current][data-id="{each["id"]}"]')
            for summary in studio.page.locator("summary").all():
                summary.dispatch_event("click")
            assert MARK in studio.page.locator("#making").inner_text()
            assert MARK in studio.view("Python")
        assert studio.page.locator("main img, main script, aside img, aside script").count() == 0
        assert "hacked" not in studio.page.title().partition("<")[0]
        assert studio.errors == []


def test_markup_that_is_typed_is_text(studio: Studio) -> None:
    model = prompted()[0].model
    studio.open(model)
    studio.page.get_by_role("button", name="The documented request").click()
    studio.field("prompt").locator("textarea").fill(MARK)
    studio.settle()
    assert MARK.replace('"', '\\"') in studio.view("JSON")
    studio.write(json.dumps({"model": model, MARK: MARK}))
    assert MARK in studio.page.locator("#verdict").inner_text()
    assert studio.page.locator("#verdict img").count() == 0
