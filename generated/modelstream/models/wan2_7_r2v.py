# Made from schemas/wan2.7-r2v.yaml and templates/modelstream/models/[module].py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Wan2.7-R2V: the request class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

from pydantic import Field

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.fields import Unit
from modelstream_runtime.media import MB, Accepts, Media, MediaList
from modelstream_runtime.payload import each, extend_first, prune
from modelstream_runtime.request import Request
from modelstream_runtime.rules import Count, Ignores, Rules, Within
from modelstream_runtime.wire import Target

__all__ = ["Wan27R2V"]


class Wan27R2V(Request, frozen=True):
    """Reference to video with up to five images and videos as references, and a voice to clone (Alibaba).

    Wan2.7-R2V, sent as model `wan2.7-r2v`. Source: documentation page wan2.7-r2v, read on 2026-11-21.

    Args:
        prompt: What happens in the video. Call the references "Image 1", "Image 2" and "Video 1" in their
            order. At most 5000 characters.
        resolution: Resolution of the video, which decides the price. `"1080P"` (Full HD), `"720P"` (HD);
            default `"1080P"`.
        duration: Length of the video, which decides the price. At most 10 seconds with a reference video. 2 to
            15 seconds; default `5`.
        reference_image: Pictures of the characters, "Image 1" first. 240 to 8000 pixels a side. One image or a
            list of 1 to 5, JPEG, PNG, BMP or WEBP, at most 20 MB each. The client sends a local file as a data
            URI.
        reference_video: Videos that guide movement and expression, "Video 1" first. 1 to 30 seconds each. One
            video or a list of at most 5, MP4 or MOV, at most 100 MB each. The client sends a local file as a
            data URI.
        first_frame: Picture the video starts from. Does not count as a reference; the video takes its shape.
            The client sends a local file as a data URI.
        reference_voice: Recording whose timbre the character speaks with; what is said in it does not matter.
            It is given to the first reference image. 1 to 10 seconds long. WAV or MP3, at most 15 MB. The
            client sends a local file as a data URI.
        negative_prompt: What the video should not show. At most 500 characters.
        ratio: Aspect ratio of the video. With a first frame, the video takes its aspect ratio instead. `"16:9"`
            (Landscape), `"9:16"` (Portrait), `"1:1"` (Square), `"4:3"` (Classic landscape), `"3:4"` (Classic
            portrait); default `"16:9"`.
        prompt_extend: Whether a language model rewrites the prompt first. Default `True`.
        watermark: Whether the video carries the watermark "AI生成" in the lower right corner. Default `False`.
        seed: Seed of the random numbers. If you leave it out, each video gets a new one. 0 to 2147483647.
    """

    prompt: Annotated[str, Field(max_length=5000, min_length=1)]
    """What happens in the video. Call the references "Image 1", "Image 2" and "Video 1" in their order.

    At most 5000 characters.
    """

    resolution: Literal["1080P", "720P"] | None = "1080P"
    """Resolution of the video, which decides the price.

    `"1080P"` (Full HD), `"720P"` (HD); default `"1080P"`. Sent as `size`.
    """

    duration: Annotated[int | None, Field(ge=2, le=15), Unit("s")] = 5
    """Length of the video, which decides the price. At most 10 seconds with a reference video.

    2 to 15 seconds; default `5`.
    """

    reference_image: Annotated[
        MediaList,
        Accepts(
            "image", formats=("jpeg", "png", "bmp", "webp"), max_bytes=20 * MB, many=True, min_items=1, max_items=5
        ),
    ]
    """Pictures of the characters, "Image 1" first. 240 to 8000 pixels a side.

    One image or a list of 1 to 5, JPEG, PNG, BMP or WEBP, at most 20 MB each. The client sends a local file as
    a data URI. Sent as `metadata.input.media[]`.
    """

    reference_video: Annotated[
        MediaList | None,
        Accepts("video", formats=("mp4", "mov"), max_bytes=100 * MB, many=True, max_items=5),
    ] = None
    """Videos that guide movement and expression, "Video 1" first. 1 to 30 seconds each.

    One video or a list of at most 5, MP4 or MOV, at most 100 MB each. The client sends a local file as a data
    URI. Sent as `metadata.input.media[]`, according to the vendor's documentation; the gateway's page does not
    show it.
    """

    first_frame: Annotated[Media | None, Accepts("image")] = None
    """Picture the video starts from. Does not count as a reference; the video takes its shape.

    The client sends a local file as a data URI. Sent as `metadata.input.media[]`, according to the vendor's
    documentation; the gateway's page does not show it.
    """

    reference_voice: Annotated[Media | None, Accepts("audio", formats=("wav", "mp3"), max_bytes=15 * MB)] = None
    """Recording whose timbre the character speaks with; what is said in it does not matter. It is given to the
    first reference image. 1 to 10 seconds long.

    WAV or MP3, at most 15 MB. The client sends a local file as a data URI. Sent as
    `metadata.input.media[].reference_voice`, according to the vendor's documentation; the gateway's page does
    not show it.
    """

    negative_prompt: Annotated[str | None, Field(max_length=500)] = None
    """What the video should not show.

    At most 500 characters. Sent as `metadata.input.negative_prompt`.
    """

    ratio: Literal["16:9", "9:16", "1:1", "4:3", "3:4"] | None = "16:9"
    """Aspect ratio of the video. With a first frame, the video takes its aspect ratio instead.

    `"16:9"` (Landscape), `"9:16"` (Portrait), `"1:1"` (Square), `"4:3"` (Classic landscape), `"3:4"` (Classic
    portrait); default `"16:9"`. Sent as `metadata.parameters.ratio`.

    The model ignores it (with a warning if you set it) when `first_frame` is given: the video takes the aspect
    ratio of its first frame.
    """

    prompt_extend: bool | None = True
    """Whether a language model rewrites the prompt first.

    Default `True`. Sent as `metadata.parameters.prompt_extend`.
    """

    watermark: bool | None = False
    """Whether the video carries the watermark "AI生成" in the lower right corner.

    Default `False`. Sent as `metadata.parameters.watermark`.
    """

    seed: Annotated[int | None, Field(ge=0, le=2147483647)] = None
    """Seed of the random numbers. If you leave it out, each video gets a new one.

    0 to 2147483647. Sent as `metadata.parameters.seed`, according to the vendor's documentation; the gateway's
    page does not show it.
    """

    _catalog: ClassVar[Catalog] = CATALOG

    _model_id: ClassVar[str | None] = "wan2.7-r2v"

    _targets: ClassVar[Mapping[str, Target]] = {
        "prompt": Target("prompt"),
        "resolution": Target("size"),
        "duration": Target("duration"),
        "reference_image": Target(
            "metadata.input.media[]", item={"type": "reference_image", "url": "$value"}, many=True
        ),
        "reference_video": Target(
            "metadata.input.media[]", item={"type": "reference_video", "url": "$value"}, many=True
        ),
        "first_frame": Target("metadata.input.media[]", item={"type": "first_frame", "url": "$value"}),
        "reference_voice": Target("metadata.input.media[].reference_voice", attach_to="reference_image"),
        "negative_prompt": Target("metadata.input.negative_prompt"),
        "ratio": Target("metadata.parameters.ratio"),
        "prompt_extend": Target("metadata.parameters.prompt_extend"),
        "watermark": Target("metadata.parameters.watermark"),
        "seed": Target("metadata.parameters.seed"),
    }

    _rules: ClassVar[Rules] = (
        Within(
            maximum={"duration": 10},
            when={"reference_video": "present"},
            because="a video with a reference video lasts at most 10 seconds",
        ),
        Count(
            "reference_image",
            "reference_video",
            maximum=5,
            because="images and videos together may be at most 5 references",
        ),
        Ignores(
            "ratio", when={"first_frame": "present"}, because="the video takes the aspect ratio of its first frame"
        ),
    )

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        return prune(
            {
                "model": "wan2.7-r2v",
                "prompt": self.prompt,
                "size": self.resolution,
                "duration": self.duration,
                "metadata": {
                    "input": {
                        "media": [
                            *extend_first(
                                ({"type": "reference_image", "url": url} for url in each(self.reference_image)),
                                {"reference_voice": self.reference_voice},
                            ),
                            *({"type": "reference_video", "url": url} for url in each(self.reference_video)),
                            *({"type": "first_frame", "url": url} for url in each(self.first_frame)),
                        ],
                        "negative_prompt": self.negative_prompt,
                    },
                    "parameters": {
                        "ratio": self.ratio,
                        "prompt_extend": self.prompt_extend,
                        "watermark": self.watermark,
                        "seed": self.seed,
                    },
                },
            }
        )


if TYPE_CHECKING:

    class Wan27R2VValues(TypedDict):
        """The fields of `Wan27R2V` as keyword arguments."""

        prompt: str
        resolution: NotRequired[Literal["1080P", "720P"] | None]
        duration: NotRequired[int | None]
        reference_image: MediaList
        reference_video: NotRequired[MediaList | None]
        first_frame: NotRequired[Media | None]
        reference_voice: NotRequired[Media | None]
        negative_prompt: NotRequired[str | None]
        ratio: NotRequired[Literal["16:9", "9:16", "1:1", "4:3", "3:4"] | None]
        prompt_extend: NotRequired[bool | None]
        watermark: NotRequired[bool | None]
        seed: NotRequired[int | None]
