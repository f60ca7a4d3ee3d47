"""A model id without a class is allowed. One that looks like a misspelling of a known id is worth a warning, because a
request for it costs time and never makes a video."""

from __future__ import annotations

import warnings

import pytest

from modelstream import (
    InvalidRequest,
    ModelStream,
    UnknownModelWarning,
    VideoRequest,
    request_for,
)
from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from tests.support.server import serve

MISSPELLED = {
    "klingv3": "kling-v3",
    "Kling-V3": "kling-v3",
    "kling_v3": "kling-v3",
    "kling v3": "kling-v3",
    "klng-v3": "kling-v3",
    "vidu-q2-pro-fast": "viduq2-pro-fast",
    "viduq2-pro-fats": "viduq2-pro-fast",
    "wan27-r2v": "wan2.7-r2v",
    "wan2.6-i2v-falsh": "wan2.6-i2v-flash",
}
OTHERS = [
    "kling-v2", "kling-v3-turbo", "kling-o3", "kling", "viduq2-pro", "viduq2-turbo", "viduq3-pro-fast",
    "wan2.6-t2v-flash", "wan2.7-i2v", "wan2.7-t2v", "wan2.6-i2v", "sora-2", "m", "", "字", "3", "v3",
]  # fmt: skip


@pytest.mark.parametrize("model", MISSPELLED)
def test_a_misspelled_id_is_warned_of(model: str) -> None:
    text = f"{model}: model {model!r} is not a known id; did you mean {MISSPELLED[model]!r}?"
    with pytest.warns(UnknownModelWarning) as caught:
        requests = [request_for(model, prompt="p"), VideoRequest(model=model, prompt="p")]
    assert [(str(warning.message), warning.filename) for warning in caught] == [(text, __file__)] * 2
    for request in requests:
        assert [(remark.field, remark.category) for remark in request.remarks()] == [("model", UnknownModelWarning)]


@pytest.mark.parametrize("model", [*OTHERS, *CATALOG.models])
def test_the_id_of_another_model_is_not(model: str) -> None:
    if model:
        assert VideoRequest(model=model, prompt="p").remarks() == ()
    assert CATALOG.similar_model(model) is None


def test_the_warning_comes_before_anything_is_sent() -> None:
    with serve([{"task_id": "task_1"}]) as server, ModelStream("sk-very-secret", base_url=server.url) as client:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UnknownModelWarning)
            with pytest.raises(UnknownModelWarning, match="did you mean 'kling-v3'"):
                client.submit("klingv3", prompt="p")  # type: ignore[call-overload]
        assert server.count() == 0


def test_without_a_generic_class_the_error_suggests_the_id() -> None:
    catalog = Catalog(
        package="modelstream",
        gateway=CATALOG.gateway,
        models={"kling-v3": "modelstream.models.kling_v3:KlingV3"},
        generic=None,
        schemas="modelstream.schemas",
        client="",
        async_client="",
        mock="",
    )
    with pytest.raises(InvalidRequest, match="'klingv3' is not one of kling-v3; did you mean 'kling-v3'"):
        catalog.request_for("klingv3", prompt="p")
