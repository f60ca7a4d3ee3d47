# Made from schemas/viduq2-pro-fast.yaml and templates/modelstream/models/[module].py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Vidu Q2-Pro-Fast: the request class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NotRequired, TypedDict

from pydantic import Field

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.fields import Unit
from modelstream_runtime.media import MB, Accepts, Media
from modelstream_runtime.payload import each, prune
from modelstream_runtime.request import Request
from modelstream_runtime.rules import Ignores, RequiresValue, Rules
from modelstream_runtime.wire import Target

__all__ = ["ViduQ2ProFast"]


class ViduQ2ProFast(Request, frozen=True):
    """Image to video, made for speed, 1 to 10 seconds, with optional sound and music (Vidu).

    Vidu Q2-Pro-Fast, sent as model `viduq2-pro-fast`. Source: documentation page viduq2-pro-fast, read on
    2026-11-21.

    Args:
        stype: Style of the video. `"general"` (General and realistic), `"anime"` (Anime); default `"general"`.
        prompt: What happens in the video. The page marks it optional, yet the gateway asks for it; with
            `is_rec` on, Vidu writes a prompt of its own and does not read this one. At most 2000 characters
            (according to the vendor's documentation).
        duration: Length of the video. 1 to 10 seconds; default `5`.
        image: First frame. One picture only: with two the gateway would make a start-to-end-frame video of
            them. Sides between 1:4 and 4:1. The whole request may be at most 20 MB. PNG, JPEG or WEBP, at most
            50 MB. The client sends a local file as a data URI.
        is_rec: Whether Vidu writes a suitable prompt itself. Costs 10 credits more. Default `False`.
        audio: Whether the video gets speech and sound effects. Default `False`.
        audio_type: Which kind of sound. Takes effect only with `audio` on. `"All"` (Effects and vocals),
            `"Speech_only"` (Speech only), `"Sound-effect_only"` (Sound effects only); default `"All"`.
        off_peak: Whether the job may wait for a quiet hour. Costs fewer credits and is done within 48 hours;
            needs `audio`. Default `False`.
        seed: Seed of the random numbers; 0 takes a new one each time. 0 to 99999999; default `0`.
        resolution: Resolution of the video. `"720p"` (HD), `"1080p"` (Full HD); default `"720p"`.
        bgm: Whether background music is added. Has no effect at 9 and 10 seconds. Default `False`.
        movement_amplitude: How much movement the video has. Only the page's sample body shows it. `"auto"`
            (Chosen by the model), `"small"` (Little movement), `"medium"` (Some movement), `"large"` (Much
            movement) (according to the vendor's documentation); default `"auto"`.
    """

    stype: Literal["general", "anime"] | None = "general"
    """Style of the video.

    `"general"` (General and realistic), `"anime"` (Anime); default `"general"`.
    """

    prompt: Annotated[str, Field(max_length=2000, min_length=1)]
    """What happens in the video. The page marks it optional, yet the gateway asks for it; with `is_rec` on, Vidu
    writes a prompt of its own and does not read this one.

    At most 2000 characters (according to the vendor's documentation).
    """

    duration: Annotated[int | None, Field(ge=1, le=10), Unit("s")] = 5
    """Length of the video.

    1 to 10 seconds; default `5`.
    """

    image: Annotated[Media, Accepts("image", formats=("png", "jpeg", "webp"), max_bytes=50 * MB)]
    """First frame. One picture only: with two the gateway would make a start-to-end-frame video of them. Sides
    between 1:4 and 4:1. The whole request may be at most 20 MB.

    PNG, JPEG or WEBP, at most 50 MB. The client sends a local file as a data URI. Sent as `images[]`.
    """

    is_rec: bool | None = False
    """Whether Vidu writes a suitable prompt itself. Costs 10 credits more.

    Default `False`.
    """

    audio: bool | None = False
    """Whether the video gets speech and sound effects.

    Default `False`.
    """

    audio_type: Literal["All", "Speech_only", "Sound-effect_only"] | None = "All"
    """Which kind of sound. Takes effect only with `audio` on.

    `"All"` (Effects and vocals), `"Speech_only"` (Speech only), `"Sound-effect_only"` (Sound effects only);
    default `"All"`.

    The model ignores it (with a warning if you set it) unless `audio` is `True`: it takes effect only when
    audio is on.
    """

    off_peak: bool | None = False
    """Whether the job may wait for a quiet hour. Costs fewer credits and is done within 48 hours; needs `audio`.

    Default `False`.
    """

    seed: Annotated[int | None, Field(ge=0, le=99999999)] = 0
    """Seed of the random numbers; 0 takes a new one each time.

    0 to 99999999; default `0`. Sent as `metadata.seed`.
    """

    resolution: Literal["720p", "1080p"] | None = "720p"
    """Resolution of the video.

    `"720p"` (HD), `"1080p"` (Full HD); default `"720p"`. Sent as `metadata.resolution`.
    """

    bgm: bool | None = False
    """Whether background music is added. Has no effect at 9 and 10 seconds.

    Default `False`. Sent as `metadata.bgm`.

    The model ignores it (with a warning if you set it) when `duration` is `9` or `10`: Vidu adds no music to
    videos of 9 or 10 seconds.
    """

    movement_amplitude: Literal["auto", "small", "medium", "large"] | None = "auto"
    """How much movement the video has. Only the page's sample body shows it.

    `"auto"` (Chosen by the model), `"small"` (Little movement), `"medium"` (Some movement), `"large"` (Much
    movement) (according to the vendor's documentation); default `"auto"`. Sent as
    `metadata.movement_amplitude`.
    """

    _catalog: ClassVar[Catalog] = CATALOG

    _model_id: ClassVar[str | None] = "viduq2-pro-fast"

    _targets: ClassVar[Mapping[str, Target]] = {
        "stype": Target("stype"),
        "prompt": Target("prompt"),
        "duration": Target("duration"),
        "image": Target("images[]"),
        "is_rec": Target("is_rec"),
        "audio": Target("audio"),
        "audio_type": Target("audio_type"),
        "off_peak": Target("off_peak"),
        "seed": Target("metadata.seed"),
        "resolution": Target("metadata.resolution"),
        "bgm": Target("metadata.bgm"),
        "movement_amplitude": Target("metadata.movement_amplitude"),
    }

    _rules: ClassVar[Rules] = (
        RequiresValue({"audio": True}, when={"off_peak": True}, because="off-peak jobs are only taken with audio on"),
        Ignores("audio_type", unless={"audio": True}, because="it takes effect only when audio is on"),
        Ignores("bgm", when={"duration": [9, 10]}, because="Vidu adds no music to videos of 9 or 10 seconds"),
    )

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        return prune(
            {
                "model": "viduq2-pro-fast",
                "stype": self.stype,
                "prompt": self.prompt,
                "duration": self.duration,
                "images": [*each(self.image)],
                "is_rec": self.is_rec,
                "audio": self.audio,
                "audio_type": self.audio_type,
                "off_peak": self.off_peak,
                "metadata": {
                    "seed": self.seed,
                    "resolution": self.resolution,
                    "bgm": self.bgm,
                    "movement_amplitude": self.movement_amplitude,
                },
            }
        )


if TYPE_CHECKING:

    class ViduQ2ProFastValues(TypedDict):
        """The fields of `ViduQ2ProFast` as keyword arguments."""

        stype: NotRequired[Literal["general", "anime"] | None]
        prompt: str
        duration: NotRequired[int | None]
        image: Media
        is_rec: NotRequired[bool | None]
        audio: NotRequired[bool | None]
        audio_type: NotRequired[Literal["All", "Speech_only", "Sound-effect_only"] | None]
        off_peak: NotRequired[bool | None]
        seed: NotRequired[int | None]
        resolution: NotRequired[Literal["720p", "1080p"] | None]
        bgm: NotRequired[bool | None]
        movement_amplitude: NotRequired[Literal["auto", "small", "medium", "large"] | None]
