"""The import of five pages, fact by fact; and the proof that a schema says what its page says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from generator.__main__ import main
from generator.check import check
from generator.diagnostics import ProblemsFound
from generator.load import load
from generator.saved_page.record import read_record, write_record
from generator.yaml_text import yaml_lines
from tests.pages.measure import Fact, measure, tellable
from tests.pages.site import FIVE, draft_of, drafted, read

ROOT = Path(__file__).parents[2]
PAGES = sorted(FIVE.glob("*.txt"))
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def curated(page: Path) -> dict[str, Any]:
    """The schema that a person would write from the page."""
    data: dict[str, Any] = load(page.with_suffix(".yaml")).data
    return data


@every_page
def test_no_fact_is_wrong_and_none_is_silently_missing(page: Path) -> None:
    measured = measure(draft_of(page.read_bytes()), curated(page))
    assert measured.wrong == []
    assert measured.missing == []


def test_most_facts_are_certain() -> None:
    measured = [measure(draft_of(page.read_bytes()), curated(page)) for page in PAGES]
    right, asked = (
        sum(len(part) for part in parts) for parts in zip(*((m.right, m.open) for m in measured), strict=True)
    )
    assert right >= 0.93 * (right + asked), (right, asked)


@every_page
def test_a_draft_has_no_mistakes_beside_its_questions(page: Path, tmp_path: Path) -> None:
    assert codes_of(page, drafted(page.read_bytes()), tmp_path) <= {"open-question", "page-quote"} | (
        {"missing-key"} if "generic" in curated(page) else set()
    )


@every_page
def test_the_curated_schema_gives_the_curl_and_agrees_with_the_page(page: Path, tmp_path: Path) -> None:
    assert codes_of(page, page.with_suffix(".yaml").read_text(encoding="utf-8"), tmp_path) == set()


def codes_of(page: Path, schema: str, folder: Path) -> set[str]:
    """The problems that the checker has with a schema, beside the golden that the import makes of its page."""
    told = read(page.read_bytes())
    assert told.curl
    name = told.model or "any-model"
    golden = folder / "goldens" / name / "documented"
    golden.mkdir(parents=True, exist_ok=True)
    (golden / "curl.txt").write_text(f"{told.curl.text}\n", encoding="utf-8")
    (golden / "page.yaml").write_text(write_record(told), encoding="utf-8")
    (folder / "schemas").mkdir(exist_ok=True)
    (folder / "schemas" / f"{name}.yaml").write_text(schema, encoding="utf-8")
    try:
        check(folder / "schemas", folder / "goldens")
    except ProblemsFound as found:
        return {problem.code for problem in found.problems}
    return set()


@every_page
def test_each_fact_of_the_page_that_a_schema_changes_is_noticed(page: Path, tmp_path: Path) -> None:
    schema = curated(page)
    unnoticed = []
    told = read(page.read_bytes())
    for fact in tellable(schema):
        if (told.field(fact.field) is None) if fact.field else (fact.key != "title" or not told.title):
            continue  # The page has no such field. Class and vendor it has, if at all, in sentences.
        unnoticed += [
            (fact, changed["fields"].get(fact.field, {}).get(fact.key))
            for changed in mutants(schema, fact)
            if not codes_of(page, "\n".join(yaml_lines(changed)), tmp_path)
        ]
    # What the page leaves open: whether a text is an address, or a number whole.
    assert [each for each in unnoticed if each[0].key != "type"] == []
    asked = draft_of(page.read_bytes())["fields"]
    assert {fact.field for fact, _ in unnoticed} <= {
        name for name, field in asked.items() if {"type", "target"} & {*field["open"]} or field["type"] == "string"
    }


def mutants(schema: dict[str, Any], fact: Fact) -> Iterator[dict[str, Any]]:
    """The schema with another value of the fact, and without it."""
    if not fact.field:
        yield {**schema, fact.key: "Other"}
        return
    field = schema["fields"][fact.field]
    for value in _others(field, fact):
        other = {key: inner for key, inner in field.items() if key != fact.key}
        if value is not None:
            other[fact.key] = value
        yield {**schema, "fields": {**schema["fields"], fact.field: other}}


def _others(field: dict[str, Any], fact: Fact) -> Iterator[Any]:
    match fact.key:
        case "type":
            yield "audio" if fact.value != "audio" else "image"
        case "required":
            yield not fact.value
        case "options" | "formats":
            yield [value for value in field[fact.key] if value != fact.value] or ["other"]
            if fact.key == "options":
                yield [*(value for value in field["options"] if value != fact.value), "other"]
        case "default":
            yield None
            yield _other_default(field)
        case "target":
            yield f"elsewhere.{fact.value}"
        case "item":
            yield {"other": "$value"}
        case "unit":
            yield None
            yield "px"
        case "max_bytes":
            yield None
            yield "7 MB"
        case "many":
            yield {"max": fact.value["max"] + 1}
        case _:
            yield None
            yield fact.value + 1


def _other_default(field: dict[str, Any]) -> Any:
    if field["type"] == "boolean":
        return not field["default"]
    if field["type"] == "enum":
        return next(value for value in field["options"] if value != field["default"])
    return field["default"] + field.get("step", 1)


# The same page, saved otherwise

NO_BREAK = re.compile(r"(?m)^(\w+) (?=\w)")


@every_page
@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "  \n"),
        lambda text: NO_BREAK.sub("\\1\u00a0", text.partition("curl -X")[0]) + text[text.index("curl -X") :],
        lambda text: "\ufeff" + text,
        lambda text: re.sub(r"(?m)^(\w+)([?*])", "\\1\u200b\\2", text),
        lambda text: text.rstrip("\n"),
    ],
    ids=["CRLF", "trailing-spaces", "no-break-spaces", "byte-order-mark", "zero-width", "no-last-line-break"],
)
def test_how_the_text_was_saved_changes_nothing(page: Path, saved: Any) -> None:
    text = page.read_text(encoding="utf-8")
    other = saved(text)
    assert other != text
    assert drafted(other) == drafted(text)
    assert write_record(read(other)) == write_record(read(text))


@every_page
def test_html_and_markdown_give_the_same_draft(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert draft_of(as_html(text), "page.html") == draft_of(text)
    assert draft_of(as_markdown(text), "page.md") == draft_of(text)


def as_html(text: str) -> str:
    """The page as markup: a block for each line, the command preformatted."""
    before, start, after = text.partition("curl -X")
    blocks = "".join(f"<div><span>{escape(line)}</span></div>\n" for line in before.split("\n") if line)
    script = "<script>var form = 'other?string'</script><style>p {color: red}</style>"
    return f"<!DOCTYPE html><html><head>{script}</head><body>{blocks}<pre>{escape(start + after)}</pre></body></html>"


def as_markdown(text: str) -> str:
    before, start, after = text.partition("curl -X")
    headed = re.sub(r"(?m)^(\w+)([?*])(string|number|integer|boolean|object)$", r"### `\1`\2\3\n", before)
    return f"{headed.replace('_', chr(92) + '_')}```bash\n{start}{after}```\n"


def test_three_hash_seeds_give_the_same_bytes(tmp_path: Path) -> None:
    code = "import sys; from generator.__main__ import main\n"
    code += "for page in sys.argv[5:]: main(['import', page, *sys.argv[1:5]])"
    made = []
    for seed in ("0", "1", "4242"):
        out = tmp_path / seed
        folders = ["--out", str(out), "--golden", str(out / "goldens")]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        run = [sys.executable, "-c", code, *folders, *map(str, PAGES)]
        ended = subprocess.run(run, capture_output=True, text=True, env=environment, cwd=ROOT, check=True)
        files = {path.relative_to(out): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
        made.append((files, ended.stdout.replace(str(out), "OUT")))
    assert made[0] == made[1] == made[2]
    assert len(made[0][0]) == 3 * len(PAGES)


# The record


@every_page
def test_the_record_has_every_fact_and_no_sentence(page: Path, tmp_path: Path) -> None:
    told = read(page.read_bytes())
    text = write_record(told)
    (tmp_path / "page.yaml").write_text(text, encoding="utf-8")
    assert read_record(tmp_path / "page.yaml")[0] == told
    for sentence in (s for field in told.fields for s in field.prose if len(s.text.split()) > 3):
        assert sentence.text not in text


# The command


@every_page
def test_the_report_says_what_is_certain_and_what_is_open(
    page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["import", str(page), "--out", str(tmp_path), "--golden", str(tmp_path / "goldens")])
    out = capsys.readouterr().out
    told = read(page.read_bytes())
    [draft] = tmp_path.glob("*.yaml")
    document = load(draft)
    for field in told.fields:
        row = next(line for line in out.splitlines() if line.startswith(f"{field.name} "))
        assert row.split()[1:3] == [str(field.line), str(document.line_of(("fields", field.name)))]
    questions = (
        sum(len(field["open"]) - 1 for field in document.data["fields"].values()) + len(document.data["open"]) - 1
    )
    assert f" {questions} open, " in out
    assert status == (1 if questions else 0)


def test_a_page_that_leaves_nothing_open_ends_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.txt"
    text = next(page for page in PAGES if page.stem.startswith("aurora")).read_text(encoding="utf-8")
    start, end = text.index("Generation Mode"), text.index("watermark_enabled?boolean")
    text = text[:start] + "prompt*string\n\nWhat happens.\n\nRequired\n" + text[end:]
    body = {"model": "aurora-3", "prompt": "A kite", "watermark_enabled": False}
    text = re.sub(r"-d '.*?\n}'", f"-d '{json.dumps(body, indent=2)}'", text, flags=re.DOTALL)
    page.write_text(text, encoding="utf-8")
    assert main(["import", str(page), "--out", str(tmp_path / "out"), "--golden", str(tmp_path / "goldens")]) == 0
    assert " 0 open, " in capsys.readouterr().out


def test_what_somebody_has_worked_on_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["import", str(PAGES[0]), "--out", str(tmp_path), "--golden", str(tmp_path / "goldens")]
    main(command)
    [draft] = tmp_path.glob("*.yaml")
    draft.write_text("work of hours\n", encoding="utf-8")
    main(command)
    assert draft.with_name(f"{draft.name}~").read_text(encoding="utf-8") == "work of hours\n"
    assert "kept what was there before" in capsys.readouterr().out
