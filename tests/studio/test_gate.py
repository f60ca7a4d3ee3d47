"""Who gets into the studio: its own page, and nobody else who can make a browser of this machine send something."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http import HTTPStatus

import pytest

from modelstream_runtime.studio.server.options import HOST
from tests.support.studio import KEY, Reply, Visitor, studio_in, visited

PRIVATE = "/api/session"
POSTED = "/api/files"
FILE = {"name": "a.png", "base64": "aGVsbG8="}
FETCHED = {"sec_fetch_mode": "cors", "sec_fetch_dest": "empty"}
NAVIGATED = {"sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with visited(studio_in(tmp_path_factory.mktemp("home"))) as visitor:
        yield visitor


def test_the_page_gets_in(visitor: Visitor) -> None:
    assert visitor.get(PRIVATE).status == HTTPStatus.OK
    assert visitor.get(PRIVATE, host=visitor.authority.replace(HOST, "localhost")).status == HTTPStatus.OK
    assert visitor.post(POSTED, FILE).status == HTTPStatus.OK


def test_it_listens_on_loopback_only(visitor: Visitor) -> None:
    port = int(visitor.authority.rpartition(":")[2])
    # Every address of this machine but the one that it listens on is still free.
    for host in ("127.0.0.2", "::1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.create_server((host, port), family=family):
            pass
    with pytest.raises(OSError, match="in use"), socket.create_server((HOST, port)):
        pass


# The address that the browser believes to visit.


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:{port}",  # DNS rebinding: a name of somebody else that points to this machine
        "127.0.0.1",
        "localhost",
        "127.0.0.1:1",
        "localhost.:{port}",
        "127.0.0.1.evil.example:{port}",
        "[::1]:{port}",
        "0.0.0.0:{port}",
        "127.1:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", PRIVATE, "/videos/x/1.mp4"])
def test_another_host_is_refused(visitor: Visitor, host: str, path: str) -> None:
    reply = visitor.get(path, host=host.format(port=visitor.authority.rpartition(":")[2]))
    assert (reply.status, reply.kind) == (HTTPStatus.MISDIRECTED_REQUEST, "wrong host")


def test_no_host_or_two_are_refused(visitor: Visitor) -> None:
    for lines in ("", f"Host: {visitor.authority}\r\nHost: evil.example\r\n"):
        with socket.create_connection((HOST, int(visitor.authority.rpartition(":")[2]))) as connection:
            connection.sendall(f"GET / HTTP/1.0\r\n{lines}\r\n".encode())
            status = connection.makefile("rb").readline().split()[1]
        assert status in (b"421", b"400")


# Other origins.


@pytest.mark.parametrize(
    "origin",
    [
        "null",  # a frame in a sandbox, or a file
        "https://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://{authority}",
        "http://{authority}.evil.example",
        "http://localhost:{port}",  # not the host that was asked
        "file://",
        "",
    ],
)
def test_another_origin_is_refused(visitor: Visitor, origin: str) -> None:
    foreign = origin.format(authority=visitor.authority, port=visitor.authority.rpartition(":")[2])
    for reply in (visitor.get(PRIVATE, origin=foreign), visitor.post(POSTED, FILE, origin=foreign)):
        assert (reply.status, reply.kind) == (HTTPStatus.FORBIDDEN, "foreign origin")


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something-new", ""])
@pytest.mark.parametrize("path", [PRIVATE, "/videos/x/1.mp4", "/"])
def test_another_site_is_refused(visitor: Visitor, site: str, path: str) -> None:
    """Even without an Origin, as an image, a script or a frame is fetched. same-site: another port of this machine."""
    for fetched in (FETCHED, {"sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"}):
        reply = visitor.get(path, sec_fetch_site=site, **fetched)
        assert (reply.status, reply.kind) == (HTTPStatus.FORBIDDEN, "foreign site")


def test_a_frame_of_another_site_is_refused(visitor: Visitor) -> None:
    reply = visitor.get("/", sec_fetch_site="cross-site", sec_fetch_mode="navigate", sec_fetch_dest="iframe")
    assert (reply.status, reply.kind) == (HTTPStatus.FORBIDDEN, "foreign site")


def test_a_link_of_another_site_opens_the_page_and_nothing_else(visitor: Visitor) -> None:
    opened = visitor.get("/", x_studio_token=None, sec_fetch_site="cross-site", **NAVIGATED)
    assert (opened.status, opened.headers["content-type"]) == (HTTPStatus.OK, "text/html; charset=utf-8")
    for path in (PRIVATE, "/videos/x/1.mp4", "/open/x"):
        reply = visitor.get(path, sec_fetch_site="cross-site", **NAVIGATED)
        assert (reply.status, reply.kind) == (HTTPStatus.FORBIDDEN, "foreign site")


def test_a_request_of_another_origin_that_asks_first_gets_no_permission(visitor: Visitor) -> None:
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    reply = visitor.send("OPTIONS", POSTED, headers=asked)
    assert reply.status == HTTPStatus.FORBIDDEN
    assert no_cors(reply)


def no_cors(reply: Reply) -> bool:
    return not any(name.startswith("access-control-") for name in reply.headers)


# The token.


@pytest.mark.parametrize("token", [None, "", "x", "\u00e9"])
@pytest.mark.parametrize("path", [PRIVATE, "/api/nothing", "/api", "/nothing", "//", "/api/../", "/page"])
def test_without_the_token_nothing_but_the_page_is_there(visitor: Visitor, token: str | None, path: str) -> None:
    reply = visitor.get(path, x_studio_token=token)
    assert (reply.status, reply.kind) == (HTTPStatus.UNAUTHORIZED, "no token")


def test_a_part_of_the_token_is_none(visitor: Visitor) -> None:
    token = visitor.address.token
    for part in (token[:-1], token + "x", token.swapcase(), f"{token},{token}"):
        assert visitor.get(PRIVATE, x_studio_token=part).kind == "no token"


def test_the_token_counts_only_in_its_header(visitor: Visitor) -> None:
    token = visitor.address.token
    placed = [{"cookie": f"x-studio-token={token}"}, {"authorization": f"Bearer {token}"}]
    for headers in placed:
        assert visitor.send("GET", PRIVATE, headers=headers).kind == "no token"
    assert visitor.get(f"{PRIVATE}?token={token}", x_studio_token=None).kind == "no token"


def test_no_response_sets_a_cookie_or_shows_the_token_or_the_key(visitor: Visitor) -> None:
    for path in ("/", PRIVATE, "/api/nothing", "/videos/x/1.mp4"):
        reply = visitor.get(path)
        assert "set-cookie" not in reply.headers
        for secret in (visitor.address.token, KEY):
            assert secret.encode() not in reply.body
            assert secret not in str(reply.headers)


# What a form, or a fetch that needs no permission, can send.


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain; application/json",
        "application/jsonp",
    ],
)
def test_a_form_is_refused(visitor: Visitor, content_type: str | None) -> None:
    reply = visitor.post(POSTED, FILE, content_type=content_type)
    assert (reply.status, reply.kind) == (HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "no JSON")


def test_json_may_name_its_charset(visitor: Visitor) -> None:
    assert visitor.post(POSTED, FILE, content_type="application/json; charset=utf-8").status == HTTPStatus.OK


def test_nothing_changes_by_get(visitor: Visitor) -> None:
    reply = visitor.get(POSTED)
    assert reply.status == HTTPStatus.METHOD_NOT_ALLOWED


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_object_is_refused(visitor: Visitor, body: bytes) -> None:
    headers = {"x-studio-token": visitor.address.token, "content-type": "application/json"}
    reply = visitor.send("POST", POSTED, body, headers)
    assert (reply.status, reply.kind) == (HTTPStatus.BAD_REQUEST, "no JSON")


def test_a_large_body_is_refused_before_it_comes(visitor: Visitor) -> None:
    headers = {"x-studio-token": visitor.address.token, "content-type": "application/json"}
    reply = visitor.send("POST", POSTED, headers=headers | {"content-length": "10000000000"})
    assert (reply.status, reply.kind) == (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
    assert reply.headers["connection"] == "close"


# What a browser may do with responses.


@pytest.mark.parametrize("path", ["/", PRIVATE, "/api/nothing", "/videos/x/1.mp4", "/open/x"])
@pytest.mark.parametrize("host", ["{authority}", "evil.example"])
def test_every_response_forbids_what_the_page_does_not_need(visitor: Visitor, path: str, host: str) -> None:
    reply = visitor.get(path, host=host.format(authority=visitor.authority))
    policy = dict(part.split(" ", 1) for part in reply.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == "'none'"
    sources = {source for name, value in policy.items() if name.endswith("-src") for source in value.split()}
    assert sources == {"'none'", "'self'", "blob:", "data:"}
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert no_cors(reply)


# The address that the browser is started with.


def test_a_wrong_opening_leads_nowhere(visitor: Visitor) -> None:
    for path in ("/open/", "/open/x", "/open/x/y", f"/open/{visitor.address.token}"):
        reply = visitor.get(path, x_studio_token=None, sec_fetch_site="none", **NAVIGATED)
        assert reply.status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
        assert "location" not in reply.headers
