"""A studio on loopback, and requests to it such as its page and others send them."""

from __future__ import annotations

import asyncio
import http.client
import json
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from modelstream import AsyncModelStream, Request
from modelstream.catalog import CATALOG
from modelstream.mock import URL, MockGateway
from modelstream_runtime.journal.records import Source
from modelstream_runtime.mock.transport import MockTransport
from modelstream_runtime.purchases.content import Content
from modelstream_runtime.purchases.place import Place
from modelstream_runtime.purchases.purchases import Purchases
from modelstream_runtime.studio.server.serving import Address, running
from modelstream_runtime.studio.server.studio import Studio
from tests.support.batches import refusal
from tests.support.command import PATIENCE, SCRIPT, surroundings
from tests.support.process import process

KEY = "sk-a-key-that-nobody-may-see"


class Reply(NamedTuple):
    """A response that was read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def kind(self) -> str:
        """The kind of the error that it is."""
        kind: str = self.json["error"]["kind"]
        return kind


class Visitor:
    """Sends requests to a studio, each over a connection of its own."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.authority = address.url.removeprefix("http://")

    def send(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str | None] | None = None
    ) -> Reply:
        """One request with these headers and no others but ``Host`` and the length."""
        connection = http.client.HTTPConnection(self.authority, timeout=PATIENCE)
        named = {name.lower(): value for name, value in (headers or {}).items()}
        host = named.pop("host", self.authority)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            if host is not None:
                connection.putheader("Host", host)
            for name, value in named.items():
                if value is not None:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            received = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, received, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str | None) -> Reply:
        """A request of the page; ``None`` leaves one of its headers out. Underscores stand for dashes."""
        return self.send("GET", path, headers=self._of_page(headers))

    def post(self, path: str, content: Any = None, **headers: str | None) -> Reply:
        """A request of the page with JSON in its body."""
        ours = {"content-type": "application/json", "origin": self.address.url}
        body = json.dumps({} if content is None else content).encode()
        return self.send("POST", path, body, ours | self._of_page(headers))

    def _of_page(self, headers: Mapping[str, str | None]) -> dict[str, str | None]:
        ours = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"x-studio-token": self.address.token, **ours, **named}


@contextmanager
def visited(studio: Studio, *, port: int = 0) -> Iterator[Visitor]:
    """A studio that runs until the block ends, and somebody who knows its token."""
    with running(studio, port=port) as address:
        yield Visitor(address)


@contextmanager
def studio_process(*words: str, home: Path, **environment: str) -> Iterator[tuple[Any, Visitor]]:
    """``modelstream studio`` as a process without a desktop, and somebody who has read the address that it prints."""
    command: list[str | Path] = [SCRIPT, "studio", *words]
    around = surroundings({"MODELSTREAM_HOME": str(home), "DISPLAY": "", "WAYLAND_DISPLAY": ""} | environment)
    with process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=around) as started:
        url, found, token = started.stdout.readline().strip().partition("/#token=")
        assert found, started.stderr.read()
        yield started, Visitor(Address(url, token))


def studio_in(home: Path, **options: Any) -> Studio:
    """A studio whose gateway nobody reaches."""
    usual: dict[str, Any] = {
        "catalog": CATALOG,
        "client": AsyncModelStream(KEY, base_url="http://gateway.invalid"),
        "address": "http://gateway.invalid",
    }
    return Studio(**usual | options, place=Place(home / "journal.sqlite", home / "videos"))


class Held(MockTransport):
    """A gateway in this process that may keep its answers to paid requests back.

    Attributes:
        arrived: set when a paid request has come.
        answer: the answers leave as soon as it is set.
        refusal: if set, a paid request gets only this text.
    """

    def __init__(self, gateway: MockGateway) -> None:
        super().__init__(gateway)
        self.arrived = threading.Event()
        self.answer = threading.Event()
        self.answer.set()
        self.refusal = ""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.refusal and request.method == "POST":
            return refusal(HTTPStatus.BAD_REQUEST, self.refusal)
        response = await super().handle_async_request(request)
        if request.method == "POST":
            self.arrived.set()
            await asyncio.to_thread(self.answer.wait, PATIENCE)
        return response


class Shop:
    """A mock gateway, and studios that buy there.

    Args:
        home: the folder of the journal and the videos.
        options: of the mock gateway.

    Attributes:
        gateway: the mock gateway.
        transport: leads to it.
        videos: the folder of the videos.
    """

    def __init__(self, home: Path, **options: Any) -> None:
        usual: dict[str, Any] = {"polls": 2}
        self.gateway = MockGateway(**usual | options)
        self.transport = Held(self.gateway)
        self.videos = home / "videos"
        self._home = home

    @property
    def sold(self) -> int:
        """How many tasks the gateway made."""
        return self.gateway.journal.bought

    @contextmanager
    def studio(self, *, port: int = 0, **options: Any) -> Iterator[Visitor]:
        """A studio that buys here, until the block ends."""
        with visited(studio_in(self._home, client=self._client(), **options), port=port) as visitor:
            yield visitor

    def buy_as(self, source: Source, request: Request | Content, *, times: int = 1) -> None:
        """Buy a request as another program of this machine, which then ends."""

        async def buy() -> None:
            place = studio_in(self._home).place
            async with self._client() as client, Purchases.opened(client, source, place) as purchases:
                for _ in range(times):
                    await purchases.submit(new_key(), request)

        asyncio.run(buy())

    def _client(self) -> AsyncModelStream:
        return AsyncModelStream(KEY, base_url=URL, http_client=httpx.AsyncClient(transport=self.transport))


def new_key() -> str:
    """What the page makes at each press of the button."""
    return secrets.token_hex(16)


def bought(visitor: Visitor, text: str, key: str | None = None) -> Any:
    """Submit a request, and return the purchase."""
    reply = visitor.post("/api/purchases", {"key": key or new_key(), "text": text})
    assert reply.status == HTTPStatus.OK, reply
    return reply.json


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another thread or process does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def when(visitor: Visitor, number: int, *states: str) -> Any:
    """The purchase, once it is in one of these states."""
    purchase: dict[str, Any] = {}

    def has_come() -> bool:
        purchase.update(visitor.get(f"/api/purchases/{number}").json)
        return purchase["state"] in states

    until(has_come)
    return purchase
