"""The proof of the page: a schema says what ``page.yaml`` says the page states, or why it does not.

A schema without the record of its page is not checked: not everybody can see the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from generator.check.documented import Documented
from generator.check.names import taken_name
from generator.check.schema_view import SchemaView, options_of
from generator.diagnostics import Problem, ProblemsFound, shown
from generator.kinds import traits_of
from generator.naming import field_name
from generator.saved_page.facts import Page, PageField, digest_of_body
from generator.saved_page.record import read_record
from generator.saved_page.stated import Stated, is_number, is_switch, stated
from generator.sources import Sources
from generator.yaml_text import yaml_flow

_LIMITS = ("unit", "min", "max", "step", "min_length", "max_length", "options", "many", "formats", "max_bytes")
"""What the key ``limits`` of a field vouches for."""

_MEDIA_OF = {
    **dict.fromkeys(("jpeg", "png", "bmp", "webp", "gif"), "image"),
    **dict.fromkeys(("mp4", "mov", "webm"), "video"),
    **dict.fromkeys(("wav", "mp3"), "audio"),
}


class _Difference(NamedTuple):
    """A fact in which schema and page differ."""

    key: str
    message: str
    unproved: bool = False
    """Whether it is a default that nothing shows."""


def check_page(schema: SchemaView, sources: Sources, documented: Sequence[Documented]) -> Iterator[Problem]:
    """All facts of the page that the schema gives otherwise, and all that it claims to have from it and has not."""
    path = sources.page_record(schema.stem)
    if not path.is_file():
        return
    try:
        page, record = read_record(path)
    except ProblemsFound as found:
        yield from found.problems
        return
    body = next((each.body for each in documented if each.name == "documented"), None)
    if body is not None and page.body_digest != digest_of_body(body):
        message = "the curl beside this file is not the page's; import the page again"
        yield record.problem("bad-page", message, ("curl",))
    yield from compare_with_page(schema, page, body)


def compare_with_page(schema: SchemaView, page: Page, body: Mapping[str, Any] | None) -> Iterator[Problem]:
    """All facts in which the schema differs from a page with that documented body, and gives no reason."""
    if not schema.declared:
        return
    yield from _check_model(schema, page)
    for name, field in schema.fields.items():
        asked = field.get("open") or {}
        differences = {
            each.key: each
            for each in _differences(field, _field_of(page, name), _sent(field, body))
            if each.key not in asked and not (each.key == "default" and "target" in asked)
        }
        yield from _told(schema, differences, field.get("differs"), ("fields", name))


def _check_model(schema: SchemaView, page: Page) -> Iterator[Problem]:
    differences: dict[str, _Difference] = {}
    title = schema.data.get("title")
    if page.title and isinstance(title, str) and title != page.title:
        differences["title"] = _Difference("title", f"the page calls the model {shown(page.title)}")
    if page.model and schema.data.get("model") not in (None, page.model):
        message = f"page.yaml is about {shown(page.model)}; import the page of this model"
        differences["model"] = _Difference("model", message)
    for field in page.fields:
        if field.name == "model" and page.model:
            continue  # It is the model id.
        if not any(name in schema.declared for name in _names(field.name)):
            message = f"the page has a field {shown(field.name)}; add it, or say why not in `differs` of the model"
            differences[field.name] = _Difference(field.name, message)
    yield from _told(schema, differences, schema.data.get("differs"), ())


def _told(
    schema: SchemaView, differences: Mapping[str, _Difference], reasons: Any, at: tuple[str, ...]
) -> Iterator[Problem]:
    """The differences for which the schema gives no reason, and the reasons for which there is no difference."""
    reasons = reasons if isinstance(reasons, dict) else {}
    for key, difference in differences.items():
        if key not in reasons:
            there = _node(schema, (*at, key))
            place = (*at, key) if there else at or (("fields",) if key not in ("title", "model") else (key,))
            if difference.unproved:
                yield schema.problem("unproved-default", difference.message, *place, key=not there)
            else:
                yield schema.problem("page-differs", difference.message, *place, key=not there)
    for key in reasons:
        if key not in differences:
            message = f"the page does not differ in {key}; remove the reason"
            yield schema.problem("page-differs", message, *at, "differs", key, key=True)


def _node(schema: SchemaView, at: tuple[str, ...]) -> bool:
    node = schema.document.data
    for key in at:
        if not isinstance(node, dict) or key not in node:
            return False
        node = node[key]
    return True


def _field_of(page: Page, name: str) -> PageField | None:
    """The field of the page, whose name may be none that a field of a class can have."""
    return page.field(name) or next((field for field in page.fields if name in _names(field.name)), None)


def _names(page_name: str) -> tuple[str, ...]:
    """The names that a field of the page may have in a schema."""
    name = field_name(page_name)
    taken = taken_name(name, {"model"})
    return (name, taken.other) if taken else (name,)


class _Sent(NamedTuple):
    """What the documented body has at the target of a field."""

    value: Any = None
    there: bool = False


def _sent(field: Mapping[str, Any], body: Mapping[str, Any] | None) -> _Sent:
    targets = field.get("target")
    target = targets[0] if isinstance(targets, list) else targets
    node: Any = body
    for key in str(target).split("."):
        if not isinstance(node, dict) or key not in node:
            return _Sent()
        node = node[key]
    return _Sent(node, there=True)


def _differences(field: dict[str, Any], told: PageField | None, sent: _Sent) -> Iterator[_Difference]:
    facts = stated(told) if told else {}
    yield from _of_type(field, told, facts, sent)
    required = bool(field.get("required"))
    if told is None and required:
        yield _Difference("required", "the page has no such field; say in `differs` why it is required")
    elif told is not None and facts["required"].decided and facts["required"].value != required:
        word = "required" if facts["required"].value else "optional"
        yield _Difference("required", f"the page marks it {word} ({told.name}{told.mark})")
    yield from _of_default(field, facts.get("default"), sent)
    if field.get("limits", "page") == "page":
        for key in _LIMITS:
            yield from _of_limit(key, field, facts.get(key), told)


def _of_type(
    field: Mapping[str, Any], told: PageField | None, facts: Mapping[str, Stated], sent: _Sent
) -> Iterator[_Difference]:
    if told is None:
        return
    allowed = _types(told, facts, sent)
    if allowed and field["type"] not in allowed:
        wanted = " or ".join(allowed)
        because = f", and the curl has {yaml_flow(sent.value)}" if is_number(told) and sent.there else ""
        yield _Difference("type", f"the page calls it {told.type}{because}; the type is {wanted}")


def _types(told: PageField, facts: Mapping[str, Stated], sent: _Sent) -> tuple[str, ...]:
    """The types that a field may have in a schema."""
    if is_switch(told):
        return ("boolean",)
    if is_number(told):
        values = [v for v in (told.example, told.low, told.high, told.step, sent.value) if v is not None]
        if any(isinstance(value, float) for value in values):
            return ("number",)
        if told.options is not None:
            return ("enum",)
        return ("integer",) if told.type in ("integer", "int") or sent.there else ("integer", "number")
    if told.options is not None:
        return ("enum",)
    if told.type == "string":
        formats = facts.get("formats")
        kinds = {_MEDIA_OF[each] for each in formats.value} if formats and formats.decided else set()
        if len(kinds) == 1:
            return (*kinds,)
        return ("string",) if "max_length" in facts else ("string", "image", "audio", "video")
    if told.type.startswith("array"):
        return ("image", "audio", "video", "list")
    return ("object", "list") if told.type == "object" else ()


def _of_default(field: Mapping[str, Any], fact: Stated | None, sent: _Sent) -> Iterator[_Difference]:
    has = "default" in field
    if has and field.get("evidence", "curl") != "curl":
        message = "no curl shows where this value belongs, and it would be sent with every paid request; remove it"
        yield _Difference("default", message, unproved=True)
    elif fact is None:
        if has and not (sent.there and _same(sent.value, field["default"])):
            message = "neither the page nor its curl has this value; remove it"
            yield _Difference("default", message, unproved=True)
    elif not fact.decided:
        if has and not any(_same(candidate, field["default"]) for candidate in fact.candidates):
            yield _Difference("default", "the page does not state this default", unproved=True)
    elif has and not _same(fact.value, field["default"]):
        yield _Difference("default", f"the page's form starts with {shown(fact.value)}")
    elif not has and not field.get("required") and field.get("evidence", "curl") == "curl":
        told = field.get("gateway_default")
        if told is None or not _same(fact.value, told):
            yield _Difference(
                "default", f"the page's form starts with {shown(fact.value)}, and the field has no default"
            )


def _same(one: Any, other: Any) -> bool:
    """Equal, and of one kind: 1 is 1.0, and not true."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _of_limit(key: str, field: dict[str, Any], fact: Stated | None, told: PageField | None) -> Iterator[_Difference]:
    claimed = _normal(key, options_of(field) if key == "options" else field.get(key), field)
    if fact is None:
        if claimed is not None:
            who = "states no such limit" if told else "has no such field"
            message = f"the page {who}; set limits to vendor or guess, or remove it"
            yield _Difference(key, message)
    elif fact.decided:
        wanted = _normal(key, fact.value, field)
        if claimed != wanted:
            yield _Difference(key, f"the page states {_words(key, fact.value)}")
    elif key == "options" and told and told.options:
        if not _makes(told.options.run, options_of(field)):
            yield _Difference(key, f"the options of the page are {shown(told.options.run)}")
    elif strange := [number for number in _numbers(claimed) if fact.numbers and number not in fact.numbers]:
        yield _Difference(key, f"the page speaks of it, but not of {strange[0]}")


def _numbers(value: Any) -> list[int | float]:
    values = value.values() if isinstance(value, dict) else [value]
    return [each for each in values if isinstance(each, (int, float)) and not isinstance(each, bool)]


def _words(key: str, value: Any) -> str:
    text = yaml_flow(list(value) if isinstance(value, tuple) else value)
    return f"the {key} {text}"


def _normal(key: str, value: Any, field: Mapping[str, Any]) -> Any:
    """The value such that two ways to say the same are equal; ``None`` for no limit."""
    match key:
        case "step":
            # Integers have a step of 1 anyway.
            return None if value == 1 and field["type"] in ("integer", "enum") else value
        case "options":
            return {(type(option), option) for option in value} if value else None
        case "formats":
            return frozenset(value) if value else None
        case "many" if value is not None:
            bounds = {bound: count for bound, count in value.items() if not (bound == "min" and count <= 1)}
            takes_many = traits_of(dict(field)).fills_array and "many" in field
            return None if bounds == {"max": 1} and not takes_many else bounds
        case "max_bytes" if isinstance(value, str):
            count, _, unit = value.partition(" ")
            return int(count) * (1024 if unit == "MB" else 1)
        case _:
            return value


def _makes(run: str, options: Sequence[Any]) -> bool:
    """Whether the options, one after the other, are the list that the page glues together."""
    texts = [str(option) for option in options]
    if ": " not in run:
        return "".join(texts) == run.replace('"', "") or sorted(texts) == sorted(run.split())
    place = 0
    for text in texts:
        place = run.find(f": {text}", place) + len(f": {text}")
        if place < len(text) + 2:
            return False
    return place == len(run)
