"""How long the videos of a model took earlier on this machine, so that a waiting user knows what to expect.

A file in the user's cache folder holds the last durations by gateway and model, and nothing else. If it cannot be read
or written, there is no estimate.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from modelstream_runtime.user_folders import cache_folder

_KEPT = 10
_NEEDED = 3
"""Durations. Fewer give no estimate."""
_LONGEST = 1_000_000.0
"""Seconds. A longer one is an error in the file."""


class Durations:
    """The durations of one model.

    Args:
        package: the generated package, after which the folder is named.
        gateway: the address of the gateway.
        model: the model id.
    """

    def __init__(self, package: str, gateway: str, model: str) -> None:
        self._file = _cache_folder() / package / "durations.json"
        self._gateway = gateway
        self._model = model

    def usual(self) -> float | None:
        """The median in seconds, if there are enough durations."""
        known = sorted(self._of_model(self._read()))
        return known[len(known) // 2] if len(known) >= _NEEDED else None

    def add(self, seconds: float) -> None:
        """Remember the duration of a video."""
        from secrets import token_hex  # It would delay every completion in a shell.

        content = self._read()
        models = content.get(self._gateway)
        latest = [*self._of_model(content), round(seconds, 1)][-_KEPT:]
        content[self._gateway] = {**(models if isinstance(models, dict) else {}), self._model: latest}
        part = self._file.with_name(f".{self._file.name}.{token_hex(4)}")
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(content), encoding="utf-8")
            part.replace(self._file)

    def _of_model(self, content: dict[str, Any]) -> list[float]:
        models = content.get(self._gateway)
        known = models.get(self._model) if isinstance(models, dict) else None
        seconds = known if isinstance(known, list) else []
        return [each for each in seconds if isinstance(each, (int, float)) and 0 <= each < _LONGEST]

    def _read(self) -> dict[str, Any]:
        try:
            content = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return {}
        return content if isinstance(content, dict) else {}


def _cache_folder() -> Path:
    try:
        return cache_folder()
    except RuntimeError:  # The user has no home.
        return Path(os.devnull)
