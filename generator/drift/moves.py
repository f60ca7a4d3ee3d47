"""What moved on a page: the record of the page against the page as it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.diagnostics import shown
from generator.drift.kinds import KINDS, Kind
from generator.load import Location
from generator.saved_page.facts import Control, Page, PageField, Sentence
from generator.saved_page.stated import has_initial_value


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One thing that moved. The texts are from the page and may hold anything."""

    kind_name: str
    subject: str
    """The field, or a part of the page."""
    message: str
    line: int = 0
    """The line of the page; 0 if it is no longer there."""
    at: Location = ()
    """The place in the record."""

    @property
    def kind(self) -> Kind:
        """Its row in the table."""
        return KINDS[self.kind_name]


def moves(old: Page, new: Page, bodies: tuple[Mapping[str, Any] | None, Mapping[str, Any]]) -> Iterator[Move]:
    """Everything that differs. The bodies are those of the curl that is kept and of the page's."""
    if old.title != new.title:
        yield _moved("title-changed", "title", old.title, new.title, line=new.model_line, at=("title",))
    if old.endpoint != new.endpoint:
        yield _moved("endpoint-changed", "endpoint", old.endpoint, new.endpoint, at=("endpoint",))
    yield from _prose("summary", old.summary, new.summary, ("summary",), new.model_line)
    if old.body_digest != new.body_digest:
        yield from _curl(new, *bodies)
    yield from _controls(old.controls, new.controls)
    yield from _fields(old.fields, new.fields)
    yield from _response(old.response, new.response)


def _moved(kind: str, subject: str, before: Any, after: Any, *, fact: str = "", **place: Any) -> Move:
    message = f"{fact} {_told(before)} -> {_told(after)}".strip()
    return Move(kind_name=kind, subject=subject, message=message, **place)


def _told(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(shown, value)) or "none"
    return "none" if value in (None, "") else shown(value)


def _curl(page: Page, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> Iterator[Move]:
    line = page.curl.line if page.curl else 0
    old, new = ({path: _typed(value) for path, value in _leaves(body or {})} for body in (before, after))
    changed = [path for path in {**old, **new} if old.get(path) != new.get(path)]
    for path in changed:
        texts = [shown(side[path][1]) if path in side else "not there" for side in (old, new)]
        message = f"{path}: {texts[0]} -> {texts[1]}"
        yield Move(kind_name="curl-changed", subject="curl", message=message, line=line, at=("curl",))
    if not changed:
        yield Move(kind_name="curl-changed", subject="curl", message="the order of the keys", line=line, at=("curl",))


def _leaves(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, Mapping) and node:
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}" if path else str(key))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from _leaves(value, f"{path}[{index}]")
    else:
        yield path, node


def _controls(old: Sequence[Control], new: Sequence[Control]) -> Iterator[Move]:
    now = {control.name: control for control in new}
    for index, control in enumerate(old):
        at: Location = ("controls", index)
        if control.name not in now:
            yield Move(kind_name="control-gone", subject=control.name, message="it is gone", at=at)
        else:
            after = now[control.name]
            yield from _prose(control.name, control.prose, after.prose, at, after.line)
    for control in new:
        if control.name not in {before.name for before in old}:
            yield Move(kind_name="control-added", subject=control.name, message="it is new", line=control.line)


def _fields(old: Sequence[PageField], new: Sequence[PageField]) -> Iterator[Move]:
    before, after = _by_name(old), _by_name(new)
    renamed = dict(_renamed(before, after))
    for index, (name, field) in enumerate(before.items()):
        at: Location = ("fields", index)
        if name in renamed:
            line = after[renamed[name]].line
            message = f"it is called {renamed[name]} now"
            yield Move(kind_name="field-renamed", subject=name, message=message, line=line, at=at)
        if (now := renamed.get(name, name)) in after:
            yield from _field(field, after[now], at)
        else:
            yield Move(kind_name="field-gone", subject=name, message="the page no longer has it", at=at)
    for name, field in after.items():
        if name not in before and name not in renamed.values():
            kind = "field-added-required" if field.mark == "*" and not field.modes else "field-added"
            message = f"the page has it now: {field.name}{field.mark}{field.type}"
            yield Move(kind_name=kind, subject=name, message=message, line=field.line, at=("fields",))
    common = [[name for name in one if name in other] for one, other in ((before, after), (after, before))]
    if common[0] != common[1]:
        yield _moved("order-changed", "fields", tuple(common[0]), tuple(common[1]), at=("fields",))


def _by_name(fields: Sequence[PageField]) -> dict[str, PageField]:
    """The fields by name; a name that stands there again is counted."""
    counts: Counter[str] = Counter()
    found = {}
    for field in fields:
        counts[field.name] += 1
        found[field.name if counts[field.name] == 1 else f"{field.name} ({counts[field.name]})"] = field
    return found


def _renamed(before: Mapping[str, PageField], after: Mapping[str, PageField]) -> Iterator[tuple[str, str]]:
    """The fields that differ in nothing but the name; among those that say nothing of themselves, none."""
    come = {name: field for name, field in after.items() if name not in before}
    for name, field in before.items():
        same = [other for other, now in come.items() if replace(now, name=field.name) == field]
        if name not in after and len(same) == 1 and field.prose:
            yield name, same[0]


def _field(old: PageField, new: PageField, at: Location) -> Iterator[Move]:
    name, line = new.name, new.line
    if old.mark != new.mark:
        yield _moved("mark-changed", name, old.mark, new.mark, line=line, at=(*at, "mark"))
    if old.type != new.type:
        yield _moved("type-changed", name, old.type, new.type, line=line, at=(*at, "type"))
    if old.modes != new.modes:
        yield _moved("modes-changed", name, old.modes, new.modes, fact="modes", line=line, at=(*at, "modes"))
    line = new.attributes_line
    if (_typed(old.example), old.example_digest) != (_typed(new.example), new.example_digest):
        kind = "initial-value-changed" if has_initial_value(old) or has_initial_value(new) else "example-changed"
        texts = [field.example if field.example is not None else _longer(field) for field in (old, new)]
        yield _moved(kind, name, *texts, fact="example", line=line, at=(*at, "example"))
    yield from _range(old, new, at)
    if _typed(old.step) != _typed(new.step):
        yield _moved("step-changed", name, old.step, new.step, fact="step", line=line, at=(*at, "step"))
    yield from _options(old, new, at)
    if old.undecided != new.undecided:
        yield _moved("undecided-changed", name, old.undecided, new.undecided, line=line, at=(*at, "undecided"))
    yield from _prose(name, old.prose, new.prose, (*at, "prose"), new.line)


def _typed(value: Any) -> tuple[str, Any]:
    """The value with its type: 1, 1.0 and true are three."""
    return type(value).__name__, value


def _longer(field: PageField) -> str | None:
    return f"a text ({field.example_digest})" if field.example_digest else None


def _range(old: PageField, new: PageField, at: Location) -> Iterator[Move]:
    for key, sign in (("low", 1), ("high", -1)):
        before, after = getattr(old, key), getattr(new, key)
        if _typed(before) != _typed(after):
            narrower = after is not None and (before is None or (after - before) * sign > 0)
            kind = "range-narrower" if narrower or before == after else "range-wider"
            yield _moved(kind, new.name, before, after, fact=key, line=new.attributes_line, at=(*at, key))


def _options(old: PageField, new: PageField, at: Location) -> Iterator[Move]:
    before, after = old.options, new.options
    line = after.line if after else new.attributes_line
    place: Location = (*at, "options")
    if (before and not before.values) or (after and not after.values):
        runs = [(options.run or options.values) if options else None for options in (before, after)]
        if runs[0] != runs[1]:
            yield _moved("options-changed", new.name, *runs, fact="options", line=line, at=(*at, "glued_options"))
        return
    values = [options.values if options else () for options in (before, after)]
    kept = [[_typed(value) for value in side] for side in values]
    for value in values[0]:
        if _typed(value) not in kept[1]:
            message = f"the option {shown(value)} is gone"
            yield Move(kind_name="option-gone", subject=new.name, message=message, line=line, at=place)
    for value in values[1]:
        if _typed(value) not in kept[0]:
            message = f"the option {shown(value)} is new"
            yield Move(kind_name="option-added", subject=new.name, message=message, line=line, at=place)
    if kept[0] != kept[1] and sorted(map(repr, kept[0])) == sorted(map(repr, kept[1])):
        yield _moved("order-changed", new.name, *values, fact="options", line=line, at=place)


def _prose(subject: str, old: Sequence[Sentence], new: Sequence[Sentence], at: Location, line: int) -> Iterator[Move]:
    """Sentences are recognized by their digests; those that are left are compared by what they state."""
    gone, come = _without(old, new), _without(new, old)
    if not gone and not come:
        if [s.digest for s in old] != [s.digest for s in new]:
            yield Move(kind_name="order-changed", subject=subject, message="the sentences moved", line=line, at=at)
        return
    place = come[0].line if come else line
    now = "; ".join(shown(sentence.text) for sentence in come) or "a sentence is gone"
    differences = [
        f"{name} {', '.join(facts[0]) or 'none'} -> {', '.join(facts[1]) or 'none'}"
        for name in ("numbers", "words", "says", "unsure")
        if (facts := [_stated(side, name) for side in (gone, come)])[0] != facts[1]
    ]
    if differences:
        message = f"{', '.join(differences)}; the page says: {now}"
        yield Move(kind_name="numbers-or-rules-changed", subject=subject, message=message, line=place, at=at)
    else:
        yield Move(kind_name="wording-changed", subject=subject, message=f"the page says: {now}", line=place, at=at)


def _without(sentences: Sequence[Sentence], others: Sequence[Sentence]) -> list[Sentence]:
    left = Counter(sentence.digest for sentence in others)
    found = []
    for sentence in sentences:
        if left[sentence.digest]:
            left[sentence.digest] -= 1
        else:
            found.append(sentence)
    return found


def _stated(sentences: Sequence[Sentence], what: str) -> list[str]:
    facts = (getattr(sentence, what) for sentence in sentences)
    parts = [part for fact in facts for part in (fact.items() if isinstance(fact, Mapping) else fact)]
    return sorted(f"{part[0]}: {_joined(part[1])}" if isinstance(part, tuple) else str(part) for part in parts)


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else str(value)


def _response(old: Sequence[str], new: Sequence[str]) -> Iterator[Move]:
    for index, entry in enumerate(old):
        if entry not in new:
            message = f"{entry} is gone"
            yield Move(kind_name="response-field-gone", subject="response", message=message, at=("response", index))
    for entry in new:
        if entry not in old:
            yield Move(
                kind_name="response-field-added", subject="response", message=f"{entry} is new", at=("response",)
            )
