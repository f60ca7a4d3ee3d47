"""The page as a whole: the model's header, the fields of the form, the response, the curl.

A field begins with ``name?type`` or ``name*type`` in a line of its own. Its prose follows after an empty line, the line
of its attributes after another one, or at once if there is no prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from generator.diagnostics import ProblemsFound
from generator.saved_page.attributes import OPTIONS, START, Attributes, read_attributes
from generator.saved_page.curl import START as CURL
from generator.saved_page.curl import find_curl
from generator.saved_page.facts import Control, Options, Page, PageField, Scalar, Sentence, digest, digest_of_body
from generator.saved_page.options import read_options
from generator.saved_page.prose import Context, modes_of, sentences
from generator.saved_page.text import PageText
from modelstream_runtime.yaml12 import scalar

_ID = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_TITLE = re.compile(rf"(?P<title>\S.{{0,199}}?)\s*[(（](?P<model>{_ID})[)）]\Z")
_SUPPORT = re.compile(r"\s*\d*\s*models? support this endpoint\Z")
_ENDPOINT = re.compile(r"(GET|POST|PUT|PATCH|DELETE)\s*(/[\w./{}-]*)\Z")
_TYPES = r"(?:string|number|integer|boolean|array|object|file|float|int|bool|enum|any)"
_HEADER = re.compile(
    rf"(?P<name>[A-Za-z_][\w.\[\]-]{{0,99}})\s*(?P<mark>[?*])\s*(?P<type>{_TYPES}(?:<\w+>|\[\w*\])*)\Z"
)
_NAME_OR_MARKED = re.compile(r"[A-Za-z_][\w.\[\]-]{0,99}\s*[?*]?\Z")
_REST = re.compile(rf"[?*]?\s*{_TYPES}(?:<\w+>|\[\w*\])*\Z|[?*]\Z")

_LONGEST_EXAMPLE = 40
_LONGEST_LINE = 10_000
_MOST_FIELDS = 300


class _Line(NamedTuple):
    number: int
    text: str


def read_page(text: PageText) -> Page:
    """All facts of the page.

    Raises:
        ProblemsFound: it has no curl or no header of a model, or describes no form.
    """
    if not any(text.lines):
        raise ProblemsFound([text.problem("no-page", "the page is empty", 1)])
    curl = find_curl(text)
    form, response = _regions(text)
    title, model, line = _header(text)
    long = [line for line in (*form, *_around_the_header(text, line)) if len(line.text) > _LONGEST_LINE]
    if long:
        message = f"more than {_LONGEST_LINE} characters in a line; no form has one like that"
        raise ProblemsFound([text.problem("too-large", message, long[0].number)])
    fields, controls, unread = _read_form(form, is_markup=text.is_markup)
    if curl is None:
        message = "there is no curl here, so no field could be sent anywhere; save the whole page of a model"
        raise ProblemsFound([text.problem("no-page", message, 1)])
    if model is None and not any(field.name == "model" for field in fields):
        message = "there is no header here such as `Kling VIDEO 3.0 (kling-v3)`; save the whole page of a model"
        raise ProblemsFound([text.problem("no-page", message, 1)])
    if not fields:
        message = "there is no field here such as `seed?number` between `Request Body` and `Response Parameters`"
        raise ProblemsFound([text.problem("no-page", message, line or 1)])
    if len(fields) > _MOST_FIELDS:
        raise ProblemsFound(
            [text.problem("no-page", f"more than {_MOST_FIELDS} fields; no form has as many", line or 1)]
        )
    return Page(
        model=model,
        title=title,
        endpoint=_endpoint(text),
        summary=_summary(text, line),
        controls=controls,
        fields=fields,
        response=tuple(dict.fromkeys(found[0] for _, found in _headers(response))),
        body_digest=digest_of_body(curl.body),
        curl=curl,
        model_line=line,
        unread=unread,
    )


def _header(text: PageText) -> tuple[str | None, str | None, int]:
    """Title and id of the model, and their line: the id stands again in the line that follows."""
    for index, line in enumerate(text.lines):
        following = next((below for below in text.lines[index + 1 : index + 4] if below), "")
        found = _TITLE.match(line)
        if found and following.startswith(found["model"]) and _SUPPORT.match(following[len(found["model"]) :]):
            return found["title"], found["model"], index + 1
    return None, None, 0


def _around_the_header(text: PageText, line: int) -> list[_Line]:
    """The lines of the summary, and a few more."""
    return [_Line(number, content) for number, content in enumerate(text.lines[line : line + 10], line + 1) if line]


def _endpoint(text: PageText) -> str:
    found = (_ENDPOINT.match(line.strip()) for line in text.lines)
    return next((f"{match[1]} {match[2]}" for match in found if match), "")


def _summary(text: PageText, line: int) -> tuple[Sentence, ...]:
    """The sentences between the header of the model and the next heading."""
    support = next((n for n, content in enumerate(text.lines, 1) if n > line and content), line)
    below = [_Line(number, content) for number, content in enumerate(text.lines, 1) if number > support]
    paragraph = next(iter(_paragraphs(below)), []) if line else []
    return sentences(paragraph)


# Regions


def _regions(text: PageText) -> tuple[list[_Line], list[_Line]]:
    """The lines of the form, and those of the response."""
    lines = [_Line(number, content) for number, content in enumerate(text.lines, 1)]
    start = _first(lines, "Request Body")
    response = _first(lines, "Response Parameters", start)
    curl = next((i for i, line in enumerate(lines) if i >= start and CURL.match(line.text)), len(lines))
    end = min(response - 1 if response else len(lines), curl)
    tail = lines[response:curl] if response and response < curl else []
    form = lines[start:end]
    kind = next((i for i, line in enumerate(form[:6]) if line.text.startswith("application/")), -1)
    return form[kind + 1 :], tail


def _first(lines: Sequence[_Line], heading: str, start: int = 0) -> int:
    """The index behind the first line that is the heading, or 0."""
    return next((i + 1 for i, line in enumerate(lines) if i >= start and line.text.strip() == heading), 0)


def _headers(lines: Sequence[_Line]) -> Iterator[tuple[int, re.Match[str]]]:
    for index, line in enumerate(lines):
        if found := _HEADER.match(line.text.strip()):
            yield index, found


def _paragraphs(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    paragraph: list[_Line] = []
    for line in lines:
        if line.text.strip():
            paragraph.append(line)
        elif paragraph:
            yield paragraph
            paragraph = []
    if paragraph:
        yield paragraph


# The form


def _read_form(
    form: list[_Line], *, is_markup: bool
) -> tuple[tuple[PageField, ...], tuple[Control, ...], tuple[tuple[int, str], ...]]:
    form = list(_joined(form))
    heads = list(_headers(form))
    first = heads[0][0] if heads else len(form)
    controls, unread = _controls(list(_paragraphs(form[:first])))
    fields: list[PageField] = []
    for (index, head), end in zip(heads, [*(i for i, _ in heads[1:]), len(form)], strict=False):
        block = _Block.of(form[index + 1 : end], is_markup=is_markup)
        more, rest = _controls(block.rest)
        controls += more
        unread += rest
        fields.append(_field(head, form[index].number, block))
    return tuple(fields), tuple(controls), tuple(unread)


def _joined(lines: Sequence[_Line]) -> Iterator[_Line]:
    """The lines, with a header joined whose parts the browser put into lines of their own."""
    index = 0
    while index < len(lines):
        parts = [line for line in lines[index : index + 6] if line.text.strip()]
        joined = next((count for count in (3, 2) if _is_header(parts[:count], lines[index], count)), 0)
        if joined:
            yield _Line(lines[index].number, "".join(part.text.strip() for part in parts[:joined]))
            index = next(i for i in range(index, len(lines)) if lines[i] is parts[joined - 1]) + 1
        else:
            yield lines[index]
            index += 1


def _is_header(parts: Sequence[_Line], first: _Line, count: int) -> bool:
    """Whether the lines are name, mark and type of a field."""
    if len(parts) < count or parts[0] is not first:
        return False
    name, *rest = (part.text.strip() for part in parts)
    return bool(_NAME_OR_MARKED.match(name) and _REST.match("".join(rest)) and _HEADER.match(name + "".join(rest)))


class _Block(NamedTuple):
    """What stands below the header of a field."""

    prose: list[_Line]
    attributes: list[_Line]
    options: list[_Line]
    rest: list[list[_Line]]
    """Paragraphs behind the attributes, which are no part of the field."""
    doubtful: bool
    """Whether prose and attributes cannot be told apart."""

    @classmethod
    def of(cls, lines: list[_Line], *, is_markup: bool) -> _Block:
        paragraphs = list(_paragraphs(lines))
        starts = [bool(START.match(paragraph[0].text.strip())) for paragraph in paragraphs]
        # Right below the header, only attributes can stand; after an empty line, the first paragraph is prose. Markup
        # has no such difference: there, nothing but attributes may follow.
        tight = bool(lines) and bool(lines[0].text.strip())
        if starts[:1] == [True] and (tight or (is_markup and all(starts))):
            start = 0
        else:
            start = next((i for i, found in enumerate(starts) if found and i > 0), len(paragraphs))
        if start == len(paragraphs):
            doubtful = starts[:1] == [True]
            return cls(paragraphs[0] if paragraphs else [], [], [], paragraphs[1:], doubtful=doubtful)
        prose = [line for part in paragraphs[:start] for line in part]
        attributes: list[_Line] = []
        rest: list[list[_Line]] = []
        for paragraph in paragraphs[start:]:
            announced = bool(attributes) and attributes[-1].text.strip().endswith(OPTIONS)
            if announced or START.match(paragraph[0].text.strip()):
                attributes += paragraph
            else:
                rest.append(paragraph)
        options: list[_Line] = []
        at = next((i for i, line in enumerate(attributes) if line.text.strip().endswith(OPTIONS)), None)
        if at is not None:
            last = attributes[at]
            options = attributes[at + 1 :]
            attributes = [*attributes[:at], _Line(last.number, last.text.strip().removesuffix(OPTIONS))]
        doubtful = starts[0] and start > 0
        return cls(prose, [line for line in attributes if line.text.strip()], options, rest, doubtful=doubtful)


def _field(head: re.Match[str], number: int, block: _Block) -> PageField:
    name, mark, type_name = head["name"], head["mark"], head["type"]
    found = read_attributes("\n".join(line.text.strip() for line in block.attributes), type_name)
    modes, lines = _without_modes(block.prose)
    options = _options(block, type_name, found)
    example = _example(found.example, type_name)
    context = Context(name=name, type=type_name, options=options.values if options else None, example=example)
    # A text that is long or has several words is recognized again by its digest.
    long = isinstance(example, str) and (len(example) > _LONGEST_EXAMPLE or " " in example) and options is None
    undecided = {*found.undecided, *(("attributes",) if block.doubtful else ())}
    if found.required and mark == "?":
        undecided.add("required")
    return PageField(
        name=name,
        mark=mark,
        type=type_name,
        modes=modes,
        example=None if long else example,
        example_digest=digest(str(example)) if long else "",
        example_text=found.example or "",
        low=found.low,
        high=found.high,
        step=found.step,
        options=options,
        prose=sentences(lines, context),
        undecided=tuple(sorted(undecided)),
        line=number,
        attributes_line=block.attributes[0].number if block.attributes else number,
    )


def _without_modes(prose: list[_Line]) -> tuple[tuple[str, ...], list[_Line]]:
    if not prose:
        return (), []
    modes, rest = modes_of(prose[0].text)
    return modes, [_Line(prose[0].number, rest), *prose[1:]]


def _options(block: _Block, type_name: str, found: Attributes) -> Options | None:
    if not block.options:
        return None
    whole = type_name in ("number", "integer", "int")
    known = [found.example] if found.example else []
    return read_options([line.text for line in block.options], block.options[0].number, known, whole_numbers=whole)


def _example(text: str | None, type_name: str) -> Scalar | None:
    if text is None or type_name == "string" or type_name.startswith(("array", "object")):
        return text
    value = scalar(text)
    return text if value is None else value


def _controls(paragraphs: list[list[_Line]]) -> tuple[list[Control], list[tuple[int, str]]]:
    """Headings with prose below them, and the lines that are neither."""
    controls: list[Control] = []
    unread: list[tuple[int, str]] = []
    index = 0
    while index < len(paragraphs):
        paragraph = paragraphs[index]
        heading = paragraph[0].text.strip()
        if len(paragraph) == 1 and index + 1 < len(paragraphs) and re.fullmatch(r"[A-Z][\w /&-]{1,59}", heading):
            prose = sentences(paragraphs[index + 1])
            controls.append(Control(name=heading, prose=prose, line=paragraph[0].number))
            index += 1
        elif not heading.startswith(("These parameters come from", "Due to parameter differences")):
            unread += [(line.number, line.text.strip()) for line in paragraph]
        index += 1
    return controls, unread
