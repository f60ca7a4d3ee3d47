"""Where the fields of a form travel: the page's fields, matched with what the documented body has.

A match is proved by a name that only one place of the body has, or by a value that cannot be there by chance. Anything
else is a candidate.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.saved_page.facts import Page, PageField
from generator.saved_page.stated import is_number, is_switch

Path = tuple[str | int, ...]
"""Keys and indices from the root of the body."""

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}\Z")
"""A key that a target can name."""

_MOST_CANDIDATES = 6
_LONG = 16
"""Characters from which on no text is at two places by chance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaf:
    """A value of the body that is no container, or an empty one."""

    path: Path
    value: Any

    @property
    def keys(self) -> tuple[str, ...]:
        """The path without indices."""
        return tuple(step for step in self.path if isinstance(step, str))

    @property
    def key(self) -> str:
        """The last key."""
        return self.keys[-1]

    @property
    def is_element(self) -> bool:
        """Whether it stands in an array by itself, in no object."""
        return isinstance(self.path[-1], int)

    @property
    def is_in_item(self) -> bool:
        """Whether it is a part of an object in an array."""
        return not self.is_element and any(isinstance(step, int) for step in self.path)

    def is_at(self, target: str) -> bool:
        """Whether it is at that place, or in the container that is there."""
        return self.target == target or self.target.startswith((f"{target}.", f"{target}[]"))

    @property
    def target(self) -> str:
        """The place as a schema writes it; ``[]`` for all places of an array."""
        parts = [f"{step}" if isinstance(step, str) else "[]" for step in self.path]
        return re.sub(r"\.\[\]", "[]", ".".join(parts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where one field of the page travels, as far as the curl shows it."""

    target: str | None = None
    item: Mapping[str, Any] | None = None
    leaves: tuple[Leaf, ...] = ()
    candidates: tuple[str, ...] = ()
    as_text: bool = False
    """Whether a number travels as a text."""
    contradicted: bool = False
    """Whether the curl has a value at its name that the page's type does not take."""
    container: bool = False
    """Whether it is no value but the object around other fields of the page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """The places of all fields, and the rest of the body."""

    of: Mapping[str, Placed]
    rest: tuple[Leaf, ...] = ()
    """What no field gives, and none may give."""


def place(page: Page) -> Places:
    """Match the fields of the page with the body of its curl."""
    body = page.curl.body if page.curl else {}
    everything = leaves_of(page)
    leaves = [leaf for leaf in everything if all(map(_KEY.match, leaf.keys))]
    names = [each.name for each in page.fields]
    fields = [each for each in page.fields if names.count(each.name) == 1]
    claims = {each.name: _claim(each, fields, leaves) for each in fields}
    claims = _without_disputes(claims)
    claimed = {leaf.path for placed in claims.values() for leaf in placed.leaves}
    for each in fields:
        if not claims[each.name].leaves and not claims[each.name].candidates:
            free = [leaf for leaf in leaves if leaf.path not in claimed]
            claims[each.name] = _by_parts_of_the_name(each, free)
    claims = _without_disputes(claims)
    claimed = {leaf.path for placed in claims.values() for leaf in placed.leaves}
    items = {name: _item(placed, leaves, claimed) for name, placed in claims.items()}
    constant = {path for _, paths in items.values() for path in paths}
    of = {name: placed for name, (placed, _) in items.items()}
    for each in fields:
        if of[each.name].target is None and isinstance(body.get(each.name), dict):
            of[each.name] = _around(each.name, of, leaves)
    containers = _containers(of)
    for each in fields:
        if of[each.name].target is None and not of[each.name].container:
            there = dict.fromkeys(found for leaf in leaves if (found := _container_of(leaf, each.name)))
            of[each.name] = _open(each, of[each.name], containers, tuple(there))
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        of[name] = Placed(candidates=tuple(dict.fromkeys(leaf.target for leaf in leaves if leaf.key == name)))
    spoken_for = {target for placed in of.values() for target in placed.candidates}
    spoken_for |= {re.sub(r"\[\d+\]\Z", "[]", target) for target in spoken_for}
    return Places(
        of=of,
        rest=tuple(
            leaf
            for leaf in everything
            if leaf.path not in claimed | constant and not any(leaf.is_at(target) for target in spoken_for)
        ),
    )


def leaves_of(page: Page) -> list[Leaf]:
    """All values of the body, in its order; not the model id, which is no field."""
    body = page.curl.body if page.curl else {}
    return [leaf for leaf in _leaves(body) if leaf.path != ("model",) or page.model is None]


def _leaves(node: Any, path: Path = ()) -> Iterator[Leaf]:
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from _leaves(value, (*path, index))
    elif path:
        yield Leaf(path=path, value=node)


# Claims


def _claim(told: PageField, fields: Sequence[PageField], leaves: Sequence[Leaf]) -> Placed:
    named = [leaf for leaf in leaves if leaf.key == told.name]
    arrays = _arrays(named)
    valued = [leaf for leaf in leaves if _has_the_example(told, leaf, fields, leaves)]
    if arrays is not None:
        return _of_array(told, arrays)
    if len(named) == 1 and not named[0].is_element:
        [leaf] = named
        elsewhere = [other for other in valued if other.path != leaf.path]
        fits = _fits(told, leaf.value)
        if elsewhere or leaf.is_in_item or not fits:
            return Placed(candidates=_targets([leaf, *elsewhere]), contradicted=not fits)
        return Placed(target=leaf.target, leaves=(leaf,), as_text=_is_as_text(told, leaf.value))
    if named:
        return Placed(candidates=_targets(named))
    if len(valued) == 1:
        [leaf] = valued
        if any(other.name == leaf.key for other in fields if other.name != told.name) and not leaf.is_in_item:
            return Placed(candidates=_targets(valued))  # That place has the name of another field.
        if leaf.is_element and sum(other.path[:-1] == leaf.path[:-1] for other in leaves) > 1:
            position = f"{leaf.target.removesuffix('[]')}[{leaf.path[-1]}]"
            return Placed(candidates=(position, leaf.target))
        return Placed(target=leaf.target, leaves=(leaf,))
    if valued:
        return Placed(candidates=_targets(valued))
    plural = [leaf for leaf in leaves if leaf.key == f"{told.name}s" and leaf.is_element]
    if plural and not any(other.name == f"{told.name}s" for other in fields):
        alone = len(plural) == 1 and isinstance(plural[0].value, str) and not _others_like(told, fields)
        if alone and told.type == "string" and told.options is None:
            return Placed(target=plural[0].target, leaves=(plural[0],))
        return Placed(candidates=_targets(plural))
    return Placed()


def _others_like(told: PageField, fields: Sequence[PageField]) -> bool:
    """Whether another field could fill the same array: one whose name has this name in it."""
    return any(told.name in other.name and other.name != told.name and not is_switch(other) for other in fields)


def _targets(leaves: Sequence[Leaf]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(leaf.target for leaf in leaves))


def _arrays(named: Sequence[Leaf]) -> list[Leaf] | None:
    """The elements, if the name is that of one array of plain values."""
    if named and all(leaf.is_element for leaf in named) and len({leaf.path[:-1] for leaf in named}) == 1:
        return list(named)
    return None


def _of_array(told: PageField, elements: list[Leaf]) -> Placed:
    if told.type.startswith("array") and all(isinstance(leaf.value, str) for leaf in elements):
        return Placed(target=elements[0].target, leaves=tuple(elements))
    if told.type == "string" and told.options is None and len(elements) == 1 and isinstance(elements[0].value, str):
        return Placed(target=elements[0].target, leaves=tuple(elements))
    return Placed(candidates=_targets(elements))


def _fits(told: PageField, value: Any) -> bool:
    """Whether the field can have the value."""
    if is_switch(told):
        return isinstance(value, bool)
    if is_number(told):
        if _is_as_text(told, value):
            return True
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        if told.options is not None:
            return not told.options.values or value in told.options.values
        return (told.low is None or value >= told.low) and (told.high is None or value <= told.high)
    if told.options is not None and told.type == "string":
        known = told.options.values
        return isinstance(value, str) and (value in known if known else value in told.options.run)
    if told.type == "string" or told.type == "file":
        return isinstance(value, str)
    if told.type == "object":
        return isinstance(value, dict)
    return told.type.startswith("array") and isinstance(value, list)


def _is_as_text(told: PageField, value: Any) -> bool:
    return is_number(told) and isinstance(value, str) and value == str(told.example)


def _has_the_example(told: PageField, leaf: Leaf, fields: Sequence[PageField], leaves: Sequence[Leaf]) -> bool:
    """Whether the leaf has the field's example, which nothing else in form and body has."""
    texts = _example_texts(told)
    if not isinstance(leaf.value, str) or leaf.value not in texts:
        return False
    if not _is_telling(leaf.value, told):
        return False
    once = sum(other.value == leaf.value for other in leaves) == 1
    alone = not any(
        leaf.value in _example_texts(other) or _has_option(other, leaf.value) for other in fields if other is not told
    )
    return once and alone


def _example_texts(told: PageField) -> list[str]:
    if told.type.startswith("array") and told.example_text.startswith("["):
        try:
            values = json.loads(told.example_text)
        except (ValueError, RecursionError):
            return []
        return [value for value in values if isinstance(value, str)]
    return [told.example_text] if told.example_text else []


def _has_option(told: PageField, value: str) -> bool:
    return told.options is not None and (value in told.options.values or value in told.options.run)


def _is_telling(value: str, told: PageField) -> bool:
    """Whether the value is at no other place by chance: a long text, or an option such as ``1080P`` or ``16:9``."""
    if len(value) >= _LONG and re.search(r"[ /_-]", value):
        return True
    return told.options is not None and len(value) >= 3 and bool(re.search(r"\d", value)) and not value.isdigit()


def _by_parts_of_the_name(told: PageField, leaves: Sequence[Leaf]) -> Placed:
    """``watermark_enabled`` is ``watermark_info.enabled``, if the value is the example and no other place is alike."""
    words = _words(told.name)
    alike = [leaf for leaf in leaves if not leaf.is_element and _is_like(words, leaf)]
    fitting = [leaf for leaf in alike if not leaf.is_in_item and _words(leaf.key) <= words and _fits(told, leaf.value)]
    if len(alike) == len(fitting) == 1 and _is_example(told, fitting[0].value):
        return Placed(target=fitting[0].target, leaves=(fitting[0],))
    return Placed(candidates=_targets(alike))


def _is_like(words: set[str], leaf: Leaf) -> bool:
    """Whether a key, with the object around it, has all the words of a name."""
    around = _words(leaf.keys[-2]) if len(leaf.keys) > 1 else set[str]()
    return bool(words & _words(leaf.key)) and words <= _words(leaf.key) | around


def _words(name: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)}


def _is_example(told: PageField, value: Any) -> bool:
    example: Any = told.example if told.example is not None else told.example_text or None
    return example is not None and isinstance(value, bool) == isinstance(example, bool) and bool(value == example)


def _without_disputes(claims: Mapping[str, Placed]) -> dict[str, Placed]:
    """The claims without those that two fields make to one place: both are candidates then."""
    paths = [leaf.path for placed in claims.values() for leaf in placed.leaves]
    return {
        name: (
            Placed(candidates=_targets(placed.leaves))
            if any(paths.count(leaf.path) > 1 for leaf in placed.leaves)
            else placed
        )
        for name, placed in claims.items()
    }


# Items, containers, candidates


def _item(placed: Placed, leaves: Sequence[Leaf], claimed: set[Path]) -> tuple[Placed, set[Path]]:
    """The item around a value in an array of objects, and the constants in it."""
    if len(placed.leaves) != 1 or not placed.leaves[0].is_in_item:
        return placed, set()
    [leaf] = placed.leaves
    start = max(index for index, step in enumerate(leaf.path) if isinstance(step, int)) + 1
    item, path = leaf.path[:start], leaf.path
    if any(isinstance(step, int) for step in item[:-1]):
        return Placed(candidates=(leaf.target,)), set()
    inside = [other for other in leaves if other.path[:start] == item]
    others = {other.path for other in inside} - {path}
    scalar = all(isinstance(other.value, (str, int, float, bool)) for other in inside)
    if others & claimed or not scalar:
        return Placed(candidates=(leaf.target,)), set()
    shape: dict[str, Any] = {}
    for other in inside:
        node = shape
        for key in other.path[start:-1]:
            node = node.setdefault(str(key), {})
        node[str(other.path[-1])] = "$value" if other.path == path else other.value
    target = Leaf(path=item, value=None).target
    return Placed(target=target, item=shape, leaves=(leaf,)), others


def _around(name: str, of: Mapping[str, Placed], leaves: Sequence[Leaf]) -> Placed:
    """An object around other fields: all that it holds must be theirs."""
    inside = {leaf.path for leaf in leaves if leaf.path[0] == name}
    theirs = {leaf.path for placed in of.values() for leaf in placed.leaves}
    return Placed(container=bool(inside)) if inside <= theirs else Placed(candidates=(name,))


def _containers(of: Mapping[str, Placed]) -> list[str]:
    """The objects of the body in which fields are, the most used first."""
    found: dict[str, int] = {}
    for placed in of.values():
        if placed.target and "[]" not in placed.target:
            container = placed.target.rpartition(".")[0]
            found[container] = found.get(container, 0) + 1
    return sorted(found, key=lambda container: (container == "", -found[container], container))


def _container_of(leaf: Leaf, name: str) -> str | None:
    """The object or array of that name around a leaf, as a target."""
    for end, step in enumerate(leaf.path[:-1], start=1):
        if step == name:
            return Leaf(path=leaf.path[: end + isinstance(leaf.path[end], int)], value=None).target
    return None


def _open(told: PageField, placed: Placed, containers: Sequence[str], there: tuple[str, ...]) -> Placed:
    name = told.name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", told.name) else ""
    proposals = [f"{container}.{name}".removeprefix(".") for container in containers] if name else []
    if not proposals and name:
        proposals = [name]
    if there:
        proposals = []  # The body has a container of the name; what is in it, only a person can match.
    found = tuple(dict.fromkeys([*placed.candidates, *there, *proposals]))[:_MOST_CANDIDATES]
    return Placed(candidates=found, leaves=placed.leaves, contradicted=placed.contradicted)
