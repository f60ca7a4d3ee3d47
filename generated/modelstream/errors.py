# Made from the schemas and templates/modelstream/errors.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Everything that can go wrong. All errors are `ModelStreamError`; those below `APIError` are responses of the gateway."""

from modelstream_runtime.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    BadRequestError,
    DownloadError,
    IgnoredFieldWarning,
    InvalidRequest,
    ModelStreamError,
    ModelStreamWarning,
    NotFoundError,
    PermissionDeniedError,
    Problem,
    QuotaExhaustedError,
    RateLimitError,
    ServerError,
    SubmitUnknown,
    TaskFailed,
    TaskTimeout,
    UnknownStatusWarning,
    UnusualValueWarning,
)

__all__ = [
    "APIConnectionError",
    "APIError",
    "AuthenticationError",
    "BadRequestError",
    "DownloadError",
    "IgnoredFieldWarning",
    "InvalidRequest",
    "ModelStreamError",
    "ModelStreamWarning",
    "NotFoundError",
    "PermissionDeniedError",
    "Problem",
    "QuotaExhaustedError",
    "RateLimitError",
    "ServerError",
    "SubmitUnknown",
    "TaskFailed",
    "TaskTimeout",
    "UnknownStatusWarning",
    "UnusualValueWarning",
]
