# Made from the schemas and templates/modelstream/gateway.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""What is true of the gateway for every model: addresses, statuses, where things stand in its answers.

Facts: page generic, the vendor documentation and the gateway's own source.
"""

from typing import Final

BASE_URL: Final = "https://api.modelstream.ai"

API_KEY_VARIABLE: Final = "MODELSTREAM_API_KEY"
BASE_URL_VARIABLE: Final = "MODELSTREAM_BASE_URL"

SUBMIT_PATH: Final = "/v1/video/generations"
TASK_PATH: Final = "/v1/video/generations/{task_id}"
CONTENT_PATH: Final = "/v1/videos/{task_id}/content"
STATUSES: Final[dict[str, str]] = {
    "queued": "queued",
    "notstart": "queued",
    "submitted": "queued",
    "pending": "queued",
    "created": "queued",
    "queueing": "queued",
    "initializing": "queued",
    "waiting": "queued",
    "accepted": "queued",
    "inprogress": "in_progress",
    "processing": "in_progress",
    "running": "in_progress",
    "generating": "in_progress",
    "": "in_progress",
    "completed": "completed",
    "succeeded": "completed",
    "succeed": "completed",
    "success": "completed",
    "failed": "failed",
    "failure": "failed",
    "fail": "failed",
    "error": "failed",
    "expired": "failed",
    "cancelled": "cancelled",
    "canceled": "cancelled",
}
"""Spelling, in lower case without dashes, underscores and spaces, to status."""

MEANINGS: Final[dict[str, str]] = {
    "queued": "waiting",
    "in_progress": "waiting",
    "completed": "done",
    "failed": "failed",
    "cancelled": "failed",
}
"""Status to what it means for a client: ``waiting``, ``done`` or ``failed``."""

TASK_ID_PATHS: Final = ("data.task_id", "task_id", "data.id", "id")
STATUS_PATHS: Final = ("data.status", "data.task_status", "status", "task_status")
PROGRESS_PATHS: Final = ("data.progress", "progress")
URL_PATHS: Final = (
    "url",
    "result_url",
    "data.url",
    "data.result_url",
    "metadata.url",
    "data.metadata.url",
    "output_url",
    "data.output_url",
    "data.data.url",
    "data.data.task_result.videos[0].url",
    "data.data.data.task_result.videos[0].url",
    "data.data.creations[0].url",
    "data.data.output.video_url",
    "data.data.content.video_url",
    "data.fail_reason",
    "fail_reason",
)
REASON_PATHS: Final = (
    "error.message",
    "data.error.message",
    "data.fail_reason",
    "fail_reason",
    "data.result_url",
    "result_url",
    "message",
)
"""Where to look in an answer, first match first."""

REQUEST_ID_HEADERS: Final = ("x-oneapi-request-id", "x-request-id")
"""Headers that hold the gateway's id of a request."""

ERROR_PATHS: Final[dict[str, tuple[str, ...]]] = {
    "message": ("error.message", "message"),
    "type": ("error.type", "type"),
    "param": ("error.param", "param"),
    "code": ("error.code", "code"),
}
"""Where the parts of an error stand."""

SUCCESS_CODES: Final[tuple[str | int, ...]] = (0, 200, "success", "", "0", "200")
"""What ``code`` says in an answer that is no error."""

ERRORS: Final[tuple[tuple[str, int | str | None, tuple[str, ...]], ...]] = (
    ("QuotaExhaustedError", None, ("insufficient_user_quota", "pre_consume_token_quota_failed")),
    ("NotFoundError", None, ("task_not_exist",)),
    ("BadRequestError", 400, ()),
    ("AuthenticationError", 401, ()),
    ("QuotaExhaustedError", 402, ()),
    ("PermissionDeniedError", 403, ()),
    ("NotFoundError", 404, ()),
    ("RateLimitError", 429, ()),
    ("ServerError", "5xx", ()),
)
"""Name of the error, HTTP status, codes in the body; the first row that fits decides."""

FIRST_PAUSE: Final = 2
PAUSE_FACTOR: Final = 1.5
LONGEST_PAUSE: Final = 10
"""Seconds between two questions after a task."""
