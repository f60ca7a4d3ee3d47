"""A model's form as people fill it in: for each field its option, its type, its limits, and its help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, assert_never

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.limits import UNITS, bounds, counted_noun, size
from modelstream_runtime.option_names import options_of

if TYPE_CHECKING:
    from modelstream_runtime.media import Accepts
    from modelstream_runtime.request import Request

Kind = Literal["text", "integer", "number", "boolean", "choice", "media", "objects", "object"]


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
    limits: str = ""
    """The limits in words."""

    @property
    def type_name(self) -> str:
        """The type in words."""
        match self.kind:
            case "media":
                kind = self.accepts.kind if self.accepts else "file"
                return f"{kind}s" if self.many else kind
            case "objects":
                return "list of JSON objects"
            case "object":
                return "JSON object"
            case "text" | "integer" | "number" | "boolean" | "choice":
                return self.kind
            case unexpected:
                assert_never(unexpected)

    @property
    def choices_explained(self) -> str:
        """The choices with their labels; empty if they have none."""
        return "; ".join(f"{c}: {self.labels[str(c)]}" for c in self.choices if str(c) in self.labels)

    @property
    def default_shown(self) -> str:
        """The default as the help shows it."""
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        return "" if self.default is None else str(self.default)


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The form of a model. ``known`` says whether the model has one of its own here."""

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
    """The form for a model id. For an id without a schema, it has the fields that all models share.

    Args:
        catalog: the models.
        model: the id.
        taken: the options that the command has besides those of the form. If the option of a field would be one of
            them, the field gets the option ``--field-NAME``.
    """
    known = model in catalog.models
    schema = catalog.schemas.form(model if known else "generic")
    cls = catalog.request_class(model)
    properties = {name: each for name, each in schema["properties"].items() if known or name != "model"}
    options = options_of({name: _kind(each) == "boolean" for name, each in properties.items()}, taken)
    fields = []
    for name, property_schema in properties.items():
        metadata = cls.model_fields[name].metadata if name in cls.model_fields else []
        required = name in schema.get("required", ())
        fields.append(_field(name, options[name], property_schema, required, metadata))
    return Form(catalog=catalog, model=model, known=known, summary=schema["description"], fields=tuple(fields))


def _field(name: str, option: str, schema: Mapping[str, Any], required: bool, metadata: list[Any]) -> FormField:
    # Only the request class knows the unit of a number, and that a text is the address of a picture.
    from modelstream_runtime.fields import Unit
    from modelstream_runtime.media import Accepts

    accepts = next((part for part in metadata if isinstance(part, Accepts)), None)
    unit = next((part.symbol for part in metadata if isinstance(part, Unit)), "")
    kind = "media" if accepts else _kind(schema)
    return FormField(
        name=name,
        option=option,
        kind=kind,
        required=required,
        many=kind == "objects" or (accepts is not None and accepts.many),
        default=schema.get("default"),
        doc=schema.get("description", ""),
        target=schema.get("x-target", ""),
        choices=tuple(value for value in schema.get("enum", ()) if value is not None),
        labels=schema.get("x-labels", {}),
        accepts=accepts,
        limits=_media_limits(accepts) if accepts else _limits(schema, kind, UNITS.get(unit, unit)),
    )


def _kind(schema: Mapping[str, Any]) -> Kind:
    if "enum" in schema:
        return "choice"
    types = schema.get("type", "string")
    match types if isinstance(types, str) else next(name for name in types if name != "null"):
        case "string":
            return "text"
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
        case unexpected:
            raise ValueError(f"no option can take a value of the JSON type {unexpected!r}")


def _limits(schema: Mapping[str, Any], kind: Kind, unit: str = "") -> str:
    match kind:
        case "objects":
            count = bounds(schema.get("minItems"), schema.get("maxItems"), "object") or "objects"
            return f"{count} with {_parts(schema['items'])}"
        case "text":
            least = schema.get("minLength", 0)
            # That a text is not empty goes without saying.
            return bounds(least if least > 1 else None, schema.get("maxLength"), "character")
        case "integer" | "number":
            limits = bounds(schema.get("minimum"), schema.get("maximum"), unit, step=schema.get("x-step"))
            return limits or (counted_noun(unit, None) if unit else "")
        case "choice":
            return counted_noun(unit, None) if unit else ""
        case "boolean" | "object" | "media":
            return ""
        case unexpected:
            assert_never(unexpected)


def _parts(item: Mapping[str, Any]) -> str:
    """The properties of an object in words: ``prompt (text, at most 512 characters) and duration (integer)``."""
    parts = []
    for name, schema in item["properties"].items():
        kind = _kind(schema)
        limits = _limits(schema, kind)
        parts.append(f"{name} ({kind}{', ' if limits else ''}{limits})")
    return " and ".join(parts)


def _media_limits(accepts: Accepts) -> str:
    parts = [bounds(None, accepts.max_items)] if accepts.max_items else []
    parts += [", ".join(accepts.formats).upper()]
    parts += [f"at most {size(accepts.max_bytes)}{' each' if accepts.many else ''}"] if accepts.max_bytes else []
    return ", ".join(parts)
