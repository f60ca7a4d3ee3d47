"""From keyword arguments to the bytes of the body: validation, nesting, JSON without spaces."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from itertools import repeat
from time import perf_counter

from benchmarks.workloads.submitting import PROMPT

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_REPEATS = 20_000
_WARM_UP = 500


def measure(encode: Callable[[], bytes]) -> None:
    """Print the mean duration of a call."""
    body = encode()
    assert json.loads(body) == json.loads(literal()), body
    for _ in range(_WARM_UP):
        encode()
    gc.disable()
    started = perf_counter()
    for _ in repeat(None, _REPEATS):
        encode()
    print(json.dumps({"call": (perf_counter() - started) / _REPEATS}))


def literal() -> bytes:
    """A dict literal in the code: nothing is validated."""
    payload = {
        "model": "kling-v3",
        "prompt": PROMPT,
        "duration": 10,
        "mode": "pro",
        "metadata": {
            "cfg_scale": 0.5,
            "aspect_ratio": "9:16",
            "multi_shot": False,
            "watermark_info": {"enabled": False},
        },
    }
    return _ENCODER.encode(payload).encode()


def modelstream() -> Callable[[], bytes]:
    from pydantic_core import to_json  # As `submit` does before it sends.

    from modelstream import KlingV3

    return lambda: to_json(KlingV3(prompt=PROMPT, duration=10, mode="pro", aspect_ratio="9:16").to_payload())


def pydantic() -> Callable[[], bytes]:
    from benchmarks.by_hand import KlingV3

    return lambda: _ENCODER.encode(
        KlingV3(prompt=PROMPT, duration=10, mode="pro", aspect_ratio="9:16").to_payload()
    ).encode()
