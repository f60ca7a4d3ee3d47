# Made from runtime/modelstream_runtime/_async/client.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""The client: submits paid requests, never pays twice unless you allow it, and returns tasks to wait for."""

from __future__ import annotations

import copy
import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self, TypeVar

import httpx
from pydantic_core import to_json

from modelstream._sync.connection import Connection, Settings
from modelstream._sync.task import DEFAULT_WAIT, Task
from modelstream_runtime._sync.concurrency import sleep
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.credentials import find_api_key, find_base_url, warn_if_readable
from modelstream_runtime.errors import (
    APIConnectionError,
    APIError,
    InvalidRequest,
    ModelStreamError,
    Problem,
    SubmitUnknown,
)
from modelstream_runtime.payload import merged
from modelstream_runtime.request import Request
from modelstream_runtime.responses import GatewayResponse, read_error, read_task_id
from modelstream_runtime.retry import RetryDecision, decide_after_failure, decide_after_response, delay_before
from modelstream_runtime.transport import REFERENCE_HEADER, SUBMIT_TIMEOUT, timeouts

if TYPE_CHECKING:
    from modelstream_runtime.catalog import Catalog

logger = logging.getLogger(PACKAGE)

_REFERENCE = re.compile(r"[!-~]{1,128}")


class Client:
    """Client for the video models of a gateway. A generated package subclasses it, with the gateway's `catalog`."""

    catalog: ClassVar[Catalog]
    """The gateway and its models."""

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int = 4,
        retry_unknown: bool = False,
        max_connections: int = 8,
        http_client: httpx.Client | None = None,
    ) -> None:
        """Connect to nothing yet: the first request opens a connection.

        Args:
            api_key: the key. By default it comes from the gateway's environment variable.
            base_url: the address of the gateway. By default it comes from the environment, or else from the catalog.
            timeout: seconds for each part of an exchange (connecting takes at most 10), or an ``httpx.Timeout``. By
                default 300 s for a submission and 60 s for everything else.
            max_retries: how often to retry a free request, or a submission that was certainly not charged.
            retry_unknown: also retry a submission whose response was lost. The price: you may buy one request several
                times, up to ``1 + max_retries``.
            max_connections: how many exchanges with the gateway run at once. Other callers wait for a free slot.
            http_client: your own ``httpx.Client``, for proxies, certificates or transports. Closing this client
                leaves it open.

        Raises:
            ModelStreamError: there is no key, or the key or the address is malformed.

        Warns:
            InsecureConnectionWarning: the address is not encrypted and belongs to another machine.
        """
        gateway = self.catalog.gateway
        self._settings = Settings(gateway, find_base_url(base_url, gateway), timeout, max_retries, retry_unknown)
        self._connection = Connection(find_api_key(api_key, gateway), http_client, max_connections)
        warn_if_readable(self._settings.base_url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._settings.base_url!r})"

    @property
    def account(self) -> str:
        """Names the account that pays, without revealing its API key: a part of the key's SHA-256 digest."""
        return self._connection.account

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections. Submitted tasks continue at the gateway."""
        self._connection.close()

    def with_options(
        self,
        *,
        base_url: str | None = None,
        timeout: float | httpx.Timeout | None = None,
        max_retries: int | None = None,
        retry_unknown: bool | None = None,
    ) -> Self:
        """A client with other settings that shares this one's connections.

        Example:
            >>> patient = client.with_options(timeout=600, max_retries=10)  # doctest: +SKIP
        """
        old = self._settings
        other = copy.copy(self)  # With what a subclass keeps for itself.
        other._settings = Settings(
            gateway=old.gateway,
            base_url=old.base_url if base_url is None else find_base_url(base_url, old.gateway),
            timeout=old.timeout if timeout is None else timeout,
            max_retries=old.max_retries if max_retries is None else max_retries,
            retry_unknown=old.retry_unknown if retry_unknown is None else retry_unknown,
        )
        if base_url is not None:
            warn_if_readable(other._settings.base_url)
        return other

    def submit(
        self,
        request: Request | str,
        /,
        *,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Task:
        """Submit a request, once, and return its task without waiting for the video.

        Args:
            request: a request, or a model id with the model's fields as keyword arguments.
            extra_body: JSON merged over the payload, for parameters newer than this package.
            extra_headers: more HTTP headers. ``X-Client-Request-Id`` is the reference under which you can recognize the
                purchase later, for example in the gateway's logs; by default the client makes one up.

        Raises:
            InvalidRequest: the values break the model's limits. Nothing was sent.
            SubmitUnknown: the response was lost. The gateway may have charged for it, so it is not sent again.
            APIError: the gateway rejected the request. Nothing was charged.
            APIConnectionError: the gateway cannot be reached. Nothing was sent.
        """
        return self._submit(self._as_request(request, values), extra_body, extra_headers)

    def generate(
        self,
        request: Request | str,
        /,
        *,
        timeout: float | None = DEFAULT_WAIT,
        interval: float | None = None,
        on_update: Callable[[Task], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Task:
        """Submit a request and wait for its video: `submit`, then `Task.wait`.

        Args:
            request: a request, or a model id with the model's fields as keyword arguments.
            timeout: seconds to wait for the video. `None` waits forever.
            interval: seconds between two polls. By default they grow from 2 to 10.
            on_update: called with the task whenever its status or progress changes.
            extra_body: JSON merged over the payload, for parameters newer than this package.
            extra_headers: more HTTP headers.

        Raises:
            TaskFailed: the task ended without a video.
            TaskTimeout: the video is not ready yet. The task continues and you can wait for it again.
            ModelStreamError: as `submit`.
        """
        task = self.submit(request, extra_body=extra_body, extra_headers=extra_headers, **values)
        return task.wait(timeout=timeout, interval=interval, on_update=on_update)

    def task(self, task_id: str) -> Task:
        """A task by its id, even if another process submitted it. The call itself sends nothing.

        Raises:
            ValueError: the id is malformed.
        """
        return Task(task_id, self._connection, self._settings)

    def _as_request(self, request: Request | str, values: dict[str, Any]) -> Request:
        if isinstance(request, str):
            return self.catalog.request_for(request, **values)
        if not isinstance(request, Request):
            raise TypeError(f"submit takes a request or a model id, not {type(request).__name__}")
        if values:
            raise TypeError(
                "a request already has its values; change them with request.replace(...), or pass a model id"
            )
        return request

    def _submit(
        self, request: Request, extra_body: Mapping[str, Any] | None, extra_headers: Mapping[str, str] | None
    ) -> Task:
        payload = request.to_payload()
        if extra_body:
            payload = merged(payload, _json_object(extra_body, str(payload.get("model"))))
        theirs = {name.lower(): value for name, value in (extra_headers or {}).items()}
        attempt = _Attempt(request, payload, _reference(theirs) or secrets.token_hex(8))
        theirs.pop("authorization", None)
        headers = theirs | {"content-type": "application/json", REFERENCE_HEADER: attempt.reference}
        content = to_json(payload)
        retryable = {"retry", "retry once"} | ({"unknown"} if self._settings.retry_unknown else set())
        retries = 0
        try:
            while True:
                attempt.sent = False
                outcome = self._post(attempt, content, headers)
                if isinstance(outcome, Task):
                    return outcome
                action = outcome.decision.action
                if action not in retryable or retries >= self._settings.max_retries:
                    raise outcome.error
                if action == "retry once":
                    retryable.remove(action)
                retries += 1
                delay = delay_before(retries, outcome.retry_after)
                risk = "; you may pay twice, as retry_unknown allows" if action == "unknown" else ""
                logger.warning(
                    "retrying the %s request %s in %.1f s (retry %d of %d): %s%s",
                    *(payload.get("model"), attempt.reference, delay, retries, self._settings.max_retries),
                    *(outcome.decision.why, risk),
                )
                sleep(delay)
        except SubmitUnknown:
            raise
        except ModelStreamError as error:
            if attempt.losses:
                # That the last attempt cost nothing says nothing about those whose response was lost.
                raise attempt.lost(
                    f"a retry failed ({error}), and the response to an earlier attempt was lost"
                ) from error
            raise
        except BaseException as interruption:
            # The caller cancelled or interrupted the call. Whoever reads the traceback must learn of the purchase.
            if attempt.sent or attempt.losses:
                note = str(attempt.lost(f"interrupted by {type(interruption).__name__}"))
                interruption.add_note(note)
                logger.warning("%s", note)
            raise

    def _post(self, attempt: _Attempt, content: bytes, headers: Mapping[str, str]) -> Task | _SubmitFailure:
        """Send the paid request once."""
        timeout = timeouts(self._settings.timeout, default=SUBMIT_TIMEOUT)
        try:
            url = _submit_url(self._settings.base_url, self._settings.gateway.submit_path)
            response = self._connection.send(
                "POST", url, timeout=timeout, content=content, headers=headers, on_send=attempt.on_send
            )
            return self._outcome(attempt, response)
        except ModelStreamError:
            raise
        except Exception as failure:
            decision = decide_after_failure(failure)
            if decision.action == "unknown" and not attempt.sent:
                decision = RetryDecision("fail", "the request was not sent")
            reason = f"{decision.why}: {self._connection.describe(failure)}"
            decision = RetryDecision(decision.action, reason)
            if decision.action == "unknown":
                return _SubmitFailure(attempt.lost(reason, cause=failure), decision)
            attempt.sent = False
            message = f"no connection to {self._settings.base_url}; {reason}"
            return _SubmitFailure(_caused(APIConnectionError(message), failure), decision)

    def _outcome(self, attempt: _Attempt, response: GatewayResponse) -> Task | _SubmitFailure:
        """What the response to a paid request means."""
        gateway = self._settings.gateway
        error = read_error(response, gateway)
        task_id = read_task_id(response.body, gateway)
        if error is None and task_id is None:
            error = APIError("the response has no task id", status_code=response.status_code, body=response.body)
        if error is not None:
            error.field = _field_at(attempt.request, error.param)
            decision = decide_after_response(error, gateway)
            if task_id is not None and response.status_code < 300:
                # Whatever the body says besides: a task was made, so a retry would make a second one.
                decision = RetryDecision("unknown", f"the gateway reported an error and the task {task_id!r}: {error}")
            raised = attempt.lost(decision.why, cause=error) if decision.action == "unknown" else error
            attempt.sent = False
            return _SubmitFailure(raised, decision, error.retry_after)
        assert task_id is not None
        try:
            task = Task(task_id, self._connection, self._settings, request=attempt.request)
        except ValueError as malformed:
            decision = RetryDecision("unknown", f"the gateway returned a task id that nobody can use: {malformed}")
            return _SubmitFailure(attempt.lost(decision.why, cause=malformed), decision)
        task._update_from(response, warn=False)
        logger.info("submitted %s as task %s (%s)", attempt.payload.get("model"), task_id, attempt.reference)
        return task


class _Attempt:
    """One purchase: what the client sends, under which reference, and when."""

    def __init__(self, request: Request, payload: dict[str, Any], reference: str) -> None:
        self.request = request
        self.payload = payload
        self.reference = reference
        self.started = time.monotonic()
        self.sent = False
        self.losses = 0

    def on_send(self) -> None:
        """Record that the request is sent now."""
        self.started = time.monotonic()
        self.sent = True

    def lost(self, reason: str, *, cause: Exception | None = None) -> SubmitUnknown:
        """The error for a request whose fate is unknown, now or since an earlier attempt."""
        if self.sent:
            self.losses += 1
            self.sent = False
        response = cause if isinstance(cause, APIError) else None
        error = SubmitUnknown(
            reason,
            request=self.request,
            payload=self.payload,
            reference=self.reference,
            elapsed=time.monotonic() - self.started,
            losses=self.losses,
            status_code=response.status_code if response else None,
            request_id=response.request_id if response else None,
        )
        return _caused(error, cause)


class _SubmitFailure(NamedTuple):
    """A submission from which the client knows no task."""

    error: ModelStreamError
    decision: RetryDecision
    retry_after: float | None = None


AnyError = TypeVar("AnyError", bound=ModelStreamError)


def _caused(error: AnyError, cause: Exception | None) -> AnyError:
    error.__cause__ = cause
    return error


@lru_cache(maxsize=16)
def _submit_url(base_url: str, path: str) -> httpx.URL:
    """The address for paid requests. Parsing it takes as long as everything else before sending, so it is cached."""
    return httpx.URL(base_url + path)


def _json_object(extra_body: Mapping[str, Any], label: str) -> dict[str, Any]:
    """A copy of what the caller adds to a payload. Unlike the payload, nobody has validated it."""
    try:
        copy: dict[str, Any] = json.loads(json.dumps(dict(extra_body), ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidRequest(label, [Problem("extra_body", f"is not JSON: {error}")]) from error
    return copy


def _reference(headers: Mapping[str, str]) -> str | None:
    """The caller's own reference of a purchase, if there is one."""
    reference = headers.get(REFERENCE_HEADER)
    if reference is not None and not _REFERENCE.fullmatch(reference):
        raise ValueError(f"{REFERENCE_HEADER} is {reference!r}; use 1 to 128 visible ASCII characters")
    return reference


def _field_at(request: Request, path: str | None) -> str | None:
    """The form field that travels in a place of the body."""
    targets = type(request)._targets
    return next(
        (name for name, target in targets.items() if path and path in (target.path, target.keys[-1], name)), None
    )
