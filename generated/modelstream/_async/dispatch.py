# Made from the schemas and templates/modelstream/_async/dispatch.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The asynchronous client, with a signature of `submit` and `generate` for each model."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from modelstream.catalog import CATALOG
from modelstream_runtime._async.client import AsyncClient

if TYPE_CHECKING:
    from modelstream.models.kling_v3 import KlingV3Values
    from modelstream.models.viduq2_pro_fast import ViduQ2ProFastValues
    from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlashValues
    from modelstream.models.wan2_7_r2v import Wan27R2VValues
    from modelstream_runtime._async.task import DEFAULT_WAIT, AsyncTask
    from modelstream_runtime.request import Request

__all__ = ["AsyncModelStream"]


class AsyncModelStream(AsyncClient):
    """Client for the video models of the ModelStream gateway.

    Unless you pass them, the key comes from the environment variable ``MODELSTREAM_API_KEY`` and the address
    from ``MODELSTREAM_BASE_URL``. Without either, the address is https://api.modelstream.ai.
    """

    __module__ = "modelstream"
    catalog = CATALOG

    if TYPE_CHECKING:
        # The base class takes any id and any values. For an id without a class here, submit a `VideoRequest`.

        @overload  # type: ignore[override]
        async def submit(
            self,
            request: Request,
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
        ) -> AsyncTask: ...
        @overload
        async def submit(
            self,
            model: Literal["kling-v3"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[KlingV3Values],
        ) -> AsyncTask: ...
        @overload
        async def submit(
            self,
            model: Literal["viduq2-pro-fast"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[ViduQ2ProFastValues],
        ) -> AsyncTask: ...
        @overload
        async def submit(
            self,
            model: Literal["wan2.6-i2v-flash"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan26I2VFlashValues],
        ) -> AsyncTask: ...
        @overload
        async def submit(
            self,
            model: Literal["wan2.7-r2v"],
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan27R2VValues],
        ) -> AsyncTask: ...
        async def submit(
            self,
            request: Request | str,
            /,
            *,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Any,
        ) -> AsyncTask: ...

        @overload  # type: ignore[override]
        async def generate(
            self,
            request: Request,
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
        ) -> AsyncTask: ...
        @overload
        async def generate(
            self,
            model: Literal["kling-v3"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[KlingV3Values],
        ) -> AsyncTask: ...
        @overload
        async def generate(
            self,
            model: Literal["viduq2-pro-fast"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[ViduQ2ProFastValues],
        ) -> AsyncTask: ...
        @overload
        async def generate(
            self,
            model: Literal["wan2.6-i2v-flash"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan26I2VFlashValues],
        ) -> AsyncTask: ...
        @overload
        async def generate(
            self,
            model: Literal["wan2.7-r2v"],
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Unpack[Wan27R2VValues],
        ) -> AsyncTask: ...
        async def generate(
            self,
            request: Request | str,
            /,
            *,
            timeout: float | None = DEFAULT_WAIT,
            interval: float | None = None,
            on_update: Callable[[AsyncTask], object] | None = None,
            extra_body: Mapping[str, Any] | None = None,
            extra_headers: Mapping[str, str] | None = None,
            **values: Any,
        ) -> AsyncTask: ...
