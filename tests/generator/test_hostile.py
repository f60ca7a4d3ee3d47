"""Whatever stands in the free texts of a schema stays a text: the package made from it imports, carries exactly those
strings, says the same words in its documentation, and runs nothing of them. The same holds for what a caller puts into
a request that is printed as a curl command."""

from __future__ import annotations

import ast
import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.emit.literals import docstring
from generator.emit.pages.markdown import code, table, text
from generator.format import format_python
from modelstream import KlingV3, VideoRequest
from modelstream_runtime.markdown import block

ROOT = Path(__file__).parents[2]

NASTY = (
    "q'\"\"\"'''\\ {{ x }} {% raw %} {# c #} {0} %s </script> $(touch canary) `touch canary` ${HOME} !! ;touch canary\n"
    "\"\"\"\nimport os; os.mkdir('canary')\n'''\n\");__import__('os').mkdir('canary');(\"\r\n\t"
    "\x00\x07\x1b[31m\x7f\x85\x9b\u2028\u200b\u202e\u2066\ufeff 日本語 🎬👩‍👧 \\N{DASH} \\x41 \\u0041 --> */ # \\"
)


def nasty(place: str) -> str:
    """A text that tells where it came from."""
    return f"{place} {NASTY}"


SCHEMA: dict[str, Any] = {
    "model": "nasty-1",
    "class": "Nasty1",
    "title": nasty("title"),
    "vendor": nasty("vendor"),
    "summary": nasty("summary"),
    "notes": nasty("notes"),
    "source": {"page": nasty("page"), "checked": "2026-11-21"},
    "fields": {
        "prompt": {"type": "string", "required": True, "target": "prompt", "doc": nasty("prompt doc")},
        "style": {
            "type": "enum",
            "options": {nasty("option"): nasty("label"), "a, 'b' or \"c\"": 'x: "y"', "\\": "'"},
            "default": nasty("option"),
            "target": "style",
            "doc": nasty("style doc"),
        },
        "words": {"type": "string", "default": nasty("default"), "target": "words", "doc": nasty("words doc")},
        "pictures": {
            "type": "image",
            "many": {"max": 2},
            "target": "metadata.media[]",
            "item": {"kind": nasty("constant"), "url": "$value"},
            "doc": nasty("pictures doc"),
        },
        "clips": {
            "type": "video",
            "many": {"max": 2},
            "target": "metadata.media[]",
            "item": {"kind": "clip", "url": "$value"},
            "doc": nasty("clips doc"),
        },
        "shots": {
            "type": "list",
            "class": "Shot",
            "target": "metadata.shots[]",
            "item": {"kind": nasty("shot constant"), "text": "$text"},
            "doc": nasty("shots doc"),
            "fields": {
                "text": {
                    "type": "enum",
                    "options": [nasty("shot option"), "x"],
                    "required": True,
                    "doc": nasty("text doc"),
                }
            },
        },
    },
    "rules": [
        {"when": {"style": nasty("option")}, "requires": ["pictures"], "because": nasty("because")},
        {"when": {"words": nasty("default")}, "ignores": ["clips"], "because": nasty("ignored because")},
    ],
    "examples": [{"name": "documented", "values": {"prompt": nasty("example"), "pictures": ["https://a.example/b"]}}],
}
for _field in SCHEMA["fields"].values():
    _field["evidence"] = "page"


def as_yaml(value: Any) -> str:
    """The value in YAML's flow style, every text in double quotes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{as_yaml(key)}: {as_yaml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_yaml, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'
    return json.dumps(value)


def generate(folder: Path, out: Path) -> None:
    command = [sys.executable, "-m", "generator", "generate", "--schemas", "schemas", "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the hostile schemas and the package made from them; nothing may have been run there."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "schemas").mkdir()
    (folder / "schemas" / "nasty-1.yaml").write_text(as_yaml(SCHEMA), encoding="utf-8")
    gateway = (ROOT / "schemas" / "gateway.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("title: ModelStream", f"title: {as_yaml(nasty('gateway title'))}"),
        ("{page: generic,", f"{{page: {as_yaml(nasty('gateway page'))},"),
        ("pending, created,", f"pending, created, {as_yaml(nasty('spelling'))},"),
        ("[0, 200, success,", f"[0, 200, success, {as_yaml(nasty('success'))},"),
        ("no_channel_codes: [", f"no_channel_codes: [{as_yaml(nasty('channel code'))}, "),
        ("codes: [task_not_exist]", f"codes: [task_not_exist, {as_yaml(nasty('error code'))}]"),
    ):
        assert gateway.count(old) == 1
        gateway = gateway.replace(old, new)
    (folder / "schemas" / "gateway.yaml").write_text(gateway, encoding="utf-8")
    generate(folder, folder / "out")
    yield folder
    assert canaries(folder) == []


def canaries(folder: Path) -> list[Path]:
    """What a text that was run would have left."""
    return [*folder.rglob("canary*"), *Path.cwd().glob("canary*")]


PROGRAM = """
import json
from modelstream import InvalidRequest, Nasty1, Nasty1Shot
from modelstream.gateway import GATEWAY

def literals(annotation):
    inner = getattr(annotation, "__args__", ())
    return [value for part in inner for value in ([part] if isinstance(part, str) else literals(part))]

def refused(**values):
    try:
        Nasty1(**values)
    except InvalidRequest as error:
        return [problem.message for problem in error.problems]

request = Nasty1(prompt="p", pictures="https://a.example/b", shots=[Nasty1Shot(text="x")])
fields = Nasty1.model_fields
print(json.dumps({
    "options": literals(fields["style"].annotation),
    "shot options": literals(Nasty1Shot.model_fields["text"].annotation),
    "defaults": [fields["style"].default, fields["words"].default],
    "payload": request.to_payload(),
    "same": Nasty1.from_payload(request.to_payload()) == request,
    "curl": request.to_curl(),
    "reasons": [rule.because for rule in Nasty1._rules],
    "no pictures": refused(prompt="p"),
    "no option": refused(prompt="p", style="nasty"),
    "statuses": GATEWAY.statuses,
    "success codes": GATEWAY.success_codes,
    "errors": GATEWAY.errors,
    "no channel": GATEWAY.no_channel_codes,
}))
"""


@pytest.fixture(scope="module")
def facts(work: Path) -> dict[str, Any]:
    """What a program that uses the package sees."""
    environment = os.environ | {"PYTHONPATH": str(work / "out")}
    command = [sys.executable, "-W", "error", "-c", PROGRAM]
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def test_options_and_defaults_are_exact(facts: dict[str, Any]) -> None:
    assert facts["options"] == list(SCHEMA["fields"]["style"]["options"])
    assert facts["shot options"] == [nasty("shot option"), "x"]
    assert facts["defaults"] == [nasty("option"), nasty("default")]


def test_the_payload_is_exact_and_gives_the_request_back(facts: dict[str, Any]) -> None:
    assert facts["payload"] == {
        "model": "nasty-1",
        "prompt": "p",
        "style": nasty("option"),
        "words": nasty("default"),
        "metadata": {
            "media": [{"kind": nasty("constant"), "url": "https://a.example/b"}],
            "shots": [{"kind": nasty("shot constant"), "text": "x"}],
        },
    }
    assert facts["same"] is True


def test_reasons_and_messages_are_exact(facts: dict[str, Any]) -> None:
    assert facts["reasons"] == [nasty("because"), nasty("ignored because")]
    assert facts["no pictures"] == [f"is needed with style={nasty('option')!r}: {nasty('because')}"]
    options = ", ".join(map(repr, SCHEMA["fields"]["style"]["options"]))
    assert facts["no option"] == [f"'nasty' is not one of {options}"]


def test_the_gateway_is_exact(facts: dict[str, Any]) -> None:
    folded = nasty("spelling").casefold().replace("_", "").replace("-", "").replace(" ", "")
    assert facts["statuses"][folded] == "queued"
    assert facts["success codes"][3] == nasty("success")
    assert ["NotFoundError", None, ["task_not_exist", nasty("error code")]] in facts["errors"]
    assert facts["no channel"][0] == nasty("channel code")


def words(text: str) -> str:
    """The text with every break and every gap made one space."""
    return " ".join(text.split())


def documented(path: Path) -> str:
    """All docstrings of a module, those of fields included."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    statements = [node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    texts = [node.value for node in statements if isinstance(node, ast.Constant)]
    return words("\n".join(map(str, texts)))


@pytest.mark.parametrize(
    "place",
    ["title", "vendor", "summary", "notes", "page", "prompt doc", "style doc", "words doc", "pictures doc", "clips doc",
     "shots doc", "text doc", "label", "ignored because"],
)  # fmt: skip
def test_the_documentation_has_the_same_words(place: str, work: Path) -> None:
    assert words(nasty(place)) in documented(work / "out/modelstream/models/nasty_1.py")


@pytest.mark.parametrize("text", ['"', '""', '"""', '""""', 'a"""', '"""""a"', '\\"', '\\"""', '"""\\', "'" * 3])
def test_a_docstring_ends_where_it_should(text: str) -> None:
    assert ast.literal_eval(docstring(text)) == text


@pytest.mark.parametrize(("place", "path"), [("gateway title", "__init__.py"), ("gateway page", "gateway.py")])
def test_the_documentation_of_the_gateway_has_the_same_words(place: str, path: str, work: Path) -> None:
    assert words(nasty(place)) in documented(work / "out/modelstream" / path)


def test_no_generated_file_holds_a_character_that_hides(work: Path) -> None:
    """Nobody who reviews the package is shown a text that is not there, or misses one that is."""
    for path in (path for path in (work / "out").rglob("*") if path.suffix in (".py", ".pyi")):
        text = path.read_text(encoding="utf-8")
        assert [c for c in text if not c.isprintable() and c != "\n"] == [], path


def test_the_json_schemas_are_exact(work: Path) -> None:
    folder = work / "out/modelstream/schemas"
    form = json.loads((folder / "nasty_1.form.json").read_text(encoding="utf-8"))
    wire = json.loads((folder / "nasty_1.wire.json").read_text(encoding="utf-8"))
    for place in ("option", "label", "default", "shot option"):
        assert nasty(place) in texts_in(form)
    for place in ("option", "constant", "shot constant"):
        assert nasty(place) in texts_in(wire)


def texts_in(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [*node, *(text for value in node.values() for text in texts_in(value))]
    if isinstance(node, list):
        return [text for value in node for text in texts_in(value)]
    return [node] if isinstance(node, str) else []


# The pages about the models, as a reader of Markdown sees them.

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SAFE_TOKENS = {
    *("heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item", "em", "strong"),
    *("inline", "text", "softbreak", "code_inline", "fence", "html_block", "html_inline", "link"),
}


def tokens(markdown: str) -> Iterator[Token]:
    for token in MARKDOWN.parse(markdown):
        yield token
        yield from token.children or ()


def kind(token: Token) -> str:
    return token.type.removesuffix("_open").removesuffix("_close")


@pytest.fixture(scope="module")
def pages(work: Path) -> dict[str, str]:
    """The page about the model, and the comparison."""
    return {path.stem: path.read_text(encoding="utf-8") for path in (work / "docs/models").glob("*.md")}


def test_no_text_is_markup_on_a_page(pages: dict[str, str]) -> None:
    assert set(pages) == {"nasty-1", "README"}
    for page in pages.values():
        seen = list(tokens(page))
        assert {kind(token) for token in seen} <= SAFE_TOKENS
        blocks = [token.content for token in seen if token.type == "html_block"]
        assert [content.count("<!--") for content in blocks] == [1]
        assert {token.content for token in seen if token.type == "html_inline"} <= {"<code>", "</code>"}
        links = {token.attrs["href"] for token in seen if token.type == "link_open"}
        assert links <= {"README.md", "nasty-1.md"}


def test_every_row_of_a_page_has_all_cells(pages: dict[str, str]) -> None:
    for page in pages.values():
        tables = [line for line in page.splitlines() if line.startswith("| ")]
        assert len(tables) > 2
        cells = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in tables]
        rows = [token for token in MARKDOWN.parse(page) if token.type == "tr_open"]
        # Without the line of dashes below the headings of each table.
        assert len(rows) == len(tables) - sum(line.startswith("| ---") for line in tables)
        assert set(cells) <= {6, 7, 8}


def rendered(page: str) -> str:
    """The words that a reader sees, each gap as one space."""
    seen = (token.content for token in tokens(page) if token.type in ("text", "code_inline", "fence"))
    return words("".join(seen))


@pytest.mark.parametrize(
    "place",
    ["title", "vendor", "summary", "page", "prompt doc", "style doc", "label", "option", "shot option", "default",
     "because", "ignored because"],
)  # fmt: skip
def test_a_page_has_the_same_words(place: str, pages: dict[str, str]) -> None:
    # What stands between backticks is code, and the backticks are gone.
    def plain(text: str) -> str:
        return re.sub(r"[`\s]", "", text)

    first_line = NASTY.splitlines()[0]
    assert plain(f"{place} {first_line}") in plain(rendered(pages["nasty-1"]))


def test_no_page_holds_a_character_that_hides(pages: dict[str, str]) -> None:
    for page in pages.values():
        before_curl = page.partition("### curl")[0]
        assert [c for c in before_curl if not c.isprintable() and c != "\n"] == []
        assert {"\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\r"}.isdisjoint(page)


def test_a_page_says_what_no_command_line_can_hold(pages: dict[str, str]) -> None:
    assert "### Command line\n\nNo command line can hold these values.\n" in pages["nasty-1"]


@pytest.mark.parametrize(
    "words",
    ["a|b", "a\\|b", "`", "``", "`a|b`", "`a\\`", "a\n\n# b", "- a", "1. a", "1) a", "+ a", "===", "---", "# a", "> a",
     "<b>a</b>", "&lt;", "[a](b)", "![a](b)", "*a*", "_a_", "__a__", "~~a~~", "https://a.example", "www.a.example",
     "{{ x }}", "{% x %}", "$a$", "a\\", "    a", "\ta", "<!-- a", "``` a"],
)  # fmt: skip
def test_markdown_stays_a_text(words: str) -> None:
    for page in (text(words), f"- {text(words)}", table(["a", "b"], [[text(words), code(words)]]), code(words)):
        seen = list(tokens(page))
        assert {kind(token) for token in seen} <= SAFE_TOKENS - {
            "heading",
            "em",
            "strong",
            "html_block",
            "link",
            "fence",
        }
        assert {token.content for token in seen if token.type == "html_inline"} <= {"<code>", "</code>"}
        assert "{{" not in page
        assert "{%" not in page
        assert not re.search(r"https?://|www\.", text(words)), "some readers make links of addresses"
        shown = "".join(t.content for t in seen if t.type in ("text", "code_inline"))
        assert "".join(words.split()).replace("`", "") in shown.replace(" ", "").replace("`", "").replace("\\n", "")


def test_code_ends_where_it_should() -> None:
    for source in ("a", "```", "````\n```", "~~~", "```\n\n# b"):
        [fence] = MARKDOWN.parse(block("sh", source))
        assert (fence.type, fence.content) == ("fence", f"{source}\n")


def test_the_package_is_in_the_projects_style(work: Path) -> None:
    made = ["__init__.py", "_async/dispatch.py", "catalog.py", "gateway.py", "models/nasty_1.py"]
    sources = {path: (work / "out/modelstream" / path).read_text(encoding="utf-8") for path in made}
    assert format_python(sources) == sources


def test_generating_again_changes_nothing(work: Path) -> None:
    again = work / "again"
    generate(work, again)
    compared = filecmp.dircmp(work / "out", again)
    assert differences(compared) == []
    shutil.rmtree(again)


def differences(compared: filecmp.dircmp[str]) -> list[str]:
    here = [*compared.left_only, *compared.right_only, *compared.diff_files, *compared.funny_files]
    names = [name for name in here if name != "__pycache__"]
    return [*names, *(name for inner in compared.subdirs.values() for name in differences(inner))]


def test_mypy_accepts_the_package(work: Path, tmp_path: Path) -> None:
    modules = [
        "modelstream",
        "modelstream.gateway",
        "modelstream._async.dispatch",
        "modelstream._sync.dispatch",
        "modelstream.models.nasty_1",
    ]
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}"]
    options = ["--follow-imports=silent", *(word for module in modules for word in ("-m", module))]
    environment = os.environ | {"MYPYPATH": f"{work / 'out'}:{ROOT / 'runtime'}"}
    done = subprocess.run([*command, *options], cwd=work, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


# The curl command, in real shells that have a curl which tells what it is given.

SHELLS = {
    "bash": ["bash", "--norc", "--noprofile"],
    "sh": ["sh"],
    # What is pasted at a prompt is also searched for "!", which calls an old command.
    "bash at a prompt": ["bash", "--norc", "--noprofile", "-i"],
}
TOLD = "curl() { printf '%s\\0' \"$@\" > told; }\n"


def given_to_curl(shell: str, command: str, folder: Path) -> list[str]:
    (folder / "told").unlink(missing_ok=True)
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HISTFILE": "", "HOME": str(folder)}
    lines = f"{TOLD}{command}\n"
    done = subprocess.run(SHELLS[shell], input=lines.encode(), cwd=folder, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr
    return (folder / "told").read_bytes().decode().split("\0")[:-1]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_curl_command_of_a_hostile_schema_is_only_data(shell: str, work: Path, facts: dict[str, Any]) -> None:
    arguments = given_to_curl(shell, facts["curl"], work)
    assert arguments[:-1] == [
        *("-X", "POST", "https://api.modelstream.ai/v1/video/generations"),
        *("-H", "Authorization: Bearer <token>", "-H", "Content-Type: application/json", "-d"),
    ]
    assert json.loads(arguments[-1]) == facts["payload"]


@pytest.mark.parametrize("shell", SHELLS)
def test_a_curl_command_of_a_hostile_caller_is_only_data(shell: str, tmp_path: Path) -> None:
    key = "k!x!!$(touch canary)`touch canary`\"'\\${HOME}"
    base_url = "http://localhost/!!$(touch canary)`touch canary`\\"
    requests = [
        KlingV3(prompt=NASTY, negative_prompt="''';touch canary;'"),
        VideoRequest(model=NASTY, prompt="'", user="!!", metadata={NASTY: [NASTY, None]}),
    ]
    for request in requests:
        arguments = given_to_curl(shell, request.to_curl(key, base_url=base_url), tmp_path)
        assert arguments[2] == f"{base_url}/v1/video/generations"
        assert arguments[4] == f"Authorization: Bearer {key}"
        assert json.loads(arguments[-1]) == request.to_payload()
    assert canaries(tmp_path) == []


def test_a_curl_command_shows_what_it_is() -> None:
    """No character in it moves a cursor, hides a word or turns the order around."""
    command = KlingV3(prompt=NASTY).to_curl()
    hidden = {"\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066", "\r", "\t"}
    assert hidden.isdisjoint(command)
    assert "日本語 🎬👩‍👧" in command


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\x00b", "a\x1bb", "a\u2028b"])
def test_no_line_break_gets_into_an_address_or_a_key(text: str) -> None:
    request = KlingV3(prompt="p")
    with pytest.raises(ValueError, match="control characters"):
        request.to_curl(text)
    with pytest.raises(ValueError, match="control characters"):
        request.to_curl(base_url=f"http://{text}")
