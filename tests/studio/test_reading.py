"""What the page reads over HTTP is what the package says, and browsers keep what only the package changes."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.about import __version__
from modelstream_runtime.studio.forms import described, listing
from modelstream_runtime.studio.preview import preview, text_of
from modelstream_runtime.studio.switching import switched
from modelstream_runtime.studio.uploads import Uploads
from tests.support.golden import Golden, documented
from tests.support.studio import Visitor, studio_in, visited

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 3000
GOLDENS = documented()


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visited(studio_in(tmp_path_factory.mktemp("home"))) as visitor:
        yield visitor


def text(golden: Golden) -> str:
    return text_of(golden.model, golden.values)


def test_the_session_tells_where_the_videos_go_and_who_makes_them(visitor: Visitor) -> None:
    session = visitor.get("/api/session").json
    assert (session["package"], session["version"]) == (CATALOG.package, __version__)
    assert (session["gateway"], session["address"]) == (CATALOG.gateway.title, "http://gateway.invalid")
    assert session["mock"] is False
    assert session["folder"].endswith("/videos")
    assert session["journal"].endswith("/journal.sqlite")


def test_the_catalog_and_every_form_are_what_the_package_says(visitor: Visitor) -> None:
    models = visitor.get("/api/catalog").json
    assert models == listing(CATALOG)
    for model in models:
        told = visitor.get(f"/api/models/{model['id']}").json
        assert told == json.loads(json.dumps(described(CATALOG, model["id"])))


@pytest.mark.parametrize("path", ["/api/catalog", f"/api/models/{GOLDENS[0].model}"])
def test_a_reload_sends_no_form_again(visitor: Visitor, path: str) -> None:
    first = visitor.get(path)
    again = visitor.get(path, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (HTTPStatus.NOT_MODIFIED, b"")
    assert visitor.get(path, if_none_match='"something else"').status == HTTPStatus.OK
    assert first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("model", ["no-such-model", "..", "%2e%2e%2fkling", "a" * 5000])
def test_an_unknown_model_has_no_form(visitor: Visitor, model: str) -> None:
    assert visitor.get(f"/api/models/{model}").status == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("golden", GOLDENS, ids=str)
def test_a_preview_is_that_of_the_package(visitor: Visitor, golden: Golden) -> None:
    for given in (text(golden), golden.curl, json.dumps(golden.body), text_of(golden.model, {"nothing": 1}), "?"):
        reply = visitor.post("/api/preview", {"text": given})
        assert reply.json == json.loads(json.dumps(preview(CATALOG, given).as_json()))
        assert reply.headers["cache-control"] == "no-store"


def test_a_text_with_half_a_character_is_no_trouble(visitor: Visitor) -> None:
    given = text_of(GOLDENS[0].model, {**GOLDENS[0].values, "prompt": "\ud800"})
    reply = visitor.post("/api/preview", {"text": given})
    assert reply.json == json.loads(json.dumps(preview(CATALOG, given).as_json()))


def test_switching_the_model_is_that_of_the_package(visitor: Visitor) -> None:
    for one in GOLDENS:
        for other in GOLDENS:
            reply = visitor.post("/api/switch", {"text": text(one), "model": other.model})
            assert reply.json == json.loads(json.dumps(switched(CATALOG, text(one), other.model).as_json()))


def test_switching_to_an_unknown_model_is_refused(visitor: Visitor) -> None:
    reply = visitor.post("/api/switch", {"text": text(GOLDENS[0]), "model": "no-such-model"})
    assert (reply.status, reply.kind) == (HTTPStatus.NOT_FOUND, "no model")


def test_a_file_that_the_page_hands_in_stands_in_requests(visitor: Visitor) -> None:
    reply = visitor.post("/api/files", {"name": "hero.png", "base64": base64.b64encode(PNG).decode()})
    uploads = Uploads()
    id = uploads.add("hero.png", PNG)
    assert reply.json == {"id": id}
    given = json.dumps({"model": "any-model", "prompt": "x", "metadata": {"image": id}})
    for whole in (False, True):
        shown = visitor.post("/api/preview", {"text": given, "whole": whole}).json
        assert shown == json.loads(json.dumps(preview(CATALOG, given, uploads, whole=whole).as_json()))


def test_a_file_of_an_earlier_studio_is_asked_for_again(visitor: Visitor) -> None:
    given = json.dumps({"model": "any-model", "prompt": "x", "metadata": {"image": "file:0123456789ab/lost.png"}})
    assert "choose the file again" in visitor.post("/api/preview", {"text": given}).json["error"]


@pytest.mark.parametrize("content", ["*", "aGVsbG8", "aGVsbG8=\n", "\u00e9"])
def test_a_file_must_be_base64(visitor: Visitor, content: str) -> None:
    reply = visitor.post("/api/files", {"name": "a.png", "base64": content})
    assert (reply.status, reply.kind) == (HTTPStatus.BAD_REQUEST, "no file")


@pytest.mark.parametrize("path", ["/api/preview", "/api/switch", "/api/files", "/api/purchases"])
@pytest.mark.parametrize("wrong", [None, 1, ["x"], {"x": 1}])
def test_what_must_be_a_text_is_one(visitor: Visitor, path: str, wrong: object) -> None:
    content = {"text": wrong, "model": wrong, "name": wrong, "base64": wrong, "key": wrong}
    reply = visitor.post(path, content)
    assert (reply.status, reply.kind) == (HTTPStatus.BAD_REQUEST, "wrong body")
