"""API keys. The gateway remembers digests only."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

from modelstream_runtime.mock.exchange import reject
from modelstream_runtime.mock.messages import Request
from modelstream_runtime.mock.scenarios import KEY_PREFIX


class Keys:
    """The keys that a gateway accepts.

    Args:
        accepted: ``None`` accepts any key.
    """

    def __init__(self, accepted: Collection[str] | None) -> None:
        self._digests = None if accepted is None else frozenset(map(_digest, accepted))

    def owner(self, request: Request) -> str:
        """A digest of the request's key.

        Raises:
            Rejected: there is no key, or the gateway does not accept it.
        """
        key = key_of(request)
        if key is None:
            reject("key", "the request has no key; send the header Authorization: Bearer KEY")
        if key.startswith("<"):
            reject("key", f"{key} is a placeholder of the documentation; replace it with a key (the mock accepts any)")
        owner = _digest(key)
        if self._digests is not None and owner not in self._digests and not key.startswith(KEY_PREFIX):
            reject("key")
        return owner


def key_of(request: Request) -> str | None:
    """The key in the ``Authorization`` header."""
    scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
