"""What the checker says of broken input, to the letter: place, code, message, hint.

Each folder in ``tests/errors`` is a case: broken files, and in ``expected.txt`` the report. It is named after the code
that it shows, with a variant behind a dot; ``several`` shows how faults are told together. The command is ``check``
unless ``command.txt`` gives another one. A new folder is a new test.
"""

from __future__ import annotations

import ast
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.__main__ import main
from generator.check import check
from generator.diagnostics import Problem, ProblemsFound, Span, report
from generator.load import MAX_BYTES

ROOT = Path(__file__).parents[2]
ERRORS = ROOT / "tests" / "errors"
PACKAGE = ROOT / "generated" / "modelstream"
RUNTIME = ROOT / "runtime" / "modelstream_runtime"
CASES = sorted(folder.name for folder in ERRORS.iterdir() if folder.is_dir())

SHOWN_BELOW = {"too-large", "unused-acknowledgement", "version", "no-record"}
"""Codes without a case: it would be a megabyte, a repository with a history, or a page of a schema without a record.

tests/diff and tests/drift show all but the first.
"""

VALID = """\
model: demo
class: Demo
title: Demo
vendor: Demo Inc
summary: A model to make mistakes with.
source: {page: demo, checked: 2026-11-21}
fields:
  prompt: {type: string, required: true, target: prompt}
"""


def run(case: str, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    """The report on a case, from the repository's root."""
    folder = f"tests/errors/{case}"
    command = ERRORS / case / "command.txt"
    words = shlex.split(command.read_text(encoding="utf-8") if command.exists() else "check --schemas {case}")
    if (ERRORS / case / "goldens").exists():
        words += ["--goldens", "{case}/goldens"]
    status = main([*(word.replace("{case}", folder) for word in words), *options])
    out, err = capsys.readouterr()
    assert status == (2 if words[0] == "import" else 1)
    assert not (out and err)
    return out or err


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports show paths as seen from the working directory."""
    monkeypatch.chdir(ROOT)


@pytest.mark.parametrize("case", CASES)
def test_the_report_is_as_expected(
    case: str, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    expected = ERRORS / case / "expected.txt"
    found = run(case, capsys)
    if request.config.getoption("--update-errors"):
        expected.write_text(found, encoding="utf-8", newline="\n")
    assert found == expected.read_bytes().decode(), "if the new report is better, run pytest --update-errors"


@pytest.mark.parametrize("case", CASES)
def test_a_case_shows_the_code_it_is_named_after(case: str) -> None:
    codes = _codes_in((ERRORS / case / "expected.txt").read_text(encoding="utf-8"))
    code = case.partition(".")[0]
    assert code in codes or code == "several"


@pytest.mark.parametrize("case", CASES)
def test_no_place_is_blamed_twice(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    places = [(p["file"], p["line"], p["column"]) for p in json.loads(run(case, capsys, "--format", "json"))]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("format", ["text", "json", "github"])
def test_nothing_that_a_terminal_obeys_is_printed(case: str, format: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert all(c.isprintable() or c == "\n" for c in run(case, capsys, "--format", format))


def test_every_code_has_a_case() -> None:
    assert {case.partition(".")[0] for case in CASES} - {"several"} | SHOWN_BELOW == set(_codes_in_source())


def test_five_faults_of_one_file_are_told_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    problems = json.loads(run("several.in-one-file", capsys, "--format", "json"))
    assert [(problem["line"], problem["column"], problem["code"]) for problem in problems] == [
        (11, 5, "unknown-key"),
        (17, 14, "default-outside-range"),
        (22, 14, "default-not-option"),
        (24, 5, "duplicate-key"),
        (26, 13, "rule-unknown-field"),
    ]


def test_all_files_are_told_of_in_one_run(capsys: pytest.CaptureFixture[str]) -> None:
    problems = json.loads(run("several.in-several-files", capsys, "--format", "json"))
    files = [Path(problem["file"]).name for problem in problems]
    assert sorted(set(files)) == ["demo.yaml", "gateway.yaml", "other.yaml", "third.yaml"]
    assert files == sorted(files)


def test_the_order_of_files_changes_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    forwards = run("name-collision", capsys)
    glob = Path.glob
    monkeypatch.setattr(Path, "glob", lambda self, pattern: sorted(glob(self, pattern), reverse=True))
    assert run("name-collision", capsys) == forwards


def test_json_gives_machines_the_place_and_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run("default-too-short", capsys, "--format", "json")) == [
        {
            "file": "tests/errors/default-too-short/demo.yaml",
            "line": 9,
            "column": 49,
            "length": 4,
            "code": "default-too-short",
            "message": "4 characters are fewer than min_length 5 (line 9)",
        }
    ]


def test_json_has_no_line_where_none_is_to_blame(capsys: pytest.CaptureFixture[str]) -> None:
    (problem,) = json.loads(run("no-schemas", capsys, "--format", "json"))
    assert (problem["line"], problem["column"], problem["length"]) == (None, None, None)


def test_json_is_ascii() -> None:
    problem = Problem(file="\x9b.yaml", code="x", message="\u202e\x1b[2J長")
    text = report(ProblemsFound([problem]), "json")
    assert text.isascii()
    assert json.loads(text)[0]["message"] == problem.message


def test_github_shows_the_message_beside_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("default-too-short", capsys, "--format", "github") == (
        "::error file=tests/errors/default-too-short/demo.yaml,line=9,col=49,title=default-too-short"
        "::4 characters are fewer than min_length 5 (line 9)\n"
    )
    assert run("no-schemas", capsys, "--format", "github").startswith(
        "::error file=tests/errors/no-schemas,title=no-schemas::"
    )


def test_github_commands_cannot_be_broken_out_of() -> None:
    problem = Problem(
        file="50%,a:b\r\n.yaml", span=Span(line=1, column=2), code="x", message="50%: a, b\r\n::error::\x1b[2J"
    )
    assert report(ProblemsFound([problem]), "github") == (
        "::error file=50%25%2Ca%3Ab%0D%0A.yaml,line=1,col=2,title=x::50%25: a, b%0D%0A::error::\\x1b[2J"
    )


def test_file_names_do_not_reach_the_terminal_raw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "\x1b[31m\u202eschemas"
    folder.mkdir()
    (folder / "\x07demo.yaml").write_text(VALID, encoding="utf-8")
    assert main(["check", "--schemas", str(folder)]) == 1
    err = capsys.readouterr().err
    assert "\\x1b[31m\\u202eschemas/\\x07demo.yaml:1:8: file-name:" in err
    assert all(c.isprintable() or c == "\n" for c in err)


def test_a_long_line_is_cut_around_the_place(tmp_path: Path) -> None:
    field = f"  style: {{doc: '{'x' * 500}', type: sting, limits: page, target: style}} # {'x' * 500}\n"
    (problem,) = _problems(tmp_path, VALID + field)
    _, source, caret = str(problem).split("\n")
    assert len(source) < 200
    assert source[caret.index("^") : caret.rindex("^") + 1] == "sting"


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, VALID + "#" * MAX_BYTES)
    assert problem.code == "too-large"


def test_a_file_of_the_greatest_size_is_read(tmp_path: Path) -> None:
    assert not _problems(tmp_path, VALID + "#" * (MAX_BYTES - len(VALID)))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_lines_are_counted_as_yaml_ends_them(line_end: str, tmp_path: Path) -> None:
    text = f"{VALID}  style: {{type: sting, target: style}}\n".replace("\n", line_end)
    (problem,) = _problems(tmp_path, text)
    assert (problem.span.line, problem.span.column) == (9, 17)
    assert problem.source_line == "  style: {type: sting, target: style}"


def test_a_byte_order_mark_takes_no_column(tmp_path: Path) -> None:
    (problem,) = _problems(tmp_path, "\ufeff" + VALID.replace("model: demo", "model: [demo]"))
    assert (problem.span.line, problem.span.column) == (1, 8)
    assert problem.source_line == "model: [demo]"


def test_hidden_files_are_none_of_the_schemas(tmp_path: Path) -> None:
    (tmp_path / ".#demo.yaml").write_text("what an editor leaves", encoding="utf-8")
    assert not _problems(tmp_path, VALID)


def test_texts_that_yaml_once_took_for_something_else_stay_texts(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text(
        VALID + "  ratio: {type: enum, options: {16:9: no, 1_0: off, 0o8: y}, default: 16:9, target: ratio}\n",
        encoding="utf-8",
    )
    (document,) = check(tmp_path).models
    assert document.data["fields"]["ratio"]["options"] == {"16:9": "no", "1_0": "off", "0o8": "y"}
    assert document.data["source"]["checked"] == "2026-11-21"


def test_what_modules_import_is_no_name_for_a_class_or_a_field(tmp_path: Path) -> None:
    modules = [path for path in (PACKAGE / "models").glob("*.py") if path.name != "__init__.py"]
    names = {name for path in modules for name in _imported(path) if name[0].isupper()}
    assert {"Annotated", "Request", "Field"} <= names
    for name in sorted(names):
        assert _codes_of(tmp_path, class_name=name) in (["name-collision"], ["bad-value"])
        assert _codes_of(tmp_path, field=name) == ["reserved-name"]


def test_what_the_package_offers_is_no_name_for_a_class(tmp_path: Path) -> None:
    names = {name for name in _imported(PACKAGE / "__init__.pyi", but="modelstream.models.") if name[0].isupper()}
    assert {"ModelStream", "TaskFailed"} <= names
    for name in sorted(names):
        assert _codes_of(tmp_path, class_name=name) in (["name-collision"], ["bad-value"])


def test_what_methods_take_beside_the_fields_is_no_name_for_a_field(tmp_path: Path) -> None:
    tree = ast.parse((RUNTIME / "_async" / "client.py").read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)]
    arguments = [a.arg for f in functions if f.args.kwarg for a in (*f.args.args, *f.args.kwonlyargs)]
    assert {"extra_body", "timeout"} <= set(arguments)
    for name in sorted(set(arguments)):
        assert _codes_of(tmp_path, field=name) in (["reserved-name"], ["bad-name"])


def test_what_a_request_can_do_is_no_name_for_a_field(tmp_path: Path) -> None:
    tree = ast.parse((RUNTIME / "request.py").read_text(encoding="utf-8"))
    [request] = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Request"]
    methods = {node.name for node in request.body if isinstance(node, ast.FunctionDef)}
    assert {"to_payload", "to_curl"} <= methods
    for name in sorted(methods):
        assert _codes_of(tmp_path, field=name) in (["reserved-name"], ["bad-name"])


def test_the_field_name_that_is_advised_can_be_used(tmp_path: Path) -> None:
    for name in ("class", "copy", "model", "model_", "model_config", "models", "timeout", "str", "Field"):
        problems = _problems(tmp_path, f"{VALID}  {name}: {{type: integer, target: seed}}\n")
        advised = [match[1] for problem in problems if (match := re.search(r"call the field (\w+)", problem.message))]
        assert bool(advised) == (name != "models")
        for other in advised:
            assert not _problems(tmp_path, f"{VALID}  {other}: {{type: integer, target: seed}}\n")


def test_whatever_a_node_is_replaced_by_is_told_without_a_crash(tmp_path: Path) -> None:
    whole = f"""\
{VALID}\
  seconds: {{type: integer, min: 2, max: 10, step: 2, default: 4, target: seconds}}
  mode: {{type: enum, options: {{a: A, b: B}}, default: a, target: mode}}
  image: {{type: image, many: {{max: 2}}, formats: [png], target: 'media[]', item: {{url: $value}}}}
  voice: {{type: audio, target: 'media[].voice', attach_to: image}}
  shots: {{type: list, class: Shot, target: 'shots[]', fields: {{length: {{type: integer}}}}}}
rules:
  - {{when: {{mode: [a]}}, forbids: [image]}}
  - {{when: {{voice: present}}, requires: [image]}}
  - {{count: [image], max: 2}}
  - {{sum: shots.length, equals: seconds}}
  - {{when: {{image: absent}}, max: {{seconds: 8}}}}
examples:
  - {{name: documented, values: {{prompt: A cat, mode: a, shots: [{{length: 4}}]}}}}
"""
    (tmp_path / "demo.yaml").write_text(whole, encoding="utf-8")
    (document,) = check(tmp_path).models
    for at in _locations(document.data):
        values: tuple[Any, ...] = (None, 5, "text", [], ["text"], {7: 7}, [None])
        for value in values:
            broken = json.dumps(_replaced(document.data, at, value)).replace('"7": 7', "7: 7")
            for problem in _problems(tmp_path, broken):
                assert str(problem).count("^")


def _codes_of(folder: Path, *, class_name: str = "Demo", field: str = "seed") -> list[str]:
    """What is wrong with a schema in which only a name is unusual."""
    text = VALID.replace("class: Demo", f"class: {class_name}") + f"  {field}: {{type: integer, target: seed}}\n"
    return [problem.code for problem in _problems(folder, text)]


def _imported(module: Path, *, but: str = "__future__") -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not str(node.module).startswith(but):
            yield from (alias.name for alias in node.names)


def _problems(folder: Path, text: str) -> list[Problem]:
    """What is wrong with the text, as the only schema of the folder."""
    (folder / "demo.yaml").write_bytes(text.encode())
    try:
        check(folder)
    except ProblemsFound as found:
        return found.problems
    return []


def _locations(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield at
    if isinstance(data, (dict, list)):
        for step in data if isinstance(data, dict) else range(len(data)):
            yield from _locations(data[step], (*at, step))


def _replaced(data: Any, at: tuple[Any, ...], value: Any) -> Any:
    if not at:
        return value
    entries = data.items() if isinstance(data, dict) else enumerate(data)
    copy = [(step, _replaced(entry, at[1:], value) if step == at[0] else entry) for step, entry in entries]
    return dict(copy) if isinstance(data, dict) else [entry for _, entry in copy]


def _codes_in(text: str) -> set[str]:
    return set(re.findall(r"^\S+: ([a-z-]+): ", text, flags=re.MULTILINE))


def _codes_in_source() -> Iterator[str]:
    """Every literal that the generator's source passes to a parameter called ``code``."""
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "generator").rglob("*.py")}
    positions = {path: dict(_parameters(tree)) for path, tree in modules.items()}
    shared = {name: at for known in positions.values() for name, at in known.items() if at is not None}
    for path, tree in modules.items():
        tables = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and isinstance(node.value, ast.Dict)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
            position = positions[path].get(name, shared.get(name))
            arguments = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
            if position is not None:
                arguments += call.args[position : position + 1]
            for argument in arguments:
                match argument:
                    case ast.Constant(value=str(code)):
                        yield code
                    case ast.Name(id="code"):
                        pass  # It was given to the function around the call.
                    case ast.Subscript(value=ast.Name(id=table)):
                        yield from (str(ast.literal_eval(value)) for value in tables[table].values)
                    case _:
                        pytest.fail(f"{path.name}:{argument.lineno}: write the code as a literal, so that tests see it")


def _parameters(tree: ast.Module) -> Iterator[tuple[str, int | None]]:
    """Every function, and where among its positional arguments the code is."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args if argument.arg != "self"]
            yield node.name, names.index("code") if "code" in names else None
