"""The page's judge says what the request class says, in the same words, and shows what it sends."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from generator.ir import Model
from modelstream import InvalidRequest, KlingV3, Request
from modelstream.catalog import CATALOG
from modelstream_runtime._caller import without_warnings
from modelstream_runtime.schemas import Schemas
from modelstream_runtime.studio.preview import GENERIC, Preview, form_text, preview, request_of, text_of
from modelstream_runtime.studio.switching import switched
from modelstream_runtime.studio.uploads import Uploads
from tests.conformance.cases import Case, cases_of
from tests.conformance.made_up import MADE_UP, made_up
from tests.conformance.samples import is_json, models
from tests.support.golden import Golden, goldens, package

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 3000


def text_of_body(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)


def words(make: Callable[[], Request]) -> str:
    """The error of a request class as it reads; empty if there is none."""
    try:
        with without_warnings():
            make()
    except InvalidRequest as error:
        return str(error)
    return ""


def differences(case: Case) -> list[str]:
    """What the preview says otherwise than the class."""
    found = []
    cls = case.catalog.request_class(case.model) if case.model != GENERIC else case.catalog.generic
    assert cls is not None
    if case.values is not None and is_json(case.values):
        values = case.values
        told = preview(case.catalog, text_of(case.model, values))
        expected = words(lambda: cls(**values))
        if told.error != expected:
            found.append(f"{case} as a form: {told.error!r} instead of {expected!r}")
    if case.body is not None and is_json(case.body) and isinstance(case.body.get("model"), str) and case.body["model"]:
        body = case.body
        told = preview(case.catalog, text_of_body(body))
        expected = words(lambda: case.catalog.request_class(body["model"]).from_payload(body))
        if told.error != expected:
            found.append(f"{case} as a body: {told.error!r} instead of {expected!r}")
    return found


@pytest.mark.parametrize("model", models(), ids=lambda model: model.name)
def test_the_words_are_those_of_the_request_class(model: Model) -> None:
    asked = list(cases_of(model))
    assert [line for case in asked for line in differences(case)] == []
    assert any(preview(CATALOG, text_of(c.model, c.values)).error for c in asked if c.values and is_json(c.values))


@pytest.mark.parametrize("name", MADE_UP)
def test_the_words_are_those_of_made_up_classes(name: str) -> None:
    assert [line for case in cases_of(*made_up(name)) for line in differences(case)] == []


def agree(first: Preview, second: Preview) -> None:
    for view in ("form", "values", "error", "remarks", "body", "curl", "python", "command"):
        assert getattr(first, view) == getattr(second, view), view


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_every_view_of_a_golden_leads_back_to_it(golden: Golden) -> None:
    shown = preview(CATALOG, golden.curl)
    assert shown.error == ""
    assert shown.form is not None
    assert shown.body is not None
    assert shown.body == json.dumps(golden.body, indent=2, ensure_ascii=False)
    assert shown.curl is not None
    assert shown.curl == golden.to_curl
    agree(preview(CATALOG, shown.body), shown)
    agree(preview(CATALOG, shown.curl), shown)
    agree(preview(CATALOG, text_of(shown.form, shown.values)), shown)
    agree(preview(CATALOG, form_text(CATALOG, request_of(CATALOG, shown.body))), shown)
    names: dict[str, Any] = {}
    with without_warnings():
        exec(shown.python or "", names)  # noqa: S102
    assert names["request"].to_payload() == golden.body


@pytest.mark.parametrize(
    ("model", "values"),
    [(model.name, example.values) for model in package().all_models for example in model.examples],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_every_example_can_be_sent_and_read_back(model: str, values: Mapping[str, Any]) -> None:
    shown = preview(CATALOG, text_of(model, values))
    assert shown.error == ""
    again = preview(CATALOG, shown.body or "")  # A default that an example gives is none that a body has.
    assert (again.error, again.remarks, again.body, again.curl) == ("", shown.remarks, shown.body, shown.curl)
    agree(preview(CATALOG, text_of(model, again.values)), again)


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_form_leads_back_to_itself(name: str) -> None:
    for case in cases_of(*made_up(name)):
        if case.accepted and case.values is not None:
            shown = preview(case.catalog, text_of(name, case.values))
            again = preview(case.catalog, text_of(name, shown.values))
            assert (again.body, again.values) == (shown.body, shown.values), case


def test_numbers_stay_as_they_were_written() -> None:
    assert "5.0 is not an integer" in preview(CATALOG, '{"form": "kling-v3", "values": {"duration": 5.0}}').error
    shown = preview(CATALOG, '{"model": "kling-v3", "prompt": "p", "duration": 5.0}')
    assert '"duration": 5.0' in shown.as_json()["values"]


def test_a_broken_body_still_moves_the_form() -> None:
    shown = preview(CATALOG, '{"model": "kling-v3", "duration": 99, "strange": 1}')
    assert shown.values["duration"] == 99
    assert shown.values["mode"] is None  # Which says that the default is not sent.
    assert [problem.field for problem in shown.problems] == ["strange", "prompt", "duration"]
    assert (shown.body, shown.curl, shown.python, shown.command) == (None, None, None, None)


def test_remarks_are_not_about_defaults() -> None:
    picture = "https://example.com/a.png"
    assert preview(CATALOG, text_of("kling-v3", {"prompt": "p", "image": picture})).remarks == ()
    shown = preview(CATALOG, text_of("kling-v3", {"prompt": "p", "image": picture, "aspect_ratio": "9:16"}))
    assert [field for field, _ in shown.remarks] == ["aspect_ratio"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "the text holds no curl command"),
        ("{", "invalid JSON: "),
        ('{"prompt": "p"}', "the body names no model"),
        ('{"model": 7}', "7 is not a model id"),
        ('{"form": "kling-v3", "values": []}', "the values of the form are not a JSON object"),
        ('{"form": "kling-v3", "values": {"cfg_scale": NaN}}', "NaN is not a JSON number"),
        ("curl https://example.com", "sends no body"),
        ("curl https://example.com -d @/etc/passwd", "is in a file"),
        ('{"model": "kling-v3", "x": ' + "[" * 100_000, "invalid JSON"),
        ('{"form": "kling-v3", "values": {"image": "file:0123456789ab/a.png"}}', "choose the file again"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, error: str) -> None:
    assert error in preview(CATALOG, text).error


def test_files_are_shown_by_their_names_and_sent_whole() -> None:
    files = Uploads()
    placeholder = files.add("hero 1.png", PNG)
    values = {"prompt": "p", "image": placeholder, "image_tail": "https://example.com/b.png"}
    shown = preview(CATALOG, text_of("kling-v3", values), files)
    assert shown.error == ""
    with without_warnings():
        request = KlingV3(prompt="p", image=PNG, image_tail="https://example.com/b.png")
    assert request_of(CATALOG, text_of("kling-v3", values), files) == request
    assert len(shown.body or "") < 1000
    assert 'Path("hero 1.png")' in (shown.python or "")
    assert shlex.split((shown.command or "").replace("\\\n", ""))[-3:-1] == ["hero 1.png", "--image-tail"]
    agree(preview(CATALOG, shown.body or "", files), shown)
    agree(preview(CATALOG, shown.curl or "", files), shown)
    whole = preview(CATALOG, text_of("kling-v3", values), files, whole=True)
    assert json.loads(whole.body or "") == request.to_payload()
    assert whole.curl == request.to_curl()


def test_a_file_is_judged_by_its_content() -> None:
    files = Uploads()
    text = text_of("kling-v3", {"prompt": "p", "image": files.add("hero.png", b"GIF89a")})
    assert "is gif, not jpeg or png" in preview(CATALOG, text, files).error


def test_uploads_forget_the_oldest_first(tmp_path: Path) -> None:
    files = Uploads(max_bytes=10)
    first, second = files.add("a/../b\n.png", b"12345678"), files.add("b.png", b"1234")
    assert "\n" not in first
    assert first.count("/") == 1
    assert list(files) == [second]
    assert list(Uploads(max_bytes=1)) == []


def test_switching_keeps_what_both_models_have() -> None:
    for model in CATALOG.models:
        for golden in goldens():
            shown = preview(CATALOG, golden.curl)
            text, changes = switched(CATALOG, golden.curl, model)
            after = json.loads(text)
            assert after["form"] == model
            told = {change.field.partition("[")[0].partition(".")[0] for change in changes}
            lost = {name for name, value in shown.values.items() if value is not None and name not in after["values"]}
            assert lost - {"model"} <= told
            assert all(after["values"][name] == shown.values[name] for name in after["values"])
            problems = preview(CATALOG, text).problems
            assert not {problem.field for problem in problems} & after["values"].keys()


def test_switching_tells_of_other_defaults() -> None:
    was, now = (CATALOG.schemas.form(model)["properties"] for model in ("kling-v3", "viduq2-pro-fast"))
    differing = {n for n in was.keys() & now.keys() if was[n].get("default") != now[n].get("default")}
    _, changes = switched(CATALOG, text_of("kling-v3", {"prompt": "p"}), "viduq2-pro-fast")
    assert {change.field for change in changes} == differing


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ({"default": 5}, {"default": 3}, "is 3 by default here; it was 5"),
        ({"default": "this is it"}, {}, "has no default here; it was 'this is it'"),
        ({}, {"default": 3}, "is 3 by default here; it had none"),
    ],
)
def test_other_defaults_are_told_in_sentences(
    before: dict[str, Any], after: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, *_ = CATALOG.models
    forms = {one: {"properties": {"field": before}}, other: {"properties": {"field": after}}}
    monkeypatch.setattr(Schemas, "form", lambda schemas, model: forms[model])
    assert switched(CATALOG, text_of(one, {}), other).changes == (("field", message),)


def test_nothing_in_a_preview_is_no_json() -> None:
    shown = preview(CATALOG, '{"model": "kling-v3", "prompt": "\\ud800", "metadata": {"cfg_scale": 1e400}}')
    assert json.loads(json.dumps(shown.as_json(), allow_nan=False)) == shown.as_json()
    assert "Infinity" not in shown.as_json()["values"]
