"""From the checked schema files to the objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, assert_never

from generator.check import Checked
from generator.check.gateway import fold
from generator.ir import (
    Choice,
    Constant,
    Encoding,
    ErrorRow,
    Evidence,
    Example,
    Field,
    Gateway,
    ItemField,
    ItemShape,
    Many,
    Media,
    Mode,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Option,
    Package,
    RefusedExample,
    Switch,
    Target,
    Text,
)
from generator.ir.fields import targets_of
from generator.ir.rules import assuming, gateway_defaults, rules_of
from generator.kinds import kind_of
from generator.load import Document, Location
from generator.naming import item_class, module_name
from modelstream_runtime.rules import DefaultWhen

_BYTES = {"KB": 1024, "MB": 1024 * 1024}


def build(checked: Checked) -> Package:
    """The schemas as objects. They have been checked: nothing can be wrong here."""
    models = [_model(document, checked.documented.get(document.file, {})) for document in checked.models]
    return Package(
        gateway=_gateway(checked.gateway),
        models=tuple(sorted((m for m in models if m.id), key=lambda m: m.id or "")),
        generic=next((m for m in models if m.id is None), None),
    )


def _model(document: Document, documented: Mapping[str, dict[str, Any]]) -> Model:
    data = document.data
    taken = gateway_defaults(data["fields"])
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
            _assuming(taken, _field(document, ("fields", name), field)) for name, field in data["fields"].items()
        ),
        constants=tuple(_constant(constant, taken) for constant in data.get("constants") or ()),
        modes=tuple(Mode.parse(name, mode, taken) for name, mode in (data.get("modes") or {}).items()),
        rules=rules_of(data),
        examples=(
            *(Example(name=name, values=values) for name, values in documented.items()),
            *(Example(**example) for example in data.get("examples") or ()),
        ),
        refused=tuple(RefusedExample(**example) for example in data.get("refused") or ()),
    )


def _assuming(taken: Mapping[str, Any], field: Field) -> Field:
    """The field with defaults whose conditions know what the gateway takes."""
    cases = tuple(case._replace(when=assuming(taken, case.when)) for case in field.default_when)
    return replace(field, default_when=cases) if cases else field


def _constant(data: dict[str, Any], taken: Mapping[str, Any]) -> Constant:
    return Constant(
        target=Target.parse(data["target"]),
        value=data["value"],
        before=data.get("before"),
        when=assuming(taken, data.get("when")),
        evidence=data.get("evidence", "curl"),
    )


def _field(document: Document, at: Location, data: dict[str, Any]) -> Field:
    common = _common(document, at, data)
    required = common["required"]
    kind = kind_of(data)
    match kind:
        case "string":
            least = data.get("min_length", 1 if required else None)
            return Text(**common, min_length=least, max_length=data.get("max_length"), is_json="format" in data)
        case "integer" | "number":
            if kind == "number":  # Sent as 1.0, as a 1 of the caller is.
                common["default"] = None if common["default"] is None else float(common["default"])
                common["default_when"] = tuple(c._replace(value=float(c.value)) for c in common["default_when"])
            return Number(
                **common,
                integer=kind == "integer",
                minimum=data.get("min"),
                maximum=data.get("max"),
                step=data.get("step"),
                special=_options(data.get("special") or []),
                unit=data.get("unit"),
                sent_as_text=data.get("wire") == "string",
            )
        case "boolean":
            return Switch(**common, sent_as_text=data.get("wire") == "string")
        case "enum":
            return Choice(**common, options=_options(data["options"]), sent_as_text=data.get("wire") == "string")
        case "image" | "audio" | "video":
            return Media(
                **common,
                kind=kind,
                many=_many(data, required=required) if "many" in data else None,
                encoding=_encoding(data),
                only=None if "only" not in data else "url" if data["only"] == "url" else "inline",
                formats=tuple(data.get("formats") or ()),
                max_bytes=_size(data["max_bytes"]) if "max_bytes" in data else None,
                attach_to=data.get("attach_to"),
            )
        case "list":
            inner = data["fields"]
            is_split = "mime" in common["item"].variables.values()
            return ObjectList(
                **common,
                class_name=item_class(document.data["class"], data["class"]),
                item_name=data["class"].lower(),
                many=_many(data, required=required),
                fields=tuple(_item_field(document, (*at, "fields", n), f, is_split=is_split) for n, f in inner.items()),
            )
        case "object":
            return OpenObject(**common)
        case _:
            assert_never(kind)


def _item_field(document: Document, at: Location, data: dict[str, Any], *, is_split: bool) -> ItemField:
    field = _field(document, at, data)
    match field:
        case Media() if is_split:
            return replace(field, encoding="split")
        case Text() | Number() | Switch() | Choice() | Media():
            return field
        case ObjectList() | OpenObject():
            raise TypeError(f"the language lets no item of a list have a {type(field).__name__}")
        case _:
            assert_never(field)


def _common(document: Document, at: Location, data: dict[str, Any]) -> dict[str, Any]:
    """What all kinds of fields have."""
    target, *also = targets_of(data) or (None,)
    evidence: Evidence = data.get("evidence", "curl")
    return {
        "name": at[-1],
        "doc": data.get("doc", ""),
        "notes": tuple(data.get("notes") or ()),
        "required": data.get("required", False),
        "default": data.get("default"),
        "default_when": tuple(DefaultWhen(case["value"], case["when"]) for case in data.get("default_when") or ()),
        "gateway_default": data.get("gateway_default"),
        "target": target,
        "also": tuple(also),
        "item": _item(data),
        "evidence": evidence,
        "limits": data.get("limits", "page"),
        "line": document.line_of(at),
    }


def _item(data: dict[str, Any]) -> ItemShape | None:
    written = data.get("item") or {name: f"${name}" for name in data.get("fields", ())}
    return ItemShape.parse(written) if written else None


def _many(data: dict[str, Any], *, required: bool) -> Many:
    counts = data.get("many", {})
    # A list without items counts as not given, which 0 says again and what is required cannot be.
    return Many(minimum=counts.get("min") or (1 if required else None), maximum=counts.get("max"))


def _options(data: dict[Any, str] | list[Any]) -> tuple[Option, ...]:
    labels = data if isinstance(data, dict) else dict.fromkeys(data)
    return tuple(Option(value=value, label=label) for value, label in labels.items())


def _encoding(data: dict[str, Any]) -> Encoding:
    item = _item(data)
    if item and "mime" in item.variables.values():
        return "split"
    encoding: Encoding = data.get("encoding") or data.get("only", "data_uri")
    return "data_uri" if data.get("only") == "url" else encoding


def _size(text: str) -> int:
    number, unit = text.split(" ")
    return int(number) * _BYTES[unit]


def _gateway(document: Document) -> Gateway:
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
        no_channel_codes=tuple(data.get("no_channel_codes") or ()),
        polling=data["polling"],
    )
