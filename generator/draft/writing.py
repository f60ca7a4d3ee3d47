"""A draft as YAML, with the page's sentences and the questions beside it as comments.

The sentences are for the reviewer only. No stage of the generator reads comments, and ``check`` refuses a schema in
which one is left (``page-quote``).
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.diagnostics import printable
from generator.draft.fields import FieldDraft
from generator.draft.schema import SchemaDraft
from generator.yaml_text import yaml_lines, yaml_scalar

QUOTE = "# page "
"""How a comment begins that quotes the page."""

_LONGEST_QUOTE = 1_000

_HEAD = """\
# yaml-language-server: $schema=form_schema.schema.json
# A draft. Decide what is under `open` and remove the question; write every `doc` and the `summary` in words of your
# own, and delete the quotes of the page.
"""


def write_draft(draft: SchemaDraft) -> str:
    """The text of the schema file."""
    return _HEAD + "".join(f"{line}\n" for line in _lines(draft))


def _lines(draft: SchemaDraft) -> Iterator[str]:
    page = draft.page
    for sentence in page.summary:
        yield _quote(sentence.line, sentence.text)
    for control in page.controls:
        yield _quote(control.line, control.name)
        yield from (_quote(sentence.line, sentence.text) for sentence in control.prose)
    yield from (f"# open: {printable(reason)}" for reason in draft.reasons)
    yield from yaml_lines(draft.head)
    yield ""
    yield "fields:"
    for field in draft.fields:
        yield from _field(field)
    if draft.constants:
        yield ""
        yield from yaml_lines({"constants": draft.constants})
    if draft.rules:
        yield ""
        yield from yaml_lines({"rules": draft.rules})


def _field(field: FieldDraft) -> Iterator[str]:
    yield f"  {yaml_scalar(field.name)}:"
    told = field.told
    for sentence in told.prose if told else ():
        yield f"    {_quote(sentence.line, sentence.text)}"
    yield from (f"    # open: {printable(reason)}" for reason in field.reasons)
    yield from yaml_lines(field.entry, 4)


def _quote(line: int, text: str) -> str:
    return f"{QUOTE}{line}: {printable(text[:_LONGEST_QUOTE])}"
