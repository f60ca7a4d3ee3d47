"""Making a longer MP4 video out of a short one, by repeating its pictures.

The short one has a single track of video, whose first picture needs no others; its pictures (``mdat``) are at the end.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

_CONTAINERS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"})


class _Samples(NamedTuple):
    """The pictures of a track, as MP4 calls them.

    Attributes:
        sizes: their lengths in bytes.
        keys: the numbers, from 1, of those that need no others.
        ticks: the duration of each, in units of the track's clock.
    """

    sizes: tuple[int, ...]
    keys: tuple[int, ...]
    ticks: int


def with_frames(video: bytes, frames: int) -> bytes:
    """The video with another number of pictures: it starts again after its last one."""
    boxes = dict(_leaves(video))
    samples = _samples(boxes)
    period = len(samples.sizes)
    sizes = [samples.sizes[number % period] for number in range(frames)]
    rounds = range(0, frames, period)
    keys = [key + first for first in rounds for key in samples.keys if key + first <= frames]
    (movie_clock,), (track_clock,) = _numbers(boxes[b"mvhd"], 12, 1), _numbers(boxes[b"mdhd"], 12, 1)
    ticks = frames * samples.ticks
    duration = struct.pack(">I", ticks * movie_clock // track_clock)
    replaced: dict[bytes, Callable[[bytes], bytes]] = {
        b"mvhd": lambda box: box[:16] + duration + box[20:],
        b"tkhd": lambda box: box[:20] + duration + box[24:],
        b"elst": lambda box: box[:8] + duration + box[12:],
        b"mdhd": lambda box: box[:16] + struct.pack(">I", ticks) + box[20:],
        b"stts": lambda box: box[:4] + _packed(1, frames, samples.ticks),
        b"stss": lambda box: box[:4] + _packed(len(keys), *keys),
        b"stsc": lambda box: box[:4] + _packed(1, 1, frames, 1),
        b"stsz": lambda box: box[:4] + _packed(0, frames, *sizes),
        b"mdat": lambda box: (box * len(rounds))[: sum(sizes)],
    }
    # Where the pictures start is known only when everything has its new length.
    start = len(_rewritten(video, replaced)) - sum(sizes)
    return _rewritten(video, replaced | {b"stco": lambda box: box[:4] + _packed(1, start)})


def duration_and_size(video: bytes) -> tuple[float, int, int]:
    """The seconds that a video says it takes, its width and its height."""
    boxes = dict(_leaves(video))
    clock, ticks = _numbers(boxes[b"mvhd"], 12, 2)
    width, height = _numbers(boxes[b"tkhd"], 76, 2)
    return ticks / clock, width >> 16, height >> 16


def frames_of(video: bytes) -> int:
    """How many pictures a video has."""
    return len(_samples(dict(_leaves(video))).sizes)


def _samples(boxes: dict[bytes, bytes]) -> _Samples:
    (count,) = _numbers(boxes[b"stsz"], 8, 1)
    (keys,) = _numbers(boxes[b"stss"], 4, 1)
    (ticks,) = _numbers(boxes[b"stts"], 12, 1)
    return _Samples(_numbers(boxes[b"stsz"], 12, count), _numbers(boxes[b"stss"], 8, keys), ticks)


def _leaves(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the boxes that are no containers of others."""
    for name, inner in _boxes(content):
        if name in _CONTAINERS:
            yield from _leaves(inner)
        else:
            yield name, inner


def _rewritten(content: bytes, replaced: dict[bytes, Callable[[bytes], bytes]]) -> bytes:
    """The boxes, with some contents replaced and all lengths adapted."""
    written = []
    for name, inner in _boxes(content):
        if name in _CONTAINERS:
            inner = _rewritten(inner, replaced)
        elif name in replaced:
            inner = replaced[name](inner)
        written.append(struct.pack(">I4s", len(inner) + 8, name) + inner)
    return b"".join(written)


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start < len(content):
        length, name = struct.unpack_from(">I4s", content, start)
        yield name, content[start + 8 : start + length]
        start += length


def _numbers(box: bytes, start: int, count: int) -> tuple[int, ...]:
    return struct.unpack_from(f">{count}I", box, start)


def _packed(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)
