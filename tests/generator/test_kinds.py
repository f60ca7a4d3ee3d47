"""The language and all stages know every type of field; the type checker looks after the dispatches in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from generator.cache import Cache
from generator.check import check
from generator.explain import explain_field, explain_model
from generator.ir.build import build
from generator.kinds import KINDS, traits_of
from generator.pipeline import generate
from generator.sources import Sources

ROOT = Path(__file__).parents[2]
LANGUAGE = json.loads((ROOT / "schemas" / "form_schema.schema.json").read_text(encoding="utf-8"))
FIELD = LANGUAGE["$defs"]["field"]

HEAD = """\
model: demo
class: Demo
title: Demo
vendor: Demo Inc
summary: A model with a field of every type.
source: {page: demo, checked: 2026-11-21}
fields:
"""
FIELDS = {
    "string": "{type: string, target: a, max_length: 5, default: text}",
    "integer": "{type: integer, target: b, min: 1, unit: s, default: 2}",
    "number": "{type: number, target: c, max: 1, step: 0.5, wire: string, default: 1}",
    "boolean": "{type: boolean, target: d, default: true}",
    "enum": "{type: enum, target: e, options: [x, y], default: x}",
    "image": "{type: image, target: f, formats: [png]}",
    "audio": "{type: audio, target: 'g[]', many: {max: 2}}",
    "video": "{type: video, target: 'h[]', item: {kind: clip, url: $value}}",
    "list": "{type: list, class: Shot, target: 'i[]', fields: {text: {type: string}}}",
    "object": "{type: object, target: j}",
}


@pytest.fixture
def schemas(tmp_path: Path) -> Path:
    """A folder with a model that has a field of every type, called as the type."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    fields = "".join(f"  {kind}_: {field}\n" for kind, field in FIELDS.items())
    (folder / "demo.yaml").write_text(HEAD + fields, encoding="utf-8")
    return folder


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.schema.json")), ids=lambda path: path.stem)
def test_the_language_is_valid_json_schema(path: Path) -> None:
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_the_language_has_the_same_types() -> None:
    assert set(FIELD["properties"]["type"]["enum"]) == set(KINDS)
    branches: list[Any] = [branch["if"]["properties"]["type"] for branch in FIELD["allOf"]]
    distinguished = [kind for branch in branches for kind in branch.get("enum", [branch.get("const")])]
    assert sorted(distinguished) == sorted(KINDS)


def test_the_samples_have_every_type() -> None:
    assert set(FIELDS) == set(KINDS)


def test_every_type_passes_all_stages(schemas: Path) -> None:
    files = generate(Sources.of(schemas, None), ROOT / "templates", Cache(None)).files
    source = files["modelstream/models/demo.py"].decode()
    form = json.loads(files["modelstream/schemas/demo.form.json"])
    wire = json.loads(files["modelstream/schemas/demo.wire.json"])
    for kind in KINDS:
        assert f"    {kind}_: " in source
        assert f"{kind}_" in form["properties"]
    assert sorted(wire["properties"]) == [*"abcdefghij", "model"]


def test_every_type_can_be_explained(schemas: Path) -> None:
    (model,) = build(check(schemas)).models
    assert [line.split()[0] for line in explain_model(model, "schemas").splitlines()[3 : 3 + len(KINDS)]] == [
        f"{kind}_" for kind in FIELDS
    ]
    for kind in KINDS:
        assert f"type:      {'list of ' if kind in ('audio', 'list') else ''}" in explain_field(
            model, model.field(f"{kind}_"), "schemas"
        )


@pytest.mark.parametrize("kind", KINDS)
def test_the_traits_fit_the_language(kind: str) -> None:
    """Bounds, items and options are keys of the types that the checks take for numbers, arrays and so on."""
    branch = next(
        branch["then"]["propertyNames"]["enum"]
        for branch in FIELD["allOf"]
        if kind in branch["if"]["properties"]["type"].get("enum", [branch["if"]["properties"]["type"].get("const")])
    )
    traits = traits_of({"type": kind})
    assert traits.is_number == ("min" in branch)
    assert traits.fills_array == ("item" in branch)
    assert traits.is_media == ("encoding" in branch)
    assert traits.can_be_compared == ("default" in branch)
