"""The server as hosts run it: a process on standard input and output, in two revisions of the protocol."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult, ElicitRequestFormParams, ElicitResult, ResourceLink, TextContent
from mcp_types.version import LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from modelstream.catalog import CATALOG
from modelstream.mock import MockGateway
from modelstream_runtime.agents.tools import tools_of
from modelstream_runtime.mock.server import running
from tests.support.agents import MODEL, wanted
from tests.support.command import SCRIPT, run_script
from tests.support.mcp_server import KEY, REVISIONS, Host, content_of

ROOT = Path(__file__).parents[2]
revisions = pytest.mark.parametrize("revision", REVISIONS)


@pytest.fixture
def gateway() -> MockGateway:
    return MockGateway(polls=1, keep=10_000)


@pytest.fixture
def url(gateway: MockGateway) -> Iterator[str]:
    with running(gateway) as address:
        yield address


def sold(gateway: MockGateway) -> list[str]:
    """The prompts of all purchases."""
    return [entry.body["prompt"] for entry in gateway.journal if entry.bought]


@revisions
def test_an_agent_lists_describes_checks_submits_waits_and_saves(
    revision: str, gateway: MockGateway, url: str, tmp_path: Path
) -> None:
    reports: list[tuple[float, float | None, str | None]] = []

    async def report(progress: float, total: float | None, message: str | None) -> None:
        reports.append((progress, total, message))

    async def use(client: Client) -> None:
        offered = (await client.list_tools()).tools
        assert [tool.name for tool in offered] == [tool.name for tool in tools_of(CATALOG)]
        paying = [tool.name for tool in offered if tool.annotations and tool.annotations.destructive_hint]
        assert paying == ["submit_video"]
        models = content_of(await client.call_tool("list_models", {}))["models"]
        assert [each["model"] for each in models] == [*CATALOG.models]
        described = content_of(await client.call_tool("describe_model", {"model": MODEL}))
        assert "prompt" in described["params"]["properties"]
        assert content_of(await client.call_tool("check_video", wanted("Boat")))["valid"]
        submitted = await client.call_tool("submit_video", wanted("Boat"))
        task_id = content_of(submitted)["task_id"]
        saved = await client.call_tool("wait_video", {"task_id": task_id}, progress_callback=report)
        check_video(saved, tmp_path / "videos")
        (listed,) = content_of(await client.call_tool("list_videos", {}))["videos"]
        assert (listed["task_id"], listed["state"]) == (task_id, "saved")

    Host(tmp_path, url, revision=revision).run(use)
    assert sold(gateway) == ["Boat"]
    assert reports
    assert all(total == 50 for _, total, _ in reports)


def check_video(saved: CallToolResult, folder: Path) -> None:
    """The result names the file and links to it, and does not contain it."""
    text, link = saved.content
    assert isinstance(text, TextContent)
    assert isinstance(link, ResourceLink)
    assert json.loads(text.text) == content_of(saved)
    (file,) = folder.iterdir()
    assert content_of(saved)["path"] == str(file)
    assert (Path(urlsplit(link.uri).path), link.mime_type, link.size) == (file, "video/mp4", file.stat().st_size)
    assert file.read_bytes()[4:8] == b"ftyp"


def test_the_mock_needs_no_key_and_has_a_journal_of_its_own(tmp_path: Path) -> None:
    async def use(client: Client) -> None:
        submitted = content_of(await client.call_tool("submit_video", wanted("Boat")))
        saved = await client.call_tool("wait_video", {"task_id": submitted["task_id"]})
        assert content_of(saved)["state"] == "saved"

    Host(tmp_path, None, "--mock").run(use)
    assert (tmp_path / "home" / "mock" / "journal.sqlite").is_file()
    assert not (tmp_path / "home" / "journal.sqlite").exists()


@revisions
@pytest.mark.parametrize(
    ("action", "ticked", "state"),
    [("accept", True, "submitted"), ("accept", False, "not_sent"), ("decline", True, "not_sent")],
)
def test_a_person_confirms_in_either_way_of_asking(
    action: Any, ticked: bool, state: str, revision: str, gateway: MockGateway, url: str, tmp_path: Path
) -> None:
    questions: list[str] = []

    async def answer(context: Any, asked: Any) -> ElicitResult:
        assert isinstance(asked, ElicitRequestFormParams)
        questions.append(asked.message)
        return ElicitResult(action=action, content={"buy": ticked} if action == "accept" else None)

    async def use(client: Client) -> None:
        for _ in range(2 if state == "submitted" else 1):
            result = await client.call_tool("submit_video", wanted("Boat"))
            assert content_of(result)["state"] == state

    Host(tmp_path, url, "--confirm", revision=revision, client={"elicitation_callback": answer}).run(use)
    assert len(questions) == 1
    assert "Boat" in questions[0]
    assert sold(gateway) == (["Boat"] if state == "submitted" else [])


@revisions
def test_a_host_that_cannot_ask_buys_nothing_and_learns_what_to_do(
    revision: str, gateway: MockGateway, url: str, tmp_path: Path
) -> None:
    async def use(client: Client) -> CallToolResult:
        return await client.call_tool("submit_video", wanted("Boat"))

    result = Host(tmp_path, url, "--confirm", revision=revision).run(use)
    assert result.is_error
    assert "--confirm" in content_of(result)["next"]
    assert sold(gateway) == []


def test_an_answer_to_one_question_is_none_to_another(gateway: MockGateway, url: str, tmp_path: Path) -> None:
    """A host sends the call again with the answer; with other params, that is another question."""
    from mcp_types import InputRequiredResult

    yes = ElicitResult(action="accept", content={"buy": True})

    async def never(context: Any, asked: Any) -> ElicitResult:
        raise AssertionError("the loop is driven by hand here")

    async def use(client: Client) -> None:
        session = client.session
        asked = await session.call_tool("submit_video", wanted("Boat"), allow_input_required=True)
        assert isinstance(asked, InputRequiredResult)
        assert asked.input_requests is not None
        (key,) = asked.input_requests
        for arguments in (wanted("Ship"), wanted("Boat", take=2)):
            other = await session.call_tool(
                "submit_video", arguments, input_responses={key: yes}, allow_input_required=True
            )
            assert isinstance(other, InputRequiredResult) or other.is_error
        assert sold(gateway) == []
        for _ in range(3):  # A host may send it again as often as it likes.
            bought = await session.call_tool("submit_video", wanted("Boat"), input_responses={key: yes})
            assert content_of(bought)["state"] == "submitted"

    Host(tmp_path, url, "--confirm", client={"elicitation_callback": never}).run(use)
    assert sold(gateway) == ["Boat"]


def test_a_typed_tool_buys_the_same_as_the_generic_one(gateway: MockGateway, url: str, tmp_path: Path) -> None:
    async def use(client: Client) -> None:
        *_, typed = (await client.list_tools()).tools
        assert "prompt" in typed.input_schema["properties"]["params"]["properties"]
        bought = await client.call_tool(typed.name, {"params": {"prompt": "Boat"}})
        again = await client.call_tool("submit_video", wanted("Boat"))
        assert content_of(bought)["task_id"] == content_of(again)["task_id"]

    Host(tmp_path, url, "--models", MODEL).run(use)
    assert sold(gateway) == ["Boat"]


def test_the_ids_of_models_may_have_spaces_between_them(tmp_path: Path) -> None:
    async def use(client: Client) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    chosen = [*CATALOG.models][:2]
    offered = Host(tmp_path, None, "--mock", "--models", f" {', '.join(chosen)}, ").run(use)
    assert offered == [tool.name for tool in tools_of(CATALOG, chosen)]


def test_an_unknown_tool_is_an_error_of_the_protocol(tmp_path: Path) -> None:
    async def use(client: Client) -> None:
        with pytest.raises(MCPError, match="there is no tool 'buy_everything'; there are list_models"):
            await client.call_tool("buy_everything", {})

    Host(tmp_path, None, "--mock").run(use)


@revisions
def test_neither_the_key_nor_a_prompt_is_in_what_the_server_writes(
    revision: str, gateway: MockGateway, url: str, tmp_path: Path
) -> None:
    prompt = "A whale that nobody may read about"
    written: list[str] = []

    async def use(client: Client) -> None:
        for name, arguments in (
            ("submit_video", wanted(prompt)),
            ("submit_video", wanted(f"{prompt} {KEY}")),
            ("submit_video", {"model": MODEL, "params": {"prompt": prompt, "nonsense": prompt}}),
            ("list_videos", {}),
        ):
            written.append((await client.call_tool(name, arguments)).model_dump_json())

    host = Host(tmp_path, url, revision=revision)
    host.run(use)
    assert KEY not in "".join(written)
    assert KEY not in host.log
    assert "whale" not in host.log
    assert "submitted" in host.log


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--models", "no-such-model"], "no-such-model"),
        (["--files", "no-such-folder"], "no-such-folder"),
        (["--out", "file.txt"], "file.txt"),
        (["--api-key-file", "-"], "standard input belongs to the host"),
        (["--max-purchases", "-1"], "-1"),
        (["--mock", "--base-url", "http://127.0.0.1:1"], "--mock"),
    ],
)
def test_mistakes_in_the_options_are_told_before_anything_is_served(
    options: list[str], problem: str, tmp_path: Path
) -> None:
    (tmp_path / "file.txt").touch()
    ended = run_script("mcp", *options, cwd=tmp_path, environment={"MODELSTREAM_API_KEY": "sk-x"})
    assert (ended.status, ended.out) == (2, "")
    assert problem in ended.err


def test_without_a_key_only_looking_is_possible(tmp_path: Path) -> None:
    ended = run_script("mcp", cwd=tmp_path)
    assert (ended.status, ended.out) == (3, "")
    assert "--api-key-file" in ended.err

    async def use(client: Client) -> None:
        assert content_of(await client.call_tool("check_video", wanted("Boat")))["valid"]
        waited = await client.call_tool("wait_video", {"task_id": "x"})
        assert waited.is_error
        assert "no API key" in content_of(waited)["reason"]

    Host(tmp_path, None, "--max-purchases", "0").run(use)


@pytest.mark.parametrize(
    "content", [None, b"", b"two\nlines", b"\xff"], ids=["missing", "empty", "malformed", "binary"]
)
@pytest.mark.parametrize("budget", [["--max-purchases", "0"], []], ids=["looks", "buys"])
def test_no_other_key_takes_the_place_of_the_one_in_a_wrong_file(
    budget: list[str], content: bytes | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    environment = {"MODELSTREAM_API_KEY": KEY}
    ended = run_script("mcp", "--api-key-file", "key", *budget, cwd=tmp_path, environment=environment)
    assert (ended.status, ended.out) == (3, "")


def test_the_newest_revision_is_newer_than_the_one_before() -> None:
    assert [*REVISIONS] == [LATEST_MODERN_VERSION, LATEST_HANDSHAKE_VERSION]


def test_the_settings_in_the_docs_start_a_server(gateway: MockGateway, url: str, tmp_path: Path) -> None:
    """On another machine, where the folders of the docs are elsewhere."""
    page = (ROOT / "docs" / "agents.md").read_text(encoding="utf-8")
    (settings,) = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL))
    server = settings["mcpServers"]["modelstream"]
    assert server["command"] == SCRIPT.name
    command, *options = [word.replace("/home/me", str(tmp_path)) for word in server["args"]]
    assert command == "mcp"
    key = Path(options[options.index("--api-key-file") + 1])
    key.parent.mkdir(parents=True)
    key.write_text(f"{KEY}\n", encoding="utf-8")

    async def use(client: Client) -> None:
        result = await client.call_tool("submit_video", wanted("Boat"))
        assert ("--confirm" in content_of(result)["next"]) == ("--confirm" in options)

    Host(tmp_path, url, *options).run(use)
