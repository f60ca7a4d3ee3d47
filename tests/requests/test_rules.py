"""Rules between the fields of a model: the violating and the barely allowed values, the field that is blamed, and
warnings, which are for what the caller set and for nobody else."""

from __future__ import annotations

import json
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import pytest

from generator.load import load
from modelstream import (
    IgnoredFieldWarning,
    InvalidRequest,
    KlingV3,
    KlingV3Shot,
    ModelStreamWarning,
    Remark,
    Request,
    UnusualValueWarning,
    ViduQ2ProFast,
    Wan26I2VFlash,
    Wan27R2V,
    request_for,
)
from modelstream_runtime.rules import (
    AtLeastOne,
    AtMostOne,
    Count,
    ExactlyOne,
    Forbids,
    Requires,
    RequiresValue,
    Rule,
    Within,
)
from tests.support.golden import SCHEMAS

URL = "https://example.com/a"
URLS = [f"https://example.com/{number}" for number in range(6)]


def shots(*lengths: int) -> list[KlingV3Shot]:
    return [KlingV3Shot(prompt="a", duration=length) for length in lengths]


class Case(NamedTuple):
    """One rule of a model: what breaks it, what barely does not, and what the caller reads."""

    model: type[Request]
    because: str
    """The rule's reason in the schema, which identifies it."""
    blamed: str
    message: str
    breaking: list[dict[str, Any]]
    allowed: list[dict[str, Any]]
    warning: type[ModelStreamWarning] | None = None

    def __str__(self) -> str:
        return f"{self.model.__name__}-{self.because}"


CUSTOM = {"multi_shot": True, "shot_type": "customize"}

CASES = [
    Case(
        KlingV3,
        "a storyboard cannot be steered to a last frame",
        "image_tail",
        "cannot be given with multi_shot=True",
        [{"multi_shot": True, "shot_type": "intelligence", "image": URL, "image_tail": URL}],
        [
            {"multi_shot": False, "image": URL, "image_tail": URL},
            {"multi_shot": True, "shot_type": "intelligence", "image": URL},
        ],
    ),
    Case(
        KlingV3,
        "a storyboard needs to know who writes the shots",
        "shot_type",
        "is needed with multi_shot=True",
        [{"multi_shot": True}, {"multi_shot": True, "shot_type": None}],
        [{"multi_shot": True, "shot_type": "intelligence"}, {"multi_shot": False}, {"multi_shot": None}],
    ),
    Case(
        KlingV3,
        "a customized storyboard needs its shots",
        "multi_prompt",
        "is needed with multi_shot=True and shot_type='customize'",
        [CUSTOM, CUSTOM | {"multi_prompt": None}],
        [CUSTOM | {"multi_prompt": shots(5)}, {"multi_shot": True, "shot_type": "intelligence"}],
    ),
    Case(
        KlingV3,
        "the shots together must be as long as the video",
        "duration",
        "5 is not 6, the sum of duration in multi_prompt",
        [CUSTOM | {"multi_prompt": shots(3, 3)}, CUSTOM | {"multi_prompt": shots(6), "duration": 5}],
        [
            CUSTOM | {"multi_prompt": shots(3, 2)},
            CUSTOM | {"multi_prompt": shots(1, 1, 1), "duration": 3},
            CUSTOM | {"multi_prompt": shots(5, 2, 2, 2, 2, 2), "duration": 15},
            CUSTOM | {"multi_prompt": shots(6), "duration": None},
        ],
    ),
    Case(
        KlingV3,
        "it takes effect only when multi_shot is on",
        "shot_type",
        "is ignored",
        [
            {"shot_type": "customize"},
            {"shot_type": "intelligence", "multi_shot": False},
            {"shot_type": "intelligence", "multi_shot": None},
        ],
        [{"shot_type": "intelligence", "multi_shot": True}, {"shot_type": None}],
        IgnoredFieldWarning,
    ),
    Case(
        KlingV3,
        "shots are only read in a customized storyboard",
        "multi_prompt",
        "is ignored",
        [{"multi_prompt": shots(5)}, {"multi_prompt": shots(3), "multi_shot": True, "shot_type": "intelligence"}],
        [CUSTOM | {"multi_prompt": shots(5)}, {"multi_prompt": None}],
        IgnoredFieldWarning,
    ),
    Case(
        KlingV3,
        "the video takes the aspect ratio of its first frame",
        "aspect_ratio",
        "is ignored",
        [{"image": URL, "aspect_ratio": "1:1"}, {"image": URL, "aspect_ratio": "16:9"}],
        [{"image": URL}, {"aspect_ratio": "1:1"}, {"image": URL, "aspect_ratio": None}],
        IgnoredFieldWarning,
    ),
    Case(
        KlingV3,
        "the page calls 5 and 10 seconds standard for a single shot; the vendor accepts other lengths too",
        "duration",
        "7 is unusual",
        [{"duration": 7}, {"duration": 7, "multi_shot": False}],
        [
            {"duration": 5},
            {"duration": 10},
            {"duration": None},
            {"duration": 7, "multi_shot": True, "shot_type": "intelligence"},
        ],
        UnusualValueWarning,
    ),
    Case(
        ViduQ2ProFast,
        "off-peak jobs are only taken with audio on",
        "audio",
        "must be True with off_peak=True",
        [{"off_peak": True}, {"off_peak": True, "audio": False}, {"off_peak": True, "audio": None}],
        [{"off_peak": True, "audio": True}, {"off_peak": False}, {"off_peak": None, "audio": False}],
    ),
    Case(
        ViduQ2ProFast,
        "it takes effect only when audio is on",
        "audio_type",
        "is ignored",
        [{"audio_type": "Speech_only"}, {"audio_type": "All", "audio": False}],
        [{"audio_type": "Speech_only", "audio": True}, {"audio": False}, {"audio_type": None}],
        IgnoredFieldWarning,
    ),
    Case(
        ViduQ2ProFast,
        "Vidu adds no music to videos of 9 or 10 seconds",
        "bgm",
        "is ignored",
        [{"bgm": True, "duration": 9}, {"bgm": True, "duration": 10}, {"bgm": False, "duration": 9}],
        [{"bgm": True, "duration": 8}, {"bgm": True}, {"duration": 10}, {"duration": 9, "bgm": None}],
        IgnoredFieldWarning,
    ),
    Case(
        Wan26I2VFlash,
        "it takes effect only when prompt_extend is on",
        "shot_type",
        "is ignored",
        [{"shot_type": "multi", "prompt_extend": False}, {"shot_type": "single", "prompt_extend": None}],
        [{"shot_type": "multi"}, {"prompt_extend": False}, {"shot_type": None, "prompt_extend": False}],
        IgnoredFieldWarning,
    ),
    Case(
        Wan26I2VFlash,
        "the sound file takes precedence",
        "audio",
        "is ignored",
        [{"audio_url": URL, "audio": True}, {"audio_url": URL, "audio": False}],
        [{"audio_url": URL}, {"audio": False}, {"audio_url": URL, "audio": None}, {"audio_url": None, "audio": True}],
        IgnoredFieldWarning,
    ),
    Case(
        Wan27R2V,
        "a video with a reference video lasts at most 10 seconds",
        "duration",
        "11 is more than 10",
        [{"reference_video": URL, "duration": 11}, {"reference_video": [URL], "duration": 11}],
        [
            {"reference_video": URL, "duration": 10},
            {"duration": 11},
            {"reference_video": URL, "duration": None},
            {"reference_video": [], "duration": 15},
        ],
    ),
    Case(
        Wan27R2V,
        "images and videos together may be at most 5 references",
        "reference_video",
        "6 in reference_image and reference_video together is more than 5",
        [
            {"reference_image": URLS[:3], "reference_video": URLS[:3]},
            {"reference_image": URLS[:1], "reference_video": URLS[:5]},
            {"reference_image": URLS[:5], "reference_video": URL},
        ],
        [
            {"reference_image": URLS[:5]},
            {"reference_image": URLS[:2], "reference_video": URLS[:3]},
            {"reference_image": URL, "reference_video": URLS[:4]},
            {"reference_image": URLS[:5], "first_frame": URL},
        ],
    ),
    Case(
        Wan27R2V,
        "the video takes the aspect ratio of its first frame",
        "ratio",
        "is ignored",
        [{"first_frame": URL, "ratio": "1:1"}, {"first_frame": URL, "ratio": "16:9"}],
        [{"first_frame": URL}, {"ratio": "1:1"}, {"first_frame": URL, "ratio": None}],
        IgnoredFieldWarning,
    ),
]

REQUIRED: dict[type[Request], dict[str, Any]] = {
    KlingV3: {"prompt": "p"},
    ViduQ2ProFast: {"prompt": "p", "image": URL},
    Wan26I2VFlash: {"prompt": "p", "img_url": URL},
    Wan27R2V: {"prompt": "p", "reference_image": URL},
}

errors = pytest.mark.parametrize("case", [case for case in CASES if case.warning is None], ids=str)
warned = pytest.mark.parametrize("case", [case for case in CASES if case.warning is not None], ids=str)
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def values_of(case: Case, values: dict[str, Any]) -> dict[str, Any]:
    return REQUIRED[case.model] | values


def test_every_rule_of_the_models_in_the_table_is_tried() -> None:
    """The table is written by hand, as a second opinion; the conformance tests try the rules of all models."""
    models = {str(case.model._model_id) for case in CASES}
    in_schemas = [
        (path.stem, rule["because"])
        for path in SCHEMAS
        if path.stem in models
        for rule in load(path).data.get("rules", [])
    ]
    assert sorted(in_schemas) == sorted((str(case.model._model_id), case.because) for case in CASES)


@pytest.mark.parametrize(
    ("values", "blamed", "message"),
    [
        (
            {"image": URL, "reference_images": URL},
            "reference_images",
            "is only for Reference to Video, not for Image to Video (selected by image)",
        ),
        (
            {"image": URL, "reference_images": [URL]},
            "reference_images",
            "is only for Reference to Video, not for Image to Video (selected by image)",
        ),
        ({"image_tail": URL}, "image", "is needed for Image to Video (selected by image_tail)"),
        ({"image_tail": URL, "image": None}, "image", "is needed for Image to Video (selected by image_tail)"),
        (
            {"image": URL, "image_tail": URL, "reference_images": [URL]},
            "reference_images",
            "is only for Reference to Video, not for Image to Video (selected by image and image_tail)",
        ),
    ],
)
def test_the_page_s_modes_cannot_be_mixed(values: dict[str, Any], blamed: str, message: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        KlingV3(prompt="a", **values)
    [problem] = refused.value.problems
    assert (problem.field, problem.message) == (blamed, message)
    assert problem.path == KlingV3._targets[blamed].path


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"image": URL},
        {"reference_images": URL},
        {"reference_images": [URL]},
        {"image": URL, "reference_images": []},
        {"image_tail": URL, "image": URL},
        {"image": URL, "image_tail": URL, "reference_images": []},
    ],
)
def test_the_fields_of_one_mode_go_together(values: dict[str, Any]) -> None:
    KlingV3(prompt="a", **values)


@errors
def test_a_broken_rule_blames_one_field(case: Case) -> None:
    for values in case.breaking:
        with pytest.raises(InvalidRequest) as refused:
            case.model(**values_of(case, values))
        found = [problem for problem in refused.value.problems if problem.message.endswith(f": {case.because}")]
        assert [problem.field for problem in found] == [case.blamed]
        assert found[0].path == case.model._targets[case.blamed].path


@errors
def test_the_message_of_a_broken_rule(case: Case) -> None:
    with pytest.raises(InvalidRequest) as refused:
        case.model(**values_of(case, case.breaking[0]))
    assert f"{case.message}: {case.because}" in [problem.message for problem in refused.value.problems]


@every_case
def test_what_barely_keeps_the_rule_is_taken(case: Case) -> None:
    for values in case.allowed:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            case.model(**values_of(case, values))
        assert [str(warning.message) for warning in caught if case.because in str(warning.message)] == []


@warned
def test_what_is_set_for_nothing_is_warned_of(case: Case) -> None:
    assert case.warning is not None
    for values in case.breaking:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            case.model(**values_of(case, values))
        found = [warning for warning in caught if case.because in str(warning.message)]
        assert len(found) == 1
        assert found[0].category is case.warning
        assert str(found[0].message) == f"{case.model._model_id}: {case.blamed} {case.message}: {case.because}"
        assert found[0].filename == __file__


@warned
def test_a_default_is_never_warned_of(case: Case) -> None:
    """The same values, left to the class or read from a body, which says nothing about who chose them."""
    for values in case.breaking:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModelStreamWarning)
            request = case.model(**values_of(case, values))
        case.model.from_payload(request.to_payload())
        if case.warning is IgnoredFieldWarning:
            others = {name: value for name, value in values.items() if name != case.blamed}
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                case.model(**values_of(case, others))
            assert [warning for warning in caught if case.because in str(warning.message)] == []


@pytest.mark.parametrize("model", REQUIRED, ids=lambda model: model.__name__)
def test_a_plain_request_warns_of_nothing(model: type[Request]) -> None:
    request = model(**REQUIRED[model])
    assert model.from_payload(request.to_payload()) == request


def test_a_warning_can_be_made_an_error() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", ModelStreamWarning)
        with pytest.raises(IgnoredFieldWarning, match="aspect_ratio"):
            KlingV3(prompt="p", image=URL, aspect_ratio="1:1")


IGNORED: dict[str, Any] = {"prompt": "p", "image": URL, "aspect_ratio": "1:1"}
PLAIN = KlingV3(prompt="p", image=URL)

CALLS: dict[str, Any] = {
    "class": lambda: KlingV3(**IGNORED),
    "request_for": lambda: request_for("kling-v3", **IGNORED),
    "replace": lambda: PLAIN.replace(aspect_ratio="1:1"),
    "model_copy": lambda: PLAIN.model_copy(update={"aspect_ratio": "1:1"}),
    "model_validate": lambda: KlingV3.model_validate(IGNORED),
    "model_validate_json": lambda: KlingV3.model_validate_json(json.dumps(IGNORED)),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_a_warning_points_at_the_callers_line(call: str) -> None:
    with pytest.warns(IgnoredFieldWarning, match="aspect_ratio") as caught:
        CALLS[call]()
    places = [(warning.filename, warning.lineno) for warning in caught]
    assert places == [(__file__, CALLS[call].__code__.co_firstlineno)]


def test_several_rules_are_reported_together() -> None:
    with pytest.raises(InvalidRequest) as refused:
        Wan27R2V(prompt="p", reference_image=URLS[:5], reference_video=URL, duration=11)
    assert [problem.field for problem in refused.value.problems] == ["duration", "reference_video"]


# Kinds of rule that the five models do not use, or not in every way.


def findings(rule: Rule, **values: Any) -> list[tuple[str, str]]:
    return [(finding.field, finding.message) for finding in rule.findings(values)]


def test_at_least_one() -> None:
    rule = AtLeastOne("a", "b")
    assert findings(rule) == [("a", "one of a, b is needed")]
    assert findings(rule, a=[], b=None) == [("a", "one of a, b is needed")]
    assert findings(rule, b="x") == findings(rule, a="x", b="x") == findings(rule, a=0) == []


def test_exactly_one() -> None:
    rule = ExactlyOne("a", "b", "c")
    assert findings(rule) == [("a", "one of a, b, c is needed")]
    assert findings(rule, b="x") == []
    assert findings(rule, a="x", c="x") == [("c", "cannot be given together with a")]


def test_at_most_one_blames_all_but_the_first() -> None:
    found = findings(AtMostOne("a", "b", "c"), a=False, b=[1], c="x")
    assert found == [("b", "cannot be given together with a"), ("c", "cannot be given together with a")]


def test_count_has_a_lower_bound_too() -> None:
    rule = Count("a", "b", minimum=2, maximum=3)
    assert findings(rule, a="x") == [("a", "1 in a and b together is fewer than 2")]
    assert findings(rule, a="x", b=["y"]) == findings(rule, b=["y", "y", "y"]) == []
    assert findings(rule, a=["x"] * 4) == [("a", "4 in a and b together is more than 3")]


def test_bounds_may_be_lower_ones() -> None:
    rule = Within(minimum={"a": 3}, maximum={"b": 1}, unless={"c": "absent"})
    assert findings(rule, a=2, b=2, c=0) == [("a", "2 is less than 3"), ("b", "2 is more than 1")]
    assert findings(rule, a=3, b=1, c=0) == findings(rule, a=None, b=None, c=0) == findings(rule, a=2, b=2) == []


def test_a_condition_may_name_several_values_and_fields() -> None:
    rule = Requires("z", when={"a": [1, 2], "b": "absent"}, because="so it is")
    assert findings(rule, a=2) == [("z", "is needed with a=1 or 2 and no b: so it is")]
    assert findings(rule, a=3) == findings(rule, a=1, b="x") == findings(rule, a=1, z=0) == []


def test_a_required_value_is_not_just_any() -> None:
    rule = RequiresValue({"a": True}, when={"b": "present"})
    assert findings(rule, b="x") == findings(rule, b="x", a=False) == [("a", "must be True with b")]
    assert findings(rule, b="x", a=True) == findings(rule, a=False) == []


def test_nothing_given_is_nothing_forbidden() -> None:
    rule = Forbids("a", when={"b": "present"})
    assert findings(rule, b={"k": 1}, a=[0]) == [("a", "cannot be given with b")]
    assert findings(rule, b={"k": 1}, a=[]) == findings(rule, b={}, a=1) == findings(rule, b=(), a=1) == []


# Remarks: what a request would warn of, as data.


@warned
def test_remarks_are_the_warnings_as_data(case: Case) -> None:
    for values in case.breaking:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            request = case.model(**values_of(case, values))
        remarks = request.remarks()
        assert [(remark.category, f"{case.model._model_id}: {remark}") for remark in remarks] == [
            (warning.category, str(warning.message)) for warning in caught
        ]
        blamed = [remark for remark in remarks if remark.message.endswith(case.because)]
        assert [(remark.field, remark.category) for remark in blamed] == [(case.blamed, case.warning)]


@every_case
def test_a_request_without_warnings_has_no_remarks(case: Case) -> None:
    for values in case.allowed:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            request = case.model(**values_of(case, values))
        assert len(request.remarks()) == len(caught)


def test_remarks_issue_no_warnings_and_need_no_filter() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        request = KlingV3(**IGNORED)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        [remark] = request.remarks()
    assert remark == Remark(
        "aspect_ratio", "is ignored: the video takes the aspect ratio of its first frame", IgnoredFieldWarning
    )
    assert str(remark) == "aspect_ratio is ignored: the video takes the aspect ratio of its first frame"


def test_remarks_on_a_body_are_about_what_differs_from_the_defaults() -> None:
    """A body with the defaults says nothing about who chose them."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        chosen = KlingV3(prompt="p", image=URL, aspect_ratio="1:1", duration=7)
        left = KlingV3(prompt="p", image=URL)
    assert len(caught) == 2
    assert [remark.field for remark in KlingV3.from_payload(chosen.to_payload()).remarks()] == [
        "aspect_ratio",
        "duration",
    ]
    assert KlingV3.from_payload(left.to_payload()).remarks() == ()


def test_remarks_of_many_threads_do_not_mix() -> None:
    def fields(number: int) -> list[str]:
        values: dict[str, Any] = IGNORED if number % 2 else {"prompt": "p", "duration": 7}
        return [remark.field for remark in KlingV3(**values).remarks()]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(fields, range(200)))
    assert found == [["duration"], ["aspect_ratio"]] * 100
