"""The OpenAPI document of the gateway: three paths, every documented response, and links between them."""

from __future__ import annotations

from typing import Any

from generator.emit.body import body_of
from generator.emit.json_schema import wire_schema
from generator.ir import Gateway, Model, Package

Schema = dict[str, Any]

_JSON = "application/json"
_VIDEO = "video/mp4"
_TASK_ID = "abcd1234efgh"
"""The task of the documentation's examples."""
_LONGEST_ID = 512

# Status to its description, and an example: message, type, param and code.
_ERRORS: dict[int, tuple[str, tuple[str, str, str | None, str]]] = {
    400: (
        "The request is invalid. `param` names the first invalid parameter; the message lists all of them.",
        ("duration: 99 is more than 15 (3 to 15)", "invalid_request_error", "duration", "invalid_parameter"),
    ),
    401: (
        "The key is missing or invalid.",
        ("the key is not valid", "authentication_error", None, "invalid_api_key"),
    ),
    402: ("The account has no credit left.", ("no credit is left", "insufficient_quota", None, "insufficient_quota")),
    403: (
        "The account is frozen, the IP address is not allowed, or the account may not use the model.",
        ("this account may not use the model", "permission_error", None, "access_denied"),
    ),
    404: ("There is no such task.", ("there is no such task", "invalid_request_error", "task_id", "task_not_exist")),
    413: ("The body is too large.", ("the body is too large", "invalid_request_error", None, "request_too_large")),
    416: (
        "The requested range is outside the video.",
        ("the requested range is outside the video", "invalid_request_error", None, "range_not_satisfiable"),
    ),
    429: (
        "There were too many requests. The header `Retry-After`, if present, says when to try again.",
        ("too many requests", "rate_limit_error", None, "rate_limit_exceeded"),
    ),
    500: (
        "The vendor failed or did not respond in time. The gateway may still have accepted and billed a submission.",
        ("do request failed: the vendor did not respond in time", "server_error", None, "do_request_failed"),
    ),
    503: (
        "No channel serves the model. The gateway refused the submission and charged nothing.",
        ("no channel serves this model", "server_error", "model", "no_channel"),
    ),
}


def openapi(package: Package) -> Schema:
    """The document, OpenAPI 3.1."""
    gateway = package.gateway
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{gateway.title} video API",
            "version": max((model.checked for model in package.all_models), default="1"),
            "description": "Submit a request, poll its task until it ends, and download the video.",
        },
        "servers": [{"url": gateway.base_url}],
        "security": [{"bearer": []}],
        "paths": {
            gateway.endpoints["submit"]: {"post": _submit(package)},
            gateway.endpoints["task"]: {"parameters": [_parameter("task_id")], "get": _task()},
            gateway.endpoints["content"]: {
                "parameters": [_parameter("task_id")],
                "get": _content(),
                "head": _content_head(),
            },
        },
        "components": _components(package),
    }


# Operations.


def _submit(package: Package) -> Schema:
    examples = {
        model.name: {"summary": model.title, "value": body_of(model, model.examples[0].values)}
        for model in package.all_models
        if model.examples
    }
    return {
        "operationId": "submit",
        "summary": "Submit a request. A submission costs money: do not repeat it when its response is lost.",
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {
                    "schema": {"oneOf": [_reference("schemas", model.class_name) for model in package.all_models]},
                    "examples": examples,
                }
            },
        },
        "responses": {
            "200": _response(
                "The gateway accepted the request as a task.",
                "Submitted",
                {"submitted": {"task_id": _TASK_ID, "status": "queued"}},
                links={
                    "task": _link("task", "$response.body#/task_id"),
                    "content": _link("content", "$response.body#/task_id"),
                },
            ),
            **_errors(400, 401, 402, 403, 413, 429, 500, 503),
        },
    }


def _task() -> Schema:
    unfinished = {"task_id": _TASK_ID, "url": None, "format": None, "metadata": None, "error": None}
    finished = {
        "url": "https://static.modelstream.ai/abcd1234efgh.mp4",
        "format": "mp4",
        "metadata": {"duration": 5, "fps": 30, "width": 1280, "height": 720, "seed": 1},
    }
    failed = {"error": {"code": 400, "message": "the vendor's safety check refused the prompt"}}
    examples = {
        "queued": unfinished | {"status": "queued"},
        "in_progress": unfinished | {"status": "in_progress"},
        "completed": unfinished | {"status": "completed"} | finished,
        "failed": unfinished | {"status": "failed"} | failed,
    }
    links = {"content": _link("content", "$request.path.task_id")}
    return {
        "operationId": "task",
        "summary": "Get the state of a task.",
        "responses": {
            "200": _response("The state of the task.", "Task", examples, links=links),
            **_errors(400, 401, 404, 429, 500),
        },
    }


def _content() -> Schema:
    # OpenAPI 3.1 describes bytes by their media type alone.
    return {
        "operationId": "content",
        "summary": "Download the video of a completed task, or a part of it.",
        "parameters": [_parameter("range")],
        "responses": {
            "200": {"description": "The video.", "headers": _file_headers(), "content": {_VIDEO: {}}},
            "206": {
                "description": "A part of the video.",
                "headers": {"Content-Range": _reference("headers", "ContentRange"), **_file_headers()},
                "content": {_VIDEO: {}},
            },
            **_errors(400, 401, 404, 416, 429, 500),
        },
    }


def _content_head() -> Schema:
    refused = {str(status): {"description": _ERRORS[status][0]} for status in (400, 401, 404, 429, 500)}
    return {
        "operationId": "content_head",
        "summary": "Get the headers of a video without its content.",
        "responses": {"200": {"description": "The video is ready.", "headers": _file_headers()}, **refused},
    }


def _response(description: str, schema: str, examples: dict[str, Any], *, links: Schema) -> Schema:
    return {
        "description": description,
        "headers": {"X-Oneapi-Request-Id": _reference("headers", "RequestId")},
        "content": {
            _JSON: {
                "schema": _reference("schemas", schema),
                "examples": {name: {"value": value} for name, value in examples.items()},
            }
        },
        "links": links,
    }


def _errors(*statuses: int) -> Schema:
    return {str(status): _reference("responses", f"Error{status}") for status in statuses}


def _link(operation: str, task_id: str) -> Schema:
    return {"operationId": operation, "parameters": {"task_id": task_id}}


def _file_headers() -> Schema:
    return {
        "Content-Length": {
            "description": "The length of this response in bytes.",
            "schema": {"type": "integer", "minimum": 0},
        },
        "ETag": {"description": "Identifies this version of the video.", "schema": {"type": "string"}},
        "Accept-Ranges": {"description": "The server accepts requests for a part.", "schema": {"const": "bytes"}},
    }


def _parameter(name: str) -> Schema:
    return _reference("parameters", name)


def _reference(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


# The components that they refer to.


def _components(package: Package) -> Schema:
    known = [model.id for model in package.models]
    return {
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API key, such as sk-xxxxxx."}
        },
        "parameters": {
            "task_id": {
                "name": "task_id",
                "in": "path",
                "required": True,
                "description": "The id of the task, from the response to the submission.",
                "schema": {"type": "string", "minLength": 1, "maxLength": _LONGEST_ID},
            },
            "range": {
                "name": "Range",
                "in": "header",
                "description": "The part to download, such as `bytes=1000-`.",
                "schema": {"type": "string"},
            },
        },
        "headers": {
            "RequestId": {
                "description": "The gateway's id of the request. Mention it when you contact support.",
                "schema": {"type": "string"},
            },
            "RetryAfter": {
                "description": "Seconds to wait before the next attempt.",
                "schema": {"type": "integer", "minimum": 0},
            },
            "ContentRange": {
                "description": "The part of the video that this response contains.",
                "schema": {"type": "string"},
            },
        },
        "responses": {f"Error{status}": _error_response(status, package.gateway) for status in _ERRORS},
        "schemas": {
            **{model.class_name: _request(model, known) for model in package.all_models},
            **_response_schemas(package),
        },
    }


def _request(model: Model, known: list[str | None]) -> Schema:
    """The wire schema; of the generic request one that leaves the other models' ids to them."""
    schema = {key: value for key, value in wire_schema(model).items() if key not in ("$schema", "$id")}
    if model.id is None:
        properties = schema["properties"]
        schema["properties"] = properties | {"model": properties["model"] | {"not": {"enum": known}}}
    return schema


def _response_schemas(package: Package) -> Schema:
    meanings = package.gateway.meanings
    text_or_null = {"type": ["string", "null"]}

    def task(meaning: str, **properties: Schema) -> Schema:
        statuses = [status for status, means in meanings.items() if means == meaning]
        common = {"task_id": {"type": "string", "minLength": 1}, "status": {"enum": statuses}}
        return {"type": "object", "required": ["task_id", "status"], "properties": common | properties}

    return {
        "Submitted": {
            "type": "object",
            "required": ["task_id", "status"],
            "properties": {
                "task_id": {"type": "string", "minLength": 1},
                "status": {"enum": [status for status, means in meanings.items() if means == "waiting"]},
            },
        },
        "Task": {"oneOf": [_reference("schemas", name) for name in ("WaitingTask", "FinishedTask", "FailedTask")]},
        "WaitingTask": task("waiting", url={"type": "null"}, error={"type": "null"}),
        "FinishedTask": task(
            "done",
            url=text_or_null | {"description": "The address of the video, valid for about a day. It needs no key."},
            format=text_or_null,
            metadata=_reference("schemas", "VideoFacts"),
            # One sample of the documentation has an error with code 0 beside a finished video.
            error={"type": ["object", "null"]},
        ),
        "FailedTask": task("failed", error=_reference("schemas", "TaskError")),
        "TaskError": {
            "type": ["object", "null"],
            "properties": {"code": {"type": ["integer", "string", "null"]}, "message": {"type": "string"}},
        },
        "VideoFacts": {
            "type": ["object", "null"],
            "properties": {
                "duration": {"type": "number"},
                "fps": {"type": "number"},
                "width": {"type": "integer"},
                "height": {"type": "integer"},
                "seed": {"type": "integer"},
            },
        },
        "Error": {
            "type": "object",
            "required": ["error"],
            "properties": {
                "error": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {
                        "message": {"type": "string"},
                        "type": text_or_null,
                        "param": text_or_null | {"description": "The path of the invalid parameter in the body."},
                        "code": {"type": ["string", "integer", "null"]},
                    },
                }
            },
        },
    }


def _error_response(status: int, gateway: Gateway) -> Schema:
    description, (message, kind, param, code) = _ERRORS[status]
    if status == 503:
        code = next(iter(gateway.no_channel_codes), code)
    example = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    headers = {"X-Oneapi-Request-Id": _reference("headers", "RequestId")}
    if status == 429:
        headers["Retry-After"] = _reference("headers", "RetryAfter")
    if status == 416:
        headers["Content-Range"] = _reference("headers", "ContentRange")
    return {
        "description": description,
        "headers": headers,
        "content": {_JSON: {"schema": _reference("schemas", "Error"), "example": example}},
    }
