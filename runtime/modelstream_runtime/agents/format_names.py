"""The kinds of hosts that have their own way to define a tool. They stand apart for commands that need only names."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

Format: TypeAlias = Literal["openai", "openai-chat", "anthropic", "gemini", "json-schema"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
"""``openai`` is for its Responses API, and ``openai-chat`` for Chat Completions, which many other hosts speak, too."""
