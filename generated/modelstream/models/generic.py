# Made from schemas/generic.yaml and templates/modelstream/models/[module].py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Any video model: the request class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NotRequired, TypedDict

from pydantic import Field

from modelstream.catalog import CATALOG
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.fields import JsonObject, Unit
from modelstream_runtime.media import Accepts, Media
from modelstream_runtime.payload import prune, verbatim
from modelstream_runtime.request import Request
from modelstream_runtime.wire import Target

__all__ = ["VideoRequest"]


class VideoRequest(Request, frozen=True):
    """A request for any model id, including one that has no class here yet (ModelStream).

    Only what all models have in common is checked; what a vendor wants beyond it goes into `metadata`, which
    the gateway merges over the vendor's own payload.

    Any video model, sent as the model that it names. Source: documentation page generic, read on 2026-11-21.

    Args:
        model: Id of the model, as the gateway lists it. The page marks it optional; the gateway answers 400
            without it.
        prompt: What happens in the video. The page marks it optional; in practice the gateway asks for it.
        image: Reference picture. A text is passed on as it is, because some models want bare Base64. The client
            sends a local file as a data URI.
        duration: Length of the video. 1 to 3600 seconds (according to the vendor's documentation).
        width: Width of the picture. Many models take their size from a field of their own and do not read this
            one. At least 1 pixel (our own guess).
        height: Height of the picture. Many models take their size from a field of their own and do not read
            this one. At least 1 pixel (our own guess).
        fps: Frames per second. Many models do not read it. At least 1 (our own guess).
        seed: Seed of the random numbers. Many models only read a seed that is in `metadata`.
        n: How many videos to make. Many models do not read it. At least 1 (our own guess).
        response_format: Format of the response. Many models do not read it.
        user: Your own id for the person the video is for.
        metadata: The vendor's own parameters, sent as they are and merged over the vendor's payload. Kling and
            Vidu read theirs here directly, Wan below `input` and `parameters`. Any JSON object.
    """

    model: Annotated[str, Field(min_length=1)]
    """Id of the model, as the gateway lists it. The page marks it optional; the gateway answers 400 without it."""

    prompt: Annotated[str, Field(min_length=1)]
    """What happens in the video. The page marks it optional; in practice the gateway asks for it."""

    image: Annotated[Media | None, Accepts("image", encoding="any")] = None
    """Reference picture. A text is passed on as it is, because some models want bare Base64.

    The client sends a local file as a data URI. Sent as `image`, according to the vendor's documentation; the
    gateway's page does not show it.
    """

    duration: Annotated[int | None, Field(ge=1, le=3600), Unit("s")] = None
    """Length of the video.

    1 to 3600 seconds (according to the vendor's documentation).
    """

    width: Annotated[int | None, Field(ge=1), Unit("px")] = None
    """Width of the picture. Many models take their size from a field of their own and do not read this one.

    At least 1 pixel (our own guess).
    """

    height: Annotated[int | None, Field(ge=1), Unit("px")] = None
    """Height of the picture. Many models take their size from a field of their own and do not read this one.

    At least 1 pixel (our own guess).
    """

    fps: Annotated[int | None, Field(ge=1)] = None
    """Frames per second. Many models do not read it.

    At least 1 (our own guess). Sent as `fps`, according to the vendor's documentation; the gateway's page does
    not show it.
    """

    seed: int | None = None
    """Seed of the random numbers. Many models only read a seed that is in `metadata`.

    Sent as `seed`, according to the vendor's documentation; the gateway's page does not show it.
    """

    n: Annotated[int | None, Field(ge=1)] = None
    """How many videos to make. Many models do not read it.

    At least 1 (our own guess). Sent as `n`, according to the vendor's documentation; the gateway's page does
    not show it.
    """

    response_format: str | None = None
    """Format of the response. Many models do not read it.

    Sent as `response_format`, according to the vendor's documentation; the gateway's page does not show it.
    """

    user: str | None = None
    """Your own id for the person the video is for.

    Sent as `user`, according to the vendor's documentation; the gateway's page does not show it.
    """

    metadata: JsonObject | None = None
    """The vendor's own parameters, sent as they are and merged over the vendor's payload. Kling and Vidu read
    theirs here directly, Wan below `input` and `parameters`.

    Any JSON object. Sent as `metadata`, according to the vendor's documentation; the gateway's page does not
    show it.
    """

    _catalog: ClassVar[Catalog] = CATALOG

    _model_id: ClassVar[str | None] = None

    _targets: ClassVar[Mapping[str, Target]] = {
        "model": Target("model"),
        "prompt": Target("prompt"),
        "image": Target("image"),
        "duration": Target("duration"),
        "width": Target("width"),
        "height": Target("height"),
        "fps": Target("fps"),
        "seed": Target("seed"),
        "n": Target("n"),
        "response_format": Target("response_format"),
        "user": Target("user"),
        "metadata": Target("metadata"),
    }

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        return prune(
            {
                "model": self.model,
                "prompt": self.prompt,
                "image": self.image,
                "duration": self.duration,
                "width": self.width,
                "height": self.height,
                "fps": self.fps,
                "seed": self.seed,
                "n": self.n,
                "response_format": self.response_format,
                "user": self.user,
                "metadata": verbatim(self.metadata),
            }
        )


if TYPE_CHECKING:

    class VideoRequestValues(TypedDict):
        """The fields of `VideoRequest` as keyword arguments."""

        model: str
        prompt: str
        image: NotRequired[Media | None]
        duration: NotRequired[int | None]
        width: NotRequired[int | None]
        height: NotRequired[int | None]
        fps: NotRequired[int | None]
        seed: NotRequired[int | None]
        n: NotRequired[int | None]
        response_format: NotRequired[str | None]
        user: NotRequired[str | None]
        metadata: NotRequired[JsonObject | None]
