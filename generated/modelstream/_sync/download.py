# Made from runtime/modelstream_runtime/_async/download.py.
# Do not edit it here: change its source, then run "nox -s generate".
"""Saves a video in constant memory, completely or not at all, and sends the key to no other host than the gateway."""

from __future__ import annotations

import base64
import binascii
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote_to_bytes, urljoin

import httpx

from modelstream._sync.connection import Connection, Settings
from modelstream_runtime._sync.concurrency import in_background, sleep
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.errors import APIError, DownloadError
from modelstream_runtime.part_file import PartFile
from modelstream_runtime.responses import read_error
from modelstream_runtime.retry import delay_before, is_transient

logger = logging.getLogger(PACKAGE)

# The size of any file fits into nineteen digits, and Python refuses to parse a number of thousands of them.
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,19})-[0-9]{1,19}/([0-9]{1,19}|\*)")
_LENGTH = re.compile(r"[0-9]{1,19}")
_MAX_REDIRECTS = 10
_MAX_STALLS = 8
"""How many times in a row a download may break off without a new byte before it fails."""

Progress = Callable[[int, "int | None"], object]


def save_video(
    addresses: Iterator[str],
    target: Path,
    *,
    task_id: str,
    connection: Connection,
    settings: Settings,
    overwrite: bool,
    on_progress: Progress | None,
    sha256: str | None,
) -> Path:
    """Save a video from the first address that delivers all of it; see `Task.save`.

    Args:
        addresses: of the video, best first.
        target: from `find_target`.
    """
    part = PartFile(target)
    try:
        reason = "there is no address"
        for address in addresses:
            try:
                _Download(address, part, task_id, connection, settings, on_progress).run()
                break
            except _AddressFailed as failure:
                reason = str(failure)
                logger.info("task %s: %s; trying the next address", task_id, reason)
        else:
            raise DownloadError(reason, task_id=task_id, path=target)
        if sha256 is not None:
            digest = in_background(part.sha256)
            if digest != sha256.strip().lower():
                raise DownloadError(f"its SHA-256 digest is {digest}, not {sha256}", task_id=task_id, path=target)
        in_background(part.publish, overwrite=overwrite)
    finally:
        part.discard()
    return target


class _AddressFailed(Exception):
    """An address does not deliver the video."""


class _Download:
    """A download from one address, in as many exchanges as necessary."""

    received: int
    expected: int | None
    tag: str | None
    """Identifies the content, in case another video replaces it at the same address."""
    ended: bool
    """Whether the last response, which had no Content-Length, ended."""

    def __init__(
        self,
        url: str,
        part: PartFile,
        task_id: str,
        connection: Connection,
        settings: Settings,
        on_progress: Progress | None,
    ) -> None:
        self.task_id = task_id
        self.connection = connection
        self.settings = settings
        self.home = httpx.URL(settings.base_url)
        self.url = url
        self.part = part
        self.on_progress = on_progress
        self._restart()

    def run(self) -> None:
        """Download all of it."""
        if self.url.lower().startswith("data:"):
            self._write(_decoded(self.url))
            return
        stalls = 0
        while True:
            before = self.received
            try:
                if self._exchange():
                    return
            except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
                reason, retry_after = self.connection.describe(error), None
            except APIError as error:
                if not is_transient(error):
                    raise _AddressFailed(str(error)) from error
                reason, retry_after = str(error), error.retry_after
            else:
                reason, retry_after = "the response was incomplete", None
            stalls = 0 if self.received > before else stalls + 1
            if stalls > _MAX_STALLS:
                raise _AddressFailed(f"{reason}, after {self.received} bytes")
            logger.info("the download broke off after %d bytes (%s); resuming it", self.received, reason)
            sleep(delay_before(stalls, retry_after) if stalls else 0)

    def _exchange(self) -> bool:
        """Request the rest of the video. Returns whether the video is complete."""
        headers = {"Accept-Encoding": "identity", "Accept": "*/*"}
        if self.received:
            headers["Range"] = f"bytes={self.received}-"
            if self.tag:
                headers["If-Range"] = self.tag
        url = self.url
        for _ in range(_MAX_REDIRECTS):
            try:
                address = httpx.URL(url)
            except httpx.InvalidURL as error:
                raise _AddressFailed(f"{url!r} is not an address") from error
            if address.scheme not in ("http", "https"):
                raise _AddressFailed(f"the address has the scheme {address.scheme!r}, not http or https")
            trusted = _same_origin(address, self.home)
            with self.connection.stream(url, self.settings, trusted=trusted, headers=headers) as response:
                if response.is_redirect:
                    url = _next_address(url, response)
                    continue
                return self._receive(response)
        raise _AddressFailed(f"more than {_MAX_REDIRECTS} redirects")

    def _receive(self, response: httpx.Response) -> bool:
        """Write the content of one response. Returns whether the video is complete."""
        status = response.status_code
        if status == 416 and self.received:
            # There is no byte after the last one, so a video of unknown length is complete.
            if self.expected in (None, self.received):
                return True
            self._restart()
            return False
        if status >= 300:
            error = read_error(self.connection.read(response), self.settings.gateway)
            raise error or APIError("there is no video at the address", status_code=status)
        if status == 206:
            if not self._continues(response):
                self._restart()
                return False
        elif self.ended:
            logger.warning("task %s: the server reports no length, so the video may be incomplete", self.task_id)
            return True
        else:
            self._start(response)
        for chunk in response.iter_raw():
            self._write(chunk)
        if not self.received:
            raise _AddressFailed("the video is empty")
        # Without a length, the end may be a cut. The next exchange requests the byte after it.
        self.ended = self.expected is None
        return self.expected is not None and self.received >= self.expected

    def _start(self, response: httpx.Response) -> None:
        """Start from the first byte, either for the first time or because the server cannot resume."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind.startswith("text/") or kind in ("application/json", "application/xml"):
            raise _AddressFailed(f"the address delivers {kind} instead of a video")
        self._restart()
        self.expected = _length(response)
        tag = response.headers.get("etag") or response.headers.get("last-modified") or ""
        self.tag = None if tag.startswith("W/") else tag

    def _continues(self, response: httpx.Response) -> bool:
        """Whether a partial response contains the requested part."""
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", "").strip())
        if match is None or int(match[1]) != self.received:
            return False
        if match[2] != "*":
            if self.expected not in (None, int(match[2])):
                return False
            self.expected = int(match[2])
        return True

    def _restart(self) -> None:
        self.received = 0
        self.expected = None
        self.tag = None
        self.ended = False
        self.part.restart()

    def _write(self, chunk: bytes) -> None:
        self.part.write(chunk)
        self.received += len(chunk)
        if self.on_progress is not None:
            self.on_progress(self.received, self.expected)


def _next_address(url: str, response: httpx.Response) -> str:
    try:
        return urljoin(url, response.headers["location"])
    except (KeyError, ValueError) as error:
        raise _AddressFailed(f"it redirects (HTTP {response.status_code}) to no address") from error


def _same_origin(address: httpx.URL, home: httpx.URL) -> bool:
    return (address.scheme, address.host, _port(address)) == (home.scheme, home.host, _port(home))


def _port(address: httpx.URL) -> int | None:
    return address.port or {"http": 80, "https": 443}.get(address.scheme)


def _length(response: httpx.Response) -> int | None:
    value = response.headers.get("content-length", "")
    return int(value) if _LENGTH.fullmatch(value) and "content-encoding" not in response.headers else None


def _decoded(uri: str) -> bytes:
    head, _, content = uri.partition(",")
    try:
        if head.lower().endswith(";base64"):
            return base64.b64decode(unquote_to_bytes(content), validate=True)
    except (ValueError, binascii.Error) as error:
        raise _AddressFailed("the data URI contains no valid Base64") from error
    return unquote_to_bytes(content)
