"""Files that a person picked on the page, until the studio ends."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Final

from modelstream_runtime.studio.server.replies import MB, Refused

MAX_FILE: Final = 200 * MB
MAX_BYTES: Final = 500 * MB
"""Of all files together. The oldest make room."""


class Uploads(Mapping[str, bytes]):
    """Id to content. The same content has the same id, so it may be sent again."""

    def __init__(self, *, limit: int = MAX_BYTES) -> None:
        self._files: dict[str, bytes] = {}
        self._limit = limit
        self._bytes = 0

    def add(self, encoded: str) -> str:
        """Keep a file.

        Args:
            encoded: its content in Base64.

        Returns:
            Its id, which stands for it in values.

        Raises:
            Refused: it is no Base64, or too large.
        """
        try:
            content = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refused(400, "no file", f"the file is not Base64: {error}") from None
        if len(content) > MAX_FILE:
            raise Refused(413, "too large", f"the file has more than {MAX_FILE // MB} MB")
        id = f"file:{hashlib.sha256(content).hexdigest()}"
        # Whatever is used again counts as new.
        self._bytes -= len(self._files.pop(id, b""))
        self._files[id] = content
        self._bytes += len(content)
        while self._bytes > self._limit:
            self._bytes -= len(self._files.pop(next(iter(self._files))))
        return id

    def __getitem__(self, id: str) -> bytes:
        return self._files[id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
