"""Files that the page has handed in, and the short texts that stand for them in values and bodies.

``file:3f2a9c01b7de/hero.png`` stands for a file, and in a body for its data URI; ``base64:...`` stands for its bare
Base64. So no view has to show, and no message has to carry, millions of characters.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from modelstream_runtime.media import mime_type

_MAX_BYTES = 512 * 1024 * 1024
_PLACEHOLDER = re.compile(r"(?P<kind>file|base64):(?P<key>[0-9a-f]{12}/[^/]+)\Z")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069/\\]")


class Uploads(Mapping[str, bytes]):
    """Placeholder to content. The same content and name have the same placeholder.

    Args:
        max_bytes: how much is kept. The files that were added first go first; the newest always stays.
    """

    def __init__(self, max_bytes: int = _MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._files: dict[str, bytes] = {}

    def add(self, name: str, content: bytes) -> str:
        """Keep a file, and return its placeholder."""
        placeholder = f"file:{hashlib.sha256(content).hexdigest()[:12]}/{_UNSAFE.sub('_', name)[-100:] or 'file'}"
        self._files.pop(placeholder, None)
        self._files[placeholder] = content
        while len(self._files) > 1 and sum(map(len, self._files.values())) > self._max_bytes:
            del self._files[next(iter(self._files))]
        return placeholder

    def __getitem__(self, placeholder: str) -> bytes:
        return self._files[placeholder]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Missing(Exception):
    """A placeholder whose file is not there, for example because the server was started again."""

    def __init__(self, placeholder: str) -> None:
        super().__init__(placeholder)
        self.name = placeholder.rpartition("/")[2]


class Placeholders:
    """The placeholders of one text: reads them into contents, and puts them back in the place of contents.

    Args:
        files: placeholder to content.

    Attributes:
        names: what a request has of the files, as a data URI or as Base64, to the name of the file.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._placeholders: dict[str, str] = {}
        self.names: dict[str, str] = {}

    def contents(self, value: Any) -> Any:
        """The value of a form with files in the place of their placeholders.

        Raises:
            Missing: a file is not there.
        """
        return self._read(value, self._content)

    def encoded(self, body: Any) -> Any:
        """The body with encoded files in the place of their placeholders.

        Raises:
            Missing: a file is not there.
        """
        return self._read(body, self._text)

    def placed(self, value: Any) -> Any:
        """The value or body with placeholders in the place of encoded files."""
        match value:
            case str():
                return self._placeholders.get(value, value)
            case dict():
                return {key: self.placed(item) for key, item in value.items()}
            case list() | tuple():
                return [self.placed(item) for item in value]
            case _:
                return value

    @property
    def is_used(self) -> bool:
        """Whether the text has placeholders."""
        return bool(self._placeholders)

    def _read(self, value: Any, read: Any) -> Any:
        match value:
            case str() if found := _PLACEHOLDER.match(value):
                return read(value, found)
            case dict():
                return {key: self._read(item, read) for key, item in value.items()}
            case list():
                return [self._read(item, read) for item in value]
            case _:
                return value

    def _content(self, placeholder: str, found: re.Match[str]) -> str | bytes:
        text = self._text(placeholder, found)
        return text if found["kind"] == "base64" else self._files[placeholder]

    def _text(self, placeholder: str, found: re.Match[str]) -> str:
        key = found["key"]
        content = self._files.get(f"file:{key}")
        if content is None:
            raise Missing(placeholder)
        bare = base64.b64encode(content).decode("ascii")
        whole = f"data:{mime_type(content)};base64,{bare}"
        for text, kind in ((whole, "file"), (bare, "base64")):
            self._placeholders[text] = f"{kind}:{key}"
            self.names[text] = key.partition("/")[2]
        return bare if found["kind"] == "base64" else whole
