"""The classes of a model, with datamodel-code-generator as the type engine.

This module writes a JSON Schema of the types, defaults and constraints of the fields; datamodel-code-generator turns it
into annotations, through the class template in ``templates/_datamodel``. No free text of a schema passes through it.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, assert_never

from generator.emit.docs import class_docs, field_docs, item_docs
from generator.emit.imports import import_lines
from generator.emit.literals import LINE_LENGTH, literal
from generator.emit.payload import payload_literal
from generator.emit.templates import Templates
from generator.ir import (
    Choice,
    Constant,
    Field,
    ItemField,
    Media,
    Model,
    Number,
    ObjectList,
    OpenObject,
    Rule,
    Switch,
    Text,
    is_sent_as_text,
)
from generator.naming import values_class

_STRING = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")


def render_classes(templates: Templates, model: Model) -> tuple[str, str]:
    """The import lines and the classes of a model's module."""
    views: dict[str, dict[str, Any]] = {
        entry.class_name: {"view": _ClassView(model, entry, entry.fields, item_docs(entry), None)}
        for entry in model.lists
    }
    wire = _WireView(model)
    views[model.class_name] = {"view": _ClassView(model, None, model.fields, class_docs(model), wire)}
    source = templates.run_datamodel(lambda options: _generate(model, views, options))
    tree = ast.parse(source)
    first = next(node for node in tree.body if not isinstance(node, (ast.Import, ast.ImportFrom)))
    classes = "\n".join(source.splitlines()[first.lineno - 1 :])
    return import_lines(tree), classes


def _generate(model: Model, views: dict[str, dict[str, Any]], options: dict[str, Any]) -> str:
    # Imported here: it costs a third of a second, which `check` and `explain` need not pay.
    from datamodel_code_generator import generate
    from datamodel_code_generator.enums import DataModelType, InputFileType
    from datamodel_code_generator.format import PythonVersion
    from datamodel_code_generator.parser import LiteralType

    text = generate(
        _json_schema(model),
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        class_name=model.class_name,
        base_class="modelstream_runtime.request.Request",
        base_class_map={entry.class_name: "modelstream_runtime.request.Item" for entry in model.lists},
        enum_field_as_literal=LiteralType.All,
        use_annotated=True,
        field_constraints=True,
        strict_nullable=True,
        use_standard_collections=True,
        use_generic_container_types=True,
        use_union_operator=True,
        use_exact_imports=True,
        keep_model_order=True,
        disable_future_imports=True,
        disable_timestamp=True,
        enable_generated_header_marker=False,
        formatters=[],
        extra_template_data=defaultdict(dict, views),
        **options,
    )
    assert isinstance(text, str)
    return text


def _json_schema(model: Model) -> dict[str, Any]:
    definitions = {entry.class_name: _object_schema(entry.fields) for entry in model.lists}
    return {"title": model.class_name, **_object_schema(model.fields), "$defs": definitions}


def _object_schema(fields: Sequence[Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _field_schema(field) for field in fields},
        "required": [field.name for field in fields if field.required],
    }


def _field_schema(field: Field) -> dict[str, Any]:
    schema = _value_schema(field)
    if field.required:
        return schema
    if "type" in schema:
        # With anyOf the engine would make a class of every constrained type.
        return schema | {"type": [schema["type"], "null"], "default": field.default}
    return {"anyOf": [schema, {"type": "null"}], "default": field.default}


def _value_schema(field: Field) -> dict[str, Any]:
    """Type and constraints of a field's value."""
    match field:
        case Text():
            return _without_none(type="string", minLength=field.min_length, maxLength=field.max_length)
        case Number():
            kind = "integer" if field.integer else "number"
            return _without_none(type=kind, minimum=field.minimum, maximum=field.maximum)
        case Switch():
            return {"type": "boolean"}
        case Choice(options=options):
            return {"enum": [option.value for option in options]}
        case Media(many=many):
            return {"customTypePath": f"modelstream_runtime.media.{'MediaList' if many else 'Media'}"}
        case ObjectList(class_name=name, many=many):
            items = {"$ref": f"#/$defs/{name}"}
            return _without_none(type="array", items=items, minItems=many.minimum, maxItems=many.maximum)
        case OpenObject():
            return {"customTypePath": f"modelstream_runtime.fields.{'Required' if field.required else 'Json'}Object"}
        case _:
            assert_never(field)


def _without_none(**keywords: Any) -> dict[str, Any]:
    return {key: value for key, value in keywords.items() if value is not None}


def _markers(field: Field) -> list[str]:
    """What the annotation carries beside pydantic's own constraints."""
    match field:
        case Number():
            special = {option.value: option.label for option in field.special}
            markers = [f"Special({literal(special)})"] if special else _step(field)
            return [*markers, f"Unit({literal(field.unit)})"] if field.unit else markers
        case Choice(options=options):
            return ["Exact()"] if isinstance(options[0].value, int) else []
        case ObjectList():
            return ["AsTuple"]
        case Media():
            return [_accepts(field)]
        case Switch(item=item):
            return ["FalseAsNone"] if item else []
        case Text(is_json=is_json):
            return ["JsonText()"] if is_json else []
        case OpenObject():
            return []
        case _:
            assert_never(field)


def _step(field: Number) -> list[str]:
    if not field.step or (field.integer and field.step == 1):
        return []
    start = f", start={literal(field.minimum)}" if field.minimum else ""
    return [f"Step({literal(field.step)}{start})"]


def _accepts(field: Media) -> str:
    arguments = [literal(field.kind)]
    if field.formats:
        arguments.append(f"formats={literal(field.formats)}")
    if field.max_bytes:
        megabytes, rest = divmod(field.max_bytes, 1024 * 1024)
        arguments.append(f"max_bytes={megabytes} * MB" if not rest else f"max_bytes={field.max_bytes}")
    if field.encoding != "data_uri":
        arguments.append(f"encoding={literal(field.encoding)}")
    if field.only:
        arguments.append(f"only={literal(field.only)}")
    if field.many:
        arguments.append("many=True")
        bounds = (("min_items", field.many.minimum), ("max_items", field.many.maximum))
        arguments += [f"{name}={bound}" for name, bound in bounds if bound is not None]
    return f"Accepts({', '.join(arguments)})"


@dataclass(frozen=True, slots=True)
class _ClassView:
    """What the class template needs beyond what datamodel-code-generator knows."""

    model: Model
    list_field: ObjectList | None
    fields: Sequence[Field]
    docs: str
    wire: _WireView | None

    @property
    def values_class(self) -> str:
        return values_class(self.list_field.class_name if self.list_field else self.model.class_name)

    def field(self, rendered: Any) -> Field:
        """The schema's field behind a rendered one; its name must have come through unchanged."""
        field = next((f for f in self.fields if f.name == rendered.name), None)
        if field is None:
            raise ValueError(
                f"the field {rendered.original_name!r} of {self.model.file} came back as {rendered.name!r}"
            )
        return field

    def declaration(self, rendered: Any) -> str:
        """The field in its class: name, annotation, default."""
        field = self.field(rendered)
        parts = [_hint(rendered), *([rendered.field] if rendered.field else [])]
        if isinstance(field, Number) and field.special:
            # The range, and beside it what is outside: a union, which the engine would make classes of.
            values = ", ".join(literal(option.value) for option in field.special)
            within = f"Annotated[{', '.join(['int', *parts[1:], *_step(field)])}]"
            parts = [f"Literal[{values}] | {within}{'' if field.required else ' | None'}"]
        parts += _markers(field)
        default = "" if field.required else f" = {literal(field.default)}"
        if len(parts) == 1:
            return f"{field.name}: {parts[0]}{default}"
        line = f"{field.name}: Annotated[{', '.join(parts)}]{default}"
        if len("    ") + len(line) <= LINE_LENGTH:
            return line
        # The comma at the end makes black give each part a line of its own; else it would break the default off.
        return f"{field.name}: Annotated[{', '.join(parts)},]{default}"

    def parameter(self, rendered: Any) -> str:
        """The field in the constructor's signature."""
        field, hint = self.field(rendered), self._accepted(rendered)
        return f"{field.name}: {hint}" if field.required else f"{field.name}: {hint} = {literal(field.default)}"

    def value_declaration(self, rendered: Any) -> str:
        """The field in the typed dictionary."""
        field, hint = self.field(rendered), self._accepted(rendered)
        return f"{field.name}: {hint}" if field.required else f"{field.name}: NotRequired[{hint}]"

    def _accepted(self, rendered: Any) -> str:
        """The type of what a caller may pass: a request also takes its items as dictionaries."""
        field, hint = self.field(rendered), _hint(rendered)
        if isinstance(field, ObjectList):
            return hint.replace(field.class_name, f"{field.class_name} | {values_class(field.class_name)}")
        return hint

    def docs_of(self, rendered: Any) -> str:
        return field_docs(self.field(rendered), self.model)


def _hint(rendered: Any) -> str:
    """The engine's type hint, with the quotes that the rest of the code has."""
    return _STRING.sub(lambda found: literal(ast.literal_eval(found[0])), rendered.type_hint)


class _WireView:
    """What the class template needs for the body."""

    def __init__(self, model: Model) -> None:
        self.id = literal(model.id)
        self.targets = [_target(field) for field in model.fields]
        self.constants = [_constant(constant) for constant in model.constants]
        self.rules = _rules(model.rules)
        self.default_when = [_default_when(field) for field in model.fields if field.default_when]
        self.payload = payload_literal(model)


def _default_when(field: Field) -> str:
    cases = ", ".join(f"DefaultWhen({literal(value)}, {literal(when)})" for value, when in field.default_when)
    return f"{literal(field.name)}: ({cases},),"


def _constant(constant: Constant) -> str:
    when = f", when={literal(constant.when)}" if constant.when else ""
    return f"Constant({literal(str(constant.target))}, {literal(constant.value)}{when}),"


def _target(field: Field) -> str:
    """The field's entry in the mapping of targets."""
    arguments = [literal(str(field.target))]
    if field.also:
        arguments.append(f"also={literal(tuple(map(str, field.also)))}")
    if field.item:
        arguments.append(f"item={literal(field.item.source)}")
    match field:
        case Media():
            if field.many:
                arguments.append("many=True")
            if field.attach_to:
                arguments.append(f"attach_to={literal(field.attach_to)}")
        case ObjectList(fields=fields):
            arguments += ["many=True", *_as_text(fields)]
            if lists := tuple(f.name for f in fields if isinstance(f, Media) and f.many):
                arguments.append(f"lists={literal(lists)}")
            if field.typed_file:
                arguments.append(f"file={literal(field.typed_file.name)}")
        case Text() | Number() | Switch() | Choice():
            arguments += _as_text([field], own="value" if field.item else field.name)
        case OpenObject():
            pass
        case _:
            assert_never(field)
    return f"{literal(field.name)}: Target({', '.join(arguments)}),"


def _as_text(fields: Sequence[ItemField], own: str = "") -> list[str]:
    """The argument that names the fields that travel as texts, and what is in the text."""
    kinds = {own or field.name: _kind_of_text(field) for field in fields if is_sent_as_text(field)}
    return [f"as_text={{{', '.join(f'{literal(name)}: {kind}' for name, kind in kinds.items())}}}"] if kinds else []


def _kind_of_text(field: ItemField) -> str:
    return (
        "bool" if isinstance(field, Switch) else "float" if isinstance(field, Number) and not field.integer else "int"
    )


def _rules(rules: Sequence[Rule]) -> str:
    """The tuple of rules; empty if there are none."""
    return f"_rules: ClassVar[Rules] = ({', '.join(map(_rule, rules))},)" if rules else ""


def _rule(rule: Rule) -> str:
    name, arguments, keywords = rule.constructor
    parts = [*map(literal, arguments), *(f"{keyword}={literal(value)}" for keyword, value in keywords.items())]
    return f"{name}({', '.join(parts)})"
