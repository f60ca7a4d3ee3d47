"""The draft of a whole schema: the model's own facts, its fields in wire order, constants and rules."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from generator.check.names import RESERVED_CLASSES, taken_name
from generator.draft.fields import FieldDraft, draft_field, draft_of_leaf, is_free_text
from generator.draft.places import Leaf, Places, leaves_of, place
from generator.naming import field_name
from generator.saved_page.facts import Page, Sentence

_MAKER = re.compile(
    r"\b(?:developed|made|built|created|released|launched|trained) by "
    r"([A-Z][\w&-]*(?: [A-Z][\w&-]*){0,2})(?=[.,;]|\Z| and\b)"
)
_MODE_SENTENCE = re.compile(r"([A-Z][\w-]*(?: [\w-]+){1,5}):\s")
_ONLY_WHEN = re.compile(
    r"effective only (?:when|if) ['\"]?([\w ]{2,40}?)['\"]? is (?:on|enabled)[.;,]?\Z", re.IGNORECASE
)

SUBMIT = "POST /v1/video/generations"
"""What the client submits to."""


@dataclass(kw_only=True, slots=True)
class SchemaDraft:
    """A draft, as data and as questions."""

    page: Page
    facts: dict[str, Any]
    questions: dict[str, list[Any]] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    differs: dict[str, str] = field(default_factory=dict)
    fields: list[FieldDraft] = field(default_factory=list)
    constants: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the schema's file."""
        return self.page.model or "generic"

    def ask(self, key: str, candidates: list[Any], why: str) -> None:
        """Leave a fact of the model open."""
        self.facts.pop(key, None)
        self.questions[key] = candidates
        self.reasons.append(f"{key}: {why}")

    @property
    def head(self) -> dict[str, Any]:
        """The model's own keys."""
        return {
            **self.facts,
            "open": {**self.questions, "summary": []},
            **({"differs": self.differs} if self.differs else {}),
        }


def draft_schema(page: Page, checked: str) -> SchemaDraft:
    """The schema that page and curl prove, and questions for the rest.

    Args:
        page: the page.
        checked: the day on which it was read.
    """
    draft = SchemaDraft(page=page, facts={})
    _model(draft, checked)
    places = place(page)
    drafts = _fields(draft, places)
    position = {leaf.path: index for index, leaf in enumerate(leaves_of(page))}
    wire_order: dict[str, int] = {}
    for each in drafts:
        placed = places.of[each.told.name] if each.told else None
        if placed and placed.target and placed.leaves:
            wire_order[each.name] = position[placed.leaves[0].path]
    texts = [leaf for leaf in places.rest if is_free_text(leaf) and "[]" not in leaf.target]
    for leaf in texts:
        each = draft_of_leaf(leaf, _unused(field_name(leaf.key), [other.name for other in drafts], page))
        drafts.append(each)
        wire_order[each.name] = position[leaf.path]
    # Fields that the curl has come in its order, the others behind them in the order of the page.
    draft.fields = sorted(drafts, key=lambda each: wire_order.get(each.name, len(position)))
    _constants(draft, [leaf for leaf in places.rest if leaf not in texts])
    _modes(draft)
    for each in draft.fields:
        _rules(draft, each)
    return draft


def _model(draft: SchemaDraft, checked: str) -> None:
    page = draft.page
    if page.model:
        draft.facts["model"] = page.model
        draft.facts["class"] = class_name(page.model, page.title or "")
        draft.facts["title"] = page.title
    else:
        draft.facts["generic"] = True
        draft.ask("class", [], "the page is about no single model")
        draft.ask("title", [], "the page is about no single model")
    if draft.facts.get("class") in RESERVED_CLASSES:
        draft.ask("class", [f"{draft.facts['class']}Request"], "the package has a class of that name")
    makers = {found[1] for sentence in page.summary for found in _MAKER.finditer(sentence.text)}
    if len(makers) == 1:
        draft.facts["vendor"] = makers.pop()
    else:
        draft.ask("vendor", sorted(makers), "the page does not say plainly who makes the model")
    draft.facts["source"] = {"page": draft.name, "checked": checked}
    body = page.curl.body if page.curl else {}
    if page.model and body.get("model") != page.model:
        sent = body.get("model")
        draft.ask("model", [page.model, *([sent] if isinstance(sent, str) else [])], "header and curl name two models")
    if page.endpoint and page.endpoint != SUBMIT:
        draft.ask("endpoint", [page.endpoint], f"the client submits to {SUBMIT}")


def class_name(model: str, title: str) -> str:
    """The class of a model: ``wan2.7-r2v`` with the title ``Wan2.7-R2V`` is ``Wan27R2V``."""
    words = re.findall(r"[A-Za-z0-9]+", title)
    if "".join(words).casefold() != re.sub(r"[^A-Za-z0-9]", "", model).casefold():
        words = re.findall(r"[A-Za-z0-9]+", model)
    name = "".join(word[0].upper() + word[1:] for word in words)[:64]
    return name if name[0].isalpha() else f"Model{name}"[:64]


def _fields(draft: SchemaDraft, places: Places) -> list[FieldDraft]:
    drafts: list[FieldDraft] = []
    page = draft.page
    seen: list[str] = []
    for told in page.fields:
        if told.name == "model" and page.model:
            continue
        placed = places.of[told.name]
        if placed.container:
            draft.differs[told.name] = "the object around other fields of the page"
            continue
        name = _unused(field_name(told.name), [each.name for each in drafts], page)
        each = draft_field(told, placed, name)
        if told.name in seen:
            each.ask("name", [name], f"the page has two fields {told.name}")
        seen.append(told.name)
        drafts.append(each)
    return drafts


def _unused(name: str, others: list[str], page: Page) -> str:
    if taken := taken_name(name, {"model"} if page.model else ()):
        name = taken.other
    while name in others:
        name += "_"
    return name


def _constants(draft: SchemaDraft, rest: list[Leaf]) -> None:
    """What only the curl has."""
    unspeakable = []
    for leaf in rest:
        if "[]" in leaf.target or not re.fullmatch(r"[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*)*", leaf.target, re.ASCII):
            unspeakable.append(leaf)
        else:
            constant = {"target": leaf.target, "value": leaf.value, "evidence": "curl"}
            before = _following(draft, leaf)
            draft.constants.append(constant | ({"before": before} if before else {}))
    if draft.constants:
        targets = [each["target"] for each in draft.constants]
        draft.ask("constants", targets, "only the curl has them: always sent like that, or fields that the page lacks?")
    if unspeakable:
        targets = list(dict.fromkeys(leaf.target for leaf in unspeakable))
        draft.ask("items", targets, "only the curl has them, in arrays that no field of the page fills")


def _following(draft: SchemaDraft, leaf: Leaf) -> str | None:
    """The field in front of which a constant stands in its object."""
    node: Any = draft.page.curl.body if draft.page.curl else {}
    container = leaf.keys[:-1]
    for key in container:
        node = node[key]
    keys = list(node)
    for key in keys[keys.index(leaf.key) + 1 :]:
        place = ".".join((*container, key))
        for each in draft.fields:
            target = str(each.facts.get("target", ""))
            if target == place or target.startswith((f"{place}.", f"{place}[]")):
                return each.name
    return None


def _modes(draft: SchemaDraft) -> None:
    """Modes are always a question: the page does not list the fields of all of them."""
    found = [mode for told in draft.page.fields for mode in told.modes]
    for control in draft.page.controls:
        found += [match[1] for sentence in control.prose if (match := _MODE_SENTENCE.match(sentence.text))]
    if modes := list(dict.fromkeys(found)):
        draft.ask("modes", modes, "which fields each of them requires and allows")
    elif draft.page.controls:
        names = [control.name for control in draft.page.controls]
        draft.ask("modes", names, "the form has a choice without a name on the wire")


def _rules(draft: SchemaDraft, each: FieldDraft) -> None:
    """The one condition whose wording leaves nothing open: a field that takes effect only with a switch."""
    conditions = [s for s in each.told.prose if s.is_a_condition] if each.told else []
    if len(conditions) != 1 or "rules" not in each.questions:
        return
    switch = _switch_of(draft, conditions[0])
    if switch:
        del each.questions["rules"]
        each.reasons = [reason for reason in each.reasons if not reason.startswith("rules:")]
        because = f"it takes effect only when {switch} is on"
        draft.rules.append({"unless": {switch: True}, "ignores": [each.name], "because": because})


def _switch_of(draft: SchemaDraft, sentence: Sentence) -> str | None:
    found = _ONLY_WHEN.search(sentence.text)
    if not found:
        return None
    wanted = found[1].strip().lower().replace(" ", "_")
    names = [each.name for each in draft.fields if each.name == wanted and each.facts.get("type") == "boolean"]
    return names[0] if names else None
