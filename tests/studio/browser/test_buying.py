"""A person at the page: submits, watches, plays, reloads, loses the connection, and comes back another day."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect
from starlette.types import Message, Receive, Scope, Send

from modelstream.catalog import CATALOG
from modelstream_runtime.studio.forms import described
from modelstream_runtime.studio.preview import preview, text_of
from modelstream_runtime.studio.server.gate import Gate
from tests.studio.browser.studio import Studio, prompted
from tests.support.golden import Golden, documented, model_of
from tests.support.pauses import poll_every
from tests.support.server import response, serve
from tests.support.studio import Shop, Visitor, bought, until

pytestmark = pytest.mark.usefixtures("quick")

GOLDEN = next(golden for golden in prompted() if golden.body.get("prompt") == golden.values["prompt"])
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)
MAKE = "Make the video"
PLAYS = """
async (video) => {
  await video.play();
  return new Promise((resolve) => { video.ontimeupdate = () => video.currentTime > 0 && resolve(true); });
}
"""


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


def opened(page: Page, visitor: Visitor) -> Page:
    """The page with the documented request of a model."""
    page.goto(visitor.address.page)
    page.evaluate("hash => { location.hash = hash; }", GOLDEN.model)  # The page opens with the first model.
    page.locator(f'#models a[aria-current][data-id="{GOLDEN.model}"]').wait_for()
    page.get_by_role("button", name="The documented request").click()
    return page


def submit(page: Page, confirm: str = "Buy it") -> None:
    """Press the button, and confirm."""
    page.get_by_role("button", name=MAKE).click()
    page.get_by_role("dialog").get_by_role("button", name=confirm).click()


def kept(page: Page) -> Locator:
    """The dialog about a request that was submitted, and whose answer did not arrive."""
    dialog = page.get_by_role("dialog", name="Submit the earlier request again?")
    expect(dialog).to_be_visible()
    return dialog


def answer_presses(page: Page, answer: Callable[[Route], object]) -> None:
    """Answer in place of the studio, but not the page's questions about what was bought before."""
    page.route("**/api/purchases", lambda route: answer(route) if route.request.method == "POST" else route.fallback())


def fail(page: Page, *, after_sale: bool, status: HTTPStatus = HTTPStatus.SERVICE_UNAVAILABLE) -> None:
    """Submit, and see an error that does not say what was bought."""

    def spoil(route: Route) -> None:
        if after_sale:
            route.fetch()
        route.fulfill(status=status, json={"error": {"message": "something else"}})

    answer_presses(page, spoil)
    mock = page.locator("#session .mock").count()
    submit(page, "Make it" if mock else "Buy it")
    expect(page.get_by_text("something else", exact=True)).to_be_visible()
    page.unroute("**/api/purchases")


def write_prompt(page: Page, prompt: str) -> None:
    """Change what the form says."""
    page.locator('[data-path="prompt"] textarea').fill(prompt)


def prompts_sold(shop: Shop) -> list[str]:
    """What the gateway was asked for, in paid requests."""
    return [entry.body["prompt"] for entry in shop.gateway.journal if entry.bought]


def current(page: Page) -> Locator:
    """The purchase of this tab."""
    return page.locator("#current article")


def history(page: Page) -> Locator:
    """The purchases of this machine."""
    page.get_by_role("navigation").get_by_role("link", name="History").click()
    return page.locator("#purchases article")


def test_submit_watch_and_play(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        page.get_by_role("button", name=MAKE).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(model_of(GOLDEN).title)
        expect(dialog).to_contain_text("paid")
        dialog.get_by_role("button", name="Cancel").click()
        assert shop.sold == 0
        submit(page)
        card = current(page)
        expect(card).to_contain_text("Saved")
        expect(card).to_contain_text(str(next(shop.videos.iterdir())))
        assert card.locator("video").evaluate(PLAYS)
        with page.expect_download() as download:
            card.get_by_role("link", name="Download").click()
        assert Path(download.value.path()).read_bytes() == next(shop.videos.iterdir()).read_bytes()
    assert shop.sold == 1


# Once.


def test_a_double_click_and_the_keyboard_buy_once(page: Page, shop: Shop) -> None:
    shop.transport.answer.clear()
    with shop.studio() as visitor:
        opened(page, visitor)
        page.get_by_role("button", name=MAKE).dblclick()
        confirm = page.get_by_role("dialog").get_by_role("button", name="Buy it")
        confirm.dblclick()
        page.keyboard.press("Enter")
        until(shop.transport.arrived.is_set)
        expect(page.get_by_role("button", name="Submitting")).to_be_disabled()
        shop.transport.answer.set()
        expect(current(page)).to_contain_text("Saved")
        expect(history(page)).to_have_count(1)
    assert shop.sold == 1


def test_a_reload_in_the_middle_of_a_paid_request_buys_once(page: Page, shop: Shop) -> None:
    shop.transport.answer.clear()
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        until(shop.transport.arrived.is_set)
        page.reload()
        kept(page).get_by_role("button", name="Buy it").click()
        shop.transport.answer.set()
        expect(current(page)).to_contain_text("Saved")
        expect(history(page)).to_have_count(1)
    assert shop.sold == 1


def test_a_lost_connection_between_page_and_server_buys_once(page: Page, shop: Shop) -> None:
    answers = iter([False, False, True])

    def lose(route: Route) -> None:
        """The server gets the request; the page gets its answer only the third time."""
        response = route.fetch()
        route.fulfill(response=response) if next(answers) else route.abort("connectionreset")

    with shop.studio() as visitor:
        opened(page, visitor)
        answer_presses(page, lose)
        submit(page)
        expect(page.get_by_text("with the same purchase key")).to_be_visible()
        expect(current(page)).to_contain_text("Saved")
        page.unroute("**/api/purchases")
        expect(history(page)).to_have_count(1)
    assert shop.sold == 1


@pytest.mark.parametrize("status", [HTTPStatus.UNAUTHORIZED, HTTPStatus.INTERNAL_SERVER_ERROR])
def test_an_answer_that_does_not_say_what_was_bought_keeps_the_key(page: Page, shop: Shop, status: HTTPStatus) -> None:
    """The server was started again in the meantime, or failed after it had bought."""
    with shop.studio() as visitor:
        opened(page, visitor)
        fail(page, after_sale=True, status=status)
        page.get_by_role("button", name=MAKE).click()
        kept(page).get_by_role("button", name="Buy it").click()
        expect(current(page)).to_contain_text("Saved")
        expect(history(page)).to_have_count(1)
    assert shop.sold == 1


def test_a_copy_of_the_tab_buys_once(context: BrowserContext, page: Page, shop: Shop) -> None:
    """A browser that duplicates a tab also copies what it keeps for the session."""
    shop.transport.answer.clear()
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        until(shop.transport.arrived.is_set)
        other = context.new_page()
        stored = page.evaluate("JSON.stringify({...sessionStorage})")
        other.goto(f"{visitor.address.url}/icon.svg")
        other.evaluate("stored => Object.assign(sessionStorage, JSON.parse(stored))", stored)
        other.goto(visitor.address.url)
        kept(other).get_by_role("button", name="Buy it").click()
        expect(other.get_by_role("button", name="Submitting")).to_be_visible()
        shop.transport.answer.set()
        for tab in (page, other):
            expect(current(tab)).to_contain_text("Saved")
    assert shop.sold == 1


def test_two_presses_are_two_purchases(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        for number in (1, 2):
            submit(page)
            expect(current(page)).to_contain_text(f"#{number}")
    assert shop.sold == 2


TYPE_AND_PRESS = """
(prompt, text) => {
  prompt.value = text;
  prompt.dispatchEvent(new InputEvent("input", { bubbles: true }));
  [...document.querySelectorAll("button")].find((button) => button.textContent === "Make the video").click();
}
"""


def test_a_press_right_after_typing_buys_what_was_typed(page: Page, shop: Shop) -> None:
    """The judge has not answered yet."""
    with shop.studio() as visitor:
        opened(page, visitor)
        expect(page.get_by_role("button", name=MAKE)).to_be_enabled()
        page.locator('[data-path="prompt"] textarea').evaluate(TYPE_AND_PRESS, "A paper boat in the rain")
        page.get_by_role("dialog").get_by_role("button", name="Buy it").click()
        expect(current(page)).to_contain_text("Saved")
    [submitted] = [entry for entry in shop.gateway.journal if entry.bought]
    assert submitted.body["prompt"] == "A paper boat in the rain"


def other_golden() -> Golden:
    """The documented request of another model than that of `GOLDEN`."""
    return next(golden for golden in documented() if golden.model != GOLDEN.model)


def test_after_a_lost_connection_the_confirmation_names_the_model_that_is_bought(page: Page, shop: Shop) -> None:
    """It was lost when somebody had just written the JSON of another model."""
    golden = other_golden()
    with shop.studio() as visitor:
        opened(page, visitor)
        page.route("**/api/preview", lambda route: route.abort("connectionreset"))
        page.locator("#editor").fill(json.dumps(golden.body))
        expect(page.locator("#session")).to_have_attribute("data-state", "lost")
        page.unroute("**/api/preview")
        page.evaluate("Studio.transport.session()")  # Whatever reaches the studio again.
        expect(page.locator("#session")).to_have_attribute("data-state", "ready")
        # Leaving the editor lays its text out, which may move the button away from a pointer.
        page.get_by_role("button", name=MAKE).press("Enter")
        expect(page.get_by_role("dialog")).to_contain_text(model_of(golden).title)
        page.get_by_role("dialog").get_by_role("button", name="Buy it").click()
        expect(current(page)).to_contain_text("Saved")
    [submitted] = [entry for entry in shop.gateway.journal if entry.bought]
    assert submitted.body == golden.body


TYPE_AND_CONNECT = """
([prompt, text]) => {
  Studio.transport.told("lost");
  prompt.value = text;
  prompt.dispatchEvent(new InputEvent("input", { bubbles: true }));
  Studio.transport.told("ready");
}
"""


def test_what_is_typed_when_the_connection_comes_back_is_bought(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        expect(page.get_by_role("button", name=MAKE)).to_be_enabled()
        prompt = page.locator('[data-path="prompt"] textarea').element_handle()
        page.evaluate(TYPE_AND_CONNECT, [prompt, "A paper boat in the rain"])
        submit(page)
        expect(current(page)).to_contain_text("Saved")
    assert prompts_sold(shop) == ["A paper boat in the rain"]


def with_optional_image() -> tuple[Golden, str]:
    """A documented request to which one more file can be added, and the field for it."""
    return next(
        (golden, field["name"])
        for golden in documented()
        for field in described(CATALOG, golden.model)["fields"]
        if field["media"] and field["media"]["kind"] == "image" and field["media"]["files"] and not field["many"]
        if golden.values.get(field["name"]) is None
        and not preview(CATALOG, text_of(golden.model, golden.values | {field["name"]: "https://example.com/a"})).error
    )


@pytest.mark.parametrize("fails", [False, True], ids=["", "that fails"])
def test_a_press_waits_for_a_file_that_is_on_its_way(page: Page, shop: Shop, fails: bool) -> None:
    golden, name = with_optional_image()
    studio = Studio(page)
    with shop.studio() as visitor:
        opened(page, visitor)
        studio.choose(golden.model)
        page.get_by_role("button", name="The documented request").click()
        expect(page.get_by_role("button", name=MAKE)).to_be_enabled()
        studio.settle()
        with studio.held("addFile"):
            file: Any = {"name": "hero.png", "mimeType": "image/png", "buffer": PNG}
            studio.field(name).locator("input[type=file]").set_input_files(file)
            page.get_by_role("button", name=MAKE).click()
            assert not page.get_by_role("dialog").is_visible()
            if fails:
                studio.refuse(0, "the disk is full")
                expect(studio.field(name)).to_contain_text("hero.png: the disk is full")
                assert not page.get_by_role("dialog").is_visible()
                return
            studio.release(0)
        page.get_by_role("dialog").get_by_role("button", name="Buy it").click()
        expect(current(page)).to_contain_text("Saved")
    [submitted] = [entry for entry in shop.gateway.journal if entry.bought]
    assert base64.b64encode(PNG).decode() in json.dumps(submitted.body)


# An earlier press whose answer did not arrive.


@pytest.mark.parametrize("way", ["reload", "press"])
def test_an_earlier_press_is_sent_again_only_after_a_confirmation(page: Page, shop: Shop, way: str) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        write_prompt(page, "A paper boat in the rain")
        fail(page, after_sale=False)
        write_prompt(page, "A kite")
        for _ in range(2):  # To decide later sends nothing, and asks again.
            page.reload() if way == "reload" else page.get_by_role("button", name=MAKE).click()
            expect(kept(page)).to_contain_text("A paper boat in the rain")
            expect(kept(page)).to_contain_text("paid")
            kept(page).get_by_role("button", name="Decide later").click()
            expect(page.get_by_role("dialog")).to_be_hidden()
        expect(page.get_by_text("An earlier request waits")).to_be_visible()
        assert shop.sold == 0
        page.get_by_role("button", name=MAKE).click()
        kept(page).get_by_role("button", name="Buy it").click()
        expect(current(page)).to_contain_text("Saved")
    assert prompts_sold(shop) == ["A paper boat in the rain"]


def test_enter_does_not_confirm_an_earlier_press(page: Page, shop: Shop) -> None:
    """Nobody asked for the dialog that a reload opens; who types on must not buy."""
    with shop.studio() as visitor:
        opened(page, visitor)
        fail(page, after_sale=False)
        page.reload()
        kept(page)
        page.keyboard.press("Enter")
        expect(page.get_by_text("An earlier request waits")).to_be_visible()
    assert shop.sold == 0


def test_a_discarded_press_is_never_sent(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        fail(page, after_sale=False)
        page.reload()
        kept(page).get_by_role("button", name="Discard it").click()
        expect(page.locator("#notices")).to_contain_text("was discarded")
        page.reload()
        expect(page.locator("body[data-loaded]")).to_be_visible()
        expect(page.get_by_role("dialog")).to_be_hidden()
        expect(history(page)).to_have_count(0)
    assert shop.sold == 0


def test_a_new_request_gets_a_new_key_once_the_earlier_one_is_discarded(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        write_prompt(page, "A paper boat in the rain")
        fail(page, after_sale=True)
        write_prompt(page, "A kite")
        page.get_by_role("button", name=MAKE).click()
        expect(kept(page)).to_contain_text("may have been bought")
        kept(page).get_by_role("button", name="Discard it").click()
        expect(page.locator("#notices")).to_contain_text("History shows it")
        submit(page)
        expect(current(page)).to_contain_text("Saved")
        expect(history(page)).to_have_count(2)
    assert prompts_sold(shop) == ["A paper boat in the rain", "A kite"]


@pytest.mark.parametrize(
    "before", [{"mock": True}, {"address": "http://another.invalid"}, {}], ids=["mock", "gateway", "journal"]
)
def test_a_press_at_another_studio_is_dropped(page: Page, tmp_path: Path, before: dict[str, Any]) -> None:
    """Somebody ends a studio, and starts one that is paid elsewhere, or does not know what was bought, at its port."""
    earlier, shop = Shop(tmp_path / "earlier"), Shop(tmp_path / "now")
    with earlier.studio(**before) as visitor:
        opened(page, visitor)
        fail(page, after_sale=False)
    page.goto("about:blank")
    with shop.studio(port=int(visitor.address.url.rpartition(":")[2])) as visitor:
        opened(page, visitor)
        expect(page.locator("#notices")).to_contain_text("was about to be submitted to")
        expect(page.locator("#notices")).to_contain_text("was dropped: this studio uses http://gateway.invalid")
        page.get_by_role("button", name=MAKE).click()
        expect(page.get_by_role("dialog", name="Make this video?")).to_be_visible()
    assert earlier.sold == shop.sold == 0


def test_a_lost_mock_studio_never_becomes_a_purchase(page: Page, tmp_path: Path) -> None:
    """The page still sends again, when a studio that is paid starts at the port and gets its address pasted there."""
    mock, shop = Shop(tmp_path / "mock"), Shop(tmp_path / "paid")
    with mock.studio(mock=True) as visitor:
        opened(page, visitor)
        answer_presses(page, lambda route: route.abort("connectionreset"))
        submit(page, "Make it")
        expect(page.get_by_text("with the same purchase key")).to_be_visible()
    page.unroute("**/api/purchases")
    with shop.studio(port=int(visitor.address.url.rpartition(":")[2])) as visitor:
        page.goto(visitor.address.page)
        expect(page.locator("#notices")).to_contain_text("was dropped")
        assert page.evaluate("sessionStorage.getItem('studio-pending')") is None
    assert mock.sold == shop.sold == 0


# Another day.


def test_the_history_after_a_restart_plays_and_fills_the_form(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text("Saved")
        body = page.locator("#views").inner_text()
    with shop.studio() as visitor:
        page.goto(visitor.address.page)
        card = history(page)
        expect(card).to_have_count(1)
        assert card.locator("video").evaluate(PLAYS)
        card.get_by_role("button", name="As Python").click()
        expect(page.get_by_role("dialog")).to_contain_text(f"import {GOLDEN.cls.__name__}")
        page.get_by_role("dialog").get_by_role("button", name="Close").click()
        card.get_by_role("button", name="Use these values").click()
        expect(page.locator("#views")).to_have_text(body, use_inner_text=True)
    assert shop.sold == 1


def test_what_is_under_way_is_waited_for_after_a_restart(
    page: Page, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll_every(monkeypatch, 60)
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text("Under way")
    poll_every(monkeypatch, 0.01)
    with shop.studio() as visitor:
        page.goto(visitor.address.page)
        expect(history(page)).to_contain_text("Saved")
    assert shop.sold == 1


def test_a_purchase_is_listed_once_however_often_somebody_looks(page: Page, shop: Shop) -> None:
    studio = Studio(page)
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text("Saved")
        with studio.held("buys.all"):
            history(page)
            expect(page.locator("#history")).to_be_visible()
            page.go_back()
            expect(page.locator("#making")).to_be_visible()
            history(page)
            expect(page.locator("#history")).to_be_visible()
            studio.release(1)
            studio.release(0)
        expect(page.locator("#purchases article")).to_have_count(1)


def test_a_double_click_lists_older_purchases_once(page: Page, shop: Shop) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with shop.studio() as visitor:
        for _ in range(51):
            bought(visitor, text_of(GOLDEN.model, GOLDEN.values))
        opened(page, visitor)
        expect(history(page)).to_have_count(50)
        older = page.get_by_role("button", name="Show older ones")
        older.evaluate("button => { button.click(); button.click(); }")
        expect(page.locator("#purchases article")).to_have_count(51)
        expect(older).to_be_hidden()
    assert len([url for url in asked if "before=" in url]) == 1


def test_a_list_that_does_not_come_is_told(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        for _ in range(51):
            bought(visitor, text_of(GOLDEN.model, GOLDEN.values))
        opened(page, visitor)
        expect(history(page)).to_have_count(50)
        failure = {"error": {"message": "the disk is gone"}}
        page.route(
            "**/api/purchases?*", lambda route: route.fulfill(status=HTTPStatus.SERVICE_UNAVAILABLE, json=failure)
        )
        page.get_by_role("button", name="Show older ones").click()
        expect(page.locator("#notices")).to_contain_text("the disk is gone")
        page.unroute("**/api/purchases?*")
        page.get_by_role("button", name="Show older ones").click()
        expect(page.locator("#purchases article")).to_have_count(51)


def test_stop_waiting_and_wait_again(page: Page, tmp_path: Path) -> None:
    shop = Shop(tmp_path, scenario="never-ending")
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text("in_progress")
        current(page).get_by_role("button", name="Stop waiting").click()
        expect(current(page)).to_contain_text("has stopped waiting")
        current(page).get_by_role("button", name="Wait again").click()
        expect(current(page)).to_contain_text("in_progress")
    assert shop.sold == 1


@pytest.mark.parametrize("way", ["Delete from the list", "Delete with the file"])
def test_delete_with_and_without_the_file(page: Page, shop: Shop, way: str) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text("Saved")
        history(page).get_by_role("button", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name=way).click()
        expect(page.locator("#purchases article")).to_have_count(0)
        assert len([*shop.videos.iterdir()]) == (0 if "file" in way else 1)
        page.reload()
        expect(page.locator("#purchases article")).to_have_count(0)


# What goes wrong.


@pytest.mark.parametrize(
    ("scenario", "state", "words"),
    [
        ("402", "Not bought", "402"),
        ("400", "Refused", "400"),
        ("failed", "Failed", "There will be no video"),
        ("cut-submit", "In doubt", "never sent again"),
    ],
)
def test_errors_say_what_happened_and_what_to_do(
    page: Page, tmp_path: Path, scenario: str, state: str, words: str
) -> None:
    shop = Shop(tmp_path, scenario=scenario)
    with shop.studio() as visitor:
        opened(page, visitor)
        submit(page)
        expect(current(page)).to_contain_text(state)
        expect(current(page)).to_contain_text(words)


def test_a_text_of_the_gateway_is_only_a_text(page: Page, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    evil = "<script>window.caught = 1</script><img src=x onerror='window.caught = 1'>"
    with shop.studio() as visitor:
        opened(page, visitor)
        shop.transport.refusal = evil
        submit(page)
        expect(current(page)).to_contain_text(evil)
        assert page.evaluate("window.caught") is None


def test_a_page_of_an_earlier_studio_says_where_to_go(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        page.goto(f"{visitor.address.url}/#token=of-an-earlier-studio")
        expect(page.get_by_text("open the address that the terminal shows")).to_be_visible()
        page.goto(visitor.address.page)  # Into the same tab, which changes no more than what is behind the "#".
        expect(page.get_by_role("button", name="The documented request")).to_be_visible()
        assert visitor.address.token not in page.url


def test_an_address_pasted_into_an_open_page_keeps_the_form(page: Page, shop: Shop) -> None:
    with shop.studio() as visitor:
        opened(page, visitor)
        write_prompt(page, "A paper boat in the rain")
        expect(page).to_have_url(re.compile("boat"))
        with page.expect_event("load"):
            page.evaluate("page => { location.href = page; }", visitor.address.page)
        expect(page.locator('[data-path="prompt"] textarea')).to_have_value("A paper boat in the rain")
        assert visitor.address.token not in page.url


# Another site in the same browser.

ATTACK = """
async (studio) => {
  const body = JSON.stringify({ key: "a".repeat(32), text: "{}" });
  const address = `${studio}/api/purchases`;
  const blind = { method: "POST", mode: "no-cors", credentials: "include", body };
  const open = { method: "POST", headers: { "Content-Type": "application/json" }, body };
  for (const options of [blind, open, {}]) await fetch(address, options).catch(() => {});
  const end = (element) => new Promise((resolve) => { element.onload = element.onerror = resolve; });
  const seen = [];
  for (const path of ["/", "/icon.svg", "/api/session"]) {
    const image = Object.assign(new Image(), { src: studio + path });
    await end(image);
    seen.push(image.naturalWidth);
  }
  const frame = Object.assign(document.createElement("iframe"), { src: studio, name: "frame" });
  document.body.append(frame);
  await end(frame);
  const form = document.createElement("form");
  Object.assign(form, { action: address, method: "post", enctype: "text/plain", target: "frame" });
  document.body.append(form);
  form.submit();
  await end(frame);
  return seen;
}
"""


ATTEMPTS = [
    *[("GET", path) for path in ("/", "/", "/api/purchases", "/api/session", "/icon.svg")],
    *[("OPTIONS", "/api/purchases"), ("POST", "/api/purchases"), ("POST", "/api/purchases")],
]
"""What arrives at the studio. The browser asks first (``OPTIONS``) before it sends JSON to another site."""


def test_another_site_in_the_browser_reaches_nothing(
    browser: Browser, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered: list[tuple[str, str, int]] = []
    passed = Gate.__call__

    async def recorded(gate: Gate, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_recorded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append((scope["method"], scope["path"], message["status"]))
            await send(message)

        await passed(gate, scope, receive, send_recorded)

    # The studio counts, because a browser does not tell of every request by another site's frame.
    monkeypatch.setattr(Gate, "__call__", recorded)
    page = browser.new_page()
    with shop.studio() as visitor, serve([response(200, raw=b"<body>", kind="text/html")]) as elsewhere:
        for site in (elsewhere.url, elsewhere.url.replace("127.0.0.1", "localhost")):
            answered.clear()
            page.goto(f"{site}/")
            assert page.evaluate(ATTACK, visitor.address.url) == [0, 0, 0]
            until(lambda: len(answered) >= len(ATTEMPTS))
            assert sorted(answered) == [(*attempt, HTTPStatus.FORBIDDEN) for attempt in ATTEMPTS]
    page.close()
    assert len(shop.gateway.journal) == 0
