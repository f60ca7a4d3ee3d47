"""Counts look inside items: so many pictures over all subjects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.language.conftest import Make
from tests.support.made_up import MadeUp, reported

URL = "https://example.com/a"

SCHEMA = """
fields:
  prompt: {type: string, required: true, target: prompt, doc: What happens.}
  scene: {type: image, target: scene, doc: Where it happens.}
  subjects:
    type: list
    class: Subject
    target: 'meta.subjects[]'
    item: {name: $id, pictures: $images}
    doc: Who is in it.
    fields:
      id: {type: string, required: true, doc: Name of the subject.}
      images: {type: image, many: {max: 3}, doc: Pictures of the subject.}
rules:
  - {when: {prompt: present}, count: [scene, subjects.images], max: 4, because: the model looks at four pictures}
"""


@pytest.fixture(scope="module")
def counts(make: Make) -> MadeUp:
    return make(SCHEMA)


def subjects(*numbers: int) -> list[dict[str, Any]]:
    return [{"id": "a"} | ({"images": [URL] * number} if number else {}) for number in numbers]


@pytest.mark.parametrize(
    ("values", "total"),
    [
        ({}, 0),
        ({"subjects": subjects(3, 1)}, 4),
        ({"subjects": subjects(0, 0, 0, 0, 0)}, 0),
        ({"scene": URL, "subjects": subjects(3)}, 4),
        ({"subjects": subjects(3, 2)}, 5),
        ({"scene": URL, "subjects": subjects(2, 2)}, 5),
    ],
)
def test_the_items_of_all_items_are_counted_together(counts: MadeUp, values: dict[str, Any], total: int) -> None:
    values = {"prompt": "A boat"} | values
    verdicts = counts.accepted(values)
    assert {verdicts[name] for name in ("class", "from_payload", "mock", "command line")} == {total <= 4}
    if total > 4:
        message = f"{total} in scene and subjects.images together is more than 4: the model looks at four pictures"
        assert counts.problems(values) == [("subjects", message)]


def test_a_count_names_a_field_of_the_items(tmp_path: Path) -> None:
    wrong = SCHEMA.replace("subjects.images]", "subjects.image, scene.id, crowd.images]")
    assert [problem.partition(": ")[2] for problem in reported(tmp_path, wrong)] == [
        "rule-wrong-kind: subjects.image cannot be counted: its items have no field 'image'; did you mean 'images'?",
        "rule-wrong-kind: scene.id cannot be counted: 'scene' is of type image, not list",
        "rule-unknown-field: no field 'crowd'; choose from prompt, scene, subjects",
    ]
