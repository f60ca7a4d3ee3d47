"""The runtime knows no gateway: it serves a second, made-up one, and none of its files names a fact of ours."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.support.golden import ROOT

SECOND = Path(__file__).parent / "second_gateway"
RUNTIME = ROOT / "runtime/modelstream_runtime"

BRAND = re.compile(r"ModelStream(?=Error\b|Warning\b)")
"""The title of our gateway is also a part of this project's own names. In the runtime these are the error classes and,
in lower case, the packages ``modelstream`` and ``modelstream_runtime`` and the fixtures."""


@pytest.fixture(scope="module")
def second(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of the second gateway."""
    folder = tmp_path_factory.mktemp("second")
    arguments = ["--schemas", SECOND, "--out", folder, "--no-cache"]
    command = [sys.executable, "-m", "generator", "generate", *map(str, arguments)]
    subprocess.run(command, check=True, cwd=ROOT, timeout=120, capture_output=True)
    return folder


def run(code: str, second: Path, folder: Path) -> str:
    """What a new process prints that finds the package of the second gateway first."""
    path = os.pathsep.join([str(second), str(RUNTIME.parent)])
    environment = {"PYTHONPATH": path, "PATH": "", "HOME": str(folder), "NO_PROXY": "*"}
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(
        command, check=False, cwd=folder, env=environment, timeout=120, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


SERVED = """
import os
import modelstream
from modelstream.mock import MockGateway, running

print(modelstream.__file__)
gateway = MockGateway(polls=3)
with running(gateway) as url:
    os.environ.update(LUMEN_ORIGIN=url, LUMEN_TOKEN="sk-mock")
"""


def test_the_client_works_with_the_second_gateway(second: Path, tmp_path: Path) -> None:
    code = """
    with modelstream.ModelStream() as client:
        task = client.submit(modelstream.LanternOne(prompt="Fog"))
        print(task.body, task.headers["x-lumen-trace"])
        print(task.wait(on_update=print).save("fog.mp4"))
    print(gateway.journal[0].path, gateway.journal[0].body)
"""
    place, *printed = run(SERVED + code, second, tmp_path).splitlines()
    assert Path(place).is_relative_to(second)
    task_id = next(line for line in printed if line.endswith("parked")).split()[0]
    assert printed == [
        f"{{'job': {{'number': '{task_id}', 'state': 'parked'}}}} mock-000001",
        f"{task_id} parked",
        f"{task_id} rolling",
        f"{task_id} wrapped 100%",
        "fog.mp4",
        "/api/jobs {'model': 'lantern-1', 'input': {'text': 'Fog', 'seconds': 4}, 'output': {'ratio': '9:16'}}",
    ]
    assert (tmp_path / "fog.mp4").stat().st_size > 1000


def test_the_errors_of_the_second_gateway(second: Path, tmp_path: Path) -> None:
    code = """
    with modelstream.ModelStream(max_retries=0) as client:
        for scenario in ("400", "401", "402", "403", "429", "503", "failed"):
            try:
                client.generate(modelstream.LanternOne(prompt="Fog"), extra_headers={"X-Mock-Scenario": scenario})
            except modelstream.ModelStreamError as error:
                print(scenario, type(error).__name__, getattr(error, "status_code", None))
        try:
            client.task("nothing").refresh()
        except modelstream.APIError as error:
            print(type(error).__name__, error.status_code)
"""
    _, *printed = run(SERVED + code, second, tmp_path).splitlines()
    assert printed == [
        "400 BadRequestError 422",
        "401 AuthenticationError 418",
        "402 QuotaExhaustedError 402",
        "403 PermissionDeniedError 423",
        "429 RateLimitError 429",
        "503 ServerError 503",
        "failed TaskFailed None",
        "NotFoundError 410",
    ]


def test_a_refusal_of_the_second_gateway_is_retried_by_its_own_code(second: Path, tmp_path: Path) -> None:
    """Whether a paid request may be sent again is a fact of the gateway: another gateway's code decides nothing."""
    code = """
import httpx

posts = []
with modelstream.ModelStream(max_retries=2, http_client=httpx.Client(transport=httpx.MockTransport(
    lambda request: posts.append(request) or httpx.Response(503, json={"trouble": {"name": name}})
))) as client:
    for name in ("no_studio", "model_not_found"):
        try:
            client.submit(modelstream.LanternOne(prompt="Fog"))
        except modelstream.ModelStreamError as error:
            print(name, type(error).__name__, len(posts))
        posts.clear()
"""
    environment = "import os\nimport modelstream\nos.environ['LUMEN_TOKEN'] = 'sk-1'\n"
    printed = run(environment + code, second, tmp_path).splitlines()
    assert printed == ["no_studio ServerError 2", "model_not_found SubmitUnknown 1"]


def test_the_command_line_knows_the_code_of_the_second_gateway(second: Path, tmp_path: Path) -> None:
    code = """
    import subprocess, sys
    os.environ["LUMEN_TOKEN"] = "sk-mock-503"
    command = [sys.executable, "-m", "modelstream", "generate", "lantern-1", "--prompt", "Fog", "--retries", "0"]
    done = subprocess.run(command, capture_output=True, text=True)
    print(done.returncode, "has no channel for 'lantern-1' at the moment" in done.stderr)
"""
    _, *printed = run(SERVED + code, second, tmp_path).splitlines()
    assert printed == ["6 True"]


def test_the_command_line_works_with_the_second_gateway(second: Path, tmp_path: Path) -> None:
    code = """
    import subprocess, sys
    command = [sys.executable, "-m", "modelstream", "generate"]
    films = ["lantern-1", "--prompt", "Fog", "--seconds", "3", "-o", "fog.mp4"]
    pictures = ["prism-x", "--picture", "https://lumen.example/first.png", "--loop", "-o", "loop.mp4"]
    for arguments in (films, pictures, ["lantern-1", "--prompt", "Fog", "--seconds", "9"]):
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        print(done.returncode, done.stdout.strip(), "9 is more than 8" in done.stderr)
    print(gateway.journal.bought)
"""
    _, *printed = run(SERVED + code, second, tmp_path).splitlines()
    assert printed == ["0 fog.mp4 False", "0 loop.mp4 False", "2  True", "2"]
    assert (tmp_path / "loop.mp4").stat().st_size > 1000


def test_a_field_may_be_called_like_a_key_of_a_job(second: Path, tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("id,prompt,values.id\nshot,Fog,7\n")
    code = """
from modelstream.batch import Batch
[(name, body)] = Batch("videos", "jobs.csv", model="odd-1").preview().bodies
print(name, body["input"])
"""
    assert run(code, second, tmp_path) == "shot {'text': 'Fog', 'id': 7}\n"


def test_the_mock_of_the_second_gateway_introduces_itself(second: Path, tmp_path: Path) -> None:
    code = """
    import json, urllib.request
    from modelstream.catalog import CATALOG
    from modelstream_runtime.mock.welcome import welcome
    with urllib.request.urlopen(url) as response:
        print(json.dumps(response.read().decode() + welcome(CATALOG, url)))
"""
    _, printed = run(SERVED + code, second, tmp_path).splitlines()
    text = json.loads(printed)
    assert "mock of the Lumen Works gateway" in text
    assert re.search(r"export LUMEN_ORIGIN=http://127\.0\.0\.1:\d+ LUMEN_TOKEN=sk-mock", text)
    assert '"model": "lantern-1", "input": {"text": "A lighthouse in the fog"' in text
    assert "odelstream" not in text.replace("modelstream_runtime", "")


# The sources of the runtime.


def facts() -> Iterator[str]:
    """What only the schemas may know: names of models and of their classes, and who the gateway is."""
    gateway = yaml.safe_load((ROOT / "schemas/gateway.yaml").read_text(encoding="utf-8"))
    yield gateway["title"]
    yield gateway["base_url"].partition("://")[2]
    yield from gateway["environment"].values()
    yield from (endpoint["path"].partition("{")[0] for endpoint in gateway["endpoints"].values())
    for path in (ROOT / "schemas").glob("*.yaml"):
        model = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield from (model[key] for key in ("model", "class", "title", "vendor") if key in model)


def sources() -> list[Path]:
    """The hand-written files of the runtime."""
    return [path for path in RUNTIME.rglob("*") if path.suffix in (".py", ".pyi", ".json", ".yaml")]


@pytest.mark.parametrize("fact", sorted(set(facts())))
def test_the_runtime_does_not_know(fact: str) -> None:
    # Whole words, in any spelling of their capitals, except for the title.
    flags = 0 if fact == "ModelStream" else re.IGNORECASE
    wanted = re.compile(rf"(?<![A-Za-z0-9]){re.escape(fact)}(?![A-Za-z0-9])", flags)
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if wanted.search(BRAND.sub("", line))
    ]
    assert found == []


def test_the_sources_are_looked_at() -> None:
    assert len(sources()) > 50
    assert {"kling-v3", "KlingV3", "MODELSTREAM_API_KEY"} <= set(facts())
