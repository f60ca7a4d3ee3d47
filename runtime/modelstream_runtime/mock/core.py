"""The mock gateway itself: a request in, an answer out. It opens no sockets, waits for nothing and reads no clock
but the one it is given."""

from __future__ import annotations

import hashlib
import json
import random
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, NoReturn

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.checking import checker_of, in_one_text
from modelstream_runtime.mock.dialects import VOICES, video_object
from modelstream_runtime.mock.journal import Entry, Journal
from modelstream_runtime.mock.messages import Request, Response, json_response, make_response
from modelstream_runtime.mock.refusals import REFUSALS, Refusal
from modelstream_runtime.mock.routes import METHODS, Routes
from modelstream_runtime.mock.scenarios import KEY_PREFIX, SCENARIOS, Choice, choose
from modelstream_runtime.mock.tasks import DIALECTS, Dialect, Pace, State, Task
from modelstream_runtime.mock.video import send_video

MOST_BYTES = 64 * 1024 * 1024
"""Larger bodies are refused."""

_MOST_KEPT_BYTES = 100_000
"""Larger bodies are not kept in the journal."""
_MOST_DEPTH = 100
_RESULT_AGE = 86_400
_REALTIME = 10.0

SCENARIO_HEADER = "x-mock-scenario"
DIALECT_HEADER = "x-mock-dialect"


class _Refused(Exception):
    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal


@dataclass(kw_only=True, slots=True)
class _Visit:
    """One exchange while it is dealt with, and what is known of it so far."""

    request: Request
    exchange: str
    dialect: Dialect
    choice: Choice
    request_id: str
    owner: str = ""
    task: Task | None = None
    bought: bool = False
    model: str | None = None
    body: Any = None
    problems: tuple[str, ...] = ()


class MockGateway:
    """A gateway that refuses what the real one should refuse, and else makes one small video.

    Any key is good if no others are named; one such as ``sk-mock-NAME`` asks for the scenario of that name. Bodies are
    checked against the wire schemas. With the same seed, the same requests get the same answers, times aside.

    It can be used from several threads.

    Args:
        dialect: ``documented`` or ``newapi``, unless a request's header ``X-Mock-Dialect`` says otherwise.
        scenario: what goes wrong, unless a request's header ``X-Mock-Scenario`` or its key says otherwise; see
            `modelstream.mock.scenarios`.
        polls: a task ends when it is asked for the so-manyth time.
        realtime: a task ends after so many seconds instead; ``True`` stands for ten.
        slow: seconds that an answer of the scenario ``slow`` waits.
        keys: the only good keys; by default any will do.
        any_model: ids without a schema are served too, and checked by what all models have in common.
        keep: how many exchanges and tasks are remembered; the oldest are forgotten.
        results_origin: scheme and host of the addresses of videos; by default the one that was asked.
        seed: seed of the ids.
        clock: seconds since 1970.

    Raises:
        ValueError: a setting is none of those allowed.
        MissingExtra: the package that checks JSON Schemas is not installed.

    Attributes:
        journal: what was asked and answered.
        listeners: called with each new entry of the journal.
    """

    catalog: ClassVar[Catalog]
    """The gateway that it stands in for, and its models."""

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
        seconds = _REALTIME if realtime is True else None if realtime is False else realtime
        if polls < 1 or keep < 1 or slow < 0 or (seconds is not None and seconds < 0):
            raise ValueError("polls and keep are at least 1, slow and realtime at least 0")
        self._routes = Routes(self.catalog.gateway)
        self._dialect: Dialect = _dialect(dialect)
        self._choice = choose(scenario)
        self._pace = Pace(polls=polls, seconds=seconds)
        self._slow = slow
        self._owners = None if keys is None else frozenset(map(_digest, keys))
        self._any_model = any_model
        self._keep = keep
        self._results_origin = results_origin
        self._seed = seed
        self._clock = clock
        self._lock = threading.RLock()
        self.journal = Journal(keep)
        self.listeners: list[Callable[[Entry], object]] = []
        self.reset()

    def __repr__(self) -> str:
        return f"<MockGateway: {len(self._tasks)} tasks, {len(self.journal)} exchanges>"

    def reset(self) -> None:
        """Forget tasks and journal and begin the ids again."""
        with self._lock:
            self.journal.clear()
            self._random = random.Random(self._seed)
            self._tasks: OrderedDict[str, Task] = OrderedDict()
            self._met: Counter[tuple[str, ...]] = Counter()
            self._exchanges = 0
            self._submissions = 0

    def handle(self, request: Request) -> Response:
        """Answer a request.

        Returns:
            The answer. Waiting, breaking off and resetting is left to who sends it.
        """
        with self._lock:
            if request.path == "/" or request.path.startswith("/__mock/"):
                return self._about_itself(request)
            self._exchanges += 1
            visit = _Visit(
                request=request,
                exchange=self._routes.exchange(request),
                dialect=self._dialect,
                choice=self._choice,
                request_id=f"mock-{self._exchanges:06d}",
            )
            try:
                response = self._answer(visit)
            except _Refused as refused:
                response = self._refused(visit, refused.refusal)
            if request.method == "HEAD":
                response = replace(response, body=b"")
            response = replace(response, headers={**response.headers, "x-oneapi-request-id": visit.request_id})
            self._write_down(visit, response)
            return response

    # One exchange.

    def _answer(self, visit: _Visit) -> Response:
        visit.dialect, visit.choice = self._wishes(visit)
        if visit.exchange not in METHODS:
            _refuse("path", f"there is nothing under {visit.request.path}")
        methods = METHODS[visit.exchange]
        if visit.request.method not in methods:
            return self._not_that_method(visit, methods)
        if visit.exchange != "result":
            visit.owner = self._owner(visit.request)
        if visit.exchange != "submit":
            visit.task = self._find_task(visit)
        fault = visit.choice.scenario.fault
        kind = "task" if visit.exchange == "video" else visit.exchange
        if fault is None or kind not in fault.at or not self._meets(visit):
            return self._good_answer(visit)
        if fault.refusal and not fault.accepted:
            raise _Refused(REFUSALS[fault.refusal])
        response = self._good_answer(visit)
        if fault.refusal and visit.bought:
            raise _Refused(REFUSALS[fault.refusal])
        if fault.accepted and not visit.bought:
            return response
        cut = len(response.body) // 2 if fault.cut and response.status == 200 else None
        return replace(response, delay=self._slow if fault.slow else 0.0, cut=cut, reset=fault.reset)

    def _good_answer(self, visit: _Visit) -> Response:
        match visit.exchange:
            case "submit":
                return self._submit(visit)
            case "task" | "video":
                return self._tell(visit)
            case "content":
                return self._content(visit)
            case _:
                return self._result(visit)

    def _wishes(self, visit: _Visit) -> tuple[Dialect, Choice]:
        """The dialect and the scenario that the request asks for: by header, by key, or by the task it is about."""
        headers = visit.request.headers
        task = self._tasks.get(self._routes.task_id(visit.request)) if visit.exchange != "submit" else None
        dialect, choice = (task.dialect, task.choice) if task else (self._dialect, self._choice)
        key = _key(visit.request) or ""
        try:
            if DIALECT_HEADER in headers:
                dialect = visit.dialect = _dialect(headers[DIALECT_HEADER])
            if SCENARIO_HEADER in headers:
                choice = choose(headers[SCENARIO_HEADER])
            elif key.startswith(KEY_PREFIX):
                choice = choose(key.removeprefix(KEY_PREFIX))
        except ValueError as error:
            raise _Refused(REFUSALS["mock"].about(str(error))) from error
        return dialect, choice

    def _owner(self, request: Request) -> str:
        """A digest of the key."""
        key = _key(request)
        if key is None:
            _refuse("key", "there is no key; send the header Authorization: Bearer KEY")
        if key.startswith("<"):
            _refuse("key", f"{key} is what the documentation writes; put a key in its place, here any will do")
        owner = _digest(key)
        if self._owners is not None and owner not in self._owners and not key.startswith(KEY_PREFIX):
            _refuse("key")
        return owner

    def _meets(self, visit: _Visit) -> bool:
        """Whether the fault still happens, if it only happens some times."""
        if visit.choice.times is None:
            return True
        thread = visit.task.id if visit.task else visit.request.headers.get("x-client-request-id", visit.owner)
        mark = (visit.choice.text, thread)
        if self._met[mark] >= visit.choice.times:
            return False
        if len(self._met) > self._keep:
            del self._met[next(iter(self._met))]
        self._met[mark] += 1
        return True

    def _refused(self, visit: _Visit, refusal: Refusal) -> Response:
        return VOICES[visit.dialect].refusal(refusal, visit.request_id)

    def _not_that_method(self, visit: _Visit, methods: Iterable[str]) -> Response:
        refusal = REFUSALS["method"].about(f"{visit.request.path} does not take {visit.request.method}")
        response = self._refused(visit, refusal)
        return replace(response, headers={**response.headers, "allow": ", ".join(methods)})

    def _write_down(self, visit: _Visit, response: Response) -> None:
        request = visit.request
        entry = Entry(
            number=self._exchanges,
            at=self._clock(),
            method=request.method,
            path=request.path,
            exchange=visit.exchange,
            status=0 if response.reset else response.status,
            dialect=visit.dialect,
            scenario=visit.choice.text,
            bought=visit.bought,
            model=visit.model or (visit.task.model if visit.task else None),
            task_id=visit.task.id if visit.task else None,
            problems=visit.problems,
            body=visit.body if len(request.body) <= _MOST_KEPT_BYTES else None,
            size=len(request.body),
            with_key="authorization" in request.headers,
            reference=request.headers.get("x-client-request-id"),
        )
        self.journal.add(entry)
        for listen in self.listeners:
            listen(entry)

    # Submitting.

    def _submit(self, visit: _Visit) -> Response:
        visit.body = body = _json_in(visit.request)
        model = body.get("model") if isinstance(body, dict) else None
        visit.model = model if isinstance(model, str) else None
        if isinstance(body, dict) and model in (None, ""):
            raise _Refused(REFUSALS["model_missing"])
        models = self.catalog.models
        served = {*models, *_models_without_schema(self.catalog)}
        if visit.model is not None and visit.model not in served and not self._any_model:
            text = f"no channel serves the model {visit.model[:100]!r}; this mock has {', '.join(sorted(served))}"
            raise _Refused(REFUSALS["channel"].about(text, "model"))
        checker = checker_of(self.catalog, visit.model if visit.model in models else "generic")
        problems = checker.problems(body, lenient=visit.choice.scenario.lenient)
        if problems:
            visit.problems = tuple(str(problem) for problem in problems)
            raise _Refused(REFUSALS["parameter"].about(in_one_text(problems), problems[0].path))
        visit.task = self._make_task(visit, body)
        visit.bought = True
        return json_response(200, VOICES[visit.dialect].submitted(visit.task))

    def _make_task(self, visit: _Visit, body: dict[str, Any]) -> Task:
        self._submissions += 1
        task = Task(
            id=self._new_id(visit.dialect),
            number=self._submissions,
            model=body["model"],
            owner=visit.owner,
            dialect=visit.dialect,
            choice=visit.choice,
            seed=_seed_in(body) or self._random.randrange(1, 2**31),
            created=self._clock(),
        )
        if len(self._tasks) >= self._keep:
            self._tasks.popitem(last=False)
        self._tasks[task.id] = task
        return task

    def _new_id(self, dialect: Dialect) -> str:
        letters = "abcdefghijklmnopqrstuvwxyz0123456789"
        length, prefix = (32, "task_") if dialect == "newapi" else (12, "")
        return prefix + "".join(self._random.choices(letters, k=length))

    # Asking and downloading.

    def _find_task(self, visit: _Visit) -> Task:
        task = self._tasks.get(self._routes.task_id(visit.request))
        if task is None or (visit.exchange != "result" and task.owner != visit.owner):
            _refuse("content_unknown" if visit.exchange in ("content", "result") else "task_unknown")
        return task

    def _tell(self, visit: _Visit) -> Response:
        assert visit.task is not None
        visit.task.polls += 1
        state = self._state(visit.task)
        given = state.status == "completed" and visit.choice.scenario.address != "missing"
        origin = self._results_origin or visit.request.origin
        address = f"{origin}/results/{visit.task.id}.mp4" if given else None
        tell = video_object if visit.exchange == "video" else VOICES[visit.dialect].task
        return json_response(200, tell(visit.task, state, address))

    def _state(self, task: Task) -> State:
        state = self._pace.state(task, self._clock())
        if state.percent == 100 and task.finished is None:
            task.finished = self._clock()
        return state

    def _content(self, visit: _Visit) -> Response:
        assert visit.task is not None
        if self._state(visit.task).status != "completed":
            _refuse("unfinished")
        response = send_video(visit.request, max_age=_RESULT_AGE)
        if response.status != 416:
            return response
        told = self._refused(visit, REFUSALS["range"])
        return replace(told, headers={**response.headers, **told.headers})

    def _result(self, visit: _Visit) -> Response:
        """The video under its own address, which takes no key, as at the vendor's file store."""
        assert visit.task is not None
        if visit.choice.scenario.address == "expired":
            text = (
                "<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>"
            )
            return make_response(403, text.encode(), "application/xml")
        if self._state(visit.task).status != "completed":
            _refuse("content_unknown")
        return send_video(visit.request, max_age=_RESULT_AGE)

    # Its own pages.

    def _about_itself(self, request: Request) -> Response:
        asked = f"{request.method} {request.path}"
        match asked:
            case "GET /":
                return make_response(200, _WELCOME.encode(), "text/plain; charset=utf-8")
            case "GET /__mock/journal":
                return json_response(200, self.journal.as_json())
            case "GET /__mock/scenarios":
                return json_response(200, {name: scenario.sentence for name, scenario in SCENARIOS.items()})
            case "POST /__mock/reset":
                self.reset()
                return json_response(200, {"reset": True})
            case _:
                told = REFUSALS["path"].about(
                    "there are GET /__mock/journal, GET /__mock/scenarios, POST /__mock/reset"
                )
                return VOICES["documented"].refusal(told, "mock")


_WELCOME = """\
This is the mock gateway of modelstream. It makes no real videos and costs nothing.
GET /__mock/journal    what was asked and answered
GET /__mock/scenarios  what can go wrong on request
POST /__mock/reset     forget everything
"""


@cache
def _models_without_schema(catalog: Catalog) -> frozenset[str]:
    """Ids that the documentation uses and that have no schema of their own."""
    if catalog.generic is None:
        return frozenset()
    return frozenset(example["model"] for example in catalog.schemas.form("generic").get("examples", ()))


def _refuse(name: str, message: str | None = None) -> NoReturn:
    raise _Refused(REFUSALS[name].about(message) if message else REFUSALS[name])


def _dialect(name: str) -> Dialect:
    if name.strip() not in DIALECTS:
        raise ValueError(f"no dialect {name!r}; there are {', '.join(DIALECTS)}")
    return DIALECTS[name.strip()]


def _key(request: Request) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _json_in(request: Request) -> Any:
    """The body as JSON: UTF-8, without NaN and Infinity, and not too deep."""
    if len(request.body) > MOST_BYTES:
        _refuse("large", f"the body has more than {MOST_BYTES} bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        _refuse(
            "json", f"the body is said to be {kind or 'of no type'}; send the header Content-Type: application/json"
        )
    try:
        body = json.loads(request.body.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
        if _depth(body) > _MOST_DEPTH:
            _refuse("json", f"the body is nested more than {_MOST_DEPTH} deep")
    except RecursionError:
        _refuse("json", f"the body is nested more than {_MOST_DEPTH} deep")
    except ValueError as error:
        _refuse("json", f"the body is no JSON: {error}")
    return body


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max((_depth(each) for each in inner), default=0)


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number in JSON")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:30]} is too large")
    return number


def _seed_in(body: dict[str, Any]) -> int | None:
    """The seed that was asked for, wherever the model has it."""
    metadata = body.get("metadata") or {}
    parameters = metadata.get("parameters")
    places = (metadata, parameters if isinstance(parameters, dict) else {}, body)
    return next((place["seed"] for place in places if isinstance(place.get("seed"), int) and place["seed"]), None)
