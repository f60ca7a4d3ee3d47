# Made from the schemas and templates/modelstream/__init__.pyi.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
from modelstream._async.dispatch import AsyncModelStream as AsyncModelStream
from modelstream._sync.dispatch import ModelStream as ModelStream
from modelstream._sync.task import Task as Task
from modelstream.models import MODELS as MODELS
from modelstream.models import request_for as request_for
from modelstream.models.generic import VideoRequest as VideoRequest
from modelstream.models.kling_v3 import KlingV3 as KlingV3
from modelstream.models.kling_v3 import KlingV3Shot as KlingV3Shot
from modelstream.models.viduq2_pro_fast import ViduQ2ProFast as ViduQ2ProFast
from modelstream.models.wan2_6_i2v_flash import Wan26I2VFlash as Wan26I2VFlash
from modelstream.models.wan2_7_r2v import Wan27R2V as Wan27R2V
from modelstream_runtime._async.task import AsyncTask as AsyncTask
from modelstream_runtime.about import __version__ as __version__
from modelstream_runtime.errors import APIConnectionError as APIConnectionError
from modelstream_runtime.errors import APIError as APIError
from modelstream_runtime.errors import AuthenticationError as AuthenticationError
from modelstream_runtime.errors import BadRequestError as BadRequestError
from modelstream_runtime.errors import DownloadError as DownloadError
from modelstream_runtime.errors import IgnoredFieldWarning as IgnoredFieldWarning
from modelstream_runtime.errors import InsecureConnectionWarning as InsecureConnectionWarning
from modelstream_runtime.errors import InvalidRequest as InvalidRequest
from modelstream_runtime.errors import ModelStreamError as ModelStreamError
from modelstream_runtime.errors import ModelStreamWarning as ModelStreamWarning
from modelstream_runtime.errors import NotFoundError as NotFoundError
from modelstream_runtime.errors import PermissionDeniedError as PermissionDeniedError
from modelstream_runtime.errors import Problem as Problem
from modelstream_runtime.errors import QuotaExhaustedError as QuotaExhaustedError
from modelstream_runtime.errors import RateLimitError as RateLimitError
from modelstream_runtime.errors import Remark as Remark
from modelstream_runtime.errors import ServerError as ServerError
from modelstream_runtime.errors import SubmitUnknown as SubmitUnknown
from modelstream_runtime.errors import TaskFailed as TaskFailed
from modelstream_runtime.errors import TaskTimeout as TaskTimeout
from modelstream_runtime.errors import UnknownModelWarning as UnknownModelWarning
from modelstream_runtime.errors import UnknownStatusWarning as UnknownStatusWarning
from modelstream_runtime.errors import UnusualValueWarning as UnusualValueWarning
from modelstream_runtime.media import Media as Media
from modelstream_runtime.media import MediaList as MediaList
from modelstream_runtime.request import Request as Request

__all__ = [
    "MODELS",
    "APIConnectionError",
    "APIError",
    "AsyncModelStream",
    "AsyncTask",
    "AuthenticationError",
    "BadRequestError",
    "DownloadError",
    "IgnoredFieldWarning",
    "InsecureConnectionWarning",
    "InvalidRequest",
    "KlingV3",
    "KlingV3Shot",
    "Media",
    "MediaList",
    "ModelStream",
    "ModelStreamError",
    "ModelStreamWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExhaustedError",
    "RateLimitError",
    "Remark",
    "Request",
    "ServerError",
    "SubmitUnknown",
    "Task",
    "TaskFailed",
    "TaskTimeout",
    "UnknownModelWarning",
    "UnknownStatusWarning",
    "UnusualValueWarning",
    "VideoRequest",
    "ViduQ2ProFast",
    "Wan26I2VFlash",
    "Wan27R2V",
    "__version__",
    "request_for",
]
