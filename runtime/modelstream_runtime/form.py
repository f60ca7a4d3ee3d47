"""A model's form as people fill it in: for each field its option, its type, its limits, and its help."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, assert_never

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.limits import ONLY, UNITS, bounds, counted_noun, in_mode, in_words, listed, or_special, size
from modelstream_runtime.option_names import options_of

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

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
    default_when: Sequence[Mapping[str, Any]]
    """Other defaults under a condition, as the form's schema has them."""
    gateway_default: Any
    """What the gateway takes if the field is left out, where that is known."""
    doc: str
    target: str
    choices: tuple[Any, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    accepts: Accepts | None = None
    """What a media field takes."""
    fields: tuple[FormField, ...] = ()
    """The fields of an item, if the field is a list of objects. They have no options."""
    limits: str = ""
    """The limits in words."""
    modes: Mapping[str, bool] = field(default_factory=dict)
    """The modes that the field is for, and whether they need it; empty if it is for all of them."""

    @property
    def parts(self) -> dict[str, Accepts]:
        """What the media in the items of a list take, by their names there."""
        return {each.name: each.accepts for each in self.fields if each.accepts}

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
    def modes_shown(self) -> str:
        """The modes that the field is for, as a fact among others."""
        names = [name + (" (required)" if needed else "") for name, needed in self.modes.items()]
        return f"only for {listed(names)}" if names else ""

    @property
    def default_shown(self) -> str:
        """The default as the help shows it."""
        words = [] if self.default is None else [_shown(self.default)]
        words += [f"{_shown(case['value'])} when {in_words(case['when'], shown=_shown)}" for case in self.default_when]
        return listed(words) if words else ""

    @property
    def gateway_default_shown(self) -> str:
        """What the gateway takes if the field is left out, as a fact among others."""
        return "" if self.gateway_default is None else f"left out, the gateway takes {_shown(self.gateway_default)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Form:
    """The form of a model. ``known`` says whether the model has one of its own here."""

    catalog: Catalog
    model: str
    known: bool
    summary: str
    fields: tuple[FormField, ...]
    modes: tuple[Mapping[str, Any], ...]
    """The modes as the form's schema has them; empty if the form has none."""

    @property
    def options(self) -> dict[str, str]:
        """Field name to option."""
        return {field.name: field.option for field in self.fields}

    def modes_explained(self, names: Mapping[str, str]) -> list[tuple[str, str]]:
        """Each mode, and what it needs and takes. ``names`` are the names that the reader knows the fields by."""
        return [(mode["name"], " ".join(filter(None, _mode(mode, names)))) for mode in self.modes]

    @property
    def fields_by_modes(self) -> dict[tuple[str, ...], list[FormField]]:
        """The fields by the modes that they are for; those for all modes come first, under no mode."""
        grouped: dict[tuple[str, ...], list[FormField]] = {}
        for each in sorted(self.fields, key=lambda each: bool(each.modes)):
            grouped.setdefault(tuple(each.modes), []).append(each)
        return grouped

    def request(self, values: Mapping[str, Any]) -> Request:
        """The request with these values; raises `InvalidRequest` as its class does."""
        return self.catalog.request_for(self.model, **values)


def form_of(catalog: Catalog, model: str, *, taken: Iterable[str] = (), with_model: bool = False) -> Form:
    """The form for a model id. For an id without a schema, it has the fields that all models share.

    Args:
        catalog: the models.
        model: the id.
        taken: the options that the command has besides those of the form. If the option of a field would be one of
            them, the field gets the option ``--field-NAME``.
        with_model: whether the form for an id without a schema has a field for the id.
    """
    known = model in catalog.models
    schema = catalog.schemas.form(model if known else "generic")
    cls = catalog.request_class(model)
    properties = {name: each for name, each in schema["properties"].items() if known or with_model or name != "model"}
    options = options_of({name: kind_of(each) == "boolean" for name, each in properties.items()}, taken)
    modes: Sequence[Mapping[str, Any]] = schema.get("x-modes", ())
    fields = []
    for name, property_schema in properties.items():
        required = name in schema.get("required", ())
        made = cls.model_fields.get(name)
        fields.append(_field(name, options[name], property_schema, required, made, _modes_of(name, modes)))
    return Form(
        catalog=catalog,
        model=model,
        known=known,
        summary=schema["description"],
        fields=tuple(fields),
        modes=tuple(modes),
    )


def _modes_of(name: str, modes: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """The modes that name a field, and whether they need it."""
    needed = {mode["name"]: name in mode.get("requires", ()) for mode in modes}
    return {m["name"]: needed[m["name"]] for m in modes if needed[m["name"]] or name in m.get("allows", ())}


def _mode(mode: Mapping[str, Any], names: Mapping[str, str]) -> tuple[str, str]:
    requires, allows = ([names.get(n, n) for n in mode.get(part, ())] for part in ("requires", "allows"))
    selected = in_words(mode.get("when", {}), name=lambda name: names.get(name, name), shown=_shown)
    return f"{in_mode(requires, allows, selected)}.", mode.get("description", "")


def _field(
    name: str,
    option: str,
    schema: Mapping[str, Any],
    required: bool,
    made: FieldInfo | None,
    modes: Mapping[str, bool],
) -> FormField:
    # Only the request class knows the unit of a number, and that a text is the address of a picture.
    from modelstream_runtime.fields import Unit
    from modelstream_runtime.media import Accepts
    from modelstream_runtime.problems import classes_in

    metadata = made.metadata if made else []
    accepts = next((part for part in metadata if isinstance(part, Accepts)), None)
    unit = next((part.symbol for part in metadata if isinstance(part, Unit)), "")
    kind = "media" if accepts else kind_of(schema)
    cls = next(classes_in(made.annotation), None) if made and kind == "objects" else None
    items = schema["items"] if kind == "objects" else {"properties": {}}
    fields = tuple(
        _field(part, "", inner, part in items.get("required", ()), cls.model_fields.get(part) if cls else None, {})
        for part, inner in items["properties"].items()
    )
    return FormField(
        name=name,
        option=option,
        kind=kind,
        required=required,
        many=kind == "objects" or (accepts is not None and accepts.many),
        default=schema.get("default"),
        default_when=schema.get("x-default-when", ()),
        gateway_default=schema.get("x-gateway-default"),
        doc=schema.get("description", ""),
        target=schema.get("x-target", ""),
        choices=tuple(value for value in schema.get("enum", ()) if value is not None),
        labels=schema.get("x-labels", {}),
        accepts=accepts,
        fields=fields,
        limits=_media_limits(accepts) if accepts else _limits(schema, kind, UNITS.get(unit, unit), fields),
        modes=modes,
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def kind_of(schema: Mapping[str, Any]) -> Kind:
    """The kind of a field by its schema in the form. A file is a ``text`` there."""
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


def _limits(schema: Mapping[str, Any], kind: Kind, unit: str = "", fields: Sequence[FormField] = ()) -> str:
    """The limits of a field by its schema in the form. Those of files, only the request class knows."""
    match kind:
        case "objects":
            count = bounds(schema.get("minItems"), schema.get("maxItems"), "object") or "objects"
            return f"{count} with {' and '.join(map(_part, fields))}"
        case "text":
            least = schema.get("minLength", 0)
            # That a text is not empty goes without saying.
            words = bounds(least if least > 1 else None, schema.get("maxLength"), "character")
            return ", ".join(filter(None, [words, "valid JSON" if "x-json" in schema else ""]))
        case "integer" | "number":
            values, labels = schema.get("x-special", ()), schema.get("x-labels", {})
            number = schema["anyOf"][0] if values else schema
            limits = bounds(number.get("minimum"), number.get("maximum"), unit, step=number.get("x-step"))
            limits = limits or (counted_noun(unit, None) if unit else "")
            return or_special(limits, ((value, labels.get(str(value))) for value in values))
        case "choice":
            return counted_noun(unit, None) if unit else ""
        case "boolean" | "object" | "media":
            return ""
        case unexpected:
            assert_never(unexpected)


def _part(field: FormField) -> str:
    """A field of an object in words: ``prompt (text, at most 512 characters)``."""
    return f"{field.name} ({field.type_name}{', ' if field.limits else ''}{field.limits})"


def _media_limits(accepts: Accepts) -> str:
    parts = [bounds(None, accepts.max_items)] if accepts.max_items else []
    parts += [", ".join(accepts.formats).upper()]
    parts += [f"at most {size(accepts.max_bytes)}{' each' if accepts.many else ''}"] if accepts.max_bytes else []
    parts += [ONLY[accepts.only]] if accepts.only else []
    return ", ".join(parts)
