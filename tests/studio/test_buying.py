"""Purchases over HTTP: one press buys once, whatever happens to the page, the connection and the server."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest

from modelstream import APIError, InvalidRequest, ModelStream, TaskFailed
from modelstream.catalog import CATALOG
from modelstream.gateway import GATEWAY
from modelstream.mock import URL
from modelstream_runtime._caller import without_warnings
from modelstream_runtime.journal.database import JournalError
from modelstream_runtime.journal.journal import Journal
from modelstream_runtime.purchases.content import Content
from modelstream_runtime.studio.forms import described
from modelstream_runtime.studio.preview import GENERIC, preview, text_of
from tests.conformance.samples import UNKNOWN_MODEL
from tests.support.command import PATIENCE, SCRIPT, run_script, surroundings
from tests.support.golden import documented
from tests.support.pauses import poll_every
from tests.support.server import Reply, Server, VideoGateway, response, serve
from tests.support.studio import KEY, Shop, Visitor, bought, new_key, studio_process, until, when

pytestmark = pytest.mark.usefixtures("quick")

GOLDEN = documented()[0]
COFFEE = text_of(GOLDEN.model, GOLDEN.values)
TEA = text_of(GOLDEN.model, {**GOLDEN.values, "prompt": "A cup of tea"})


def history(visitor: Visitor) -> list[dict[str, Any]]:
    purchases: list[dict[str, Any]] = visitor.get("/api/purchases").json["purchases"]
    return purchases


def test_a_press_becomes_a_video_that_plays(shop: Shop, tmp_path: Path) -> None:
    with shop.studio() as visitor:
        pressed = bought(visitor, COFFEE)
        assert (pressed["state"], pressed["paid"], pressed["source"]) == ("submitted", "yes", "studio")
        saved = when(visitor, pressed["number"], "saved")
        video = visitor.get(saved["video"], x_studio_token=None, sec_fetch_dest="video")
        part = visitor.get(saved["video"], x_studio_token=None, range="bytes=4-7")
    content = Path(saved["file"]).read_bytes()
    assert Path(saved["file"]).parent == tmp_path / "videos"
    assert (video.status, video.body, video.headers["content-type"]) == (HTTPStatus.OK, content, "video/mp4")
    assert (part.status, part.body) == (HTTPStatus.PARTIAL_CONTENT, b"ftyp")
    assert part.headers["content-range"] == f"bytes 4-7/{len(content)}"
    assert saved["bytes"] == len(content)
    assert shop.sold == 1


def test_a_purchase_fills_the_form_again(shop: Shop) -> None:
    with shop.studio() as visitor:
        pressed = bought(visitor, COFFEE)
        written = visitor.get(f"/api/purchases/{pressed['number']}/request").json
    assert written == {"text": pressed["text"], "python": pressed["python"]}
    assert preview(CATALOG, pressed["text"]).body == preview(CATALOG, COFFEE).body
    assert pressed["python"] == preview(CATALOG, COFFEE).python


def test_a_large_request_is_told_only_when_somebody_asks(shop: Shop) -> None:
    text = text_of(GENERIC, {"model": UNKNOWN_MODEL, "prompt": "x", "metadata": {"a": "b" * 30_000}})
    with shop.studio() as visitor:
        reply = visitor.post("/api/purchases", {"key": new_key(), "text": text})
        pressed = reply.json
        written = visitor.get(f"/api/purchases/{pressed['number']}/request").json
    assert (pressed["text"], pressed["python"]) == (None, None)
    assert "b" * 30_000 in written["text"]
    assert "b" * 30_000 in written["python"]


def test_pictures_are_only_read_when_somebody_asks(shop: Shop, tmp_path: Path) -> None:
    """An agent's purchase has its files by path: as text they are large, in a list that the page asks for again."""
    golden, name = next(
        (golden, field["name"])
        for golden in documented()
        for field in described(CATALOG, golden.model)["fields"]
        if field["media"] and field["media"]["kind"] == "image" and isinstance(golden.values.get(field["name"]), str)
    )
    picture = tmp_path / "hero.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3000))
    shop.buy_as("agent", Content.of_values(golden.model, {**golden.values, name: picture}))
    with shop.studio() as visitor:
        [listed] = history(visitor)
        written = visitor.get(f"/api/purchases/{listed['number']}/request").json
    assert (listed["text"], listed["python"]) == (None, None)
    assert "data:image/png;base64," in json.loads(written["text"])["values"][name]
    assert f'Path("{picture}")' in written["python"]


# Once.


def test_many_presses_with_one_key_buy_once(shop: Shop) -> None:
    key = new_key()
    with shop.studio() as visitor, ThreadPoolExecutor(8) as tabs:
        pressed = list(tabs.map(lambda _: bought(visitor, COFFEE, key), range(8)))
    assert len({purchase["task_id"] for purchase in pressed}) == 1
    with shop.studio() as visitor:
        assert bought(visitor, COFFEE, key)["task_id"] == pressed[0]["task_id"]
        assert len(history(visitor)) == 1
    assert shop.sold == 1


def test_two_studios_with_one_journal_buy_once(shop: Shop) -> None:
    key = new_key()
    with shop.studio() as one, shop.studio() as other, ThreadPoolExecutor(8) as tabs:
        pressed = list(tabs.map(lambda tab: bought(tab, COFFEE, key), (one, other) * 4))
        assert {purchase["number"] for purchase in pressed} == {1}
        when(other, 1, "saved")
    assert shop.sold == 1


def test_a_key_is_known_although_the_file_of_its_request_is_not(shop: Shop) -> None:
    """The page asks again after a restart, which loses the files that it had handed in."""
    key = new_key()
    with shop.studio() as visitor:
        content = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(100)).decode()
        id = visitor.post("/api/files", {"name": "hero.png", "base64": content}).json["id"]
        text = text_of("viduq2-pro-fast", {"prompt": "Coffee", "image": id})
        first = bought(visitor, text, key)
    with shop.studio() as visitor:
        assert bought(visitor, text, key)["number"] == first["number"]
        assert visitor.post("/api/purchases", {"key": new_key(), "text": text}).kind == "UnreadableValue"
    assert shop.sold == 1


def test_a_key_of_another_request_is_a_conflict(shop: Shop) -> None:
    key = new_key()
    with shop.studio() as visitor:
        first = bought(visitor, COFFEE, key)
        reply = visitor.post("/api/purchases", {"key": key, "text": TEA})
        assert (reply.status, reply.kind) == (HTTPStatus.CONFLICT, "KeyReused")
        assert reply.json["error"]["purchase"]["number"] == first["number"]
    assert shop.sold == 1


@pytest.mark.parametrize("key", ["", "x", "a" * 65, "a" * 20 + "\n", "../" * 8, "é" * 20])
def test_a_key_that_the_page_would_not_make_is_refused(shop: Shop, key: str) -> None:
    with shop.studio() as visitor:
        reply = visitor.post("/api/purchases", {"key": key, "text": COFFEE})
        assert (reply.status, reply.kind) == (HTTPStatus.BAD_REQUEST, "wrong body")
    assert shop.sold == 0


def test_what_the_class_refuses_is_never_sent(shop: Shop) -> None:
    values = {**GOLDEN.values, "no_such_field": 1}
    with pytest.raises(InvalidRequest) as refused, without_warnings():
        GOLDEN.cls(**values)
    with shop.studio() as visitor:
        reply = visitor.post("/api/purchases", {"key": new_key(), "text": text_of(GOLDEN.model, values)})
        nonsense = visitor.post("/api/purchases", {"key": new_key(), "text": "make me a video"})
        assert history(visitor) == []
    assert (reply.status, reply.kind) == (HTTPStatus.UNPROCESSABLE_ENTITY, "InvalidRequest")
    assert reply.json["error"]["message"] == str(refused.value)
    assert [problem["field"] for problem in reply.json["error"]["problems"]] == ["no_such_field"]
    assert (nonsense.status, nonsense.kind) == (HTTPStatus.UNPROCESSABLE_ENTITY, "UnreadableValue")
    assert len(shop.gateway.journal) == 0


def test_the_page_goes_away_in_the_middle_of_a_purchase(shop: Shop) -> None:
    key = new_key()
    with shop.studio() as visitor:
        shop.transport.answer.clear()
        post_and_hang_up(visitor, key)
        assert shop.transport.arrived.wait(PATIENCE)
        assert history(visitor)[0]["state"] == "sending"
        shop.transport.answer.set()
        assert bought(visitor, COFFEE, key)["number"] == 1
        when(visitor, 1, "saved")
    assert shop.sold == 1


def post_and_hang_up(visitor: Visitor, key: str) -> None:
    """Submit as a page that is closed right after."""
    body = json.dumps({"key": key, "text": COFFEE}).encode()
    host, _, port = visitor.authority.partition(":")
    lines = (
        "POST /api/purchases HTTP/1.1",
        f"Host: {visitor.authority}",
        f"X-Studio-Token: {visitor.address.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "",
        "",
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall("\r\n".join(lines).encode() + body)


# The end of the server, and its next start.


def studio_at(gateway: Server, home: Path) -> AbstractContextManager[tuple[Any, Visitor]]:
    """A studio in a process of its own that buys at a gateway on loopback."""
    at_gateway = {GATEWAY.api_key_variable: KEY, GATEWAY.base_url_variable: gateway.url}
    return studio_process("--no-browser", "--port=0", home=home, **at_gateway)


def wait_for_line(started: Any, text: str) -> None:
    """Read what a process tells until it has told this."""
    while text not in (line := started.stderr.readline()):
        assert line, f"it never said {text!r}"


def test_a_server_killed_in_a_paid_request_never_sends_it_again(tmp_path: Path) -> None:
    key, script = new_key(), VideoGateway()
    script.submit_reply = Reply(end="hang")
    with serve(script) as gateway:
        with studio_at(gateway, tmp_path) as (started, visitor):
            post_and_hang_up(visitor, key)
            until(lambda: gateway.count("POST"))
            started.send_signal(signal.SIGKILL)
            started.wait(PATIENCE)
        with studio_at(gateway, tmp_path) as (_, visitor):
            again = bought(visitor, COFFEE, key)
            told = history(visitor)
            hidden = visitor.post("/api/purchases/1/hide")
            words = ["tasks", "resolve", "1", "--mock", "--not-bought"]
            assert f"modelstream {' '.join(words)}" in again["advice"]
            assert run_script(*words, cwd=tmp_path, environment={"MODELSTREAM_HOME": str(tmp_path)}).status == 0
            assert history(visitor)[0]["paid"] == "no"
    assert (again["state"], again["paid"]) == ("in doubt", "perhaps")
    assert [purchase["state"] for purchase in told] == ["in doubt"]
    assert "never sent again" in again["advice"]
    assert again["reference"] in again["advice"]
    assert (hidden.status, hidden.kind) == (HTTPStatus.CONFLICT, "in doubt")
    assert gateway.count("POST") == 1


def test_ctrl_c_lets_a_paid_request_be_finished(tmp_path: Path) -> None:
    script = VideoGateway()
    answer, script.submit_reply = script.submit_reply, Reply(end="hang")
    script.states = (("completed", "100%"),)
    with serve(Slow(script)) as gateway:
        with studio_at(gateway, tmp_path) as (started, visitor):
            post_and_hang_up(visitor, new_key())
            until(lambda: gateway.count("POST"))
            started.send_signal(signal.SIGINT)
            wait_for_line(started, "A paid request is under way")
            script.submit_reply = answer
            assert started.wait(PATIENCE) == 0
        with studio_at(gateway, tmp_path) as (_, visitor):
            assert when(visitor, 1, "saved")["file"]
    assert gateway.count("POST") == 1


class Slow:
    """A gateway that answers a paid request as soon as it has an answer."""

    def __init__(self, gateway: VideoGateway) -> None:
        self._gateway = gateway

    def __call__(self, received: Any, number: int) -> Reply:
        if received.method == "POST":
            until(lambda: self._gateway.submit_reply.end != "hang")
        return self._gateway(received, number)


def test_a_second_ctrl_c_ends_at_once_and_leaves_a_doubt(tmp_path: Path) -> None:
    script = VideoGateway()
    script.submit_reply = Reply(end="hang")
    with serve(script) as gateway:
        with studio_at(gateway, tmp_path) as (started, visitor):
            post_and_hang_up(visitor, new_key())
            until(lambda: gateway.count("POST"))
            started.send_signal(signal.SIGINT)
            wait_for_line(started, "A paid request is under way")
            started.send_signal(signal.SIGINT)
            started.wait(PATIENCE)
            assert "Traceback" not in started.stderr.read()
        with studio_at(gateway, tmp_path) as (_, visitor):
            assert history(visitor)[0]["state"] == "in doubt"
    assert gateway.count("POST") == 1


def test_the_next_studio_waits_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    poll_every(monkeypatch, 60)
    with shop.studio() as visitor:
        pressed = bought(visitor, COFFEE)
        assert pressed["following"]
    poll_every(monkeypatch, 0.01)
    with shop.studio() as visitor:
        assert history(visitor)[0]["task_id"] == pressed["task_id"]
        assert when(visitor, pressed["number"], "saved")["task_id"] == pressed["task_id"]
    with shop.studio() as visitor:
        [kept] = history(visitor)
        assert visitor.get(kept["video"], x_studio_token=None).status == HTTPStatus.OK
    assert shop.sold == 1


def test_the_next_studio_waits_on_for_what_is_far_down_in_the_list(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    poll_every(monkeypatch, 60)
    with shop.studio() as visitor:
        pressed = bought(visitor, COFFEE)
    poll_every(monkeypatch, 0.01)
    shop.buy_as("agent", GOLDEN.cls(**GOLDEN.values), times=50)
    with shop.studio() as visitor:
        assert pressed["number"] not in [purchase["number"] for purchase in history(visitor)]
        when(visitor, pressed["number"], "saved")


def test_the_studio_waits_by_itself_only_for_what_it_bought(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    poll_every(monkeypatch, 60)
    shop.buy_as("agent", GOLDEN.cls(**GOLDEN.values))
    with shop.studio() as visitor:
        [listed] = history(visitor)
        assert (listed["source"], listed["state"], listed["following"]) == ("agent", "submitted", False)
        poll_every(monkeypatch, 0.01)
    with shop.studio() as visitor:
        assert visitor.post(f"/api/purchases/{listed['number']}/follow").json["following"]
        when(visitor, listed["number"], "saved")


def test_a_journal_that_cannot_be_opened_ends_the_studio_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"this is no database" * 1000)
    around = surroundings({"MODELSTREAM_HOME": str(tmp_path), GATEWAY.api_key_variable: KEY})
    command: list[str | Path] = [SCRIPT, "studio", "--no-browser", "--port=0"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=around, timeout=PATIENCE)
    assert (ended.returncode, ended.stdout) == (14, "")
    assert "journal.sqlite" in ended.stderr
    assert "Traceback" not in ended.stderr


# What is under way.


def test_status_and_progress_are_told_until_somebody_leaves(tmp_path: Path) -> None:
    shop = Shop(tmp_path, scenario="never-ending")
    with shop.studio() as visitor:
        number = bought(visitor, COFFEE)["number"]
        until(lambda: visitor.get(f"/api/purchases/{number}").json["status"] == "in_progress")
        left = visitor.post(f"/api/purchases/{number}/leave").json
        assert (left["following"], left["status"], left["state"]) == (False, None, "submitted")
        polled = len(shop.gateway.journal)
        assert visitor.get(f"/api/purchases/{number}").json["following"] is False
        assert len(shop.gateway.journal) == polled
        assert visitor.post(f"/api/purchases/{number}/follow").json["following"]
        until(lambda: len(shop.gateway.journal) > polled)
    assert shop.sold == 1


# What goes wrong.


@pytest.mark.parametrize("scenario", ["400", "401", "402", "403", "failed"])
def test_errors_are_told_as_the_client_words_them(tmp_path: Path, scenario: str) -> None:
    shop = Shop(tmp_path, scenario=scenario)
    with shop.studio() as visitor:
        pressed = bought(visitor, COFFEE)
        ended = when(visitor, pressed["number"], "refused", "ready", "failed")
    with (
        ModelStream("sk-mock", base_url=URL, http_client=httpx.Client(transport=shop.transport)) as client,
        pytest.raises((APIError, TaskFailed)) as raised,
    ):
        client.generate(GOLDEN.cls(**GOLDEN.values), interval=0)
    error = raised.value
    words = error.reason if isinstance(error, TaskFailed) else str(error)
    assert without_request_id(ended["reason"]) == without_request_id(words or "")
    assert ended["advice"]
    assert ended["paid"] == ("perhaps" if scenario == "failed" else "no")


def without_request_id(text: str) -> str:
    return re.sub(r"mock-[0-9]+", "mock", text)


def test_a_lost_answer_is_a_doubt(tmp_path: Path) -> None:
    shop = Shop(tmp_path, scenario="cut-submit")
    key = new_key()
    with shop.studio() as visitor:
        for _ in range(2):
            pressed = bought(visitor, COFFEE, key)
            assert (pressed["state"], pressed["paid"]) == ("in doubt", "perhaps")
    assert shop.sold == 1


def test_a_key_that_a_gateway_repeats_is_not_told(tmp_path: Path) -> None:
    script = VideoGateway()
    script.submit_reply = response(400, {"error": {"message": f"wrong: Bearer {KEY}", "type": "x", "code": ""}})
    with serve(script) as gateway, studio_at(gateway, tmp_path) as (started, visitor):
        replies = [visitor.post("/api/purchases", {"key": new_key(), "text": COFFEE}), visitor.get("/api/purchases")]
        started.send_signal(signal.SIGINT)
        terminal = started.stdout.read() + started.stderr.read()
    assert gateway.requests("POST")[0].header("authorization") == f"Bearer {KEY}"
    for reply in replies:
        assert b"wrong: Bearer ***" in reply.body
        assert KEY.encode() not in reply.body
    assert KEY not in terminal


def test_a_failing_journal_is_told_and_nothing_is_sent(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(*arguments: object, **options: object) -> None:
        raise JournalError("the disk is full")

    with shop.studio() as visitor:
        monkeypatch.setattr(Journal, "claim", full)
        reply = visitor.post("/api/purchases", {"key": new_key(), "text": COFFEE})
    assert (reply.status, reply.kind) == (HTTPStatus.SERVICE_UNAVAILABLE, "JournalError")
    assert reply.json["error"]["message"] == "the disk is full"
    assert shop.sold == 0


def test_the_server_loads_no_address_of_a_request(shop: Shop) -> None:
    with serve([]) as elsewhere, shop.studio() as visitor:
        address = f"{elsewhere.url}/picture.png"
        body = {"model": "any-model", "prompt": "x", "metadata": {"image": address, "images": [address]}}
        for path in ("/api/preview", "/api/purchases"):
            visitor.post(path, {"key": new_key(), "text": json.dumps(body)})
    assert elsewhere.connections == 0


# Hiding, and deleting files.


def saved(visitor: Visitor) -> dict[str, Any]:
    purchase: dict[str, Any] = when(visitor, bought(visitor, COFFEE)["number"], "saved")
    return purchase


@pytest.mark.parametrize("delete", [False, True])
def test_a_hidden_purchase_keeps_its_key_and_its_file_unless_told_otherwise(shop: Shop, delete: bool) -> None:
    with shop.studio() as visitor:
        purchase = saved(visitor)
        hidden = visitor.post(f"/api/purchases/{purchase['number']}/hide", {"delete_file": delete})
        assert hidden.status == HTTPStatus.OK
        assert history(visitor) == []
        assert Path(purchase["file"]).exists() is not delete
        assert bought(visitor, COFFEE, purchase["key"])["number"] == purchase["number"]
    assert shop.sold == 1


def test_nobody_waits_for_a_hidden_purchase(tmp_path: Path) -> None:
    shop = Shop(tmp_path, scenario="never-ending")
    with shop.studio() as visitor:
        number = bought(visitor, COFFEE)["number"]
        visitor.post(f"/api/purchases/{number}/hide")
        assert visitor.get(f"/api/purchases/{number}").json["following"] is False


@pytest.mark.parametrize("replaced_by", ["other content", "a link"])
def test_a_file_that_is_no_longer_the_video_is_not_deleted(shop: Shop, tmp_path: Path, replaced_by: str) -> None:
    with shop.studio() as visitor:
        purchase = saved(visitor)
        file = Path(purchase["file"])
        if replaced_by == "a link":
            file.rename(tmp_path / "elsewhere.mp4")
            file.symlink_to(tmp_path / "elsewhere.mp4")
        else:
            file.write_bytes(b"something of a person")
        reply = visitor.post(f"/api/purchases/{purchase['number']}/hide", {"delete_file": True})
        assert (reply.status, reply.kind) == (HTTPStatus.CONFLICT, "other file")
        assert len(history(visitor)) == 1
    assert file.exists()


# Videos.


def test_a_video_has_an_address_that_nobody_can_guess(shop: Shop) -> None:
    with shop.studio() as visitor:
        first, second = saved(visitor), saved(visitor)
        proof = first["video"].split("/")[2]
        wrong = [
            f"/videos/{proof}/{second['number']}.mp4",
            f"/videos/{proof[:-1]}/{first['number']}.mp4",
            f"/videos/{'0' * 64}/{first['number']}.mp4",
            f"/videos/%C3%A9/{first['number']}.mp4",
            f"/videos/{proof}/../../journal.sqlite",
            f"/videos/{proof}/{first['number']}.mp4/../../../etc/passwd",
        ]
        assert [visitor.get(path).status for path in wrong] == [HTTPStatus.NOT_FOUND] * len(wrong)
    with shop.studio() as visitor:  # Another process has another secret.
        assert visitor.get(first["video"]).status == HTTPStatus.NOT_FOUND


def test_a_video_that_is_gone_can_be_fetched_again(shop: Shop) -> None:
    with shop.studio() as visitor:
        purchase = saved(visitor)
        Path(purchase["file"]).unlink()
        gone = visitor.get(f"/api/purchases/{purchase['number']}").json
        assert gone["video"] is None
        assert visitor.get(purchase["video"]).status == HTTPStatus.NOT_FOUND
        visitor.post(f"/api/purchases/{purchase['number']}/follow")
        until(lambda: visitor.get(f"/api/purchases/{purchase['number']}").json["video"])
    assert shop.sold == 1


def test_what_is_no_purchase_is_not_there(shop: Shop) -> None:
    with shop.studio() as visitor:
        for number in ("1", "0", "99999999999999999999999999"):
            assert visitor.get(f"/api/purchases/{number}").status == HTTPStatus.NOT_FOUND
        for before in ("x", "-1", "9" * 30):
            assert visitor.get(f"/api/purchases?before={before}").status == HTTPStatus.BAD_REQUEST


def test_the_history_comes_in_parts(shop: Shop) -> None:
    with shop.studio() as visitor:
        for _ in range(51):
            bought(visitor, COFFEE)
        first = visitor.get("/api/purchases").json
        rest = visitor.get(f"/api/purchases?before={first['before']}").json
    numbers = [purchase["number"] for purchase in first["purchases"] + rest["purchases"]]
    assert numbers == list(range(51, 0, -1))
    assert rest["before"] is None
