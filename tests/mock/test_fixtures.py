"""The pytest fixtures, as a project uses them that only has the package installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from modelstream import KlingV3, ModelStream
from modelstream.mock import MockGateway

_TESTS = '''
import os
import subprocess
import sys

from modelstream import AsyncModelStream, KlingV3, ModelStream


def order(path):
    """Code under test, which makes its own client."""
    with ModelStream() as client:
        return client.generate(KlingV3(prompt="A cup of coffee")).save(path)


def test_coffee(modelstream_client, modelstream_mock, tmp_path):
    modelstream_client.generate("kling-v3", prompt="A cup of coffee").save(tmp_path / "coffee.mp4")
    assert modelstream_mock.journal.bought == 1


def test_own_client(modelstream_environment, modelstream_mock, tmp_path):
    assert order(tmp_path / "coffee.mp4").stat().st_size > 0
    assert modelstream_mock.journal.bought == 1


def test_other_process(modelstream_environment, modelstream_mock):
    code = "from modelstream import KlingV3, ModelStream; ModelStream().submit(KlingV3(prompt='Fog'))"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert modelstream_mock.journal[0].status == 200


def test_nothing_is_left_behind():
    assert "MODELSTREAM_BASE_URL" not in os.environ
    assert "MODELSTREAM_API_KEY" not in os.environ
'''


def test_the_fixtures_work_in_another_project(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(_TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_other.py"]
    # A proxy that nobody can reach: the clients have to pass it by.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MODELSTREAM_")}
    environment |= {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "NO_PROXY": "example.com"}
    result = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, cwd=tmp_path, env=environment
    )
    assert result.returncode == 0, result.stdout
    assert "4 passed" in result.stdout


def test_the_environment_and_the_client_share_a_gateway(
    modelstream_environment: str, modelstream_client: ModelStream, modelstream_mock: MockGateway
) -> None:
    with ModelStream() as client:
        task = client.submit(KlingV3(prompt="A cup of coffee"))
    assert modelstream_client.task(task.id).refresh().status == "queued"
    assert [entry.exchange for entry in modelstream_mock.journal] == ["submit", "task"]


def test_the_environment_keeps_the_exceptions_from_a_proxy(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "example.com")
    request.getfixturevalue("modelstream_environment")
    assert os.environ["no_proxy"] == "example.com,127.0.0.1"
