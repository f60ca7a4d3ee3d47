"""Requests that break one keyword of a model's schema each, written by hand, and who is to blame."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.golden import Golden, documented

GONE = object()
"""In place of a value: take it away."""

URL = "https://example.com/a.png"


class Violation(NamedTuple):
    """One change to the documented request of a model.

    ``keyword`` is the keyword that is broken, ``changes`` path to value, ``blamed`` the path of the first parameter
    that is wrong, ``field`` its form field.
    """

    model: str
    keyword: str
    changes: Mapping[str, Any]
    blamed: str
    field: str | None

    def __str__(self) -> str:
        return f"{self.model}-{self.keyword}-{self.blamed}"


def documented_case(model: str) -> Golden:
    """The documented case of a model."""
    return next(golden for golden in documented() if golden.model == model)


def changed(body: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The body with other values at some paths."""
    result = copy.deepcopy(dict(body))
    for path, value in changes.items():
        *containers, key = path.split(".")
        place = result
        for container in containers:
            place = place.setdefault(container, {})
        if value is GONE:
            del place[key]
        else:
            place[key] = value
    return result


def _media(*kinds: str, **more: Any) -> list[dict[str, Any]]:
    return [{"type": kind, "url": URL, **more} for kind in kinds]


def _shots(*shots: tuple[Any, Any, Any]) -> list[dict[str, Any]]:
    return [{"index": index, "prompt": prompt, "duration": duration} for index, prompt, duration in shots]


_STORYBOARD = {"metadata.multi_shot": True, "metadata.shot_type": "customize"}
_MEDIA = "metadata.input.media"
_SHOTS = "metadata.multi_prompt"

WIRE = [
    # generic
    Violation("generic", "required", {"prompt": GONE}, "prompt", "prompt"),
    Violation("generic", "type", {"duration": "5"}, "duration", "duration"),
    Violation("generic", "type", {"duration": 5.0}, "duration", "duration"),
    Violation("generic", "type", {"seed": True}, "seed", "seed"),
    Violation("generic", "type", {"metadata": []}, "metadata", "metadata"),
    Violation("generic", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("generic", "minimum", {"width": 0}, "width", "width"),
    Violation("generic", "maximum", {"duration": 3601}, "duration", "duration"),
    Violation("generic", "additionalProperties", {"durations": 5}, "durations", None),
    # kling-v3
    Violation("kling-v3", "const", {"model": "kling-v4"}, "model", None),
    Violation("kling-v3", "required", {"prompt": GONE}, "prompt", "prompt"),
    Violation("kling-v3", "type", {"duration": 5.0}, "duration", "duration"),
    Violation("kling-v3", "type", {"metadata.multi_shot": "no"}, "metadata.multi_shot", "multi_shot"),
    Violation("kling-v3", "type", {"metadata.negative_prompt": None}, "metadata.negative_prompt", "negative_prompt"),
    Violation("kling-v3", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("kling-v3", "maxLength", {"prompt": "x" * 2501}, "prompt", "prompt"),
    Violation("kling-v3", "minimum", {"duration": 2}, "duration", "duration"),
    Violation("kling-v3", "maximum", {"metadata.cfg_scale": 1.5}, "metadata.cfg_scale", "cfg_scale"),
    Violation("kling-v3", "enum", {"mode": "prro"}, "mode", "mode"),
    Violation("kling-v3", "pattern", {"image": "data:image/png;base64,AAAA"}, "image", "image"),
    Violation("kling-v3", "additionalProperties", {"aspect_ratio": "1:1"}, "aspect_ratio", "aspect_ratio"),
    Violation("kling-v3", "minItems", {"metadata.image_list": []}, "metadata.image_list", "reference_images"),
    Violation(
        "kling-v3",
        "maxItems",
        {"metadata.image_list": [{"image_url": URL}] * 8},
        "metadata.image_list",
        "reference_images",
    ),
    Violation(
        "kling-v3",
        "items",
        {"metadata.image_list": [{"image_url": URL}, {"image_url": "not base64!"}]},
        "metadata.image_list[1].image_url",
        "reference_images",
    ),
    Violation(
        "kling-v3",
        "prefixItems",
        _STORYBOARD | {_SHOTS: _shots((1, "a", "3"), (3, "b", "2"))},
        f"{_SHOTS}[1].index",
        None,
    ),
    Violation(
        "kling-v3",
        "enum",
        _STORYBOARD | {_SHOTS: _shots((1, "a", 5))},
        f"{_SHOTS}[0].duration",
        "multi_prompt[0].duration",
    ),
    Violation(
        "kling-v3",
        "allOf",
        {"image": URL, "metadata.image_list": [{"image_url": URL}]},
        "metadata.image_list",
        "reference_images",
    ),
    Violation("kling-v3", "then", {"metadata.image_tail": URL}, "image", "image"),
    Violation("kling-v3", "then", {"metadata.multi_shot": True}, "metadata.shot_type", "shot_type"),
    Violation("kling-v3", "then", _STORYBOARD, _SHOTS, "multi_prompt"),
    Violation(
        "kling-v3",
        "not",
        {"image": URL, "metadata.image_tail": URL, "metadata.multi_shot": True, "metadata.shot_type": "intelligence"},
        "metadata.image_tail",
        "image_tail",
    ),
    # viduq2-pro-fast
    Violation("viduq2-pro-fast", "const", {"model": "viduq2"}, "model", None),
    Violation("viduq2-pro-fast", "required", {"images": GONE}, "images", "image"),
    Violation("viduq2-pro-fast", "type", {"metadata.seed": 1.0}, "metadata.seed", "seed"),
    Violation("viduq2-pro-fast", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("viduq2-pro-fast", "maxLength", {"prompt": "x" * 2001}, "prompt", "prompt"),
    Violation("viduq2-pro-fast", "minimum", {"duration": 0}, "duration", "duration"),
    Violation("viduq2-pro-fast", "maximum", {"metadata.seed": 100_000_000}, "metadata.seed", "seed"),
    Violation("viduq2-pro-fast", "enum", {"audio_type": "Speech-only"}, "audio_type", "audio_type"),
    Violation("viduq2-pro-fast", "pattern", {"images": ["iVBORw0KGgo="]}, "images[0]", "image"),
    Violation("viduq2-pro-fast", "items", {"images": [7]}, "images[0]", "image"),
    Violation("viduq2-pro-fast", "minItems", {"images": []}, "images", "image"),
    Violation("viduq2-pro-fast", "maxItems", {"images": [URL, URL]}, "images", "image"),
    Violation("viduq2-pro-fast", "additionalProperties", {"metadata.resolutoin": "720p"}, "metadata.resolutoin", None),
    Violation("viduq2-pro-fast", "allOf", {"off_peak": True}, "audio", "audio"),
    Violation("viduq2-pro-fast", "then", {"off_peak": True, "audio": GONE}, "audio", "audio"),
    Violation("viduq2-pro-fast", "then", {"off_peak": True, "audio": False}, "audio", "audio"),
    # wan2.6-i2v-flash
    Violation("wan2.6-i2v-flash", "const", {"model": "wan2.6"}, "model", None),
    Violation("wan2.6-i2v-flash", "required", {"metadata.input.img_url": GONE}, "metadata.input.img_url", "img_url"),
    Violation("wan2.6-i2v-flash", "required", {"metadata": GONE}, "metadata.input.img_url", "img_url"),
    Violation("wan2.6-i2v-flash", "type", {"metadata.input": "x"}, "metadata.input", None),
    Violation("wan2.6-i2v-flash", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation(
        "wan2.6-i2v-flash",
        "maxLength",
        {"metadata.input.negative_prompt": "x" * 501},
        "metadata.input.negative_prompt",
        "negative_prompt",
    ),
    Violation("wan2.6-i2v-flash", "minimum", {"metadata.parameters.seed": -1}, "metadata.parameters.seed", "seed"),
    Violation("wan2.6-i2v-flash", "maximum", {"duration": 16}, "duration", "duration"),
    Violation(
        "wan2.6-i2v-flash",
        "enum",
        {"metadata.parameters.resolution": "1080p"},
        "metadata.parameters.resolution",
        "resolution",
    ),
    Violation("wan2.6-i2v-flash", "pattern", {"metadata.input.img_url": "a.png"}, "metadata.input.img_url", "img_url"),
    Violation("wan2.6-i2v-flash", "additionalProperties", {"resolution": "720P"}, "resolution", "resolution"),
    # wan2.7-r2v
    Violation("wan2.7-r2v", "const", {"model": "wan2.7"}, "model", None),
    Violation("wan2.7-r2v", "required", {"metadata.input": GONE}, _MEDIA, "reference_image"),
    Violation("wan2.7-r2v", "type", {_MEDIA: {}}, _MEDIA, "reference_image"),
    Violation("wan2.7-r2v", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("wan2.7-r2v", "maxLength", {"prompt": "x" * 5001}, "prompt", "prompt"),
    Violation("wan2.7-r2v", "minimum", {"duration": 1}, "duration", "duration"),
    Violation("wan2.7-r2v", "maximum", {"metadata.parameters.seed": 2**31}, "metadata.parameters.seed", "seed"),
    Violation("wan2.7-r2v", "enum", {"size": "4K"}, "size", "resolution"),
    Violation("wan2.7-r2v", "additionalProperties", {"metadata.input.medias": []}, "metadata.input.medias", None),
    Violation("wan2.7-r2v", "minItems", {_MEDIA: []}, _MEDIA, "reference_image"),
    Violation("wan2.7-r2v", "items", {_MEDIA: [*_media("reference_image"), 3]}, f"{_MEDIA}[1]", "reference_image"),
    Violation("wan2.7-r2v", "anyOf", {_MEDIA: _media("reference_image", "last_frame")}, f"{_MEDIA}[1].type", None),
    Violation(
        "wan2.7-r2v",
        "pattern",
        {_MEDIA: [*_media("reference_image"), {"type": "reference_video", "url": "a.mp4"}]},
        f"{_MEDIA}[1].url",
        "reference_video",
    ),
    Violation(
        "wan2.7-r2v",
        "pattern",
        {_MEDIA: _media("reference_image", reference_voice="a.wav")},
        f"{_MEDIA}[0].reference_voice",
        "reference_voice",
    ),
    Violation("wan2.7-r2v", "contains", {_MEDIA: _media("first_frame")}, _MEDIA, "reference_image"),
    Violation("wan2.7-r2v", "contains", {_MEDIA: _media("reference_video")}, _MEDIA, "reference_image"),
    Violation(
        "wan2.7-r2v",
        "maxContains",
        {_MEDIA: _media("reference_image", "first_frame", "first_frame")},
        _MEDIA,
        "first_frame",
    ),
    Violation(
        "wan2.7-r2v",
        "allOf",
        {_MEDIA: _media(*["reference_image"] * 3, *["reference_video"] * 3)},
        _MEDIA,
        "reference_video",
    ),
    Violation(
        "wan2.7-r2v",
        "then",
        {_MEDIA: _media("reference_image", "reference_video"), "duration": 11},
        "duration",
        "duration",
    ),
    Violation(
        "wan2.7-r2v",
        "then",
        {_MEDIA: _media("reference_image", "reference_video"), "duration": 15},
        "duration",
        "duration",
    ),
]
"""Of the wire: changes to the documented body."""

_SHOT = {"prompt": "a", "duration": 3}

FORM = [
    # generic
    Violation("generic", "required", {"prompt": GONE}, "prompt", "prompt"),
    Violation("generic", "type", {"duration": 5.0}, "duration", "duration"),
    Violation("generic", "minLength", {"model": ""}, "model", "model"),
    Violation("generic", "minimum", {"fps": 0}, "fps", "fps"),
    Violation("generic", "maximum", {"duration": 3601}, "duration", "duration"),
    Violation("generic", "additionalProperties", {"durations": 5}, "durations", None),
    # kling-v3
    Violation("kling-v3", "required", {"prompt": GONE}, "prompt", "prompt"),
    Violation("kling-v3", "type", {"duration": "5"}, "duration", "duration"),
    Violation("kling-v3", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("kling-v3", "maxLength", {"negative_prompt": "x" * 2501}, "negative_prompt", "negative_prompt"),
    Violation("kling-v3", "minimum", {"cfg_scale": -0.1}, "cfg_scale", "cfg_scale"),
    Violation("kling-v3", "maximum", {"duration": 16}, "duration", "duration"),
    Violation("kling-v3", "enum", {"aspect_ratio": "4:3"}, "aspect_ratio", "aspect_ratio"),
    Violation("kling-v3", "pattern", {"image": "not base64!"}, "image", "image"),
    Violation("kling-v3", "additionalProperties", {"promt": "x"}, "promt", None),
    Violation("kling-v3", "anyOf", {"reference_images": 3}, "reference_images", "reference_images"),
    Violation("kling-v3", "items", {"multi_prompt": [{"prompt": "a"}]}, "multi_prompt", "multi_prompt"),
    Violation("kling-v3", "minItems", {"multi_prompt": []}, "multi_prompt", "multi_prompt"),
    Violation("kling-v3", "maxItems", {"multi_prompt": [_SHOT] * 7}, "multi_prompt", "multi_prompt"),
    Violation("kling-v3", "allOf", {"image": URL, "reference_images": URL}, "reference_images", "reference_images"),
    Violation("kling-v3", "then", {"image_tail": URL}, "image", "image"),
    Violation("kling-v3", "then", {"multi_shot": True}, "shot_type", "shot_type"),
    Violation(
        "kling-v3",
        "not",
        {"image": URL, "image_tail": URL, "multi_shot": True, "shot_type": "intelligence"},
        "image_tail",
        "image_tail",
    ),
    # viduq2-pro-fast
    Violation("viduq2-pro-fast", "required", {"image": GONE}, "image", "image"),
    Violation("viduq2-pro-fast", "type", {"seed": None, "prompt": None}, "prompt", "prompt"),
    Violation("viduq2-pro-fast", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("viduq2-pro-fast", "maxLength", {"prompt": "x" * 2001}, "prompt", "prompt"),
    Violation("viduq2-pro-fast", "minimum", {"duration": 0}, "duration", "duration"),
    Violation("viduq2-pro-fast", "maximum", {"duration": 11}, "duration", "duration"),
    Violation("viduq2-pro-fast", "enum", {"stype": "manga"}, "stype", "stype"),
    Violation("viduq2-pro-fast", "pattern", {"image": "a.png"}, "image", "image"),
    Violation("viduq2-pro-fast", "additionalProperties", {"style": "anime"}, "style", None),
    Violation("viduq2-pro-fast", "allOf", {"off_peak": True, "audio": GONE}, "audio", "audio"),
    Violation("viduq2-pro-fast", "then", {"off_peak": True, "audio": None}, "audio", "audio"),
    Violation("viduq2-pro-fast", "then", {"off_peak": True, "audio": False}, "audio", "audio"),
    # wan2.6-i2v-flash
    Violation("wan2.6-i2v-flash", "required", {"img_url": GONE}, "img_url", "img_url"),
    Violation("wan2.6-i2v-flash", "type", {"prompt_extend": 1}, "prompt_extend", "prompt_extend"),
    Violation("wan2.6-i2v-flash", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("wan2.6-i2v-flash", "maxLength", {"prompt": "x" * 1501}, "prompt", "prompt"),
    Violation("wan2.6-i2v-flash", "minimum", {"duration": 1}, "duration", "duration"),
    Violation("wan2.6-i2v-flash", "maximum", {"seed": 2**31}, "seed", "seed"),
    Violation("wan2.6-i2v-flash", "enum", {"shot_type": "double"}, "shot_type", "shot_type"),
    Violation("wan2.6-i2v-flash", "pattern", {"audio_url": "ftp://example.com/a.wav"}, "audio_url", "audio_url"),
    Violation("wan2.6-i2v-flash", "additionalProperties", {"ratio": "16:9"}, "ratio", None),
    # wan2.7-r2v
    Violation("wan2.7-r2v", "required", {"reference_image": GONE}, "reference_image", "reference_image"),
    Violation("wan2.7-r2v", "type", {"watermark": "off"}, "watermark", "watermark"),
    Violation("wan2.7-r2v", "minLength", {"prompt": ""}, "prompt", "prompt"),
    Violation("wan2.7-r2v", "maxLength", {"negative_prompt": "x" * 501}, "negative_prompt", "negative_prompt"),
    Violation("wan2.7-r2v", "minimum", {"seed": -1}, "seed", "seed"),
    Violation("wan2.7-r2v", "maximum", {"duration": 16}, "duration", "duration"),
    Violation("wan2.7-r2v", "enum", {"ratio": "21:9"}, "ratio", "ratio"),
    Violation("wan2.7-r2v", "pattern", {"first_frame": "a.png"}, "first_frame", "first_frame"),
    Violation("wan2.7-r2v", "additionalProperties", {"size": "720P"}, "size", None),
    Violation("wan2.7-r2v", "anyOf", {"reference_image": ["a.png"]}, "reference_image", "reference_image"),
    Violation("wan2.7-r2v", "items", {"reference_image": [URL, 3]}, "reference_image", "reference_image"),
    Violation("wan2.7-r2v", "minItems", {"reference_image": []}, "reference_image", "reference_image"),
    Violation("wan2.7-r2v", "maxItems", {"reference_image": [URL] * 6}, "reference_image", "reference_image"),
    Violation("wan2.7-r2v", "allOf", {"reference_video": URL, "duration": 15}, "duration", "duration"),
    Violation("wan2.7-r2v", "then", {"reference_video": [URL], "duration": 11}, "duration", "duration"),
    Violation("wan2.7-r2v", "then", {"reference_video": [URL, URL], "duration": 12}, "duration", "duration"),
]
"""Of the form: changes to the documented values."""
