"""Texts of the gateway can be stored and printed, whatever its JSON says: JSON has texts that no database takes."""

from __future__ import annotations

import json

import pytest

from modelstream.gateway import GATEWAY
from modelstream_runtime.credentials import ApiKey
from modelstream_runtime.responses import GatewayResponse, read_error, read_task

STRANGE = {"\ud800 alone": "\\ud800 alone", "a\x00b": "a\\x00b", "\N{CLAPPER BOARD}\n": "\N{CLAPPER BOARD}\n"}
strange = pytest.mark.parametrize(("sent", "read"), STRANGE.items(), ids=["surrogate", "null", "fine"])


@strange
def test_the_message_of_an_error(sent: str, read: str) -> None:
    content = json.dumps({"error": {"message": sent, "code": sent, "param": sent}}).encode()
    error = read_error(GatewayResponse(400, {}, content, ApiKey("sk-x")), GATEWAY)
    assert error is not None
    assert (error.message, error.code, error.param) == (read, read, read)


@strange
def test_the_reason_and_the_address_of_a_task(sent: str, read: str) -> None:
    spellings = {GATEWAY.meanings.get(status): raw for raw, status in GATEWAY.statuses.items()}
    assert read_task({"status": spellings["failed"], "error": {"message": sent}}, GATEWAY).reason == read
    done = {"status": spellings["done"], "url": f"https://x.test/{sent}"}
    assert read_task(done, GATEWAY).url == f"https://x.test/{read}"
