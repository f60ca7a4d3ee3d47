"""The client retries a paid request only if it certainly bought nothing: each row of what can happen to a POST.

Every row says how many POSTs the server read completely, and which error the caller gets.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from modelstream import (
    APIConnectionError,
    APIError,
    AsyncModelStream,
    AuthenticationError,
    BadRequestError,
    KlingV3,
    ModelStream,
    ModelStreamError,
    NotFoundError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RateLimitError,
    ServerError,
    SubmitUnknown,
)
from modelstream_runtime import retry
from tests.conftest import through_aiohttp
from tests.support.process import process, send_while_it_waits
from tests.support.server import Received, Reply, cut_after, response, serve

KEY = "sk-very-secret"
REQUEST = KlingV3(prompt="A cup of coffee")
ACCEPTED = response(200, {"task_id": "task_1", "status": "queued"})
Headers = Mapping[str, str] | None


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same decisions, with pauses too short to wait for."""
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.01)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 0.02)


def submit_sync(url: str, headers: Headers = None, **options: Any) -> str:
    with ModelStream(KEY, base_url=url, **options) as client:
        return client.submit(REQUEST, extra_headers=headers).id


def submit_async(url: str, headers: Headers = None, **options: Any) -> str:
    async def run() -> str:
        async with AsyncModelStream(KEY, base_url=url, **options) as client:
            return (await client.submit(REQUEST, extra_headers=headers)).id

    return asyncio.run(run())


def submit_aiohttp(url: str, headers: Headers = None, **options: Any) -> str:
    with through_aiohttp():
        return submit_async(url, headers, **options)


both = pytest.mark.parametrize("submit", [submit_sync, submit_async, submit_aiohttp])
Submit = Callable[..., str]


def error(status: int, code: str = "", *headers: str) -> Reply:
    return response(status, {"error": {"message": "no", "type": "x", "param": "", "code": code}}, headers=headers)


@dataclass(frozen=True)
class Row:
    """What the server does with every POST, and what must come of it."""

    reply: Reply
    error: type[Exception]
    posts: int


RETRIES = 2
ROWS = {
    # Refused before purchase: sent again, up to the limit.
    "429": Row(error(429), RateLimitError, 1 + RETRIES),
    "429 with an empty body": Row(response(429, raw=b"", headers=["Retry-After: 0"]), RateLimitError, 1 + RETRIES),
    # Once more, in case a channel comes back: a wrong model id looks the same.
    "503 without a channel": Row(error(503, "model_not_found"), ServerError, 2),
    "503 without a channel, with Retry-After": Row(error(503, "model_not_found", "Retry-After: 0"), ServerError, 2),
    "503 with Retry-After": Row(error(503, "", "Retry-After: 0"), ServerError, 1 + RETRIES),
    # Rejected: a retry would not help.
    "400": Row(error(400), BadRequestError, 1),
    "401": Row(error(401), AuthenticationError, 1),
    "402": Row(error(402), QuotaExhaustedError, 1),
    "403": Row(error(403), PermissionDeniedError, 1),
    "403 for quota": Row(error(403, "insufficient_user_quota"), QuotaExhaustedError, 1),
    "404": Row(error(404), NotFoundError, 1),
    "413": Row(error(413), APIError, 1),
    "422": Row(error(422), APIError, 1),
    "301": Row(response(301, {}, headers=["Location: https://elsewhere.example"]), APIError, 1),
    "200 that reports a failure": Row(response(200, {"success": False, "code": "x", "message": "no"}), APIError, 1),
    "200 with a code": Row(response(200, {"code": "invalid_request", "message": "no", "data": None}), APIError, 1),
    # Nobody knows.
    "500": Row(error(500, "do_request_failed"), SubmitUnknown, 1),
    "502 HTML": Row(response(502, raw=b"<html><title>Bad Gateway</title></html>"), SubmitUnknown, 1),
    "503 otherwise": Row(error(503), SubmitUnknown, 1),
    "504": Row(error(504), SubmitUnknown, 1),
    "524": Row(error(524), SubmitUnknown, 1),
    "408": Row(error(408), SubmitUnknown, 1),
    "409": Row(error(409), SubmitUnknown, 1),
    "200 without an id": Row(response(200, {"status": "queued"}), SubmitUnknown, 1),
    "200 that is not JSON": Row(response(200, raw=b"<html>"), SubmitUnknown, 1),
    "200 that is empty": Row(response(200, raw=b""), SubmitUnknown, 1),
    "no response at all": Row(Reply(b"", "cut"), SubmitUnknown, 1),
    "reset instead of a response": Row(Reply(b"", "reset"), SubmitUnknown, 1),
    "nonsense instead of HTTP": Row(Reply(b"SMTP ready\r\n\r\n", "cut"), SubmitUnknown, 1),
    "cut in the status line": Row(cut_after(ACCEPTED, 6), SubmitUnknown, 1),
    "cut in the headers": Row(cut_after(ACCEPTED, 30), SubmitUnknown, 1),
    "cut in the body": Row(cut_after(ACCEPTED, len(ACCEPTED.data) - 3), SubmitUnknown, 1),
    "reset in the body": Row(cut_after(ACCEPTED, len(ACCEPTED.data) - 3, "reset"), SubmitUnknown, 1),
    "silence": Row(Reply(b"", "hang"), SubmitUnknown, 1),
    "silence in the body": Row(cut_after(ACCEPTED, len(ACCEPTED.data) - 3, "hang"), SubmitUnknown, 1),
    "a body that drips": Row(Reply(ACCEPTED.data, drip=0.1), SubmitUnknown, 1),
}


@both
@pytest.mark.parametrize("name", ROWS)
def test_every_row(submit: Submit, name: str) -> None:
    row = ROWS[name]
    with serve([row.reply]) as server:
        with pytest.raises(row.error) as caught:
            submit(server.url, max_retries=RETRIES, timeout=0.4 if row.reply.end == "hang" or row.reply.drip else 5)
        assert server.count() == row.posts
    assert type(caught.value) is row.error
    assert KEY not in f"{caught.value!r} {caught.value}"
    if isinstance(caught.value, SubmitUnknown):
        assert caught.value.request == REQUEST
        assert caught.value.payload == REQUEST.to_payload()
        assert server.received[0].header("x-client-request-id") == caught.value.reference
        assert caught.value.elapsed >= 0
        assert "client.task(ID)" in str(caught.value)
        assert pickle.loads(pickle.dumps(caught.value)).reference == caught.value.reference


@both
def test_a_success_after_refusals(submit: Submit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="modelstream")
    with serve([error(429), error(503, "model_not_found"), ACCEPTED]) as server:
        assert submit(server.url) == "task_1"
        assert server.count() == 3
        assert len({received.header("x-client-request-id") for received in server.received}) == 1
    logged = [record.getMessage() for record in caplog.records]
    assert ["(HTTP 429)" in text and "refused it before purchase" in text for text in logged] == [True, False]
    assert "model_not_found" in logged[1]


@both
def test_the_callers_reference_names_the_purchase_in_every_attempt(submit: Submit) -> None:
    mine = {"X-Client-Request-ID": "shot-1/attempt-3"}
    with (
        serve([error(429), error(500)]) as server,
        pytest.raises(SubmitUnknown, match="reference shot-1/attempt-3") as e,
    ):
        submit(server.url, mine)
    assert [received.values("x-client-request-id") for received in server.received] == [["shot-1/attempt-3"]] * 2
    assert e.value.reference == "shot-1/attempt-3"


@both
@pytest.mark.parametrize("reference", ["", "two words", "line\nbreak", "ü", "x" * 129])
def test_a_reference_that_no_header_can_carry_is_refused_before_sending(submit: Submit, reference: str) -> None:
    with serve([ACCEPTED]) as server, pytest.raises(ValueError, match="use 1 to 128 visible ASCII"):
        submit(server.url, {"X-Client-Request-Id": reference})
    assert not server.received


@both
def test_other_refusals_do_not_use_up_the_one_retry(submit: Submit) -> None:
    with serve([error(429), error(503, "model_not_found"), error(429), ACCEPTED]) as server:
        assert submit(server.url) == "task_1"
        assert server.count() == 4


@both
def test_no_retries_means_none(submit: Submit) -> None:
    with serve([error(503, "model_not_found"), ACCEPTED]) as server:
        with pytest.raises(ServerError):
            submit(server.url, max_retries=0)
        assert server.count() == 1


@both
def test_nothing_listens(submit: Submit, pauses: list[float]) -> None:
    with serve([ACCEPTED]) as server:
        url = server.url
    with pytest.raises(APIConnectionError) as caught:
        submit(url, max_retries=3)
    assert len(pauses) == 3
    assert isinstance(caught.value.__cause__, (httpx.ConnectError, httpx.ConnectTimeout))


@both
def test_no_such_host(submit: Submit) -> None:
    with pytest.raises(APIConnectionError, match="not sent"):
        submit("http://no-such-host.invalid", max_retries=0)


def test_headers_that_cannot_be_sent() -> None:
    with serve([ACCEPTED]) as server, ModelStream(KEY, base_url=server.url) as client:
        with pytest.raises(APIConnectionError, match="not sent"):
            client.submit(REQUEST, extra_headers={"X-Team": "\ud800"})
        assert server.count() == 0


@both
def test_tls_that_is_none(submit: Submit) -> None:
    with serve([ACCEPTED]) as server:
        with pytest.raises(APIConnectionError):
            submit(server.url.replace("http:", "https:"), max_retries=1, timeout=2)
        assert server.count() == 0


def test_a_proxy_that_is_not_there() -> None:
    with serve([ACCEPTED]) as server:
        with httpx.Client(proxy="http://127.0.0.1:1", trust_env=False) as http:
            client = ModelStream(KEY, base_url=server.url, http_client=http, max_retries=1)
            with pytest.raises(APIConnectionError):
                client.submit(REQUEST)
        assert server.count() == 0


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that a client sleeps between its attempts, which it does not sleep here."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("modelstream._sync.client.sleep", slept.append)
    monkeypatch.setattr("modelstream_runtime._async.client.sleep", sleep)
    return slept


# A date has no fractions of a second, and some time passes until the client reads it. The jitter adds up to 0.25 s.
RETRY_AFTER: dict[str, tuple[Callable[[float], str], float, float]] = {
    "seconds": (lambda now: "20", 20, 20.25),
    "date": (lambda now: formatdate(now + 20, usegmt=True), 10, 20.25),
    "date without a zone": (lambda now: formatdate(now + 20), 10, 20.25),
    "date that has passed": (lambda now: formatdate(now - 20, usegmt=True), 0, 0.25),
}


@both
@pytest.mark.parametrize("form", RETRY_AFTER)
def test_retry_after_is_obeyed(submit: Submit, form: str, pauses: list[float]) -> None:
    written, shortest, longest = RETRY_AFTER[form]
    with serve([error(429, "", f"Retry-After: {written(time.time())}"), ACCEPTED]) as server:
        submit(server.url)
        assert server.count() == 2
    [pause] = pauses
    assert shortest <= pause <= longest


def test_retry_after_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = [retry.delay_before(1, 86400) for _ in range(50)]
    assert retry.LONGEST_RETRY_AFTER <= min(delays) < max(delays) <= retry.LONGEST_RETRY_AFTER + 0.25
    monkeypatch.setattr(retry, "LONGEST_RETRY_AFTER", 0.01)
    with serve(lambda received, number: ACCEPTED if number else error(429, "", "Retry-After: 86400")) as server:
        assert submit_sync(server.url) == "task_1"


def test_pauses_grow_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_DELAY", 0.5)
    monkeypatch.setattr(retry, "LONGEST_DELAY", 8.0)
    for attempt, ceiling in [(1, 0.5), (2, 1), (3, 2), (5, 8), (60, 8)]:
        delays = {retry.delay_before(attempt) for _ in range(50)}
        assert ceiling / 2 <= min(delays) < max(delays) <= ceiling
        assert len(delays) > 40


@both
def test_paying_twice_is_possible_for_who_asks_for_it(submit: Submit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="modelstream")
    with serve(lambda received, number: ACCEPTED if number else error(500, "do_request_failed")) as server:
        assert submit(server.url, retry_unknown=True) == "task_1"
        assert server.count() == 2
    assert "you may pay twice" in caplog.text


@both
def test_every_lost_response_of_a_retried_purchase_is_counted(submit: Submit) -> None:
    with serve([cut_after(response(200, {"task_id": "task_1"}), 30)]) as server:
        with pytest.raises(SubmitUnknown) as caught:
            submit(server.url, retry_unknown=True, max_retries=2)
        assert server.count() == caught.value.losses == 3
    assert "sent it 3 times, and the gateway may have accepted and billed each of them" in str(caught.value)
    with serve([cut_after(response(200, {"task_id": "task_1"}), 30)]) as server, pytest.raises(SubmitUnknown) as caught:
        submit(server.url)
    assert (caught.value.losses, "will not send it again" in str(caught.value)) == (1, True)


@both
@pytest.mark.parametrize("body", [{"code": 429}, {"code": "accepted"}, {"success": False}, {"error": {"code": "x"}}])
def test_a_task_beside_an_error_is_neither_lost_nor_bought_again(submit: Submit, body: dict[str, Any]) -> None:
    with serve([response(200, {"task_id": "task_paid_1", "status": "queued"} | body)]) as server:
        try:
            known = submit(server.url)
        except SubmitUnknown as caught:
            known = str(caught)
        assert server.count() == 1
    assert "task_paid_1" in known


@both
@pytest.mark.parametrize("task_id", ["x" * 600, "...", "a\x1bb"])
def test_a_task_id_that_nobody_can_use_is_a_lost_response(submit: Submit, task_id: str) -> None:
    with serve([response(200, {"task_id": task_id, "status": "queued"})]) as server:
        with pytest.raises(SubmitUnknown, match="a task id that nobody can use"):
            submit(server.url)
        assert server.count() == 1


@both
def test_a_warning_never_takes_the_place_of_a_bought_task(submit: Submit) -> None:
    with serve([response(200, {"task_id": "task_1", "status": "warming_up"})]) as server, warnings.catch_warnings():
        warnings.simplefilter("error")
        assert submit(server.url) == "task_1"


@both
def test_a_refused_retry_does_not_hide_an_earlier_loss(submit: Submit) -> None:
    lost = cut_after(response(200, {"task_id": "task_1"}), 30)
    with serve([lost, error(400)]) as server:
        with pytest.raises(SubmitUnknown, match="the response to an earlier attempt was lost") as caught:
            submit(server.url, retry_unknown=True)
        assert (server.count(), caught.value.losses) == (2, 1)
    assert isinstance(caught.value.__cause__, BadRequestError)


def test_errors_of_http2_say_nothing_about_what_was_sent() -> None:
    class ProtocolError(Exception):
        __module__ = "h2.exceptions"

    failure = httpx.LocalProtocolError("Invalid input ConnectionInputs.RECV_HEADERS in state CLOSED")
    assert retry.decide_after_failure(failure).action == "fail"
    failure.__cause__ = ProtocolError()
    assert retry.decide_after_failure(failure).action == "unknown"


def test_a_budget_in_a_subclass_holds_for_generate_and_other_options() -> None:
    class Careful(ModelStream):
        budget = 1

        def submit(self, *arguments: Any, **values: Any) -> Any:
            if not self.budget:
                raise RuntimeError("the budget is spent")
            self.budget -= 1
            return super().submit(*arguments, **values)

    with serve([response(200, {"task_id": "task_1"}), response(200, {"status": "failed"})]) as server:
        client = Careful(KEY, base_url=server.url)
        client.submit(REQUEST)
        for other in (client, client.with_options(timeout=5)):
            with pytest.raises(RuntimeError, match="the budget is spent"):
                other.generate(REQUEST)
        assert server.count() == 1


def test_cancelled_while_waiting_for_the_response() -> None:
    arrived = threading.Event()

    def script(received: Received, number: int) -> Reply:
        arrived.set()
        return Reply(b"", "hang")

    async def run(url: str) -> list[str]:
        async with AsyncModelStream(KEY, base_url=url) as client:
            task = asyncio.create_task(client.submit(REQUEST))
            await asyncio.to_thread(arrived.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await task
            return cancelled.value.__notes__

    with serve(script) as server:
        notes = asyncio.run(run(server.url))
        assert server.count() == 1
    assert "may have accepted and billed it" in notes[0]


def test_interrupted_while_waiting_for_the_response() -> None:
    arrived = threading.Event()

    def script(received: Received, number: int) -> Reply:
        arrived.set()
        return Reply(b"", "hang")

    with serve(script) as server:
        code = (
            "from modelstream import KlingV3, ModelStream\n"
            f"ModelStream({KEY!r}, base_url={server.url!r}).submit(KlingV3(prompt='x'))"
        )
        with process([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True) as submitting:
            assert arrived.wait(20)
            send_while_it_waits(submitting, signal.SIGINT)
            _, output = submitting.communicate(timeout=20)
        assert server.count() == 1
    assert output.rstrip().splitlines()[-1].startswith("interrupted by KeyboardInterrupt")
    assert "may have accepted and billed it" in output
    assert KEY not in output.replace(f"ModelStream({KEY!r}", "")


def test_the_key_is_in_no_error() -> None:
    """Not in the message when the server repeats it, and not in the request that the transport's error keeps."""
    echo = response(401, {"error": {"message": f"Invalid token {KEY}", "type": "x"}}, headers=[f"X-Request-Id: {KEY}"])
    for reply in (echo, Reply(b"", "cut")):
        with serve([reply]) as server, pytest.raises(ModelStreamError) as caught:
            submit_sync(server.url)
        problem: BaseException | None = caught.value
        while problem is not None:
            assert KEY not in f"{problem} {problem!r} {vars(problem)}"
            request = getattr(problem, "_request", None)
            assert request is None or "authorization" not in request.headers
            problem = problem.__cause__ or problem.__context__
