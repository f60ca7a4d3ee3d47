"""Pictures, sounds and videos as request values: a URL, a data URI, or a local file, which is checked and encoded."""

from __future__ import annotations

import base64
import binascii
import io
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, TypeAlias, get_args

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from modelstream_runtime.limits import listed, size

Media: TypeAlias = str | bytes | os.PathLike[str] | BinaryIO
"""A URL, a data URI, the content of a file, its path, or the file opened in binary mode.

A request contains what the client will send: a URL unchanged, everything else in the encoding of the field.
"""

MediaList: TypeAlias = Media | Sequence[Media]
"""One `Media` or several, in order."""

MB = 1024 * 1024

_CHUNK = MB

_URL_ONLY = "a URL only, because it fetches the file itself"

_URL = re.compile(r"https?://[^\s/?#\x00-\x1f\x7f]+[^\s\x00-\x1f\x7f]*\Z", re.IGNORECASE)
_DATA_URI = re.compile(r"data:(?P<mime>[a-z]+/[a-z0-9.+-]+(;[a-z0-9=._-]+)*);base64,", re.IGNORECASE)
_BASE64_PREFIX = 96
"""Characters of Base64 that encode enough bytes to recognize a format."""

MIME_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "bmp": "image/bmp",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
}


class Accepts:
    """The files that a media field accepts, and how the client sends a local one.

    Args:
        kind: what the file contains.
        formats: the accepted formats, recognized by the first bytes of a file and not by its name; empty for all
            formats of the kind.
        max_bytes: maximum size of a file in bytes.
        encoding: ``data_uri``, ``base64`` without a prefix, ``split`` if a data URI travels as Base64 with its type
            beside it, or ``any`` where the model decides: then the client sends texts unchanged.
        only: ``url`` if the model fetches every file itself, and ``inline`` if it fetches none; ``None`` for both.
        many: whether the field accepts several files.
        min_items: minimum number of files.
        max_items: maximum number of files.
    """

    __slots__ = ("encoding", "formats", "kind", "many", "max_bytes", "max_items", "min_items", "only")

    def __init__(
        self,
        kind: Literal["image", "audio", "video"],
        *,
        formats: tuple[str, ...] = (),
        max_bytes: int | None = None,
        encoding: Literal["data_uri", "base64", "split", "any"] = "data_uri",
        only: Literal["url", "inline"] | None = None,
        many: bool = False,
        min_items: int | None = None,
        max_items: int | None = None,
    ) -> None:
        self.kind = kind
        self.formats = formats or tuple(name for name, mime in MIME_TYPES.items() if mime.startswith(kind))
        self.max_bytes = max_bytes
        self.encoding = encoding
        self.only = only
        self.many = many
        self.min_items = min_items
        self.max_items = max_items

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # After `_encode` there is nothing left to validate; the text tells pydantic which JSON Schema the value has.
        schema: CoreSchema = core_schema.no_info_before_validator_function(self._encode, core_schema.str_schema())
        if self.many:
            items = core_schema.list_schema(schema, min_length=self.min_items, max_length=self.max_items)
            schema = core_schema.no_info_before_validator_function(_as_list, items)
            schema = core_schema.no_info_after_validator_function(tuple, schema)
        if type(None) in get_args(source):
            schema = core_schema.nullable_schema(schema)
            if self.many and not self.min_items:
                schema = core_schema.no_info_before_validator_function(_nothing_as_none, schema)
        return schema

    def _encode(self, value: Any) -> str:
        if isinstance(value, str):
            if not _is_sendable(value):
                raise PydanticCustomError("string_unicode", "not UTF-8")
            return self._check_text(value)
        if self.only == "url":
            raise _error(f"the model takes {_URL_ONLY}; upload the file, and pass the address")
        if isinstance(value, (bytes, bytearray, memoryview)):
            return self._encode_bytes(bytes(value), "the data")
        if isinstance(value, os.PathLike):
            return self._encode_file(Path(os.fsdecode(value)))
        if callable(getattr(value, "read", None)):
            return self._encode_stream(value)
        raise _error(f"a value of type {type(value).__name__} is neither a URL nor a path, bytes or an open file")

    def _check_text(self, text: str) -> str:
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        prefix = _DATA_URI.match(text)
        if self.only == "url" and prefix:
            raise _error(f"the model takes {_URL_ONLY}; upload the file, and pass the address")
        if _URL.match(text) or (self.encoding == "any" and text):
            if self.only == "inline":
                raise _error(f"{shown!r} is a URL, which the model does not fetch; download the file, and pass it")
            return text
        if prefix:
            return self._check_data_uri(text, prefix)
        if self.encoding == "base64" and (found := sniff_text(text)) in MIME_TYPES:
            self._check_format(str(found), "the data")
            self._check_size(_decoded_size(text), "the data")
            return text
        wanted = listed(self._accepted_texts())
        advice = "" if self.only == "url" else "; for a local file, pass pathlib.Path(...)"
        raise _error(f"{shown!r} is not {wanted}{advice}")

    def _accepted_texts(self) -> Iterator[str]:
        if self.only != "inline":
            yield "an http(s) URL"
        if self.only != "url":
            yield "a data URI"
            if self.encoding == "base64":
                yield "Base64"

    def _check_data_uri(self, text: str, prefix: re.Match[str]) -> str:
        content = text[prefix.end() :]
        found = sniff_text(text)
        if found is None:
            raise _error("the data URI contains no valid Base64")
        self._check_format(found, "the data URI")
        self._check_size(_decoded_size(content), "the data URI")
        if self.encoding == "split":
            return f"data:{prefix['mime']};base64,{content}"  # The head of the text may be in capitals.
        return content if self.encoding == "base64" else text

    def _encode_file(self, path: Path) -> str:
        try:
            if not path.is_file():
                raise _error(f"{str(path)!r} is a folder" if path.is_dir() else f"there is no file {str(path)!r}")
            self._check_size(path.stat().st_size, repr(str(path)))
            content = path.read_bytes()
        except OSError as error:
            raise _error(f"{str(path)!r} cannot be read: {error.strerror or error}") from error
        return self._encode_bytes(content, repr(str(path)))

    def _encode_stream(self, stream: Any) -> str:
        if isinstance(stream, io.TextIOBase):
            raise _error("the file is open as text; open it with mode 'rb'")
        try:
            content = self._read(stream)
        except io.UnsupportedOperation:
            content = None
        except (OSError, ValueError) as error:
            raise _error(f"the file cannot be read: {error}") from error
        if content is None:
            raise _error("the file is not open for reading; open it with mode 'rb'")
        if self.max_bytes is not None and len(content) > self.max_bytes:
            raise _error(f"the file is larger than {size(self.max_bytes)}")
        return self._encode_bytes(content, "the file")

    def _read(self, stream: Any) -> bytes | None:
        """The rest of the stream, but at most one byte more than allowed; ``None`` if it does not return bytes."""
        content = bytearray()
        while self.max_bytes is None or len(content) <= self.max_bytes:
            # One call may return less than the stream has.
            chunk = stream.read(_CHUNK if self.max_bytes is None else self.max_bytes + 1 - len(content))
            if not isinstance(chunk, (bytes, bytearray)):
                return None
            if not chunk:
                break
            content += chunk
        return bytes(content)

    def _encode_bytes(self, content: bytes, name: str) -> str:
        if not content:
            raise _error(f"{name} is empty")
        self._check_size(len(content), name)
        found = sniff(content) or "unknown"
        self._check_format(found, name)
        text = base64.b64encode(content).decode("ascii")
        return text if self.encoding == "base64" else f"data:{MIME_TYPES[found]};base64,{text}"

    def _check_size(self, count: int, name: str) -> None:
        if self.max_bytes is not None and count > self.max_bytes:
            raise _error(f"{name} has {count:,} bytes, more than {size(self.max_bytes)}")

    def _check_format(self, found: str, name: str) -> None:
        if found not in self.formats:
            actual = "has an unknown format" if found == "unknown" else f"is {found}"
            raise _error(f"{name} {actual}, not {' or '.join(self.formats)}")


def sniff(content: bytes) -> str | None:
    """The format of a file by its first bytes; ``None`` if no model accepts it."""
    brand = content[8:12]
    if content.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if content.startswith(b"BM"):
        return "bmp"
    if content.startswith(b"RIFF"):
        return {b"WEBP": "webp", b"WAVE": "wav"}.get(brand)
    if content.startswith(b"\x1aE\xdf\xa3"):
        return "webm"
    if content[4:8] == b"ftyp":
        # AVIF and HEIC pictures use the same container, and no model accepts them.
        return "mov" if brand == b"qt  " else None if brand[:3] in (b"avi", b"hei", b"mif") else "mp4"
    if content[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip"):
        return "mov"
    if content.startswith(b"ID3") or (len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2):
        return "mp3"
    return None


def mime_type(content: bytes) -> str:
    """The MIME type of a file by its first bytes."""
    return MIME_TYPES.get(sniff(content) or "", "application/octet-stream")


def sniff_text(text: str) -> str | None:
    """The format of the file in a data URI or in bare Base64: ``unknown``, or ``None`` if it is not valid Base64."""
    head = _DATA_URI.match(text)
    content = text[head.end() :] if head else text
    try:
        binascii.a2b_base64(content.encode("ascii"), strict_mode=True)
        return sniff(base64.b64decode(content[:_BASE64_PREFIX])) or "unknown" if content else None
    except (ValueError, binascii.Error):
        return None


def _decoded_size(text: str) -> int:
    """The number of bytes that valid Base64 encodes."""
    return len(text) // 4 * 3 - text[-2:].count("=")


def _is_sendable(text: str) -> bool:
    """Whether the text can be encoded as UTF-8. A lone surrogate cannot."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def _as_list(value: Any) -> list[Any] | None:
    if value is None:
        return None
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _nothing_as_none(value: Any) -> Any:
    return None if isinstance(value, (list, tuple)) and not value else value


def _error(message: str) -> PydanticCustomError:
    # The message is data, so that pydantic does not take braces in a file name for placeholders.
    return PydanticCustomError("media", "{message}", {"message": message})
