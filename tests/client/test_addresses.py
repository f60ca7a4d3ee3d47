"""The address of the gateway: the client rejects what cannot be one, and warns of one that others can read."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from modelstream import (
    AsyncModelStream,
    InsecureConnectionWarning,
    KlingV3,
    ModelStream,
    ModelStreamError,
)
from modelstream.gateway import GATEWAY

KEY = "sk-very-secret"
HOST = "https://gateway.example"
REPEATED = [
    "/v1",
    "/v1/",
    "/V1",
    "/v1/video",
    "/v1/video/generations",
    "/v1/video/generations/",
    "/v1/video/generations/task_1",
    "/v1/videos",
    "/v1/videos/task_1/content",
]
both = pytest.mark.parametrize("make", [ModelStream, AsyncModelStream])


@both
@pytest.mark.parametrize("prefix", ["", "/proxy", "/v1/modelstream"])
@pytest.mark.parametrize("path", REPEATED)
def test_an_address_with_a_path_of_the_gateway(make: Any, prefix: str, path: str) -> None:
    with pytest.raises(ModelStreamError) as caught:
        make(KEY, base_url=HOST + prefix + path)
    ending = path.rstrip("/")
    assert str(caught.value) == (
        f"the base URL {HOST + prefix + path!r} ends with {ending}, which the client adds itself; write {HOST + prefix}"
    )


def test_the_same_holds_wherever_an_address_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelStreamError, match="ends with /v1,"):
        ModelStream(KEY).with_options(base_url=f"{HOST}/v1")
    with pytest.raises(ModelStreamError, match="ends with /v1,"):
        KlingV3(prompt="p").to_curl(base_url=f"{HOST}/v1")
    monkeypatch.setenv(GATEWAY.base_url_variable, f"{HOST}/v1/video/generations")
    with pytest.raises(ModelStreamError, match="ends with /v1/video/generations,"):
        ModelStream(KEY)


def test_the_paths_come_from_the_facts_about_the_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    other = GATEWAY._replace(
        submit_path="/api/jobs", task_path="/api/jobs/{task_id}", content_path="/api/{task_id}.mp4"
    )
    monkeypatch.setattr(ModelStream.catalog, "gateway", other)
    ModelStream(KEY, base_url=f"{HOST}/v1")
    with pytest.raises(ModelStreamError, match="ends with /api/jobs,"):
        ModelStream(KEY, base_url=f"{HOST}/api/jobs")


@pytest.mark.parametrize("path", ["", "/", "/proxy", "/proxy/", "/v1/proxy", "/v10", "/av1", "/generations"])
def test_other_paths_are_a_part_of_the_address(path: str) -> None:
    ModelStream(KEY, base_url=HOST + path)


@pytest.mark.parametrize("end", ["?x=1", "#x", "/?", "/v1?x=1"])
def test_an_address_ends_with_its_path(end: str) -> None:
    with pytest.raises(ModelStreamError, match="not the address of a gateway"):
        ModelStream(KEY, base_url=HOST + end)


@both
@pytest.mark.parametrize("host", ["gateway.example", "gateway.example:8080/x", "10.0.0.7", "[2001:db8::1]", "gateway"])
def test_a_readable_key_is_warned_of_once(make: Any, host: str) -> None:
    def use() -> None:
        client = make(KEY, base_url=f"http://{host}")
        client.task("task_1")
        client.with_options(timeout=5)

    with pytest.warns(InsecureConnectionWarning) as caught:
        use()
    assert [(str(warning.message), warning.filename) for warning in caught] == [
        (f"http://{host} is not encrypted: anyone on the network path can read the API key; use https", __file__)
    ]


def test_a_readable_key_is_warned_of_when_the_address_changes() -> None:
    with pytest.warns(InsecureConnectionWarning, match="http://gateway.example is not encrypted") as caught:
        ModelStream(KEY).with_options(base_url="http://gateway.example")
    assert caught[0].filename == __file__


@pytest.mark.parametrize(
    "address",
    [
        "https://gateway.example",
        "HTTPS://gateway.example",
        "http://localhost:8000",
        "http://LOCALHOST",
        "http://mock.localhost",
        "http://127.0.0.1:8765",
        "http://127.1.2.3",
        "http://[::1]:8765",
        "http://mock.modelstream.test",
    ],
)
def test_nobody_reads_what_stays_on_this_machine(address: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ModelStream(KEY, base_url=address)
