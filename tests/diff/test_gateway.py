"""What a change of the gateway's file does, key by key."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.check import check
from generator.diff import gateway
from generator.diff.pairs import Pair, compare
from generator.ir import Gateway
from generator.ir.build import build
from generator.load import load

SCHEMAS = Path(__file__).parents[2] / "schemas"
LANGUAGE = json.loads((SCHEMAS / "gateway.schema.json").read_text(encoding="utf-8"))
MODEL = """\
model: m
class: M
title: t
vendor: v
summary: s
source: {page: p, checked: 2026-11-21}
fields: {prompt: {type: string, required: true, target: prompt, doc: d}}
"""
SPELLINGS = ("statuses", "completed", "spellings")


def at(data: Any, *path: Any) -> Any:
    for step in path:
        data = data[step]
    return data


def put(*path: Any, value: Any) -> Callable[[Any], None]:
    def change(data: Any) -> None:
        at(data, *path[:-1])[path[-1]] = value

    return change


def add(*path: Any, value: Any, index: int = 1_000) -> Callable[[Any], None]:
    return lambda data: at(data, *path).insert(index, value)


EDITS: dict[str, tuple[Callable[[Any], None], set[str]]] = {
    "title": (put("title", value="Other"), {"words"}),
    "source": (put("source", "page", value="other"), {"words"}),
    "base_url": (put("base_url", value="https://other.example"), {"gateway-address"}),
    "environment": (put("environment", "api_key", value="OTHER"), {"gateway-environment"}),
    "endpoints": (put("endpoints", "submit", "path", value="/v2/videos"), {"gateway-address"}),
    "statuses": (put("statuses", "queued", "means", value="failed"), {"status-reclassified"}),
    "statuses: added": (add(*SPELLINGS, value="finished"), {"status-added"}),
    "statuses: gone": (lambda data: at(data, *SPELLINGS).remove("succeed"), {"status-reclassified"}),
    "responses": (add("responses", "url", value="video", index=0), {"response-reading"}),
    "responses: added": (add("responses", "url", value="video"), {"response-reading-added"}),
    "responses: error": (put("responses", "error", "code", value=["error.kind"]), {"response-reading"}),
    "responses: success": (add("responses", "success_codes", value=201), {"response-reading"}),
    "responses: headers": (add("responses", "request_id_headers", value="x-id"), {"response-reading"}),
    "errors": (add("errors", value={"status": 400, "raises": "NotFoundError"}, index=0), {"error-remapped"}),
    "errors: added": (add("errors", value={"status": 451, "raises": "BadRequestError"}), {"error-mapped"}),
    "errors: code": (add("errors", value={"codes": ["x"], "raises": "NotFoundError"}), {"error-mapped"}),
    "no_channel_codes": (add("no_channel_codes", value="other"), {"retried-payment"}),
    "polling": (put("polling", "longest", value=60), {"polling"}),
}
"""A key of the file, what is done to it, and the kinds of changes."""


def gateway_of(data: Mapping[str, Any], folder: Path) -> Gateway:
    folder.mkdir()
    (folder / "m.yaml").write_text(MODEL, encoding="utf-8")
    (folder / "gateway.yaml").write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return build(check(folder)).gateway


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_file_is_told(edit: str, tmp_path: Path) -> None:
    change, kinds = EDITS[edit]
    data = load(SCHEMAS / "gateway.yaml").data
    old = gateway_of(data, tmp_path / "old")
    change(data)
    new = gateway_of(data, tmp_path / "new")
    assert {c.kind_name for c in compare(Pair(model="gateway", old=old, new=new), gateway.TABLE)} == kinds


def test_every_key_of_the_file_has_an_edit() -> None:
    assert {edit.partition(":")[0] for edit in EDITS} == set(LANGUAGE["properties"])


@pytest.mark.parametrize("attribute", [attribute.name for attribute in dataclasses.fields(Gateway)])
def test_no_attribute_is_ignored(attribute: str, tmp_path: Path) -> None:
    old = gateway_of(load(SCHEMAS / "gateway.yaml").data, tmp_path / "old")
    value = getattr(old, attribute)
    other: Any
    match value:
        case str():
            other = value + "x"
        case tuple():
            other = value[1:]
        case _:
            name = next(iter(value))
            one = value[name]
            other = {**value, name: one + 1 if isinstance(one, float | int) else one[:-1]}
    new = dataclasses.replace(old, **{attribute: other})
    assert list(compare(Pair(model="gateway", old=old, new=new), gateway.TABLE))
