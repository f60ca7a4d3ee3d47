"""How a command ends: exit statuses by kind of error, and what is said along with them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from modelstream_runtime import errors
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.words import shell_line

OK = 0
OTHER = 1
WRONG_CALL = 2
NOT_ALLOWED = 3
NO_CREDIT = 4
TOO_MANY = 5
NO_GATEWAY = 6
SUBMIT_UNKNOWN = 7
TASK_FAILED = 8
TIMEOUT = 9
NOT_SAVED = 10
INTERRUPTED = 130
TERMINATED = 143

MEANINGS = {
    OK: "done",
    OTHER: "any other error",
    WRONG_CALL: "the call or the request is wrong, or the gateway calls it so (400, 404)",
    NOT_ALLOWED: "no key, a wrong key, or no permission (401, 403)",
    NO_CREDIT: "no credit left (402)",
    TOO_MANY: "too many requests (429)",
    NO_GATEWAY: "the gateway cannot be reached or failed (5xx)",
    SUBMIT_UNKNOWN: "the answer to a paid request was lost: it may have been bought",
    TASK_FAILED: "the task failed; there will be no video",
    TIMEOUT: "the video is not done yet; wait on",
    NOT_SAVED: "the video is done and could not be saved; wait again",
    INTERRUPTED: "Ctrl-C; what was submitted goes on",
    TERMINATED: "ended by a signal; what was submitted goes on",
}
"""Exit status to what it tells."""

_STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (errors.InvalidRequest, WRONG_CALL),
    (errors.BadRequestError, WRONG_CALL),
    (errors.NotFoundError, WRONG_CALL),
    (errors.AuthenticationError, NOT_ALLOWED),
    (errors.PermissionDeniedError, NOT_ALLOWED),
    (errors.QuotaExhaustedError, NO_CREDIT),
    (errors.RateLimitError, TOO_MANY),
    (errors.APIError, NO_GATEWAY),
    (errors.APIConnectionError, NO_GATEWAY),
    (errors.TaskFailed, TASK_FAILED),
    (errors.TaskTimeout, TIMEOUT),
    (errors.DownloadError, NOT_SAVED),
)
"""The first row that fits decides."""


class UsageProblem(NamedTuple):
    """One thing that is wrong with a call.

    ``name`` is what the user wrote, such as ``--duration``; ``field`` and ``path`` are the form field and its place
    in the JSON body, if it has them.
    """

    name: str
    message: str
    field: str = ""
    path: str = ""


class Stop(Exception):
    """Ends the command with a status and a message for people.

    Args:
        status: the exit status.
        message: what happened, in a line.
        kind: the name of the error, for programs.
        problems: everything that is wrong with the call.
        hint: what to do about it.
        task_id: the task that goes on.
        resume: the command that goes on with it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "Error",
        problems: Sequence[UsageProblem] = (),
        hint: str = "",
        task_id: str | None = None,
        resume: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.problems = tuple(problems)
        self.hint = hint
        self.task_id = task_id
        self.resume = resume


def stop_for(error: Exception, catalog: Catalog) -> Stop:
    """How an error of the package, or of the file system, ends the command."""
    if isinstance(error, errors.SubmitUnknown):
        return lost_submission(error.reason, error.reference, catalog)
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), OTHER)
    kind, message, hint = type(error).__name__, str(error), ""
    match error:
        case errors.TaskTimeout():
            # The error's own text names the method that goes on; here it is a command.
            message = re.sub(r"; resume with .*", "", message, flags=re.DOTALL)
        case errors.AuthenticationError():
            hint = f"Set {catalog.gateway.api_key_variable} to a valid key, or name a file with --api-key-file."
        case OSError() if status == OTHER:
            message = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return Stop(status, message, kind=kind, hint=hint)


class Terminated(KeyboardInterrupt):
    """The process was asked to end by a signal other than that of Ctrl-C."""


def interrupted(
    interruption: KeyboardInterrupt, catalog: Catalog, *, task_id: str | None = None, resume: str | None = None
) -> Stop:
    """The end of a command by Ctrl-C or a signal."""
    ended = isinstance(interruption, Terminated)
    status = TERMINATED if ended else INTERRUPTED
    reference = re.search(r"client reference (\w+)", " ".join(getattr(interruption, "__notes__", ())))
    if reference and not task_id:
        return lost_submission("interrupted while a paid request was being sent", reference[1], catalog, status=status)
    kind, message = ("Terminated", "ended by a signal") if ended else ("Interrupted", "interrupted")
    return Stop(status, message, kind=kind, task_id=task_id, resume=resume)


def lost_submission(reason: str, reference: str, catalog: Catalog, *, status: int = SUBMIT_UNKNOWN) -> Stop:
    """The end of a command after a paid request whose fate nobody knows."""
    message = f"{reason} (client reference {reference}). The request may have been accepted and billed"
    hint = (
        "It was not sent again. Look at the task list of your account: a task found there goes on with "
        f"{shell_line([catalog.package, 'wait', 'ID'])}; if there is none, run the command again."
    )
    return Stop(status, message, kind="SubmitUnknown", hint=hint)


def listing() -> str:
    """The statuses as lines, for ``--help``."""
    return "\n".join(f"  {status:>3}  {meaning}" for status, meaning in MEANINGS.items())
