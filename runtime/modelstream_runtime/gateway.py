"""The facts about a gateway that the client uses."""

from __future__ import annotations

from typing import NamedTuple


class Polling(NamedTuple):
    """The pauses between two polls of a task, in seconds."""

    first: float
    factor: float
    """Each pause is this many times as long as the one before."""
    longest: float


class ErrorRow(NamedTuple):
    """An error class and its responses: those with an HTTP status such as 404 or ``5xx``, or with one of the codes."""

    raises: str
    status: int | str | None
    codes: tuple[str, ...]


class Gateway(NamedTuple):
    """Where a gateway is, and how to read its responses. The generated package fills it in from ``gateway.yaml``."""

    title: str
    base_url: str
    api_key_variable: str
    """The environment variable with the key."""
    base_url_variable: str
    """The environment variable with the address of another gateway."""

    submit_path: str
    task_path: str
    """Contains ``{task_id}``, as does `content_path`."""
    content_path: str

    statuses: dict[str, str]
    """Spelling (in lower case, without dashes, underscores and spaces) to status."""
    meanings: dict[str, str]
    """Status to what it means for a client: ``waiting``, ``done`` or ``failed``."""

    task_id_paths: tuple[str, ...]
    """Where to look in a response; the first match counts. The same holds for the paths below."""
    status_paths: tuple[str, ...]
    progress_paths: tuple[str, ...]
    url_paths: tuple[str, ...]
    reason_paths: tuple[str, ...]

    request_id_headers: tuple[str, ...]
    """Headers that contain the gateway's id of a request."""
    error_paths: dict[str, tuple[str, ...]]
    """Where the ``message``, ``type``, ``param`` and ``code`` of an error are."""
    success_codes: tuple[str | int, ...]
    """The values of ``code`` that mean success."""
    errors: tuple[ErrorRow, ...]
    """The first row that matches decides."""
    no_channel_codes: tuple[str, ...]
    """The codes of a 503 that the gateway sends before it asks a vendor. It charged nothing, so the client retries a
    paid request once."""
    polling: Polling
