"""A request takes what the documentation allows and nothing else, reports everything that is wrong with it at once, in
the words of its form, and does not change afterwards."""

from __future__ import annotations

import copy
import inspect
import json
import math
import pickle
import pydoc
import sys
import traceback
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import modelstream
from generator.load import load
from modelstream import (
    MODELS,
    InvalidRequest,
    KlingV3,
    KlingV3Shot,
    ModelStreamError,
    Request,
    VideoRequest,
    ViduQ2ProFast,
    Wan26I2VFlash,
    Wan27R2V,
    request_for,
)
from tests.support.golden import SCHEMAS

URL = "https://example.com/a"
SHOT = KlingV3Shot(prompt="a", duration=3)

# Limits are tried far from what else a model would warn of.
quiet = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")


class Limits(NamedTuple):
    """What one field takes, as the documentation says it."""

    cls: type[Request]
    field: str
    allowed: list[Any]
    refused: list[Any]
    beside: Mapping[str, Any] = MappingProxyType({})
    """Other fields without which the value would break a rule."""

    def __str__(self) -> str:
        return f"{self.cls.__name__}-{self.field}"


def refused(cls: type[Request], /, **values: Any) -> InvalidRequest:
    """The error a request ends in."""
    with pytest.raises(InvalidRequest) as caught:
        cls(**values)
    return caught.value


def fields_of(error: InvalidRequest) -> list[str]:
    return [problem.field for problem in error.problems]


REQUIRED: dict[type[Request], dict[str, Any]] = {
    KlingV3: {"prompt": "p"},
    ViduQ2ProFast: {"prompt": "p", "image": URL},
    Wan26I2VFlash: {"prompt": "p", "img_url": URL},
    Wan27R2V: {"prompt": "p", "reference_image": URL},
    VideoRequest: {"model": "m", "prompt": "p"},
}
SWITCH: tuple[list[Any], list[Any]] = ([True, False, None], [1, 0, "true", "on", 1.0, []])
MEDIA: tuple[list[Any], list[Any]] = ([URL], ["a.png", "", 5, {}, "ftp://example.com/a", "file:///a", "https://", []])


def text(longest: int, *, required: bool = False) -> tuple[list[Any], list[Any]]:
    """Lengths count characters, not bytes: 字 is three bytes, and 🎬 two units of UTF-16."""
    refused = ["a" * (longest + 1), "字" * (longest + 1), 5, b"bytes", ["p"], "\ud800"]
    if required:
        return ["a", " ", "a" * longest, "字" * longest, "🎬" * longest], [*refused, "", None]
    return ["", "a" * longest, "字" * longest, "🎬" * longest, None], refused


def integer(low: int, high: int) -> tuple[list[Any], list[Any]]:
    kinds = [str(low), float(low), float(high), True, Decimal(low), [low], math.nan, math.inf]
    return [low, high, None], [low - 1, high + 1, 10**30, *kinds]


def choice(*options: str) -> tuple[list[Any], list[Any]]:
    wrong = [option.upper() if option != option.upper() else option.lower() for option in options]
    others = [option for option in wrong if option not in options]
    return [*options, None], [*others, "", f"{options[0]} ", 1, True, [options[0]], b"x"]


# From facts.md, section 1, and the pages. One row for every field of every model.
LIMITS = [
    Limits(KlingV3, "prompt", *text(2500, required=True)),
    Limits(KlingV3, "image", *MEDIA),
    Limits(KlingV3, "duration", *integer(3, 15)),
    Limits(KlingV3, "mode", *choice("std", "pro")),
    Limits(KlingV3, "mode", [], ["4k"]),
    Limits(
        KlingV3,
        "cfg_scale",
        [0, 0.0, 0.1, 0.3, 0.1 + 0.2, 0.7, 1, 1.0, Decimal("0.5"), None],
        [-0.1, 1.1, 0.05, 0.55, 1.0001, -1e-3, "0.5", True, math.nan, math.inf, -math.inf],
    ),
    Limits(KlingV3, "aspect_ratio", *choice("16:9", "9:16", "1:1")),
    Limits(KlingV3, "aspect_ratio", [], ["4:3", "16/9", 969]),
    Limits(KlingV3, "multi_shot", *SWITCH, beside={"shot_type": "intelligence"}),
    Limits(KlingV3, "watermark_enabled", *SWITCH),
    Limits(KlingV3, "negative_prompt", *text(2500)),
    Limits(KlingV3, "image_tail", *MEDIA, beside={"image": URL}),
    Limits(KlingV3, "reference_images", [URL, [URL], (URL,) * 7, [], None], [[URL] * 8, [URL, ""], {URL}, {"a": URL}]),
    Limits(KlingV3, "shot_type", *choice("customize", "intelligence")),
    Limits(
        KlingV3,
        "multi_prompt",
        [[{"prompt": "a", "duration": 5}], ({"prompt": "a", "duration": 1},) * 6, [SHOT]],
        [[], [{"prompt": "a", "duration": 1}] * 7, {"prompt": "a", "duration": 5}, "shots", ["a"], [None]],
    ),
    Limits(
        KlingV3,
        "multi_prompt",
        [[{"prompt": "a" * 512, "duration": 1}], [{"prompt": "字" * 512, "duration": 15}]],
        [
            [{"prompt": "a" * 513, "duration": 1}],
            [{"prompt": "", "duration": 1}],
            [{"prompt": "a", "duration": 0}],
            [{"prompt": "a", "duration": 16}],
            [{"prompt": "a", "duration": "5"}],
            [{"prompt": "a", "duration": 5.0}],
            [{"prompt": "a", "duration": True}],
            [{"prompt": "a"}],
            [{"duration": 5}],
            [{"prompt": None, "duration": 5}],
            [{"prompt": "a", "duration": 5, "index": 1}],
        ],
    ),
    Limits(ViduQ2ProFast, "stype", *choice("general", "anime")),
    Limits(ViduQ2ProFast, "prompt", *text(2000, required=True)),
    Limits(ViduQ2ProFast, "duration", *integer(1, 10)),
    Limits(ViduQ2ProFast, "image", MEDIA[0], [*MEDIA[1], None, [URL], [URL, URL], [], ()]),
    Limits(ViduQ2ProFast, "is_rec", *SWITCH),
    Limits(ViduQ2ProFast, "audio", *SWITCH),
    Limits(ViduQ2ProFast, "audio_type", *choice("All", "Speech_only", "Sound-effect_only")),
    Limits(ViduQ2ProFast, "off_peak", *SWITCH, beside={"audio": True}),
    Limits(ViduQ2ProFast, "seed", *integer(0, 99_999_999)),
    Limits(ViduQ2ProFast, "resolution", *choice("720p", "1080p")),
    Limits(ViduQ2ProFast, "bgm", *SWITCH),
    Limits(ViduQ2ProFast, "movement_amplitude", *choice("auto", "small", "medium", "large")),
    Limits(Wan26I2VFlash, "prompt", *text(1500, required=True)),
    Limits(Wan26I2VFlash, "duration", *integer(2, 15)),
    Limits(Wan26I2VFlash, "negative_prompt", *text(500)),
    Limits(Wan26I2VFlash, "img_url", MEDIA[0], [*MEDIA[1], None, [URL], []]),
    Limits(Wan26I2VFlash, "audio_url", [*MEDIA[0], None], MEDIA[1]),
    Limits(Wan26I2VFlash, "resolution", *choice("1080P", "720P")),
    Limits(Wan26I2VFlash, "prompt_extend", *SWITCH),
    Limits(Wan26I2VFlash, "shot_type", *choice("single", "multi")),
    Limits(Wan26I2VFlash, "audio", *SWITCH),
    Limits(Wan26I2VFlash, "watermark", *SWITCH),
    Limits(Wan26I2VFlash, "seed", *integer(0, 2_147_483_647)),
    Limits(Wan27R2V, "prompt", *text(5000, required=True)),
    Limits(Wan27R2V, "resolution", *choice("1080P", "720P")),
    Limits(Wan27R2V, "duration", *integer(2, 15)),
    Limits(Wan27R2V, "reference_image", [URL, [URL], (URL,) * 5], [[], (), None, [URL] * 6, "", [URL, "a.png"]]),
    Limits(Wan27R2V, "reference_video", [URL, [URL] * 4, [], None], [[URL] * 6, "", [URL, None]]),
    Limits(Wan27R2V, "first_frame", [*MEDIA[0], None], [*MEDIA[1], [URL]]),
    Limits(Wan27R2V, "reference_voice", [*MEDIA[0], None], [*MEDIA[1], [URL]]),
    Limits(Wan27R2V, "negative_prompt", *text(500)),
    Limits(Wan27R2V, "ratio", *choice("16:9", "9:16", "1:1", "4:3", "3:4")),
    Limits(Wan27R2V, "prompt_extend", *SWITCH),
    Limits(Wan27R2V, "watermark", *SWITCH),
    Limits(Wan27R2V, "seed", *integer(0, 2_147_483_647)),
    Limits(VideoRequest, "model", ["m", "vendor/any-model:1"], ["", None, 5]),
    Limits(VideoRequest, "prompt", ["p", "字" * 100_000], ["", None, 5, "\ud800"]),
    Limits(VideoRequest, "image", [URL, "bare words", None], ["", 5, [URL], "\ud800"]),
    Limits(VideoRequest, "duration", *integer(1, 3600)),
    Limits(VideoRequest, "width", [1, 10**6, None], [0, -1, 1.0, "1280", True]),
    Limits(VideoRequest, "height", [1, 10**6, None], [0, -1, 1.0, "720", True]),
    Limits(VideoRequest, "fps", [1, 240, None], [0, 24.0, "24", True]),
    Limits(VideoRequest, "seed", [-1, 0, 2**63, None], [0.0, "0", False]),
    Limits(VideoRequest, "n", [1, None], [0, 1.0, True, "1"]),
    Limits(VideoRequest, "response_format", ["url", "", None], [1, b"url"]),
    Limits(VideoRequest, "user", ["u", "", None], [1, b"u"]),
    Limits(
        VideoRequest,
        "metadata",
        [{}, {"a": None}, {"a": [1, 2.5, "x", True, {"b": {}}]}, None],
        [
            [],
            "{}",
            {1: "a"},
            {"a": {2: "b"}},
            {"a": math.nan},
            {"a": [math.inf]},
            {"a": object()},
            {"a": (1,)},
            {"a": {1}},
            {"a": b"x"},
            {"a": "\ud800"},
            {"\ud800": 1},
        ],
    ),
]  # fmt: skip
table = pytest.mark.parametrize("limits", LIMITS, ids=str)


def test_the_table_has_every_field_of_its_models() -> None:
    """The table is written from the pages, as a second opinion; the conformance tests try the limits of all models."""
    fields = {(cls, field) for cls in {limits.cls for limits in LIMITS} for field in cls.model_fields}
    assert {(limits.cls, limits.field) for limits in LIMITS} == fields


@quiet
@table
def test_the_last_allowed_values_are_taken(limits: Limits) -> None:
    for value in limits.allowed:
        limits.cls(**REQUIRED[limits.cls] | dict(limits.beside) | {limits.field: value})


@quiet
@table
def test_the_first_refused_values_are_refused(limits: Limits) -> None:
    for value in limits.refused:
        error = refused(limits.cls, **REQUIRED[limits.cls] | dict(limits.beside) | {limits.field: value})
        fields = fields_of(error)
        assert fields
        assert all(field.partition("[")[0].partition(".")[0] == limits.field for field in fields), (value, fields)
        assert all(problem.path for problem in error.problems)


def test_lengths_count_characters() -> None:
    family = "👩‍👩‍👧"  # five code points, one glyph
    assert len(family) == 5
    KlingV3Shot(prompt=family * 102, duration=1)
    with pytest.raises(InvalidRequest, match="515 characters are more than 512"):
        KlingV3Shot(prompt=family * 103, duration=1)


# Defaults, and leaving out.


@pytest.mark.parametrize(
    ("request_", "defaults"),
    [
        (
            KlingV3(prompt="p"),
            {"duration": 5, "mode": "std", "cfg_scale": 0.5, "aspect_ratio": "16:9", "multi_shot": False,
             "watermark_enabled": False},
        ),
        (
            ViduQ2ProFast(prompt="p", image=URL),
            {"stype": "general", "is_rec": False, "resolution": "720p", "duration": 5, "audio": False,
             "audio_type": "All", "bgm": False, "off_peak": False, "seed": 0, "movement_amplitude": "auto"},
        ),
        (
            Wan26I2VFlash(prompt="p", img_url=URL),
            {"resolution": "1080P", "duration": 5, "prompt_extend": True, "shot_type": "single", "audio": True,
             "watermark": False},
        ),
        (
            Wan27R2V(prompt="p", reference_image=URL),
            {"resolution": "1080P", "ratio": "16:9", "duration": 5, "prompt_extend": True, "watermark": False},
        ),
        (VideoRequest(model="m", prompt="p"), {}),
    ],
    ids=["kling", "vidu", "wan2.6", "wan2.7", "generic"],
)  # fmt: skip
def test_defaults_are_those_of_the_form(request_: Request, defaults: dict[str, Any]) -> None:
    given = REQUIRED[type(request_)].keys()
    found = {name: value for name, value in request_ if name not in given and value is not None}
    assert repr(sorted(found.items())) == repr(sorted(defaults.items()))


@quiet
@pytest.mark.parametrize(
    ("cls", "payload"),
    [
        (KlingV3, {"model": "kling-v3", "prompt": "p"}),
        (ViduQ2ProFast, {"model": "viduq2-pro-fast", "prompt": "p", "images": [URL]}),
        (Wan26I2VFlash, {"model": "wan2.6-i2v-flash", "prompt": "p", "metadata": {"input": {"img_url": URL}}}),
        (
            Wan27R2V,
            {
                "model": "wan2.7-r2v",
                "prompt": "p",
                "metadata": {"input": {"media": [{"type": "reference_image", "url": URL}]}},
            },
        ),
        (VideoRequest, {"model": "m", "prompt": "p"}),
    ],
    ids=["kling", "vidu", "wan2.6", "wan2.7", "generic"],
)
def test_none_leaves_out(cls: type[Request], payload: dict[str, Any]) -> None:
    optional = [name for name, field in cls.model_fields.items() if not field.is_required()]
    nothing = cls(**REQUIRED[cls] | dict.fromkeys(optional))
    assert [name for name in optional if getattr(nothing, name) is not None] == []
    assert nothing.to_payload() == payload


def test_nothing_in_a_list_or_an_object_is_nothing() -> None:
    assert Wan27R2V(prompt="p", reference_image=URL, reference_video=[]).reference_video is None
    assert VideoRequest(model="m", prompt="p", metadata={}).to_payload() == {"model": "m", "prompt": "p"}


def test_an_integer_is_a_number_too() -> None:
    assert json.dumps(KlingV3(prompt="p", cfg_scale=1).to_payload()["metadata"]["cfg_scale"]) == "1.0"


class Tier(StrEnum):
    PRO = "pro"


class Length(int, Enum):
    LONG = 10


def test_enums_of_ones_own_are_taken_for_their_values() -> None:
    values: dict[str, Any] = {"mode": Tier.PRO, "duration": Length.LONG}
    request = KlingV3(prompt="p", **values)
    assert type(request.mode) is str
    assert type(request.duration) is int
    assert (request.mode, request.duration) == ("pro", 10)


def test_a_list_is_copied() -> None:
    shots = [KlingV3Shot(prompt="a", duration=3)]
    request = KlingV3(prompt="p", duration=3, multi_shot=True, shot_type="customize", multi_prompt=shots)
    shots.clear()
    assert request.multi_prompt == (KlingV3Shot(prompt="a", duration=3),)


# What a caller reads.


def test_the_message_of_the_readme() -> None:
    error = refused(KlingV3, prompt="A cup of coffee", duration=99, mode="prro", promt="?")
    assert str(error) == (
        "3 problems in a kling-v3 request\n"
        "  duration  99 is more than 15 (3 to 15 seconds)\n"
        "  mode      'prro' is not one of 'std', 'pro'; did you mean 'pro'?\n"
        "  promt     no such field; did you mean 'prompt'?"
    )
    assert error.model == "kling-v3"
    assert isinstance(error, ModelStreamError)
    assert isinstance(error, ValueError)
    assert "ValidationError" not in "".join(traceback.format_exception(error))


MESSAGES: list[tuple[type[Request], dict[str, Any], str, str, str]] = [
    (KlingV3, {"prompt": None}, "prompt", "is required and cannot be None", "prompt"),
    (KlingV3, {"prompt": ""}, "prompt", "is empty", "prompt"),
    (KlingV3, {"prompt": 5}, "prompt", "5 is not a string", "prompt"),
    (KlingV3, {"prompt": "a" * 2501}, "prompt", "2501 characters are more than 2500", "prompt"),
    (KlingV3, {"prompt": "\udfff"}, "prompt", "contains characters that UTF-8 cannot encode", "prompt"),
    (KlingV3, {"duration": "5"}, "duration", "'5' is not an integer (3 to 15 seconds)", "duration"),
    (KlingV3, {"duration": 5.0}, "duration", "5.0 is not an integer (3 to 15 seconds)", "duration"),
    (KlingV3, {"duration": True}, "duration", "True is not an integer (3 to 15 seconds)", "duration"),
    (KlingV3, {"duration": 2}, "duration", "2 is less than 3 (3 to 15 seconds)", "duration"),
    (KlingV3, {"mode": "PRO"}, "mode", "'PRO' is not one of 'std', 'pro'; did you mean 'pro'?", "mode"),
    (KlingV3, {"mode": "4k"}, "mode", "'4k' is not one of 'std', 'pro'", "mode"),
    (KlingV3, {"cfg_scale": 0.55}, "cfg_scale", "0.55 is not a multiple of 0.1 (0 to 1)", "metadata.cfg_scale"),
    (KlingV3, {"cfg_scale": 1.5}, "cfg_scale", "1.5 is more than 1 (0 to 1)", "metadata.cfg_scale"),
    (KlingV3, {"cfg_scale": math.nan}, "cfg_scale", "nan is not a finite number (0 to 1)", "metadata.cfg_scale"),
    (KlingV3, {"cfg_scale": "a"}, "cfg_scale", "'a' is not a number (0 to 1)", "metadata.cfg_scale"),
    (KlingV3, {"multi_shot": 1}, "multi_shot", "1 is not True or False", "metadata.multi_shot"),
    (KlingV3, {"watermark_enabled": "on"}, "watermark_enabled", "'on' is not True or False",
     "metadata.watermark_info.enabled"),
    (KlingV3, {"multi_prompt": 5}, "multi_prompt", "5 is not a list", "metadata.multi_prompt[]"),
    (KlingV3, {"multi_prompt": []}, "multi_prompt", "0 items are fewer than 1", "metadata.multi_prompt[]"),
    (KlingV3, {"multi_prompt": ["a"]}, "multi_prompt[0]", "'a' is neither a KlingV3Shot nor a dict of its fields",
     "metadata.multi_prompt[0]"),
    (KlingV3, {"multi_prompt": [{"prompt": "a", "duration": 0}]}, "multi_prompt[0].duration",
     "0 is less than 1 (1 to 15 seconds)", "metadata.multi_prompt[0].duration"),
    (KlingV3, {"multi_prompt": [{"prompt": "a", "duration": 3}, {"promt": "a", "prompt": "a", "duration": 3}]},
     "multi_prompt[1].promt", "no such field; did you mean 'prompt'?", "metadata.multi_prompt[1]"),
    (KlingV3, {"reference_images": [URL] * 8}, "reference_images", "8 items are more than 7", "metadata.image_list[]"),
    (KlingV3, {"reference_images": [URL, "b"]}, "reference_images[1]",
     "'b' is not an http(s) URL, a data URI or Base64; for a local file, pass pathlib.Path(...)",
     "metadata.image_list[1].image_url"),
    (KlingV3, {"seed": 1}, "seed", "no such field", ""),
    (KlingV3, {"aspect": "16:9"}, "aspect", "no such field; did you mean 'aspect_ratio'?", ""),
    (KlingV3, {"seconds": 5}, "seconds", "no such field; did you mean 'duration'?", ""),
    (KlingV3, {"text": "p"}, "text", "no such field; did you mean 'prompt'?", ""),
    (ViduQ2ProFast, {"image": [URL]}, "image",
     "a value of type list is neither a URL nor a path, bytes or an open file", "images[]"),
    (ViduQ2ProFast, {"seed": -1}, "seed", "-1 is less than 0 (0 to 99999999)", "metadata.seed"),
    (ViduQ2ProFast, {"resolution": "720P"}, "resolution", "'720P' is not one of '720p', '1080p'; did you mean '720p'?",
     "metadata.resolution"),
    (Wan27R2V, {"resolution": "4K"}, "resolution", "'4K' is not one of '1080P', '720P'", "size"),
    (Wan27R2V, {"reference_image": []}, "reference_image", "0 items are fewer than 1", "metadata.input.media[]"),
    (Wan27R2V, {"reference_video": [URL, 7]}, "reference_video[1]",
     "a value of type int is neither a URL nor a path, bytes or an open file", "metadata.input.media[].url"),
    (Wan27R2V, {"reference_voice": "voice.wav"}, "reference_voice",
     "'voice.wav' is not an http(s) URL or a data URI; for a local file, pass pathlib.Path(...)",
     "metadata.input.media[].reference_voice"),
    (VideoRequest, {"width": 0}, "width", "0 is less than 1 (at least 1 pixel)", "width"),
    (VideoRequest, {"seed": "1"}, "seed", "'1' is not an integer", "seed"),
    (VideoRequest, {"metadata": {"a": [math.nan]}}, "metadata.a[0]", "nan is not a finite number", "metadata"),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "values", "field", "message", "path"), MESSAGES, ids=lambda part: None)
def test_a_problem_names_field_value_limits_and_place(
    cls: type[Request], values: dict[str, Any], field: str, message: str, path: str
) -> None:
    error = refused(cls, **REQUIRED[cls] | values)
    assert [(problem.field, problem.message, problem.path) for problem in error.problems] == [(field, message, path)]
    moved = f" [sent as {path}]" if path not in ("", field) else ""
    assert str(error) == f"1 problem in a {error.model} request\n  {field}  {message}{moved}"


def test_a_missing_field_is_reported() -> None:
    error = refused(Wan26I2VFlash)
    assert [(problem.field, problem.message) for problem in error.problems] == [
        ("prompt", "is required"),
        ("img_url", "is required"),
    ]


def test_everything_is_reported_at_once_in_the_order_of_the_form() -> None:
    error = refused(
        KlingV3,
        nope=1,
        multi_prompt=[{"prompt": "a", "duration": 99}, {"prompt": "", "duration": 1}],
        image_tail=URL,
        reference_images=URL,
        cfg_scale=3,
        multi_shot=True,
        duration="5",
    )
    assert [(problem.field, problem.message.partition(":")[0]) for problem in error.problems] == [
        ("prompt", "is required"),
        ("duration", "'5' is not an integer (3 to 15 seconds)"),
        ("cfg_scale", "3 is more than 1 (0 to 1)"),
        ("image_tail", "is only for Image to Video, not for Reference to Video (selected by reference_images)"),
        ("image_tail", "cannot be given with multi_shot=True"),
        ("shot_type", "is needed with multi_shot=True"),
        ("multi_prompt[0].duration", "99 is more than 15 (1 to 15 seconds)"),
        ("multi_prompt[1].prompt", "is empty"),
        ("nope", "no such field"),
    ]


def test_a_rule_is_reported_beside_an_error_in_another_field() -> None:
    """Shots given as mappings can be added up although the request as a whole is not sound."""
    shots = [{"prompt": "a", "duration": 3}, KlingV3Shot(prompt="b", duration=4)]
    error = refused(KlingV3, prompt="p", multi_shot=True, shot_type="customize", multi_prompt=shots, mode="x")
    assert fields_of(error) == ["duration", "mode"]
    assert error.problems[0].message.startswith("5 is not 7, the sum of duration in multi_prompt")


def test_a_rule_about_a_wrong_field_says_nothing() -> None:
    assert fields_of(refused(KlingV3, prompt="p", image_tail="no url", reference_images=URL)) == ["image_tail"]


def test_long_values_are_shortened_in_messages() -> None:
    assert len(str(refused(KlingV3, prompt="p", mode="x" * 10_000))) < 200


def test_a_number_that_python_does_not_write_is_refused_like_any_other() -> None:
    huge = 10**5000
    problem = refused(KlingV3, prompt="p", duration=huge).problems[0]
    assert (problem.field, problem.message) == (
        "duration",
        "a value too large to show is more than 15 (3 to 15 seconds)",
    )
    assert fields_of(refused(VideoRequest, model="m", prompt="p", metadata={"seed": [huge]})) == ["metadata"]


def test_a_message_stays_in_one_line() -> None:
    message = str(refused(KlingV3, prompt="p", mode="a\nb\x1b[31m", image="\x1b[2J\n"))
    assert len(message.splitlines()) == 3
    assert "\x1b" not in message


def test_an_error_can_be_pickled_and_compared() -> None:
    error = refused(KlingV3, prompt="p", mode="x", duration=1)
    back = pickle.loads(pickle.dumps(error))
    assert str(back) == str(error)
    assert back.problems == error.problems
    assert back.problems[0].value == 1
    assert len({*back.problems, *error.problems}) == 2


# A request as a value.


def test_a_request_cannot_be_changed() -> None:
    request = Wan27R2V(prompt="p", reference_image=[URL], reference_video=[URL])
    with pytest.raises(ValidationError):
        request.duration = 7  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        del request.duration  # pyright: ignore[reportAttributeAccessIssue]
    with pytest.raises(ValidationError):
        request.brand_new = 1  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    assert isinstance(request.reference_image, tuple)
    assert isinstance(request.reference_video, tuple)
    shot = KlingV3Shot(prompt="p", duration=1)
    with pytest.raises(ValidationError):
        shot.duration = 2  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


def test_equal_requests_are_one_key() -> None:
    one = KlingV3(prompt="p", duration=5, reference_images=[URL])
    other = KlingV3(prompt="p", reference_images=(URL,))
    assert one == other
    assert len({one, other, KlingV3(prompt="q")}) == 2
    others: list[Request] = [Wan26I2VFlash(prompt="p", img_url=URL), ViduQ2ProFast(prompt="p", image=URL)]
    assert others[0] != others[1]


def test_requests_with_a_json_object_can_be_keys_too() -> None:
    requests = [VideoRequest(model="m", prompt="p", metadata={"a": [number]}) for number in (1, 1, 2)]
    assert len(set(requests)) == 2


def test_the_repr_is_short_and_honest() -> None:
    request = KlingV3(prompt="a" * 200, duration=10)
    assert repr(request).startswith(f"KlingV3(prompt='{'a' * 200}', image=None, duration=10, mode='std'")
    picture = b"\x89PNG\r\n\x1a\n" + bytes(100_000)
    long = KlingV3(prompt="a" * 201, reference_images=[picture, picture])
    assert len(repr(long)) < 1000
    assert f"prompt='{'a' * 60}... (201 characters)'" in repr(long)
    assert "(133344 characters)" in repr(long)
    assert len(str(long)) < 1000
    assert len(repr(VideoRequest(model="m", prompt="p", metadata={"a": ["x" * 10_000]}))) < 1000


def test_replace_checks() -> None:
    request = KlingV3(prompt="p", mode="pro")
    longer = request.replace(duration=10)
    assert longer == KlingV3(prompt="p", mode="pro", duration=10)
    assert request.duration == 5
    assert longer.replace(mode=None).to_payload().get("mode") is None
    wrongs: list[dict[str, Any]] = [{"duration": "5"}, {"durration": 5}, {"image_tail": URL}, {"prompt": None}]
    for wrong in wrongs:
        with pytest.raises(InvalidRequest):
            request.replace(**wrong)
        with pytest.raises(InvalidRequest):
            request.model_copy(update=wrong)
    assert request.model_copy(update={"duration": 10}) == longer
    assert request.model_copy() == request
    assert request.model_copy(deep=True) == request


def test_replace_forgets_nothing_of_a_body() -> None:
    request = KlingV3.from_payload({"model": "kling-v3", "prompt": "p", "mode": "pro"})
    assert request.replace(prompt="q").to_payload() == {"model": "kling-v3", "prompt": "q", "mode": "pro"}


def test_model_validate_checks() -> None:
    request = KlingV3(prompt="p")
    assert KlingV3.model_validate({"prompt": "p"}) == request
    assert KlingV3.model_validate(request) is request
    assert KlingV3.model_validate_json('{"prompt": "p"}') == request
    wrongs: list[Any] = [{"prompt": "p", "duration": "5"}, {"prompt": "p", "image_tail": URL}, [], "p", None]
    for wrong in wrongs:
        with pytest.raises(InvalidRequest):
            KlingV3.model_validate(wrong)
        with pytest.raises(InvalidRequest):
            KlingV3.model_validate_json(json.dumps(wrong))
    with pytest.raises(InvalidRequest, match="nan is not a finite number"):
        KlingV3.model_validate_json('{"prompt": "p", "cfg_scale": NaN}')


def test_the_options_of_pydantic_do_not_weaken_a_request() -> None:
    with pytest.raises(InvalidRequest):
        KlingV3.model_validate({"prompt": "p", "duration": "5"}, strict=False)
    with pytest.raises(InvalidRequest):
        KlingV3.model_validate_json('{"prompt": "p", "duration": "5"}', strict=False)


def test_a_request_inside_a_model_of_ones_own_is_checked() -> None:
    class Job(BaseModel):
        request: KlingV3

    assert Job(request=KlingV3(prompt="p")).request == KlingV3(prompt="p")
    assert TypeAdapter(KlingV3).validate_python({"prompt": "p"}) == KlingV3(prompt="p")
    for field, wrong in (("duration", {"duration": "5"}), ("image", {"image_tail": URL})):
        with pytest.raises(ValidationError, match=f"1 validation error for Job\nrequest.{field}\n"):
            Job.model_validate({"request": {"prompt": "p"} | wrong})


def test_a_dump_gives_the_request_back() -> None:
    request = KlingV3(prompt="p", duration=3, multi_shot=True, shot_type="customize", multi_prompt=[SHOT])
    assert KlingV3.model_validate(request.model_dump()) == request
    assert KlingV3.model_validate_json(request.model_dump_json()) == request


def test_an_item_is_checked_even_if_pydantic_made_it_unchecked() -> None:
    shot = KlingV3Shot(prompt="a", duration=5).model_copy(update={"duration": 99})
    with pytest.raises(InvalidRequest, match=r"multi_prompt\[0\].duration"):
        KlingV3(prompt="p", multi_shot=True, shot_type="customize", multi_prompt=[shot], duration=None)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_requests_survive_pickling_and_copying(protocol: int) -> None:
    requests: list[Request] = [
        KlingV3(prompt="p", duration=3, multi_shot=True, shot_type="customize", multi_prompt=[SHOT]),
        VideoRequest(model="m", prompt="p", metadata={"a": {"b": None}}),
    ]
    for request in requests:
        pickled = pickle.loads(pickle.dumps(request, protocol))
        for twin in (pickled, copy.copy(request), copy.deepcopy(request)):
            assert twin == request
            assert twin.to_payload() == request.to_payload()
            assert twin.replace(prompt="q") == request.replace(prompt="q")


def test_values_are_named() -> None:
    with pytest.raises(TypeError, match="positional"):
        KlingV3("a prompt")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError, match="positional"):
        KlingV3Shot("a prompt", 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


def test_self_is_a_field_like_any_other() -> None:
    with pytest.raises(InvalidRequest, match="no such field"):
        KlingV3(prompt="p", self=1)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


# Requests without a class of their own.


def test_metadata_goes_as_it_is() -> None:
    metadata: dict[str, Any] = {
        "b": None,
        "a": {},
        "c": [],
        "d": [None, {}, {"e": None}],
        "f": 5,
        "g": 5.0,
        "h": "",
        "i": False,
    }
    request = VideoRequest(model="m", prompt="p", metadata=metadata)
    assert json.dumps(request.to_payload()["metadata"]) == json.dumps(metadata)
    assert VideoRequest.from_payload(request.to_payload()) == request


def test_metadata_is_copied() -> None:
    inner = [1]
    metadata = {"a": inner}
    request = VideoRequest(model="m", prompt="p", metadata=metadata)
    inner.append(2)
    metadata["b"] = inner
    assert request.to_payload()["metadata"] == {"a": [1]}


def test_models_are_found_by_their_id() -> None:
    schemas = [load(path).data for path in SCHEMAS]
    assert {model: cls.__name__ for model, cls in MODELS.items()} == {
        schema["model"]: schema["class"] for schema in schemas if "model" in schema
    }
    assert MODELS["kling-v3"] is KlingV3
    assert "KLING-V3" not in MODELS
    assert MODELS.get("sora-2") is None
    with pytest.raises(KeyError):
        MODELS["sora-2"]
    assert repr(MODELS) == f"<Models: {', '.join(sorted(s['model'] for s in schemas if 'model' in s))}>"
    with pytest.raises(TypeError):
        MODELS["sora-2"] = KlingV3  # type: ignore[index]  # pyright: ignore[reportIndexIssue]


@pytest.mark.parametrize("cls", [cls for cls in REQUIRED if cls is not VideoRequest], ids=lambda cls: cls.__name__)
def test_request_for_makes_the_class_of_the_id(cls: type[Request]) -> None:
    assert cls._model_id
    assert request_for(cls._model_id, **REQUIRED[cls]) == cls(**REQUIRED[cls])
    with pytest.raises(InvalidRequest, match="no such field"):
        request_for(cls._model_id, **REQUIRED[cls], metadata={})


def test_request_for_takes_any_id() -> None:
    request = request_for("sora-2", prompt="p", metadata={"a": 1})
    assert request == VideoRequest(model="sora-2", prompt="p", metadata={"a": 1})
    with pytest.raises(InvalidRequest, match="1 problem in a sora-2 request\n  mode  no such field"):
        request_for("sora-2", prompt="p", mode="pro")
    with pytest.raises(InvalidRequest, match="model  is empty"):
        request_for("", prompt="p")


def test_an_id_is_given_once() -> None:
    with pytest.raises(TypeError, match="multiple values"):
        request_for("sora-2", model="sora-3", prompt="p")
    with pytest.raises(InvalidRequest, match="model  no such field"):
        request_for("kling-v3", model="kling-v3", prompt="p")


def test_the_base_class_sends_nothing() -> None:
    with pytest.raises(NotImplementedError):
        modelstream.Request().to_payload()


def test_a_voice_attaches_to_the_first_character_only() -> None:
    request = Wan27R2V(prompt="p", reference_image=[URL, URL], reference_voice=URL)
    first, second = request.to_payload()["metadata"]["input"]["media"]
    assert first == {"type": "reference_image", "url": URL, "reference_voice": URL}
    assert second == {"type": "reference_image", "url": URL}


def test_a_guess_is_called_one() -> None:
    """Nobody has shown where Kling's reference images go, as the schema says."""
    source = inspect.getsource(sys.modules[KlingV3.__module__])
    docs = " ".join(source.partition("reference_images: Annotated")[2].split('"""')[1].split())
    assert "Sent as `metadata.image_list[]`, a guess" in docs


# As the pages list them.
CHOICES: dict[type[Request], dict[str, set[str]]] = {
    KlingV3: {
        "mode": {"std", "pro"},
        "aspect_ratio": {"16:9", "9:16", "1:1"},
        "shot_type": {"customize", "intelligence"},
    },
    ViduQ2ProFast: {
        "stype": {"general", "anime"},
        "audio_type": {"All", "Speech_only", "Sound-effect_only"},
        "resolution": {"720p", "1080p"},
        "movement_amplitude": {"auto", "small", "medium", "large"},
    },
    Wan26I2VFlash: {"resolution": {"1080P", "720P"}, "shot_type": {"single", "multi"}},
    Wan27R2V: {"resolution": {"1080P", "720P"}, "ratio": {"16:9", "9:16", "1:1", "4:3", "3:4"}},
    VideoRequest: {},
}


@pytest.mark.parametrize("model", CHOICES)
def test_the_choices_are_those_of_the_page(model: type[Request]) -> None:
    found = {
        name: set(get_args(literal))
        for name, field in model.model_fields.items()
        for literal in (field.annotation, *get_args(field.annotation))
        if get_origin(literal) is Literal
    }
    assert found == CHOICES[model]


def test_a_problem_reads_like_its_line_in_the_error() -> None:
    error = refused(KlingV3, prompt="p", mode="x", cfg_scale=3)
    assert [str(problem) for problem in error.problems] == [
        "mode  'x' is not one of 'std', 'pro'",
        "cfg_scale  3 is more than 1 (0 to 1) [sent as metadata.cfg_scale]",
    ]
    assert str(refused(KlingV3, prompt="p", mode="x")).splitlines()[1] == f"  {error.problems[0]}"


def test_an_item_is_not_called_a_request() -> None:
    values: dict[str, Any] = {"prompt": "a", "duration": "5"}
    with pytest.raises(InvalidRequest) as caught:
        KlingV3Shot(**values)
    message = "1 problem in a KlingV3Shot\n  duration  '5' is not an integer (1 to 15 seconds)"
    assert str(caught.value) == message
    assert str(pickle.loads(pickle.dumps(caught.value))) == message


@pytest.mark.parametrize("cls", [*MODELS.values(), VideoRequest, KlingV3Shot])
def test_the_documentation_of_the_fields_is_there_at_run_time(cls: type[BaseModel]) -> None:
    for name, field in cls.model_fields.items():
        assert field.description, name
        shown = " ".join(str(cls.__doc__).split())
        assert f"{name}: {field.description}" in shown
    assert cls.model_fields is cls.model_fields


def test_help_shows_the_fields_first() -> None:
    lines = pydoc.plain(pydoc.render_doc(KlingV3)).splitlines()
    for name in KlingV3.model_fields:
        assert any(line.strip(" |").startswith(f"{name}: ") for line in lines[:60]), name
    assert KlingV3.model_fields["cfg_scale"].description == (
        "How closely the video follows the prompt. Higher is closer, and leaves the model less freedom. "
        "0 to 1 in steps of 0.1; default `0.5`."
    )
