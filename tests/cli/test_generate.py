"""``modelstream generate``: options, files with values, and the report of a bad call."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelstream import MODELS, KlingV3, schemas
from modelstream.catalog import CATALOG
from modelstream.cli import main
from modelstream_runtime.cli.options import shared_names
from modelstream_runtime.form import form_of
from modelstream_runtime.option_names import SHARED_OPTIONS
from modelstream_runtime.schemas import Schemas
from tests.support.command import Ended, run_script, words_of
from tests.support.golden import Golden, documented, goldens

PNG = b"\x89PNG\r\n\x1a\n"

Command = Callable[..., Ended]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Command:
    """Runs a command line inside the process, in an empty folder and without a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MODELSTREAM_API_KEY", raising=False)
    monkeypatch.delenv("MODELSTREAM_BASE_URL", raising=False)

    def run(*words: str, given: str = "") -> Ended:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        status = main(words)
        shown = capsys.readouterr()
        return Ended(status, shown.out, shown.err)

    return run


def body(ended: Ended) -> dict[str, Any]:
    assert ended.status == 0, ended.err
    payload: dict[str, Any] = json.loads(ended.out)
    return payload


# What is sent.


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_documented_curl_byte_for_byte(golden: Golden) -> None:
    ended = run_script("generate", *words_of(golden), "--dry-run", "--curl")
    assert (ended.status, ended.out) == (0, f"{golden.to_curl}\n")


def test_documented_kling_needs_its_prompt_only() -> None:
    [golden] = [golden for golden in documented() if golden.model == "kling-v3"]
    ended = run_script("generate", "kling-v3", "--prompt", golden.values["prompt"], "--dry-run", "--curl")
    assert ended == (0, f"{golden.to_curl}\n", "")


@pytest.mark.parametrize("golden", goldens(), ids=str)
def test_each_golden_by_options_and_by_a_file_of_its_values(golden: Golden, command: Command, tmp_path: Path) -> None:
    left_out = [
        f.name for f in form_of(CATALOG, golden.model).fields if f.default is not None and f.name not in golden.values
    ]
    omitted = [word for name in left_out for word in ("--omit", name)]
    assert command("generate", *words_of(golden), *omitted, "--dry-run", "--curl").out == f"{golden.to_curl}\n"
    file = golden.folder / "values.yaml"
    if not file.exists():
        file = tmp_path / "values.json"
        file.write_text(json.dumps(golden.values), encoding="utf-8")
    model = words_of(golden)[0]
    assert (
        command("generate", model, "--params", str(file), *omitted, "--dry-run", "--curl").out == f"{golden.to_curl}\n"
    )


def test_every_field_of_every_model_has_an_option_in_the_help(command: Command) -> None:
    for model in MODELS:
        text = command("generate", model, "--help").out
        form = schemas.form(model)
        for name, field in form["properties"].items():
            assert re.search(rf"--(field-)?{name.replace('_', '-').strip('-')}-? ", text)
            for choice in field.get("enum", ()):
                assert choice is None or str(choice) in text
        assert text.count("required]") >= len(form["required"])


def test_a_field_whose_option_is_taken_gets_another(monkeypatch: pytest.MonkeyPatch) -> None:
    form: dict[str, Any] = {
        "description": "-",
        "properties": {
            "timeout": {"type": "integer"},
            "wait": {"type": ["boolean", "null"]},
            "cut": {"type": "boolean"},
            "no_cut": {"type": "string"},
        },
    }
    monkeypatch.setattr(Schemas, "form", lambda self, model: form)
    options = form_of(CATALOG, "kling-v3", taken=shared_names(CATALOG)).options
    assert options == {
        "timeout": "--field-timeout",
        "wait": "--field-wait",
        "cut": "--cut",
        "no_cut": "--field-no-cut",
    }


def test_the_list_of_shared_options_is_that_of_the_command() -> None:
    assert {name for name in shared_names(CATALOG) if name.startswith("--")} == SHARED_OPTIONS


def test_omit_and_set(command: Command) -> None:
    ended = command(
        *("generate", "kling-v3", "--prompt", "x", "--omit", "cfg-scale", "--omit", "--watermark-enabled"),
        *("--set", "metadata.sound=on", "--set", "metadata.deep.list=[1, 2]", "--set", "seed=7", "--dry-run"),
    )
    payload = body(ended)
    assert payload["metadata"] == {
        "aspect_ratio": "16:9",
        "multi_shot": False,
        "sound": "on",
        "deep": {"list": [1, 2]},
    }
    assert payload["seed"] == 7
    assert (
        '"sound": "on"'
        in command("generate", "kling-v3", "--prompt", "x", "--set", "metadata.sound=on", "--dry-run", "--curl").out
    )


def test_generic_model_takes_metadata(command: Command) -> None:
    ended = command("generate", "seedance-2.0", "--prompt", "x", "--metadata", '{"a": {"b": null}}', "--dry-run")
    assert body(ended) == {"model": "seedance-2.0", "prompt": "x", "metadata": {"a": {"b": None}}}


def test_shots_as_json_as_single_objects_and_from_a_file(command: Command, tmp_path: Path) -> None:
    shots = [{"prompt": "a", "duration": 2}, {"prompt": "b", "duration": 3}]
    (tmp_path / "shots.yaml").write_text("- {prompt: a, duration: 2}\n- {prompt: b, duration: 3}\n")
    (tmp_path / "shots.json").write_text(json.dumps(shots))
    storyboard = ("generate", "kling-v3", "--prompt", "x", "--multi-shot", "--shot-type", "customize", "--dry-run")
    expected = [{"index": 1, "prompt": "a", "duration": "2"}, {"index": 2, "prompt": "b", "duration": "3"}]
    for words in (
        ["--multi-prompt", json.dumps(shots)],
        ["--multi-prompt", json.dumps(shots[0]), "--multi-prompt", json.dumps(shots[1])],
        ["--multi-prompt", "@shots.yaml"],
        ["--multi-prompt", "@shots.json"],
    ):
        assert body(command(*storyboard, *words))["metadata"]["multi_prompt"] == expected


def test_texts_from_files(command: Command, tmp_path: Path) -> None:
    (tmp_path / "prompt.txt").write_bytes(b"\xef\xbb\xbfFog over a valley,\r\nthen rain\r\n")
    dry = ("generate", "kling-v3", "--dry-run", "--prompt")
    assert body(command(*dry, "@prompt.txt"))["prompt"] == "Fog over a valley,\r\nthen rain"
    assert body(command(*dry, "@-", given="from outside\n"))["prompt"] == "from outside"
    assert body(command(*dry, "@@home"))["prompt"] == "@home"
    assert body(command(*dry, "a@b"))["prompt"] == "a@b"
    assert body(command(*dry, "--mode"))["prompt"] == "--mode"


def test_media_from_files_addresses_and_content(command: Command, tmp_path: Path) -> None:
    (tmp_path / "hero.png").write_bytes(PNG)
    wan = ("generate", "wan2.7-r2v", "--prompt", "x", "--dry-run", "--reference-image")
    sent = body(command(*wan, "hero.png", "--reference-image", "https://example.com/a.png"))["metadata"]["input"]
    assert [item["url"] for item in sent["media"]] == [
        "data:image/png;base64,iVBORw0KGgo=",
        "https://example.com/a.png",
    ]
    kling = ("generate", "kling-v3", "--prompt", "x", "--dry-run", "--image")
    for image in ("hero.png", "iVBORw0KGgo=", "data:image/png;base64,iVBORw0KGgo="):
        assert body(command(*kling, image))["image"] == "iVBORw0KGgo="
    (tmp_path / "hero").write_bytes(PNG)
    generic = ("generate", "some-model", "--prompt", "x", "--dry-run", "--image")
    assert body(command(*generic, "hero"))["image"] == "data:image/png;base64,iVBORw0KGgo="
    assert body(command(*generic, "iVBORw"))["image"] == "iVBORw"
    ended = command(*kling, "her0.png")
    assert (ended.status, "--image: there is no file 'her0.png'\n" in ended.err) == (2, True)
    assert "--image: there is no file 'her0.png'\n" in command(*generic, "her0.png").err


def test_a_dry_run_shortens_media_for_people_only(command: Command, tmp_path: Path) -> None:
    (tmp_path / "hero.png").write_bytes(PNG + bytes(3000))
    prompt = "A long prompt " * 50
    for model, option, path, whole in (
        ("wan2.7-r2v", "--reference-image", "metadata.input.media.0.url", 4034),
        ("kling-v3", "--image", "image", 4012),
    ):
        words = ("generate", model, "--prompt", prompt, option, "hero.png", "--dry-run")
        shown = command(*words)
        start = "data:image/png;base64,iVBORw0K" if model == "wan2.7-r2v" else "iVBORw0K"
        assert at(body(shown), path) == f"{start}... ({whole:,} characters)"
        assert shown.err == "Media are shortened here; --json prints them completely.\n"
        assert prompt in shown.out
        [event] = map(json.loads, command(*words, "--json").out.splitlines())
        assert len(at(event["payload"], path)) == whole
        assert at(event["payload"], path) in command(*words, "--curl").out


def test_a_dry_run_shows_addresses_and_texts_completely(command: Command) -> None:
    address = "https://example.com/" + "a" * 300
    shown = command("generate", "kling-v3", "--prompt", "a" * 300, "--image", address, "--dry-run")
    assert (body(shown)["image"], body(shown)["prompt"], shown.err) == (address, "a" * 300, "")
    metadata = json.dumps({"picture": "data:image/png;base64," + "A" * 300, "text": "a" * 300})
    shown = command("generate", "other", "--prompt", "x", "--metadata", metadata, "--dry-run")
    assert body(shown)["metadata"] == {
        "picture": "data:image/png;base64,AAAAAAAA... (322 characters)",
        "text": "a" * 300,
    }


def at(value: Any, path: str) -> Any:
    """The value at a path such as ``metadata.media.0.url``."""
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


# Files with values.


def test_yaml_is_read_by_version_1_2(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "prompt: no\nnegative-prompt: 'yes'\naspect_ratio: 16:9\nduration: 10\ncfg_scale: 1\nmode: pro\n"
        "multi_shot: false\nwatermark_enabled: null\n"
    )
    assert body(command("generate", "kling-v3", "--params", "p.yaml", "--dry-run")) == {
        "model": "kling-v3",
        "prompt": "no",
        "duration": 10,
        "mode": "pro",
        "metadata": {"cfg_scale": 1.0, "aspect_ratio": "16:9", "multi_shot": False, "negative_prompt": "yes"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt: x\nprompt: y\n", "p.yaml: line 2: the key 'prompt' appears twice"),
        ("prompt: x\nnegative-prompt: a\nnegative_prompt: b\n", "p.yaml: the field 'negative_prompt' appears twice"),
        (
            "prompt: &a x\nnegative_prompt: *a\n",
            "p.yaml: line 1: aliases are not supported; write out the value of this anchor again",
        ),
        ("prompt: !!python/name:os.system x\n", "the tag tag:yaml.org,2002:python/name:os.system is not supported"),
        ("prompt: !!int 5\n", "the tag tag:yaml.org,2002:int is not supported"),
        ("cfg_scale: .nan\n", "JSON has no number .nan"),
        ("- prompt\n", "p.yaml: expected a mapping of field names to values"),
        ("", "p.yaml: expected a mapping of field names to values"),
        ("prompt: [\n", "p.yaml: invalid YAML: "),
        ("prompt: x\n---\nprompt: y\n", "p.yaml: invalid YAML: "),
        ("[" * 3000, "p.yaml: line 1: the document is nested too deeply"),
        ("prompt: !!str 5\nduration: on\n", "duration in p.yaml: 'on' is not an integer (3 to 15 seconds)"),
        ("prompt: x\nduration: 1_0\n", "duration in p.yaml: '1_0' is not an integer"),
        ("prompt: x\npromt: y\n", "promt in p.yaml: no such field; did you mean 'prompt'?"),
        ("prompt: x\nseconds: 5\n", "seconds in p.yaml: no such field; did you mean 'duration'?"),
        ("prompt: x\nmodel: other\n", "model in p.yaml: 'other' is not 'kling-v3'"),
        ("prompt: x\nimage: hero.png\n", "image in p.yaml: there is no file 'hero.png'"),
    ],
)
def test_what_a_file_of_values_may_not_hold(text: str, said: str, command: Command, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    ended = command("generate", "kling-v3", "--params", "p.yaml", "--dry-run")
    assert (ended.status, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.startswith("Error: 1 problem in a kling-v3 request; nothing was sent\n")


def test_json_files_are_strict_and_options_go_first(command: Command, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"prompt": "x", "duration": 10, "model": "kling-v3"}')
    assert body(command("generate", "kling-v3", "--params", "p.json", "--duration", "7", "--dry-run"))["duration"] == 7
    ended = command("generate", "kling-v3", "--params", "-", "--duration", "98", given="prompt: x\nduration: 99")
    assert ended.err.endswith("  --duration: 98 is more than 15 (3 to 15 seconds)\n")
    ended = command("generate", "kling-v3", "--params", "-", "--dry-run", given='{"prompt": "x", "prompt": "y"}')
    assert "--params: -: invalid JSON: the key 'prompt' appears twice" in ended.err
    assert body(command("generate", "kling-v3", "--params", "-", "--dry-run", given="prompt: y"))["prompt"] == "y"
    assert (
        "NaN is not a JSON number" in command("generate", "kling-v3", "--params", "-", given='{"cfg_scale": NaN}').err
    )
    assert "there is no file 'q.yaml'" in command("generate", "kling-v3", "--params", "q.yaml").err


# Bad calls.


def test_everything_that_is_wrong_at_once(command: Command) -> None:
    ended = command(
        *("generate", "kling-v3", "--promt", "x", "--duration", "99", "--mode", "prro", "--cfg-scale", "abc"),
        *("--timeout", "soon", "--interval", "-1", "--retries", "x", "--set", "foo", "--image", "hero.png"),
        *("--multi-prompt", "[{]", "--negative-prompt", "@gone.txt", "-o", "-", "--omit", "seeed", "--curl"),
        *("--base-url", "ftp://x", "word"),
    )
    assert ended == (
        2,
        "",
        """\
Error: 17 problems in a kling-v3 request; nothing was sent
  --promt: no such option; did you mean '--prompt'?
  'word': unexpected argument; put the prompt after --prompt, in quotes
  --output: a video cannot go to standard output; name a file
  --timeout: 'soon' is neither a number of seconds nor 'none'
  --interval: '-1' is not a number of seconds
  --base-url: 'ftp://x' is not the address of a gateway; write one such as https://api.modelstream.ai
  --retries: 'x' is not a number of retries
  --curl: needs --dry-run
  --negative-prompt: there is no file 'gone.txt'; if the text itself begins with @, write @@
  --multi-prompt: invalid JSON: Expecting property name enclosed in double quotes in line 1, column 3
  --omit: 'seeed' is not a field
  --set: 'foo' does not have the form KEY.KEY=VALUE, such as metadata.sound=on
  --prompt: is required
  --image: there is no file 'hero.png'
  --duration: 99 is more than 15 (3 to 15 seconds)
  --mode: 'prro' is not one of 'std', 'pro'; did you mean 'pro'?
  --cfg-scale: 'abc' is not a number (0 to 1)
""",
    )


def test_integers_are_integers(command: Command) -> None:
    for text in ("5.0", "5s", "true", "\N{ARABIC-INDIC DIGIT FIVE}", "1e1", "", "0x5"):
        ended = command("generate", "kling-v3", "--prompt", "x", "--duration", text, "--dry-run")
        assert (ended.status, f"--duration: {text!r} is not an integer (3 to 15 seconds)" in ended.err) == (2, True)
    assert (
        body(
            command(
                "generate",
                "wan2.7-r2v",
                "--params",
                "-",
                "--seed",
                "+07",
                "--dry-run",
                given='{"prompt": "x", "reference_image": "https://example.com/a.png"}',
            )
        )["metadata"]["parameters"]["seed"]
        == 7
    )


def test_rules_between_fields_name_options(command: Command) -> None:
    ended = command(
        "generate", "kling-v3", "--prompt", "x", "--multi-shot", "--image-tail", "https://example.com/a.png"
    )
    assert ended.status == 2
    assert "--image: is needed for Image to Video (selected by --image-tail)" in ended.err
    assert "--shot-type: is needed with --multi-shot" in ended.err
    ended = command("generate", "kling-v3", "--omit", "prompt")
    assert "--prompt: is required and cannot be left out" in ended.err


def test_problems_inside_shots_name_the_shot(command: Command) -> None:
    shots = '[{"prompt": "a", "duration": 2}, {"prompt": "", "duration": 99}]'
    ended = command("generate", "kling-v3", "--prompt", "x", "--multi-prompt", shots)
    assert "--multi-prompt[1].prompt: is empty" in ended.err
    assert "--multi-prompt[1].duration: 99 is more than 15" in ended.err


def test_problems_for_programs(command: Command) -> None:
    ended = command("generate", "kling-v3", "--cfg-scale", "7", "--prompt", "x", "--json")
    assert json.loads(ended.out) == {
        "event": "error",
        "kind": "InvalidRequest",
        "exit_status": 2,
        "message": "1 problem in a kling-v3 request; nothing was sent",
        "problems": [
            {
                "name": "--cfg-scale",
                "message": "7 is more than 1 (0 to 1)",
                "field": "cfg_scale",
                "path": "metadata.cfg_scale",
            }
        ],
        "hint": None,
        "task_id": None,
        "resume": None,
    }
    ended = command("generate", "kling-v3", "--prompt", "x", "--json")
    assert json.loads(ended.out)["hint"] == "Set MODELSTREAM_API_KEY, or name a file with --api-key-file."


def test_warnings_are_shown_and_not_fatal(command: Command) -> None:
    ended = command("generate", "kling-v3", "--prompt", "x", "--shot-type", "customize", "--dry-run")
    assert ended.status == 0
    assert ended.err.startswith("Warning: kling-v3: shot_type is ignored")
    assert command("generate", "kling-v3", "--prompt", "x", "--shot-type", "customize", "--dry-run", "-q").err == ""


@pytest.mark.parametrize("words", [["--api-key", "sk-secret"], ["--api-key=sk-secret"], ["--token", "sk-secret"]])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(words: list[str], command: Command) -> None:
    for line in (["generate", "kling-v3", "--prompt", "x", *words], ["wait", "ID", *words], ["task", *words, "ID"]):
        for more in ([], ["--json"]):
            ended = command(*line, *more)
            assert ended.status == 2
            assert "Never pass a key on the command line" in ended.err
            assert "sk-secret" not in ended.err + ended.out


def test_near_names(command: Command) -> None:
    for model in MODELS:
        ended = command("generate", f" {model}", "--duration", "soon", "--no-such-option", "--dry-run")
        assert "--no-such-option: no such option" in ended.err
        assert f"There is no request class for ' {model}'; did you mean {model!r}?" in ended.err
        ended = command("models", f"{model}~")
        assert (ended.status, f"did you mean {model!r}?" in ended.err) == (2, True)
    ended = command("generat", "kling-v3")
    assert (ended.status, "Did you mean 'generate'?" in ended.err) == (2, True)
    ended = command("wait", "--timout", "3", "ID")
    assert (ended.status, "'--timeout'" in ended.err) == (2, True)
    ended = command("generate", "--prompt", "x", "kling-v3")
    assert (ended.status, "the model comes first" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("model", "word", "suggested"),
    [
        ("kling-v3", "--seconds", "--duration"),
        ("kling-v3", "--ratio", "--aspect-ratio"),
        ("kling-v3", "--aspect", "--aspect-ratio"),
        ("kling-v3", "--text", "--prompt"),
        ("viduq2-pro-fast", "--size", "--resolution"),
        ("wan2.7-r2v", "--aspect-ratio", "--ratio"),
        ("wan2.7-r2v", "--aspect", "--ratio"),
        ("kling-v3", "--no-multishot", "--no-multi-shot"),
        ("kling-v3", "--dryrun", "--dry-run"),
        ("kling-v3", "--size", ""),  # The model has no such field.
    ],
)
def test_words_of_other_services_suggest_a_field_and_are_never_accepted(
    model: str, word: str, suggested: str, command: Command
) -> None:
    ended = command("generate", model, "--prompt", "x", word, "1", "--dry-run")
    suggestion = f"; did you mean {suggested!r}?" if suggested else ""
    assert (ended.status, f"  {word}: no such option{suggestion}\n" in ended.err) == (2, True), ended.err
    field = suggested[2:].replace("-", "_")
    if suggested and field in MODELS[model].model_fields:
        ended = command("generate", model, "--omit", word[2:], "--dry-run")
        assert f"is not a field; did you mean {field!r}?" in ended.err


@pytest.mark.parametrize("words", [[], ["--mode", "pro"], ["--duration", "0"], ["--set", "x"]], ids=" ".join)
def test_a_misspelled_model_is_reported_exactly_once(words: list[str], command: Command) -> None:
    ended = command("generate", "klingv3", "--prompt", "x", *words, "--dry-run")
    assert (ended.status, ended.err.count("did you mean 'kling-v3'?")) == (2 if words else 0, 1), ended.err
    ended = command("from-curl", given='{"model": "klingv3", "prompt": "x"}')
    assert (ended.status, ended.err.count("did you mean 'kling-v3'?")) == (0, 1), ended.err


def test_a_long_option_with_one_dash_is_not_taken_apart(command: Command) -> None:
    for word, suggested in (("-prompt", "--prompt"), ("-output", "--output"), ("-no-multi-shot", "--no-multi-shot")):
        ended = command("generate", "kling-v3", "--prompt", "x", word, "y", "--dry-run")
        assert (ended.status, f"No such option '{word}'. Did you mean '{suggested}'?" in ended.err) == (2, True)
    assert body(command("generate", "kling-v3", "--prompt", "-mode", "--dry-run"))["prompt"] == "-mode"
    assert "  'o': unexpected argument" in command("generate", "kling-v3", "--prompt", "x", "o").err


def test_the_curl_command_names_the_gateway_of_the_environment(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("generate", "kling-v3", "--prompt", "x", "--dry-run", "--curl")
    monkeypatch.setenv("MODELSTREAM_BASE_URL", "http://127.0.0.1:8765")
    assert command(*words).out.startswith('curl -X POST "http://127.0.0.1:8765/v1/video/generations"')
    shown = command(*words, "--base-url", "http://127.0.0.1:9999").out
    assert shown.startswith('curl -X POST "http://127.0.0.1:9999/v1/video/generations"')
    monkeypatch.setenv("MODELSTREAM_BASE_URL", "ftp://x")
    assert command(*words).status == 2


def test_settings_that_contradict_each_other(command: Command) -> None:
    for words, said in (
        (["a=1", "a.b=2"], "'a.b' is inside a value that is also set"),
        (["a.b=1", "a=2"], "'a' is set twice"),
        (["a.b=1", "a.b=2"], "'a.b' is set twice"),
        (["model=other"], "the model is an argument of the command"),
        (["a..b=1"], "'a..b=1' does not have the form KEY.KEY=VALUE"),
        (["a={"], "invalid JSON"),
        (['a={"b": 1, "b": 2}'], "the key 'b' appears twice"),
    ):
        settings = [part for word in words for part in ("--set", word)]
        ended = command("generate", "kling-v3", "--prompt", "x", *settings, "--dry-run")
        assert (ended.status, said in ended.err) == (2, True), ended.err


def test_hostile_values_travel_as_they_are_and_are_shown_harmlessly(command: Command) -> None:
    prompt = 'it\'s "quoted" $HOME `id` \\ \n\x1b[2J\u202e é 🎬'
    assert body(command("generate", "kling-v3", "--prompt", prompt, "--dry-run"))["prompt"] == prompt
    expected = KlingV3(prompt=prompt).to_curl()
    assert command("generate", "kling-v3", "--prompt", prompt, "--dry-run", "--curl").out == f"{expected}\n"
    ended = command(
        "generate", "kling-v3", "--prompt", "x", "--mode", "\x1b[2J\u202e", "--\x1b[2Jx", "\x9b0m", "\nError: ok"
    )
    assert ended.status == 2
    assert not {"\x1b", "\u202e", "\x9b"} & set(ended.err)
    assert "\nError: ok" not in ended.err
    ended = command("generate", "kling-v3", "--params", "\x1b[2J\nError: ok")
    assert "\x1b" not in ended.err
    assert "\nError: ok" not in ended.err


def test_characters_that_cannot_be_sent(command: Command) -> None:
    ended = command("generate", "kling-v3", "--prompt", "a\udcff")
    assert (ended.status, "--prompt: contains characters that UTF-8 cannot encode" in ended.err) == (2, True)


def test_wrong_options_of_other_commands_for_programs(command: Command) -> None:
    ended = command("wait", "--timout", "3", "ID", "--json")
    assert json.loads(ended.out)["kind"] == "UsageError"
    ended = command("wait", "--timeout", "soon", "--interval", "x", "ID", "--json")
    assert [problem["name"] for problem in json.loads(ended.out)["problems"]] == ["--timeout", "--interval"]


def test_signals_are_as_before(command: Command) -> None:
    before = signal.getsignal(signal.SIGTERM)
    command("models")
    assert signal.getsignal(signal.SIGTERM) is before


def test_output_is_looked_at_before_anything_is_paid(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    ended = command("generate", "kling-v3", "--prompt", "x", "-o", "file/coffee.mp4")
    assert (ended.status, "--output: 'file' is not a folder" in ended.err) == (2, True)
    ended = command("generate", "kling-v3", "--prompt", "x", "-o", "a.mp4", "--no-wait")
    assert (ended.status, "--no-wait: saves no video" in ended.err) == (2, True)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    ended = command("generate", "kling-v3", "--prompt", "x", "-o", "new/folder/coffee.mp4")
    assert (ended.status, "--output: the folder '.' is not writable" in ended.err) == (2, True)


def test_a_file_that_cannot_be_read_may_hold_what_seems_to_be_missing(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("image: [", encoding="utf-8")
    words = ["--prompt", "x", "--image-tail", "https://example.com/2.png", "--params", str(file), "--dry-run", "--json"]
    event = json.loads(command("generate", "kling-v3", *words).out)
    assert [problem["name"] for problem in event["problems"]] == ["--params"]
