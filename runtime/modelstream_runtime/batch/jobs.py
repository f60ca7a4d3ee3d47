"""What people write down for a batch: jobs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from modelstream_runtime._text import did_you_mean, shown
from modelstream_runtime.errors import Problem
from modelstream_runtime.request import Request

KEYS = ("id", "model", "values", "body")
"""The keys of a job that is written as a mapping."""
_LINE_OF_OPENAI = ("custom_id", "method", "url", "body")
"""The keys of a line of a batch for OpenAI's service, which many tools write."""


class Job(NamedTuple):
    """One request of a batch, not checked yet.

    Attributes:
        place: where it was written, such as ``jobs.jsonl:12``.
        id: the caller's name of it, if it has one.
        model: the id of the model, if it is not in the body.
        values: the form's values; a local file is a `pathlib.Path`.
        folder: where relative paths begin; by default in the working folder.
        columns: field to column, in a table.
        body: the documented JSON body, in the place of values.
        request: a request that is made already, in the place of both.
        problems: what is wrong with the job itself. Nothing else of it counts then.
        is_end: whether the jobs after it cannot be read, because of these problems.
    """

    place: str
    id: str | None = None
    model: str | None = None
    values: Mapping[str, Any] | None = None
    folder: Path = Path()
    columns: Mapping[str, int] = MappingProxyType({})
    body: Mapping[str, Any] | None = None
    request: Request | None = None
    problems: tuple[Problem, ...] = ()
    is_end: bool = False


def jobs_of(given: Iterable[Any]) -> Iterator[Job]:
    """The jobs that a program passes: requests, mappings, pairs of an id and one of these, or jobs."""
    for number, one in enumerate(given, start=1):
        yield one if isinstance(one, Job) else _job(f"job {number}", one)


def _job(place: str, given: Any, id: str | None = None) -> Job:
    match given:
        case Request():
            return Job(place, id, request=given)
        case (str() as own, inner) if id is None:
            return _job(place, inner, own)
        case Mapping():
            return job_of_mapping(place, given, id)
        case _:
            message = f"{shown(given)} is neither a request nor a mapping with {', '.join(KEYS)}"
            return Job(place, id, problems=(Problem("job", message, value=given),))


def job_of_mapping(place: str, given: Mapping[str, Any], id: str | None = None) -> Job:
    """The job that a mapping describes: with ``values`` or ``body``, or a line of a batch for OpenAI's service."""
    if "custom_id" in given:
        strange = [key for key in given if key not in _LINE_OF_OPENAI]
        given = {"id": given["custom_id"], "body": given.get("body")} | {key: given[key] for key in strange}
    problems = [
        Problem(
            str(key), f"no such key{did_you_mean(str(key), KEYS) or '; the fields of the model belong into values'}"
        )
        for key in given
        if key not in KEYS
    ]
    own = given.get("id", id)
    if isinstance(own, int) and not isinstance(own, bool):
        own = str(own)
    if own is not None and not isinstance(own, str):
        problems.append(Problem("id", f"{shown(own)} is not a text", value=own))
    model, values, body = given.get("model"), given.get("values"), given.get("body")
    if model is not None and not isinstance(model, str):
        problems.append(Problem("model", f"{shown(model)} is not a text", value=model))
    if (values is None) == (body is None):
        problems.append(Problem("values", "a job has either values or a body"))
    for name, part in (("values", values), ("body", body)):
        if part is not None and not isinstance(part, Mapping):
            problems.append(Problem(name, f"{shown(part)} is not a mapping", value=part))
    if problems:
        return Job(place, own if isinstance(own, str) else None, problems=tuple(problems))
    return Job(place, own if isinstance(own, str) else None, model, values, body=body)
