"""The table as data: who does each job, and what has to be reached."""

from __future__ import annotations

from benchmarks.row import CPU, WALL, Comparison, Figure, Row, Variant

_SDKS = ("fal", "replicate", "runwayml", "openai")


def _submitting(code: str) -> tuple[Variant, ...]:
    """A variant for everybody who can submit; all in one environment."""
    code = f"from benchmarks.workloads import submitting; {code}"
    return tuple(
        Variant(name=name, environment="peers", code=code.format(f"submitting.{name}"))
        for name in ("modelstream", "httpx", *_SDKS)
    )


IMPORT = Row(
    name="import",
    title="`import modelstream`",
    figures=(CPU, WALL),
    variants=(
        Variant(name="python -c pass", code="pass"),
        Variant(name="modelstream", code="import modelstream"),
        Variant(name="with 500 models", environment="many", code="import modelstream"),
    ),
    comparisons=(
        Comparison(figure="cpu", ours="modelstream", peer="python -c pass", limit=1.25),
        Comparison(figure="cpu", ours="with 500 models", peer="python -c pass", limit=1.25),
    ),
    rounds=100,
)

REQUEST = Row(
    name="request",
    title="Import one request class, build one payload",
    figures=(CPU, WALL),
    variants=(
        Variant(
            name="modelstream",
            code="from modelstream import KlingV3; KlingV3(prompt='A cup of coffee', mode='pro').to_payload()",
        ),
        Variant(
            name="pydantic by hand",
            code="from benchmarks.by_hand import KlingV3; KlingV3(prompt='A cup of coffee', mode='pro').to_payload()",
        ),
        Variant(name="import pydantic", code="import pydantic; pydantic.BaseModel"),
    ),
    comparisons=(
        Comparison(figure="cpu", ours="modelstream", peer="pydantic by hand", limit=1.15),
        Comparison(figure="cpu", ours="modelstream", peer="import pydantic"),
    ),
    rounds=40,
)

FIRST_SUBMIT = Row(
    name="first-submit",
    title="Import, make a client, submit once",
    figures=(CPU, WALL),
    variants=_submitting("{}()()"),
    comparisons=tuple(
        Comparison(figure=figure, ours="modelstream", peer=peer, limit=1.15 if peer == "httpx" else 1.0)
        for figure in ("cpu", "wall")
        for peer in ("httpx", *_SDKS)
    ),
    rounds=25,
)

ENCODING = Row(
    name="encode",
    title="Build a request and encode it",
    figures=(Figure(key="call", title="time of a call", unit="s"),),
    variants=tuple(
        Variant(name=name, code=f"from benchmarks.workloads import encoding; encoding.measure(encoding.{code})")
        for name, code in (
            ("modelstream", "modelstream()"),
            ("pydantic by hand", "pydantic()"),
            ("dict and json.dumps", "literal"),
        )
    ),
    comparisons=(
        Comparison(figure="call", ours="modelstream", peer="pydantic by hand", limit=1.3),
        Comparison(figure="call", ours="modelstream", peer="dict and json.dumps"),
    ),
    rounds=25,
)

SYNC_SUBMIT = Row(
    name="submit",
    title="Submit, on an open connection",
    figures=(Figure(key="p50", title="median time", unit="s"),),
    variants=_submitting("submitting.p50({}())"),
    comparisons=tuple(
        Comparison(figure="p50", ours="modelstream", peer=peer, limit=1.1 if peer == "httpx" else None)
        for peer in ("httpx", *_SDKS)
    ),
    rounds=25,
)

ROWS = (IMPORT, REQUEST, FIRST_SUBMIT, ENCODING, SYNC_SUBMIT)
