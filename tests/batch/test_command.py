"""``modelstream batch``: what it prints, how it ends, and what a signal does to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.batches import results_of
from tests.support.command import PATIENCE, SCRIPT, Ended, run_here, run_script, surroundings, terminal
from tests.support.process import process
from tests.support.server import Received, Reply, VideoGateway, response, serve

KEY = "sk-never-shown"
FAST = ("--interval", "0.01", "--retries", "0")


class Market(VideoGateway):
    """Gives every purchase a task of its own.

    Attributes:
        sold: how often each prompt was bought.
        refusals: replies to the first paid requests; ``None`` lets one pass.
        lost: the prompts whose answers get lost after the purchase.
        gate: while it is closed, no answer to a paid request leaves.
        arrived: set when a paid request arrives.
    """

    def __init__(self) -> None:
        super().__init__()
        self.states = [("completed", "100%")]
        self.sold: Counter[str] = Counter()
        self.refusals: list[Reply | None] = []
        self.lost: set[str] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.arrived = threading.Event()

    def __call__(self, received: Received, number: int) -> Reply:
        if received.method != "POST":
            return super().__call__(received, number)
        if number < len(self.refusals) and (refusal := self.refusals[number]):
            return refusal
        prompt = received.json["prompt"]
        self.sold[prompt] += 1
        self.arrived.set()
        self.gate.wait(PATIENCE)
        if prompt in self.lost:
            return Reply(b"", "reset")
        return response(200, {"task_id": f"task_{number}", "status": "queued"})


class Shell:
    """A folder in which somebody runs batches at the market."""

    def __init__(self, market: Market, url: str, folder: Path) -> None:
        self.market = market
        self.folder = folder
        self.videos = folder / "videos"
        self.environment = {"MODELSTREAM_API_KEY": KEY, "MODELSTREAM_BASE_URL": url}

    def write(self, count: int, name: str = "jobs.jsonl") -> str:
        lines = [
            json.dumps({"id": f"cup-{n}", "model": "kling-v3", "values": {"prompt": f"Cup {n}"}}) for n in range(count)
        ]
        (self.folder / name).write_text("\n".join(lines))
        return name

    def __call__(self, *words: str, given: str | None = None, **environment: str) -> Ended:
        """Run the command inside this process, or, if something is given to it, as one of its own."""
        words, environment = ("batch", *words), self.environment | environment
        if given is None:
            ended = run_here(*words, cwd=self.folder, environment=environment)
        else:
            ended = run_script(*words, given=given, cwd=self.folder, environment=environment)
        assert KEY not in ended.out + ended.err
        return ended

    def run(self, *words: str, **options: Any) -> Ended:
        budget = () if "--max-purchases" in words else ("--max-purchases", "all")
        return self("run", *words, "--out", "videos", *budget, *FAST, **options)

    def events(self, ended: Ended) -> list[dict[str, Any]]:
        return [json.loads(line) for line in ended.out.splitlines()]


@pytest.fixture
def market() -> Market:
    return Market()


@pytest.fixture
def shell(market: Market, tmp_path: Path) -> Iterator[Shell]:
    with serve(market) as server:
        try:
            yield Shell(market, server.url, tmp_path)
        finally:
            market.gate.set()


def test_a_list_becomes_a_folder_of_videos(shell: Shell) -> None:
    ended = shell.run(shell.write(3), given="")
    assert (ended.status, ended.out) == (0, "videos/results.jsonl\n")
    assert ended.err == "0 of 3 saved  0 bought  0 in flight\n3 of 3 videos saved in videos; 3 purchases\n"
    assert sorted(path.name for path in shell.videos.glob("*.mp4")) == ["cup-0.mp4", "cup-1.mp4", "cup-2.mp4"]
    assert set(shell.market.sold.values()) == {1}


def test_a_table_from_standard_input_with_values_for_all(shell: Shell) -> None:
    ended = shell.run(
        "-", "--model", "kling-v3", "--set", "mode=pro", "--set", "cfg-scale=0.3", given="prompt\nA cup\n"
    )
    assert ended.status == 0
    [result] = results_of(shell.videos).values()
    assert result["request"] == {"values": {"mode": "pro", "cfg_scale": 0.3, "prompt": "A cup"}}


def test_events_for_programs(shell: Shell) -> None:
    ended = shell.run(shell.write(1), "--json", "--quiet")
    assert ended.err == ""
    start, *updates, end = shell.events(ended)
    assert start == {"event": "batch_start", "counts": {"ready": 1}, "reserved": 0, "allowed": None}
    assert [(each["event"], each["state"]) for each in updates] == [
        ("batch_update", state) for state in ("sending", "submitted", "finished", "saved")
    ]
    assert end == {
        "event": "batch_end",
        "ending": "complete",
        "reason": None,
        "left_out": 0,
        "results": "videos/results.jsonl",
        "counts": {"saved": 1},
        "reserved": 1,
        "allowed": None,
        "in_doubt": [],
    }


def test_a_log_in_json(shell: Shell) -> None:
    shell.market.refusals = [response(400, {"error": {"message": "no \x1b[2J", "type": "x", "param": "", "code": ""}})]
    ended = shell.run(shell.write(2), "--max-in-flight", "1", "--log-format", "json")
    assert (ended.status, ended.out) == (13, "videos/results.jsonl\n")
    log = [json.loads(line) for line in ended.err.splitlines()]
    assert log[0] | {"time": ""} == {
        "time": "",
        "level": "info",
        "message": "0 of 2 saved  0 bought  0 in flight",
        "counts": {"ready": 2},
        "reserved": 0,
        "allowed": None,
    }
    assert (log[1]["id"], log[1]["state"]) == ("cup-0", "refused")
    assert (log[-1]["level"], log[-1]["exit_status"]) == ("error", 13)


def test_a_dry_run_needs_no_key_and_touches_nothing(shell: Shell) -> None:
    ended = shell("run", shell.write(1000), "--out", "videos", "--dry-run", MODELSTREAM_API_KEY="")
    assert ended.status == 0
    assert ended.err.startswith(
        "1000 jobs checked (1,000 kling-v3); nothing was bought or written. The first:\ncup-0:\n"
    )
    assert [line for line in ended.out.splitlines() if "prompt" in line] == [
        f'  "prompt": "Cup {number}",' for number in range(3)
    ]
    assert not shell.videos.exists()
    assert not shell.market.sold


def test_wrong_jobs_are_listed_with_their_places(shell: Shell) -> None:
    (shell.folder / "jobs.csv").write_text("id,prompt,duration\na,A cup,5\nb\x1b[2J,A cup,5\nc,A cup,99\n")
    ended = shell.run("jobs.csv", "--model", "kling-v3")
    assert (ended.status, ended.out) == (2, "")
    assert ended.err == (
        "Error: 2 of 3 jobs are wrong; nothing was bought\n"
        r"  jobs.csv:3, column 1: id: 'b\x1b[2J' is not a text that can be printed" + "\n"
        "  jobs.csv:4, column 3 (c): duration: 99 is more than 15 (3 to 15 seconds)\n"
    )
    assert not shell.videos.exists()
    [event] = shell.events(shell.run("jobs.csv", "--model", "kling-v3", "--json"))
    assert (event["kind"], event["problems"][1]["field"]) == ("InvalidBatch", "duration")


def test_wrong_jobs_can_be_left_out(shell: Shell) -> None:
    (shell.folder / "jobs.csv").write_text("id,prompt,duration\na,A cup,5\nc,A cup,99\n")
    ended = shell.run("jobs.csv", "--model", "kling-v3", "--skip-invalid")
    assert ended.status == 13
    assert "left out: jobs.csv:3, column 3 (c): duration: 99 is more than 15" in ended.err
    assert dict(shell.market.sold) == {"A cup": 1}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere.csv"], "JOBS: there is no file 'nowhere.csv'"),
        (["--model", "kling-v3"], "--model: needs JOBS"),
        (["jobs.jsonl", "--rate", "fast"], "--rate: 'fast' does not have the form 2/s, 30/m or 100/h"),
        (["jobs.jsonl", "--rate", "0/s"], "--rate: '0/s' does not have the form 2/s, 30/m or 100/h"),
        (["jobs.jsonl", "--max-purchases", "-1"], "--max-purchases: '-1' is neither a number of purchases nor 'all'"),
        (["jobs.jsonl", "--max-in-flight", "0"], "--max-in-flight: '0' is not a number from 1 on"),
        (["jobs.jsonl", "--timeout", "2x"], "--timeout: '2x' is neither a number of seconds nor 'none'"),
        (["jobs.jsonl", "--set", "mode"], "--set: 'mode' does not have the form FIELD=VALUE"),
        (["jobs.jsonl", "--set", "mod=pro"], "--set: 'mod' is not a field; did you mean 'mode'?"),
        (["jobs.jsonl", "--set", "mode=pro", "--set", "mode=std"], "--set: 'mode' is set twice"),
        (["jobs.jsonl", "--set", "multi_prompt=["], "--set multi_prompt: invalid JSON"),
    ],
)
def test_wrong_options(shell: Shell, words: list[str], message: str) -> None:
    shell.write(1)
    ended = shell.run(*words)
    assert (ended.status, ended.out) == (2, "")
    assert f"  {message}" in ended.err
    assert not shell.videos.exists()


def test_the_first_run_needs_a_budget(shell: Shell) -> None:
    ended = shell("run", shell.write(1), "--out", "videos")
    assert (ended.status, "--max-purchases 500" in ended.err) == (2, True)
    assert not shell.videos.exists()


def test_a_spent_budget_has_a_status_of_its_own(shell: Shell) -> None:
    ended = shell.run(shell.write(3), "--max-purchases", "2")
    assert ended.status == 11
    assert "1 not bought yet. Go on with:\n  modelstream batch run --out videos --max-purchases 3\n" in ended.err
    assert "Error: 2 of 2 purchases are made or in doubt\n" in ended.err
    assert shell("run", "--out", "videos", "--max-purchases", "3", *FAST).status == 0
    assert set(shell.market.sold.values()) == {1}


@pytest.mark.parametrize("status", [401, 402, 403])
def test_an_account_that_may_not_buy_stops_with_advice(shell: Shell, status: int) -> None:
    refusal = response(status, {"error": {"message": "not you", "type": "x", "param": "", "code": ""}})
    shell.market.refusals = [None, *[refusal] * 100]
    ended = shell.run(shell.write(50), "--max-in-flight", "1")
    assert ended.status == 12
    assert "Error: no more purchases: " in ended.err
    assert "not you" in ended.err
    assert "go on with: modelstream batch run --out videos" in ended.err
    assert "49 not bought yet" in ended.err
    assert sum(shell.market.sold.values()) == 1


def test_what_is_in_doubt_is_listed_and_ended_by_a_person(shell: Shell) -> None:
    shell.market.lost = {"Cup 0", "Cup 1", "Cup 2"}
    ended = shell.run(shell.write(4), "--max-in-flight", "1")
    assert ended.status == 7
    doubt = results_of(shell.videos)["cup-0"]
    digest = doubt["attempts"][0]["payload_digest"]
    for text in (ended.err, shell("status", "videos").out):
        assert "3 in doubt: sent, and perhaps bought. They are never sent again by themselves:\n" in text
        assert f"  reference {doubt['reference']}  body sha256 {digest}\n" in text
        assert "  modelstream batch resolve videos cup-0 --not-bought\n" in text
    assert shell("resolve", "videos", "cup-0", "--task", "task_0").status == 0
    assert shell("resolve", "videos", "cup-1", "--not-bought").status == 0
    assert shell("resolve", "videos", "cup-2", "--abandon").status == 0
    shell.market.lost = set()
    ended = shell("run", "--out", "videos", *FAST)
    assert ended.status == 13
    assert "3 of 4 videos saved in videos; 4 purchases\n1 given up in doubt\n" in ended.err
    assert dict(shell.market.sold) == {"Cup 0": 1, "Cup 1": 2, "Cup 2": 1, "Cup 3": 1}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["cup-9", "--abandon"], "there is no job 'cup-9'"),
        (["cup-1", "--abandon"], "'cup-1' is saved, and not in doubt; nothing was changed"),
        (["cup-0"], "say one of --task ID, --not-bought and --abandon"),
        (["cup-0", "--abandon", "--not-bought"], "say one of --task ID, --not-bought and --abandon"),
        (["cup-0", "--task", "../x"], None),
        (["cup-0", "--task", ".."], "--task: '..' is not a task id"),
        (["cup-0", "--task", "task_1"], "--task: 'task_1' is the task of job 'cup-1'"),
    ],
)
def test_a_wrong_resolution_changes_nothing(shell: Shell, words: list[str], message: str | None) -> None:
    shell.market.lost = {"Cup 0"}
    shell.run(shell.write(2), "--max-in-flight", "1")
    ended = shell("resolve", "videos", *words)
    if message is None:
        assert ended.status == 0
    else:
        assert (ended.status, message in ended.err) == (2, True)
        [status] = shell.events(shell("status", "videos", "--json"))
        assert status["counts"] == {"in doubt": 1, "saved": 1}


def test_retrying_says_that_it_buys_again(shell: Shell) -> None:
    shell.market.states = [("failed", None)]
    ended = shell.run(shell.write(2), "--max-purchases", "2")
    assert ended.status == 13
    assert "to buy them again: modelstream batch retry videos --failed" in ended.err
    assert shell("retry", "videos").status == 2
    ended = shell("retry", "videos", "--failed")
    assert ended == (
        0,
        "modelstream batch run --out videos --max-purchases 4\n",
        "2 jobs will be bought again, and paid again, by the next run:\n",
    )
    shell.market.states = [("completed", None)]
    assert shell("run", "--out", "videos", "--max-purchases", "4", *FAST).status == 0
    assert set(shell.market.sold.values()) == {2}


def test_changes_of_the_list_are_told_before_anything_is_bought(shell: Shell) -> None:
    shell.run(shell.write(4), "--max-purchases", "2", "--max-in-flight", "1")
    jobs = [json.loads(line) for line in (shell.folder / "jobs.jsonl").read_text().splitlines()]
    jobs[2]["values"]["prompt"] = "Tea"
    (shell.folder / "jobs.jsonl").write_text("\n".join(map(json.dumps, [jobs[0], jobs[2], jobs[2] | {"id": "new"}])))
    ended = shell.run("jobs.jsonl")
    assert ended.status == 0
    assert ended.err.startswith(
        "the list has changed since the last run: 1 added, 1 changed before they were bought, 1 missing, and "
        "cancelled, 1 missing, but bought or in doubt\n2 of 4 saved"
    )


def test_a_pipe_may_hold_the_jobs(shell: Shell) -> None:
    script = f'{SCRIPT} batch run <(cat "{shell.write(2)}") --out videos --max-purchases all {" ".join(FAST)}'
    ended = subprocess.run(
        ["bash", "-c", script], cwd=shell.folder, env=surroundings(shell.environment), timeout=PATIENCE, check=False
    )
    assert ended.returncode == 0
    assert sum(shell.market.sold.values()) == 2


def test_cancelling_takes_back_what_is_not_bought(shell: Shell) -> None:
    shell.run(shell.write(5), "--max-purchases", "2")
    assert "3 jobs cancelled before they were bought\n" in shell("cancel", "videos").err
    ended = shell("run", "--out", "videos", "--max-purchases", "all", *FAST)
    assert ended.status == 0
    assert "2 of 2 videos saved in videos; 2 purchases\n3 cancelled before they were bought\n" in ended.err


def test_exports(shell: Shell) -> None:
    (shell.folder / "jobs.csv").write_text("id,prompt\n=1+1,A cup\n")
    shell.run("jobs.csv", "--model", "kling-v3")
    table = shell("export", "videos", "--format", "csv").out
    assert table.splitlines()[1].startswith("'=1+1,kling-v3,saved,yes,task_0,")
    assert json.loads(shell("export", "videos").out) == results_of(shell.videos)["=1+1"]


@pytest.mark.parametrize(
    "words", [["status", "videos"], ["export", "videos"], ["cancel", "videos"], ["run", "--out", "videos"]]
)
def test_without_a_journal(shell: Shell, words: list[str]) -> None:
    ended = shell(*words)
    assert (ended.status, ended.err) == (14, "Error: there is no journal videos/journal.sqlite\n")
    assert not shell.videos.exists()


def started(shell: Shell, *words: str, err: Any = subprocess.PIPE) -> Any:
    command: list[str | Path] = [SCRIPT, "batch", "run", *words, "--out", "videos", "--max-purchases", "all", *FAST]
    return process(command, cwd=shell.folder, env=surroundings(shell.environment), stdout=subprocess.PIPE, stderr=err)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 143)])
def test_a_signal_ends_the_run_after_the_purchase_under_way(shell: Shell, number: int, status: int) -> None:
    shell.market.gate.clear()
    with started(shell, shell.write(20), "--max-submitting", "1") as running:
        assert shell.market.arrived.wait(PATIENCE)
        running.send_signal(number)
        assert any(b"stopping: no new purchases" in line for line in running.stderr)
        shell.market.gate.set()
        rest = running.stderr.read().decode()
        assert running.wait(PATIENCE) == status
    assert "1 bought, but not saved yet; to fetch them costs nothing:\n  modelstream batch run --out videos\n" in rest
    assert "Go on with: modelstream batch run --out videos\n" in rest
    assert sum(shell.market.sold.values()) == 1
    assert shell("run", "jobs.jsonl", "--out", "videos", *FAST).status == 0
    assert set(shell.market.sold.values()) == {1}


def test_a_second_signal_ends_it_now_with_the_purchase_in_doubt(shell: Shell) -> None:
    shell.market.gate.clear()
    with started(shell, shell.write(20), "--max-submitting", "1") as running:
        assert shell.market.arrived.wait(PATIENCE)
        running.send_signal(signal.SIGINT)
        assert any(b"stopping: no new purchases" in line for line in running.stderr)
        running.send_signal(signal.SIGINT)
        rest = running.stderr.read().decode()
        assert running.wait(PATIENCE) == 130
    assert "1 in doubt: " in rest
    [status] = shell.events(shell("status", "videos", "--json"))
    assert status["counts"] == {"in doubt": 1, "ready": 19}
    assert (status["in_doubt"][0]["id"], status["reserved"]) == ("cup-0", 1)


def test_ctrl_c_while_the_list_arrives(shell: Shell) -> None:
    command: list[str | Path] = [SCRIPT, "batch", "run", "-", "--out", "videos", "--max-purchases", "all"]
    pipe = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with process(command, cwd=shell.folder, env=surroundings(shell.environment), **pipe) as running:
        running.stdin.write(b"\n" * 200_000)  # More than a pipe holds, so it is being read.
        running.stdin.flush()
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 130
    assert not shell.videos.exists()


def test_others_may_look_and_decide_while_it_runs(shell: Shell) -> None:
    shell.market.gate.clear()
    with started(shell, shell.write(20), "--max-submitting", "1", err=subprocess.DEVNULL) as running:
        assert shell.market.arrived.wait(PATIENCE)
        shown = shell("status", "videos")
        assert shown.out.startswith(f"running: process {running.pid} on ")
        assert "0 of 20 videos saved in videos; 1 purchase\n" in shown.out
        assert len(shell("export", "videos").out.splitlines()) == 20
        second = shell.run("jobs.jsonl")
        assert (second.status, f"Error: process {running.pid} on " in second.err) == (14, True)
        assert "19 jobs cancelled" in shell("cancel", "videos").err
        shell.market.gate.set()
        assert running.wait(PATIENCE) == 0
    assert dict(shell.market.sold) == {"Cup 0": 1}
    assert shell("status", "videos").out.startswith("1 of 1 video saved")


def test_a_terminal_shows_one_line(shell: Shell) -> None:
    shell.market.gate.clear()
    words = ["batch", "run", shell.write(3), "--out", "videos", "--max-purchases", "3", *FAST]
    with terminal(*words, cwd=shell.folder, environment=shell.environment) as shown:
        shown.wait_for("0 of 3 saved  3 bought of 3  3 in flight")
        shell.market.gate.set()
        assert shown.end() == 0
    assert not shown.foreign_sequences
    assert "3 of 3 videos saved in videos; 3 purchases of 3 allowed\n" in shown.shown


def test_ctrl_c_in_a_terminal(shell: Shell) -> None:
    shell.market.states = [("in_progress", "30%")]
    words = ["batch", "run", shell.write(3), "--out", "videos", "--max-purchases", "3", *FAST]
    with terminal(*words, cwd=shell.folder, environment=shell.environment) as shown:
        shown.wait_for("3 bought of 3  3 in flight")
        shown.type("\x03")
        assert shown.end() == 130
    assert "3 bought, but not saved yet" in shown.shown


def test_a_reader_that_leaves_stops_the_purchases_and_loses_nothing(shell: Shell) -> None:
    command: list[str | Path] = [
        SCRIPT,
        "batch",
        "run",
        shell.write(30),
        "--out",
        "videos",
        "--max-purchases",
        "all",
        "--json",
        *FAST,
    ]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        ended = subprocess.run(
            command, cwd=shell.folder, env=surroundings(shell.environment), stdout=closed, stderr=subprocess.PIPE,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert shell.run("jobs.jsonl").status == 0
    assert set(shell.market.sold.values()) == {1}
