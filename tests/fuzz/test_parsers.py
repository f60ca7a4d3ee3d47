"""The readers of what comes from outside, on anything: nothing escapes them but the error that they declare."""

from __future__ import annotations

import io
import json
import warnings
from contextlib import suppress
from typing import Any

import httpx
import pytest
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from modelstream import MODELS, InvalidRequest, ModelStream, ModelStreamError, ModelStreamWarning, Request, VideoRequest
from modelstream._sync.download import _length
from modelstream.batch import Batch, InvalidBatch
from modelstream.catalog import CATALOG
from modelstream.gateway import GATEWAY
from modelstream_runtime.batch.read import JobsFile
from modelstream_runtime.cli.exits import Stop, UsageProblem
from modelstream_runtime.cli.from_curl import _request
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import read_settings
from modelstream_runtime.cli.values import read_overrides
from modelstream_runtime.credentials import ApiKey
from modelstream_runtime.curl_text import read_curl
from modelstream_runtime.documents import UnreadableValue, parse_document
from modelstream_runtime.media import Accepts, sniff
from modelstream_runtime.responses import (
    GatewayResponse,
    read_error,
    read_json,
    read_task,
    read_task_id,
    request_id,
    retry_after,
)
from modelstream_runtime.written import as_python
from tests.fuzz.hostile_bytes import CURL_SCRAPS, YAML_SCRAPS, spoiled
from tests.fuzz.sampling import Sample
from tests.fuzz.texts import texts
from tests.fuzz.workshop import ROOT
from tests.support.golden import goldens

GOLDENS = goldens()
CURLS = [path.read_bytes() for path in sorted((ROOT / "tests" / "goldens").glob("*/*/curl.txt"))]
PARAMS = [path.read_bytes() for path in sorted((ROOT / "tests" / "goldens").glob("*/*/values.yaml"))]
BODIES = [json.dumps(golden.body).encode() for golden in GOLDENS]
CLASSES: list[type[Request]] = [*MODELS.values(), VideoRequest]

numerals = st.sampled_from(["9" * 400, "9" * 5000, "1e999", "-1", "0", "²", "٣", "1_0", "NaN", "100 %", "", " 7 "])
scalars = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(), texts, numerals, st.just("\ud800"), st.just(10**4000)
)
keys = st.sampled_from("""
    model prompt duration metadata input parameters media type url images image audio status task_id id data error code
    message param success progress result_url fail_reason multi_prompt index task_result videos creations output
    """.split())
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | texts, inner, max_size=5),
    max_leaves=12,
)


def test_a_curl_command(sample: Sample) -> None:
    output = Output()
    output.quiet = True

    @sample(spoiled([*CURLS, *BODIES], CURL_SCRAPS), b"curl -d $'\\UFFFFFFFF'")
    def run(content: bytes) -> None:
        try:
            call = read_curl(content.decode(errors="surrogateescape"), GATEWAY)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ModelStreamWarning)
                assert as_python(_request(call, CATALOG, output), CATALOG)
        except (UnreadableValue, Stop):
            pass

    run()


@pytest.mark.parametrize("name", ["values.yaml", "values.json", "values"])
def test_a_file_of_values(name: str, sample: Sample) -> None:
    @sample(spoiled([*PARAMS, *BODIES], [*YAML_SCRAPS, *CURL_SCRAPS]), b"- " * 100_000)
    def run(content: bytes) -> None:
        with suppress(UnreadableValue):
            parse_document(content.decode(errors="replace"), name)

    run()


def test_a_file_of_jobs(sample: Sample) -> None:
    lines = [json.dumps({"id": golden.model, "body": golden.body}).encode() + b"\n" for golden in GOLDENS]
    table = b'id,model,prompt,duration,multi_prompt,image\na,kling-v3,"A ""cup"", full",5,"[{}]",hero.png\n\nb,x,y,,,\n'
    scraps = [
        *YAML_SCRAPS,
        b'""',
        b";",
        b"\t",
        b"\r",
        b"\0",
        b"\\ud800",
        b"values.id",
        b"custom_id",
        b"NaN",
        b"generic",
    ]

    @sample(spoiled([*lines, b"".join(lines), table], scraps), b"[" * 100_000)
    def run(content: bytes) -> None:
        for model in (None, "kling-v3"):
            jobs = JobsFile("stdin", CATALOG, model=model, stream=io.BytesIO(content))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ModelStreamWarning)
                with suppress(InvalidBatch):
                    Batch("nowhere", jobs, model=model).preview()


def test_settings_of_the_command_line(sample: Sample) -> None:
    options = st.dictionaries(
        st.sampled_from(["output", "timeout", "interval", "base_url", "retries"]),
        texts | numerals | st.just("http://["),
    )

    @sample(st.tuples(options, st.lists(texts | st.tuples(keys, texts | numerals).map("=".join), max_size=3)))
    def run(given: tuple[dict[str, Any], list[str]]) -> None:
        problems: list[UsageProblem] = []
        read_settings(given[0], problems, CATALOG)
        with suppress(UnreadableValue):
            read_overrides(given[1])

    run()


def test_a_body(sample: Sample) -> None:
    changed = st.builds(
        lambda golden, name, value: golden.body | {name: value}, st.sampled_from(GOLDENS), keys | texts, anything
    )

    deep: Any = 1
    for _ in range(400):
        deep = [{"a": deep}]

    @sample(anything | changed, {"model": "kling-v3", "prompt": "p", "metadata": deep}, {"duration": 10**5000})
    def run(body: Any) -> None:
        for cls in CLASSES:
            assert_read_back(cls, body)

    run()


def assert_read_back(cls: type[Request], body: Any) -> None:
    """The class refuses the body or gives it back."""
    try:
        request = cls.from_payload(body)
    except InvalidRequest as error:
        assert_told(str(error))
        return
    assert cls.from_payload(request.to_payload()) == request


def test_an_answer_of_the_gateway(sample: Sample) -> None:
    headers = st.dictionaries(
        st.sampled_from(["Retry-After", "Location", "X-Request-Id", "X-Oneapi-Request-Id"]),
        texts | numerals | DATES,
    )

    @sample(st.tuples(st.integers(100, 999), headers, st.binary(max_size=40) | anything | ANSWERS), *STRANGE_ANSWERS)
    def run(given: tuple[int, dict[str, str], Any]) -> None:
        status, headers, body = given
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = GatewayResponse(status, headers, content, ApiKey("k"))
        error = read_error(answer, GATEWAY)
        assert error is None or str(error)
        snapshot = read_task(answer.body, GATEWAY)
        assert snapshot.progress is None or 0 <= snapshot.progress <= 100
        assert read_task_id(answer.body, GATEWAY) is None or read_task_id(answer.body, GATEWAY)
        request_id(answer.headers, GATEWAY, content.decode(errors="replace"))
        wait = retry_after(answer.headers)
        assert wait is None or wait >= 0

    run()


_FLAT = st.dictionaries(keys, scalars, max_size=6)
ANSWERS = st.builds(
    lambda outer, inner: outer | inner,
    _FLAT,
    st.fixed_dictionaries({}, optional=dict.fromkeys(["data", "error", "metadata"], _FLAT)),
)
"""What has the names of an answer at their places, and anything behind them."""
STRANGE_ANSWERS: list[Any] = [(200, {}, {"progress": "9" * 400}), (200, {}, {"code": "9" * 5000})]

DATES = st.builds(
    lambda day, month, year, hour, zone: f"Mon, {day} {month} {year} {hour}:00:00 {zone}",
    *(st.sampled_from(["1", "31", "99", "0", "-1"]), st.sampled_from(["Jan", "Feb", "Foo", ""])),
    *(st.sampled_from(["1", "99", "2026", "9999", "99999"]), st.sampled_from(["0", "24", "x"])),
    st.sampled_from(["GMT", "-0000", "+9999", "+99999", "EST", ""]),
)


def assert_told(message: str) -> None:
    """There is something to read."""
    assert message.strip()


def test_json(sample: Sample) -> None:
    @sample(spoiled(BODIES, CURL_SCRAPS))
    def run(content: bytes) -> None:
        read_json(content.decode(errors="replace"))

    run()


def test_the_length_of_a_download(sample: Sample) -> None:
    @sample(numerals | st.text(max_size=3), "9" * 5000, "²")
    def run(text: str) -> None:
        length = _length(httpx.Response(200, headers={b"content-length": text.encode()}))
        assert length is None or length >= 0

    run()


def test_media(sample: Sample) -> None:
    heads = st.sampled_from(
        ["data:image/png;base64,", "data:", "http://", "https://a/", "DATA:a/b;x=y;base64,", "iVBORw0KGgo="]
    )
    given = st.tuples(heads, texts | st.just("")).map("".join) | texts | st.binary(max_size=40)

    @sample(st.tuples(given, st.sampled_from(["data_uri", "base64", "any"])))
    def run(case: tuple[str | bytes, Any]) -> None:
        value, encoding = case
        if isinstance(value, bytes):
            assert sniff(value) is None or sniff(value) in (
                "jpeg",
                "png",
                "gif",
                "bmp",
                "webp",
                "wav",
                "webm",
                "mp4",
                "mov",
                "mp3",
            )
        try:
            sent = Accepts("image", encoding=encoding, max_bytes=100)._encode(value)
        except PydanticCustomError as error:
            assert_told(error.message())
        else:
            assert sent.encode()

    run()


@pytest.mark.filterwarnings("ignore::modelstream.InsecureConnectionWarning")
def test_an_address_of_a_gateway(sample: Sample) -> None:
    @sample(
        st.sampled_from(["", "http://", "https://", "http://[", "https://a:"]).flatmap(lambda s: texts.map(s.__add__))
    )
    def run(given: str) -> None:
        with suppress(ModelStreamError):
            ModelStream("key", base_url=given).close()

    run()
