"""A model's form as the command line sees it: for each field its option, its type, what it takes, and its help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.words import option_name

if TYPE_CHECKING:
    from modelstream_runtime.media import Accepts
    from modelstream_runtime.request import Request

Kind = Literal["text", "integer", "number", "boolean", "choice", "media", "objects", "object"]

_UNITS = {"s": "seconds", "px": "pixels"}
_MB = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class FormField:
    """One field of a form."""

    name: str
    option: str
    kind: Kind
    required: bool
    many: bool
    default: Any
    doc: str
    target: str
    choices: tuple[Any, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    accepts: Accepts | None = None
    """What a media field takes."""
    allowed: str = ""
    """The limits in words."""

    @property
    def type_name(self) -> str:
        """The type in words."""
        if self.kind == "media" and self.accepts is not None:
            return self.accepts.kind + ("s" if self.many else "")
        return {"objects": "list of JSON objects", "object": "JSON object"}.get(self.kind, self.kind)

    @property
    def choices_explained(self) -> str:
        """The choices with their labels; empty if they have none."""
        told = [f"{c}: {self.labels[str(c)]}" for c in self.choices if str(c) in self.labels]
        return "; ".join(told)

    @property
    def default_shown(self) -> str:
        """The default as one would write it."""
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        return "" if self.default is None else str(self.default)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The form of a model; ``known`` tells whether the model has one of its own here."""

    catalog: Catalog
    model: str
    known: bool
    summary: str
    fields: tuple[FormField, ...]

    @property
    def options(self) -> dict[str, str]:
        """Field name to option."""
        return {field.name: field.option for field in self.fields}

    def request(self, values: Mapping[str, Any]) -> Request:
        """The request with these values; raises `InvalidRequest` as its class does."""
        return self.catalog.request_for(self.model, **values)


def form_of(catalog: Catalog, model: str, *, taken: Iterable[str] = ()) -> Form:
    """The form for a model id; for an id without a schema the fields that all models have.

    Args:
        catalog: the models.
        model: the id.
        taken: options that the command has beside those of the form. A field whose option would be one of them gets
            the option ``--field-NAME``.
    """
    known = model in catalog.models
    schema = catalog.schemas.form(model if known else "generic")
    cls = catalog.request_class(model)
    used = set(taken)
    fields = []
    for name, described in schema["properties"].items():
        if known or name != "model":
            metadata = cls.model_fields[name].metadata if name in cls.model_fields else []
            fields.append(_field(name, described, name in schema.get("required", ()), metadata, used))
    return Form(catalog=catalog, model=model, known=known, summary=schema["description"], fields=tuple(fields))


def _field(name: str, schema: Mapping[str, Any], required: bool, metadata: list[Any], used: set[str]) -> FormField:
    # That a text is the address of a picture, and the unit of a number, only the request class knows.
    from modelstream_runtime.fields import Unit
    from modelstream_runtime.media import Accepts

    accepts = next((part for part in metadata if isinstance(part, Accepts)), None)
    unit = next((part.symbol for part in metadata if isinstance(part, Unit)), "")
    kind = _kind(schema, accepts)
    return FormField(
        name=name,
        option=_free_option(name, kind, used),
        kind=kind,
        required=required,
        many=kind == "objects" or (accepts is not None and accepts.many),
        default=schema.get("default"),
        doc=schema.get("description", ""),
        target=schema.get("x-target", ""),
        choices=tuple(value for value in schema.get("enum", ()) if value is not None),
        labels=schema.get("x-labels", {}),
        accepts=accepts,
        allowed=_media_limits(accepts) if accepts else _limits(schema, kind, _UNITS.get(unit, unit)),
    )


def _free_option(name: str, kind: Kind, used: set[str]) -> str:
    for candidate in (option_name(name), option_name(f"field_{name}")):
        both = {candidate, f"--no-{candidate[2:]}"} if kind == "boolean" else {candidate}
        if not both & used:
            used |= both
            return candidate
    raise ValueError(f"no option is left for the field {name}")


def _kind(schema: Mapping[str, Any], accepts: Accepts | None) -> Kind:
    if accepts is not None:
        return "media"
    if "enum" in schema:
        return "choice"
    types = schema.get("type", "string")
    match types if isinstance(types, str) else next(name for name in types if name != "null"):
        case "integer":
            return "integer"
        case "number":
            return "number"
        case "boolean":
            return "boolean"
        case "array":
            return "objects"
        case "object":
            return "object"
        case _:
            return "text"


def _limits(schema: Mapping[str, Any], kind: Kind, unit: str) -> str:
    if kind == "objects":
        item = schema["items"]
        parts = [
            f"{name} ({', '.join(filter(None, (_kind(part, None), _limits(part, _kind(part, None), ''))))})"
            for name, part in item["properties"].items()
        ]
        return f"{_range(schema.get('minItems'), schema.get('maxItems'), 'objects')} with {' and '.join(parts)}".strip()
    if kind == "text":
        least, most = schema.get("minLength"), schema.get("maxLength")
        return _range(None if least == 1 else least, most, "characters")
    limits = _range(schema.get("minimum"), schema.get("maximum"), unit)
    return limits + (f", in steps of {schema['x-step']}" if "x-step" in schema else "")


def _range(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return unit
    if low is None or high is None:
        limits = f"at least {low}" if high is None else f"at most {high}"
    else:
        limits = f"{low} to {high}"
    return f"{limits} {unit}".strip()


def _media_limits(accepts: Accepts) -> str:
    parts = [f"at most {accepts.max_items}"] if accepts.max_items else []
    parts += [f"{', '.join(accepts.formats).upper()}"]
    parts += (
        [f"at most {accepts.max_bytes / _MB:g} MB" + (" each" if accepts.many else "")] if accepts.max_bytes else []
    )
    return ", ".join(parts)
