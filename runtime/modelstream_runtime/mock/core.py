"""The mock gateway itself: it takes a request and returns a response. It opens no sockets, does not wait, and reads
only the clock that it is given."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from typing import ClassVar

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock import submissions
from modelstream_runtime.mock.admin import AdminPages
from modelstream_runtime.mock.cors import preflight, with_permission
from modelstream_runtime.mock.dialects import dialect_name, dialects_of, video_object
from modelstream_runtime.mock.downloads import send_video
from modelstream_runtime.mock.error_replies import ERROR_REPLIES, ErrorReply
from modelstream_runtime.mock.exchange import Exchange, Rejected, reject
from modelstream_runtime.mock.faults import FaultCounter
from modelstream_runtime.mock.journal import Entry, Journal
from modelstream_runtime.mock.keys import Keys
from modelstream_runtime.mock.messages import Request, Response, json_response, make_response
from modelstream_runtime.mock.options import REALTIME, DialectName
from modelstream_runtime.mock.routes import METHODS, Kind, Routes, result_url
from modelstream_runtime.mock.scenarios import choose
from modelstream_runtime.mock.selection import select
from modelstream_runtime.mock.tasks import Pace, Task, Tasks

_RESULT_AGE = 86_400
_EXPIRED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"


class MockGateway:
    """A gateway that rejects what the real one should reject, and returns a small video for every valid request.

    By default it accepts any key; a key such as ``sk-mock-NAME`` asks for the scenario of that name. It checks bodies
    against the wire schemas. With the same seed, the same requests get the same responses, except for times.

    Threads can share it.

    Args:
        dialect: ``documented`` or ``newapi``, unless a request's header ``X-Mock-Dialect`` says otherwise.
        scenario: what goes wrong, unless a request's header ``X-Mock-Scenario`` or its key says otherwise; see
            `modelstream.mock.SCENARIOS`.
        polls: the poll at which a task ends.
        realtime: the age in seconds at which a task ends, however often it is polled; ``True`` stands for ten.
        slow: seconds by which the scenario ``slow`` delays a response.
        keys: the only keys to accept, besides those that ask for a scenario.
        any_model: accept model ids without a schema, too, and check them by the schema of the generic request.
        keep: how many exchanges and tasks to remember; the oldest are dropped.
        results_origin: scheme and host of the videos' URLs; by default those of the request.
        seed: seed of the ids.
        clock: seconds since 1970.

    Raises:
        ValueError: a setting has no allowed value.
        MissingExtra: the package that checks JSON Schemas is not installed.

    Attributes:
        journal: the exchanges so far.
        listeners: called with each new entry of the journal.
    """

    catalog: ClassVar[Catalog]
    """The gateway that it mocks, and its models."""

    def __init__(
        self,
        *,
        dialect: str = "documented",
        scenario: str = "ok",
        polls: int = 3,
        realtime: float | bool | None = None,
        slow: float = 2.0,
        keys: Collection[str] | None = None,
        any_model: bool = False,
        keep: int = 500,
        results_origin: str | None = None,
        seed: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        seconds = REALTIME if realtime is True else None if realtime is False else realtime
        if polls < 1 or keep < 1 or slow < 0 or (seconds is not None and seconds < 0):
            raise ValueError("polls and keep must be at least 1, slow and realtime at least 0")
        self._routes = Routes(self.catalog.gateway)
        self._dialects = dialects_of(self.catalog.gateway)
        self._dialect: DialectName = dialect_name(dialect)
        self._choice = choose(scenario)
        self._pace = Pace(polls=polls, seconds=seconds)
        self._slow = slow
        self._keys = Keys(keys)
        self._any_model = any_model
        self._keep = keep
        self._results_origin = results_origin
        self._seed = seed
        self._clock = clock
        self._lock = threading.RLock()
        self.journal = Journal(keep)
        self.listeners: list[Callable[[Entry], object]] = []
        self._admin = AdminPages(self.catalog, self.journal, self.reset)
        self.reset()

    def __repr__(self) -> str:
        return f"<MockGateway: {len(self._tasks)} tasks, {len(self.journal)} exchanges>"

    def reset(self) -> None:
        """Forget all tasks and exchanges, and start the ids from the beginning."""
        with self._lock:
            self.journal.clear()
            self._tasks = Tasks(pace=self._pace, clock=self._clock, seed=self._seed, keep=self._keep)
            self._faults = FaultCounter(self._keep)
            self._exchanges = 0

    def handle(self, request: Request) -> Response:
        """Respond to a request.

        Returns:
            The response. Whoever sends it also waits, cuts or resets as it says.
        """
        kind = self._routes.kind(request)
        if answer := preflight(request, METHODS.get(kind, ("GET", "POST"))):
            return answer
        with self._lock:
            response = self._admin.respond(request) if self._admin.has(request.path) else self._exchange(request, kind)
        return with_permission(request, response, self.catalog.gateway.request_id_headers)

    def _exchange(self, request: Request, kind: Kind) -> Response:
        self._exchanges += 1
        exchange = Exchange(
            request=request,
            kind=kind,
            dialect=self._dialect,
            choice=self._choice,
            request_id=f"mock-{self._exchanges:06d}",
        )
        try:
            response = self._respond(exchange)
        except Rejected as rejected:
            response = self._error(exchange, rejected.reply)
        if request.method == "HEAD":
            response = replace(response, body=b"")
        for name in self.catalog.gateway.request_id_headers[:1]:
            response = replace(response, headers={**response.headers, name: exchange.request_id})
        self._record(exchange, response)
        return response

    def _respond(self, exchange: Exchange) -> Response:
        task = self._tasks.find(self._routes.task_id(exchange.request))
        select(exchange, task)
        if exchange.kind == "other":
            reject("path", f"unknown path {exchange.request.path}")
        methods = METHODS[exchange.kind]
        if exchange.request.method not in methods:
            return self._wrong_method(exchange, methods)
        if exchange.kind != "result":
            exchange.owner = self._keys.owner(exchange.request)
        if exchange.kind != "submit":
            exchange.task = _visible(task, exchange)
        fault = exchange.choice.scenario.fault
        if fault is None or exchange.kind not in fault.at or not self._faults.happens(exchange):
            return self._good_response(exchange)
        if fault.error and not fault.accepted:
            raise Rejected(ERROR_REPLIES[fault.error])
        response = self._good_response(exchange)
        if fault.error and exchange.bought:
            raise Rejected(ERROR_REPLIES[fault.error])
        if fault.accepted and not exchange.bought:
            return response
        cut = len(response.body) // 2 if fault.cut and response.status == 200 else None
        return replace(response, delay=self._slow if fault.slow else 0.0, cut=cut, reset=fault.reset)

    def _good_response(self, exchange: Exchange) -> Response:
        if exchange.kind == "submit":
            return self._submit(exchange)
        assert exchange.task is not None
        match exchange.kind:
            case "content":
                return self._content(exchange, exchange.task)
            case "result":
                return self._result(exchange, exchange.task)
            case _:
                return self._poll(exchange, exchange.task)

    def _submit(self, exchange: Exchange) -> Response:
        model, order = submissions.check(exchange, self.catalog, any_model=self._any_model)
        exchange.task = self._tasks.create(
            model=model,
            owner=exchange.owner,
            dialect=exchange.dialect,
            choice=exchange.choice,
            order=order,
        )
        exchange.bought = True
        return json_response(200, self._dialects[exchange.dialect].submitted(exchange.task))

    def _poll(self, exchange: Exchange, task: Task) -> Response:
        state = self._tasks.poll(task)
        has_url = state.status == "completed" and exchange.choice.scenario.address != "missing"
        url = result_url(self._results_origin or exchange.request.origin, task.id) if has_url else None
        report = video_object if exchange.kind == "video" else self._dialects[exchange.dialect].task
        return json_response(200, report(task, state, url))

    def _content(self, exchange: Exchange, task: Task) -> Response:
        if self._tasks.state(task).status != "completed":
            reject("unfinished")
        response = send_video(exchange.request, task.video.content, max_age=_RESULT_AGE)
        if response.status != 416:
            return response
        error = self._error(exchange, ERROR_REPLIES["range"])
        return replace(error, headers={**response.headers, **error.headers})

    def _result(self, exchange: Exchange, task: Task) -> Response:
        """The video under its own URL, which needs no key, as at the vendor's file store."""
        if exchange.choice.scenario.address == "expired":
            return make_response(403, _EXPIRED, "application/xml")
        if self._tasks.state(task).status != "completed":
            reject("content_unknown")
        return send_video(exchange.request, task.video.content, max_age=_RESULT_AGE)

    def _error(self, exchange: Exchange, reply: ErrorReply) -> Response:
        return self._dialects[exchange.dialect].error(reply, exchange.request_id)

    def _wrong_method(self, exchange: Exchange, methods: Iterable[str]) -> Response:
        request = exchange.request
        response = self._error(
            exchange, ERROR_REPLIES["method"].about(f"{request.path} does not accept {request.method}")
        )
        return replace(response, headers={**response.headers, "allow": ", ".join(methods)})

    def _record(self, exchange: Exchange, response: Response) -> None:
        entry = exchange.entry(self._exchanges, self._clock(), response)
        self.journal.add(entry)
        for listen in self.listeners:
            listen(entry)


def _visible(task: Task | None, exchange: Exchange) -> Task:
    """The task, if its key is the request's. The URL of a video needs no key.

    Raises:
        Rejected: there is no such task, or another key bought it.
    """
    if task is None or (exchange.kind != "result" and task.owner != exchange.owner):
        reject("content_unknown" if exchange.kind in ("content", "result") else "task_unknown")
    return task
