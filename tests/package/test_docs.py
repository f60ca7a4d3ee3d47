"""The documentation is true: its examples run against the shipped mock gateway and print what the page shows.

A ``python`` or ``sh`` block is an example. A ``text`` block right below it is its output. ``pytest --update-docs``
writes what the examples print into the pages; read the difference before you commit it.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from difflib import unified_diff
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

import modelstream
from generator.__main__ import main as generator
from generator.check import check
from generator.diagnostics import ProblemsFound
from scripts import demo
from tests.support.language_models import LanguageModel, language_model

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
SAVED = {
    "README.md": ["coffee.mp4"],
    "docs/command-line.md": ["coffee.mp4"],
    "docs/recipes.md": ["boat.mp4", "hero.mp4", "scene-0.mp4", "scene-1.mp4", "scene-2.mp4", "valley.mp4"],
    "docs/reference.md": ["boat.mp4"],
}
"""The videos that the examples of a page leave behind."""
WIDTH = 120

BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)

SET_UP = re.compile(r"(pip install|nox|python3\.11 -m venv)\b")
"""Commands that install something. CI and the sessions of nox run them."""
MOCK = re.compile(r"modelstream mock|python -m modelstream\.mock")
"""A command that starts the mock gateway. The examples below it, up to the next heading, talk to that gateway."""

ID = "abcd1234efgh"
"""In a page: the task that was submitted last, and in an output any task."""
URL = "http://127.0.0.1:8765"
VARYING = [
    (r"(reference|perhaps bought:|look for) [0-9a-f]{16}\b", r"\1 6addc986ca41405a"),
    (r"sent \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "sent 2026-11-21 12:00:00 UTC"),
    (r"\b\d+\.\d s after sending", "0.0 s after sending"),
    (r"after \d+:\d\d\b", "after 0:05"),
    (r"after \d+ s\b", "after 0 s"),
    (r"\b\d+\.\d\ds\b", "0.05s"),
    (r"'seed': \d+", "'seed': 1"),
    (r"(-\d+)-[0-9a-f]{6}\.mp4", r"\1-1ffed5.mp4"),
]
"""What differs from run to run, and what the pages show in its place."""

WITHOUT_PAUSES = """\
modelstream() {
    case "$1 $2" in "generate "*|"wait "*|"batch run") set -- "$@" --interval 0.01;; esac
    command modelstream "$@"
}
set -eo pipefail
"""
"""Put before each command, so that nothing waits for the clock."""


class Block(NamedTuple):
    language: str
    text: str
    start: int
    end: int


class Example(NamedTuple):
    """A block to run, and the block that shows its output."""

    block: Block
    output: Block | None
    section: str


def blocks(page: str) -> list[Block]:
    """All code blocks, without the indentation that a list gives them."""
    return [
        Block(found[2], re.sub(f"^{found[1]}", "", found[3], flags=re.MULTILINE), found.start(3), found.end(3))
        for found in BLOCK.finditer(page)
    ]


def examples(page: str) -> list[Example]:
    """The examples of a page in order. A ``text`` block that belongs to none is an error."""
    found: list[Example] = []
    output = None
    in_order = blocks(page)
    for block, following in zip_longest(in_order, in_order[1:]):
        if block.language in ("python", "sh"):
            between = page[block.end : following.start] if following else ""
            output = following if following and re.fullmatch(r" *```\s+```text\n", between) else None
            headings = re.findall(r"^## .*$", page[: block.start], re.MULTILINE)
            found.append(Example(block, output, headings[-1] if headings else ""))
        else:
            assert block.language != "text" or block is output, f"no example prints this:\n{block.text}"
    return found


class Reader:
    """Somebody who tries the examples of a page one after another in an empty folder, with a mock gateway."""

    def __init__(self, url: str, *, names: dict[str, object] | None = None) -> None:
        self.url = url
        self.names = names
        """The names that all Python examples share; by default each is complete in itself."""

    def run(self, block: Block) -> str:
        """What the example prints. An example that fails has to show why in its output."""
        code = block.text.replace(ID, self.last_task())
        if block.language == "sh":
            return self.shell(code)
        if re.search(r"^def test_", code, re.MULTILINE):
            Path("test_example.py").write_text(code, encoding="utf-8")
            command = [sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "test_example.py"]
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
        with redirect_stdout(io.StringIO()) as printed:
            names = {"__name__": "__main__"} if self.names is None else self.names
            exec(compile(code, "example", "exec"), names)  # noqa: S102
        return printed.getvalue()

    def shell(self, code: str) -> str:
        script = WITHOUT_PAUSES + code
        done = subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        printed = done.stdout.decode()
        assert done.returncode == 0 or "Error: " in printed, printed
        return printed

    def last_task(self) -> str:
        return next(iter(reversed(self.tasks())), ID)

    def tasks(self) -> list[str]:
        """The ids of all tasks that the gateway knows."""
        with urllib.request.urlopen(f"{self.url}/__mock/journal", timeout=20) as response:  # noqa: S310
            entries = json.load(response)["entries"]
        return [entry["task_id"] for entry in entries if entry["bought"]]

    def shown(self, printed: str) -> str:
        """The output as a page shows it."""
        for task in self.tasks():
            printed = printed.replace(task, ID)
        return normalized(printed.replace(self.url, URL))


def normalized(printed: str) -> str:
    """The output without what varies, and without lines that are too long for a page."""
    for pattern, replacement in VARYING:
        printed = re.sub(pattern, replacement, printed)
    lines = (line.rstrip() for line in printed.strip("\n").splitlines())
    return "".join(f"{line}\n" for each in lines for line in wrapped(each))


def wrapped(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False) if len(line) > WIDTH else [line]


@contextmanager
def mock_gateway(command: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The mock gateway that a command of a page starts, on a free port: its address and its welcome."""
    words = command.split()
    program = [sys.executable, *words[1:]] if words[0] == "python" else [sys.executable, "-m", *words]
    with subprocess.Popen([*program, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            while not lines[-1].rstrip().endswith("}'"):  # The welcome ends with a curl command.
                lines.append(process.stdout.readline())
                assert lines[-1], lines
            settings = dict(re.findall(r"(MODELSTREAM_\w+)=(\S+)", "".join(lines)))
            for name, value in settings.items():
                monkeypatch.setenv(name, value)
            yield settings["MODELSTREAM_BASE_URL"], "".join(lines)
        finally:
            process.terminate()


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder with the files that the pages talk about, and this Python's programs first in the path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("MODELSTREAM_HOME", str(tmp_path / "home"))
    (tmp_path / "hero.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    shutil.copy(ROOT / "tests/goldens/viduq2-pro-fast/documented/curl.txt", tmp_path / "documented.txt")
    return tmp_path


def rerun(page: str, monkeypatch: pytest.MonkeyPatch, *, shared: bool) -> str:
    """The page with the outputs that its examples have now."""
    names: dict[str, object] | None = {"__name__": "__main__"} if shared else None
    pieces, copied = [], 0
    with ExitStack() as gateways:
        plain, _ = gateways.enter_context(mock_gateway("modelstream mock", monkeypatch))
        url, section = plain, ""
        for block, output, heading in examples(page):
            if SET_UP.match(block.text):
                continue
            if heading != section:
                url, section = plain, heading
            if MOCK.match(block.text):
                url, printed = gateways.enter_context(mock_gateway(block.text, monkeypatch))
            else:
                monkeypatch.setenv("MODELSTREAM_BASE_URL", url)
                printed = Reader(url, names=names).run(block)
            if output is not None:
                pieces += [page[copied : output.start], Reader(url).shown(printed)]
                copied = output.end
            else:
                assert printed == "" or MOCK.match(block.text), f"the page does not show this output:\n{printed}"
    return "".join([*pieces, page[copied:]])


@pytest.fixture
def language_models(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The vendors' SDKs talk to a language model on loopback, which makes a video with the tools that it is offered."""
    with language_model(LanguageModel()) as environment:
        for variable, value in environment.items():
            monkeypatch.setenv(variable, value)
        yield


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("folder", "language_models", "modelstream_without_pauses")
@pytest.mark.filterwarnings("ignore:The model '.*' is deprecated:DeprecationWarning")  # Examples grow old.
def test_examples_print_what_the_page_shows(
    name: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    page = (ROOT / name).read_text(encoding="utf-8")
    now = rerun(page, monkeypatch, shared=name == "README.md")
    if request.config.getoption("--update-docs"):
        (ROOT / name).write_text(now, encoding="utf-8")
    else:
        videos = sorted(Path().glob("*.mp4"))
        assert [path.name for path in videos] == SAVED.get(name, [])
        assert all(path.read_bytes()[4:8] == b"ftyp" for path in videos)
        difference = "\n".join(unified_diff(page.splitlines(), now.splitlines(), name, "what the examples print"))
        assert not difference, difference


def test_the_checks_can_fail(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "```python\nprint(1)\n```\n\n```text\n2\n```\n"
    assert rerun(wrong, monkeypatch, shared=False) == wrong.replace("2", "1")
    with pytest.raises(AssertionError, match="no example prints this"):
        examples("Some words.\n\n```text\n2\n```\n")
    with pytest.raises(AssertionError, match="does not show this output"):
        rerun("```python\nprint(1)\n```\n", monkeypatch, shared=False)
    with pytest.raises(ZeroDivisionError):
        rerun("```python\n1 / 0\n```\n", monkeypatch, shared=False)
    with pytest.raises(AssertionError, match="command not found"):
        rerun("```sh\nno-such-program\n```\n", monkeypatch, shared=False)


def test_every_public_name_has_an_example() -> None:
    reference = blocks((ROOT / "docs/reference.md").read_text(encoding="utf-8"))
    words = set(re.findall(r"\w+", "\n".join(block.text for block in reference if block.language == "python")))
    # Classes of models are in docs/models, where each has an example of its own.
    names = {name for name in modelstream.__all__ if not _is_of_a_model(getattr(modelstream, name))}
    assert names - words == set()


def _is_of_a_model(value: object) -> bool:
    return str(getattr(value, "__module__", "")).startswith("modelstream.models.")


def test_every_error_of_the_package_is_in_the_table_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| `.*?\|", readme, re.MULTILINE))))
    public = (getattr(modelstream, name) for name in modelstream.__all__)
    errors = {
        each.__name__ for each in public if isinstance(each, type) and issubclass(each, modelstream.ModelStreamError)
    }
    assert errors - listed == {"ModelStreamError", "APIError"}


def test_the_demo_prints_what_the_readme_shows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The README leaves lines out where it says ``...``, or none if there are none."""
    monkeypatch.setattr(demo, "VIDEOS", tmp_path / "demo")
    monkeypatch.setattr(demo, "generator", lambda arguments: generator([*arguments, "--check"]))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    for name in ("MODELSTREAM_BASE_URL", "MODELSTREAM_API_KEY"):
        monkeypatch.setenv(name, "")  # The demo sets them; afterwards they are as they were.
    demo.demo()
    printed = re.sub(r"http://127\.0\.0\.1:\d+", URL, capfd.readouterr().out)
    printed = re.sub(r"^  \S+ (?=queued|in_progress|completed)|(?<=task )\S+", _with_id, printed, flags=re.MULTILINE)
    shown = next(text for _, text, *_ in blocks((ROOT / "README.md").read_text(encoding="utf-8")) if "== " in text)
    pattern = re.sub(r"\\\.\\\.\\\.(\\\n)?", "(?s:.*)", re.escape(shown.strip()))
    assert re.fullmatch(pattern, printed.strip()), printed


def _with_id(found: re.Match[str]) -> str:
    return f"  {ID} " if found[0].startswith(" ") else ID


def test_contributing_shows_the_language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Both schemas are right, and a mistake in the first one gives the error that the page shows."""
    monkeypatch.chdir(tmp_path)
    schema = Path("schemas") / "example-v1.yaml"
    schema.parent.mkdir()
    texts = [text for _, text, *_ in blocks((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))]
    first, second = (text for text in texts if text.startswith("# yaml-language-server"))
    for text in (first, second):
        schema.write_text(text, encoding="utf-8")
        assert len(check(schema.parent).models) == 1
    schema.write_text(first.replace("max_length", "max_lenght"), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        check(schema.parent)
    assert "".join(f"{problem}\n" for problem in found.value.problems) in texts


def test_the_mypy_plugin_of_pydantic_finds_wrong_calls_with_the_documented_options(tmp_path: Path) -> None:
    reference = blocks((ROOT / "docs/reference.md").read_text(encoding="utf-8"))
    options = next(text for language, text, *_ in reference if language == "toml")
    (tmp_path / "pyproject.toml").write_text(options, encoding="utf-8")
    (tmp_path / "calls.py").write_text(
        "from modelstream import KlingV3\n"
        "KlingV3(prompt='A boat', mode='pro')\n"
        "KlingV3(prompt='A boat', mode='prro')\n"
        "KlingV3(prompt='A boat', promt='A boat')\n",
        encoding="utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--no-pretty", "--config-file=pyproject.toml", "calls.py"]
    path = os.pathsep.join(sorted({str(Path(str(modelstream.__file__)).parents[1])}))
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, timeout=300, env=os.environ | {"MYPYPATH": path}
    )
    assert re.findall(r"^calls.py:(\d+): error", done.stdout, re.MULTILINE) == ["3", "4"], done.stdout + done.stderr
