"""Calls worth trying: values at and beside every limit of a field, and valid requests to put them into."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from generator.diff.verdict import Judge, Values
from generator.ir import Choice, Field, Many, Media, Number, ObjectList, OpenObject, Switch, Text

_LONGEST_TEXT = 20_000
_MOST_ITEMS = 50
_MOST_REPAIRS = 400
"""How many calls are tried to find one valid request."""

_URLS = {
    "image": "https://example.com/1.png",
    "audio": "https://example.com/1.mp3",
    "video": "https://example.com/1.mp4",
}

_HEADS = {
    "jpeg": ("image/jpeg", b"\xff\xd8\xff\xe0"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "bmp": ("image/bmp", b"BM"),
    "webp": ("image/webp", b"RIFF\0\0\0\0WEBP"),
    "gif": ("image/gif", b"GIF89a"),
    "mp4": ("video/mp4", b"\0\0\0\x18ftypisom"),
    "mov": ("video/quicktime", b"\0\0\0\x14ftypqt  "),
    "webm": ("video/webm", b"\x1aE\xdf\xa3"),
    "wav": ("audio/wav", b"RIFF\0\0\0\0WAVE"),
    "mp3": ("audio/mpeg", b"ID3"),
}
"""Format to its media type, and how a file of it begins."""


def values_of(*fields: Field) -> list[Any]:
    """The values that distinguish the fields from one another: usual ones, and those at and beside their limits."""
    found: list[Any] = []
    for field in fields:
        found += [field.default] if field.default is not None else []
        found += _of(field)
    sizes = sorted({f.max_bytes for f in fields if isinstance(f, Media) and f.max_bytes})
    if len(sizes) > 1 or (sizes and any(isinstance(f, Media) and not f.max_bytes for f in fields)):
        formats = [f.formats for f in fields if isinstance(f, Media) and f.formats]
        found.append(_file(formats[0][0] if formats else "png", sizes[0] + 1))
    return _distinct(found)


def _of(field: Field) -> Iterator[Any]:
    match field:
        case Text(min_length=least, max_length=most):
            for length in (12, least, most, (least or 1) - 1, (most or 0) + 1):
                if length is not None and 0 <= length <= _LONGEST_TEXT:
                    yield "A paper boat"[:length].ljust(length, ".")
            yield from ('{"key": 1}', "pro")
        case Number():
            yield from _numbers(field)
        case Switch():
            yield from (True, False)
        case Choice(options=options):
            yield from (option.value for option in options)
        case Media(kind=kind, many=many, formats=formats):
            files = [_file(name) for name, (mime, _) in _HEADS.items() if mime.startswith(kind) or name in formats]
            ones = [_URLS[kind], *files, *(base64.b64encode(_HEADS[name][1]).decode() for name in formats), "pro"]
            yield from ones
            yield [ones[0]]
            yield from ([ones[0]] * count for count in _counts(many))
        case ObjectList(many=many):
            items = list(_items(field))
            yield from ([item] for item in items)
            yield from ([items[0]] * count for count in _counts(many) if items)
        case OpenObject():
            yield from ({"key": "value"}, {})
        case _:
            assert_never(field)


def _numbers(field: Number) -> Iterator[float]:
    low, high = field.minimum, field.maximum
    step = field.step or (1 if field.integer else 0.5)
    start = low if low is not None else 0
    for value in (
        start,
        start + step,
        high,
        low,
        (high or 0) + step,
        start - step,
        start + 2 * step,
        5,
        0,
        1,
        -1,
        2,
        10,
    ):
        if value is not None:
            yield int(value) if field.integer and float(value).is_integer() else value
    yield from (int(option.value) for option in field.special)
    yield from (step / 2 + start, start + 1, (high - step) if high is not None else start)


def _items(field: ObjectList) -> Iterator[dict[str, Any]]:
    plain = {f.name: next(iter(values_of(f))) for f in field.fields}
    needed = {f.name: plain[f.name] for f in field.fields if f.required}
    yield from (needed or plain, plain, needed)
    for inner in field.fields:
        yield from (plain | {inner.name: value} for value in values_of(inner))
        yield {name: value for name, value in plain.items() if name != inner.name}


def _counts(many: Many | None) -> Iterator[int]:
    bounds = (many.minimum, many.maximum) if many else ()
    near = sorted({count for bound in bounds if bound is not None for count in (bound - 1, bound, bound + 1)} | {2})
    yield from (count for count in near if 0 <= count <= _MOST_ITEMS)


def _file(name: str, length: int = 0) -> str:
    mime, head = _HEADS[name]
    return f"data:{mime};base64,{base64.b64encode(head.ljust(length, bytes(1))).decode()}"


def requests(judge: Judge) -> list[Values]:
    """Valid requests, the smallest first: what is needed, the examples, one field more each, all that fit."""
    model = judge.model
    smallest = _smallest(judge)
    found = [example.values for example in model.examples if judge.verdict(example.values).accepted]
    if smallest is not None:
        found.insert(0, smallest)
        fullest = dict(smallest)
        for field in model.fields:
            found += _extended(judge, smallest, field)
            if field.name not in fullest:
                fullest = next(_extended(judge, fullest, field), fullest)
        found.append(fullest)
    return _distinct(found)


def _extended(judge: Judge, values: dict[str, Any], field: Field) -> Iterator[dict[str, Any]]:
    """The first valid request with the field as well."""
    more = (values | {field.name: value} for value in values_of(field)[:6])
    return itertools.islice((request for request in more if judge.verdict(request).accepted), 1)


def _smallest(judge: Judge) -> dict[str, Any] | None:
    """A valid request with few fields: begins with what is required, then sets or changes what the refusals blame."""
    model = judge.model
    queue: list[dict[str, Any]] = [{f.name: first_fitting(judge, f) for f in model.fields if f.required}]
    seen: set[str] = set()
    for _ in range(_MOST_REPAIRS):
        if not queue:
            return None
        values = queue.pop(0)
        refusals = judge.verdict(values).refusals
        if not refusals:
            return values
        named = [f for f in model.fields if any(f.name in refusal for refusal in refusals)]
        for field in named:
            for changed in ({field.name: value} for value in values_of(field)[:12]):
                key = json.dumps(candidate := values | changed, sort_keys=True)
                if key not in seen:
                    seen.add(key)
                    queue.append(candidate)
    return None


def first_fitting(judge: Judge, field: Field) -> Any:
    """The first value that the field by itself accepts."""
    values = values_of(field)
    for value in values:
        if not any(
            refusal.startswith((f"{field.name}:", f"{field.name}["))
            for refusal in judge.verdict({field.name: value}).refusals
        ):
            return value
    return values[0]


def variations(base: Values, names: Sequence[str], values: Mapping[str, Sequence[Any]]) -> Iterator[Values]:
    """The request with every choice of values for these fields, each left out as well."""
    absent = object()
    choices = [[absent, None, *values.get(name, ())] for name in names]
    rest = {name: value for name, value in base.items() if name not in names}
    for chosen in itertools.product(*choices):
        yield rest | {name: value for name, value in zip(names, chosen, strict=True) if value is not absent}


def _distinct(values: Iterable[Any]) -> list[Any]:
    """Each value once, in order; 5 and 5.0 are two."""
    return list({json.dumps(value, sort_keys=True): value for value in values}.values())
