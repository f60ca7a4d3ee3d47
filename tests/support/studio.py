"""A studio on loopback, and requests to it such as its page and others send them."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from modelstream import AsyncModelStream
from modelstream.catalog import CATALOG
from modelstream_runtime.studio.server.serving import Address, running
from modelstream_runtime.studio.server.studio import Studio
from tests.support.command import PATIENCE

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
def visited(studio: Studio) -> Iterator[Visitor]:
    """A studio that runs until the block ends, and somebody who knows its token."""
    with running(studio) as address:
        yield Visitor(address)


def studio_in(home: Path, **options: Any) -> Studio:
    """A studio whose gateway nobody reaches."""
    usual: dict[str, Any] = {
        "catalog": CATALOG,
        "client": AsyncModelStream(KEY, base_url="http://gateway.invalid"),
        "address": "http://gateway.invalid",
    }
    return Studio(**usual | options, home=home)
