"""The exported page: which files it has, what is in them, and what is not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.llms import llms_texts
from modelstream_runtime.studio.export import ENGINE, NoEngine, export
from modelstream_runtime.studio.forms import described, listing
from modelstream_runtime.studio.preview import GENERIC
from tests.conformance.made_up import MADE_UP, made_up
from tests.support.golden import documented

PAGE = Path(str(files("modelstream_runtime.studio").joinpath("page")))


class Links(HTMLParser):
    """What a page loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inline = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.found += [str(given[name]) for name in ("src", "href") if name in given and tag in ("script", "link")]
        self.inline += tag == "style" or "style" in given or any(name.startswith("on") for name in given)
        self.inline += tag == "script" and "src" not in given


def content_of(path: Path) -> tuple[str, Any]:
    """What a script of an export hands to the page."""
    text = path.read_text(encoding="ascii")
    found = re.fullmatch(r"Studio\.data\((.*)\);\n", text, re.DOTALL)
    assert found
    name, content = json.loads(f"[{found[1]}]")
    return name, content


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    export(CATALOG, folder)
    return folder


def test_the_page_loads_only_what_is_beside_it(exported: Path) -> None:
    for folder, transport in ((PAGE, "served.js"), (exported, "exported.js")):
        links = Links((folder / "index.html").read_text(encoding="utf-8"))
        assert links.inline == 0
        assert {"served.js", "exported.js"} & set(links.found) == {transport}
        for link in links.found:
            assert (folder / link).is_file(), link


def test_the_exported_page_is_the_served_one_but_for_its_transport(exported: Path) -> None:
    for file in PAGE.iterdir():
        if file.name not in ("index.html", "served.js", "worker.js"):
            assert (exported / file.name).read_bytes() == file.read_bytes()
    served, written = ((f / "index.html").read_text(encoding="utf-8") for f in (PAGE, exported))
    assert written == served.replace("served.js", "exported.js")


def test_the_files_of_the_page_are_small() -> None:
    assert sum(file.stat().st_size for file in PAGE.iterdir()) < 100_000


@pytest.mark.parametrize("file", sorted(PAGE.glob("*.js")), ids=lambda file: file.name)
def test_no_script_makes_markup_or_code_out_of_a_text(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|srcdoc|javascript:"
    )
    assert re.findall(forbidden, text) == []


def test_no_file_of_the_page_names_a_foreign_host() -> None:
    for file in PAGE.iterdir():
        hosts = set(re.findall(r"https?://([\w.-]+)", file.read_text(encoding="utf-8")))
        assert hosts <= {"www.w3.org", "engine.invalid"}, file.name  # A namespace, and a host that cannot be.


def test_every_model_is_there(exported: Path) -> None:
    name, index = content_of(exported / "data" / "index.js")
    assert name == "data/index"
    assert [each["id"] for each in index["catalog"]] == [*CATALOG.models, GENERIC]
    assert index["engine"] == []
    for number, each in enumerate(index["catalog"]):
        name, model = content_of(exported / "data" / f"model-{number}.js")
        assert name == f"data/model-{number}"
        assert model["id"] == each["id"]
        fields = CATALOG.schemas.form(each["id"])["properties"]
        assert {field["name"] for field in model["fields"]} == fields.keys()
        assert sorted(name for group in model["groups"] for name in group["fields"]) == sorted(fields)


def test_language_models_find_every_model(exported: Path) -> None:
    for name, text in llms_texts(CATALOG).items():
        assert (exported / name).read_text(encoding="utf-8") == text


def test_the_documented_requests_are_readable_without_an_engine() -> None:
    for golden in documented():
        first, *_ = described(CATALOG, golden.model)["examples"]
        assert first["curl"] == golden.to_curl
        assert json.loads(first["body"]) == golden.body


def test_two_exports_are_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    export(CATALOG, tmp_path)
    names = sorted(path.relative_to(exported) for path in exported.rglob("*") if path.is_file())
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert all((exported / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_an_engine_must_be_complete(tmp_path: Path) -> None:
    for name in (*ENGINE.values(), "pyodide-lock.json"):
        with pytest.raises(NoEngine, match=re.escape(name)):
            export(CATALOG, tmp_path / "site", tmp_path)
        (tmp_path / name).write_text('{"info": {}}', encoding="utf-8")
    with pytest.raises(NoEngine, match="wheels"):
        export(CATALOG, tmp_path / "site", tmp_path)


@pytest.mark.parametrize("name", MADE_UP)
def test_a_made_up_form_can_be_described(name: str) -> None:
    model, catalog = made_up(name)
    told = described(catalog, model.name)
    assert {field["name"]: field["required"] for field in told["fields"]} == {f.name: f.required for f in model.fields}
    json.dumps(told, allow_nan=False)
    entry = next(each for each in listing(catalog) if each["id"] == model.name)
    media = {field["media"]["kind"] for field in told["fields"] if field["media"]}
    assert media == set(entry["inputs"]) - {"text"}


def test_the_values_in_a_description_are_json_texts() -> None:
    def check(field: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
        if field["default"] is not None:
            assert json.loads(field["default"]) == schema["default"]
        assert [json.loads(choice["value"]) for choice in field["choices"]] == [
            value for value in schema.get("enum", ()) if value is not None
        ]
        for inner in field.get("fields", ()):
            check(inner, schema["items"]["properties"][inner["name"]])

    for model in CATALOG.models:
        for field in described(CATALOG, model)["fields"]:
            check(field, CATALOG.schemas.form(model)["properties"][field["name"]])


def test_the_judge_of_the_page_needs_no_http() -> None:
    code = (
        "import sys; from modelstream_runtime.studio.offline import Offline; "
        f"Offline('modelstream').preview('{{\"form\": \"{next(iter(CATALOG.models))}\"}}', False); "
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    # What Pyodide leaves out of the standard library, and what no request needs.
    assert {"httpx", "ssl", "sqlite3", "click", "yaml", "starlette"}.isdisjoint(done.stdout.split())


def test_the_command_writes_the_page(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "modelstream", "studio", "--export", str(tmp_path / "site")]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / "site" / "index.html")
    assert (tmp_path / "site" / "index.html").is_file()
