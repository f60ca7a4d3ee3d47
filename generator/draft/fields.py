"""What a field of the page may be, in the keys of a schema: facts, and questions where the page leaves them open."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.draft.places import Leaf, Placed
from generator.kinds import MediaKind
from generator.saved_page.facts import PageField, Sentence
from generator.saved_page.stated import Stated, is_number, is_switch, stated

_KINDS: Mapping[str, MediaKind] = {
    **dict.fromkeys(("jpeg", "jpg", "png", "bmp", "webp", "gif"), "image"),
    **dict.fromkeys(("mp4", "mov", "webm"), "video"),
    **dict.fromkeys(("wav", "mp3"), "audio"),
}
_MEDIA_WORDS: Mapping[str, MediaKind] = {
    **dict.fromkeys(("image", "images", "img", "frame", "picture", "photo", "pic"), "image"),
    **dict.fromkeys(("video", "videos", "clip"), "video"),
    **dict.fromkeys(("audio", "audios", "voice", "sound", "music", "speech"), "audio"),
}
_NO_MEDIA_WORDS = frozenset(
    "format formats type id ids mode size quality style codec name prompt text count number ratio resolution".split()
)
_FRACTIONAL = frozenset(
    "scale strength guidance cfg weight temperature speed factor rate ratio intensity level".split()
)
"""Words of names whose numbers may have a fraction, whatever the example."""

_ORDER = (
    "type", "required", "options", "unit", "min", "max", "step", "min_length", "max_length", "many", "formats",
    "max_bytes", "default", "target", "item", "wire", "evidence", "limits", "open",
)  # fmt: skip
_LIMITS = ("unit", "options", "min", "max", "step", "min_length", "max_length", "many", "formats", "max_bytes")
_LARGEST = 2**53 - 1


@dataclass(kw_only=True, slots=True)
class FieldDraft:
    """A field of the draft."""

    name: str
    told: PageField | None
    facts: dict[str, Any] = field(default_factory=dict)
    questions: dict[str, list[Any]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    """Comments on the questions: what to decide, and why."""
    curl_line: int = 0
    rules: list[dict[str, Any]] = field(default_factory=list)

    def ask(self, key: str, candidates: list[Any], why: str) -> None:
        """Leave a fact open."""
        self.facts.pop(key, None)
        self.questions[key] = candidates
        self.reasons.append(f"{key}: {why}")

    @property
    def entry(self) -> dict[str, Any]:
        """The field as the schema has it."""
        whole = {**self.facts, "open": {**self.questions, "doc": []}}
        return {key: whole[key] for key in _ORDER if key in whole}


def draft_field(told: PageField, placed: Placed, name: str) -> FieldDraft:
    """Everything that page and curl state about one field."""
    draft = FieldDraft(name=name, told=told)
    facts = stated(told)
    if told.name != name:
        draft.reasons.append(f"name: the page's {told.name} cannot be the name of a field")
    _place(draft, placed)
    _type(draft, told, placed, facts)
    if placed.contradicted:
        draft.ask("type", [draft.facts.get("type", told.type)], f"the curl has another type at the name {told.name}")
    kind = draft.facts.get("type")
    required = facts["required"]
    if not required.decided:
        draft.ask("required", [True, False], "mark and prose of the page do not say the same")
    elif required.value:
        draft.facts["required"] = True
    for key, fact in facts.items():
        if key in ("required", "default", "special", "only"):
            continue
        _limit(draft, key, fact, kind)
    _default(draft, facts.get("default"), kind)
    _further(draft, told, facts, kind)
    if any(key in draft.facts for key in _LIMITS):
        draft.facts["limits"] = "page"
    return draft


def _place(draft: FieldDraft, placed: Placed) -> None:
    if placed.target is None:
        why = "the curl does not show this field" if not placed.leaves else "the curl has more than one place for it"
        draft.ask("target", list(placed.candidates), why)
        return
    draft.facts["target"] = placed.target
    draft.facts["evidence"] = "curl"
    if placed.item:
        draft.facts["item"] = dict(placed.item)
    if placed.as_text:
        draft.facts["wire"] = "string"


# Types


def _type(draft: FieldDraft, told: PageField, placed: Placed, facts: Mapping[str, Stated]) -> None:
    if is_switch(told):
        draft.facts["type"] = "boolean"
    elif is_number(told):
        _number_type(draft, told, placed)
    elif told.type == "string" and told.options is not None:
        draft.facts["type"] = "enum"
    elif told.type == "string" or told.type == "file":
        _text_type(draft, told, placed, facts)
    elif told.type == "object":
        draft.ask("type", ["object", "list"], "the page does not list what is in it")
    elif told.type.startswith("array"):
        kind = _media_kind(told, placed, facts)
        if kind and placed.target and placed.target.endswith("[]"):
            draft.facts["type"] = kind
            draft.facts.setdefault("many", {})
        else:
            candidates = [*dict.fromkeys([*([kind] if kind else []), "image", "list"])]
            draft.ask("type", candidates, "the page does not say what its items are")
    else:
        draft.ask("type", [], f"no type of a schema is the page's {told.type}")


def _number_type(draft: FieldDraft, told: PageField, placed: Placed) -> None:
    shown = [leaf.value for leaf in placed.leaves if not isinstance(leaf.value, str)]
    values = [value for value in (told.example, told.low, told.high, told.step) if value is not None]
    listed = list(told.options.values) if told.options else []
    if told.options is not None:
        if any(isinstance(value, float) for value in (*shown, *listed)) or not (shown or told.type == "integer"):
            draft.ask("type", ["enum", "integer", "number"], "the curl shows no whole number for its options")
        else:
            draft.facts["type"] = "enum"
    elif any(isinstance(value, float) for value in (*values, *shown)):
        if told.type in ("integer", "int"):
            draft.ask("type", ["integer", "number"], "the page calls it an integer, and has a fraction")
        else:
            draft.facts["type"] = "number"
    elif told.type in ("integer", "int") or _is_whole(told, placed):
        draft.facts["type"] = "integer"
    else:
        why = "its name and its values leave fractions possible" if shown else "the curl shows no number"
        draft.ask("type", ["integer", "number"], why)


def _is_whole(told: PageField, placed: Placed) -> bool:
    """Whether example, step and bounds are whole, and the curl shows such a number."""
    if not placed.leaves or (told.example is None and not told.has_bounds and told.step is None):
        return False
    if told.step is not None:
        return True
    return not placed.as_text and not _words(told.name) & _FRACTIONAL


def _text_type(draft: FieldDraft, told: PageField, placed: Placed, facts: Mapping[str, Stated]) -> None:
    kind = _media_kind(told, placed, facts)
    words = _words(told.name)
    named = [_MEDIA_WORDS[word] for word in sorted(words) if word in _MEDIA_WORDS]
    if kind:
        draft.facts["type"] = kind
    elif (named and not words & _NO_MEDIA_WORDS) or "formats" in facts or words & {"url", "urls", "file"}:
        why = "the page does not say which files it takes"
        draft.ask("type", [*dict.fromkeys([*named, "string"])], why)
    elif (
        told.type == "file" or any(_is_address(leaf.value) for leaf in placed.leaves) or _is_address(told.example_text)
    ):
        draft.ask("type", ["image", "video", "audio", "string"], "its example is an address")
    else:
        draft.facts["type"] = "string"


def _media_kind(told: PageField, placed: Placed, facts: Mapping[str, Stated]) -> MediaKind | None:
    """The kind of file, if formats or an address show it and no word of the name speaks against it."""
    words = _words(told.name)
    if words & _NO_MEDIA_WORDS:
        return None
    formats = facts.get("formats")
    kinds: set[MediaKind] = {_KINDS[each] for each in formats.value} if formats and formats.decided else set()
    addresses = [told.example_text, *(leaf.value for leaf in placed.leaves)]
    endings = [
        match[1].lower()
        for text in addresses
        if (match := re.search(r"://[^\s?#]+\.(\w{3,4})(?:[?#]|\"|\Z)", str(text)))
    ]
    kinds |= {_KINDS[ending] for ending in endings if ending in _KINDS}
    named = {_MEDIA_WORDS[word] for word in words if word in _MEDIA_WORDS}
    if len(kinds) != 1 or (named and named != kinds):
        return None
    [kind] = kinds
    speaks_of_files = (
        bool(endings)
        or bool(named)
        or any(re.search(r"\b(upload|url|file)", sentence.text, re.IGNORECASE) for sentence in told.prose)
    )
    return kind if speaks_of_files else None


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and bool(re.match(r"https?://\S+\Z|data:\w+/", value))


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


# Limits and defaults

_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "integer": ("unit", "min", "max", "step"),
    "number": ("unit", "min", "max", "step"),
    "enum": ("options",),
    "string": ("min_length", "max_length"),
    "image": ("many", "formats", "max_bytes"),
    "video": ("many", "formats", "max_bytes"),
    "audio": ("many", "formats", "max_bytes"),
}
"""The limits that a field of each type may have."""


def _limit(draft: FieldDraft, key: str, fact: Stated, kind: str | None) -> None:
    if kind is None and "type" in draft.questions:
        # The facts stand beside the question; the checker judges them when the type is known.
        if fact.decided:
            draft.facts[key] = _value(fact.value)
        else:
            draft.ask(key, _candidates(fact), "the page can be read in several ways")
        return
    if key not in _ALLOWED.get(str(kind), ()):
        if key == "many" and fact.decided and fact.value == {"max": 1}:
            return
        if key in ("min", "max", "step", "unit") and kind == "enum":
            return
        draft.ask(key, _candidates(fact), f"the page speaks of it, and no field of type {kind} has it")
        return
    if not fact.decided:
        glued = key == "options" and draft.told is not None and draft.told.options is not None
        why = "the page glues them together" if glued else "the page can be read in several ways"
        draft.ask(key, _candidates(fact), f"{why} (line {fact.line})")
        return
    if key == "step" and kind == "integer" and fact.value == 1:
        return
    if key == "many":
        _many(draft, fact)
        return
    if isinstance(fact.value, (int, float)) and abs(fact.value) > _LARGEST:
        draft.ask(key, [], "the number is beyond what JSON can carry exactly")
        return
    labels = draft.told.options.labels if key == "options" and draft.told and draft.told.options else ()
    values: Any = _value(fact.value)
    draft.facts[key] = dict(zip(values, labels, strict=True)) if labels else values


def _many(draft: FieldDraft, fact: Stated) -> None:
    bounds = {key: count for key, count in fact.value.items() if not (key == "min" and count == 0)}
    fills_array = str(draft.facts.get("target", "")).endswith("[]")
    if draft.told and draft.told.type.startswith("array"):
        draft.facts["many"] = bounds
    elif bounds != {"max": 1}:
        draft.ask("many", [bounds], "the page's type is one value, and its prose counts several")
    elif not fills_array:
        draft.facts.pop("many", None)


def _value(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _candidates(fact: Stated) -> list[Any]:
    found = [_value(candidate) for candidate in fact.candidates]
    if not found and fact.value is not None:
        found = [_value(fact.value)]
    unique = [candidate for index, candidate in enumerate(found) if candidate not in found[:index]]
    return unique or [*dict.fromkeys(fact.numbers)]


def _default(draft: FieldDraft, fact: Stated | None, kind: str | None) -> None:
    if fact is None or draft.facts.get("required") is True:
        return
    if "target" in draft.questions:
        # It would be sent with every paid request, to a place that nothing shows.
        draft.reasons.append("default: only when the target is proved")
        return
    if not fact.decided:
        draft.ask("default", _candidates(fact), f"initial value and prose do not say the same (line {fact.line})")
    elif kind in ("integer", "number", "boolean", "enum") or "type" in draft.questions:
        draft.facts["default"] = fact.value


# What only a person can read


def _further(draft: FieldDraft, told: PageField, facts: Mapping[str, Stated], kind: str | None) -> None:
    if "special" in facts and kind in ("integer", "number", None):
        draft.ask("special", [-1, 0], "the prose gives single values a meaning of their own")
    media = kind in ("image", "video", "audio")
    if media or ("only" in facts and "type" in draft.questions):
        draft.ask("only", ["url", "data_uri", "base64"], "the page does not say plainly how a file is sent")
    if media and draft.facts.get("item") and "many" not in draft.facts and "many" not in draft.questions:
        draft.ask("many", [{"max": 1}], "it fills an array, and the page does not say how many there may be")
    conditions = [sentence for sentence in told.prose if sentence.is_a_condition]
    if told.modes:
        draft.ask("modes", list(told.modes), "the page shows this field in these modes")
    if conditions:
        draft.ask("rules", [], f"a condition in {_lines(conditions)}: write a rule, or a note")
    if "attributes" in told.undecided:
        draft.ask("attributes", [], f"line {told.attributes_line} can be read in several ways")


def _lines(sentences: list[Sentence]) -> str:
    numbers = sorted({sentence.line for sentence in sentences})
    return f"line{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def draft_of_leaf(leaf: Leaf, name: str) -> FieldDraft:
    """A field that only the curl has: a text or an address, which no gateway wants to be always the same."""
    draft = FieldDraft(name=name, told=None)
    draft.facts |= {"target": leaf.target, "evidence": "curl"}
    if _is_address(leaf.value):
        draft.ask("type", ["image", "video", "audio", "string"], "only the curl has it, with an address")
    else:
        draft.facts["type"] = "string"
    draft.ask("required", [True, False], "only the curl has this field; the page does not list it")
    return draft


def is_free_text(leaf: Leaf) -> bool:
    """Whether a value is one that somebody wrote for this request, and no constant."""
    text = leaf.value
    return isinstance(text, str) and not leaf.is_element and (_is_address(text) or len(text.split()) > 2)
