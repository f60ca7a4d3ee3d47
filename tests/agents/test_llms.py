"""``llms.txt`` and ``llms-full.txt``: what stands there of each model is what its schema says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.llms import llms_texts
from tests.support.made_up import made_up

TEXTS = llms_texts(CATALOG)
each_model = pytest.mark.parametrize("model", CATALOG.models)


def section(model: str) -> str:
    (found,) = [each for each in re.split(r"^## ", TEXTS["llms-full.txt"], flags=re.MULTILINE) if f"`{model}`" in each]
    return found


def test_the_index_has_every_model_once() -> None:
    listed = re.findall(r"^- \[.*\]\((\S+)\): `(\S+)`\. \S", TEXTS["llms.txt"], re.MULTILINE)
    assert listed == [("llms-full.txt", model) for model in CATALOG.models]
    assert set(TEXTS) == {"llms.txt", "llms-full.txt"}


@each_model
def test_a_section_has_all_fields_modes_and_rules(model: str) -> None:
    form, text = CATALOG.schemas.form(model), section(model)
    assert re.findall(r"^- `(\w+)` \(", text, re.MULTILINE) == list(form["properties"])
    words = form.get("x-rules-in-words", {})
    for told in (
        *words.get("errors", ()),
        *words.get("warnings", ()),
        *(each["name"] for each in form.get("x-modes", ())),
    ):
        assert f"- {told}" in text
    for name, schema in form["properties"].items():
        for inner in schema.get("items", {}).get("properties", ()):
            assert f"\n  - `{inner}` (" in text, name


@each_model
def test_the_examples_make_the_documented_request(model: str) -> None:
    form, text = CATALOG.schemas.form(model), section(model)
    if not form.get("examples"):
        assert "```" not in text
        return
    documented = CATALOG.request_for(model, **form["examples"][0])
    blocks = dict(re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    names: dict[str, object] = {}
    exec(blocks["python"], names)  # noqa: S102
    assert names["request"] == documented
    words = shlex.split(blocks["sh"].replace("\\\n", ""))
    assert json.loads(words[words.index("-d") + 1]) == documented.to_payload()


def test_texts_of_a_schema_stay_texts(tmp_path: Path) -> None:
    text = r"""
fields:
  prompt: {type: string, required: true, target: prompt, doc: "See [here](http://x.test)\n## Models\n\n```sh\nrm -rf /"}
examples:
  - {name: ticks, values: {prompt: "````\n## Rules"}}
"""
    with made_up(tmp_path, text) as made:
        full = llms_texts(made.catalog)["llms-full.txt"]
    outside = re.sub(r"^(`{3,})\w+\n.*?^\1$", "", full, flags=re.MULTILINE | re.DOTALL)
    assert re.findall(r"^#+ .*", outside, re.MULTILINE) == [
        "# Video models of the ModelStream gateway",
        "## Made up",
    ]
    assert not re.search(r"^```", outside, re.MULTILINE)
