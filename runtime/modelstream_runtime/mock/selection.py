"""Which dialect and which scenario a request asks for."""

from __future__ import annotations

from modelstream_runtime.mock.dialects import dialect_name
from modelstream_runtime.mock.exchange import Exchange, reject
from modelstream_runtime.mock.keys import key_of
from modelstream_runtime.mock.scenarios import KEY_PREFIX, choose
from modelstream_runtime.mock.tasks import Task

SCENARIO_HEADER = "x-mock-scenario"
DIALECT_HEADER = "x-mock-dialect"


def select(exchange: Exchange, task: Task | None) -> None:
    """Set the dialect and the scenario of an exchange: by header, by key, or by the task that it is about.

    Raises:
        Rejected: the request asks for a dialect or a scenario that does not exist.
    """
    headers = exchange.request.headers
    if task is not None:
        exchange.dialect, exchange.choice = task.dialect, task.choice
    key = key_of(exchange.request) or ""
    try:
        if DIALECT_HEADER in headers:
            exchange.dialect = dialect_name(headers[DIALECT_HEADER])
        if SCENARIO_HEADER in headers:
            exchange.choice = choose(headers[SCENARIO_HEADER])
        elif key.startswith(KEY_PREFIX):
            exchange.choice = choose(key.removeprefix(KEY_PREFIX))
    except ValueError as error:
        reject("setting", str(error))
