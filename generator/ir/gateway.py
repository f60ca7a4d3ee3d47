"""The gateway's file as an object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorRow:
    """Which error a response raises."""

    raises: str
    status: int | str | None
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """What is true for every model."""

    title: str
    page: str
    base_url: str
    api_key_variable: str
    base_url_variable: str
    endpoints: Mapping[str, str]
    statuses: Mapping[str, str]
    """Folded spelling to canonical status."""
    meanings: Mapping[str, str]
    """Canonical status to waiting, done or failed."""
    paths: Mapping[str, tuple[str, ...]]
    error_paths: Mapping[str, tuple[str, ...]]
    success_codes: tuple[str | int, ...]
    request_id_headers: tuple[str, ...]
    errors: tuple[ErrorRow, ...]
    """The first row that fits decides."""
    no_channel_codes: tuple[str, ...]
    """Codes of a 503 that the gateway sends before it asks a vendor."""
    polling: Mapping[str, float]
