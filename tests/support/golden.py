"""The goldens: curl texts, and the form values that give them. A folder is a case; nothing else lists them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple

from generator.load import load
from modelstream import MODELS, Request, VideoRequest

ROOT = Path(__file__).parents[2]
GOLDENS = ROOT / "tests" / "goldens"
SCHEMAS = sorted(path for path in (ROOT / "schemas").glob("*.yaml") if path.name != "gateway.yaml")


class Golden(NamedTuple):
    """One case of one model."""

    model: str
    name: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.model}-{self.name}"

    @property
    def curl(self) -> str:
        """The curl text, without the line break that ends the file."""
        text = (self.folder / "curl.txt").read_text(encoding="utf-8")
        assert text.endswith("\n")
        return text[:-1]

    @property
    def body(self) -> dict[str, Any]:
        """The body as a shell would hand it to curl."""
        words = shlex.split(self.curl.replace("\\\n", ""))
        body: dict[str, Any] = json.loads(words[words.index("-d") + 1])
        return body

    @property
    def values(self) -> dict[str, Any]:
        """The complete form: every field that travels."""
        values: dict[str, Any] = load(self.folder / "values.yaml").data
        return values

    @property
    def cls(self) -> type[Request]:
        """The class of the requests."""
        return VideoRequest if self.model == "generic" else MODELS[self.model]


def goldens(folder: Path = GOLDENS) -> list[Golden]:
    """All cases, in order."""
    return [Golden(path.parent.name, path.name, path) for path in sorted(folder.glob("*/*")) if path.is_dir()]


def documented() -> list[Golden]:
    """The cases that are the pages' own."""
    return [golden for golden in goldens() if golden.name == "documented"]
