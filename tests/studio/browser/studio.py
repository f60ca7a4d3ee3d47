"""The page as a person uses it, for tests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Locator, Page, Route

from modelstream.catalog import CATALOG
from modelstream_runtime.studio.forms import described
from tests.support.golden import Golden, documented

HOLD = """
path => {
  const owner = path.startsWith("buys.") ? Studio.transport.buys : Studio.transport;
  const method = path.replace("buys.", ""), answer = owner[method];
  window.held = { calls: [], end: () => { owner[method] = answer; } };
  owner[method] = (...given) => {
    const call = Promise.withResolvers();
    held.calls.push(call);
    call.answered = call.promise.then(() => answer(...given));
    return call.answered;
  };
}
"""
RELEASE = """
async number => {
  const call = held.calls[number];
  call.resolve();
  await call.answered;
  await new Promise(resolve => setTimeout(resolve));
}
"""


def prompted() -> list[Golden]:
    """The documented requests of models with a prompt, into which a test can type."""
    known = (golden for golden in documented() if golden.model in CATALOG.models)
    return [golden for golden in known if isinstance(golden.values.get("prompt"), str)]


def with_image(*, many: bool) -> tuple[str, dict[str, Any]]:
    """A model with a field for an image or for several, which may be files."""
    return next(
        (model, field)
        for model in CATALOG.models
        for field in described(CATALOG, model)["fields"]
        if field["media"] and field["media"]["kind"] == "image" and field["media"]["files"] and field["many"] is many
    )


@dataclass
class Studio:
    """An open page.

    Attributes:
        page: the page.
        errors: what went wrong in it.
        requests: every address that it asked for.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, model: str, query: str = "") -> None:
        """Show the form of a model, with nothing but its defaults unless a query says otherwise."""
        # What the page does when a person changes the address, even to the same one.
        self.page.evaluate(
            """hash => {
              history.replaceState(null, "", hash);
              dispatchEvent(new HashChangeEvent("hashchange", { newURL: location.href }));
            }""",
            f"#{model}{query}",
        )
        self.arrived(model)
        self.settle()

    def settle(self) -> None:
        """Wait until the judge has answered to what was written last."""
        self.page.wait_for_selector("#result[aria-busy=false]", timeout=20_000)

    def choose(self, model: str) -> None:
        """Click a model in the list."""
        self.page.locator(f'#models a[data-id="{model}"]').click()

    def arrived(self, model: str) -> None:
        """Wait until the form of a model is shown."""
        self.page.wait_for_selector(f'#models a[aria-current][data-id="{model}"]', state="attached")

    @contextmanager
    def held(self, method: str) -> Iterator[None]:
        """Hold the answers of one method of the transport back; `release` lets one go."""
        self.page.evaluate(HOLD, method)
        yield
        self.page.evaluate("held.end()")

    def release(self, number: int) -> None:
        """Let the answer to a call go, and wait until the page has taken it."""
        self.page.evaluate(RELEASE, number)

    def refuse(self, number: int, message: str) -> None:
        """Let a call fail."""
        self.page.evaluate("([number, message]) => held.calls[number].reject(new Error(message))", [number, message])

    def view(self, name: str) -> str:
        """What a view shows."""
        self.page.get_by_role("tab", name=name, exact=True).click()
        if name == "JSON":
            return self.page.locator("#editor").input_value()
        return self.page.locator("#panel pre").inner_text()

    def write(self, text: str) -> None:
        """Write into the JSON view."""
        self.page.get_by_role("tab", name="JSON", exact=True).click()
        self.page.locator("#editor").fill(text)
        self.settle()

    @property
    def problems(self) -> list[str]:
        """The problems in the list."""
        return self.page.locator("#verdict li.problem").all_inner_texts()

    def field(self, path: str) -> Locator:
        """A field of the form, or an item of a list."""
        return self.page.locator(f'[data-path="{path}"]')

    def type(self, model: str, values: Mapping[str, Any]) -> None:
        """Type all values of a form into the controls; a field with a default that is not among them is left out."""
        for told in described(CATALOG, model)["fields"]:
            name = told["name"]
            if name in values:
                self._type(told, name, values[name])
            elif told["default"] is not None:
                self.page.get_by_role("button", name=f"Leave out {name}", exact=True).click()
        self.settle()

    def _type(self, told: Mapping[str, Any], path: str, value: Any) -> None:
        home = self.field(path)
        match told["kind"]:
            case "text":
                home.locator("textarea").fill(value)
            case "integer" | "number":
                home.locator("input[type=text]").fill(json.dumps(value))
            case "boolean" if told["default"] is not None:
                home.get_by_role("switch").set_checked(value)
            case "boolean":
                home.get_by_role("radio", name="On" if value else "Off").check()
            case "choice":
                self._choose(home, json.dumps(value, ensure_ascii=False))
            case "object":
                home.locator("textarea").fill(json.dumps(value, ensure_ascii=False))
            case "media" if not told["many"]:
                home.locator("input[type=text]").fill(value)
            case "media":
                for each in value if isinstance(value, list) else [value]:
                    home.locator(".list > .row input[type=text]").fill(each)
            case "objects":
                for index, item in enumerate(value):
                    home.get_by_role("button", name=re.compile("^Add ")).last.click()
                    for inner in told["fields"]:
                        if inner["name"] in item:
                            self._type(inner, f"{path}[{index}].{inner['name']}", item[inner["name"]])
            case other:
                raise AssertionError(f"no way to type {other}")

    def _choose(self, home: Locator, value: str) -> None:
        if home.locator("select").count():
            home.locator("select").select_option(value)
        else:
            home.locator("input[type=radio]").evaluate_all(
                "(inputs, value) => inputs.find((input) => input.value === value).click()", value
            )


@contextmanager
def opened(browser: Browser, address: str, **options: Any) -> Iterator[Studio]:
    """A new tab with the page. It may ask nobody but its own host for anything."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    studio = Studio(page)
    page.on("pageerror", lambda error: studio.errors.append(str(error)))
    page.on("console", lambda message: studio.errors.append(message.text) if message.type == "error" else None)

    def passed(route: Route) -> None:
        studio.requests.append(route.request.url)
        route.continue_()

    context.route("**/*", passed)
    page.goto(address)
    page.wait_for_selector("body[data-loaded]")
    yield studio
    context.close()
