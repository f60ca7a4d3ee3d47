"""Files of jobs: JSON lines or CSV, read lazily, with the place of every mistake."""

from __future__ import annotations

import codecs
import csv
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Literal, assert_never

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.batch.jobs import Job, job_of_mapping
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.documents import UnreadableValue, parse_json
from modelstream_runtime.errors import Problem
from modelstream_runtime.field_names import suggested_field
from modelstream_runtime.form import FormField, form_of
from modelstream_runtime.form_values import choice_in, media_in, number_in, with_media
from modelstream_runtime.limits import size

_LONGEST = 64 * 2**20
"""Bytes of a line. A few pictures as data URIs fit into it."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS: dict[str, Literal["csv", "jsonl"]] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
_OF_THE_FORM = "values."
"""A column with this prefix is a field of the form, even if it is called ``id`` or ``model``."""


class _Unreadable(Exception):
    """Neither this line can be read nor those after it."""


class JobsFile:
    """The jobs in a file. Iterate over it as often as you like, if it is no pipe.

    Args:
        path: the file. The end of its name, or else its first character, tells JSON lines from CSV.
        catalog: the models.
        model: the model of jobs that name none.
        stream: read this instead, such as standard input, under the name of ``path``.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        catalog: Catalog,
        *,
        model: str | None = None,
        stream: BinaryIO | None = None,
    ) -> None:
        self._path = Path(path)
        self._stream = stream
        self._model = model
        self._folder = Path() if stream is not None else self._path.parent
        self._catalog = catalog
        self._form = lru_cache(maxsize=100)(lambda model: form_of(catalog, model))

    def __iter__(self) -> Iterator[Job]:
        with nullcontext(self._stream) if self._stream is not None else self._path.open("rb") as stream:
            lines = _Lines(stream)
            try:
                yield from self._table(lines) if self._kind(lines) == "csv" else self._json_lines(lines)
            except _Unreadable as error:
                yield self._end(lines.number, "line", str(error))

    def _kind(self, lines: _Lines) -> Literal["csv", "jsonl"]:
        if self._stream is None and (kind := _KINDS.get(self._path.suffix.lower())):
            return kind
        return "jsonl" if lines.start() in (b"{", b"[", b"") else "csv"

    def _json_lines(self, lines: _Lines) -> Iterator[Job]:
        for line in lines:
            if not (text := line.strip()):
                continue
            place = self._place(lines.number)
            if text in (b"[", b"{") or (lines.number == 1 and text.startswith(b"[")):
                raise _Unreadable("each line holds one whole job as a JSON object; this is JSON over several lines")
            try:
                given = parse_json(_decoded(text))
                if not isinstance(given, Mapping):
                    raise UnreadableValue("is not a JSON object")
            except (UnreadableValue, _Unreadable) as error:
                # Whoever counts the lines of the file counts them from its beginning.
                yield Job(place, problems=(Problem("line", str(error).replace("in line 1, column", "in column")),))
            else:
                yield self._with_media(job_of_mapping(place, given))

    def _with_media(self, job: Job) -> Job:
        """The job with paths in the place of texts that name files."""
        model = job.model or self._model
        if job.values is None or model is None:
            return job
        values = dict(job.values)
        for field in self._form(model).fields:
            if field.kind in ("media", "objects") and field.name in values:
                values[field.name] = with_media(field, values[field.name], self._folder)
        return job._replace(values=values, folder=self._folder)

    def _table(self, lines: _Lines) -> Iterator[Job]:
        csv.field_size_limit(max(csv.field_size_limit(), _LONGEST))
        texts = map(_decoded, lines)
        first = next((text for text in texts if text.strip()), None)
        if first is None:
            return
        rows = csv.reader(chain([first], texts), delimiter=_delimiter(first), strict=True)
        header = [name.strip() for name in next(self._rows(rows, lines))[1]]
        while header and not header[-1]:  # Spreadsheets like to add empty columns.
            header.pop()
        if problems := self._problems_of_header(header):
            yield Job(self._place(1), problems=tuple(problems), is_end=True)
            return
        for number, cells in self._rows(rows, lines):
            while len(cells) > len(header) and not cells[-1]:
                cells.pop()
            if any(cells):
                yield self._row(self._place(number), header, cells)

    def _rows(self, rows: Any, lines: _Lines) -> Iterator[tuple[int, list[str]]]:
        """The rows, and the line in which each begins."""
        while True:
            number = lines.number + 1 if rows.line_num else lines.number
            try:
                cells = next(rows, None)
            except csv.Error as error:
                is_open = "unexpected end" in str(error)
                lines.number = number if is_open else lines.number
                raise _Unreadable("the quotes of a cell are never closed" if is_open else str(error)) from None
            if cells is None:
                return
            yield number, cells

    def _problems_of_header(self, header: list[str]) -> list[Problem]:
        problems = [Problem(f"column {index}", "has no name") for index, name in enumerate(header, start=1) if not name]
        for name, count in Counter(filter(None, header)).items():
            if count > 1:
                places = [str(index) for index, other in enumerate(header, start=1) if other == name]
                problems.append(Problem(name, f"is the name of columns {' and '.join(places)}"))
        if "model" in header:
            models: Iterable[str] = (*self._catalog.models, *([self._model] if self._model else []), "")
        elif self._model is not None:
            models = (self._model,)
        else:
            problems.append(Problem("model", "there is no such column; add it, or pass --model"))
            return problems
        known = {field.name for model in models for field in self._form(model).fields}
        for name in filter(None, header):
            field = name.removeprefix(_OF_THE_FORM)
            if (name == field and name in ("id", "model")) or field in known:
                continue
            hint = did_you_mean(field, ("id", "model"), cutoff=0.75) or suggested_field(field, sorted(known))
            problems.append(Problem(name, f"no such column{hint}"))
        return problems

    def _row(self, place: str, header: list[str], cells: list[str]) -> Job:
        if len(cells) != len(header):
            counts = f"the line has {len(cells)} cells, and the header {len(header)}"
            return Job(place, problems=(Problem("line", f"{counts}; put quotes around cells with separators"),))
        given = {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}
        # A field that shares its name with a key of the job has the longer name of the two.
        id, model = given.pop("id", None), given.pop("model", None)
        columns = {name.removeprefix(_OF_THE_FORM): index for index, name in enumerate(header, start=1)}
        columns |= {name: index for index, name in enumerate(header, start=1) if name in ("id", "model")}
        problems = []
        form = self._form(model or self._model) if model or self._model else None
        fields = {field.name: field for field in form.fields} if form else {}
        values: dict[str, Any] = {}
        for name, cell in given.items():
            name = name.removeprefix(_OF_THE_FORM)
            try:
                values[name] = value_in(fields[name], cell, self._folder) if name in fields else cell
            except UnreadableValue as error:
                problems.append(Problem(name, str(error), value=cell))
        return Job(place, id, model, values, self._folder, columns, problems=tuple(problems))

    def _end(self, line: int, field: str, message: str) -> Job:
        return Job(self._place(line), problems=(Problem(field, message),), is_end=True)

    def _place(self, line: int) -> str:
        return f"{self._path}:{line}"


def value_in(field: FormField, cell: str, folder: Path) -> Any:
    """The value in a cell.

    Raises:
        UnreadableValue: it is not JSON, where that is needed.
    """
    match field.kind:
        case "text":
            return cell
        case "boolean":
            return {"true": True, "false": False}.get(cell.strip().lower(), cell)
        case "integer" | "number":
            return number_in(field, cell.strip())
        case "choice":
            return choice_in(field, cell)
        case "media":
            if field.many and cell.lstrip().startswith("["):
                return with_media(field, parse_json(cell), folder)
            one = media_in(field.accepts, cell.strip(), folder)
            return [one] if field.many else one
        case "objects":
            return with_media(field, parse_json(cell), folder)
        case "object":
            return parse_json(cell)
        case unexpected:
            assert_never(unexpected)


class _Lines:
    """The lines of a stream without a byte order mark, as bytes.

    Attributes:
        number: of the line that was read last.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._ahead: bytes | None = None
        self.number = 0

    def start(self) -> bytes:
        """The first character that is not blank; empty if there is none."""
        while (line := self._read()) and not line.strip():
            pass
        self._ahead = line
        return line.strip()[:1]

    def __iter__(self) -> Iterator[bytes]:
        if self._ahead is not None:
            line, self._ahead = self._ahead, None
            yield line
        while line := self._read():
            yield line

    def _read(self) -> bytes:
        line = self._stream.readline(_LONGEST + 1)
        self.number += bool(line)
        if len(line) > _LONGEST:
            raise _Unreadable(f"the line is longer than {size(_LONGEST)}; write media as paths or addresses")
        if self.number == 1 and line:
            if line.startswith(_UTF_16):
                raise _Unreadable("the file is UTF-16; save it as UTF-8")
            line = line.removeprefix(codecs.BOM_UTF8) or b"\n"
        return line


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        before = len(line[: error.start].decode())
        raise _Unreadable(
            f"is not UTF-8 (0x{line[error.start]:02x} after {before} characters); save it as UTF-8"
        ) from None


def _delimiter(header: str) -> str:
    """What separates the cells: commas, or what spreadsheets write in countries with decimal commas, or tabs."""
    return next((each for each in (",", ";", "\t") if each in header), ",")
