"""A language model behind the APIs of OpenAI and Anthropic, which makes a video with the tools that it is offered.

It answers in the shapes of those APIs. As a strict host makes it, it writes every property that a schema requires, and
``null`` for what it does not care about.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, NamedTuple

from anthropic.types import Message
from jsonschema import Draft202012Validator
from openai.types.chat import ChatCompletion
from openai.types.responses import Response
from pydantic import BaseModel

from modelstream_runtime.agents.tools import tool_names
from tests.support.server import Received, Reply, Server, response


class Turn(NamedTuple):
    """What the language model does next: it calls a tool, or it is done and says so."""

    call: int
    name: str = ""
    arguments: Mapping[str, Any] = {}
    text: str = ""


class LanguageModel:
    """A script that plays the language model. It takes the model that it is asked for, or else the first."""

    def __call__(self, received: Received, number: int) -> Reply:
        play: Callable[[Any], Any] = {
            "/v1/responses": self._responses,
            "/v1/chat/completions": self._chat,
            "/v1/messages": self._messages,
        }[received.path.partition("?")[0]]
        return response(200, play(received.json))

    def _responses(self, body: Any) -> Any:
        asked = body["input"][0]["content"]
        results = [item["output"] for item in body["input"] if item.get("type") == "function_call_output"]
        tools = {tool["name"]: tool["parameters"] for tool in body["tools"]}
        turn = self._turn(asked, results, tools)
        output = (
            {
                "id": f"msg_{turn.call}",
                "type": "message",
                "role": "assistant",
                "status": "completed",
                "content": [{"type": "output_text", "text": turn.text, "annotations": []}],
            }
            if turn.text
            else {
                "id": f"fc_{turn.call}",
                "type": "function_call",
                "call_id": f"call_{turn.call}",
                "name": turn.name,
                "arguments": json.dumps(turn.arguments),
                "status": "completed",
            }
        )
        answer = {
            "id": "resp_1",
            "object": "response",
            "created_at": 1795305600,
            "status": "completed",
            "model": body["model"],
            "output": [output],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": body["tools"],
        }
        return _shaped(Response, answer)

    def _chat(self, body: Any) -> Any:
        asked = body["messages"][0]["content"]
        results = [message["content"] for message in body["messages"] if message["role"] == "tool"]
        functions = [tool["function"] for tool in body["tools"]]
        tools = {each["name"]: each["parameters"] for each in functions}
        turn = self._turn(asked, results, tools)
        call = {
            "id": f"call_{turn.call}",
            "type": "function",
            "function": {"name": turn.name, "arguments": json.dumps(turn.arguments)},
        }
        message = {"role": "assistant", "content": turn.text or None} | ({} if turn.text else {"tool_calls": [call]})
        answer = {
            "id": "chatcmpl_1",
            "object": "chat.completion",
            "created": 1795305600,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": "stop" if turn.text else "tool_calls"}],
        }
        return _shaped(ChatCompletion, answer)

    def _messages(self, body: Any) -> Any:
        asked = body["messages"][0]["content"]
        blocks = [block for message in body["messages"] if message["role"] == "user" for block in message["content"]]
        results = [block["content"] for block in blocks if isinstance(block, dict) and block["type"] == "tool_result"]
        tools = {tool["name"]: tool["input_schema"] for tool in body["tools"]}
        turn = self._turn(asked, results, tools)
        block = (
            {"type": "text", "text": turn.text}
            if turn.text
            else {"type": "tool_use", "id": f"toolu_{turn.call}", "name": turn.name, "input": turn.arguments}
        )
        answer = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": [block],
            "stop_reason": "end_turn" if turn.text else "tool_use",
            "stop_sequence": None,
            "usage": {"input_tokens": 100, "output_tokens": 10},
        }
        return _shaped(Message, answer)

    def _turn(self, asked: str, results: list[str], tools: Mapping[str, Mapping[str, Any]]) -> Turn:
        """The next call, with all that its schema requires."""
        assert len(results) < 10, "the conversation does not come to an end"
        name, arguments = self._next(asked, [json.loads(result) for result in results], set(tools))
        if not name:
            return Turn(len(results), text=arguments["text"])
        written = _written(tools[name], arguments)
        Draft202012Validator(tools[name]).validate(written)
        return Turn(len(results), name, written)

    def _next(self, asked: str, results: list[Any], tools: set[str]) -> tuple[str, dict[str, Any]]:
        match results:
            case []:
                return "list_models", {}
            case [listed]:
                models = [each["model"] for each in listed["models"]]
                return "describe_model", {"model": next((m for m in models if m in asked), models[0])}
            case [_, described]:
                (typed,) = tool_names([described["model"]]).values()
                if typed in tools:
                    return typed, described["example"]
                return "submit_video", {"model": described["model"]} | described["example"]
            case [*_, {"state": "submitted", "task_id": task}]:
                return "wait_video", {"task_id": task}
            case [*_, {"state": "saved", "path": path}]:
                return "", {"text": f"Your video is ready: {PurePath(path).name}"}
            case _:
                return "", {"text": f"There is no video: {results[-1]['next']}"}


def _shaped(shape: type[BaseModel], answer: Any) -> Any:
    """The answer, which has the shape that the vendor's SDK says."""
    shape.model_validate(answer)
    return answer


def _written(schema: Mapping[str, Any], value: Any) -> Any:
    """The value as the schema wants it: with null for what it requires and nobody gives, and objects as texts."""
    if schema.get("type") == "string" and isinstance(value, dict):
        return json.dumps(value)
    if isinstance(value, dict) and "properties" in schema:
        written = {name: _written(schema["properties"][name], inner) for name, inner in value.items()}
        return dict.fromkeys(schema["required"]) | written
    if isinstance(value, list) and "items" in schema:
        return [_written(schema["items"], inner) for inner in value]
    return value


@contextmanager
def language_model(model: LanguageModel) -> Iterator[dict[str, str]]:
    """The language model on loopback: the environment in which both SDKs find it."""
    server = Server(model)
    try:
        yield {
            "OPENAI_BASE_URL": f"{server.url}/v1",
            "OPENAI_API_KEY": "sk-openai",
            "ANTHROPIC_BASE_URL": server.url,
            "ANTHROPIC_API_KEY": "sk-ant",
        }
    finally:
        server.close()
