"""How a command ends: the exit status for each kind of error, and the message that goes with it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from modelstream_runtime import errors
from modelstream_runtime.about import install_advice
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.shell import shell_line

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
BUDGET_SPENT = 11
BATCH_STOPPED = 12
NOT_ALL_SAVED = 13
NO_JOURNAL = 14
INTERRUPTED = 130
TERMINATED = 143

MEANINGS = {
    OK: "The command succeeded.",
    OTHER: "Another error occurred.",
    WRONG_CALL: "The command or the request is wrong (includes 400, 404 and an unknown model).",
    NOT_ALLOWED: "The key is missing or wrong, or has no permission (401, 403).",
    NO_CREDIT: "The account has no credit left (402).",
    TOO_MANY: "There were too many requests (429).",
    NO_GATEWAY: "The gateway cannot be reached or failed (5xx).",
    SUBMIT_UNKNOWN: "The response to a paid request was lost; you may have been charged.",
    TASK_FAILED: "The task failed; there will be no video.",
    TIMEOUT: "The video is not done yet; wait again.",
    NOT_SAVED: "The video is done but could not be saved; wait again.",
    BUDGET_SPENT: "A batch made all purchases that --max-purchases allows.",
    BATCH_STOPPED: "A batch stopped: the account may not buy, or the disk takes no more videos.",
    NOT_ALL_SAVED: "A batch ended, but some jobs were refused, failed or left out.",
    NO_JOURNAL: "The journal is missing, in use, a copy, or cannot be written.",
    INTERRUPTED: "Ctrl-C was pressed. A submitted task continues at the gateway.",
    TERMINATED: "A signal ended the program. A submitted task continues at the gateway.",
}
"""Exit status to its meaning."""

BATCH_STATUSES = (
    *(OK, OTHER, WRONG_CALL, NOT_ALLOWED, SUBMIT_UNKNOWN, TIMEOUT),
    *(BUDGET_SPENT, BATCH_STOPPED, NOT_ALL_SAVED, NO_JOURNAL, INTERRUPTED, TERMINATED),
)
"""Those with which a batch ends."""

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
"""The first matching row decides."""


class UsageProblem(NamedTuple):
    """One mistake in a call.

    ``name`` is what the user wrote, such as ``--duration``. ``field`` and ``path`` are the form field and its place in
    the JSON body, if the mistake is in one.
    """

    name: str
    message: str
    field: str = ""
    path: str = ""


class Stop(Exception):
    """Ends the command.

    Args:
        status: the exit status.
        message: what happened, in one line.
        kind: the name of the error, for programs.
        problems: all mistakes in the call.
        hint: what the user can do about it.
        task_id: the task, if it can be resumed.
        resume: the command that resumes it.
        done: whether the task is done, so that only its video is left to save.
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
        done: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.kind = kind
        self.problems = tuple(problems)
        self.hint = hint
        self.task_id = task_id
        self.resume = resume
        self.done = done


def stop_for(error: Exception, catalog: Catalog) -> Stop:
    """How an error of the package, or of the file system, ends the command."""
    if isinstance(error, errors.SubmitUnknown):
        return lost_submission(error.reason, error.reference, catalog)
    status = next((status for kind, status in _STATUSES if isinstance(error, kind)), OTHER)
    kind, message, hint = type(error).__name__, str(error), ""
    match error:
        case errors.TaskTimeout():
            # The error's own text advises to call a method. Here the advice is a command.
            progress = f" at {error.progress}%" if error.progress is not None else ""
            fault = f" (last error: {error.reason})" if error.reason else ""
            # Without a response about the task, its status is only a guess.
            state = f"task {error.task_id} is still {error.status}{progress}"
            if error.body is None:
                state = f"the gateway has not reported the state of task {error.task_id}"
            message = f"timed out: {state}{fault}"
        case errors.AuthenticationError():
            hint = f"Set {catalog.gateway.api_key_variable} to a valid key, or name a file with --api-key-file."
        case OSError() if status == OTHER:
            message = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return Stop(status, message, kind=kind, hint=hint)


def rejected_submission(error: errors.APIError, model: str, catalog: Catalog) -> Stop:
    """How the command ends if the gateway rejects a paid request."""
    stop = stop_for(error, catalog)
    if error.code in catalog.gateway.no_channel_codes:
        # The gateway answers alike for a model that is down and for one that does not exist.
        if model in catalog.models:
            advice = f"has no channel for {model!r} at the moment. It charged nothing; run the command again later."
        else:
            stop.status = WRONG_CALL
            advice = f"does not serve {model!r}. It charged nothing. Check the model id: retrying will not help."
        stop.hint = f"The gateway {advice}"
    return stop


def missing_extra(what: str, extra: str, error: ImportError) -> Stop:
    """How a command ends that needs packages which are not installed.

    Args:
        what: what needs them.
        extra: the extra that installs them.
        error: the failed import, or the error of the package that it caused.
    """
    cause = error.__cause__ if isinstance(error.__cause__, ImportError) else error
    package = (cause.name or "?").partition(".")[0]
    message = f"{what} needs the extra {extra!r} (the package {package})"
    return Stop(OTHER, message, kind="MissingExtra", hint=install_advice(extra))


class Terminated(KeyboardInterrupt):
    """A signal other than that of Ctrl-C asks the process to end."""


def interrupted(interruption: KeyboardInterrupt, catalog: Catalog) -> Stop:
    """How Ctrl-C or a signal ends the command."""
    by_signal = isinstance(interruption, Terminated)
    status = TERMINATED if by_signal else INTERRUPTED
    # The client adds a note if the interruption came while a paid request was under way.
    reference = re.search(r"client reference ([!-~]+?)\)", " ".join(getattr(interruption, "__notes__", ())))
    if reference:
        return lost_submission("interrupted while sending a paid request", reference[1], catalog, status=status)
    kind, message = ("Terminated", "ended by a signal") if by_signal else ("Interrupted", "interrupted")
    return Stop(status, message, kind=kind)


def lost_submission(reason: str, reference: str, catalog: Catalog, *, status: int = SUBMIT_UNKNOWN) -> Stop:
    """How the command ends if nobody knows whether the gateway accepted the paid request."""
    message = f"{reason} (client reference {reference})"
    command = shell_line([catalog.package, "wait", "ID"])
    hint = (
        "The gateway may have accepted and charged the request, so the client did not send it again. Look at the task "
        f"list of your account. If the task is there, resume it with: {command}. If not, run the command again."
    )
    return Stop(status, message, kind="SubmitUnknown", hint=hint)


def status_lines(statuses: Iterable[int] = MEANINGS) -> str:
    """Exit statuses, one in a line, for ``--help``."""
    return "\n".join(f"  {status:>3}  {MEANINGS[status]}" for status in statuses)
