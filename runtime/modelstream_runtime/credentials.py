"""The API key, which appears in one header and nowhere else, and the address of the gateway."""

from __future__ import annotations

import os
from typing import NoReturn

from modelstream_runtime.errors import ModelStreamError
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
        ModelStreamError: it is not an http or https address.
    """
    value = given if given is not None else os.environ.get(gateway.base_url_variable) or gateway.base_url
    scheme, _, rest = value.partition("://")
    if scheme.lower() not in ("http", "https") or not rest.strip("/") or not value.isprintable() or "@" in rest:
        raise ModelStreamError(f"{value!r} is not the address of a gateway; write one such as {gateway.base_url}")
    return value.rstrip("/")
