"""What a good programmer writes without the package: kling-v3 as a pydantic class with the same limits and rules."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_LARGEST_PICTURE = 10 * 1024 * 1024
_URL = re.compile(r"(https?://|data:image/(jpeg|png);base64,)\S+")
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


def _picture(value: Any) -> Any:
    """Keep a URL or a data URI; encode a local file as Base64."""
    if isinstance(value, Path):
        content = value.read_bytes()
        if len(content) > _LARGEST_PICTURE:
            raise ValueError("larger than 10 MB")
        if not content.startswith(_MAGIC):
            raise ValueError("neither JPEG nor PNG")
        return base64.b64encode(content).decode()
    if isinstance(value, str) and not _URL.match(value):
        raise ValueError("not a URL; for a local file give a Path")
    return value


def _in_tenths(value: Any) -> Any:
    if isinstance(value, float) and abs(value * 10 - round(value * 10)) > 1e-6:
        raise ValueError("no multiple of 0.1")
    return value


Picture = Annotated[str, BeforeValidator(_picture)]
_CONFIG = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Shot(BaseModel):
    """One shot of a storyboard."""

    model_config = _CONFIG

    prompt: Annotated[str, Field(min_length=1, max_length=512)]
    duration: Annotated[int, Field(ge=1, le=15)]


class KlingV3(BaseModel):
    """A request for kling-v3."""

    model_config = _CONFIG

    prompt: Annotated[str, Field(min_length=1, max_length=2500)]
    image: Picture | None = None
    duration: Annotated[int | None, Field(ge=3, le=15)] = 5
    mode: Literal["std", "pro"] | None = "std"
    cfg_scale: Annotated[float | None, Field(ge=0, le=1), BeforeValidator(_in_tenths)] = 0.5
    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = "16:9"
    multi_shot: bool | None = False
    watermark_enabled: bool | None = False
    negative_prompt: Annotated[str | None, Field(max_length=2500)] = None
    image_tail: Picture | None = None
    reference_images: Annotated[Sequence[Picture] | None, Field(max_length=7)] = None
    shot_type: Literal["customize", "intelligence"] | None = None
    multi_prompt: Annotated[Sequence[Shot] | None, Field(min_length=1, max_length=6)] = None

    @model_validator(mode="after")
    def _rules(self) -> Self:
        if self.image is not None and self.reference_images:
            raise ValueError("a video starts from a frame or follows reference images, not both")
        if self.image_tail is not None:
            if self.image is None:
                raise ValueError("a last frame needs a first frame")
            if self.reference_images:
                raise ValueError("a video ends on a frame or follows reference images, not both")
            if self.multi_shot:
                raise ValueError("a storyboard cannot be steered to a last frame")
        if self.multi_shot:
            if self.shot_type is None:
                raise ValueError("a storyboard needs to know who writes the shots")
            if self.shot_type == "customize":
                if not self.multi_prompt:
                    raise ValueError("a customized storyboard needs its shots")
                if sum(shot.duration for shot in self.multi_prompt) != self.duration:
                    raise ValueError("the shots together must be as long as the video")
        elif self.shot_type is not None:
            warnings.warn("shot_type only counts when multi_shot is on", stacklevel=2)
        elif self.duration not in (None, 5, 10):
            warnings.warn("5 and 10 seconds are standard for a single shot", stacklevel=2)
        if self.multi_prompt and not (self.multi_shot and self.shot_type == "customize"):
            warnings.warn("shots are only read in a customized storyboard", stacklevel=2)
        if self.image is not None and "aspect_ratio" in self.model_fields_set:
            warnings.warn("the video takes the shape of its first frame", stacklevel=2)
        return self

    def to_payload(self) -> dict[str, Any]:
        """The request body, without fields that are not set."""
        metadata: dict[str, Any] = {
            "cfg_scale": self.cfg_scale,
            "aspect_ratio": self.aspect_ratio,
            "multi_shot": self.multi_shot,
            "watermark_info": None if self.watermark_enabled is None else {"enabled": self.watermark_enabled},
            "negative_prompt": self.negative_prompt,
            "image_tail": self.image_tail,
            "image_list": [{"image_url": url} for url in self.reference_images or ()] or None,
            "shot_type": self.shot_type,
            "multi_prompt": [
                {"index": index, "prompt": shot.prompt, "duration": str(shot.duration)}
                for index, shot in enumerate(self.multi_prompt or (), start=1)
            ]
            or None,
        }
        body: dict[str, Any] = {
            "model": "kling-v3",
            "prompt": self.prompt,
            "image": self.image,
            "duration": self.duration,
            "mode": self.mode,
            "metadata": {key: value for key, value in metadata.items() if value is not None} or None,
        }
        return {key: value for key, value in body.items() if value is not None}
