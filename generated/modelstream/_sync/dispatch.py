# Made from the schemas and templates/modelstream/_sync/dispatch.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The synchronous client, with a signature of `submit` and `generate` for each model."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from modelstream._sync.client import Client
from modelstream.catalog import CATALOG

if TYPE_CHECKING:
    from modelstream._sync.task import DEFAULT_WAIT, Task
    from modelstream.models.kling_v3 import KlingV3Values
    from modelstream.models.viduq2_pro_fast import ViduQ2ProFastValues
    from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlashValues
    from modelstream.models.wan2_7_r2v import Wan27R2VValues
    from modelstream_runtime.request import Request

__all__ = ["ModelStream"]


class ModelStream(Client):
    """Client for the video models of a gateway. The generated package subclasses it, with the `catalog` of the gateway.

    Args:
        api_key: the key. By default it comes from the gateway's environment variable.
        base_url: the address of the gateway. By default it comes from the environment, or else from the catalog.
        timeout: seconds for each part of an exchange (connecting takes at most 10), or an ``httpx.Timeout``. By
            default 300 s for a submission and 60 s for everything else.
        max_retries: how often to retry a free request, or a submission that was certainly not charged.
        retry_unknown: also retry a submission whose response was lost. The price: you may buy one request several
            times, up to ``1 + max_retries``.
        max_connections: how many exchanges with the gateway run at once. Other callers wait for a free slot.
        http_client: your own ``httpx.Client``, for proxies, certificates or transports. Closing this client
            leaves it open.

    Raises:
        ModelStreamError: there is no key, or the key or the address is malformed.

    Warns:
        InsecureConnectionWarning: the address is not encrypted and belongs to another machine.
    """

    __module__ = "modelstream"
    catalog = CATALOG

    if TYPE_CHECKING:
        # The base class takes any id and any values. For an id without a class here, submit a `VideoRequest`.

        @overload  # type: ignore[override]
        def submit(
            self,
            request: Request,
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
        ) -> Task:
            """Submit a request, once, and return its task without waiting for the video.

            Args:
                request: a request, or a model id with the model's fields as keyword arguments.
                extra_body: JSON merged over the payload, for parameters newer than this package.
                extra_headers: more HTTP headers.

            Raises:
                InvalidRequest: the values break the model's limits. Nothing was sent.
                SubmitUnknown: the response was lost. The gateway may have charged for it, so it is not sent again.
                APIError: the gateway rejected the request. Nothing was charged.
                APIConnectionError: the gateway cannot be reached. Nothing was sent.
            """

        @overload
        def submit(
            self,
            model: Literal["kling-v3"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[KlingV3Values],
        ) -> Task: ...
        @overload
        def submit(
            self,
            model: Literal["viduq2-pro-fast"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[ViduQ2ProFastValues],
        ) -> Task: ...
        @overload
        def submit(
            self,
            model: Literal["wan2.6-i2v-flash"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan26I2VFlashValues],
        ) -> Task: ...
        @overload
        def submit(
            self,
            model: Literal["wan2.7-r2v"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan27R2VValues],
        ) -> Task: ...
        def submit(
            self,
            request: Request | str,
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Any,
        ) -> Task: ...

        @overload  # type: ignore[override]
        def generate(
            self,
            request: Request,
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
        ) -> Task:
            """Submit a request and wait for its video: `submit`, then `Task.wait`.

            Args:
                request: a request, or a model id with the model's fields as keyword arguments.
                timeout: seconds to wait for the video. `None` waits forever.
                interval: seconds between two polls. By default they grow from 2 to 10.
                on_update: called with the task whenever its status or progress changes.
                extra_body: JSON merged over the payload, for parameters newer than this package.
                extra_headers: more HTTP headers.

            Raises:
                TaskFailed: the task ended without a video.
                TaskTimeout: the video is not ready yet. The task continues and you can wait for it again.
                ModelStreamError: as `submit`.
            """

        @overload
        def generate(
            self,
            model: Literal["kling-v3"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[KlingV3Values],
        ) -> Task: ...
        @overload
        def generate(
            self,
            model: Literal["viduq2-pro-fast"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[ViduQ2ProFastValues],
        ) -> Task: ...
        @overload
        def generate(
            self,
            model: Literal["wan2.6-i2v-flash"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan26I2VFlashValues],
        ) -> Task: ...
        @overload
        def generate(
            self,
            model: Literal["wan2.7-r2v"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan27R2VValues],
        ) -> Task: ...
        def generate(
            self,
            request: Request | str,
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[Task], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Any,
        ) -> Task: ...
