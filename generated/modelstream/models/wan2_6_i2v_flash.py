# Made from schemas/wan2.6-i2v-flash.yaml and templates/modelstream/models/[module].py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Wan2.6-I2V-Flash: the request class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

from pydantic import Field

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.fields import Unit
from modelstream_runtime.media import MB, Accepts, Media
from modelstream_runtime.payload import prune
from modelstream_runtime.request import Request
from modelstream_runtime.rules import Ignores, Rules
from modelstream_runtime.wire import Target

__all__ = ["Wan26I2VFlash"]


class Wan26I2VFlash(Request, frozen=True):
    """Image to video, fast and cheap, 2 to 15 seconds, in one shot or several, with sound (Alibaba).

    Wan2.6-I2V-Flash, sent as model `wan2.6-i2v-flash`. Source: documentation page wan2.6-i2v-flash, read on
    2026-11-21.

    Args:
        prompt: What happens in the video, in which style, in one shot or several. At most 1500 characters
            (according to the vendor's documentation).
        duration: Length of the video. 2 to 15 seconds; default `5`.
        negative_prompt: What the video should not show, in English or Chinese. At most 500 characters.
        img_url: First frame. One picture. JPEG, PNG, BMP or WEBP, at most 20 MB. The client sends a local file
            as a data URI.
        audio_url: Sound track that the video follows. 3 to 30 seconds long. WAV or MP3, at most 15 MB. The
            client sends a local file as a data URI.
        resolution: Resolution of the video. `"1080P"` (Full HD), `"720P"` (HD); default `"1080P"`.
        prompt_extend: Whether a language model rewrites the prompt first. Default `True`.
        shot_type: How the video is cut. Takes effect only with `prompt_extend` on. `"single"` (One continuous
            shot), `"multi"` (Several shots); default `"single"`.
        audio: Whether the video gets speech, effects and music. Changes the price; `audio_url` takes
            precedence. Default `True`.
        watermark: Whether the video carries an "AI-generated" watermark in the lower right corner. Default
            `False`.
        seed: Seed of the random numbers. If you leave it out, each video gets a new one. 0 to 2147483647.
    """

    prompt: Annotated[str, Field(max_length=1500, min_length=1)]
    """What happens in the video, in which style, in one shot or several.

    At most 1500 characters (according to the vendor's documentation).
    """

    duration: Annotated[int | None, Field(ge=2, le=15), Unit("s")] = 5
    """Length of the video.

    2 to 15 seconds; default `5`.
    """

    negative_prompt: Annotated[str | None, Field(max_length=500)] = None
    """What the video should not show, in English or Chinese.

    At most 500 characters. Sent as `metadata.input.negative_prompt`.
    """

    img_url: Annotated[Media, Accepts("image", formats=("jpeg", "png", "bmp", "webp"), max_bytes=20 * MB)]
    """First frame. One picture.

    JPEG, PNG, BMP or WEBP, at most 20 MB. The client sends a local file as a data URI. Sent as
    `metadata.input.img_url`.
    """

    audio_url: Annotated[Media | None, Accepts("audio", formats=("wav", "mp3"), max_bytes=15 * MB)] = None
    """Sound track that the video follows. 3 to 30 seconds long.

    WAV or MP3, at most 15 MB. The client sends a local file as a data URI. Sent as `metadata.input.audio_url`,
    according to the vendor's documentation; the gateway's page does not show it.
    """

    resolution: Literal["1080P", "720P"] | None = "1080P"
    """Resolution of the video.

    `"1080P"` (Full HD), `"720P"` (HD); default `"1080P"`. Sent as `metadata.parameters.resolution`.
    """

    prompt_extend: bool | None = True
    """Whether a language model rewrites the prompt first.

    Default `True`. Sent as `metadata.parameters.prompt_extend`.
    """

    shot_type: Literal["single", "multi"] | None = "single"
    """How the video is cut. Takes effect only with `prompt_extend` on.

    `"single"` (One continuous shot), `"multi"` (Several shots); default `"single"`. Sent as
    `metadata.parameters.shot_type`.

    The model ignores it (with a warning if you set it) unless `prompt_extend` is `True`: it takes effect only
    when prompt_extend is on.
    """

    audio: bool | None = True
    """Whether the video gets speech, effects and music. Changes the price; `audio_url` takes precedence.

    Default `True`. Sent as `metadata.parameters.audio`.

    The model ignores it (with a warning if you set it) when `audio_url` is given: the sound file takes
    precedence.
    """

    watermark: bool | None = False
    """Whether the video carries an "AI-generated" watermark in the lower right corner.

    Default `False`. Sent as `metadata.parameters.watermark`.
    """

    seed: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """Seed of the random numbers. If you leave it out, each video gets a new one.

    0 to 2147483647. Sent as `metadata.parameters.seed`, according to the vendor's documentation; the gateway's
    page does not show it.
    """

    _catalog: ClassVar[Catalog] = CATALOG

    _model_id: ClassVar[str | None] = "wan2.6-i2v-flash"

    _targets: ClassVar[Mapping[str, Target]] = {
        "prompt": Target("prompt"),
        "duration": Target("duration"),
        "negative_prompt": Target("metadata.input.negative_prompt"),
        "img_url": Target("metadata.input.img_url"),
        "audio_url": Target("metadata.input.audio_url"),
        "resolution": Target("metadata.parameters.resolution"),
        "prompt_extend": Target("metadata.parameters.prompt_extend"),
        "shot_type": Target("metadata.parameters.shot_type"),
        "audio": Target("metadata.parameters.audio"),
        "watermark": Target("metadata.parameters.watermark"),
        "seed": Target("metadata.parameters.seed"),
    }

    _rules: ClassVar[Rules] = (
        Ignores("shot_type", unless={"prompt_extend": True}, because="it takes effect only when prompt_extend is on"),
        Ignores("audio", when={"audio_url": "present"}, because="the sound file takes precedence"),
    )

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        return prune(
            {
                "model": "wan2.6-i2v-flash",
                "prompt": self.prompt,
                "duration": self.duration,
                "metadata": {
                    "input": {
                        "negative_prompt": self.negative_prompt,
                        "img_url": self.img_url,
                        "audio_url": self.audio_url,
                    },
                    "parameters": {
                        "resolution": self.resolution,
                        "prompt_extend": self.prompt_extend,
                        "shot_type": self.shot_type,
                        "audio": self.audio,
                        "watermark": self.watermark,
                        "seed": self.seed,
                    },
                },
            }
        )


if TYPE_CHECKING:

    class Wan26I2VFlashValues(TypedDict):
        """The fields of `Wan26I2VFlash` as keyword arguments."""

        prompt: str
        duration: NotRequired[int | None]
        negative_prompt: NotRequired[str | None]
        img_url: Media
        audio_url: NotRequired[Media | None]
        resolution: NotRequired[Literal["1080P", "720P"] | None]
        prompt_extend: NotRequired[bool | None]
        shot_type: NotRequired[Literal["single", "multi"] | None]
        audio: NotRequired[bool | None]
        watermark: NotRequired[bool | None]
        seed: NotRequired[int | None]
