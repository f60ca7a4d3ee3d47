"""Stage 3: what the schemas say, as immutable objects. No files are read here and no Python text is made.

Adding a kind of field means adding a class here; the stages that follow match on the class.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from generator.check import Checked
from generator.check.gateway import fold
from generator.check.rules import action_of
from generator.load import Document
from generator.naming import item_class, module_name, values_class

Evidence = Literal["curl", "page", "vendor", "guess"]
Encoding = Literal["data_uri", "base64", "any"]
MediaKind = Literal["image", "audio", "video"]
Scalar = str | int | float | bool

_BYTES = {"KB": 1024, "MB": 1024 * 1024}


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where a value goes in the body."""

    container: tuple[str, ...]
    """The objects around it, from the outside in."""
    key: str
    """The key it has in the innermost of them."""
    array: bool = False
    """Whether it is appended to an array under that key."""
    item_property: str | None = None
    """Whether it is a property of an item of that array, and which."""

    def __str__(self) -> str:
        suffix = "[]" if self.array else ""
        return ".".join((*self.container, self.key)) + suffix + (f".{self.item_property}" if self.item_property else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Variable:
    """A place in an item that a value fills: ``value``, ``position`` or the name of an item's field."""

    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemShape:
    """The object that a value adds to an array."""

    entries: tuple[tuple[str, Scalar | Variable], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Many:
    """How many items a field takes."""

    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """A field of the form. ``target`` is ``None`` only inside the items of a list."""

    name: str
    doc: str
    required: bool
    default: Scalar | None
    target: Target | None
    evidence: Evidence
    limits: Evidence
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Text(Field):
    """Free text; lengths in code points."""

    min_length: int | None
    max_length: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Number(Field):
    """An integer or a float."""

    integer: bool
    minimum: float | None
    maximum: float | None
    step: float | None
    unit: str | None
    sent_as_text: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Switch(Field):
    """True or false."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Option:
    """A value of a choice, with the label of the page, if there is one."""

    value: str | int
    label: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice(Field):
    """One of a few values."""

    options: tuple[Option, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Media(Field):
    """A picture, sound or video, or several."""

    kind: MediaKind
    many: Many | None
    encoding: Encoding
    formats: tuple[str, ...]
    max_bytes: int | None
    item: ItemShape | None
    rides_on: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectList(Field):
    """A list of small objects."""

    class_name: str
    item_name: str
    """What one item is called, in lower case."""
    many: Many
    fields: tuple[Field, ...]
    item: ItemShape


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenObject(Field):
    """Any JSON object."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Something that must hold between fields; ``ignores`` and ``expects`` only warn."""

    action: str
    fields: tuple[str, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    when: Mapping[str, Any] = field(default_factory=dict)
    unless: Mapping[str, Any] = field(default_factory=dict)
    minimum: Mapping[str, float] | float | None = None
    maximum: Mapping[str, float] | float | None = None
    because: str = ""

    @property
    def warns(self) -> bool:
        """Whether a caller who breaks it is only warned."""
        return self.action in ("ignores", "expects")


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """Form values that make a valid request."""

    name: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class RefusedExample:
    """Form values that make no valid request, and the field that is to be blamed. Nothing is rendered from it."""

    name: str
    values: Mapping[str, Any]
    field: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """One schema file."""

    id: str | None
    """The id on the wire; ``None`` for the generic request."""
    class_name: str
    module: str
    title: str
    vendor: str
    summary: str
    notes: str | None
    page: str
    checked: str
    file: str
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    examples: tuple[Example, ...]
    refused: tuple[RefusedExample, ...]

    @property
    def name(self) -> str:
        """What the model is called in messages."""
        return self.id or "generic"

    @property
    def lists(self) -> tuple[ObjectList, ...]:
        """The fields that are lists of objects, whose items have classes of their own."""
        return tuple(f for f in self.fields if isinstance(f, ObjectList))

    @property
    def values_class(self) -> str:
        """The typed dictionary of the fields."""
        return values_class(self.class_name)

    @property
    def public_names(self) -> tuple[str, ...]:
        """The classes of the model's module, sorted."""
        return tuple(sorted([self.class_name, *(entry.class_name for entry in self.lists)]))

    def field(self, name: str) -> Field:
        """The field of that name."""
        return next(f for f in self.fields if f.name == name)

    def rules_on(self, name: str) -> Iterator[Rule]:
        """The rules that ignore the field."""
        return (rule for rule in self.rules if rule.action == "ignores" and name in rule.fields)


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorRow:
    """Which error an answer raises."""

    raises: str
    status: int | str | None
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gateway:
    """What all models have in common."""

    title: str
    page: str
    base_url: str
    api_key_variable: str
    base_url_variable: str
    endpoints: Mapping[str, str]
    statuses: Mapping[str, str]
    """Folded spelling to canonical status."""
    meanings: Mapping[str, str]
    """Canonical status to waiting, done or failed."""
    paths: Mapping[str, tuple[str, ...]]
    error_paths: Mapping[str, tuple[str, ...]]
    success_codes: tuple[str | int, ...]
    request_id_headers: tuple[str, ...]
    errors: tuple[ErrorRow, ...]
    """The first row that fits decides."""
    polling: Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Package:
    """Everything that is rendered."""

    gateway: Gateway
    models: tuple[Model, ...]
    """The models with an id, sorted by it."""
    generic: Model | None

    @property
    def all_models(self) -> tuple[Model, ...]:
        """The models, then the generic request."""
        return (*self.models, *([self.generic] if self.generic else ()))


def build(checked: Checked) -> Package:
    """The schemas as objects. They have been checked: nothing can be wrong here."""
    models = [build_model(document) for document in checked.models]
    return Package(
        gateway=build_gateway(checked.gateway),
        models=tuple(sorted((m for m in models if m.id), key=lambda m: m.id or "")),
        generic=next((m for m in models if m.id is None), None),
    )


def build_model(document: Document) -> Model:
    """One model's schema, which has been checked, as an object."""
    data = document.data
    stem = document.file.rpartition("/")[2].removesuffix(".yaml")
    return Model(
        id=data.get("model"),
        class_name=data["class"],
        module=module_name(data.get("model") or stem),
        title=data["title"],
        vendor=data["vendor"],
        summary=data["summary"],
        notes=data.get("notes"),
        page=data["source"]["page"],
        checked=data["source"]["checked"],
        file=f"{stem}.yaml",
        fields=tuple(
            _field(document, ("fields",), name, field, data["class"]) for name, field in data["fields"].items()
        ),
        rules=tuple(_rule(rule) for rule in data.get("rules") or ()),
        examples=tuple(Example(**example) for example in data.get("examples") or ()),
        refused=tuple(RefusedExample(**example) for example in data.get("refused") or ()),
    )


def _field(document: Document, at: tuple[str, ...], name: str, data: dict[str, Any], class_name: str) -> Field:
    required = data.get("required", False)
    evidence: Evidence = data.get("evidence", "curl")
    default = data.get("default")
    if data["type"] == "number" and default is not None:
        default = float(default)  # Sent as 1.0, as a 1 of the caller is.
    common: dict[str, Any] = {
        "name": name,
        "doc": data.get("doc", ""),
        "required": required,
        "default": default,
        "target": _target(data["target"]) if "target" in data else None,
        "evidence": evidence,
        "limits": data.get("limits", "page"),
        "line": document.line_of((*at, name)),
    }
    counts = data.get("many", {})
    # A list without items counts as not given, which 0 says again and what is required cannot be.
    many = Many(minimum=counts.get("min") or (1 if required else None), maximum=counts.get("max"))
    match data["type"]:
        case "string":
            least = data.get("min_length", 1 if required else None)
            return Text(**common, min_length=least, max_length=data.get("max_length"))
        case "integer" | "number" as kind:
            return Number(
                **common,
                integer=kind == "integer",
                minimum=data.get("min"),
                maximum=data.get("max"),
                step=data.get("step"),
                unit=data.get("unit"),
                sent_as_text=data.get("wire") == "string",
            )
        case "boolean":
            return Switch(**common)
        case "enum":
            return Choice(**common, options=_options(data["options"]))
        case "image" | "audio" | "video" as kind:
            return Media(
                **common,
                kind=kind,
                many=many if "many" in data else None,
                encoding=data.get("encoding", "data_uri"),
                formats=tuple(data.get("formats") or ()),
                max_bytes=_size(data["max_bytes"]) if "max_bytes" in data else None,
                item=_item(data["item"]) if "item" in data else None,
                rides_on=data.get("rides_on"),
            )
        case "list":
            inner = data["fields"]
            return ObjectList(
                **common,
                class_name=item_class(class_name, data["class"]),
                item_name=data["class"].lower(),
                many=many,
                fields=tuple(_field(document, (*at, name, "fields"), n, f, class_name) for n, f in inner.items()),
                item=_item(data.get("item") or {n: f"${n}" for n in inner}),
            )
        case _:
            return OpenObject(**common)


def _target(text: str) -> Target:
    path, array, item_property = text.partition("[]")
    *container, key = path.split(".")
    return Target(
        container=tuple(container), key=key, array=bool(array), item_property=item_property.removeprefix(".") or None
    )


def _item(data: dict[str, Any]) -> ItemShape:
    def entry(value: Any) -> Scalar | Variable:
        return Variable(name=value[1:]) if isinstance(value, str) and value.startswith("$") else value

    return ItemShape(entries=tuple((key, entry(value)) for key, value in data.items()))


def _options(data: dict[Any, str] | list[Any]) -> tuple[Option, ...]:
    labels = data if isinstance(data, dict) else dict.fromkeys(data)
    return tuple(Option(value=value, label=label) for value, label in labels.items())


def _size(text: str) -> int:
    number, unit = text.split(" ")
    return int(number) * _BYTES[unit]


def _rule(data: dict[str, Any]) -> Rule:
    action = action_of(data) or ""
    common: dict[str, Any] = {key: data.get(key) or {} for key in ("when", "unless")}
    common["because"] = data.get("because", "")
    common["action"] = "within" if action in ("min", "max") else action
    match action:
        case "min" | "max":
            return Rule(**common, minimum=data.get("min"), maximum=data.get("max"))
        case "count":
            return Rule(**common, fields=tuple(data["count"]), minimum=data.get("min"), maximum=data.get("max"))
        case "sum":
            return Rule(**common, fields=(data["sum"], data["equals"]))
        case _ if isinstance(data[action], dict):
            return Rule(**common, fields=tuple(data[action]), values=data[action])
        case _:
            return Rule(**common, fields=tuple(data[action]))


def build_gateway(document: Document) -> Gateway:
    """The gateway's file, which has been checked, as an object."""
    data = document.data
    responses = data["responses"]
    return Gateway(
        title=data["title"],
        page=data["source"]["page"],
        base_url=data["base_url"],
        api_key_variable=data["environment"]["api_key"],
        base_url_variable=data["environment"]["base_url"],
        endpoints={name: endpoint["path"] for name, endpoint in data["endpoints"].items()},
        statuses={fold(s): name for name, status in data["statuses"].items() for s in status["spellings"]},
        meanings={name: status["means"] for name, status in data["statuses"].items()},
        paths={name: tuple(responses[name]) for name in ("task_id", "status", "progress", "url", "reason")},
        error_paths={name: tuple(paths) for name, paths in responses["error"].items()},
        success_codes=tuple(responses["success_codes"]),
        request_id_headers=tuple(responses["request_id_headers"]),
        errors=tuple(
            ErrorRow(raises=row["raises"], status=row.get("status"), codes=tuple(row.get("codes") or ()))
            for row in data["errors"]
        ),
        polling=data["polling"],
    )
