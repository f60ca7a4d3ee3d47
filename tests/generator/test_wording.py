"""Docstrings and pages word the same facts alike; each writes code in its own way."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.check import check
from generator.emit.docs import field_docs
from generator.emit.pages.fields import limits_in_words
from generator.emit.pages.rules import WORDING
from generator.ir import Model
from generator.ir.build import build

SCHEMA = """\
model: demo
class: Demo
title: Demo
vendor: Demo Inc
summary: A model.
source: {page: demo, checked: 2026-11-21}
fields:
  text: {type: string, target: text, min_length: 2, max_length: 5}
  some: {type: string, target: some, min_length: 1}
  seconds: {type: integer, target: seconds, min: 1, max: 9, unit: s, default: 2}
  width: {type: integer, target: width, unit: px, limits: guess}
  style: {type: enum, target: style, options: {x: The first, y: The next, z: The last}, default: x}
  sound: {type: boolean, target: sound}
  picture: {type: image, target: picture, formats: [png, jpeg, webp], max_bytes: 1024 MB}
  voices: {type: audio, target: 'voices[]', many: {max: 3}, max_bytes: 10 MB}
  clips: {type: video, target: 'clips[]', many: {}}
  shots: {type: list, class: Shot, target: 'shots[]', many: {max: 6}, fields: {text: {type: string}}}
  parts: {type: list, class: Part, target: 'parts[]', fields: {text: {type: string}}}
  more: {type: object, target: more}
rules:
  - {when: {style: [x, y, z], sound: true}, unless: {picture: present}, ignores: [text], because: it is so}
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    folder: Path = tmp_path_factory.mktemp("schemas")
    (folder / "demo.yaml").write_text(SCHEMA, encoding="utf-8")
    (model,) = build(check(folder)).models
    return model


def test_a_condition(model: Model) -> None:
    assert (
        'when `style` is `"x"`, `"y"` or `"z"` and `sound` is `True` and unless `picture` is given: it is so.'
        in " ".join(field_docs(model.field("text"), model).split())
    )
    (rule,) = model.rules
    assert WORDING.rule(rule) == (
        "`text` is ignored when `style` is `x`, `y` or `z` and `sound` is `true` and unless `picture` is given: "
        "it is so."
    )


@pytest.mark.parametrize(
    ("field", "docstring", "page"),
    [
        ("text", "2 to 5 characters.", "2 to 5 characters"),
        ("some", "", ""),
        ("seconds", "1 to 9 seconds; default `2`.", "1 to 9 seconds"),
        ("width", "Pixels (our own guess).", "pixels; *guess*"),
        (
            "style",
            '`"x"` (The first), `"y"` (The next), `"z"` (The last); default `"x"`.',
            "`x` (The first), `y` (The next), `z` (The last)",
        ),
        ("sound", "", ""),
        ("picture", "PNG, JPEG or WEBP, at most 1024 MB.", "PNG, JPEG or WEBP; at most 1024 MB"),
        ("voices", "One audio or a list of at most 3, at most 10 MB each.", "at most 3 items; at most 10 MB each"),
        ("clips", "One video or a list of several.", ""),
        ("shots", "At most 6 items.", "at most 6 items"),
        ("parts", "Several items.", ""),
        ("more", "Any JSON object.", ""),
    ],
)
def test_limits(model: Model, field: str, docstring: str, page: str) -> None:
    documented = " ".join(field_docs(model.field(field), model).split())
    assert docstring in documented
    assert limits_in_words(model.field(field)) == page
