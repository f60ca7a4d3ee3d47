"""The documentation is true: its examples run, and print what it says they print."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path

import pytest

import modelstream
from generator.check import check
from generator.diagnostics import ProblemsFound
from modelstream import MODELS, KlingV3, SubmitUnknown, gateway
from tests.support.server import VIDEO, VideoGateway, serve

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """An empty folder, and a key and a gateway from the environment, as a reader would have them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hero.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    monkeypatch.setattr(gateway, "FIRST_PAUSE", 0.01)
    with serve(VideoGateway()) as server:
        monkeypatch.setenv(gateway.API_KEY_VARIABLE, "a-key")
        monkeypatch.setenv(gateway.BASE_URL_VARIABLE, server.url)
        yield


def blocks(path: str) -> list[tuple[str, str]]:
    """Language and text of every code block."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return [
        (language, re.sub(rf"^{indent}", "", body, flags=re.MULTILINE))
        for indent, language, body in BLOCK.findall(text)
    ]


def run(code: str, names: dict[str, object]) -> str:
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, "example", "exec"), names)  # noqa: S102
    return printed.getvalue()


def test_readme_prints_what_it_says() -> None:
    names: dict[str, object] = {}
    expected = iter(blocks("README.md"))
    compared = 0
    for language, code in expected:
        if language != "python":
            continue
        printed = run(code, names)
        if printed and "abcd1234efgh" not in code:
            assert next(expected) == ("text", printed)
            compared += 1
    assert compared == 3
    assert Path("coffee.mp4").read_bytes() == VIDEO


def test_readme_quotes_the_error_of_a_lost_answer() -> None:
    request = KlingV3(prompt="A cup of coffee")
    error = SubmitUnknown(
        "the answer was lost (ReadTimeout): ReadTimeout: timed out",
        request=request,
        payload=request.to_payload(),
        reference="6addc986ca41405a",
        elapsed=300.0,
    )
    quotes = [" ".join(text.split()) for language, text in blocks("README.md") if language == "text"]
    assert f"modelstream.errors.SubmitUnknown: {error}" in quotes


def test_readme_shows_the_error_of_a_broken_schema(tmp_path: Path) -> None:
    texts = blocks("README.md")
    example = next(text for language, text in texts if language == "yaml")
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "example-v1.yaml").write_text(example, encoding="utf-8")
    assert check(folder).models
    (folder / "example-v1.yaml").write_text(example.replace("max_length", "max_lenght"), encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        check(folder)
    assert [f"{problem}\n" for problem in found.value.problems] == [t for _, t in texts if "max_lenght" in t]


def test_contributing_shows_the_language(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for language, text in blocks("CONTRIBUTING.md"):
        if language == "yaml":
            (tmp_path / "schemas" / "example-v1.yaml").write_text(text, encoding="utf-8")
    assert len(check(tmp_path / "schemas").models) == 1


def test_every_public_name_has_an_example_that_runs() -> None:
    examples = [text for language, text in blocks("docs/reference.md") if language == "python"]
    for example in examples:
        run(example, {"__name__": "__main__"})
    words = set(re.findall(r"\w+", "\n".join(examples)))
    # A model's class, and those of its items, document themselves.
    of_models = {
        name for name in modelstream.__all__ if name.startswith(tuple(cls.__name__ for cls in MODELS.values()))
    }
    assert "KlingV3" in of_models
    assert set(modelstream.__all__) - of_models - words == set()


def test_recipes_run() -> None:
    examples = [text for language, text in blocks("docs/recipes.md") if language == "python"]
    assert len(examples) > 8
    for example in examples:
        run(example, {"__name__": "__main__"})
    assert sorted(path.name for path in Path().glob("*.mp4")) == [
        "boat.mp4", "hero.mp4", "scene-0.mp4", "scene-1.mp4", "scene-2.mp4", "valley.mp4",
    ]  # fmt: skip
