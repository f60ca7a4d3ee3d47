"""A body read back gives the request that made it, and a body that no request makes is refused, place by place."""

from __future__ import annotations

import base64
import copy
import json
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.ir import OpenObject
from modelstream import InvalidRequest, KlingV3, Problem, Request, VideoRequest, ViduQ2ProFast, Wan26I2VFlash, Wan27R2V
from modelstream_runtime.payload import as_text
from modelstream_runtime.wire import Target, read_body
from tests.support.golden import Golden, documented, goldens, model_of

# Random requests set fields that the model then ignores.
pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

fast = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

Values = dict[str, Any]

PNG = b"\x89PNG\r\n\x1a\n"

letters = st.characters(exclude_categories=["Cs"])
urls = st.text("abcxyz0123/?&=%.-_~é日'\"$", min_size=1, max_size=20).map(lambda text: f"https://example.com/{text}")
base64_pictures = st.binary(max_size=8).map(lambda content: base64.b64encode(PNG + content).decode())
pictures = urls | base64_pictures.map(lambda text: f"data:image/png;base64,{text}")
kling_pictures = urls | base64_pictures
videos = urls | st.just("data:video/mp4;base64," + base64.b64encode(b"\0\0\0\x18ftypmp42").decode())
sounds = urls | st.just("data:audio/wav;base64," + base64.b64encode(b"RIFF\0\0\0\0WAVE").decode())
switches = st.booleans()


def texts(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.text(letters, min_size=shortest, max_size=min(longest, 30)) | st.just("字" * longest)


def form(required: Mapping[str, Any], optional: Mapping[str, Any]) -> st.SearchStrategy[Values]:
    """The required fields, and of the others some with a value, some with None and some left to their default."""
    chosen = {name: st.none() | values for name, values in optional.items()}
    return st.fixed_dictionaries(dict(required), optional=chosen)


@st.composite
def kling(draw: st.DrawFn) -> KlingV3:
    values: Values = draw(
        form(
            {"prompt": texts(2500)},
            {
                "duration": st.integers(3, 15),
                "mode": st.sampled_from(["std", "pro"]),
                "cfg_scale": st.integers(0, 10).map(lambda tenths: tenths / 10),
                "aspect_ratio": st.sampled_from(["16:9", "9:16", "1:1"]),
                "watermark_enabled": switches,
                "negative_prompt": texts(2500, shortest=0),
            },
        )
    )
    shape = draw(st.sampled_from(["text", "first", "first and last", "references", "intelligence", "customize"]))
    if shape.startswith("first"):
        values["image"] = draw(kling_pictures)
    if shape == "first and last":
        values["image_tail"] = draw(kling_pictures)
    if shape == "references":
        values["reference_images"] = draw(kling_pictures | st.lists(kling_pictures, max_size=7))
    if shape in ("intelligence", "customize"):
        values |= {"multi_shot": True, "shot_type": shape}
    if shape == "customize":
        lengths = draw(st.lists(st.integers(1, 5), min_size=1, max_size=3).filter(lambda lengths: sum(lengths) >= 3))
        values["duration"] = draw(st.sampled_from([sum(lengths), None]))
        values["multi_prompt"] = [{"prompt": draw(texts(512)), "duration": length} for length in lengths]
    return KlingV3(**values)


@st.composite
def vidu(draw: st.DrawFn) -> ViduQ2ProFast:
    values: Values = draw(
        form(
            {"prompt": texts(2000), "image": pictures},
            {
                "stype": st.sampled_from(["general", "anime"]),
                "duration": st.integers(1, 10),
                "is_rec": switches,
                "audio": switches,
                "audio_type": st.sampled_from(["All", "Speech_only", "Sound-effect_only"]),
                "seed": st.integers(0, 99_999_999),
                "resolution": st.sampled_from(["720p", "1080p"]),
                "bgm": switches,
                "movement_amplitude": st.sampled_from(["auto", "small", "medium", "large"]),
            },
        )
    )
    if values.get("audio"):
        values["off_peak"] = draw(switches)
    return ViduQ2ProFast(**values)


@st.composite
def wan26(draw: st.DrawFn) -> Wan26I2VFlash:
    values: Values = draw(
        form(
            {"prompt": texts(1500), "img_url": pictures},
            {
                "duration": st.integers(2, 15),
                "negative_prompt": texts(500, shortest=0),
                "audio_url": sounds,
                "resolution": st.sampled_from(["1080P", "720P"]),
                "prompt_extend": switches,
                "shot_type": st.sampled_from(["single", "multi"]),
                "audio": switches,
                "watermark": switches,
                "seed": st.integers(0, 2_147_483_647),
            },
        )
    )
    return Wan26I2VFlash(**values)


@st.composite
def wan27(draw: st.DrawFn) -> Wan27R2V:
    values: Values = draw(
        form(
            {"prompt": texts(5000), "reference_image": pictures | st.lists(pictures, min_size=1, max_size=3)},
            {
                "resolution": st.sampled_from(["1080P", "720P"]),
                "duration": st.integers(2, 10),
                "reference_video": videos | st.lists(videos, max_size=2),
                "first_frame": pictures,
                "reference_voice": sounds,
                "negative_prompt": texts(500, shortest=0),
                "ratio": st.sampled_from(["16:9", "9:16", "1:1", "4:3", "3:4"]),
                "prompt_extend": switches,
                "watermark": switches,
                "seed": st.integers(0, 2_147_483_647),
            },
        )
    )
    return Wan27R2V(**values)


json_values = st.recursive(
    st.none() | switches | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(letters),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(letters), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def generic(draw: st.DrawFn) -> VideoRequest:
    values: Values = draw(
        form(
            {"model": texts(60), "prompt": texts(60)},
            {
                "image": pictures | texts(40),
                "duration": st.integers(1, 3600),
                "width": st.integers(1, 10**6),
                "height": st.integers(1, 10**6),
                "fps": st.integers(1, 240),
                "seed": st.integers(),
                "n": st.integers(1, 10),
                "response_format": st.text(letters),
                "user": st.text(letters),
                "metadata": st.dictionaries(st.text(letters), json_values, max_size=4),
            },
        )
    )
    return VideoRequest(**values)


@fast
@given(kling() | vidu() | wan26() | wan27() | generic())
def test_a_payload_gives_its_request_back(request: Request) -> None:
    payload = request.to_payload()
    back = type(request).from_payload(payload)
    assert back == request
    assert hash(back) == hash(request)
    assert back.to_payload() == payload


@fast
@given(kling() | vidu() | wan26() | wan27() | generic())
def test_json_on_the_way_changes_nothing(request: Request) -> None:
    payload = request.to_payload()
    encoded = json.dumps(payload)
    back = type(request).from_payload(json.loads(encoded))
    assert back == request
    # Byte for byte, so that an integer is no float and False is no 0.
    assert json.dumps(back.to_payload()) == encoded


@fast
@given(generic())
def test_metadata_travels_as_it_is(request: VideoRequest) -> None:
    assert request.to_payload().get("metadata") == request.metadata
    assert repr(request.to_payload().get("metadata")) == repr(request.metadata)


@fast
@given(kling() | vidu() | wan26() | wan27())
def test_a_payload_has_no_empty_places(request: Request) -> None:
    assert None not in list(nodes(request.to_payload()))
    assert {} not in list(nodes(request.to_payload()))
    assert [] not in list(nodes(request.to_payload()))


def nodes(node: Any) -> Iterator[Any]:
    yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(inner)


def test_a_payload_is_the_callers_own() -> None:
    request = VideoRequest(model="m", prompt="p", metadata={"a": {"b": [1]}})
    request.to_payload()["metadata"]["a"]["b"].append(2)
    body = request.to_payload()
    back = VideoRequest.from_payload(body)
    body["metadata"]["a"]["b"].append(3)
    assert request.metadata == back.metadata == {"a": {"b": [1]}}


# What no request makes.


def places(golden: Golden) -> Iterator[tuple[str, tuple[str | int, ...], Any]]:
    """Every node of the body: how a message calls its place, the way there, and what stands there.

    What is in an object of the caller's own has no place that a message could name, and a constant is one whole.
    """
    model = model_of(golden)
    own = {str(field.target) for field in model.fields if isinstance(field, OpenObject)}
    own |= {str(constant.target) for constant in model.constants if isinstance(constant.value, (dict, list))}
    stack: list[tuple[str, tuple[str | int, ...], Any]] = [("", (), golden.body)]
    while stack:
        name, way, node = stack.pop(0)
        if name in own:
            continue
        yield name, way, node
        if isinstance(node, dict):
            stack += [(f"{name}.{key}".lstrip("."), (*way, key), inner) for key, inner in node.items()]
        elif isinstance(node, list):
            stack += [(f"{name}[{index}]", (*way, index), inner) for index, inner in enumerate(node)]


def changed(body: Any, way: tuple[str | int, ...], value: Any) -> Any:
    result = copy.deepcopy(body)
    *outer, last = way
    node = result
    for step in outer:
        node = node[step]
    node[last] = value
    return result


def problems_with(golden: Golden, body: Any) -> list[Problem]:
    with pytest.raises(InvalidRequest) as refused:
        golden.cls.from_payload(body)
    return list(refused.value.problems)


every_golden = pytest.mark.parametrize("golden", goldens(), ids=str)


@every_golden
def test_unknown_keys_are_refused_wherever_they_are(golden: Golden) -> None:
    for name, way, node in places(golden):
        if isinstance(node, dict):
            expected = f"{name}.brand_new".lstrip(".")
            found = problems_with(golden, changed(golden.body, (*way, "brand_new"), 1))
            # An item of a list is one whole: with a strange key it is no item.
            assert any(problem.path in (expected, name) for problem in found if problem.path), expected
            if "[" not in name:
                assert [(problem.path, problem.value) for problem in found] == [(expected, 1)]


@every_golden
def test_unknown_items_are_refused(golden: Golden) -> None:
    for name, way, node in places(golden):
        if isinstance(node, list):
            found = problems_with(golden, changed(golden.body, way, [*node, {"brand_new": 1}]))
            # Told at the strange key, or at the one that says what kind of item it is; or it is no value at all.
            item = f"{name}[{len(node)}]"
            assert found
            assert [problem for problem in found if not problem.path.startswith(item)] == []


@every_golden
@pytest.mark.parametrize("wrong", ["text", 7, [1], True, None], ids=repr)
def test_wrong_containers_are_refused(golden: Golden, wrong: Any) -> None:
    for name, way, node in places(golden):
        if isinstance(node, dict) and way and "[" not in name:
            found = problems_with(golden, changed(golden.body, way, wrong))
            assert name in [problem.path.partition("[")[0] for problem in found]
        if isinstance(node, list) and not isinstance(wrong, list):
            found = problems_with(golden, changed(golden.body, way, wrong))
            assert name in [problem.path for problem in found]


@pytest.mark.parametrize("wrong", [None, "kling-v3", 5, [], [("model", "kling-v3")]], ids=repr)
def test_a_body_that_is_no_object_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidRequest, match="is not an object"):
        KlingV3.from_payload(wrong)


@pytest.mark.parametrize("golden", [golden for golden in documented() if golden.model != "generic"], ids=str)
def test_a_body_of_another_model_is_refused(golden: Golden) -> None:
    assert (
        str(problems_with(golden, golden.body | {"model": "sora-2"})[0].message) == f"'sora-2' is not '{golden.model}'"
    )
    without = {key: value for key, value in golden.body.items() if key != "model"}
    assert [problem.path for problem in problems_with(golden, without)] == ["model"]


@every_golden
def test_numbers_and_switches_keep_their_kind(golden: Golden) -> None:
    """What the gateway would quietly read as something else is refused, and the place is named."""
    lists = model_of(golden).lists
    positions = {".".join((str(f.target), *path)) for f in lists for path in f.item.paths_of("position")}
    for name, way, node in places(golden):
        wrong: list[Any] = []
        if isinstance(node, bool):
            wrong = ["true", 1, 0]
        elif isinstance(node, int) and re.sub(r"\[\d+\]", "[]", name) not in positions:
            wrong = [str(node), float(node), True, math.inf]
        elif isinstance(node, float):
            wrong = [str(node), True, math.nan, math.inf]
        for value in wrong:
            found = problems_with(golden, changed(golden.body, way, value))
            # A constant makes an item what it is: with another it is no item. A value of a field is told at its array.
            told = {name, name.rpartition(".")[0], f"{name.partition('[')[0]}[]"}
            assert told & {problem.path for problem in found}, (name, value)


@every_golden
def test_what_is_not_on_the_wire_is_none(golden: Golden) -> None:
    """Not even where the field has a default: the body of the fewest fields that the model takes is read back."""
    values = dict(golden.values)
    for name, field in golden.cls.model_fields.items():
        if not field.is_required():
            with suppress(InvalidRequest):  # A rule asks for this one.
                golden.cls(**values | {name: None})
                values[name] = None
    fewest = {name for name, value in values.items() if value is not None}
    body = golden.cls(**values).to_payload()
    request = golden.cls.from_payload(body)
    assert {name for name in golden.cls.model_fields if getattr(request, name) is not None} == fewest
    assert fewest <= golden.values.keys()
    assert request.to_payload() == body


def test_all_problems_are_reported_together_with_their_places() -> None:
    body = {
        "model": "kling-v2",
        "duration": 5.0,
        "mode": "prro",
        "size": "1080P",
        "metadata": {
            "cfg_scal": 0.5,
            "cfg_scale": "0.5",
            "watermark_info": True,
            "multi_prompt": [
                {"index": 1, "prompt": "", "duration": "16"},
                {"index": 3, "prompt": "The second", "duration": "5"},
            ],
        },
    }
    with pytest.raises(InvalidRequest) as refused:
        KlingV3.from_payload(body)
    assert [(problem.field, problem.path) for problem in refused.value.problems] == [
        ("model", "model"),
        ("size", "size"),
        ("metadata.cfg_scal", "metadata.cfg_scal"),
        ("metadata.watermark_info", "metadata.watermark_info"),
        ("multi_prompt[1].index", "metadata.multi_prompt[1].index"),
        ("prompt", "prompt"),
        ("duration", "duration"),
        ("mode", "mode"),
        ("cfg_scale", "metadata.cfg_scale"),
        ("multi_prompt[0].prompt", "metadata.multi_prompt[0].prompt"),
        ("multi_prompt[0].duration", "metadata.multi_prompt[0].duration"),
    ]
    assert str(refused.value).splitlines()[:6] == [
        "11 problems in a kling-v3 request",
        "  model                     'kling-v2' is not 'kling-v3'",
        "  size                      no field travels there",
        "  metadata.cfg_scal         no field travels there; did you mean 'metadata.cfg_scale'?",
        "  metadata.watermark_info   True is not an object",
        "  multi_prompt[1].index     3 is out of order; the items are numbered from 1"
        " [sent as metadata.multi_prompt[1].index]",
    ]


def test_rules_hold_for_bodies_too() -> None:
    body = KlingV3(prompt="p", image="https://example.com/a.png").to_payload()
    body["metadata"]["image_list"] = [{"image_url": "https://example.com/b.png"}]
    with pytest.raises(InvalidRequest, match="reference_images  is only for Reference to Video") as refused:
        KlingV3.from_payload(body)
    assert [problem.path for problem in refused.value.problems] == ["metadata.image_list[]"]


def test_items_find_their_fields_in_any_order() -> None:
    media = [
        {"type": "first_frame", "url": "https://example.com/first"},
        {"type": "reference_video", "url": "https://example.com/v"},
        {"type": "reference_image", "url": "https://example.com/1", "reference_voice": "https://example.com/voice"},
        {"url": "https://example.com/2", "type": "reference_image"},
    ]
    request = Wan27R2V.from_payload({"model": "wan2.7-r2v", "prompt": "p", "metadata": {"input": {"media": media}}})
    assert request.reference_image == ("https://example.com/1", "https://example.com/2")
    assert request.reference_video == ("https://example.com/v",)
    assert request.first_frame == "https://example.com/first"
    assert request.reference_voice == "https://example.com/voice"


def test_a_second_picture_where_one_is_allowed_is_refused() -> None:
    frame = {"type": "first_frame", "url": "https://example.com/first"}
    image = {"type": "reference_image", "url": "https://example.com/1"}
    body = {"model": "wan2.7-r2v", "prompt": "p", "metadata": {"input": {"media": [frame, image, frame]}}}
    with pytest.raises(InvalidRequest) as refused:
        Wan27R2V.from_payload(body)
    assert [problem.path for problem in refused.value.problems] == ["metadata.input.media[2]"]
    two = ["https://example.com/1", "https://example.com/2"]
    with pytest.raises(InvalidRequest) as refused:
        ViduQ2ProFast.from_payload({"model": "viduq2-pro-fast", "prompt": "p", "images": two})
    assert [problem.path for problem in refused.value.problems] == ["images[1]"]


def test_a_voice_attaches_to_the_first_image_only() -> None:
    image = {"type": "reference_image", "url": "https://example.com/1"}
    voiced = image | {"reference_voice": "https://example.com/voice"}
    body = {"model": "wan2.7-r2v", "prompt": "p", "metadata": {"input": {"media": [image, voiced]}}}
    with pytest.raises(InvalidRequest) as refused:
        Wan27R2V.from_payload(body)
    assert [problem.path for problem in refused.value.problems] == ["metadata.input.media[1].reference_voice"]


def test_true_is_not_the_position_1() -> None:
    shot = {"index": True, "prompt": "p", "duration": "3"}
    body = {"model": "kling-v3", "prompt": "p", "metadata": {"multi_prompt": [shot]}}
    with pytest.raises(InvalidRequest) as refused:
        KlingV3.from_payload(body)
    assert [problem.path for problem in refused.value.problems] == ["metadata.multi_prompt[0].index"]


@pytest.mark.parametrize("depth", [400, 40_000])
def test_a_body_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    deep: Any = 1
    for _ in range(depth):
        deep = [{"a": deep}]
    body = {"model": "kling-v3", "prompt": "p", "metadata": deep}
    with pytest.raises(InvalidRequest):
        KlingV3.from_payload(body)
    with pytest.raises(InvalidRequest):
        VideoRequest.from_payload(body)
    with pytest.raises(InvalidRequest):
        VideoRequest(model="m", prompt="p", metadata={"a": deep})
    with pytest.raises(InvalidRequest):
        KlingV3(prompt=deep)


@pytest.mark.parametrize(
    ("number", "text"), [(1e-05, "0.00001"), (1e22, "1" + "0" * 22), (-0.5, "-0.5"), (2.0, "2.0"), (5, "5")]
)
def test_a_number_in_a_text_has_no_exponent(number: float, text: str) -> None:
    assert as_text(number) == text
    assert read_body({"n": text}, {"n": Target("n", as_text={"n": float})}) == ({"n": number}, [], {}, [])


@pytest.mark.parametrize("length", ["5.0", "05", " 5", "five", "\u0665", "", "5s", "1e0", "NaN"])
def test_a_number_in_a_text_is_written_one_way(length: str) -> None:
    shot = {"index": 1, "prompt": "p", "duration": length}
    body = {"model": "kling-v3", "prompt": "p", "duration": 5, "metadata": {"multi_prompt": [shot]}}
    with pytest.raises(InvalidRequest) as refused:
        KlingV3.from_payload(body)
    assert [problem.path for problem in refused.value.problems] == ["metadata.multi_prompt[0].duration"]


@pytest.mark.parametrize(("constant", "stranger"), [(1, True), (0, False), (1, 1.0), ("1", 1)])
def test_constants_of_an_item_differ_by_type(constant: Any, stranger: Any) -> None:
    """``True`` equals 1 in Python and not on the wire; no model has such a constant yet."""
    targets = {"pictures": Target("media[]", item={"kind": constant, "url": "$value"}, many=True)}
    values, problems, *_ = read_body({"media": [{"kind": constant, "url": "u"}]}, targets)
    assert (values, problems) == ({"pictures": ["u"]}, [])
    values, problems, *_ = read_body({"media": [{"kind": stranger, "url": "u"}]}, targets)
    assert values == {}
    assert len(problems) == 1
