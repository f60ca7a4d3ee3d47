"""Submitting, waiting and saving by command line: results, events, exit statuses, and what cuts them short."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modelstream_runtime.cli.durations import Durations
from modelstream_runtime.cli.exits import MEANINGS
from tests.support.command import PATIENCE, SCRIPT, Ended, run_here, run_script, surroundings, terminal
from tests.support.process import process, send_while_it_waits
from tests.support.server import VIDEO, Received, Reply, Server, VideoGateway, response

KEY = "sk-never-shown"
COFFEE = ("generate", "kling-v3", "--prompt", "A cup of coffee", "--interval", "0.01", "--retries", "0")
HOSTILE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\nTask task_1 continues at the gateway. Resume with:\n  rm -rf ~"


class Client:
    """The installed program, with a key and a gateway from the environment, in a folder of its own."""

    def __init__(self, gateway: VideoGateway, server: Server, folder: Path) -> None:
        self.gateway = gateway
        self.server = server
        self.folder = folder
        self.environment = {"MODELSTREAM_API_KEY": KEY, "MODELSTREAM_BASE_URL": server.url}

    def __call__(self, *words: str, given: str | None = None, **environment: str) -> Ended:
        """Run the program inside this process, or, if something is given to it, as one of its own."""
        environment = self.environment | environment
        if given is None:
            ended = run_here(*words, cwd=self.folder, environment=environment)
        else:
            ended = run_script(*words, given=given, cwd=self.folder, environment=environment)
        assert KEY not in ended.out + ended.err
        return ended

    def files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}


@pytest.fixture
def client(gateway: VideoGateway, server: Server, tmp_path: Path) -> Client:
    return Client(gateway, server, tmp_path)


def events(ended: Ended) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ended.out.splitlines()]


def test_generate_prints_plain_lines_and_saves(client: Client) -> None:
    ended = client(*COFFEE, "-o", "coffee.mp4", given="")
    assert ended.status == 0
    assert ended.out == "coffee.mp4\n"
    assert ended.err == (
        "submitted kling-v3 as task task_4f1c\n"
        "task_4f1c queued\n"
        "task_4f1c in_progress 30%\n"
        "task_4f1c completed 100%\n"
        "task_4f1c saved, 1.0 kB, after 0:00\n"
    )
    assert client.files() == {"coffee.mp4": VIDEO}
    assert client.server.requests()[0].json["prompt"] == "A cup of coffee"
    assert client.server.requests()[0].header("Authorization") == f"Bearer {KEY}"


def test_events_for_programs(client: Client) -> None:
    ended = client(*COFFEE, "--json", "--quiet")
    assert ended.err == ""
    all_events = events(ended)
    assert [event["event"] for event in all_events] == ["submitted", "status", "status", "status", "saved"]
    assert all_events[0] == {"event": "submitted", "model": "kling-v3", "task_id": "task_4f1c", "status": "queued"}
    assert [(event["status"], event["progress"]) for event in all_events[1:4]] == [
        ("queued", None),
        ("in_progress", 30),
        ("completed", 100),
    ]
    assert all_events[4] | {"elapsed": 0} == {
        "event": "saved",
        "task_id": "task_4f1c",
        "path": "modelstream-task_4f1c.mp4",
        "bytes": len(VIDEO),
        "replaced": False,
        "url": f"{client.server.url}/task_4f1c.mp4",
        "elapsed": 0,
    }
    assert client.files() == {"modelstream-task_4f1c.mp4": VIDEO}


def test_quiet_prints_only_the_result(client: Client) -> None:
    assert client(*COFFEE, "-q", "-o", "folder/") == (0, "folder/modelstream-task_4f1c.mp4\n", "")


def test_a_replaced_file_is_reported(client: Client) -> None:
    client.gateway.states = [("completed", None)]
    for words, path in (
        ([*COFFEE, "-o", "coffee.mp4"], "coffee.mp4"),
        (["wait", "task_4f1c"], "modelstream-task_4f1c.mp4"),
    ):
        for replaced in (False, True):
            (client.folder / path).unlink(missing_ok=True)
            if replaced:
                (client.folder / path).write_text("old")
            with terminal(*words, cwd=client.folder, environment=client.environment) as shown:
                assert shown.end() == 0
            assert (f"\nreplaced {path}\n" in shown.shown) is replaced
    assert events(client("wait", "task_4f1c", "--json"))[-1]["replaced"] is True


def test_no_clobber_refuses_before_anything_is_paid(client: Client) -> None:
    (client.folder / "coffee.mp4").write_text("old")
    ended = client(*COFFEE, "-o", "coffee.mp4", "--no-clobber")
    assert (ended.status, ended.out) == (2, "")
    assert "  --output: 'coffee.mp4' exists, and --no-clobber forbids replacing it\n" in ended.err
    assert client.server.requests() == []
    assert client.files() == {"coffee.mp4": b"old"}


def test_no_clobber_with_a_name_after_the_task(client: Client) -> None:
    name = "modelstream-task_4f1c.mp4"
    client.gateway.states = [("completed", None)]
    assert client("wait", "task_4f1c", "--no-clobber").status == 0
    asked = client.server.count()
    ended = client("wait", "task_4f1c", "--no-clobber")
    assert (ended.status, client.server.count()) == (2, asked)
    assert f"'{name}' exists, and --no-clobber forbids replacing it" in ended.err
    assert client.files() == {name: VIDEO}


def _cannot_save(client: Client, *words: str, during: Callable[[], object]) -> str:
    """What the program prints after a change during the wait makes it fail to save."""
    _endless(client)
    with subprocess.Popen(
        [SCRIPT, *COFFEE, *words], stderr=subprocess.PIPE, env=surroundings(client.environment), cwd=client.folder
    ) as process:
        assert process.stderr is not None
        assert any(b"30%" in line for line in process.stderr)
        during()
        client.gateway.states = [("completed", None)]
        rest = process.stderr.read().decode()
        assert process.wait(PATIENCE) == 10
    return rest


def test_no_clobber_spares_a_file_that_appears_during_the_wait(client: Client) -> None:
    rest = _cannot_save(
        client, "-o", "coffee.mp4", "--no-clobber", during=lambda: (client.folder / "coffee.mp4").write_text("new")
    )
    assert "Error: 'coffee.mp4' exists, and --no-clobber forbids replacing it\n" in rest
    assert rest.endswith(
        "Task task_4f1c is done. Save its video with:\n  modelstream wait -o coffee.mp4 --no-clobber task_4f1c\n"
    )
    assert client.files() == {"coffee.mp4": b"new"}


def test_a_folder_that_vanishes_during_the_wait_loses_no_task(client: Client) -> None:
    folder = client.folder / "videos"
    folder.mkdir()

    def replace_folder() -> None:
        folder.rmdir()
        folder.write_text("a file")

    rest = _cannot_save(client, "-o", "videos/coffee.mp4", during=replace_folder)
    assert "Error: the video cannot be saved as videos/coffee.mp4: Not a directory" in rest
    assert rest.endswith(
        "Task task_4f1c is done. Save its video with:\n  modelstream wait -o videos/coffee.mp4 task_4f1c\n"
    )


def test_submit_now_and_fetch_later(client: Client) -> None:
    ended = client(*COFFEE, "--no-wait")
    assert ended == (
        0,
        "task_4f1c\n",
        "submitted kling-v3 as task task_4f1c\nResume with:\n  modelstream wait task_4f1c\n",
    )
    assert client("task", "task_4f1c").out == "task_4f1c queued\n"
    [event] = events(client("task", "task_4f1c", "--json"))
    assert (event["status"], event["progress"], event["done"], event["url"]) == ("in_progress", 30, False, None)
    assert client("wait", "task_4f1c", "-o", "later.mp4").out == "later.mp4\n"
    assert client("task", "task_4f1c").out == f"task_4f1c completed 100%\n{client.server.url}/task_4f1c.mp4\n"
    assert client.files() == {"later.mp4": VIDEO}


def test_set_goes_over_the_body(client: Client) -> None:
    assert client(*COFFEE, "--no-wait", "--set", "metadata.sound=on").status == 0
    metadata = client.server.requests()[0].json["metadata"]
    assert isinstance(metadata, dict)
    assert (metadata["sound"], metadata["aspect_ratio"]) == ("on", "16:9")


def test_key_from_a_file_or_from_standard_input(client: Client, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    del client.environment["MODELSTREAM_API_KEY"]
    ended = client(*COFFEE, "--no-wait", "--api-key-file", "key")
    assert (
        ended.err
        == "submitted kling-v3 as task task_4f1c\nResume with:\n  modelstream wait --api-key-file key task_4f1c\n"
    )
    assert client(*COFFEE, "--no-wait", "--api-key-file", "-", given=KEY).status == 0
    assert {received.header("Authorization") for received in client.server.requests()} == {f"Bearer {KEY}"}


def test_without_a_usable_key_nothing_is_sent(client: Client, tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "odd").write_text(f"{KEY} {KEY}")
    for words, key in (([], ""), (["--api-key-file", "gone"], KEY), (["--api-key-file", "empty"], KEY)):
        ended = client(*COFFEE, *words, MODELSTREAM_API_KEY=key)
        assert (ended.status, ended.out) == (3, "")
    assert client("task", "x", "--api-key-file", "odd").status == 3
    assert client.server.requests() == []


# Exit statuses.


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, {"error": {"message": "bad", "param": "metadata.cfg_scale"}}, 2),
        (401, {"error": {"message": "bad key"}}, 3),
        (402, {"error": {"message": "no credit"}}, 4),
        (403, {"error": {"message": "frozen"}}, 3),
        (403, {"error": {"message": "no credit", "code": "insufficient_user_quota"}}, 4),
        (404, {"error": {"message": "nothing here"}}, 2),
        (418, {"error": {"message": "teapot"}}, 6),
        (429, {"error": {"message": "slowly"}}, 5),
        (500, {"error": {"message": "oops"}}, 7),
        (503, {"error": {"message": "no channel", "code": "model_not_found"}}, 6),
        (200, {"nothing": "here"}, 7),
    ],
)
def test_exit_status_of_a_refused_submission(status: int, body: object, expected: int, client: Client) -> None:
    client.gateway.submit_reply = response(status, body)
    ended = client(*COFFEE, "--json")
    [error] = events(ended)
    assert (ended.status, error["event"], error["exit_status"]) == (expected, "error", expected)
    assert ended.err.startswith("Error: ")
    assert client.files() == {}


def test_without_a_channel_the_command_says_whether_retrying_helps(client: Client) -> None:
    client.gateway.submit_reply = response(503, {"error": {"message": "no channel", "code": "model_not_found"}})
    ended = client(*COFFEE)
    assert ended.status == 6
    assert ended.err.endswith(
        "The gateway has no channel for 'kling-v3' at the moment. It charged nothing; run the command again later.\n"
    )
    ended = client("generate", "some-model", *COFFEE[2:])
    assert ended.status == 2
    assert ended.err.endswith(
        "The gateway does not serve 'some-model'. It charged nothing. Check the model id: retrying will not help.\n"
    )


def test_a_misspelled_model_is_reported_before_the_submission(client: Client) -> None:
    client.gateway.submit_reply = response(503, {"error": {"message": "no channel", "code": "model_not_found"}})
    ended = client("generate", "klingv3", *COFFEE[2:])
    lines = ended.err.splitlines()
    assert (ended.status, len(lines), client.server.count()) == (2, 3, 1)
    assert lines[0] == "Warning: klingv3: model 'klingv3' is not a known id; did you mean 'kling-v3'?"
    assert lines[1].startswith("Error: no channel")
    assert lines[2].endswith("retrying will not help.")
    ended = client("generate", "klingv3", *COFFEE[2:], "--json")
    assert [event["event"] for event in events(ended)] == ["warning", "error"]


def test_exit_status_when_the_gateway_cannot_be_reached(client: Client) -> None:
    ended = client(*COFFEE, "--base-url", "http://127.0.0.1:9")
    assert (ended.status, "no connection to http://127.0.0.1:9" in ended.err) == (6, True)


def test_a_lost_submission_says_what_to_do(client: Client) -> None:
    client.gateway.submit_reply = Reply(end="cut")
    ended = client(*COFFEE)
    assert ended.status == 7
    assert "The gateway may have accepted and charged the request" in ended.err
    assert "resume it with: modelstream wait ID" in ended.err
    assert "client reference" in ended.err
    assert "client.task" not in ended.err
    assert client.server.count() == 1


def test_exit_status_of_a_failed_task(client: Client) -> None:
    client.gateway.poll_reply = response(200, {"task_id": "task_4f1c", "status": "failed", "fail_reason": HOSTILE})
    ended = client(*COFFEE)
    assert ended.status == 8
    assert "Resume with:" not in ended.err.splitlines()
    assert not any(line.startswith("  rm -rf") for line in ended.err.splitlines())
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(ended.err)
    assert client("task", "task_4f1c").out.splitlines()[0] == "task_4f1c failed"
    assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(client("task", "task_4f1c", "--json").out)


def test_a_strange_model_id_is_sent_as_it_is_and_shown_harmlessly(client: Client) -> None:
    ended = client("generate", "\x1b[2J", *COFFEE[2:])
    assert ended.status == 0
    assert client.server.requests()[0].json["model"] == "\x1b[2J"
    assert ended.err.startswith("submitted \\x1b[2J as task")


def test_exit_status_of_a_timeout_and_how_to_resume(client: Client) -> None:
    client.gateway.states = [("in_progress", "30%")]
    ended = client(*COFFEE, "--timeout", "0.05", "-o", "my coffee's.mp4")
    assert ended.status == 9
    assert "Error: timed out: task task_4f1c is still in_progress at 30%\n" in ended.err
    client.gateway.states = [("completed", "100%")]
    command = shlex.split(ended.err.splitlines()[-1])
    assert command == ["modelstream", "wait", "-o", "my coffee's.mp4", "task_4f1c"]
    assert client(*command[1:]).status == 0
    assert client.files() == {"my coffee's.mp4": VIDEO}


def test_the_command_that_resumes_is_safe_to_paste(client: Client) -> None:
    client.gateway.submit_reply = response(200, {"task_id": "-x'; touch pwned; '"})
    client.gateway.states = [("in_progress", None)]
    ended = client(*COFFEE, "--timeout", "0.05", "--base-url", client.server.url)
    command = shlex.split(ended.err.splitlines()[-1])
    assert command == ["modelstream", "wait", "--base-url", client.server.url, "--", "-x'; touch pwned; '"]
    client.gateway.states = [("completed", "100%")]
    assert client(*command[1:]).status == 0
    assert list(client.files()) == ["modelstream--x___touch_pwned___.mp4"]


def test_exit_status_when_the_video_cannot_be_saved(client: Client) -> None:
    client.gateway.video_status = 404
    ended = client(*COFFEE, "-o", "coffee.mp4", "--json")
    error = events(ended)[-1]
    assert (ended.status, error["exit_status"]) == (10, 10)
    assert error["resume"] == "modelstream wait -o coffee.mp4 task_4f1c"
    assert error["task_id"] == "task_4f1c"
    assert client.files() == {}


def test_a_file_that_cannot_be_written_is_named(client: Client) -> None:
    client.gateway.states = [("completed", None)]
    ended = client(*COFFEE, "-o", "/proc/coffee.mp4")
    assert ended.status == 10
    assert "Error: the video cannot be saved as /proc/coffee.mp4: " in ended.err


def test_an_interrupted_download_says_that_the_task_is_done(client: Client) -> None:
    client.gateway.states = [("completed", None)]
    client.gateway.video_status = 503
    words = ("wait", "task_4f1c", "-o", "coffee.mp4")
    with terminal(*words, cwd=client.folder, environment=client.environment) as shown:
        shown.wait_for("completed")
        shown.type("\x03")
        assert shown.end() == 130
    assert shown.shown.endswith(
        "interrupted\nTask task_4f1c is done. Save its video with:\n  modelstream wait -o coffee.mp4 task_4f1c\n"
    )


def test_no_state_is_claimed_before_the_gateway_reports_one(client: Client) -> None:
    client.gateway.poll_reply = response(503, {"error": {"message": "no channel"}})
    ended = client("wait", "nope", "--timeout", "0.05", "--interval", "0.01")
    assert ended == (
        9,
        "",
        "Error: timed out: the gateway has not reported the state of task nope (last error: no channel (HTTP 503))\n"
        "Task nope continues at the gateway. Resume with:\n  modelstream wait nope\n",
    )
    ended = client("wait", "nope", "--timeout", "0.05", "--interval", "0.01", "--json")
    assert [event["event"] for event in events(ended)] == ["error"]
    words = ("wait", "nope", "--timeout", "0.5")
    with terminal(*words, cwd=client.folder, environment=client.environment | {"NO_COLOR": "1"}) as shown:
        assert shown.end() == 9
    assert "\rnope  asking ...  0:0" in shown.shown
    assert "queued" not in shown.shown


def test_an_id_that_cannot_be_one_is_a_wrong_call(client: Client) -> None:
    for word in ("..", "\x1b[2J", "x" * 600):
        ended = client("wait", word)
        assert (ended.status, "\x1b" in ended.err) == (2, False)


def test_every_exit_status_is_in_the_help_and_in_the_documentation() -> None:
    text = run_script("--help").out
    page = (Path(__file__).parents[2] / "docs" / "command-line.md").read_text(encoding="utf-8")
    for status, meaning in MEANINGS.items():
        assert f"{status:>5}  {meaning}" in text
        assert f"| {status} | {meaning} |" in page


# Cut short.


def _endless(client: Client) -> None:
    client.gateway.states = [("in_progress", "30%")]


def test_ctrl_c_in_a_terminal_says_how_to_resume(client: Client) -> None:
    _endless(client)
    words = ("generate", "kling-v3", "--prompt", "x", "-o", "coffee.mp4")
    with terminal(*words, cwd=client.folder, environment=client.environment) as shown:
        shown.wait_for("30%")
        shown.type("\x03")
        assert shown.end() == 130
    assert shown.shown.endswith(
        "interrupted\n"
        "Task task_4f1c continues at the gateway. Resume with:\n"
        "  modelstream wait -o coffee.mp4 task_4f1c\n"
    )
    assert client.files() == {}


def test_termination_says_how_to_resume(client: Client) -> None:
    _endless(client)
    with process(
        [SCRIPT, *COFFEE], stderr=subprocess.PIPE, env=surroundings(client.environment), cwd=client.folder
    ) as running:
        while line := running.stderr.readline():
            if b"30%" in line:
                break
        running.send_signal(signal.SIGTERM)
        rest = running.stderr.read().decode()
        assert running.wait(PATIENCE) == 143
    assert rest.endswith(
        "Error: ended by a signal\n"
        "Task task_4f1c continues at the gateway. Resume with:\n"
        "  modelstream wait task_4f1c\n"
    )


def test_a_reader_that_goes_away_loses_no_task(client: Client) -> None:
    _endless(client)
    reading, writing = os.pipe()
    with process(
        [SCRIPT, *COFFEE, "--json"],
        stdout=writing,
        stderr=subprocess.PIPE,
        env=surroundings(client.environment),
        cwd=client.folder,
    ) as running:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        client.gateway.states = [("in_progress", f"{n % 90}%") for n in range(10_000)]
        printed = running.stderr.read().decode()
        assert running.wait(PATIENCE) == 1
    assert "Resume with:\n  modelstream wait task_4f1c\n" in printed
    assert "Traceback" not in printed


# Streams that take nothing. A paid request must never go unreported.

SUBMITTED = {"task_id": "task_4f1c", "status": "queued"}
REPLIES = {
    "ok": response(200, SUBMITTED),
    "unknown-status": response(200, SUBMITTED | {"status": "paused"}),
    "reset": Reply(end="reset"),
    "interrupted": Reply(end="hang"),
}
LOST = {"reset": 7, "interrupted": 130}
"""Replies after which nobody knows whether there is a task, with the exit status."""


def generate_with(
    streams: dict[str, int], *words: str, client: Client, reply: str, on_submit: Callable[[], object] = lambda: None
) -> Ended:
    """Submit with some streams replaced. Press Ctrl-C when the gateway has the request, if that is the reply."""
    submitted = threading.Event()

    def script(received: Received, number: int) -> Reply:
        on_submit()
        submitted.set()
        return REPLIES[reply]

    client.server.play(script)
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    with process(
        [SCRIPT, *COFFEE, *words], **pipes, env=surroundings(client.environment), cwd=client.folder
    ) as running:
        assert submitted.wait(PATIENCE)
        if reply == "interrupted":
            send_while_it_waits(running, signal.SIGINT)
        out, err = running.communicate(timeout=PATIENCE)
    assert client.server.count() == 1
    return Ended(running.returncode, (out or b"").decode(), (err or b"").decode())


def closed_pipe() -> int:
    reading, writing = os.pipe()
    os.close(reading)
    return writing


def full_disk() -> int:
    return os.open("/dev/full", os.O_WRONLY)


@pytest.mark.parametrize(
    "words", [["--json", "--quiet"], ["--json", "--no-wait"], ["--no-wait", "--quiet"]], ids=" ".join
)
@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("stdout", [closed_pipe, full_disk])
def test_a_submission_that_nobody_reads_loses_no_task(
    stdout: Callable[[], int], reply: str, words: list[str], client: Client
) -> None:
    writing = stdout()
    ended = generate_with({"stdout": writing}, *words, client=client, reply=reply)
    os.close(writing)
    assert "Traceback" not in ended.err
    if reply in LOST:
        assert ended.status == LOST[reply]
        assert re.search(r"^Error: .+ \(client reference \w+\)$", ended.err, re.MULTILINE), ended.err
    else:
        reason = "was closed" if stdout is closed_pipe else "cannot be written: No space left on device"
        assert ended.status == 1
        assert ended.err.endswith(
            f"Error: standard output {reason}\n"
            "Task task_4f1c continues at the gateway. Resume with:\n"
            "  modelstream wait task_4f1c\n"
        )


@pytest.mark.parametrize("words", [["--json", "--no-wait"], ["--no-wait"]], ids=" ".join)
@pytest.mark.parametrize("reply", REPLIES)
@pytest.mark.parametrize("stderr", ["closed pipe", "full disk", "dead terminal"])
def test_without_standard_error_the_result_is_as_always(
    stderr: str, reply: str, words: list[str], client: Client
) -> None:
    ours = -1
    if stderr == "dead terminal":
        ours, theirs = pty.openpty()
    else:
        theirs = closed_pipe() if stderr == "closed pipe" else full_disk()

    def hang_up() -> None:
        if stderr == "dead terminal":
            assert b"submitting" in os.read(ours, 1000)
            os.close(ours)

    ended = generate_with({"stderr": theirs}, *words, client=client, reply=reply, on_submit=hang_up)
    os.close(theirs)
    assert ended.status == LOST.get(reply, 0)
    if "--json" in words:
        last = events(ended)[-1]
        assert "(client reference " in last["message"] if reply in LOST else last["task_id"] == "task_4f1c"
    else:
        assert ended.out == ("" if reply in LOST else "task_4f1c\n")


@pytest.mark.parametrize(
    ("closed", "words", "expected"),
    [
        ("2>&-", ["--no-wait"], (0, "task_4f1c\n", "")),
        (
            ">&-",
            ["--no-wait", "--quiet"],
            (
                1,
                "",
                "Error: standard output cannot be written: Bad file descriptor\n"
                "Task task_4f1c continues at the gateway. Resume with:\n"
                "  modelstream wait task_4f1c\n",
            ),
        ),
    ],
)
def test_a_stream_that_was_never_open_loses_no_task(
    closed: str, words: list[str], expected: tuple[int, str, str], client: Client
) -> None:
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" {closed}', "sh", SCRIPT, *COFFEE, *words],
        capture_output=True,
        text=True,
        env=surroundings(client.environment),
        cwd=client.folder,
        timeout=PATIENCE,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == expected


def test_nobody_reads_at_all() -> None:
    for stdout, expected in (
        (closed_pipe(), b""),
        (full_disk(), b"Error: standard output cannot be written: No space left on device\n"),
    ):
        ended = subprocess.run(
            [SCRIPT, "models"], stdout=stdout, stderr=subprocess.PIPE, env=surroundings(), check=False
        )
        os.close(stdout)
        assert (ended.returncode, ended.stderr) == (1, expected)


def test_a_video_whose_path_nobody_reads_is_saved_and_reported(client: Client) -> None:
    stdout = full_disk()
    ended = subprocess.run(
        [SCRIPT, *COFFEE],
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=surroundings(client.environment),
        cwd=client.folder,
        timeout=PATIENCE,
        check=False,
    )
    os.close(stdout)
    assert ended.returncode == 1
    assert ended.stderr.decode().endswith(
        "task_4f1c saved, 1.0 kB, after 0:00\n" "Error: standard output cannot be written: No space left on device\n"
    )
    assert client.files() == {"modelstream-task_4f1c.mp4": VIDEO}


def test_ctrl_c_while_the_cache_folder_hangs_says_how_to_resume(client: Client) -> None:
    file = client.folder / "modelstream" / "durations.json"
    file.parent.mkdir()
    os.mkfifo(file)  # Reading it waits for somebody to write.
    with process(
        [SCRIPT, *COFFEE],
        stderr=subprocess.PIPE,
        env=surroundings(client.environment | {"XDG_CACHE_HOME": str(client.folder)}),
        cwd=client.folder,
    ) as running:
        writing = _open_when_read(file, running)
        running.send_signal(signal.SIGINT)
        printed = running.stderr.read().decode()
        assert running.wait(PATIENCE) == 130
        os.close(writing)
    assert client.server.count() == 1
    assert printed.endswith(
        "Error: interrupted\n"
        "Task task_4f1c continues at the gateway. Resume with:\n"
        "  modelstream wait task_4f1c\n"
    )


def _open_when_read(fifo: Path, running: subprocess.Popen[bytes]) -> int:
    """Open a FIFO for writing as soon as a process reads it."""
    while running.poll() is None:
        try:
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.01)
    pytest.fail("the process ended without reading the file")


# On a terminal.


def test_live_line_with_status_bar_and_time(client: Client) -> None:
    _endless(client)
    with terminal(*COFFEE, cwd=client.folder, environment=client.environment) as shown:
        shown.wait_for("\rtask_4f1c  \x1b[36min_progress\x1b[0m  ######--------------   30%  0:0")
        client.gateway.states = [("completed", "100%")]
        assert shown.end() == 0
    assert shown.shown.endswith("modelstream-task_4f1c.mp4\n")
    assert "task_4f1c saved, 1.0 kB, after 0:0" in shown.shown
    assert "task_4f1c in_progress 30%\n" not in shown.shown


def test_the_live_line_shows_how_long_the_model_usually_takes(client: Client, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    environment = client.environment | {"XDG_CACHE_HOME": str(cache)}
    file = cache / "modelstream" / "durations.json"
    for count in (1, 2, 3):
        assert client(*COFFEE, "-o", "coffee.mp4", XDG_CACHE_HOME=str(cache)).status == 0
        [[model, seconds]] = json.loads(file.read_text())[client.server.url].items()
        assert (model, len(seconds)) == ("kling-v3", count)
    assert (KEY in file.read_text(), "coffee" in file.read_text()) == (False, False)
    file.write_text(json.dumps({client.server.url: {"kling-v3": [1, 75.5, 300]}}))
    _endless(client)
    with terminal(*COFFEE, cwd=client.folder, environment=environment) as shown:
        shown.wait_for("   30%  0:00  (usually 1:15)")
        shown.type("\x03")
        assert shown.end() == 130
    # Another model, another gateway, or a task whose start is unknown has no usual duration.
    for words in (["generate", "other", *COFFEE[2:]], ["wait", "task_4f1c"]):
        with terminal(*words, cwd=client.folder, environment=environment) as shown:
            shown.wait_for("   30%  0:00")
            shown.type("\x03")
            assert shown.end() == 130
        assert "usually" not in shown.shown


@pytest.mark.parametrize(
    "content",
    [
        *("", "[]", "{", '{"URL": []}', '{"URL": {"kling-v3": "x"}}', '{"URL": {"kling-v3": [null, "1", {}]}}'),
        '{"URL": {"kling-v3": [Infinity, NaN, -1, 1e300, 1' + 400 * "0" + "]}}",
    ],
)
def test_a_broken_file_of_durations_costs_only_the_estimate(content: str, client: Client, tmp_path: Path) -> None:
    file = tmp_path / "cache" / "modelstream" / "durations.json"
    file.parent.mkdir(parents=True)
    file.write_text(content.replace("URL", client.server.url))
    ended = client(*COFFEE, "-o", "coffee.mp4", XDG_CACHE_HOME=str(tmp_path / "cache"))
    assert (ended.status, ended.out, "Error" in ended.err) == (0, "coffee.mp4\n", False)
    assert len(json.loads(file.read_text())[client.server.url]["kling-v3"]) == 1


def test_without_a_home_there_are_no_durations(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", no_home)
    durations = Durations("modelstream", "https://example.com", "kling-v3")
    durations.add(1.0)
    assert durations.usual() is None


def test_the_clock_runs_between_two_responses(client: Client) -> None:
    _endless(client)
    with terminal("wait", "task_4f1c", cwd=client.folder, environment=client.environment) as shown:
        shown.wait_for("0:01")
        shown.type("\x03")
        assert shown.end() == 130
    assert client.gateway.polls["task_4f1c"] == 1


def test_no_color_and_dumb_terminals(client: Client) -> None:
    _endless(client)
    with terminal(*COFFEE, cwd=client.folder, environment=client.environment | {"NO_COLOR": "1"}) as shown:
        shown.wait_for("\rtask_4f1c  in_progress  ######-")
        client.gateway.states = [("completed", None)]
        assert shown.end() == 0
    assert "\x1b[3" not in shown.shown
    with terminal(*COFFEE, cwd=client.folder, environment=client.environment | {"TERM": "dumb"}) as shown:
        assert shown.end() == 0
    assert "\x1b" not in shown.shown
    assert "task_4f1c completed 100%\n" in shown.shown


def test_a_narrow_terminal_never_wraps_the_line(client: Client) -> None:
    _endless(client)
    with terminal(*COFFEE, cwd=client.folder, columns=30, environment=client.environment | {"NO_COLOR": "1"}) as shown:
        shown.wait_for("in_progress   30%  0:00")
        client.gateway.states = [("completed", None)]
        assert shown.end() == 0
    drawn = [part.partition("\x1b[K")[0] for part in shown.shown.split("\r")[1:]]
    assert max(map(len, drawn)) < 30


def test_a_server_cannot_play_with_the_terminal(client: Client) -> None:
    client.gateway.poll_reply = response(200, {"task_id": "x", "status": "failed", "fail_reason": HOSTILE})
    with terminal(*COFFEE, cwd=client.folder, environment=client.environment) as shown:
        assert shown.end() == 8
    assert not shown.foreign_sequences
    assert "\x9b" not in shown.shown
    client.gateway.poll_reply = response(401, {"error": {"message": HOSTILE, "code": HOSTILE}})
    with terminal("wait", "task_4f1c", cwd=client.folder, environment=client.environment) as shown:
        assert shown.end() == 3
    assert not shown.foreign_sequences
    client.gateway.poll_reply = response(200, {"task_id": "x", "status": HOSTILE, "progress": HOSTILE})
    with terminal(
        "wait", "task_4f1c", "--timeout", "0.3", "-v", cwd=client.folder, environment=client.environment
    ) as shown:
        assert shown.end() == 9
    assert not shown.foreign_sequences
    assert "Warning:" in shown.shown
