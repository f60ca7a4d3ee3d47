"""The videos that the mock gateway makes: small and plain, but with the length and the shape that were asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from modelstream_runtime.mock.mp4 import duration_and_size, frames_of, with_frames

SHAPES: Final = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
"""For each there is a sample: a second of H.264 in an MP4."""
MAX_SECONDS: Final = 3600
"""The mock makes no longer videos."""


class Video(NamedTuple):
    """A video.

    Attributes:
        facts: ``duration`` in seconds, ``fps``, ``width`` and ``height``, as in the file.
    """

    content: bytes
    facts: Mapping[str, float]


def nearest_shape(ratio: float) -> str:
    """The shape that comes nearest to a ratio of width by height."""

    def distance(shape: str) -> float:
        width, _, height = shape.partition(":")
        return abs(math.log(ratio * int(height) / int(width)))

    return min(SHAPES, key=distance)


@lru_cache(maxsize=16)
def make_video(seconds: float, shape: str) -> Video:
    """A video of some length in one of the `SHAPES`."""
    sample = _sample(shape)
    length, width, height = duration_and_size(sample)
    fps = frames_of(sample) / length
    content = with_frames(sample, max(1, round(min(seconds, MAX_SECONDS) * fps)))
    duration, _, _ = duration_and_size(content)
    return Video(content, {"duration": _plain(duration), "fps": _plain(fps), "width": width, "height": height})


@cache
def _sample(shape: str) -> bytes:
    return files(__package__ or "").joinpath(f"samples/{shape.replace(':', 'x')}.mp4").read_bytes()


def _plain(number: float) -> float:
    """A whole number without its decimal point."""
    return int(number) if number == int(number) else number
