"""Random form schemas: most of them sound, all of them strange.

A schema is built so that it may well be accepted: names and targets are told apart, limits are in order, rules do not
break the examples. `mutated` then breaks it in a place or two.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from generator.ir import Rule
from generator.ir.fields import targets_of
from generator.ir.rules import completed, gateway_defaults
from tests.fuzz.texts import HALF_A_CHARACTER, texts
from tests.fuzz.values import is_number, many_of, value_of, values_of

Schema = dict[str, Any]

_LANGUAGE = json.loads((Path(__file__).parents[2] / "schemas/form_schema.schema.json").read_text(encoding="utf-8"))
_MODE_NAME = re.compile(_LANGUAGE["$defs"]["mode_name"]["pattern"])

_NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,6}", fullmatch=True) | st.sampled_from("""
    prompt match case type id input len print url value position item each_ prune_ as_text verbatim extend_first
    enumerate_ super type_ l O I x__ a_b aB A Z set bytes property staticmethod Optional Union List Dict Enum
    annotations root schema_ fields_ data json_ title doc field default datetime date constr conint RootModel
    ConfigDict canary
    """.split())
_STRANGE_NAMES = st.sampled_from("""
    class def None lambda async self cls model model_ model_dump model_config copy json dict schema validate construct
    to_payload from_payload to_curl replace request payload timeout on_update __init__ __class__ _x 1st naïve naming-it
    Field Literal Any Target str int TYPE_CHECKING
    """.split()) | st.sampled_from(["", " ", "a b", "a.b", "x" * 65, "\u202eabc", "'", "{{ canary() }}"])
_LONG_NAMES = st.sampled_from(["x" * 64, "a_" * 32, "Z9" * 32])

_CONTAINERS = ("metadata", "input", "parameters", "o-1", "_x", "self", "class")
_KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True) | st.sampled_from(
    ["None", "def", "a-b", "a_b", "-a"[1:], "__proto__", "constructor", "prompt", "url", "x" * 200, "_", "canary"]
)
_CLASS_NAMES = st.from_regex(r"[A-Z][A-Za-z0-9]{0,8}", fullmatch=True) | st.sampled_from("""
    List Optional Union Dict Enum Exception BaseModel ConfigDict RootModel Values Model Path Decimal UUID Set Type
    Callable Literal2 Self Generic Final Warning ValueError Ellipsis NotImplemented KlingV3 Async A Json VideoRequest
    """.split()) | st.just("Z" * 64)
_STRANGE_CLASS_NAMES = st.sampled_from(["None", "True", "Any", "Request", "Task", "class", "1A", "É", "A B", "A" * 65])
_MODEL_IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,8}", fullmatch=True) | st.sampled_from(
    ["class", "None", "1", "a.b-c", "models", "import", "v1", "x" * 64, "init", "Type", "json", "match"]
)
_STRANGE_MODEL_IDS = st.sampled_from(
    ["con", "generic", "NUL.x", "-a", ".a", "a/b", "..", "a b", "é", "x" * 65, "", "{{ x }}"]
)

_MEDIA = ("image", "audio", "video")
_FORMATS = {"image": ["jpeg", "png", "bmp", "webp", "gif"], "audio": ["wav", "mp3"], "video": ["mp4", "mov", "webm"]}
_SHARED = "metadata.media[]"


def schemas() -> st.SearchStrategy[Schema]:
    """Schemas of which a good part is accepted."""
    return st.one_of(sound(), sound(), mutated())


@st.composite
def sound(draw: st.DrawFn) -> Schema:
    """A schema that is built by the rules of the language."""
    strange = draw(st.integers(0, 19)) == 0
    fields = draw(_fields(strange))
    schema: Schema = {
        "model": draw(_STRANGE_MODEL_IDS if strange and draw(st.booleans()) else _MODEL_IDS),
        "class": draw(_STRANGE_CLASS_NAMES if strange and draw(st.booleans()) else _CLASS_NAMES),
        "title": draw(texts),
        "vendor": draw(texts),
        "summary": draw(texts),
        "source": {"page": draw(texts), "checked": "2026-11-21"},
        "fields": fields,
    }
    if draw(st.booleans()):
        schema["notes"] = draw(texts)
    names = draw(st.lists(st.sampled_from(["documented", "a", "b-1", "z_"]), unique=True, max_size=2))
    examples: list[Schema] = [{"name": name, "values": draw(values_of(fields))} for name in names]
    # What at least one request keeps: otherwise random rules contradict each other.
    kept = [*(example["values"] for example in examples), _without_holes(fields, draw(values_of(fields)))]
    if rules := draw(_rules(fields, kept)):
        schema["rules"] = rules
    if constants := draw(_constants(fields)):
        schema["constants"] = constants
    if draw(st.booleans()) and (modes := draw(_modes(fields, kept))):
        schema["modes"] = modes
    if examples:
        schema["examples"] = examples
    return schema


def _without_holes(fields: Mapping[str, Schema], values: Schema) -> Schema:
    """The values without what is attached to nothing, and without what stands behind an empty position."""
    kept: Schema = {}
    taken = 0
    for name, field in fields.items():
        place = re.fullmatch(r"metadata\.pair\[(\d+)\]", str(field["target"]))
        if name not in values or field.get("attach_to", name) not in values or (place and int(place[1]) > taken):
            continue
        taken += bool(place)
        kept[name] = values[name]
    return kept


@st.composite
def mutated(draw: st.DrawFn) -> Schema:
    """A sound schema with one to three nodes taken away, replaced, renamed or added."""
    schema = copy.deepcopy(draw(sound()))
    for _ in range(draw(st.integers(1, 3))):
        places = list(_places(schema))
        container, key = draw(st.sampled_from(places))
        if isinstance(container, list):
            if key >= len(container):
                continue
        elif key not in container:
            continue
        match draw(st.integers(0, 4)):
            case 0:
                del container[key]
            case 1 | 2:
                container[key] = draw(_JUNK)
            case 3:
                other, its_key = draw(st.sampled_from(places))
                container[key] = copy.deepcopy(other[its_key] if _has(other, its_key) else None)
            case _ if isinstance(container, dict):
                container[draw(_STRANGE_NAMES | _NAMES | texts)] = container.pop(key)
            case _:
                container.append(copy.deepcopy(container[key]))
    return schema


_JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats(),
    texts | st.just("") | st.just(HALF_A_CHARACTER),
    st.just([]) | st.just({}) | st.lists(st.integers(0, 2), max_size=3) | st.just("x" * 10_001),
    st.dictionaries(texts, st.integers(), max_size=2),
)


def _places(node: Any) -> Any:
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield node, key
        yield from _places(value)


def _has(container: Any, key: Any) -> bool:
    return key in container if isinstance(container, dict) else key < len(container)


@st.composite
def _fields(draw: st.DrawFn, strange: bool) -> dict[str, Schema]:
    """Fields with names and places of their own."""
    size = draw(st.integers(1, 6))
    pool = _NAMES | _NAMES | _LONG_NAMES | (_STRANGE_NAMES if strange else _NAMES)
    names = draw(st.lists(pool, min_size=size, max_size=size, unique=True))
    keys = draw(
        st.lists(
            _KEYS.filter(lambda key: key not in (*_CONTAINERS, "model", "media")),
            min_size=size,
            max_size=size,
            unique=True,
        )
    )
    fields: dict[str, Schema] = {}
    for index, (name, key) in enumerate(zip(names, keys, strict=True)):
        kind = draw(st.sampled_from(["string", "integer", "number", "boolean", "enum", "object", "list", *_MEDIA]))
        containers = draw(st.lists(st.sampled_from(_CONTAINERS), max_size=3))
        field: Schema = draw(_scalar(kind) if kind not in (*_MEDIA, "list", "object") else st.just({"type": kind}))
        field["target"] = ".".join([*containers, key])
        if kind in _MEDIA:
            draw(_complete_media(field, key, index, fields))
        elif kind == "list":
            draw(_complete_list(field, index))
        elif kind != "object" and draw(st.integers(0, 3)) == 0:
            draw(_complete_scalar(field, index))
        if draw(st.booleans()) or strange:
            field["doc"] = draw(texts)
        if draw(st.integers(0, 3)) == 0:
            field["notes"] = draw(st.lists(texts, min_size=1, max_size=2))
        is_added = field["type"] == "boolean" and "item" in field
        is_lost = not fields.get(field.get("attach_to", name), {"required": True}).get(
            "required"
        )  # Without its carrier.
        if "default" not in field and not is_added and not is_lost and draw(st.integers(0, 3)) == 0:
            field["required"] = True
        if draw(st.booleans()):
            field["evidence"] = draw(st.sampled_from(["curl", "page", "vendor", "guess"]))
        if draw(st.integers(0, 3)) == 0:
            field["limits"] = draw(st.sampled_from(["page", "vendor", "guess"]))
        fields[name] = draw(_shuffled(field))
    independent = {name: field for name, field in fields.items() if field["type"] in ("boolean", "enum")}
    for name, field in fields.items():
        if "default" in field and name not in independent and independent and draw(st.booleans()):
            cases = st.fixed_dictionaries({"when": _condition(independent), "value": value_of(field)})
            field["default_when"] = draw(st.lists(cases, min_size=1, max_size=2))
    for key, field in zip(keys, fields.values(), strict=True):
        if not field.keys() & {"item", "attach_to"} and "[" not in field["target"] and draw(st.integers(0, 3)) == 0:
            field["target"] = [field["target"], f"also.{key}"]
    return fields


@st.composite
def _shuffled(draw: st.DrawFn, field: Schema) -> Schema:
    """The order of keys has no meaning."""
    return {key: field[key] for key in draw(st.permutations(list(field)))} if draw(st.booleans()) else field


@st.composite
def _nested(draw: st.DrawFn, item: Schema) -> Schema:
    """The item with some of its entries in objects, perhaps in another order; its kind stays where others have it."""
    nested: Schema = {}
    for key, entry in draw(_shuffled(item)).items():
        depth = 0 if key == "kind" else draw(st.sampled_from([0, 0, 1, 2]))
        for outer in draw(st.lists(st.sampled_from(["in", "o_o", key]), min_size=depth, max_size=depth)):
            entry = {key: entry}
            key = outer
        if key in nested:
            return item
        nested[key] = entry
    return nested


@st.composite
def _scalar(draw: st.DrawFn, kind: str, *, inner: bool = False) -> Schema:
    """Type, limits and default of a text, a number, a switch or a choice."""
    field: Schema = {"type": kind}
    if kind == "string":
        least, most = draw(st.none() | st.integers(0, 3)), draw(st.none() | st.integers(3, 40))
        field |= {key: bound for key, bound in (("min_length", least), ("max_length", most)) if bound is not None}
        if draw(st.integers(0, 4)) == 0:
            field["format"] = "json"
    elif kind in ("integer", "number"):
        field |= draw(_number_limits(kind))
    elif kind == "enum":
        options = draw(st.lists(texts, unique=True, min_size=1, max_size=4) | _INTEGER_OPTIONS)
        labels = draw(st.none() | st.lists(texts, min_size=len(options), max_size=len(options)))
        field["options"] = options if labels is None else dict(zip(options, labels, strict=True))
    if draw(st.integers(0, 2)) == 0:
        field["default"] = draw(value_of(field))
    elif not inner and draw(st.integers(0, 3)) == 0:
        field["gateway_default"] = draw(value_of(field))
    return field


_INTEGER_OPTIONS = st.lists(st.integers(-5, 5) | st.just(2**53 - 1), unique=True, min_size=1, max_size=4)


@st.composite
def _number_limits(draw: st.DrawFn, kind: str) -> Schema:
    integer = kind == "integer"
    bounds = st.integers(-10, 10) if integer else st.integers(-10, 10) | st.sampled_from([-0.5, 0.25, 1e-9, 1e22, 0.1])
    low, high = sorted([draw(bounds), draw(bounds)])
    step: Any = draw(st.sampled_from([1, 2, 3] if integer else [1, 0.1, 0.25, 2]))
    limits: Schema = {}
    for key, bound in (("min", low), ("max", high)):
        if draw(st.integers(0, 2)):
            limits[key] = bound
    if draw(st.integers(0, 2)) == 0 and low + step <= high:
        limits |= {"step": step}
    if "min" in limits and integer and draw(st.integers(0, 2)) == 0:
        outside = draw(st.lists(st.integers(-30, -21), unique=True, min_size=1, max_size=2))
        meanings = draw(st.none() | st.lists(texts, min_size=len(outside), max_size=len(outside)))
        limits["special"] = outside if meanings is None else dict(zip(outside, meanings, strict=True))
    if draw(st.integers(0, 3)) == 0:
        limits["wire"] = "string"
    if draw(st.integers(0, 3)) == 0:
        limits["unit"] = draw(st.sampled_from(["s", "px"]))
    return limits


@st.composite
def _complete_media(draw: st.DrawFn, field: Schema, key: str, index: int, others: Mapping[str, Schema]) -> None:
    """What a picture, sound or video has; in an array, or on an item of another field's."""
    if draw(st.booleans()):
        field["formats"] = draw(st.lists(st.sampled_from(_FORMATS[field["type"]]), unique=True, min_size=1))
    if draw(st.booleans()):
        field["max_bytes"] = draw(st.sampled_from(["1 KB", "20 MB", "999999 MB", "1536 KB"]))
    if draw(st.booleans()):
        field["encoding"] = draw(st.sampled_from(["data_uri", "base64", "any"]))
    elif draw(st.booleans()):
        field["only"] = draw(st.sampled_from(["url", "data_uri", "base64"] if _may_be_png(field) else ["url"]))
    carriers = [
        name
        for name, other in others.items()
        if other["type"] in _MEDIA and "item" in other and other["target"].endswith("[]")
    ]
    match draw(st.integers(0, 4)):
        case 0:
            pass
        case 4:
            position = sum(other["target"].startswith("metadata.pair[") for other in others.values())
            field["target"] = f"metadata.pair[{position}]"
            if draw(st.booleans()):
                field["item"] = draw(_nested({"kind": "a", draw(_KEYS): "$value"}))
        case 1 if carriers:
            carrier = draw(st.sampled_from(carriers))
            field["attach_to"] = carrier
            field["target"] = f"{others[carrier]['target']}.{key}"
        case 1 | 2:
            field["target"] = _SHARED
            entries = {"kind": draw(texts.filter(_is_constant)) + str(index), draw(_KEYS): "$value"}
            extra = draw(
                st.dictionaries(_KEYS, texts.filter(_is_constant) | st.booleans() | st.integers(0, 3), max_size=2)
            )
            field["item"] = draw(_nested({**extra, **entries} if draw(st.booleans()) else entries))
        case _:
            field["target"] += "[]"
            if draw(st.booleans()):
                field["item"] = draw(_nested({draw(_KEYS): "$value"}))
    if field["target"].endswith("[]") and draw(st.booleans()):
        field["many"] = draw(many_of())
    if "item" in field and field.get("only") in ("data_uri", "base64") and draw(st.booleans()):
        field["item"] = {"mime_" + key: "$mime", **field["item"]}


@st.composite
def _complete_scalar(draw: st.DrawFn, field: Schema, index: int) -> None:
    """The item of a text, a number or a choice in an array, or what a switch adds there or in its place."""
    kind = {"kind": draw(texts.filter(_is_constant)) + str(index)}
    if field["type"] == "boolean":
        field["item"] = draw(_nested(kind | draw(st.dictionaries(_KEYS, st.booleans(), max_size=1)) | kind))
        field.pop("wire", None)
        if field.get("default") is False:
            del field["default"]
        if draw(st.booleans()):
            return
    else:
        field["item"] = draw(_nested({**kind, draw(_KEYS): "$value"}))
    field["target"] = _SHARED if draw(st.booleans()) else f"{field['target']}[]"


def _may_be_png(field: Schema) -> bool:
    """Whether it takes the file that random values have."""
    return field["type"] == "image" and "png" in field.get("formats", ["png"])


@st.composite
def _complete_list(draw: st.DrawFn, field: Schema, index: int) -> None:
    """The class, the fields and the item of a list of objects."""
    field["target"] += "[]"
    field["class"] = draw(st.from_regex(r"[A-Z][A-Za-z]{0,4}", fullmatch=True)) + str(index)
    if draw(st.booleans()):
        field["many"] = draw(many_of())
    names = draw(
        st.lists(
            _NAMES.filter(lambda name: name not in ("value", "mime", "position")), min_size=1, max_size=3, unique=True
        )
    )
    field["fields"] = dict[str, Schema]()
    for name in names:
        kind = draw(st.sampled_from(["string", "integer", "number", "boolean", "enum", *_MEDIA]))
        inner: Schema = draw(_inner_media(kind) if kind in _MEDIA else _scalar(kind, inner=True))
        if "default" not in inner and draw(st.booleans()):
            inner["required"] = True
        if draw(st.booleans()):
            inner["doc"] = draw(texts)
        field["fields"][name] = inner
    if draw(st.booleans()):
        if draw(st.booleans()):
            field["target"] = _SHARED
        variables = [f"${name}" for name in names] + (["$position"] if draw(st.booleans()) else [])
        keys = draw(st.lists(_KEYS, min_size=len(variables), max_size=len(variables), unique=True))
        field["item"] = dict(zip(keys, variables, strict=True))
        if draw(st.booleans()):
            field["item"] = {"kind": draw(texts.filter(_is_constant)) + str(index), **field["item"]}
        field["item"] = draw(_nested(field["item"]))
        files = [inner for inner in field["fields"].values() if inner["type"] in _MEDIA]
        if len(files) == 1 and _may_be_png(files[0]) and "many" not in files[0] and draw(st.booleans()):
            files[0] |= {"only": "data_uri", "required": True}
            field["item"] = {"mime_of_it": "$mime", **field["item"]}


_JSON_CONSTANTS = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.just(0.5) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def _constants(draw: st.DrawFn, fields: Mapping[str, Schema]) -> list[Schema]:
    """What the body has and the form has not, in objects of its own and in those of fields."""
    keys = draw(st.lists(st.sampled_from(["fixed", "format", "version"]), unique=True, max_size=2))
    taken = {str(target) for field in fields.values() for target in targets_of(field)}
    constants: list[Schema] = []
    for key in keys:
        target = ".".join([*draw(st.lists(st.sampled_from(_CONTAINERS), max_size=2)), key])
        if target in taken:
            continue
        constant: Schema = {"target": target, "value": draw(_JSON_CONSTANTS)}
        if draw(st.booleans()):
            constant["before"] = draw(st.sampled_from(list(fields)))
        if draw(st.booleans()):
            constant["when"] = draw(_condition(fields))
        if draw(st.booleans()):
            constant["evidence"] = draw(st.sampled_from(["curl", "page", "vendor", "guess"]))
        constants.append(draw(_shuffled(constant)))
    return constants


@st.composite
def _inner_media(draw: st.DrawFn, kind: str) -> Schema:
    """A picture, sound or video in an item of a list, or several."""
    field: Schema = {"type": kind}
    if draw(st.booleans()):
        field["formats"] = draw(st.lists(st.sampled_from(_FORMATS[kind]), unique=True, min_size=1))
    if draw(st.booleans()):
        field["many"] = draw(many_of())
    return field


def _is_constant(text: str) -> bool:
    return not text.startswith("$")


@st.composite
def _modes(draw: st.DrawFn, fields: Mapping[str, Schema], examples: list[dict[str, Any]]) -> Schema:
    """Modes that every example fits; none where the fields leave nothing to choose."""
    members = [name for name, field in fields.items() if not field.get("required") and "default" not in field]
    selecting = [name for name, field in fields.items() if field["type"] == "enum" and name not in members]
    if not members:
        return {}
    names = draw(st.lists(texts.filter(_MODE_NAME.search), min_size=2, max_size=3, unique=True))
    modes: Schema = {}
    for name in names:
        own: list[str] = draw(st.lists(st.sampled_from(members), unique=True, max_size=3))
        needed: int = draw(st.integers(0, len(own)))
        mode: Schema = {"requires": own[:needed], "allows": own[needed:]}
        mode |= draw(st.fixed_dictionaries({}, optional={"doc": texts}))
        if selecting and needed % 2:
            field = draw(st.sampled_from(selecting))
            mode["when"] = {field: draw(value_of(fields[field]))}
        modes[name] = {key: value for key, value in mode.items() if value}
    if any(one == other for one, other in itertools.combinations([dict(m, doc="") for m in modes.values()], 2)):
        return {}
    rule = Rule.one_mode(modes, gateway_defaults(fields))
    return {} if any(rule.is_broken_by(completed(fields, values)) for values in examples) else modes


@st.composite
def _rules(draw: st.DrawFn, fields: Mapping[str, Schema], examples: list[dict[str, Any]]) -> list[Schema]:
    """Rules about these fields that no example breaks."""
    rules = [draw(_rule(fields)) for _ in range(draw(st.integers(0, 3)))]
    needed: list[Schema] = [
        {"when": {name: "present"}, "requires": [field["attach_to"]]}
        for name, field in fields.items()
        if "attach_to" in field
    ]
    return [
        rule
        for rule in rules
        if rule
        and not any(Rule.parse(rule, gateway_defaults(fields)).is_broken_by(completed(fields, v)) for v in examples)
    ] + needed


@st.composite
def _rule(draw: st.DrawFn, fields: Mapping[str, Schema]) -> Schema:
    """One rule; nothing where the fields leave nothing to say."""
    names = st.lists(st.sampled_from(list(fields)), unique=True, min_size=1, max_size=3)
    numbers = [name for name, field in fields.items() if is_number(field)]
    scalars = [name for name, field in fields.items() if field["type"] not in ("list", "object", *_MEDIA)]
    kinds = ["requires", "forbids", "exclusive", "one_of", "any_of", "count", "ignores"]
    kinds += ["requires_value", "expects"] if scalars else []
    kinds += ["bounds", "sum"] if numbers else []
    rule: Schema = {}
    match draw(st.sampled_from(kinds)):
        case "requires" | "forbids" as action:
            rule[action] = draw(names)
        case "exclusive" | "one_of" | "any_of" as action:
            rule[action] = draw(names)
            if len(rule[action]) < 2:
                return {}
        case "ignores":
            rule["ignores"] = [name for name in draw(names) if not fields[name].get("required")]
            if not rule["ignores"]:
                return {}
        case "count":
            inner = [f"{name}.{part}" for name, field in fields.items() for part in field.get("fields", {})]
            counted = draw(names) + (draw(st.lists(st.sampled_from(inner), unique=True, max_size=2)) if inner else [])
            rule |= {"count": counted, "max": draw(st.integers(0, 9))}
        case "requires_value":
            name = draw(st.sampled_from(scalars))
            rule["requires"] = {name: draw(_told_apart(fields[name]))}
        case "expects":
            name = draw(st.sampled_from(scalars))
            rule["expects"] = {name: draw(st.lists(_told_apart(fields[name]), min_size=1, max_size=3))}
        case "bounds":
            name = draw(st.sampled_from(numbers))
            low, high = sorted(draw(st.tuples(st.integers(-10, 10), st.integers(-10, 10))))
            rule |= draw(st.sampled_from([{"min": {name: low}}, {"max": {name: high}}]))
        case _:
            sums = [
                f"{name}.{inner}"
                for name, field in fields.items()
                for inner, inner_field in field.get("fields", {}).items()
                if is_number(inner_field) and inner_field.get("required")
            ]
            if not sums:
                return {}
            rule |= {"sum": draw(st.sampled_from(sums)), "equals": draw(st.sampled_from(numbers))}
    unconditional = rule.keys() & {"forbids", "requires", "ignores"}
    for word in ("when", "unless"):
        if draw(st.integers(0, 3)) == 0 or (word == "when" and unconditional):
            rule[word] = draw(_condition(fields))
    if draw(st.booleans()):
        rule["because"] = draw(texts)
    return rule


def _told_apart(field: Schema) -> st.SearchStrategy[Any]:
    """A value that a rule can ask for: a switch that adds something is on or absent."""
    return st.just(True) if field["type"] == "boolean" and "item" in field else value_of(field)


@st.composite
def _condition(draw: st.DrawFn, fields: Mapping[str, Schema]) -> Schema:
    condition: Schema = {}
    for name in draw(st.lists(st.sampled_from(list(fields)), unique=True, min_size=1, max_size=2)):
        presence = st.sampled_from(["present", "absent"])
        if fields[name]["type"] in ("list", "object", *_MEDIA):
            condition[name] = draw(presence)
        else:
            values = _told_apart(fields[name])
            condition[name] = draw(presence | values | st.lists(values, min_size=1, max_size=3))
    return condition
