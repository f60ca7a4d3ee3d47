"""The tools in programs that talk to a language model themselves, through the real SDKs of the vendors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI

from modelstream.agents import ToolResult, Tools
from modelstream.catalog import CATALOG
from modelstream.mock import MockGateway
from modelstream_runtime.agents.tools import GENERIC, Tool, tool_names
from tests.support.agents import MODEL, wanted
from tests.support.language_models import LanguageModel, language_model
from tests.support.server import VIDEO, Received, Reply, VideoGateway, serve

ASK = "Make a video of a paper boat in the rain."

Conversation = Callable[[Tools, bool], str]


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("MODELSTREAM_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[LanguageModel]:
    played = LanguageModel()
    with language_model(played) as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield played


def often(tools: Tools, name: str, arguments: Any) -> ToolResult:
    """The result of a call that is carried out twice: hosts repeat a call whose result they lost."""
    tools.run_tool_call(name, arguments)
    return tools.run_tool_call(name, arguments)


def responses(tools: Tools, strict: bool) -> str:
    """The Responses API of OpenAI."""
    conversation: list[Any] = [{"role": "user", "content": ASK}]
    definitions: Any = tools.definitions("openai", strict=strict)
    with OpenAI() as client:
        while True:
            answer = client.responses.create(model="a-model", input=conversation, tools=definitions)
            conversation += answer.output
            calls = [item for item in answer.output if item.type == "function_call"]
            if not calls:
                return answer.output_text
            for call in calls:
                output = often(tools, call.name, call.arguments).text
                conversation.append({"type": "function_call_output", "call_id": call.call_id, "output": output})


def chat_completions(tools: Tools, strict: bool) -> str:
    """Chat Completions of OpenAI, and of the many who imitate it."""
    messages: list[Any] = [{"role": "user", "content": ASK}]
    definitions: Any = tools.definitions("openai-chat", strict=strict)
    with OpenAI() as client:
        while True:
            answer = client.chat.completions.create(model="a-model", messages=messages, tools=definitions)
            message = answer.choices[0].message
            if not message.tool_calls:
                return message.content or ""
            messages.append(message)
            for call in message.tool_calls:
                assert call.type == "function"
                content = often(tools, call.function.name, call.function.arguments).text
                messages.append({"role": "tool", "tool_call_id": call.id, "content": content})


def claude(tools: Tools, strict: bool) -> str:
    """The Messages API of Anthropic."""
    messages: list[Any] = [{"role": "user", "content": ASK}]
    definitions: Any = tools.definitions("anthropic", strict=strict)
    with Anthropic() as client:
        while True:
            answer = client.messages.create(model="a-model", max_tokens=999, messages=messages, tools=definitions)
            messages.append({"role": "assistant", "content": answer.content})
            calls = [block for block in answer.content if block.type == "tool_use"]
            if not calls:
                return "".join(block.text for block in answer.content if block.type == "text")
            results = []
            for call in calls:
                done = often(tools, call.name, call.input)
                results.append(
                    {"type": "tool_result", "tool_use_id": call.id, "content": done.text, "is_error": done.is_error}
                )
            messages.append({"role": "user", "content": results})


@pytest.mark.parametrize("typed", [False, True], ids=["generic", "typed"])
@pytest.mark.parametrize("strict", [False, True], ids=["plain", "strict"])
@pytest.mark.parametrize("converse", [responses, chat_completions, claude])
def test_a_conversation_buys_one_video_with_all_defaults(
    converse: Conversation,
    strict: bool,
    typed: bool,
    model: LanguageModel,
    modelstream_environment: str,
    modelstream_mock: MockGateway,
    tmp_path: Path,
) -> None:
    first = next(iter(CATALOG.models))
    tools = Tools(models=[first] if typed else [], out=tmp_path / "videos", mock=True)
    text = converse(tools, strict)
    (video,) = (tmp_path / "videos").iterdir()
    assert text == f"Your video is ready: {video.name}"
    assert video.read_bytes()[4:8] == b"ftyp"
    assert modelstream_mock.journal.bought == 1
    example = CATALOG.schemas.form(first)["examples"][0]
    sent = next(entry.body for entry in modelstream_mock.journal if entry.bought)
    assert sent == CATALOG.request_for(first, **example).to_payload()


def test_the_key_is_in_no_result(
    modelstream_mock: MockGateway, modelstream_environment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CATALOG.gateway.api_key_variable, "sk-very-secret-key")
    tools = Tools(mock=True)
    results = [
        tools.run_tool_call("submit_video", wanted("sk-very-secret-key")),
        tools.run_tool_call("list_videos", {}),
    ]
    assert modelstream_mock.journal.bought == 1
    assert not any("very-secret" in text for text in (*(result.text for result in results), repr(tools)))


def test_whoever_only_looks_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(CATALOG.gateway.api_key_variable, raising=False)
    tools = Tools()
    assert not tools.run_tool_call("list_models", "{}").is_error
    assert tools.run_tool_call("check_video", wanted("Boat")).content["valid"]
    submitted = tools.run_tool_call("submit_video", wanted("Boat"))
    assert submitted.content["state"] == "not_sent"
    assert CATALOG.gateway.api_key_variable in submitted.content["reason"]


@pytest.mark.parametrize(
    ("name", "arguments", "field", "message"),
    [
        ("submit_vidoe", {}, "name", "'submit_vidoe' is not one of list_models, "),
        ("submit_video", "{", "arguments", "invalid JSON"),
        ("submit_video", "[1]", "arguments", "[1] is not an object with the arguments of submit_video"),
        ("submit_video", None, "arguments", "None is not an object"),
        ("submit_video", {"model": "nothing", "params": {}}, "model", "'nothing' is not one of"),
        (*tool_names([MODEL]).values(), {"params": {}}, "name", "is not one of list_models, "),
        ("wait_video", {"task_id": "x", "seconds": 99}, "seconds", "99 is out of range (0 to 50)"),
        ("wait_video", {"task_id": "x", "seconds": "9"}, "seconds", "'9' is not an integer (0 to 50)"),
    ],
)
def test_a_call_that_nobody_can_carry_out_says_why(name: str, arguments: Any, field: str, message: str) -> None:
    result = Tools().run_tool_call(name, arguments)
    assert result.is_error
    assert result.content["next"].startswith("Nothing was sent")
    (problem,) = [each for each in result.content["problems"] if each["field"] == field]
    assert message in problem["message"]
    assert json.loads(result.text) == result.content


def nested(depth: int) -> Any:
    """Objects in objects."""
    value: Any = "Boat"
    for _ in range(depth):
        value = {"prompt": value}
    return value


@pytest.mark.parametrize("depth", [400, 800, 50_000])
@pytest.mark.parametrize("tool", [tool for tool in GENERIC if tool.parameters], ids=lambda tool: tool.name)
def test_arguments_that_are_nested_too_deeply_raise_nothing(tool: Tool, depth: int) -> None:
    usual = {"model": MODEL, "params": {"prompt": "Boat"}, "task_id": "x"}
    required = {name: usual[name] for name in tool.required}
    tools = Tools(base_url="http://gateway.test", max_purchases=0)
    for name in tool.parameters:
        result = tools.run_tool_call(tool.name, required | {name: nested(depth)})
        assert result.content["problems"], name
        result = tools.run_tool_call(tool.name, required | {"unknown": nested(depth)})
        assert "unknown" in {problem["field"] for problem in result.content["problems"]}


@pytest.mark.parametrize("answer", [True, False])
def test_a_person_is_asked_before_each_purchase(
    answer: bool, modelstream_mock: MockGateway, modelstream_environment: str
) -> None:
    questions: list[str] = []

    def confirm(question: str) -> bool:
        questions.append(question)
        return answer

    result = Tools(confirm=confirm, mock=True).run_tool_call("submit_video", wanted("Boat"))
    assert result.content["state"] == ("submitted" if answer else "not_sent")
    assert modelstream_mock.journal.bought == answer
    assert len(questions) == 1
    assert "Boat" in questions[0]


def test_the_budget_holds_for_all_objects_together(modelstream_mock: MockGateway, modelstream_environment: str) -> None:
    results = [Tools(max_purchases=2, mock=True).run_tool_call("submit_video", wanted(f"{n}")) for n in range(4)]
    assert [result.content["state"] for result in results] == ["submitted", "submitted", "not_sent", "not_sent"]
    assert modelstream_mock.journal.bought == 2


def test_what_a_mock_sells_is_in_a_journal_of_its_own(
    home: Path, modelstream_mock: MockGateway, modelstream_environment: str
) -> None:
    Tools(mock=True).run_tool_call("submit_video", wanted("Boat"))
    assert len(Tools(mock=True).run_tool_call("list_videos", {}).content["videos"]) == 1
    # A gateway on this machine is a mock, too.
    assert len(Tools(base_url=modelstream_environment).run_tool_call("list_videos", {}).content["videos"]) == 1
    assert not Tools(base_url="https://gateway.test").run_tool_call("list_videos", {}).content["videos"]


def test_a_program_with_an_event_loop_awaits_the_twin(
    modelstream_mock: MockGateway, modelstream_environment: str
) -> None:
    async def many() -> list[Any]:
        tools = Tools(mock=True)
        with pytest.raises(RuntimeError, match="await run_tool_call_async"):
            tools.run_tool_call("list_models", {})
        calls = (tools.run_tool_call_async("submit_video", wanted("Boat")) for _ in range(4))
        return list(await asyncio.gather(*calls))

    assert {result.content["state"] for result in asyncio.run(many())} == {"submitted"}
    assert modelstream_mock.journal.bought == 1


class SlowVideos(VideoGateway):
    """A gateway whose videos are finished at once, and take longer to download than a call waits."""

    def __init__(self) -> None:
        super().__init__()
        self.states = (("completed", "100%"),)

    def __call__(self, received: Received, number: int) -> Reply:
        reply = super().__call__(received, number)
        return replace(reply, drip=0.002) if received.path.endswith(".mp4") else reply


@pytest.mark.parametrize("known", [True, False], ids=["bought here", "bought elsewhere"])
def test_a_download_that_takes_longer_than_a_call_comes_to_its_end(known: bool, tmp_path: Path) -> None:
    """With each call everything is opened and closed again, so the next one could not go on with it."""
    with serve(SlowVideos()) as gateway:
        tools = Tools(api_key="sk-x", base_url=gateway.url, out=tmp_path / "videos")
        if known:
            assert tools.run_tool_call("submit_video", wanted("Boat")).content["task_id"] == "task_4f1c"
        waited = tools.run_tool_call("wait_video", {"task_id": "task_4f1c", "seconds": 0})
    assert waited.content["state"] == "saved"
    assert waited.video is not None
    assert waited.video.read_bytes() == VIDEO


def test_a_disk_that_takes_no_video_holds_up_no_call(tmp_path: Path) -> None:
    (tmp_path / "videos").touch()
    with serve(SlowVideos()) as gateway:
        tools = Tools(api_key="sk-x", base_url=gateway.url, out=tmp_path / "videos")
        tools.run_tool_call("submit_video", wanted("Boat"))
        waited = tools.run_tool_call("wait_video", {"task_id": "task_4f1c", "seconds": 0})
    assert (waited.content["state"], waited.content["paid"]) == ("submitted", "yes")
    assert str(tmp_path / "videos") in waited.content["gateway_message"]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_purchases": -1}, "max_purchases: -1 is less than 0"),
        ({"files": "/nowhere"}, "files: '/nowhere' is not a folder"),
        ({"models": ["nothing"]}, "'nothing' is not one of"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Tools(**settings)
