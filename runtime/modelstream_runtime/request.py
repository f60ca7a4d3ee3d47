"""The base of all request classes: validated when created, immutable, and convertible to the documented JSON body."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol, Self

from pydantic import BaseModel, ConfigDict, GetJsonSchemaHandler, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError

from modelstream_runtime._caller import warn_caller
from modelstream_runtime._text import shown
from modelstream_runtime.about import PACKAGE
from modelstream_runtime.credentials import without_endpoint
from modelstream_runtime.curl import curl_command
from modelstream_runtime.errors import (
    IgnoredFieldWarning,
    InvalidRequest,
    Problem,
    Remark,
    UnknownModelWarning,
    UnusualValueWarning,
)
from modelstream_runtime.problems import in_order, problems_of, top_field
from modelstream_runtime.rules import DefaultWhen, Ignores, Rules, dependent_defaults
from modelstream_runtime.wire import Constant, Doubtful, Target, read_body, same, unread

if TYPE_CHECKING:
    from modelstream_runtime.gateway import Gateway
    from modelstream_runtime.schemas import Schemas

_CONFIG = ConfigDict(
    strict=True,
    extra="forbid",
    allow_inf_nan=False,
    protected_namespaces=(),
    ser_json_inf_nan="constants",
)

_MAX_SHOWN = 200
_MAX_REMEMBERED = 256
"""How many combinations of fields a class remembers the rules of. Without a limit it would leak memory."""
_ARGUMENT = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_BY_CALLER: Final = object()
"""The context of a validation whose caller checks the rules between the fields itself."""


class _DocumentedFields:
    """``model_fields`` as pydantic has it, with a description of each field.

    The descriptions are those of the class docstring. Looking for them when somebody asks costs a program that only
    makes requests no time.
    """

    def __get__(self, request: BaseModel | None, cls: type[BaseModel]) -> dict[str, FieldInfo]:
        fields = cls.__pydantic_fields__
        if all(field.description is None for field in fields.values()):
            _, _, arguments = inspect.cleandoc(cls.__doc__ or "").partition("\nArgs:\n")
            for name, text in _ARGUMENT.findall(arguments):
                fields[name].description = " ".join(text.split())
        return fields


class _Catalog(Protocol):
    """What request classes need of the `Catalog`, which itself knows them."""

    gateway: Gateway

    @property
    def schemas(self) -> Schemas: ...
    def similar_model(self, model: str) -> str | None: ...


class Item(BaseModel, frozen=True):
    """An object in a list field, such as one shot of a storyboard.

    Raises:
        InvalidRequest: some values break the model's documented limits.
    """

    # A request validates its items again, because pydantic can copy them without validation.
    model_config = _CONFIG | ConfigDict(revalidate_instances="always")

    def __init__(self, /, **values: Any) -> None:
        try:
            self.__pydantic_validator__.validate_python(values, self_instance=self)
        except ValidationError as error:
            problems = in_order(type(self), problems_of(type(self), {}, error))
            name = type(self).__name__
            raise InvalidRequest(name, problems, subject=name) from None

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, _shortened(value)

    # Inside a request, pydantic fills the item in without calling this, so that the request reports all problems.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


class Request(BaseModel, frozen=True):
    """A request for one video.

    Each model has a subclass with its fields. A request validates all of them when it is created, and is immutable
    afterwards; `replace` makes a changed copy.

    Raises:
        InvalidRequest: some values break the model's documented limits. The client has sent nothing.
    """

    model_config = _CONFIG

    _catalog: ClassVar[_Catalog]
    """The gateway that the request is for, and the schemas of its models."""
    _model_id: ClassVar[str | None] = None
    """The id of the model on the wire; ``None`` if the id is a field."""
    _targets: ClassVar[Mapping[str, Target]] = {}
    _constants: ClassVar[tuple[Constant, ...]] = ()
    _default_when: ClassVar[Mapping[str, tuple[DefaultWhen, ...]]] = {}
    """The fields whose default depends on others. Such a default does not count as given by the caller."""
    _rules: ClassVar[Rules] = ()
    _rules_by_fields: ClassVar[dict[tuple[str, ...], Rules]] = {}
    """The rules that matter, by the fields that the caller set. Programs set the same few combinations."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls._rules_by_fields = {}

    def __init__(self, /, **values: Any) -> None:
        """Check the values and make the request.

        Args:
            values: the fields. The docstring of the class describes them.

        Raises:
            InvalidRequest: some values break the model's documented limits.
        """
        rules = self._check(values)
        if rules or self._model_id is None:  # Most requests have nothing to warn of.
            self._warn(rules, values)

    # Where pydantic makes the request, for example in a field of another model, it does not call __init__. It validates
    # the fields and calls `model_post_init`, so that every problem is an error of its own with its place.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    def model_post_init(self, context: Any, /) -> None:
        """Check the rules between the fields if pydantic makes the request."""
        if context is _BY_CALLER:
            return
        errors: list[InitErrorDetails] = []
        vars(self).update(dependent_defaults(self._default_when, self.model_fields_set, self.__dict__))
        rules = self._rules_that_matter(self.model_fields_set)
        for rule in rules:
            if not rule.warns:
                for name, message in rule.findings(self.__dict__):
                    kind = PydanticCustomError("rule", "{message}", {"message": message})
                    errors.append(InitErrorDetails(type=kind, loc=(name,), input=getattr(self, name)))
        if errors:
            raise ValidationError.from_exception_data(type(self).__name__, errors)
        self._warn(rules, self.model_fields_set)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler, /) -> dict[str, Any]:
        if not hasattr(cls, "_catalog"):  # A field for any request has no form.
            return handler(schema)
        return cls._catalog.schemas.form("generic" if cls._model_id is None else cls._model_id)

    def to_payload(self) -> dict[str, Any]:
        """The request body as the gateway expects it; what is ``None`` is left out."""
        raise NotImplementedError

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Self:
        """The request with this body: the inverse of `to_payload`.

        A field that the body does not contain becomes ``None`` instead of its default, so that
        ``from_payload(request.to_payload()) == request``.

        Args:
            payload: a JSON object as the documentation shows it, including ``model``.

        Raises:
            InvalidRequest: the body is for another model, breaks its limits, or contains parts that no field produces.
        """
        rest = dict(cls._mapping(payload))
        problems = []
        if cls._model_id is not None and (model := rest.pop("model", None)) != cls._model_id:
            problems.append(Problem("model", f"{model!r} is not {cls._model_id!r}", value=model, path="model"))
        try:
            values, unknown, indices, doubtful = read_body(rest, cls._targets, cls._constants)
        except RecursionError:
            raise InvalidRequest(cls._label({}), [Problem("request", "is nested too deeply")]) from None
        absent = {name: None for name, field in cls.__pydantic_fields__.items() if not field.is_required()}
        request = cls.__new__(cls)
        request._check(absent | values, [*problems, *unknown], indices, doubtful)
        defaults = cls._defaults() | dependent_defaults(cls._default_when, (), request.__dict__)
        chosen = {name for name, value in request.__dict__.items() if name not in defaults or value != defaults[name]}
        object.__setattr__(request, "__pydantic_fields_set__", chosen)
        return request

    def to_curl(self, api_key: str = "<token>", base_url: str | None = None) -> str:
        """The curl command of the documentation for this request, safe to paste into a shell.

        A body that is too long for an argument, for example with a picture in it, follows as a here-document.

        Args:
            api_key: the key to put into the command. The default is a placeholder.
            base_url: the address of another gateway.

        Raises:
            ModelStreamError: the address ends with a path that the command adds.
            ValueError: the key or the address contains a control character.
        """
        gateway = self._catalog.gateway
        address = without_endpoint(base_url or gateway.base_url, gateway)
        return curl_command(self.to_payload(), url=address + gateway.submit_path, api_key=api_key)

    def remarks(self) -> tuple[Remark, ...]:
        """What the request warned of when it was created, as data: fields that the model ignores, unusual
        values, and a model id that looks misspelled.

        Python shows a warning once per line and keeps its filters for all threads; this method does neither. Like the
        warnings, it is about fields that the caller set. In a request from `from_payload`, these are the fields whose
        values differ from the defaults.
        """
        return tuple(self._remarks(self._rules, self.model_fields_set))

    def replace(self, /, **changes: Any) -> Self:
        """A copy with other values, validated like a new request.

        Raises:
            InvalidRequest: the new values break the model's documented limits.
        """
        return type(self)(**{name: getattr(self, name) for name in self.model_fields_set} | changes)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """The same as `replace`. Unlike pydantic, it validates the copy."""
        return self.replace(**(update or {}))

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """The request with the values of a mapping, as ``cls(**obj)``. The options of pydantic have no effect."""
        return obj if isinstance(obj, cls) else cls(**cls._mapping(obj))

    @classmethod
    def model_validate_json(cls, json_data: str | bytes | bytearray, **options: Any) -> Self:
        """The request with the values of a JSON object. The options of pydantic have no effect."""
        return cls(**cls._mapping(json.loads(json_data)))

    def __hash__(self) -> int:
        # A JSON object has no hash. Requests that differ only in such an object have the same hash.
        return hash((type(self), *(value for value in self.__dict__.values() if not isinstance(value, dict))))

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, _shortened(value)

    def _check(
        self,
        values: dict[str, Any],
        others: Sequence[Problem] = (),
        indices: Mapping[str, Sequence[int]] | None = None,
        doubtful: Sequence[Doubtful] = (),
    ) -> Rules:
        """Fill in the fields, and raise all problems of single fields and between fields at once.

        Args:
            values: the fields.
            others: problems that were found before.
            indices: the indices of the items of a field for messages, if they are not one after the other.
            doubtful: problems that were found before, unless a field is invalid that they depend on.

        Returns:
            The rules that matter, including those that only warn.
        """
        try:
            self.__pydantic_validator__.validate_python(values, self_instance=self, context=_BY_CALLER)
        except ValidationError as error:
            problems = problems_of(type(self), self._targets, error, indices)
            rules = self._rules
            checked = self._defaults() | values
            checked |= dependent_defaults(self._default_when, values, checked)
        else:
            problems = []
            vars(self).update(dependent_defaults(self._default_when, values, self.__dict__))
            rules = self._rules_that_matter(values)
            checked = self.__dict__
        # Report broken rules between the valid fields, too. What could not be read may have been valid.
        blamed = {*map(top_field, problems), *unread(self._targets, others)}
        blamed |= {n for n, cases in self._default_when.items() if any(not blamed.isdisjoint(c.when) for c in cases)}
        others = [*others, *(each.problem for each in doubtful if each.fields.isdisjoint(blamed))]
        for rule in rules:
            if not rule.warns and rule.fields.isdisjoint(blamed):
                for name, message in rule.findings(checked):
                    problems.append(Problem(name, message, value=checked.get(name), path=self._targets[name].path))
        if problems or others:
            raise InvalidRequest(self._label(values), [*others, *in_order(type(self), problems)])
        return rules

    def _warn(self, rules: Rules, given: Collection[str]) -> None:
        for remark in self._remarks(rules, given):
            warn_caller(f"{self._label(self.__dict__)}: {remark}", remark.category)

    def _remarks(self, rules: Rules, given: Collection[str]) -> Iterator[Remark]:
        """The findings of rules that warn, but only about fields that the caller gave."""
        if self._model_id is None and "model" in given:
            model = self._label(self.__dict__)
            if similar := self._catalog.similar_model(model):
                yield Remark("model", f"{model!r} is not a known id; did you mean {similar!r}?", UnknownModelWarning)
        for rule in rules:
            if rule.warns:
                category = IgnoredFieldWarning if isinstance(rule, Ignores) else UnusualValueWarning
                for field, message in rule.findings(self.__dict__):
                    if field in given:
                        yield Remark(field, message, category)

    @classmethod
    def _rules_that_matter(cls, given: Iterable[str]) -> Rules:
        """The rules that a request can break if its caller set just these fields."""
        names = (*given, *cls._default_when)
        rules = cls._rules_by_fields.get(names)
        if rules is None:
            defaults = cls._defaults()
            rules = tuple(rule for rule in cls._rules if rule.matters(names, defaults))
            if len(cls._rules_by_fields) < _MAX_REMEMBERED:
                cls._rules_by_fields[names] = rules
        return rules

    @classmethod
    def _defaults(cls) -> dict[str, Any]:
        return {name: field.default for name, field in cls.__pydantic_fields__.items() if not field.is_required()}

    @classmethod
    def _mapping(cls, values: Any) -> Mapping[str, Any]:
        if not isinstance(values, Mapping):
            message = f"{shown(values)} is not an object with fields"
            raise InvalidRequest(cls._label({}), [Problem("request", message, value=values)])
        return values

    @classmethod
    def _label(cls, values: Mapping[str, Any]) -> str:
        """The id of the model, even if it is one of the values."""
        return cls._model_id or str(values.get("model") or "video")


def values_set(request: Request) -> dict[str, Any]:
    """The values that make the request anew: those that its caller set, without ``None`` that says nothing."""
    return _telling(type(request), {n: v for n, v in request.__dict__.items() if n in request.model_fields_set})


def values_read(cls: type[Request], payload: Mapping[str, Any]) -> dict[str, Any]:
    """What a body says of the fields, valid or not, as `values_set` has it of a request."""
    rest = {name: part for name, part in payload.items() if name != "model" or cls._model_id is None}
    found = read_body(rest, cls._targets, cls._constants).values
    defaults = cls._defaults()
    absent = dict.fromkeys(name for name in defaults if name not in found)
    chosen = {name: value for name, value in found.items() if name not in defaults or not same(value, defaults[name])}
    return _telling(cls, absent | chosen)


def _telling(cls: type[Request], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values without ``None`` for fields that have no default which it would leave out."""
    defaults = cls._defaults()
    silent = {name for name, value in defaults.items() if value is None and name not in cls._default_when}
    return {name: value for name, value in values.items() if value is not None or name not in silent}


Request.__module__ = PACKAGE  # The module that users import it from.
for _cls in (Item, Request):
    setattr(_cls, "model_fields", _DocumentedFields())  # noqa: B010 - in the class body pydantic takes it for a field


def _shortened(value: Any) -> Any:
    """The value without long texts: an encoded file would fill the screen."""
    if isinstance(value, str) and len(value) > _MAX_SHOWN:
        return f"{value[:60]}... ({len(value)} characters)"
    if isinstance(value, (tuple, list)):
        return type(value)(map(_shortened, value))
    if isinstance(value, dict):
        return {key: _shortened(item) for key, item in value.items()}
    return value
