"""Constraints in the annotations of request fields that pydantic does not have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeAlias, get_args, get_origin

from pydantic import AfterValidator, GetCoreSchemaHandler, JsonValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from modelstream_runtime.limits import why_not_json


class Unit:
    """The unit of a number, shown in messages."""

    __slots__ = ("symbol",)

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol


class Step:
    """The number is a multiple of ``size``, counted from ``start``. Floats are compared with a tolerance."""

    __slots__ = ("size", "start")

    def __init__(self, size: float, *, start: float = 0) -> None:
        self.size = size
        self.start = start

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: float | None) -> float | None:
        if value is not None:
            steps = (value - self.start) / self.size
            if abs(steps - round(steps)) > 1e-6:
                raise PydanticCustomError(
                    "step", "{value} is not a multiple of {step}", {"value": value, "step": self.size}
                )
        return value


class JsonText:
    """The text is JSON; it is sent as it is."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def _check(self, value: str | None) -> str | None:
        if value is not None and (reason := why_not_json(value)):
            raise PydanticCustomError("not_json", "{reason}", {"reason": reason})
        return value


class Special:
    """Integers outside the range, each with what it means: ``Literal[-1] | Annotated[int, Field(ge=4, le=15)]``."""

    __slots__ = ("meanings",)

    def __init__(self, meanings: Mapping[int, str | None]) -> None:
        self.meanings = meanings

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # A union would report a problem with each of its members, and take 1.0 and True for 1.
        members = get_args(source)
        schema = handler.generate_schema(next(member for member in members if get_origin(member) is Annotated))
        if type(None) in members:
            schema = core_schema.nullable_schema(schema)
        return core_schema.no_info_wrap_validator_function(self._check, schema)

    def _check(self, value: Any, in_range: Callable[[Any], Any]) -> Any:
        return value if type(value) is int and value in self.meanings else in_range(value)


class Exact:
    """A choice among integers, which accepts neither ``5.0`` nor ``True``."""

    __slots__ = ()

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def _check(self, value: Any) -> Any:
        if isinstance(value, (float, bool)):
            raise PydanticCustomError("int_type", "not an integer")
        return value


def _as_tuple(value: Any) -> Any:
    return None if value is None or not len(value) else tuple(value)


AsTuple = AfterValidator(_as_tuple)
"""Turns a list into a tuple, so that nobody can change it after validation."""


def _true_or_none(value: Any) -> Any:
    return value or None


FalseAsNone = AfterValidator(_true_or_none)
"""Treats a switch that is off as absent, because the body has something for it only if it is on."""


def _as_object(value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise PydanticCustomError("string_unicode", "not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise PydanticCustomError("json", "too large for JSON") from error
    return dict(value)


def _as_object_or_none(value: Mapping[str, Any]) -> dict[str, Any] | None:
    return _as_object(value) or None


class _IsJson:
    """Checks every value in the object. Type checkers see ``Any``: a ``list[str]`` is no `JsonValue` to them."""

    __slots__ = ("kept",)

    def __init__(self, kept: Callable[[Mapping[str, Any]], dict[str, Any] | None]) -> None:
        self.kept = kept

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        schema = handler.generate_schema(Mapping[str, JsonValue])
        return core_schema.no_info_after_validator_function(self.kept, schema)


JsonObject: TypeAlias = Annotated[Mapping[str, Any], _IsJson(_as_object_or_none)]
"""Any JSON object. The request treats an empty one as absent."""

RequiredObject: TypeAlias = Annotated[Mapping[str, Any], _IsJson(_as_object)]
"""Any JSON object that must be there: an empty one is sent, too."""
