"""What a request is made from, as the journal keeps it, and the request that it becomes when it is sent."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

from pydantic_core import to_json

from modelstream_runtime._caller import without_warnings
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.journal.texts import readable
from modelstream_runtime.request import Request


class MediaChanged(Exception):
    """A local file is gone, or is another one than when the request was checked."""


class NotJson(ValueError):
    """Some values cannot be kept as JSON."""


class Content:
    """A model, and the JSON body or the form's values for it.

    Args:
        model: the id of the model.
        data: ``{"body": ...}``, or ``{"values": ..., "files": [{"at": ..., "path": ...}]}``.
        folder: where relative paths begin.
    """

    def __init__(self, model: str, data: Mapping[str, Any], folder: Path = Path()) -> None:
        self.model = model
        self._data = data
        self._folder = folder

    @classmethod
    def of_request(cls, request: Request) -> Self:
        """The content of a request."""
        body = request.to_payload()
        return cls.of_body(str(body.get("model", "")), body)

    @classmethod
    def of_body(cls, model: str, body: Mapping[str, Any]) -> Self:
        """The content of a JSON body that names its model."""
        return cls(model, {"body": body})

    @classmethod
    def of_values(cls, model: str, values: Mapping[str, Any], folder: Path = Path()) -> Self:
        """The content of a form's values, in which a local file is a `pathlib.Path`.

        Raises:
            NotJson: some values cannot be kept as JSON.
        """
        # The digest knows paths as they were written, so that the whole project may move to another folder.
        files = [{"at": list(steps), "path": str(path)} for steps, path in paths_in(values)]
        try:
            plain = json.loads(json.dumps(values, default=_as_text, ensure_ascii=False, allow_nan=False))
        except (TypeError, ValueError, RecursionError) as error:
            raise NotJson(f"is not JSON: {error}") from None
        return cls(model, {"values": plain} | ({"files": files} if files else {}), folder)

    @property
    def fixed(self) -> bool:
        """Whether it is the same request at any time, because it reads no files."""
        return not self._data.get("files")

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of the local files in it, as they were written."""
        return tuple(entry["path"] for entry in self._data.get("files", ()))

    @property
    def digest(self) -> str:
        """SHA-256 of the content as it was written."""
        # The order of keys is part of a body.
        text = json.dumps([self.model, self._data], ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def request(self, catalog: Catalog) -> Request:
        """The request. It gives no warnings; its `remarks` say the same.

        Raises:
            InvalidRequest: the values break the model's limits, or a file cannot be read.
        """
        return _request(catalog, self.model, _with_files(self._data, self._path))

    def stored(self) -> str:
        """What the journal keeps: files by path, size and digest.

        Raises:
            OSError: a file cannot be read.
        """
        data = dict(self._data)
        if not self.fixed:
            data["files"] = [entry | _fingerprint(self._path(entry)) for entry in data["files"]]
        return as_json(data)

    def _path(self, entry: Mapping[str, Any]) -> Path:
        return (self._folder / str(entry["path"])).absolute()


def request_of(catalog: Catalog, model: str, stored: str) -> Request:
    """The request that the journal keeps, with its files read again.

    Raises:
        MediaChanged: a file is gone, or is another one.
        InvalidRequest: this version of the package rejects what an earlier one accepted.
    """
    return _request(catalog, model, _with_files(json.loads(stored), _unchanged))


def files_in(request: Request, stored: str) -> dict[str, str]:
    """The files in a request that `request_of` made: encoded content to path."""
    entries = json.loads(stored).get("files", ())
    return {_at(request, entry["at"]): entry["path"] for entry in entries}


def as_json(value: Any) -> str:
    """The value as JSON for a file or a database, with escapes for the bytes in names of files that are no text."""
    # `readable` happens to write them as JSON does.
    return readable(json.dumps(value, ensure_ascii=False))


def has_files(stored: str) -> bool:
    """Whether the request has files, which `request_of` would read."""
    return bool(json.loads(stored).get("files"))


def payload_digest(payload: Mapping[str, Any]) -> str:
    """SHA-256 of a body as it is sent."""
    return hashlib.sha256(to_json(payload)).hexdigest()


def _request(catalog: Catalog, model: str, data: Mapping[str, Any]) -> Request:
    with without_warnings():
        if "body" in data:
            return catalog.request_class(model).from_payload(data["body"])
        return catalog.request_for(model, **data["values"])


def _with_files(data: Mapping[str, Any], read: Any) -> dict[str, Any]:
    """The content with what ``read`` makes of each entry of a file in the place of its path."""
    if not data.get("files"):
        return dict(data)
    values = copy.deepcopy(data["values"])
    for entry in data["files"]:
        *outer, last = entry["at"]
        place = values
        for step in outer:
            place = place[step]
        place[last] = read(entry)
    return {"values": values}


def _at(value: Any, steps: list[str | int]) -> str:
    """What a request holds in a place of its values."""
    for step in steps:
        value = value[step] if isinstance(step, int) else getattr(value, step)
    # A field for many files also takes one.
    text: str = value[0] if isinstance(value, tuple) else value
    return text


def _unchanged(entry: Mapping[str, Any]) -> bytes:
    path = Path(entry["path"])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MediaChanged(f"{path} cannot be read any more: {error.strerror or error}") from error
    if hashlib.sha256(content).hexdigest() != entry["sha256"]:
        raise MediaChanged(f"{path} has changed since the request was checked; start again to check it anew")
    return content


def file_digest(path: Path) -> tuple[str, int]:
    """SHA-256 and size of a file.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def _fingerprint(path: Path) -> dict[str, Any]:
    sha256, size = file_digest(path)
    return {"path": str(path), "sha256": sha256, "bytes": size}


def paths_in(values: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Path]]:
    """The local files in the values of a form, and where they are."""
    match values:
        case Path():
            yield steps, values
        case Mapping():
            for key, inner in values.items():
                yield from paths_in(inner, (*steps, str(key)))
        case list() | tuple():
            for index, inner in enumerate(values):
                yield from paths_in(inner, (*steps, index))


def _as_text(value: Any) -> str:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"a value of type {type(value).__name__} cannot be kept; pass a text, a number or a pathlib.Path")
