"""A request class where pydantic, not the caller, makes the request: a body in FastAPI, a field of another model."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any, Literal

import httpx
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.json_schema import JsonSchemaMode

from modelstream import (
    MODELS,
    IgnoredFieldWarning,
    InvalidRequest,
    KlingV3,
    KlingV3Shot,
    Media,
    MediaList,
    Request,
    VideoRequest,
    Wan27R2V,
    schemas,
)
from modelstream_runtime.fields import Exact, JsonObject, Step
from modelstream_runtime.media import Accepts
from modelstream_runtime.request import Item

URL = "https://example.com/a.png"
CLASSES: dict[str, type[Request]] = {**MODELS, "generic": VideoRequest}
WRONG = {"prompt": "p", "mode": "prro", "duration": 99, "image_tail": URL, "promt": "?"}
BROKEN = {"prompt": "p", "image_tail": URL}  # A last frame needs a first frame.


class Job(BaseModel):
    name: str
    request: KlingV3
    more: list[Wan27R2V | KlingV3] = []


def places(error: ValidationError) -> list[tuple[tuple[int | str, ...], str]]:
    """Place and type of everything that pydantic reports."""
    json.loads(error.json())
    return [(detail["loc"], detail["type"]) for detail in error.errors()]


class Web:
    """An app, and requests to it inside the process."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def get(self, path: str) -> httpx.Response:
        return asyncio.run(self._send("GET", path))

    def post(self, path: str, *, json: Any) -> httpx.Response:
        return asyncio.run(self._send("POST", path, json=json))

    async def _send(self, method: str, path: str, **content: Any) -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://app.test") as client:
            return await client.request(method, path, **content)


@pytest.fixture(scope="module")
def web() -> Web:
    app = FastAPI()

    @app.post("/video")
    async def video(body: KlingV3) -> dict[str, Any]:
        return body.to_payload()

    @app.post("/job")
    async def job(body: Job) -> int:
        return len(body.more)

    @app.post("/shot")
    async def shot(body: KlingV3Shot) -> KlingV3Shot:
        return body

    @app.post("/echo")
    async def echo(body: VideoRequest) -> VideoRequest:
        return body

    return Web(app)


@pytest.mark.parametrize("model", CLASSES)
def test_the_json_schema_of_a_class_is_that_of_its_form(model: str) -> None:
    cls = CLASSES[model]
    assert cls.model_json_schema() == schemas.form(model)
    assert TypeAdapter(cls).json_schema() == schemas.form(model)
    assert TypeAdapter(cls).json_schema(mode="serialization") == schemas.form(model)


def test_a_subclass_has_the_schema_of_its_form() -> None:
    class Mine(KlingV3, frozen=True):
        """The same fields."""

    assert Mine.model_json_schema() == schemas.form("kling-v3")


def test_the_document_of_an_app_shows_the_forms(web: Web) -> None:
    response = web.get("/openapi.json")
    assert response.status_code == 200
    shown = response.json()["components"]["schemas"]
    form = schemas.form("kling-v3")
    assert shown["KlingV3"]["properties"].keys() == form["properties"].keys()
    for keyword in ("required", "allOf", "x-rules", "examples", "description"):
        assert shown["KlingV3"][keyword] == form[keyword]
    assert shown["KlingV3Shot"]["properties"]["duration"]["maximum"] == 15


def test_a_body_becomes_a_request(web: Web) -> None:
    response = web.post("/video", json={"prompt": "p", "mode": "pro"})
    assert (response.status_code, response.json()) == (200, KlingV3(prompt="p", mode="pro").to_payload())
    assert web.post("/echo", json={"model": "m", "prompt": "p"}).json()["model"] == "m"


def test_a_wrong_body_is_reported_with_places(web: Web) -> None:
    response = web.post("/video", json=WRONG)
    assert response.status_code == 422
    details = [(tuple(detail["loc"]), detail["type"]) for detail in response.json()["detail"]]
    assert details == [
        (("body", "duration"), "less_than_equal"),
        (("body", "mode"), "literal_error"),
        (("body", "promt"), "extra_forbidden"),
    ]


def test_a_broken_rule_is_reported_with_its_field(web: Web) -> None:
    [detail] = web.post("/video", json=BROKEN).json()["detail"]
    assert detail["loc"] == ["body", "image"]
    assert detail["type"] == "rule"
    assert detail["msg"] == "is needed for Image to Video (selected by image_tail)"


def test_a_wrong_media_value_is_reported(web: Web) -> None:
    [detail] = web.post("/video", json={"prompt": "p", "image": "hero.png"}).json()["detail"]
    assert (detail["loc"], detail["type"]) == (["body", "image"], "media")
    assert "'hero.png' is not an http(s) URL" in detail["msg"]


def test_requests_inside_other_models(web: Web) -> None:
    body = {"name": "n", "request": BROKEN, "more": [{"prompt": "p", "reference_image": URL}]}
    response = web.post("/job", json=body)
    assert response.status_code == 422
    assert [detail["loc"] for detail in response.json()["detail"]] == [["body", "request", "image"]]
    assert web.post("/job", json=body | {"request": {"prompt": "p"}}).json() == 1


def test_an_item_as_a_body(web: Web) -> None:
    assert web.post("/shot", json={"prompt": "p", "duration": 3}).json() == {"prompt": "p", "duration": 3}
    [detail] = web.post("/shot", json={"prompt": "p", "duration": 99}).json()["detail"]
    assert (detail["loc"], detail["type"]) == (["body", "duration"], "less_than_equal")
    assert KlingV3Shot.model_json_schema()["required"] == ["prompt", "duration"]


def test_a_field_of_another_model() -> None:
    job = Job.model_validate({"name": "n", "request": {"prompt": "p"}, "more": [KlingV3(prompt="q")]})
    assert job.request == KlingV3(prompt="p")
    assert job.more == [KlingV3(prompt="q")]
    with pytest.raises(ValidationError) as caught:
        Job.model_validate({"name": "n", "request": WRONG})
    assert [place for place, _ in places(caught.value)] == [
        ("request", "duration"),
        ("request", "mode"),
        ("request", "promt"),
    ]


def test_several_broken_rules_are_several_errors() -> None:
    values = {"prompt": "p", "reference_image": [URL] * 5, "reference_video": URL, "duration": 11}
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(list[Wan27R2V]).validate_python([values])
    assert places(caught.value) == [((0, "duration"), "rule"), ((0, "reference_video"), "rule")]


@pytest.mark.parametrize("text", [False, True])
def test_an_adapter_of_the_class_itself(text: bool) -> None:
    adapter = TypeAdapter(KlingV3)
    read: Any = (lambda value: adapter.validate_json(json.dumps(value))) if text else adapter.validate_python
    assert read({"prompt": "p"}) == KlingV3(prompt="p")
    for values, expected in (
        (BROKEN, [(("image",), "rule")]),
        ({}, [(("prompt",), "missing")]),
        ([], [((), "model_type")]),
    ):
        with pytest.raises(ValidationError) as caught:
            read(values)
        assert places(caught.value) == expected


def test_warnings_are_issued_wherever_a_request_is_made() -> None:
    with pytest.warns(IgnoredFieldWarning, match="aspect_ratio") as caught:
        Job.model_validate({"name": "n", "request": {"prompt": "p", "image": URL, "aspect_ratio": "1:1"}})
    assert len(caught) == 1


def test_a_call_of_the_class_still_raises_its_own_error() -> None:
    with pytest.raises(InvalidRequest) as called:
        KlingV3(prompt="p", image_tail=URL)
    with pytest.raises(InvalidRequest) as validated:
        KlingV3.model_validate(BROKEN)
    for error in (called.value, validated.value):
        assert [problem.field for problem in error.problems] == ["image"]


class Scene(Item, frozen=True):
    """An item with every kind of field that pydantic has no JSON Schema for."""

    picture: Annotated[Media | None, Accepts("image")] = None
    pictures: Annotated[MediaList | None, Accepts("image", many=True, max_items=3)] = None
    weight: Annotated[float, Step(0.1)] = 0.5
    tier: Annotated[Literal[1, 2], Exact()] = 1
    extra: JsonObject | None = None


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_every_kind_of_field_of_an_item_has_a_json_schema(mode: JsonSchemaMode) -> None:
    properties = TypeAdapter(Scene).json_schema(mode=mode)["properties"]
    assert [part.get("type") for part in properties["picture"]["anyOf"]] == ["string", "null"]
    assert properties["pictures"]["anyOf"][0] == {"type": "array", "items": {"type": "string"}, "maxItems": 3}
    assert properties["weight"]["type"] == "number"
    assert properties["tier"]["enum"] == [1, 2]
    assert properties["extra"]["anyOf"][0]["type"] == "object"


def test_a_field_for_any_request() -> None:
    class Queue(BaseModel):
        request: Request

    assert Queue(request=KlingV3(prompt="p")).request == KlingV3(prompt="p")
    assert Queue.model_json_schema()["required"] == ["request"]
