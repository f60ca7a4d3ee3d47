"""Every fact of a page changed once: the mark, type and name of each field, its bounds, options, numbers, the curl.

``python -m tests.drift.changes PAGE...`` tries them on saved pages and prints how many of them are noticed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from generator.diagnostics import ProblemsFound
from generator.drift.kinds import SEVERITIES, Severity
from generator.drift.moves import moves
from generator.saved_page.facts import Page, Sentence
from generator.saved_page.layout import read_page
from generator.saved_page.text import read_text

_HEADER = re.compile(r"([A-Za-z_]\w*)([?*])(\w+)$")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Change(NamedTuple):
    """A page with one fact changed."""

    name: str
    text: str
    least: Severity
    """How bad it is at the least."""


def page_of(text: str) -> Page:
    """The facts of a page."""
    return read_page(read_text(text.encode(), "page.txt"))


def severity_of(old: Page, new: Page) -> Severity | None:
    """The worst that moved; ``None`` if nothing did."""
    assert old.curl, "a page without one is refused"
    assert new.curl, "a page without one is refused"
    found: list[Severity] = [move.kind.severity for move in moves(old, new, (old.curl.body, new.curl.body))]
    return min(found, key=SEVERITIES.index, default=None)


def every_change(text: str) -> Iterator[Change]:
    """Each fact of the page changed, one at a time."""
    page = page_of(text)
    lines = text.split("\n")
    if page.title:
        yield from _replaced(lines, page.model_line, page.title, "Another Title", "title", "warning")
    for number, line in enumerate(lines, 1):
        if page.endpoint and line.replace(" ", "") == page.endpoint.replace(" ", ""):
            yield Change("endpoint", _with(lines, number, f"{line}s"), "error")
    yield from _of_fields(page, lines)
    for entry in page.response:
        name = entry.partition("?")[0].partition("*")[0]
        at = max(number for number, line in enumerate(lines, 1) if line.strip() == entry)
        yield from _replaced(lines, at, name, f"{name}x", f"response {name}", "warning")
    for sentence in (*page.summary, *(s for control in page.controls for s in control.prose)):
        yield from _of_sentence("page", sentence, lines)
    for control in page.controls:
        yield from _replaced(lines, control.line, control.name, "Other Heading", control.name, "warning")
    yield from _of_curl(page, text)


def _of_fields(page: Page, lines: list[str]) -> Iterator[Change]:
    for index, field in enumerate(page.fields):
        at, name = field.line, field.name
        line = lines[at - 1]
        head = _HEADER.search(line)
        if not head:
            continue
        following = page.fields[index + 1].line if index + 1 < len(page.fields) else _end(lines, at)
        yield Change(f"{name}: name", _with(lines, at, f"{name}_x{head[2]}{head[3]}"), "error")
        yield Change(f"{name}: mark", _with(lines, at, f"{name}{'?' if head[2] == '*' else '*'}{head[3]}"), "error")
        other = "integer" if head[3] != "integer" else "string"
        yield Change(f"{name}: type", _with(lines, at, f"{name}{head[2]}{other}"), "error")
        yield Change(f"{name}: gone", "\n".join([*lines[: at - 1], *lines[following - 1 :]]), "error")
        yield Change(
            f"{name}: one more", "\n".join([*lines[: at - 1], f"{name}_more?string", "", *lines[at - 1 :]]), "warning"
        )
        attributes = lines[field.attributes_line - 1]
        if field.attributes_line != at:
            control = bool(field.options) or field.type in ("number", "boolean")
            if field.example is not None:
                value = {"false": "true", "true": "false"}.get(field.example_text) or f"{field.example_text}9"
                changed = attributes.replace(f"Example Value: {field.example_text}", f"Example Value: {value}", 1)
                yield Change(
                    f"{name}: example", _with(lines, field.attributes_line, changed), "warning" if control else "notice"
                )
            if field.has_bounds:
                start = attributes.index("Value Range:")
                for bound in (field.low, field.high):
                    changed = attributes[:start] + re.sub(
                        rf"(?<!\d){bound}(?!\d)", f"{bound}7", attributes[start:], count=1
                    )
                    yield Change(f"{name}: bound {bound}", _with(lines, field.attributes_line, changed), "warning")
            if field.step is not None:
                changed = re.sub(r"step: *[\d.]+", "step: 3", attributes)
                yield Change(f"{name}: step", _with(lines, field.attributes_line, changed), "error")
        if field.options:
            at = field.options.line
            for option in field.options.values:
                pattern = rf"(: )?{re.escape(str(option))}(?=[A-Z]|$|\d)"
                changed = re.sub(pattern, rf"\g<1>{option}8", lines[at - 1], count=1)
                if changed != lines[at - 1]:
                    yield Change(f"{name}: option {option}", _with(lines, at, changed), "error")
            if not field.options.values:
                yield Change(f"{name}: options", _with(lines, at, f"{lines[at - 1]}x"), "error")
        for mode in field.modes:
            yield from _replaced(lines, field.prose[0].line, mode, "Other to Video", f"{name}: mode", "warning")
        for sentence in field.prose:
            yield from _of_sentence(name, sentence, lines)


def _end(lines: list[str], at: int) -> int:
    return next(i for i, line in enumerate(lines, 1) if i > at and line.startswith(("Response Parameters", "curl ")))


def _of_sentence(name: str, sentence: Sentence, lines: list[str]) -> Iterator[Change]:
    line = lines[sentence.line - 1]
    start = max(line.find(sentence.text), 0)
    length = len(sentence.text) or len(line)
    for found in _NUMBER.finditer(line[start : start + length]):
        if float(found[0]) in map(float, sentence.numbers):
            a, b = start + found.start(), start + found.end()
            changed = f"{line[:a]}{found[0]}1{line[b:]}"
            yield Change(f"{name}: number {found[0]}", _with(lines, sentence.line, changed), "warning")
    for word in sentence.words:
        changed = line[:start] + re.sub(rf"\b{word}\w*", "maybe", line[start:], count=1, flags=re.IGNORECASE)
        yield Change(f"{name}: word {word}", _with(lines, sentence.line, changed), "warning")
    words = sentence.text.split()
    if len(words) > 2 and not sentence.numbers:
        changed = line.replace(words[1], f"{words[1]}ly", 1)
        if changed != line:
            yield Change(f"{name}: wording", _with(lines, sentence.line, changed), "notice")


def _of_curl(page: Page, text: str) -> Iterator[Change]:
    assert page.curl, "a page without one is refused"
    for name, body in _changed_bodies(page.curl.body):
        written = json.dumps(body, indent=2, ensure_ascii=False).replace("'", "'\\''")
        head = page.curl.text.partition("{")[0]
        yield Change(f"curl: {name}", text.replace(page.curl.text, f"{head}{written}'"), "error")


def _changed_bodies(node: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The body with one value changed, one key renamed, or one entry gone."""
    if isinstance(node, dict):
        for key, value in node.items():
            place = f"{path}.{key}" if path else key
            if place == "model":
                continue
            yield f"{place} renamed", {(f"{k}_x" if k == key else k): v for k, v in node.items()}
            yield f"{place} gone", {k: v for k, v in node.items() if k != key}
            yield from ((name, {**node, key: changed}) for name, changed in _changed_bodies(value, place))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            for name, changed in _changed_bodies(value, f"{path}[{index}]"):
                yield name, [*node[:index], changed, *node[index + 1 :]]
    else:
        other = not node if isinstance(node, bool) else f"{node}x" if isinstance(node, str) else node + 1
        yield f"{path} changed", other


def _replaced(lines: list[str], at: int, old: str, new: str, name: str, least: Severity) -> Iterator[Change]:
    if old in lines[at - 1]:
        yield Change(name, _with(lines, at, lines[at - 1].replace(old, new, 1)), least)


def _with(lines: list[str], number: int, line: str) -> str:
    return "\n".join([*lines[: number - 1], line, *lines[number:]])


def unnoticed(text: str) -> tuple[int, list[str]]:
    """How many changes there are, and those that are not noticed, or not as bad as they are."""
    old, count, missed = page_of(text), 0, []
    for change in every_change(text):
        count += 1
        try:
            worst = severity_of(old, page_of(change.text))
        except ProblemsFound:
            continue  # The page is refused, which nobody overlooks.
        if worst is None or SEVERITIES.index(worst) > SEVERITIES.index(change.least):
            missed.append(f"{change.name}: {worst or 'nothing'} instead of {change.least}")
    return count, missed


def main(pages: list[str]) -> None:
    """Print the figures of saved pages."""
    for page in pages:
        count, missed = unnoticed(Path(page).read_text(encoding="utf-8"))
        print(f"{page}: {count - len(missed)} of {count} changes are noticed", *missed, sep="\n    ")  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
