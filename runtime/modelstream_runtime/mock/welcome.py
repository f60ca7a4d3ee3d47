"""What the server prints when it starts."""

from __future__ import annotations

import json
import shlex
from typing import Any

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.checking import checker_of

KEY = "sk-mock"
"""A key for examples. Any other works, too."""

_PROMPT = "A cup of coffee by a rainy window"


def welcome(catalog: Catalog, url: str) -> str:
    """The address, how to use it, and a request to try."""
    facts = catalog.gateway
    return "\n".join(
        [
            f"Mock gateway at {url} (it charges nothing; Ctrl-C stops it)",
            f"  export {facts.base_url_variable}={url} {facts.api_key_variable}={KEY}",
            f"  {url}/__mock/journal shows the exchanges so far, {url}/__mock/scenarios what can go wrong on request",
            "Try it:",
            f'  curl -X POST "{url}{facts.submit_path}" -H "Authorization: Bearer {KEY}" \\',
            f'    -H "Content-Type: application/json" -d {shlex.quote(json.dumps(_sample_body(catalog)))}',
        ]
    )


def _sample_body(catalog: Catalog) -> dict[str, Any]:
    """A body that the mock accepts: for the first model that needs only a prompt, or else a documented one."""
    bodies: list[dict[str, Any]] = [{"model": model, "prompt": _PROMPT} for model in catalog.models]
    accepted = (body for body in bodies if not checker_of(catalog, body["model"]).problems(body))
    return next(accepted, None) or _documented_body(catalog)


def _documented_body(catalog: Catalog) -> dict[str, Any]:
    submission = catalog.schemas.openapi()["paths"][catalog.gateway.submit_path]["post"]
    examples = submission["requestBody"]["content"]["application/json"]["examples"]
    body: dict[str, Any] = next(iter(examples.values()))["value"]
    return body
