"""``modelstream batch`` with a journal in PostgreSQL: load the jobs here, work on them there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelstream.mock import MockGateway
from modelstream.mock.server import running
from tests.support.command import Ended, run_here


@pytest.fixture
def gateway() -> MockGateway:
    return MockGateway(polls=1)


class Shell:
    """Somebody's terminal."""

    def __init__(self, url: str, journal: str, folder: Path) -> None:
        self.journal = journal
        self.folder = folder
        self._environment = {"MODELSTREAM_API_KEY": "sk-mock", "MODELSTREAM_BASE_URL": url}
        lines = [
            json.dumps({"id": f"cup-{n}", "model": "kling-v3", "values": {"prompt": f"Cup {n}"}}) for n in range(5)
        ]
        (folder / "jobs.jsonl").write_text("\n".join(lines))

    def __call__(self, *words: str) -> Ended:
        return run_here("batch", *words, cwd=self.folder, environment=self._environment)

    def load(self, *words: str) -> Ended:
        return self("run", "jobs.jsonl", "--journal", self.journal, *words)

    def work(self, folder: str, *words: str) -> Ended:
        return self("worker", "--journal", self.journal, "--out", folder, "--interval", "0.01", *words)


@pytest.fixture
def shell(gateway: MockGateway, postgres_url: str, tmp_path: Path) -> Iterator[Shell]:
    with running(gateway) as url:
        yield Shell(url, postgres_url, tmp_path)


def test_jobs_are_loaded_once_and_made_by_workers(shell: Shell, gateway: MockGateway) -> None:
    loaded = shell.load("--max-purchases", "3")
    assert loaded.status == 0, loaded.err
    assert "5 jobs ready to be bought" in loaded.err
    assert loaded.out == f"modelstream batch worker --journal {shell.journal} --out DIR\n"
    assert gateway.journal.bought == 0

    spent = shell.work("here")
    assert "3 of 3 purchases are made or in doubt" in spent.err
    assert f"modelstream batch run --journal {shell.journal} --max-purchases 5" in spent.err
    assert len(list((shell.folder / "here").glob("*.mp4"))) == 3

    assert shell("run", "--journal", shell.journal, "--max-purchases", "all").status == 0
    assert shell.work("there").status == 0
    assert gateway.journal.bought == 5
    assert sorted(path.name for path in (shell.folder / "there").glob("*.mp4")) == ["cup-3.mp4", "cup-4.mp4"]
    status = shell("status", shell.journal)
    assert status.out.startswith("5 of 5 videos saved")
    lines = shell("export", shell.journal).out.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [f"cup-{n}" for n in range(5)]


def test_a_worker_without_a_journal_says_what_to_do(shell: Shell) -> None:
    ended = shell.work("here")
    assert ended.status != 0
    assert "batch run JOBS --journal" in ended.err


def test_an_address_that_leads_nowhere_is_an_error_without_the_password(shell: Shell) -> None:
    shell.journal = "postgresql://somebody:secret@127.0.0.1:1/videos"
    ended = shell.load("--max-purchases", "3")
    assert ended.status != 0
    assert "127.0.0.1" in ended.err
    assert "secret" not in ended.out + ended.err
    shell.journal = "mysql://host/videos"
    assert "does not begin with postgresql://" in shell.load("--max-purchases", "3").err
