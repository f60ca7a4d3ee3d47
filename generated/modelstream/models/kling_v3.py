# Made from schemas/kling-v3.yaml and templates/modelstream/models/[module].py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Kling VIDEO 3.0: the request class."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

from pydantic import Field

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.fields import AsTuple, Step, Unit
from modelstream_runtime.media import MB, Accepts, Media, MediaList
from modelstream_runtime.payload import as_text, each, prune
from modelstream_runtime.request import Item, Request
from modelstream_runtime.rules import Expects, Forbids, Ignores, OneMode, Requires, Rules, SumEquals
from modelstream_runtime.wire import Target

__all__ = ["KlingV3", "KlingV3Shot"]


class KlingV3Shot(Item, frozen=True):
    """One item of `multi_prompt`.

    Args:
        prompt: What happens in this shot. At most 512 characters.
        duration: Length of this shot. 1 to 15 seconds.
    """

    prompt: Annotated[str, Field(max_length=512, min_length=1)]
    """What happens in this shot.

    At most 512 characters.
    """

    duration: Annotated[int, Field(ge=1, le=15), Unit("s")]
    """Length of this shot.

    1 to 15 seconds.
    """


if TYPE_CHECKING:

    class KlingV3ShotValues(TypedDict):
        """The fields of `KlingV3Shot` as a dictionary."""

        prompt: str
        duration: int


class KlingV3(Request, frozen=True):
    """Text, image and reference to video, 3 to 15 seconds, with storyboards of up to six shots (Kuaishou).

    The page's "Generation Mode" has no key of its own on the wire; the fields that are given decide the mode.

    A request is of one mode:
    - Text to Video: has no fields of its own.
    - Image to Video: needs `image` and takes `image_tail`.
    - Reference to Video: needs `reference_images`.

    Kling VIDEO 3.0, sent as model `kling-v3`. Source: documentation page kling-v3, read on 2026-11-21.

    Args:
        prompt: What happens in the video. The page does not list it, yet the gateway asks for it in every mode;
            in a customized storyboard Kling follows the shots and does not read it. At most 2500 characters
            (according to the vendor's documentation).
        image: First frame. At least 300 pixels a side, with sides between 1:2.5 and 2.5:1. JPEG or PNG, at most
            10 MB (according to the vendor's documentation); only for Image to Video (required). The client
            sends a local file as bare Base64.
        duration: Length of the video. With a storyboard it is the sum of the shots. 3 to 15 seconds; default
            `5`.
        mode: Quality tier. `std` is faster, `pro` looks better. `"std"` (Standard, 720P), `"pro"`
            (Professional, 1080P); default `"std"`.
        cfg_scale: How closely the video follows the prompt. Higher is closer, and leaves the model less
            freedom. 0 to 1 in steps of 0.1; default `0.5`.
        aspect_ratio: Aspect ratio of the video. With a first frame, the video takes its aspect ratio instead.
            `"16:9"` (Landscape), `"9:16"` (Portrait), `"1:1"` (Square); default `"16:9"`.
        multi_shot: Whether the video has several shots instead of one. `shot_type` says who writes them.
            Default `False`.
        watermark_enabled: Whether a watermarked copy is made as well. Default `False`.
        negative_prompt: What the video should not show. At most 2500 characters.
        image_tail: Last frame. Goes with a first frame. At least 300 pixels a side, with sides between 1:2.5
            and 2.5:1. JPEG or PNG, at most 10 MB (according to the vendor's documentation); only for Image to
            Video. The client sends a local file as bare Base64.
        reference_images: Reference pictures of the subjects. The prompt refers to them as <<<image_1>>>,
            <<<image_2>>> and so on. One image or a list of at most 7, JPEG or PNG, at most 10 MB each (our own
            guess); only for Reference to Video (required). The client sends a local file as bare Base64.
        shot_type: Who writes the storyboard. `"customize"` (You write every shot), `"intelligence"` (The model
            cuts the prompt into shots) (according to the vendor's documentation).
        multi_prompt: The shots of a customized storyboard, in order. Their lengths add up to `duration`. 1 to 6
            items (according to the vendor's documentation).
    """

    prompt: Annotated[str, Field(max_length=2500, min_length=1)]
    """What happens in the video. The page does not list it, yet the gateway asks for it in every mode; in a
    customized storyboard Kling follows the shots and does not read it.

    At most 2500 characters (according to the vendor's documentation).
    """

    image: Annotated[
        Media | None,
        Accepts("image", formats=("jpeg", "png"), max_bytes=10 * MB, encoding="base64"),
    ] = None
    """First frame. At least 300 pixels a side, with sides between 1:2.5 and 2.5:1.

    JPEG or PNG, at most 10 MB (according to the vendor's documentation); only for Image to Video (required).
    The client sends a local file as bare Base64. Sent as `image`, according to the vendor's documentation; the
    gateway's page does not show it.
    """

    duration: Annotated[int | None, Field(ge=3, le=15), Unit("s")] = 5
    """Length of the video. With a storyboard it is the sum of the shots.

    3 to 15 seconds; default `5`.
    """

    mode: Literal["std", "pro"] | None = "std"
    """Quality tier. `std` is faster, `pro` looks better.

    `"std"` (Standard, 720P), `"pro"` (Professional, 1080P); default `"std"`.
    """

    cfg_scale: Annotated[float | None, Field(ge=0.0, le=1.0), Step(0.1)] = 0.5
    """How closely the video follows the prompt. Higher is closer, and leaves the model less freedom.

    0 to 1 in steps of 0.1; default `0.5`. Sent as `metadata.cfg_scale`.
    """

    aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = "16:9"
    """Aspect ratio of the video. With a first frame, the video takes its aspect ratio instead.

    `"16:9"` (Landscape), `"9:16"` (Portrait), `"1:1"` (Square); default `"16:9"`. Sent as
    `metadata.aspect_ratio`.

    The model ignores it (with a warning if you set it) when `image` is given: the video takes the aspect ratio
    of its first frame.
    """

    multi_shot: bool | None = False
    """Whether the video has several shots instead of one. `shot_type` says who writes them.

    Default `False`. Sent as `metadata.multi_shot`.
    """

    watermark_enabled: bool | None = False
    """Whether a watermarked copy is made as well.

    Default `False`. Sent as `metadata.watermark_info.enabled`.
    """

    negative_prompt: Annotated[str | None, Field(max_length=2500)] = None
    """What the video should not show.

    At most 2500 characters. Sent as `metadata.negative_prompt`, according to the vendor's documentation; the
    gateway's page does not show it.
    """

    image_tail: Annotated[
        Media | None,
        Accepts("image", formats=("jpeg", "png"), max_bytes=10 * MB, encoding="base64"),
    ] = None
    """Last frame. Goes with a first frame. At least 300 pixels a side, with sides between 1:2.5 and 2.5:1.

    JPEG or PNG, at most 10 MB (according to the vendor's documentation); only for Image to Video. The client
    sends a local file as bare Base64. Sent as `metadata.image_tail`, according to the vendor's documentation;
    the gateway's page does not show it.
    """

    reference_images: Annotated[
        MediaList | None,
        Accepts("image", formats=("jpeg", "png"), max_bytes=10 * MB, encoding="base64", many=True, max_items=7),
    ] = None
    """Reference pictures of the subjects. The prompt refers to them as <<<image_1>>>, <<<image_2>>> and so on.

    One image or a list of at most 7, JPEG or PNG, at most 10 MB each (our own guess); only for Reference to
    Video (required). The client sends a local file as bare Base64. Sent as `metadata.image_list[]`, a guess:
    neither the page nor the vendor's documentation shows it.
    """

    shot_type: Literal["customize", "intelligence"] | None = None
    """Who writes the storyboard.

    `"customize"` (You write every shot), `"intelligence"` (The model cuts the prompt into shots) (according to
    the vendor's documentation). Sent as `metadata.shot_type`, according to the vendor's documentation; the
    gateway's page does not show it.

    The model ignores it (with a warning if you set it) unless `multi_shot` is `True`: it takes effect only when
    multi_shot is on.
    """

    multi_prompt: Annotated[Sequence[KlingV3Shot] | None, Field(max_length=6, min_length=1), AsTuple] = None
    """The shots of a customized storyboard, in order. Their lengths add up to `duration`.

    1 to 6 items (according to the vendor's documentation). Sent as `metadata.multi_prompt[]`, according to the
    vendor's documentation; the gateway's page does not show it.

    The model ignores it (with a warning if you set it) unless `multi_shot` is `True` and `shot_type` is
    `"customize"`: shots are only read in a customized storyboard.
    """

    _catalog: ClassVar[Catalog] = CATALOG

    _model_id: ClassVar[str | None] = "kling-v3"

    _targets: ClassVar[Mapping[str, Target]] = {
        "prompt": Target("prompt"),
        "image": Target("image"),
        "duration": Target("duration"),
        "mode": Target("mode"),
        "cfg_scale": Target("metadata.cfg_scale"),
        "aspect_ratio": Target("metadata.aspect_ratio"),
        "multi_shot": Target("metadata.multi_shot"),
        "watermark_enabled": Target("metadata.watermark_info.enabled"),
        "negative_prompt": Target("metadata.negative_prompt"),
        "image_tail": Target("metadata.image_tail"),
        "reference_images": Target("metadata.image_list[]", item={"image_url": "$value"}, many=True),
        "shot_type": Target("metadata.shot_type"),
        "multi_prompt": Target(
            "metadata.multi_prompt[]",
            item={"index": "$position", "prompt": "$prompt", "duration": "$duration"},
            many=True,
            as_text={"duration": int},
        ),
    }

    _rules: ClassVar[Rules] = (
        OneMode(
            {
                "Text to Video": {},
                "Image to Video": {"requires": ("image",), "allows": ("image_tail",)},
                "Reference to Video": {"requires": ("reference_images",)},
            }
        ),
        Forbids("image_tail", when={"multi_shot": True}, because="a storyboard cannot be steered to a last frame"),
        Requires("shot_type", when={"multi_shot": True}, because="a storyboard needs to know who writes the shots"),
        Requires(
            "multi_prompt",
            when={"multi_shot": True, "shot_type": "customize"},
            because="a customized storyboard needs its shots",
        ),
        SumEquals(
            "multi_prompt",
            "duration",
            "duration",
            when={"multi_shot": True, "shot_type": "customize"},
            because="the shots together must be as long as the video",
        ),
        Ignores("shot_type", unless={"multi_shot": True}, because="it takes effect only when multi_shot is on"),
        Ignores(
            "multi_prompt",
            unless={"multi_shot": True, "shot_type": "customize"},
            because="shots are only read in a customized storyboard",
        ),
        Ignores(
            "aspect_ratio", when={"image": "present"}, because="the video takes the aspect ratio of its first frame"
        ),
        Expects(
            {"duration": [5, 10]},
            unless={"multi_shot": True},
            because="the page calls 5 and 10 seconds standard for a single shot; the vendor accepts other lengths too",
        ),
    )

    if TYPE_CHECKING:
        # An item may be passed as a dictionary, too; a field's type names only the class, which is what you read from it.
        def __init__(
            self,
            *,
            prompt: str,
            image: Media | None = None,
            duration: int | None = 5,
            mode: Literal["std", "pro"] | None = "std",
            cfg_scale: float | None = 0.5,
            aspect_ratio: Literal["16:9", "9:16", "1:1"] | None = "16:9",
            multi_shot: bool | None = False,
            watermark_enabled: bool | None = False,
            negative_prompt: str | None = None,
            image_tail: Media | None = None,
            reference_images: MediaList | None = None,
            shot_type: Literal["customize", "intelligence"] | None = None,
            multi_prompt: Sequence[KlingV3Shot | KlingV3ShotValues] | None = None,
        ) -> None: ...

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        return prune(
            {
                "model": "kling-v3",
                "prompt": self.prompt,
                "image": self.image,
                "duration": self.duration,
                "mode": self.mode,
                "metadata": {
                    "cfg_scale": self.cfg_scale,
                    "aspect_ratio": self.aspect_ratio,
                    "multi_shot": self.multi_shot,
                    "watermark_info": {
                        "enabled": self.watermark_enabled,
                    },
                    "negative_prompt": self.negative_prompt,
                    "image_tail": self.image_tail,
                    "image_list": [{"image_url": image_url} for image_url in each(self.reference_images)],
                    "shot_type": self.shot_type,
                    "multi_prompt": [
                        {"index": position, "prompt": shot.prompt, "duration": as_text(shot.duration)}
                        for position, shot in enumerate(each(self.multi_prompt), start=1)
                    ],
                },
            }
        )


if TYPE_CHECKING:

    class KlingV3Values(TypedDict):
        """The fields of `KlingV3` as keyword arguments."""

        prompt: str
        image: NotRequired[Media | None]
        duration: NotRequired[int | None]
        mode: NotRequired[Literal["std", "pro"] | None]
        cfg_scale: NotRequired[float | None]
        aspect_ratio: NotRequired[Literal["16:9", "9:16", "1:1"] | None]
        multi_shot: NotRequired[bool | None]
        watermark_enabled: NotRequired[bool | None]
        negative_prompt: NotRequired[str | None]
        image_tail: NotRequired[Media | None]
        reference_images: NotRequired[MediaList | None]
        shot_type: NotRequired[Literal["customize", "intelligence"] | None]
        multi_prompt: NotRequired[Sequence[KlingV3Shot | KlingV3ShotValues] | None]
