"""The API key, which appears in one header and nowhere else, and the address of the gateway."""

from __future__ import annotations

import hashlib
import os
from typing import NoReturn
from urllib.parse import urlsplit

from modelstream_runtime._caller import warn_caller
from modelstream_runtime.errors import InsecureConnectionWarning, ModelStreamError
from modelstream_runtime.gateway import Gateway

_SHORTEST_SECRET = 8
"""Characters. The gateway's keys are several times as long."""


class ApiKey:
    """An API key that hides itself in output and refuses to be pickled."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        value = value.strip()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise ModelStreamError("the API key is empty or contains characters that no key contains, such as spaces")
        self._value = value

    def __repr__(self) -> str:
        return "ApiKey(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key cannot be pickled; pass it to the client again, or set it in the environment")

    @property
    def header(self) -> str:
        """The value of the ``Authorization`` header."""
        return f"Bearer {self._value}"

    @property
    def fingerprint(self) -> str:
        """Names the key without revealing it: a part of its SHA-256 digest."""
        return hashlib.sha256(self._value.encode()).hexdigest()[:16]

    def redact(self, text: str) -> str:
        """The text without the key, in case a server repeats it."""
        # A short key such as "test", as people use it with a mock gateway, may occur in any response.
        return text.replace(self._value, "***") if len(self._value) >= _SHORTEST_SECRET else text


def find_api_key(given: str | None, gateway: Gateway) -> ApiKey:
    """The given key, or else the one in the environment.

    Raises:
        ModelStreamError: there is no key, or it is malformed.
    """
    value = given if given is not None else os.environ.get(gateway.api_key_variable)
    if value is None:
        raise ModelStreamError(f"no API key: pass api_key=... or set {gateway.api_key_variable}")
    return ApiKey(value)


def find_base_url(given: str | None, gateway: Gateway) -> str:
    """The given address, or else the one in the environment, or else the gateway's own; without a slash at the end.

    Raises:
        ModelStreamError: it is not an http or https address, or it ends with a path that the client adds.
    """
    value = given if given is not None else os.environ.get(gateway.base_url_variable) or gateway.base_url
    scheme, _, rest = value.partition("://")
    well_formed = scheme.lower() in ("http", "https") and _is_host(rest.partition("/")[0]) and value.isprintable()
    if not well_formed or any(character in rest for character in "@?#"):
        raise ModelStreamError(f"{value!r} is not the address of a gateway; write one such as {gateway.base_url}")
    return without_endpoint(value, gateway)


def without_endpoint(base_url: str, gateway: Gateway) -> str:
    """The address without a slash at the end.

    Raises:
        ModelStreamError: it ends with the beginning of a path that the client adds, or with all of it.
    """
    address = base_url.rstrip("/")
    scheme, separator, rest = address.partition("://")
    segments = rest.split("/")
    for path in (gateway.task_path, gateway.content_path, gateway.submit_path):
        added = path.strip("/").split("/")
        for count in range(min(len(added), len(segments) - 1), 0, -1):
            end = segments[-count:]
            if all("{" in ours or ours == theirs.lower() for ours, theirs in zip(added, end, strict=False)):
                shorter = f"{scheme}{separator}{'/'.join(segments[:-count])}"
                ending = f"ends with /{'/'.join(end)}, which the client adds itself"
                raise ModelStreamError(f"the base URL {base_url!r} {ending}; write {shorter}")
    return address


def warn_if_readable(base_url: str) -> None:
    """Warn if the API key would travel to another machine without encryption."""
    address = urlsplit(base_url)
    if address.scheme == "http" and not _stays_here(address.hostname or ""):
        message = f"{base_url} is not encrypted: anyone on the network path can read the API key; use https"
        warn_caller(message, InsecureConnectionWarning)


def is_on_this_machine(base_url: str) -> bool:
    """Whether an address leads to this machine, where only a mock gateway runs."""
    host = urlsplit(base_url).hostname or ""
    return host.rpartition(".")[2] == "localhost" or _is_loopback(host)


def _is_host(text: str) -> bool:
    try:
        parts = urlsplit(f"//{text}")
        return bool(parts.hostname) and parts.port != 0  # Reading the port checks it.
    except ValueError:
        return False


def _stays_here(host: str) -> bool:
    # The names below .localhost are this machine, and those below .test and .invalid never lead anywhere (RFC 6761).
    return host.rpartition(".")[2] in ("localhost", "test", "invalid") or _is_loopback(host)


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_address  # Only clients of a plain HTTP address need it.

    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
