"""``generate`` and ``wait`` in the journal of this machine, and ``tasks``, which lists it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from modelstream import KlingV3
from modelstream.catalog import CATALOG
from modelstream.cli import main
from modelstream_runtime.cli.record import place_of
from modelstream_runtime.cli.settings import read_settings
from modelstream_runtime.journal.records import Purchase, Source
from modelstream_runtime.journal.states import STATES
from modelstream_runtime.purchases.place import machine_place
from modelstream_runtime.purchases.purchases import Purchases
from tests.support.batches import Shop
from tests.support.command import PATIENCE, SCRIPT, Ended, surroundings, words_of
from tests.support.golden import documented
from tests.support.process import process, send_while_it_waits
from tests.support.server import VIDEO, Received, Reply, Server, VideoGateway, response

COFFEE = ("generate", "kling-v3", "--prompt", "Coffee", "--interval", "0.01", "--retries", "0")
HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\n     9  2026-01-01 00:00  saved"
NOT_PLAIN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]")


class Machine:
    """Commands with a home of their own and the test server as their gateway, inside this process."""

    def __init__(self, gateway: VideoGateway, server: Server, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.gateway = gateway
        self.server = server
        self.home = home
        self._capture = capture

    def __call__(self, *words: str) -> Ended:
        status = main(words)
        shown = self._capture.readouterr()
        return Ended(status, shown.out, shown.err)

    @property
    def environment(self) -> dict[str, str]:
        """Of the same commands as processes of their own."""
        return surroundings({"MODELSTREAM_API_KEY": "sk-never-shown", "MODELSTREAM_BASE_URL": self.server.url})

    def purchases(self, *words: str) -> list[dict[str, Any]]:
        ended = self("tasks", "--json", *words)
        assert ended.status == 0, ended.err
        return [json.loads(line) for line in ended.out.splitlines()]

    def purchase(self) -> dict[str, Any]:
        [purchase] = self.purchases()
        return purchase


@pytest.fixture
def machine(
    gateway: VideoGateway,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Machine:
    home, folder = tmp_path / "home", tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MODELSTREAM_HOME", str(home))
    monkeypatch.setenv("MODELSTREAM_API_KEY", "sk-never-shown")
    monkeypatch.setenv("MODELSTREAM_BASE_URL", server.url)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Machine(gateway, server, home, capsys)


def buy_elsewhere(source: Source, home: Path, key: str = "a") -> Purchase:
    """Buy as another program of this machine does, and leave the video alone."""

    async def buy() -> Purchase:
        async with Shop().client() as client, Purchases.opened(client, source, machine_place("modelstream")) as made:
            return await made.submit(key, KlingV3(prompt="Tea"))

    assert machine_place("modelstream").journal.is_relative_to(home)
    return asyncio.run(buy())


# What generate and wait write.


def test_a_purchase_is_durable_before_it_is_sent(machine: Machine) -> None:
    seen: list[tuple[str, str, str]] = []

    def look(received: Received, number: int) -> Reply:
        if received.method == "POST":
            with sqlite3.connect(f"file:{machine.home}/mock/journal.sqlite?mode=ro", uri=True) as connection:
                seen.extend(connection.execute("SELECT state, reference, source FROM purchases"))
            connection.close()
            seen.append(("header", received.header("x-client-request-id") or "", ""))
        return machine.gateway(received, number)

    machine.server.play(look)
    assert machine(*COFFEE, "-o", "coffee.mp4").status == 0
    (state, reference, source), header = seen
    assert (state, source, header) == ("sending", "command line", ("header", reference, ""))


def test_nobody_else_on_the_machine_can_read_the_journal(machine: Machine) -> None:
    before = os.umask(0o022)
    try:
        machine(*COFFEE, "--no-wait")
    finally:
        os.umask(before)
    assert [path.name for path in machine.home.rglob("journal.sqlite*") if path.stat().st_mode & 0o077] == []


def test_the_saved_file_is_known_by_its_whole_path(machine: Machine) -> None:
    assert machine(*COFFEE, "-o", "coffee.mp4").out == "coffee.mp4\n"
    purchase = machine.purchase()
    assert (purchase["state"], purchase["paid"], purchase["task_id"]) == ("saved", "yes", "task_4f1c")
    assert purchase["file"] == str(Path("coffee.mp4").absolute())
    assert (purchase["bytes"], purchase["source"], purchase["model"]) == (len(VIDEO), "command line", "kling-v3")
    assert purchase["url"] == f"{machine.server.url}/task_4f1c.mp4"


def test_what_is_submitted_now_is_saved_by_a_later_wait(machine: Machine) -> None:
    assert machine(*COFFEE, "--no-wait").status == 0
    assert machine.purchase()["state"] == "submitted"
    assert machine("wait", "task_4f1c", "-o", "later.mp4", "--interval", "0.01").status == 0
    assert (machine.purchase()["state"], machine.purchase()["file"]) == ("saved", str(Path("later.mp4").absolute()))


def test_another_wait_keeps_the_file_as_long_as_it_is_there(machine: Machine) -> None:
    for name, known in (("a.mp4", "a.mp4"), ("b.mp4", "a.mp4"), ("c.mp4", "c.mp4")):
        if name == "a.mp4":
            machine(*COFFEE, "-o", name)
        else:
            assert machine("wait", "task_4f1c", "-o", name).status == 0
        assert machine.purchase()["file"] == str(Path(known).absolute())
        if name == "b.mp4":
            Path("a.mp4").unlink()


def test_waiting_for_a_task_of_another_machine_writes_nothing(machine: Machine) -> None:
    assert machine("wait", "task_4f1c", "--interval", "0.01").status == 0
    assert not machine.home.exists()
    machine(*COFFEE, "--no-wait")
    assert machine("wait", "task_other", "--interval", "0.01").status == 0
    assert [purchase["task_id"] for purchase in machine.purchases()] == ["task_4f1c"]


@pytest.mark.parametrize(
    ("reply", "state", "paid"),
    [
        (response(400, {"error": {"message": "bad", "param": "prompt"}}), "refused", "no"),
        (response(401, {"error": {"message": "bad key"}}), "refused", "no"),
        (response(503, {"error": {"message": "no channel", "code": "model_not_found"}}), "refused", "no"),
        (response(500, {"error": {"message": "oops"}}), "in doubt", "perhaps"),
        (response(200, {"nothing": "here"}), "in doubt", "perhaps"),
        (Reply(end="reset"), "in doubt", "perhaps"),
    ],
)
def test_the_journal_says_of_a_submission_what_the_command_says(
    reply: Reply, state: str, paid: str, machine: Machine
) -> None:
    machine.gateway.submit_reply = reply
    ended = machine(*COFFEE)
    purchase = machine.purchase()
    assert (purchase["state"], purchase["paid"], purchase["task_id"]) == (state, paid, None)
    assert purchase["reason"] in ended.err
    assert (ended.status == 7) is (state == "in doubt")
    if state == "in doubt":
        assert f"(client reference {purchase['reference']})" in ended.err


def test_a_gateway_that_cannot_be_reached_charges_nothing(machine: Machine) -> None:
    assert machine(*COFFEE, "--base-url", "http://127.0.0.1:9").status == 6
    assert machine.purchase()["state"] == "refused"


def test_a_retried_request_is_one_purchase(machine: Machine) -> None:
    machine.server.play(
        lambda received, number: (
            response(429, {"error": {"message": "slowly"}}, headers=["Retry-After: 0"])
            if received.method == "POST" and number == 0
            else machine.gateway(received, number)
        )
    )
    assert machine(*COFFEE[:-2], "--retries", "1").status == 0
    assert (machine.purchase()["state"], machine.server.count()) == ("saved", 2)


def test_a_failed_task_and_a_video_that_is_gone(machine: Machine) -> None:
    machine.gateway.video_status = 404
    assert machine(*COFFEE, "-o", "coffee.mp4").status == 10
    assert machine.purchase()["state"] == "unfetched"
    machine.gateway.video_status = 200
    assert machine("wait", "task_4f1c", "-o", "coffee.mp4").status == 0
    assert machine.purchase()["state"] == "saved"
    machine.gateway.poll_reply = response(200, {"task_id": "x", "status": "failed", "fail_reason": "too dark"})
    assert machine(*COFFEE).status == 8
    assert [(p["state"], p["reason"]) for p in machine.purchases()] == [("failed", "too dark"), ("saved", None)]


def test_after_a_timeout_it_is_still_under_way(machine: Machine) -> None:
    machine.gateway.states = [("in_progress", None)]
    assert machine(*COFFEE, "--timeout", "0.02").status == 9
    assert machine.purchase()["state"] == "submitted"


# What cuts the command short.


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_process_that_ends_inside_the_paid_request_leaves_a_doubt(number: signal.Signals, machine: Machine) -> None:
    arrived = threading.Event()

    def hang(received: Received, count: int) -> Reply:
        arrived.set()
        return Reply(end="hang")

    machine.server.play(hang)
    with process([SCRIPT, *COFFEE], stderr=subprocess.DEVNULL, env=machine.environment) as running:
        assert arrived.wait(PATIENCE)
        send_while_it_waits(running, number)
        assert running.wait(PATIENCE) in (130, 143, -signal.SIGKILL)
    purchase = machine.purchase()
    assert (purchase["state"], machine.server.count()) == ("in doubt", 1)
    listed = machine("tasks")
    assert "in doubt, perhaps charged: " in listed.out
    assert f"client reference {purchase['reference']}" in listed.err
    assert "modelstream tasks resolve 1 (--task ID, --not-bought or --abandon)" in listed.err


def test_an_interruption_between_two_tries_is_no_doubt(machine: Machine) -> None:
    machine.gateway.submit_reply = response(429, {"error": {"message": "slowly"}}, headers=["Retry-After: 60"])
    with process([SCRIPT, *COFFEE[:-1], "5"], stderr=subprocess.PIPE, env=machine.environment) as running:
        assert any(b"retrying" in line for line in running.stderr)
        running.send_signal(signal.SIGINT)
        assert (running.wait(PATIENCE), running.stderr.read()) == (130, b"Error: interrupted\n")
    assert machine.purchase()["state"] == "refused"


def test_two_commands_at_once_are_two_purchases(machine: Machine) -> None:
    number_of = iter(range(100))

    def sell(received: Received, number: int) -> Reply:
        if received.method == "POST":
            return response(200, {"task_id": f"task_{next(number_of)}", "status": "queued"})
        return machine.gateway(received, number)

    machine.server.play(sell)
    commands = [
        subprocess.Popen([SCRIPT, *COFFEE, "-q", "-o", f"{name}.mp4"], env=machine.environment, stderr=subprocess.PIPE)
        for name in "ab"
    ]
    for command in commands:
        _, err = command.communicate(timeout=2 * PATIENCE)
        assert (command.returncode, err) == (0, b"")
    purchases = machine.purchases()
    assert {purchase["state"] for purchase in purchases} == {"saved"}
    assert sorted(Path(purchase["file"]).name for purchase in purchases) == ["a.mp4", "b.mp4"]
    assert machine.server.count() == 2


# Trouble with the journal.


def test_a_file_name_that_is_no_text_is_no_trouble(machine: Machine) -> None:
    picture, video = map(os.fsdecode, (b"\xff.png", b"\xe4.mp4"))
    Path(picture).write_bytes(b"\x89PNG\r\n\x1a\n")
    words = ("generate", "viduq2-pro-fast", "--prompt", "Waves", "--image", picture, "--interval", "0.01")
    ended = machine(*words, "-o", video)
    assert (ended.status, "Warning" in ended.err) == (0, False), ended.err
    assert Path(video).read_bytes() == VIDEO
    purchase = machine.purchase()
    assert purchase["file"] == Path(video).absolute().as_uri()
    assert purchase["file"] in machine("tasks").out
    [file] = json.loads(machine("tasks", "show", "1", "--json").out)["request"]["files"]
    assert Path(file["path"]) == Path(picture).absolute()


def test_without_a_writable_home_the_command_warns_and_goes_on(machine: Machine) -> None:
    machine.home.write_text("a file")
    ended = machine(*COFFEE, "-o", "coffee.mp4")
    assert (ended.status, ended.out, machine.server.count()) == (0, "coffee.mp4\n", 1)
    first, second = ended.err.splitlines()[:2]
    assert first == (
        "Warning: the journal of this machine takes nothing, so 'modelstream tasks' will not show this: Not a directory"
    )
    assert second == "submitted kling-v3 as task task_4f1c"
    assert machine("wait", "task_4f1c", "-o", "later.mp4").err.startswith("task_4f1c ")


def test_without_a_home_the_command_warns_and_goes_on(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("MODELSTREAM_HOME")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    ended = machine(*COFFEE, "--no-wait")
    assert (ended.status, ended.out) == (0, "task_4f1c\n")
    assert "this user has no home folder; set MODELSTREAM_HOME" in ended.err
    assert machine("tasks").status == 14


def test_a_journal_that_breaks_after_the_purchase_loses_no_task(machine: Machine) -> None:
    def break_journal(received: Received, number: int) -> Reply:
        if received.method == "POST":
            with sqlite3.connect(machine.home / "mock" / "journal.sqlite") as connection:
                connection.execute("DROP TABLE attempts")
            connection.close()
        return machine.gateway(received, number)

    machine.server.play(break_journal)
    ended = machine(*COFFEE, "-o", "coffee.mp4")
    assert (ended.status, ended.out, machine.server.count()) == (0, "coffee.mp4\n", 1)
    warnings = [line for line in ended.err.splitlines() if line.startswith("Warning: ")]
    assert warnings == [
        "Warning: the journal of this machine takes nothing more, so 'modelstream tasks' may not show what became of "
        "purchase 1: no such table: attempts"
    ]
    assert "run the command again" not in ended.err


def test_on_request_the_journal_is_left_alone(machine: Machine) -> None:
    ended = machine(*COFFEE, "--no-journal", "--timeout", "0")
    assert ended.err.endswith("  modelstream wait --no-journal task_4f1c\n")
    assert machine("wait", "--no-journal", "task_4f1c", "--interval", "0.01").status == 0
    assert not machine.home.exists()


def test_a_program_with_an_event_loop_of_its_own_can_call_the_command(machine: Machine) -> None:
    async def call() -> int:
        return main([*COFFEE, "-o", "coffee.mp4"])

    assert asyncio.run(call()) == 0
    machine("task", "task_4f1c")  # Takes what was printed.
    assert machine.purchase()["state"] == "saved"


# Where it is written.


@pytest.mark.parametrize(
    ("address", "is_mock"),
    [
        ("http://127.0.0.1:8765", True),
        ("http://localhost:8765/v1x", True),
        ("http://[::1]:8765", True),
        ("http://mock.localhost", True),
        ("https://example.com", False),
        ("https://127.0.0.1.example.com", False),
        ("http://10.0.0.1", False),
        (None, False),
    ],
)
def test_only_a_gateway_on_this_machine_is_a_mock(
    address: str | None, is_mock: bool, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELSTREAM_BASE_URL")
    settings = read_settings({"base_url": address}, [], CATALOG)
    assert place_of(settings) == machine_place("modelstream", mock=is_mock)
    assert place_of(settings, mock=True) == machine_place("modelstream", mock=True)


# The list.


def test_the_purchases_of_all_sources_are_listed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine(*COFFEE, "-o", "coffee.mp4")
    assert [purchase["source"] for purchase in machine.purchases("--mock")] == ["command line"]
    monkeypatch.delenv("MODELSTREAM_BASE_URL")
    assert machine("tasks") == (0, "", "there are no purchases to list\n")
    agent = buy_elsewhere("agent", machine.home, "a")
    studio = buy_elsewhere("studio", machine.home, "b")
    assert [(p["source"], p["task_id"], p["number"]) for p in machine.purchases()] == [
        ("studio", studio.task_id, 2),
        ("agent", agent.task_id, 1),
    ]
    lines = machine("tasks").out.splitlines()
    assert [line.split()[-1] for line in lines[1::2]] == ["studio", "agent"]
    assert f"{studio.task_id} bought, being made" in lines[2]


def test_the_list_fits_80_columns_and_shortens_no_path(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELSTREAM_BASE_URL")
    folder = Path("a" * 100)
    machine(*COFFEE, "-o", f"{folder}/coffee.mp4", "--base-url", machine.server.url)
    machine("generate", "m" * 100, *COFFEE[2:], "--no-wait", "--base-url", machine.server.url)
    shown = machine("tasks", "--mock")
    assert str((folder / "coffee.mp4").absolute()) in shown.out
    assert [line for line in shown.out.splitlines() if len(line) > 80] == [
        f"        {(folder / 'coffee.mp4').absolute()}"
    ]


def test_limits_and_states(machine: Machine) -> None:
    for reply in (response(400, {}), machine.gateway.submit_reply, Reply(end="reset")):
        machine.gateway.submit_reply = reply
        machine(*COFFEE, "--no-wait")
    assert [p["number"] for p in machine.purchases("--limit", "2")] == [3, 2]
    assert "list more with --limit 4, or all of them with --all" in machine("tasks", "--limit", "2").err
    assert [p["number"] for p in machine.purchases("--limit", "3")] == [3, 2, 1]
    assert "older" not in machine("tasks", "--limit", "3").err
    assert [p["number"] for p in machine.purchases("--state", "in-doubt", "--state", "refused")] == [3, 1]
    assert machine("tasks", "--state", "failed").err.endswith("there are no such purchases\n")
    explained = machine("tasks", "--help").out.partition("States:\n")[2]
    for state in STATES:
        assert machine("tasks", "--state", state.replace(" ", "-")).status == 0
        assert re.search(rf"^ +{state.replace(' ', '-')} +[a-z]", explained, re.MULTILINE)


def test_what_somebody_deleted_is_listed_on_request(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MODELSTREAM_BASE_URL")
    purchase = buy_elsewhere("studio", machine.home)

    async def hide() -> None:
        async with Shop().client() as client, Purchases.opened(client, "studio", machine_place("modelstream")) as made:
            assert await made.hide(purchase.number)

    asyncio.run(hide())
    assert machine.purchases() == []
    assert [p["number"] for p in machine.purchases("--all")] == [1]


def test_options_in_the_wrong_place_are_a_wrong_call(machine: Machine) -> None:
    ended = machine("tasks", "--mock", "show", "1")
    assert (ended.status, "write --mock after 'show'" in ended.err) == (2, True)


def test_hostile_texts_are_printed_harmlessly(machine: Machine) -> None:
    machine.gateway.submit_reply = response(400, {"error": {"message": HOSTILE, "code": HOSTILE}})
    machine("generate", HOSTILE, "--prompt", HOSTILE, "--retries", "0")
    machine.gateway.submit_reply = response(200, {"task_id": "x'; rm -rf ~; '", "status": "queued"})
    machine(*COFFEE, "--set", f"prompt={HOSTILE}", "--no-wait")
    for words in (("tasks",), ("tasks", "show", "1"), ("tasks", "show", "2")):
        shown = machine(*words)
        assert shown.status == 0
        assert NOT_PLAIN.search(shown.out + shown.err) is None, words
        assert "\n     9  2026" not in shown.out
    assert shlex.split(shown.err.splitlines()[-1]) == ["modelstream", "wait", "x'; rm -rf ~; '"]
    assert NOT_PLAIN.search(machine("tasks", "--json").out) is None


# One purchase.


def test_a_purchase_is_shown_by_number_and_by_task(machine: Machine) -> None:
    machine(*COFFEE, "--no-wait")
    shown = machine("tasks", "show", "1")
    assert shown == machine("tasks", "show", "task_4f1c")
    assert "task_4f1c bought, being made" in shown.out
    assert shown.err.endswith("Save its video, which costs nothing:\n  modelstream wait task_4f1c\n")
    [attempt] = json.loads(machine("tasks", "show", "1", "--json").out)["attempts"]
    assert (attempt["outcome"], attempt["task_id"]) == ("submitted", "task_4f1c")
    for which in ("2", "task_other", "9" * 30, "9" * 5000):
        unknown = machine("tasks", "show", which)
        assert (unknown.status, f"no purchase '{which}'" in unknown.err) == (2, True)


def test_the_command_and_the_source_make_the_same_request_again(machine: Machine) -> None:
    for golden in documented():
        machine("generate", *words_of(golden), "--no-wait")
        body = json.loads(machine.server.requests()[-1].body)
        number = machine.purchases("--limit", "1")[0]["number"]
        shown = json.loads(machine("tasks", "show", str(number), "--json").out)
        again = machine(*shlex.split(shown["command"].replace("\\\n", ""))[1:], "--dry-run", "--json")
        assert json.loads(again.out)["payload"] == body
        source = f"{shown['python']}\nimport json; print(json.dumps(request.to_payload()))"
        ran = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
        assert json.loads(ran.stdout) == body


def test_a_local_file_is_kept_by_its_path(machine: Machine) -> None:
    picture = Path("hero.png").absolute()
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(300))
    words = ("generate", "viduq2-pro-fast", "--prompt", "Waves", "--image", "hero.png", "--no-wait")
    assert machine(*words).status == 0
    shown = json.loads(machine("tasks", "show", "1", "--json").out)
    assert shown["request"]["files"][0]["path"] == str(picture)
    assert "base64" not in json.dumps(shown)
    again = json.loads(machine(*shlex.split(shown["command"].replace("\\\n", ""))[1:], "--dry-run", "--json").out)
    assert again["payload"] == json.loads(machine.server.requests()[0].body)
    assert "characters)" in machine("tasks", "show", "1").out
    picture.write_bytes(b"another")
    changed = machine("tasks", "show", "1")
    assert (changed.status, "has changed" in changed.err) == (0, True)


def test_a_body_that_no_option_makes_is_kept_as_it_was_sent(machine: Machine) -> None:
    machine(*COFFEE, "--set", "metadata.sound=on", "--no-wait")
    shown = machine("tasks", "show", "1")
    assert '"sound": "on"' in shown.out
    assert "metadata.sound" in shown.err
    assert json.loads(machine("tasks", "show", "1", "--json").out)["command"] is None


# Ending a doubt.


@pytest.mark.parametrize(
    ("words", "state", "says"),
    [
        (["--task", "task_4f1c"], "submitted", "modelstream wait task_4f1c"),
        (["--not-bought"], "ready", "it is not sent again unless you submit it again"),
        (["--abandon"], "abandoned", "stays counted"),
    ],
)
def test_a_person_ends_a_doubt(words: list[str], state: str, says: str, machine: Machine) -> None:
    machine.gateway.submit_reply = Reply(end="reset")
    machine(*COFFEE)
    ended = machine("tasks", "resolve", "1", *words)
    assert (ended.status, says in ended.out + ended.err) == (0, True)
    assert machine.purchase()["state"] == state
    again = machine("tasks", "resolve", "1", *words)
    assert again.status == 2
    if state == "submitted":
        assert machine("wait", "task_4f1c", "-o", "found.mp4", "--interval", "0.01").status == 0
        assert machine.purchase()["file"] == str(Path("found.mp4").absolute())
    assert machine.server.count() == 1


def test_what_cannot_be_resolved(machine: Machine) -> None:
    assert machine("tasks", "resolve", "1", "--abandon").status == 2
    machine(*COFFEE, "--no-wait")
    for words, message in (
        (["1"], "say one of --task ID, --not-bought and --abandon"),
        (["1", "--abandon", "--not-bought"], "say one of"),
        (["1", "--task", ".."], "is not a task id"),
        (["1", "--abandon"], "purchase 1 is submitted, and not in doubt; nothing was changed"),
        (["7", "--abandon"], "no purchase '7'"),
        (["9" * 30, "--abandon"], f"no purchase '{'9' * 30}'"),
        (["x", "--abandon"], "'x' is not a valid integer"),
        (["9" * 5000, "--abandon"], "is not a valid integer"),
    ):
        ended = machine("tasks", "resolve", *words)
        assert (ended.status, message in ended.err) == (2, True), ended.err
    machine.gateway.submit_reply = Reply(end="reset")
    machine(*COFFEE)
    ended = machine("tasks", "resolve", "2", "--task", "task_4f1c")
    assert (ended.status, "--task: 'task_4f1c' is the task of purchase 1\n" in ended.err) == (2, True)
    assert machine.purchases()[0]["state"] == "in doubt"


def test_commands_that_buy_nothing_do_not_load_the_journal() -> None:
    code = (
        "import sys; from modelstream.cli import main; status = main(sys.argv[1:]);"
        "print(*sorted({'asyncio', 'sqlite3'} & set(sys.modules)), file=sys.stderr); sys.exit(status)"
    )
    for words in (["--help"], ["tasks", "--help"], ["generate", "kling-v3", "--prompt", "x", "--dry-run"]):

        ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
        assert ended.stderr == "\n"
