"""The table as data: the jobs, who does them, and the targets."""

from __future__ import annotations

from benchmarks.row import CPU, WALL, Comparison, Figure, Row, Variant

_SDKS = ("fal", "replicate", "runwayml", "openai")


def _submitting(code: str) -> tuple[Variant, ...]:
    """A variant for each client that can submit; all of them share one environment."""
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
        Comparison(
            figure=figure,
            ours="modelstream",
            peer=peer,
            limit=1.15 if peer == "httpx" else 1.0,
            in_readme=(figure, peer) == ("wall", "httpx"),
        )
        for figure in ("cpu", "wall")
        for peer in ("httpx", *_SDKS)
    ),
    rounds=25,
    note="`httpx` is code written by hand, with pydantic. fal-client validates nothing and does not import pydantic, "
    "which accounts for the difference.",
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
        Comparison(
            figure="p50",
            ours="modelstream",
            peer=peer,
            limit=1.1 if peer == "httpx" else None,
            in_readme=peer == "httpx",
        )
        for peer in ("httpx", *_SDKS)
    ),
    rounds=25,
)


def _asynchronous(module: str, *, raw: bool = False) -> tuple[Variant, ...]:
    """A variant for each asynchronous transport. The extra `aiohttp` is installed only where the name says so."""
    code = f"from benchmarks.workloads import {module}; {module}.measure({module}.{{}})"
    variants = (
        Variant(name="modelstream", code=code.format("modelstream")),
        Variant(name="httpx", environment="httpx", code=code.format("httpx")),
        Variant(name="httpx and sniffio", environment="sniffio", code=code.format("httpx")),
        Variant(name="modelstream[aiohttp]", environment="peers", code=code.format("modelstream")),
        Variant(name="httpx-aiohttp", environment="peers", code=code.format("httpx_aiohttp")),
    )
    return (*variants, Variant(name="aiohttp", environment="peers", code=code.format("aiohttp"))) if raw else variants


_PAIRS = (
    ("modelstream", "httpx"),
    ("modelstream", "httpx and sniffio"),
    ("modelstream[aiohttp]", "httpx-aiohttp"),
)
"""Ours and a peer: both as installed; the peer with the package that ours installs; both on aiohttp."""

CROWD = Row(
    name="crowd",
    title="Submit, 50 callers at once",
    figures=(
        Figure(key="rate", title="calls", unit="1/s", better="more"),
        Figure(key="p99", title="99th percentile", unit="s"),
    ),
    variants=_asynchronous("crowd", raw=True),
    comparisons=(
        Comparison(figure="rate", ours="modelstream", peer="httpx", limit=2.0, in_readme=True),
        Comparison(figure="rate", ours="modelstream", peer="httpx and sniffio"),
        Comparison(figure="p99", ours="modelstream", peer="httpx", limit=0.25),
        Comparison(figure="p99", ours="modelstream", peer="httpx and sniffio"),
        Comparison(figure="rate", ours="modelstream[aiohttp]", peer="httpx-aiohttp", limit=1 / 1.15),
        Comparison(figure="p99", ours="modelstream[aiohttp]", peer="httpx-aiohttp", limit=1.15),
        Comparison(figure="rate", ours="modelstream[aiohttp]", peer="aiohttp"),
        Comparison(figure="p99", ours="modelstream[aiohttp]", peer="aiohttp"),
    ),
    rounds=15,
    note="httpx tries to import sniffio several times in every request. None of its own dependencies installs "
    "sniffio; this package does.",
)

WAITING = Row(
    name="wait",
    title="Wait for 1,000 tasks in one process",
    figures=(
        Figure(key="poll", title="CPU of a poll", unit="s"),
        Figure(key="growth", title="growth of memory", unit="B"),
    ),
    variants=_asynchronous("waiting"),
    comparisons=tuple(
        Comparison(
            figure=figure,
            ours=ours,
            peer=peer,
            limit=1.2,
            in_readme=(figure, ours, peer) == ("poll", "modelstream", "httpx"),
        )
        for figure in ("poll", "growth")
        for ours, peer in _PAIRS
    ),
    rounds=7,
)

SAVING = Row(
    name="save",
    title="Save 200 MB",
    figures=(
        Figure(key="rate", title="speed", unit="B/s", better="more"),
        Figure(key="growth", title="growth of memory", unit="B"),
    ),
    variants=tuple(
        Variant(name=name, code=f"from benchmarks.workloads import saving; saving.measure(saving.{code})")
        for name, code in (
            ("modelstream", "modelstream()"),
            ("httpx, fsync", "httpx(through_to_disk=True)"),
            ("httpx", "httpx(through_to_disk=False)"),
        )
    ),
    comparisons=(
        Comparison(figure="rate", ours="modelstream", peer="httpx, fsync", limit=1 / 1.05, in_readme=True),
        Comparison(figure="rate", ours="modelstream", peer="httpx"),
        Comparison(figure="growth", ours="modelstream", peer="httpx, fsync", limit=1.05),
    ),
    rounds=15,
    note="this package flushes a video to the disk (fsync) before it renames the file; `httpx` alone does not.",
)

SERVING = Row(
    name="mock",
    title="An exchange with the mock gateway",
    figures=(Figure(key="exchange", title="median time", unit="s"),),
    variants=tuple(
        Variant(
            name=name,
            environment="mock",
            code=f"from benchmarks.workloads import serving; serving.measure(serving.{code})",
        )
        for name, code in (("modelstream[mock]", "mock"), ("uvicorn alone", "uvicorn"))
    ),
    comparisons=(Comparison(figure="exchange", ours="modelstream[mock]", peer="uvicorn alone", limit=2.0),),
    rounds=15,
    note="a poll over one kept-alive connection. `uvicorn alone` sends a canned response.",
)

STUDIO = Row(
    name="studio",
    title="The studio, with 50 models",
    figures=(
        Figure(key="view", title="first view with a form", unit="s"),
        Figure(key="preview", title="a preview", unit="s"),
    ),
    variants=tuple(
        Variant(
            name=name,
            environment="studio-50",
            code=f"from benchmarks.workloads import viewing; viewing.measure(viewing.{code})",
        )
        for name, code in (("modelstream[studio]", "modelstream"), ("Starlette alone", "starlette"))
    ),
    comparisons=(
        Comparison(figure="view", ours="modelstream[studio]", peer="Starlette alone"),
        Comparison(figure="preview", ours="modelstream[studio]", peer="Starlette alone", limit=4.0),
    ),
    rounds=7,
    note="the first view after the start, without the browser; its target is 1 s. `Starlette alone` sends as "
    "many bytes for it, and the body of a preview back.",
)

GENERATING = Row(
    name="generate",
    title="Generate",
    figures=(Figure(key="time", title="time", unit="s"),),
    variants=tuple(
        Variant(
            name=name,
            environment="generator",
            code=f"from benchmarks.workloads import generating; generating.{code}",
        )
        for name, code in (
            ("20 models from scratch", "full(20)"),
            ("nothing changed, 20 models", "unchanged(20)"),
            ("one of 20 models changed", "one_changed(20)"),
            ("import of its dependencies", "imports()"),
            ("datamodel-codegen, 20 models", "datamodel_codegen(20)"),
            ("openapi-python-client, 20 models", "openapi_client(20)"),
        )
    ),
    comparisons=(
        Comparison(figure="time", ours="nothing changed, 20 models", peer="import of its dependencies", limit=0.6),
        Comparison(figure="time", ours="one of 20 models changed", peer="import of its dependencies", limit=3.0),
        Comparison(figure="time", ours="20 models from scratch", peer="datamodel-codegen, 20 models"),
        Comparison(figure="time", ours="20 models from scratch", peer="openapi-python-client, 20 models"),
    ),
    rounds=5,
    note="20 models are the case of people who add one. The targets are 0.3 s and 1.5 s where importing the "
    "dependencies takes 0.5 s. datamodel-codegen runs once for each model, as its users run it, on the JSON Schema of "
    "our form.",
)

_BATCHING = "from benchmarks.workloads import batching; batching."

BATCHING = Row(
    name="batch",
    title="Make 2,000 small videos",
    figures=(CPU, WALL),
    variants=(
        Variant(name="modelstream.batch", code=f"{_BATCHING}batch()"),
        Variant(name="a loop with a semaphore", code=f"{_BATCHING}loop()"),
    ),
    comparisons=(
        Comparison(figure="cpu", ours="modelstream.batch", peer="a loop with a semaphore", limit=1.5),
        Comparison(figure="wall", ours="modelstream.batch", peer="a loop with a semaphore"),
    ),
    rounds=3,
    note="the loop calls this package's client, too, and knows nothing after a crash. The batch makes four steps of "
    "each video durable, and sends at most four paid requests at once.",
)

LOADING = Row(
    name="load",
    title="Check a million jobs and journal them",
    figures=(
        Figure(key="job", title="time of a job", unit="s"),
        Figure(key="growth", title="growth of memory", unit="B"),
    ),
    variants=(
        Variant(name="1,000,000 jobs", code=f"{_BATCHING}load(1_000_000)"),
        Variant(name="100,000 jobs", code=f"{_BATCHING}load(100_000)"),
        Variant(name="only checked", code=f"{_BATCHING}check(100_000)"),
    ),
    comparisons=(
        Comparison(figure="job", ours="1,000,000 jobs", peer="100,000 jobs", limit=1.5),
        Comparison(figure="job", ours="1,000,000 jobs", peer="only checked"),
        Comparison(figure="growth", ours="1,000,000 jobs", peer="100,000 jobs", limit=1.5),
    ),
    rounds=2,
)

WORKERS = Row(
    name="workers",
    title="Make 1,000 small videos with a journal in PostgreSQL",
    figures=(Figure(key="rate", title="videos", unit="1/s", better="more"),),
    variants=tuple(
        Variant(name=name, environment="distributed", code=f"{_BATCHING}workers({count})")
        for name, count in (("1 worker", 1), ("2 workers", 2), ("4 workers", 4))
    ),
    comparisons=(
        Comparison(figure="rate", ours="2 workers", peer="1 worker"),
        Comparison(figure="rate", ours="4 workers", peer="1 worker"),
    ),
    rounds=3,
    note="the workers, the database and the gateway share the cores of one machine.",
)

_SERVING_AGENTS = "from benchmarks.workloads import agents; agents."

AGENTS = Row(
    name="mcp",
    title="Start the server for agents, and list its tools",
    figures=(
        Figure(key="first", title="time to the first answer", unit="s"),
        Figure(key="size", title="size of the list", unit="B"),
    ),
    variants=(
        Variant(name="with 5 models", environment="mcp-5", code=f"{_SERVING_AGENTS}modelstream()"),
        Variant(name="with 50 models", environment="mcp-50", code=f"{_SERVING_AGENTS}modelstream()"),
        Variant(name="a bare server", environment="mcp", code=f"{_SERVING_AGENTS}bare()"),
    ),
    comparisons=(
        Comparison(figure="first", ours="with 5 models", peer="a bare server", limit=1.3),
        Comparison(figure="first", ours="with 50 models", peer="a bare server", limit=1.3),
        Comparison(figure="size", ours="with 50 models", peer="with 5 models", limit=1.0),
    ),
    rounds=15,
    note="the bare server offers one tool that does nothing, on the SDK that ours stands on. The list of the tools is "
    "what a language model reads in every turn.",
)

ROWS = (
    IMPORT,
    REQUEST,
    FIRST_SUBMIT,
    ENCODING,
    SYNC_SUBMIT,
    CROWD,
    WAITING,
    SAVING,
    SERVING,
    STUDIO,
    GENERATING,
    BATCHING,
    LOADING,
    WORKERS,
    AGENTS,
)
