"""A job, with what the whole batch has in common: the content of a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelstream_runtime._text import shown
from modelstream_runtime.batch.jobs import Job
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.purchases.content import Content, NotJson
from modelstream_runtime.request import Request


class Draft:
    """A job, with what the whole batch has in common.

    Args:
        job: what somebody wrote.
        model: the model of jobs that name none.
        values: values of the form that jobs do not give themselves.
    """

    def __init__(self, job: Job, *, model: str | None, values: Mapping[str, Any]) -> None:
        self._content = Content("", {})
        self.problems: tuple[Problem, ...] = job.problems or _unfit(job, values)
        if not self.problems:
            taken = _content(job, model, values)
            if isinstance(taken, Problem):
                self.problems = (taken,)
            else:
                self._content = taken
        if not self.model.isprintable():
            self.problems = (Problem("model", f"{shown(self.model)} is not a text that can be printed"),)
        self.digest = self._content.digest

    @property
    def model(self) -> str:
        """The id of the model; empty if the job names none."""
        return self._content.model

    @property
    def fixed(self) -> bool:
        """Whether it is the same request at any time, because it reads no files."""
        return self._content.fixed

    def request(self, catalog: Catalog) -> Request:
        """The request; see `Content.request`."""
        if self.problems:
            raise InvalidRequest(self.model or "batch", self.problems, subject=self.model or "job")
        return self._content.request(catalog)

    def stored(self) -> str:
        """What the journal keeps; see `Content.stored`."""
        return self._content.stored()


def _unfit(job: Job, values: Mapping[str, Any]) -> tuple[Problem, ...]:
    if not values or job.values is not None or (job.request is None and job.body is None):
        return ()
    kind = "request" if job.request is not None else "body"
    return (Problem("values", f"values for all jobs cannot change a {kind}"),)


def _content(job: Job, model: str | None, values: Mapping[str, Any]) -> Content | Problem:
    if job.request is not None:
        return Content.of_request(job.request)
    if job.body is not None:
        stated = job.body.get("model", job.model or model)
        if not isinstance(stated, str):
            return Problem("model", "the body names no model")
        return Content.of_body(stated, {**job.body, "model": stated})
    stated = job.model or model
    if stated is None:
        return Problem("model", "the job names no model; add one, or pass --model")
    try:
        return Content.of_values(stated, {**values, **(job.values or {})}, job.folder)
    except NotJson as error:
        return Problem("values", str(error))
