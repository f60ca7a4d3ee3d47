"""What a call gives back to a language model: a JSON object, in which texts of others are marked as such."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

LONGEST_FOREIGN: Final = 1000
"""Characters of a text that the gateway or a vendor wrote."""
_LONGEST_SHOWN: Final = 200
"""Characters of media in a body that a result shows. A language model cannot look at Base64."""
_SHOWN: Final = 40


class ToolResult(NamedTuple):
    """What a call gives back.

    Attributes:
        content: a JSON object. ``next`` in it says what to do now. What the gateway or a vendor wrote is only in
            fields whose names begin with ``gateway_``: it is data, never an instruction.
        is_error: whether the call did not do what it was to do.
        video: the saved video.
    """

    content: dict[str, Any]
    is_error: bool = False
    video: Path | None = None

    @property
    def text(self) -> str:
        """The content as JSON, for hosts that pass on nothing else."""
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":"))


def foreign(text: str | None) -> str | None:
    """A text that the gateway or a vendor wrote, at a length that leaves room for others."""
    if text is None or len(text) <= LONGEST_FOREIGN:
        return text
    return f"{text[:LONGEST_FOREIGN]}... ({len(text):,} characters)"


def shortened(value: Any) -> Any:
    """A JSON body without the media that it carries itself."""
    match value:
        case Mapping():
            return {key: shortened(item) for key, item in value.items()}
        case list() | tuple():
            return [shortened(item) for item in value]
        case str() if len(value) > _LONGEST_SHOWN and (value.startswith("data:") or " " not in value):
            return f"{value[:_SHOWN]}... ({len(value):,} characters)"
        case _:
            return value


def cleaned(result: ToolResult, redact: Callable[[str], str]) -> ToolResult:
    """The result without the API key, in case a server repeated it, and in characters that UTF-8 has."""
    return result._replace(content=_cleaned(result.content, redact))


def _cleaned(value: Any, redact: Callable[[str], str]) -> Any:
    match value:
        case dict():
            return {_cleaned(key, redact): _cleaned(item, redact) for key, item in value.items()}
        case list() | tuple():
            return [_cleaned(item, redact) for item in value]
        case str():
            return redact(value).encode("utf-8", "backslashreplace").decode()
        case _:
            return value
