"""Deleting the file of a video, and nothing else."""

from __future__ import annotations

from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.purchases.content import file_digest
from modelstream_runtime.studio.server.replies import Refused
from modelstream_runtime.studio.server.videos import saved_file


def delete_video(purchase: Purchase) -> None:
    """Delete the file that was saved for a purchase, if it still is what was saved.

    Raises:
        Refused: it is another file now, or cannot be deleted.
    """
    file = saved_file(purchase)
    if file is None or not file.exists():
        return
    try:
        if file.is_symlink() or file_digest(file)[0] != purchase.sha256:
            raise Refused(409, "other file", f"{file} has changed since the video was saved, so it was not deleted")
        file.unlink()
    except OSError as error:
        raise Refused(409, "not deleted", f"{file} cannot be deleted: {error.strerror}") from None
