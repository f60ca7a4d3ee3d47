"""What editors complete: with jedi, as IPython and Jupyter do, and with pyright's language server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jedi  # type: ignore[import-untyped]
import pytest

import modelstream
from modelstream import KlingV3

Complete = Callable[[str], set[str]]
"""The names that are offered at the end of a program."""


def by_jedi(code: str) -> set[str]:
    lines = code.split("\n")
    return {completion.name.removesuffix("=") for completion in jedi.Script(code).complete(len(lines), len(lines[-1]))}


class LanguageServer:
    """pyright's language server, as an editor talks to it."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "pyright.langserver", "--stdio"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._folder = folder
        self._number = 0
        workspace = [{"uri": folder.as_uri(), "name": "editor"}]
        self.request(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=workspace,
            capabilities={"workspace": {"workspaceFolders": True, "configuration": True}},
        )
        self.notify("initialized")

    def complete(self, code: str) -> set[str]:
        found = self._at_the_end("textDocument/completion", code)
        items = found["items"] if isinstance(found, dict) else found or []
        return {item["label"].removesuffix("=") for item in items}

    def hover(self, code: str, *, rest: str = "") -> str:
        return str(self._at_the_end("textDocument/hover", code, rest)["contents"]["value"])

    def _at_the_end(self, method: str, code: str, rest: str = "") -> Any:
        """Ask about the place where the code ends, in a program that may go on."""
        self._number += 1
        uri = (self._folder / f"program_{self._number}.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": code + rest}
        self.notify("textDocument/didOpen", textDocument=document)
        lines = code.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1])}
        return self.request(method, textDocument={"uri": uri}, position=position)

    def request(self, method: str, **params: Any) -> Any:
        self._number += 1
        number = self._number
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        while True:
            message = self._read()
            if "method" in message and "id" in message:
                # The server asks for settings; an editor without any says so.
                wanted = message.get("params", {}).get("items", [])
                self._send({"jsonrpc": "2.0", "id": message["id"], "result": [None for _ in wanted]})
            elif message.get("id") == number:
                return message.get("result")

    def notify(self, method: str, **params: Any) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": params})

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        stream = self._process.stdout
        assert stream is not None
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server ended"
        message: dict[str, Any] = json.loads(stream.read(length))
        return message


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanguageServer]:
    folder = tmp_path_factory.mktemp("editor")
    packages = sorted({str(Path(str(modelstream.__file__)).parents[1])})
    settings = {"extraPaths": packages, "venvPath": str(Path(sys.prefix).parent), "venv": Path(sys.prefix).name}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    server = LanguageServer(folder)
    yield server
    server.close()


@pytest.fixture(params=["jedi", "pyright"])
def complete(request: pytest.FixtureRequest) -> Complete:
    return by_jedi if request.param == "jedi" else request.getfixturevalue("server").complete


def test_names_of_the_package(complete: Complete) -> None:
    offered = complete("from modelstream import Mod")
    assert {"ModelStream", "ModelStreamError"} <= offered
    assert set(modelstream.__all__) - {"__version__"} <= complete("import modelstream\nmodelstream.")


def test_names_of_the_mock(complete: Complete) -> None:
    assert {"MockGateway", "MockTransport"} <= complete("from modelstream.mock import Mock")


def test_methods_of_a_client(complete: Complete) -> None:
    offered = complete("from modelstream import ModelStream\nclient = ModelStream()\nclient.")
    assert {"submit", "generate", "task", "with_options", "close"} <= offered


def test_what_follows_a_submission(complete: Complete) -> None:
    code = "from modelstream import KlingV3, ModelStream\ntask = ModelStream().submit(KlingV3(prompt='p'))\ntask."
    assert {"id", "status", "wait", "refresh", "save", "url"} <= complete(code)


def test_fields_of_a_request(complete: Complete) -> None:
    assert set(KlingV3.model_fields) <= complete("from modelstream import KlingV3\nKlingV3(")


def test_attributes_of_a_request(complete: Complete) -> None:
    code = "from modelstream import KlingV3\nrequest = KlingV3(prompt='p')\nrequest."
    assert {"prompt", "duration", "to_payload", "to_curl"} <= complete(code)


def test_a_batch(complete: Complete) -> None:
    assert {"Batch", "BatchResult"} <= complete("from modelstream.batch import Ba")
    code = "from modelstream.batch import Batch\nbatch = Batch('videos', [])\n"
    assert {"run", "arun", "stop", "preview"} <= complete(f"{code}batch.")
    assert {"max_purchases", "max_in_flight", "on_update"} <= complete(f"{code}batch.run(")
    assert {"ending", "counts", "all_saved"} <= complete(f"{code}result = batch.run()\nresult.")


def test_hovers_show_our_own_documentation(server: LanguageServer) -> None:
    call = server.hover("from modelstream import KlingV3\nKlingV3", rest="(prompt='p')")
    assert "Check the values and make the request" in call
    assert "duration: int | None = 5" in call
    assert "pydantic" not in call
    assert "duration: Length of the video" in server.hover("from modelstream import KlingV3\nKlingV3")
    assert "retry_unknown: also retry" in server.hover("from modelstream import ModelStream\nModelStream", rest="()")
    code = "from modelstream import KlingV3, ModelStream\nModelStream().submit"
    assert "SubmitUnknown: the response was lost" in server.hover(code)
    assert "3 to 15 seconds" in server.hover("from modelstream import KlingV3\nKlingV3(prompt='p').duration")
