"""What the command line says about itself: help, models, versions, completion, and what it needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from modelstream import MODELS, schemas
from modelstream.catalog import CATALOG
from modelstream.cli import main
from modelstream.mock import MockGateway
from modelstream_runtime.about import install_advice
from modelstream_runtime.cli.completion import completion_variable
from tests.support.command import PATIENCE, SCRIPT, run_script, surroundings, terminal

ROOT = Path(__file__).parents[2]
SHELLS = {"bash": ["bash", "--norc"], "zsh": ["zsh"], "fish": ["fish", "--no-config"]}
COMMANDS = (
    "generate",
    "wait",
    "task",
    "tasks",
    "batch",
    "models",
    "studio",
    "mock",
    "mcp",
    "tools",
    "from-curl",
    "completion",
)

BATCH_COMMANDS = ("run", "status", "export", "retry", "cancel", "resolve")
TASKS_COMMANDS = ("show", "resolve")


@pytest.mark.parametrize(
    "words",
    [
        [],
        *([command] for command in COMMANDS),
        *(["generate", model] for model in (*MODELS, "other-model")),
        *(["batch", command] for command in BATCH_COMMANDS),
        *(["tasks", command] for command in TASKS_COMMANDS),
    ],
)
def test_help_of_everything(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    shown = capsys.readouterr()
    assert main([*words, "-h"]) == 0
    assert capsys.readouterr() == shown
    assert shown.err == ""
    assert shown.out.startswith(f"Usage: {' '.join(['modelstream', *words])} [OPTIONS]")
    schema = json.dumps(schemas.form(words[1])) if words[1:] and words[1] in MODELS else ""
    assert [word for word in ("None", "Sentinel") if word in shown.out and word not in schema] == []


def test_the_help_lists_the_commands_in_the_order_of_use(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    section = capsys.readouterr().out.partition("\nCommands:\n")[2].partition("\n\n")[0]
    assert tuple(line.split()[0] for line in section.splitlines()) == COMMANDS


def test_help_through_the_entry_point_loads_little() -> None:
    code = (
        "import sys; from modelstream.cli import main; status = main(sys.argv[1:]);"
        "print(*sorted({'pydantic', 'httpx', 'yaml', 'jsonschema', 'starlette'} & set(sys.modules)), file=sys.stderr);"
        "sys.exit(status)"
    )
    for words in (["--help"], ["generate", "--help"], ["models"], ["--version"], ["batch", "run", "--help"]):
        ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert ended.stderr == "\n"
    # A model's options need its class; the network they do not need.
    words = ["generate", "kling-v3", "--prompt", "x", "--dry-run"]
    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert ended.stderr == "pydantic\n"


def test_help_in_a_terminal_has_no_escape_sequences(tmp_path: Path) -> None:
    with terminal("generate", "wan2.7-r2v", "--help", cwd=tmp_path) as shown:
        assert shown.end() == 0
    assert "\x1b" not in shown.shown
    assert "1080P: Full HD; 720P: HD. [default: 1080P]" in " ".join(shown.shown.split())


def test_help_shows_types_choices_limits_and_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "kling-v3", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for part in (
        "--duration INTEGER Length of the video. With a storyboard it is the sum of the shots. "
        "[3 to 15 seconds; default: 5]",
        "--mode [std|pro]",
        "std: Standard, 720P; pro: Professional, 1080P. [default: std]",
        "[0 to 1 in steps of 0.1; default: 0.5]",
        "--multi-shot / --no-multi-shot",
        "[at most 7, JPEG, PNG, at most 10 MB each; repeatable; only for Reference to Video (required)]",
        "[1 to 6 objects with prompt (text, at most 512 characters) and duration (integer, 1 to 15 seconds);",
        "[at most 2500 characters; required]",
        "You cannot pass the key as an argument: process listings would show it.",
    ):
        assert part in shown


def test_version_by_script_and_by_module() -> None:
    expected = f"modelstream, version {version('modelstream')}\n"
    assert run_script("--version") == (0, expected, "")
    ended = subprocess.run(
        [sys.executable, "-m", "modelstream", "--version"], capture_output=True, text=True, check=True
    )
    assert ended.stdout == expected


def test_models_are_listed_and_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(MODELS)
    assert main(["models", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(event["model"], event["request_class"]) for event in events] == [(m, MODELS[m].__name__) for m in MODELS]
    for model in MODELS:
        assert main(["models", model]) == 0
        text = capsys.readouterr().out
        for name in MODELS[model].model_fields:
            assert f"\n{name}: " in text
        assert main(["models", model, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["form"] == schemas.form(model)
    main(["models", "kling-v3"])
    text = capsys.readouterr().out
    assert "\nduration: integer, 3 to 15 seconds, default 5\n    Length of the video." in text
    assert "\nmode: choice, std | pro, default std\n" in text


def test_the_fields_of_a_model_fit_into_the_terminal(tmp_path: Path) -> None:
    for columns in (40, 80):
        with terminal("models", "wan2.7-r2v", cwd=tmp_path, columns=columns) as shown:
            assert shown.end() == 0
        lengths = [len(line) for line in shown.shown.splitlines() if line.startswith("    ")]
        assert columns - 20 < max(lengths) <= columns


def test_a_field_without_limits_claims_none(capsys: pytest.CaptureFixture[str]) -> None:
    main(["generate", "other-model", "--help"])
    text = capsys.readouterr().out
    assert "[characters" not in text
    assert "[at least 1 pixel]" in text


def test_a_call_without_words_shows_the_help() -> None:
    for words in ([], ["generate"]):
        ended = run_script(*words)
        assert (ended.status, ended.out) == (2, "")
        assert ended.err.startswith("Usage: modelstream")


def test_the_documentation_lists_every_command_and_option_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `modelstream ([\w-]+)", text, re.MULTILINE)) == set(COMMANDS)
    helps = []
    commands = (
        ["generate", "kling-v3"],
        ["generate", "wan2.7-r2v"],
        ["generate", "other"],
        ["tasks"],
        ["from-curl"],
        ["studio"],
        ["mock"],
        ["mcp"],
        ["tools"],
    )
    batch = [["batch", command] for command in BATCH_COMMANDS]
    tasks = [["tasks", command] for command in TASKS_COMMANDS]
    for words in (*commands, *batch, *tasks):
        main([*words, "--help"])
        helps.append(capsys.readouterr().out)
    known = "\n".join(helps)
    for option in set(re.findall(r"`[^`\n]*?(--[a-z][a-z-]*)", text)) - {"--promt", "--seconds"}:
        assert option in known


# Completion.


def completed(*words: str) -> list[str]:
    """What a bash would offer for the last word."""
    environment = surroundings(
        {
            completion_variable(CATALOG): "bash_complete",
            "COMP_WORDS": " ".join(("modelstream", *words)),
            "COMP_CWORD": str(len(words)),
        }
    )
    ended = subprocess.run([SCRIPT], capture_output=True, text=True, check=True, env=environment)
    return [line.partition(",")[2] for line in ended.stdout.splitlines()]


def test_completion_of_commands_models_options_and_values() -> None:
    assert completed("gen") == ["generate"]
    for command in ("generate", "models"):
        for prefix in {model[:3] for model in MODELS}:
            assert completed(command, prefix) == [model for model in MODELS if model.startswith(prefix)]
    assert completed("generate", "kling-v3", "--mul") == ["--multi-shot", "--multi-prompt"]
    assert completed("generate", "kling-v3", "--mode", "p") == ["pro"]
    assert completed("completion", "f") == ["fish"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    ended = run_script("completion", shell)
    assert ended.status == 0
    assert completion_variable(CATALOG) in ended.out
    assert "modelstream" in ended.out


def printed_in(shell: str, code: str, home: Path) -> list[str]:
    """The lines that a shell prints after it has run the completion script, without the user's own settings."""
    if shutil.which(shell) is None:
        # .ci/run installs all of them.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{shell} is not installed")
    script = run_script("completion", shell).out
    environment = surroundings({"PATH": f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(home)})
    evaluate = "echo $argv[1] | source\n" if shell == "fish" else 'eval "$1"\n'
    ended = subprocess.run(
        [*SHELLS[shell], "-c", evaluate + code, *([] if shell == "fish" else ["-"]), script],
        capture_output=True,
        text=True,
        env=environment,
        timeout=PATIENCE,
        check=True,
    )
    assert ended.stderr == ""
    return ended.stdout.splitlines()


def test_bash_takes_its_script(tmp_path: Path) -> None:
    assert "modelstream" in printed_in("bash", "complete -p modelstream", tmp_path)[0]


@pytest.mark.parametrize(
    "before", ["", "autoload -Uz compinit; compinit -D; "], ids=["without-compinit", "after-compinit"]
)
def test_zsh_takes_its_script(before: str, tmp_path: Path) -> None:
    (tmp_path / ".zshenv").write_text(before)
    assert printed_in("zsh", "print $_comps[modelstream]", tmp_path) == ["_modelstream_completion"]


def test_fish_shows_descriptions_with_commas(tmp_path: Path) -> None:
    modes = printed_in("fish", 'complete -C "modelstream generate kling-v3 --mode "', tmp_path)
    assert modes == ["pro\tProfessional, 1080P", "std\tStandard, 720P"]


# What it needs.


def hide(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make modules look as if they were not installed."""
    from importlib import util

    real = util.find_spec

    def find(name: str, package: str | None = None) -> Any:
        return None if name in names else real(name, package)

    monkeypatch.setattr("modelstream_runtime.cli.find_spec", find)
    for name in names:
        monkeypatch.setitem(sys.modules, name, None)


def test_without_click(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    hide(monkeypatch, "click")
    assert main(["--help"]) == 1
    assert capsys.readouterr().err == f"The command line needs the extra 'cli'; {install_advice('cli')}\n"


def test_without_yaml_json_still_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hide(monkeypatch, "yaml")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.json").write_text('{"prompt": "x"}')
    (tmp_path / "p.yaml").write_text("prompt: x")
    assert main(["generate", "kling-v3", "--params", "p.json", "--dry-run"]) == 0
    capsys.readouterr()
    assert main(["generate", "kling-v3", "--params", "p.yaml", "--dry-run"]) == 2
    assert f"YAML needs the extra 'cli', JSON does not; {install_advice('cli')}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "what", "extra", "package"),
    [
        (["mock"], "the mock gateway", "mock", "jsonschema"),
        (["mcp"], "the server", "mcp", "mcp"),
        (["mcp", "--mock"], "the mock gateway", "mock", "jsonschema"),
        (["studio"], "the studio", "studio", "uvicorn"),
    ],
)
def test_without_the_packages_of_an_extra(
    words: list[str], what: str, extra: str, package: str, tmp_path: Path
) -> None:
    code = f"import sys; sys.modules[{package!r}] = None\nfrom modelstream.cli import main; sys.exit(main({words}))"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings(), cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    told = f"Error: {what} needs the extra {extra!r} (the package {package})\n{install_advice(extra)}\n"
    assert ended.stderr == told


def test_mock_passes_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[dict[str, Any]] = []

    class Mock(MockGateway):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.settings = settings

    def record(gateway: Mock, **options: Any) -> None:
        calls.append(gateway.settings | options)

    monkeypatch.setattr("modelstream.mock.core.MockGateway", Mock)
    monkeypatch.setattr("modelstream_runtime.mock.server.serve", record)
    assert main(["mock"]) == 0
    arguments = [
        *("mock", "--port", "0", "--dialect", "newapi", "--scenario", "429:2", "--polls", "5", "--realtime", "2.5"),
        *("--slow", "0.5", "--any-model", "--keep", "7", "--seed", "9", "--log", "none"),
    ]
    assert main(arguments) == 0
    assert main(["mock", "--realtime", "--log", "json"]) == 0
    defaults = {
        "host": "127.0.0.1",
        "port": 8765,
        "log": "text",
        "dialect": "documented",
        "scenario": "ok",
        "polls": 3,
        "realtime": None,
        "slow": 2.0,
        "any_model": False,
        "keep": 500,
        "seed": 0,
    }
    assert calls == [
        defaults,
        {
            "host": "127.0.0.1",
            "port": 0,
            "log": "none",
            "dialect": "newapi",
            "scenario": "429:2",
            "polls": 5,
            "realtime": 2.5,
            "slow": 0.5,
            "any_model": True,
            "keep": 7,
            "seed": 9,
        },
        defaults | {"realtime": 10.0, "log": "json"},
    ]
