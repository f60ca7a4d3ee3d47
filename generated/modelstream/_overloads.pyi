# Made from the schemas and templates/modelstream/_overloads.pyi.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""What type checkers and editors see of the client's methods: a signature for each model.

Never imported at run time, where a signature for each of many models would only cost time. For a model id that has no
class here, submit a `VideoRequest`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Unpack, overload

from modelstream._async.task import AsyncTask
from modelstream._sync.task import Task
from modelstream.models.kling_v3 import KlingV3Values
from modelstream.models.viduq2_pro_fast import ViduQ2ProFastValues
from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlashValues
from modelstream.models.wan2_7_r2v import Wan27R2VValues
from modelstream.request import Request

class AsyncSubmit:
    """`submit` and `generate` of the asynchronous client."""

    @overload
    async def submit(
        self,
        request: Request,
        /,
        *,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncTask:
        """Submit a request, once, and return its task without waiting for the video.

        Args:
            request: a request, or a model id with the model's fields as keyword arguments.
            extra_body: JSON merged over the payload, for parameters newer than this package.
            extra_headers: more HTTP headers.

        Raises:
            InvalidRequest: the values break the model's limits. Nothing was sent.
            SubmitUnknown: the answer was lost. It may have been bought, and is not sent again.
            APIError: the gateway refused it. Nothing was bought.
            APIConnectionError: the gateway cannot be reached. Nothing was sent.
        """

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
    @overload
    async def generate(
        self,
        request: Request,
        /,
        *,
        timeout: float | None = ...,
        interval: float | None = None,
        on_update: Callable[[AsyncTask], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> AsyncTask:
        """Submit a request and wait for its video: `submit`, then `AsyncTask.wait`.

        Args:
            request: a request, or a model id with the model's fields as keyword arguments.
            timeout: seconds to wait for the video, 1800 by default; `None` waits for ever.
            interval: seconds between two questions; by default growing from 2 to 10.
            on_update: called with the task whenever its status or progress changes.
            extra_body: JSON merged over the payload, for parameters newer than this package.
            extra_headers: more HTTP headers.

        Raises:
            TaskFailed: there will be no video.
            TaskTimeout: it is not done yet. The task goes on and can be waited for again.
            ModelStreamError: as `submit`.
        """

    @overload
    async def generate(
        self,
        model: Literal["kling-v3"],
        /,
        *,
        timeout: float | None = ...,
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
        timeout: float | None = ...,
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
        timeout: float | None = ...,
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
        timeout: float | None = ...,
        interval: float | None = None,
        on_update: Callable[[AsyncTask], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **values: Unpack[Wan27R2VValues],
    ) -> AsyncTask: ...

class Submit:
    """`submit` and `generate` of the synchronous client."""

    @overload
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
            SubmitUnknown: the answer was lost. It may have been bought, and is not sent again.
            APIError: the gateway refused it. Nothing was bought.
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
    @overload
    def generate(
        self,
        request: Request,
        /,
        *,
        timeout: float | None = ...,
        interval: float | None = None,
        on_update: Callable[[Task], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
    ) -> Task:
        """Submit a request and wait for its video: `submit`, then `Task.wait`.

        Args:
            request: a request, or a model id with the model's fields as keyword arguments.
            timeout: seconds to wait for the video, 1800 by default; `None` waits for ever.
            interval: seconds between two questions; by default growing from 2 to 10.
            on_update: called with the task whenever its status or progress changes.
            extra_body: JSON merged over the payload, for parameters newer than this package.
            extra_headers: more HTTP headers.

        Raises:
            TaskFailed: there will be no video.
            TaskTimeout: it is not done yet. The task goes on and can be waited for again.
            ModelStreamError: as `submit`.
        """

    @overload
    def generate(
        self,
        model: Literal["kling-v3"],
        /,
        *,
        timeout: float | None = ...,
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
        timeout: float | None = ...,
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
        timeout: float | None = ...,
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
        timeout: float | None = ...,
        interval: float | None = None,
        on_update: Callable[[Task], object] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        extra_headers: Mapping[str, str] | None = None,
        **values: Unpack[Wan27R2VValues],
    ) -> Task: ...
