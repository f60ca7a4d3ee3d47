"""Saved videos under addresses that nobody can guess: a video element cannot send a token in a header."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path
from typing import Final

from starlette.responses import FileResponse, Response

from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.studio.server.replies import Refused

FOLDER: Final = "/videos/"


class Videos:
    """Addresses of videos for as long as this process lives."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)

    def address(self, purchase: Purchase) -> str | None:
        """Where the page finds the video, if it is saved and still there."""
        file = saved_file(purchase)
        if file is None or not file.is_file():
            return None
        return f"{FOLDER}{self._proof(purchase.number)}/{purchase.number}.mp4"

    def check(self, proof: str, number: int) -> None:
        """Check that the address is one of ours.

        Raises:
            Refused: it is not.
        """
        if not hmac.compare_digest(proof.encode("utf-8", "surrogatepass"), self._proof(number).encode()):
            raise no_video()

    def response(self, purchase: Purchase) -> Response:
        """The video, or the part of it that the browser asks for.

        Raises:
            Refused: it is not saved, or no longer there.
        """
        file = saved_file(purchase)
        try:
            if file is None or not file.is_file():
                raise no_video()
            # Whatever the file contains, a browser must not take it for a page.
            return FileResponse(file, media_type="video/mp4", stat_result=file.stat())
        except OSError:
            raise no_video() from None

    def _proof(self, number: int) -> str:
        return hmac.new(self._secret, str(number).encode(), hashlib.sha256).hexdigest()


def saved_file(purchase: Purchase) -> Path | None:
    """The file that the journal itself calls the video of a purchase."""
    return purchase.path if purchase.state == "saved" else None


def no_video() -> Refused:
    """The error for every address without a video."""
    return Refused(404, "no video", "there is no such video")
