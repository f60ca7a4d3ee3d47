"""``modelstream tools`` prints definitions for hosts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.format_names import FORMATS, Format
from modelstream_runtime.agents.formats import tool_definitions
from modelstream_runtime.agents.tools import GENERIC, tools_of
from modelstream_runtime.cli import run

MODELS = list(CATALOG.models)[:2]


@pytest.mark.parametrize("format", FORMATS)
def test_it_prints_the_definitions(format: Format, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(CATALOG, ["tools", "--format", format, "--models", ", ".join(MODELS)]) == 0
    assert json.loads(capsys.readouterr().out) == tool_definitions(tools_of(CATALOG, MODELS), format)


def test_it_prints_strict_definitions(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(CATALOG, ["tools", "--format", "openai", "--strict"]) == 0
    assert json.loads(capsys.readouterr().out) == tool_definitions(GENERIC, "openai", strict=True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--format", "gemini", "--strict"],
            "'gemini' has no strict definitions; openai, openai-chat and anthropic have",
        ),
        (["--format", "openai", "--models", "nothing"], "'nothing' is not one of"),
        (["--format", "cohere"], "'cohere' is not one of 'openai'"),
        ([], "Missing option '--format'"),
    ],
)
def test_wrong_options_are_a_wrong_call(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(CATALOG, ["tools", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
