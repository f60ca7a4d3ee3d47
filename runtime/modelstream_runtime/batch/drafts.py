"""A job as the journal keeps it, and the request that it becomes when it is sent."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_core import to_json

from modelstream_runtime._caller import without_warnings
from modelstream_runtime._text import shown
from modelstream_runtime.batch.jobs import Job, paths_in
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, Problem
from modelstream_runtime.request import Request


class MediaChanged(Exception):
    """A local file is gone, or is another one than when the batch was checked."""


class Draft:
    """A job, with what the whole batch has in common.

    Args:
        job: what somebody wrote.
        model: the model of jobs that name none.
        values: values of the form that jobs do not give themselves.
    """

    def __init__(self, job: Job, *, model: str | None, values: Mapping[str, Any]) -> None:
        self.job = job
        self.problems: tuple[Problem, ...] = job.problems
        self.model = ""
        self._content: dict[str, Any] = {}
        self._files: list[tuple[tuple[str | int, ...], Path]] = []
        if not self.problems:
            self._take(model, values)
        if not self.model.isprintable() and not self.problems:
            self.problems = (Problem("model", f"{shown(self.model)} is not a text that can be printed"),)
        self.digest = _digest(self.model, self._content)

    def _take(self, model: str | None, values: Mapping[str, Any]) -> None:
        job = self.job
        if values and job.values is None:
            kind = "request" if job.request is not None else "body"
            self.problems = (Problem("values", f"values for all jobs cannot change a {kind}"),)
            return
        if job.request is not None:
            body = job.request.to_payload()
            self.model, self._content = str(body.get("model", "")), {"body": body}
            return
        if job.body is not None:
            stated = job.body.get("model", job.model or model)
            if not isinstance(stated, str):
                self.problems = (Problem("model", "the body names no model"),)
                return
            self.model, self._content = stated, {"body": {**job.body, "model": stated}}
            return
        stated = job.model or model
        if stated is None:
            self.problems = (Problem("model", "the job names no model; add one, or pass --model"),)
            return
        given = {**values, **(job.values or {})}
        self._files = list(paths_in(given))
        try:
            content = json.loads(json.dumps(given, default=_as_text, ensure_ascii=False, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            self.problems = (Problem("values", f"is not JSON: {error}"),)
            return
        # The digest knows paths as they were written, so that the whole project may move to another folder.
        files = [{"at": list(steps), "path": str(path)} for steps, path in self._files]
        self.model, self._content = stated, {"values": content} | ({"files": files} if files else {})

    @property
    def fixed(self) -> bool:
        """Whether it is the same request at any time, because it reads no files."""
        return not self._files

    def request(self, catalog: Catalog) -> Request:
        """The request. It gives no warnings; its `remarks` say the same.

        Raises:
            InvalidRequest: the values break the model's limits, or a file cannot be read.
        """
        if self.problems:
            raise InvalidRequest(self.model or "batch", self.problems, subject=self.model or "job")
        return _request(catalog, self.model, _with_files(self._content, self._path))

    def stored(self) -> str:
        """What the journal keeps: files by path, size and digest.

        Raises:
            OSError: a file cannot be read.
        """
        content = dict(self._content)
        if self._files:
            content["files"] = [entry | _fingerprint(self._path(entry)) for entry in content["files"]]
        return json.dumps(content, ensure_ascii=False)

    def _path(self, entry: Mapping[str, Any]) -> Path:
        return (self.job.folder / str(entry["path"])).absolute()


def request_of(catalog: Catalog, model: str, stored: str) -> Request:
    """The request that the journal keeps, with its files read again.

    Raises:
        MediaChanged: a file is gone, or is another one.
        InvalidRequest: this version of the package rejects what an earlier one accepted.
    """
    return _request(catalog, model, _with_files(json.loads(stored), _unchanged))


def payload_digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 of a body as it is sent."""
    return hashlib.sha256(to_json(payload)).hexdigest()


def _request(catalog: Catalog, model: str, content: Mapping[str, Any]) -> Request:
    with without_warnings():
        if "body" in content:
            return catalog.request_class(model).from_payload(content["body"])
        return catalog.request_for(model, **content["values"])


def _with_files(content: Mapping[str, Any], read: Any) -> dict[str, Any]:
    """The content with what ``read`` makes of each entry of a file in the place of its path."""
    if not content.get("files"):
        return dict(content)
    values = copy.deepcopy(content["values"])
    for entry in content["files"]:
        *outer, last = entry["at"]
        place = values
        for step in outer:
            place = place[step]
        place[last] = read(entry)
    return {"values": values}


def _unchanged(entry: Mapping[str, Any]) -> bytes:
    path = Path(entry["path"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MediaChanged(f"{path} cannot be read any more: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise MediaChanged(f"{path} has changed since the batch was checked; run the batch again to check it anew")
    return content


def _fingerprint(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return {
            "path": str(path),
            "sha256": hashlib.file_digest(file, "sha256").hexdigest(),
            "bytes": path.stat().st_size,
        }


def _digest(model: str, content: Mapping[str, Any]) -> str:
    # The order of keys is part of a body.
    return hashlib.sha256(json.dumps([model, content], ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def _as_text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be kept; pass a text, a number or a pathlib.Path")
