"""What the page does; what depends on its judge, served and exported alike."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from modelstream.catalog import CATALOG
from modelstream_runtime.studio.forms import described, listing
from modelstream_runtime.studio.preview import GENERIC, preview
from tests.studio.browser.studio import Studio, prompted, with_image
from tests.support.golden import Golden, goldens

MODELS = [each["id"] for each in listing(CATALOG)]
PROMPTED = list(dict.fromkeys(golden.model for golden in prompted()))
"""The models into whose forms a test can type."""
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 200


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_a_golden_that_is_typed_gives_the_documented_request(studio: Studio, golden: Golden) -> None:
    studio.open(golden.model)
    studio.type(golden.model, golden.values)
    assert studio.problems == []
    assert studio.view("JSON") == json.dumps(golden.body, indent=2, ensure_ascii=False)
    assert studio.view("curl") == golden.to_curl
    shown = preview(CATALOG, golden.curl)
    assert studio.view("Python") == shown.python
    assert studio.view("Command line") == shown.command


def test_a_documented_curl_fills_the_form_of_its_model(served: Studio) -> None:
    for golden in goldens():
        served.write(golden.curl)
        served.page.locator("#editor").blur()
        form = golden.model if golden.model in CATALOG.models else GENERIC
        assert served.page.locator("#models a[aria-current]").get_attribute("data-id") == form
        assert served.view("JSON") == json.dumps(golden.body, indent=2, ensure_ascii=False)
        # Typing somewhere takes the request from the form, and so shows that all of it is there.
        texts = [f["name"] for f in described(CATALOG, form)["fields"] if f["kind"] == "text" and not f["is_json"]]
        for name in [name for name in texts if name in golden.values][:1]:
            area = served.field(name).locator("textarea")
            text = area.input_value()
            area.fill(f"{text}a")
            served.settle()
            area.fill(text)
            served.settle()
        assert served.view("curl") == golden.to_curl


def test_an_edit_in_json_is_told_at_the_field(served: Studio) -> None:
    served.write('{"model": "kling-v3", "prompt": "p", "duration": 5.0, "strange": 1}')
    expected = preview(CATALOG, '{"model": "kling-v3", "prompt": "p", "duration": 5.0, "strange": 1}').problems
    duration = served.field("duration")
    assert duration.locator("input[type=text]").input_value() == "5.0"
    assert duration.locator("input[type=text]").get_attribute("aria-invalid") == "true"
    [of_duration] = [problem.message for problem in expected if problem.field == "duration"]
    assert duration.locator(".told").inner_text() == of_duration
    assert [p.split(" ")[0] for p in served.problems] == [problem.field for problem in expected]


def test_a_text_that_is_no_json_is_told_with_its_place(served: Studio) -> None:
    served.open(MODELS[0])
    served.write('{"model": ')
    assert "invalid JSON" in served.page.locator("#verdict").inner_text()
    served.page.locator("#editor").blur()
    assert served.page.locator("#editor").input_value() == '{"model": '


def test_what_is_written_as_json_stays_until_it_is_right(served: Studio) -> None:
    golden = goldens()[0]
    wrong = json.dumps(golden.body | {"strange": 1})
    served.write(wrong)
    served.page.locator("#editor").blur()
    assert served.page.locator("#editor").input_value() == wrong
    served.write(json.dumps(golden.body))
    served.page.locator("#editor").blur()
    assert served.page.locator("#editor").input_value() == json.dumps(golden.body, indent=2, ensure_ascii=False)


def test_default_left_out_and_value_are_three_things(served: Studio) -> None:
    model, field = next(
        (model, field)
        for model in MODELS
        for field in described(CATALOG, model)["fields"]
        if field["default"] is not None and field["kind"] == "integer" and "." not in field["target"]
    )
    served.open(model)
    home, path = served.field(field["name"]), field["target"]

    def sent() -> Any:
        served.settle()
        return json.loads(served.view("JSON")).get(path)

    served.page.get_by_role("button", name="The documented request").click()
    assert home.get_by_text("default", exact=True).is_visible()
    assert sent() == json.loads(field["default"])
    home.get_by_role("button", name="Leave out").click()
    assert sent() is None
    assert home.get_by_text("left out", exact=True).is_visible()
    home.get_by_role("button", name="Use the default").click()
    assert sent() == json.loads(field["default"])


def test_items_are_added_moved_and_removed(served: Studio) -> None:
    model, field = next(
        (model, field)
        for model in MODELS
        for field in described(CATALOG, model)["fields"]
        if field["kind"] == "objects"
    )
    text = next(inner["name"] for inner in field["fields"] if inner["kind"] == "text")
    served.open(model)
    home = served.field(field["name"])

    def texts() -> list[str]:
        areas = home.locator(f'[data-path$=".{text}"] textarea')
        return [area.input_value() for area in areas.all()]

    for number in range(3):
        home.get_by_role("button", name="Add").last.click()
        served.field(f"{field['name']}[{number}].{text}").locator("textarea").fill(f"shot {number}")
    home.get_by_role("button", name="Move 1 down").click()
    assert texts() == ["shot 1", "shot 0", "shot 2"]
    home.get_by_role("button", name="Move 3 up").click()
    assert texts() == ["shot 1", "shot 2", "shot 0"]
    home.get_by_role("button", name="Remove 2").click()
    assert texts() == ["shot 1", "shot 0"]
    served.settle()
    inner = next(inner["name"] for inner in field["fields"] if inner["required"] and inner["name"] != text)
    assert any(f"{field['name']}[1].{inner}" in problem for problem in served.problems)
    assert "required" in served.field(f"{field['name']}[1].{inner}").locator(".told").inner_text()


def test_a_file_is_named_and_shown_and_can_be_removed(studio: Studio) -> None:
    model, field = with_image(many=False)
    studio.open(model)
    studio.page.get_by_role("button", name="The documented request").click()
    home = studio.field(field["name"])
    studio.settle()
    home.locator("input[type=file]").set_input_files({"name": "hero 1.png", "mimeType": "image/png", "buffer": PNG})
    home.get_by_text("hero 1.png", exact=True).wait_for()
    studio.settle()
    assert 'Path("hero 1.png")' in studio.view("Python")
    assert "hero 1.png" in studio.view("JSON")
    home.get_by_role("button", name="Remove hero 1.png").click()
    studio.settle()
    assert "hero 1.png" not in studio.page.url
    assert home.locator("input[type=text]").input_value() == ""


def test_several_files_keep_their_order(served: Studio) -> None:
    model, field = with_image(many=True)
    served.open(model)
    home = served.field(field["name"])
    files: list[Any] = [
        {"name": f"{name}.png", "mimeType": "image/png", "buffer": PNG + name.encode()} for name in ("b", "a", "c")
    ]
    home.locator(".list > .row input[type=file]").set_input_files(files)
    home.get_by_text("c.png", exact=True).wait_for()
    home.get_by_role("button", name="Move 3 up").click()
    assert home.locator(".file .name").all_inner_texts() == ["b.png", "c.png", "a.png"]


def test_switching_says_what_is_lost(studio: Studio) -> None:
    first, second = PROMPTED[0], PROMPTED[1]
    studio.open(first, "?prompt=A%20boat&brand_new=1")
    studio.choose(second)
    studio.page.locator(".notice").wait_for()
    assert "brand_new" in studio.page.locator(".notice").inner_text()
    assert prompt(studio).input_value() == "A boat"
    studio.page.go_back()
    studio.arrived(first)


def test_the_error_of_a_second_file_is_told(served: Studio) -> None:
    model, field = with_image(many=True)
    served.open(model)
    home = served.field(field["name"])
    files: list[Any] = [{"name": f"{name}.png", "mimeType": "image/png", "buffer": PNG} for name in ("first", "second")]
    with served.held("addFile"):
        home.locator(".list > .row input[type=file]").set_input_files(files)
        served.release(0)
        home.get_by_text("first.png", exact=True).wait_for()
        served.refuse(1, "the studio cannot read it")
    expect(home.get_by_role("alert")).to_have_text("second.png: the studio cannot read it")


def test_a_slider_is_where_the_number_is(served: Studio) -> None:
    at = """
    text => {
      const field = { kind: "integer", range: { min: -5, max: 5 }, special: [] };
      const made = Studio.control(field, { id: "x", label: "x-label", about: "x-doc" }, () => {});
      made.show(text === "" ? undefined : Studio.parse(text));
      return made.element.querySelector("input[type=range]").value;
    }
    """
    assert [served.page.evaluate(at, text) for text in ("0", "3", "-2", "")] == ["0", "3", "-2", "-5"]


# From one model to another.


TYPE_AND_LEAVE = """
([text, model]) => {
  const prompt = document.querySelector('[data-path="prompt"] textarea');
  prompt.value = text;
  prompt.dispatchEvent(new InputEvent("input", { bubbles: true }));
  document.querySelector(`#models a[data-id="${model}"]`).click();
}
"""


def prompt(studio: Studio) -> Locator:
    return studio.field("prompt").locator("textarea")


def test_back_leads_to_what_was_typed_right_before(studio: Studio) -> None:
    first, second = PROMPTED[0], PROMPTED[1]
    studio.open(first)
    studio.page.evaluate(TYPE_AND_LEAVE, ["A boat", second])
    studio.arrived(second)
    studio.page.go_back()
    studio.arrived(first)
    assert prompt(studio).input_value() == "A boat"


def test_the_last_click_wins(studio: Studio) -> None:
    first, second, third = PROMPTED[:3]
    for model in (third, second):
        studio.open(model)
    studio.open(first, "?prompt=A%20boat")
    with studio.held("switched"):
        studio.choose(second)
        assert studio.page.url.endswith(f"#{first}?prompt=A%20boat")  # As long as its form is the one shown.
        studio.choose(third)
        studio.release(1)
        studio.arrived(third)
        studio.release(0)
    studio.arrived(third)
    assert f"#{third}?" in studio.page.url
    studio.page.go_back()
    studio.arrived(first)


def test_an_upload_that_ends_after_a_switch_changes_nothing(studio: Studio) -> None:
    first, field = with_image(many=False)
    second = next(model for model in MODELS if model != first)
    studio.open(first, "?prompt=A%20boat")
    with studio.held("addFile"):
        picker = studio.field(field["name"]).locator("input[type=file]")
        picker.set_input_files({"name": "hero.png", "mimeType": "image/png", "buffer": PNG})
        studio.choose(second)
        studio.arrived(second)
        studio.settle()
        shown, url = studio.view("JSON"), studio.page.url
        studio.release(0)
        studio.settle()
        assert (studio.view("JSON"), studio.page.url) == (shown, url)
        # What would be judged, and then bought, is still what is shown.
        assert studio.page.locator("#result").get_attribute("aria-busy") == "false"


@pytest.mark.parametrize("way", ["at once", "from the history"])
def test_the_current_model_keeps_its_form(served: Studio, way: str) -> None:
    served.open(PROMPTED[0])
    prompt(served).fill("A boat")
    if way == "from the history":
        served.page.get_by_role("link", name="History").click()
        served.page.locator("#history").wait_for()
    served.choose(PROMPTED[0])
    served.arrived(PROMPTED[0])
    assert prompt(served).input_value() == "A boat"
    served.page.wait_for_url(lambda url: "prompt=A%20boat" in url)
    served.settle()


def test_a_link_has_the_model_and_the_values(served: Studio) -> None:
    served.open(PROMPTED[0])
    served.field("prompt").locator("textarea").fill("5 & a <b>?#=!")
    served.page.wait_for_url(lambda url: "prompt=" in url)
    url = served.page.url
    served.open(PROMPTED[1])
    served.page.evaluate("hash => { location.hash = hash; }", url.partition("#")[2])
    served.page.wait_for_selector(f'#models a[aria-current][data-id="{PROMPTED[0]}"]')
    assert served.field("prompt").locator("textarea").input_value() == "5 & a <b>?#=!"


def test_a_link_has_no_pictures(served: Studio) -> None:
    values = {"prompt": "p", "image": "data:image/png;base64,AAAA", "frames": ["a", "A" * 20_000]}
    assert served.page.evaluate("values => Studio.address('m', values)", values) == "#m?prompt=p"


def test_rules_between_fields_are_told_in_sentences(served: Studio) -> None:
    for model in MODELS:
        served.open(model)
        shown = [rule.text_content() or "" for rule in served.page.locator(".rules li").all()]
        words = CATALOG.schemas.form(model).get("x-rules-in-words", {})
        warnings = [f"{rule}warning" for rule in words.get("warnings", [])]
        assert shown == [rule.replace("`", "") for rule in [*words.get("errors", []), *warnings]]


def test_the_list_of_models_can_be_searched(served: Studio) -> None:
    for each in listing(CATALOG):
        served.page.get_by_role("searchbox").fill(each["id"])
        assert each["id"] in served.page.locator("#models li:visible a").evaluate_all("a => a.map(b => b.dataset.id)")
    served.page.get_by_role("searchbox").fill("no model is called like this")
    assert served.page.locator("#none").is_visible()
    served.page.get_by_role("searchbox").fill("")


def test_any_model_can_be_asked_for_with_metadata(served: Studio) -> None:
    served.open(GENERIC)
    served.type(GENERIC, {"model": "brand-new-model", "prompt": "p", "metadata": {"size": [1.50, {"a": None}]}})
    assert json.loads(served.view("JSON")) == {
        "model": "brand-new-model",
        "prompt": "p",
        "metadata": {"size": [1.5, {"a": None}]},
    }


def test_the_keyboard_alone_suffices(served: Studio) -> None:
    model = MODELS[0]
    served.open(model)
    served.view("JSON")
    page: Page = served.page
    reached: set[str] = set()
    page.locator("#search").focus()
    for _ in range(150):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                "(document.activeElement.closest('[data-path]')?.dataset.path) || document.activeElement.id || ''"
            )
        )
    assert {field["name"] for field in described(CATALOG, model)["fields"]} <= reached
    assert {"editor", "tab-body"} <= reached
    number = served.page.locator("[data-path] .number input[type=text]").first
    number.focus()
    before = number.input_value()
    page.keyboard.press("ArrowUp")
    assert number.input_value() != before


def test_nothing_went_wrong_and_nobody_else_was_asked(studio: Studio) -> None:
    assert studio.errors == []
    home = studio.page.url.partition("#")[0].rpartition("/")[0]
    foreign = [url for url in studio.requests if not url.startswith((home, "data:", "blob:"))]
    assert foreign == []
    assert studio.requests
