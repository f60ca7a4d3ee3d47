"""The goldens: curl texts, and the form values that give them. A folder is a case; nothing else lists them."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from generator.check import check
from generator.ir import Model, Package
from generator.ir.build import build
from generator.load import load
from modelstream import MODELS, Request, VideoRequest
from modelstream_runtime.curl_text import documented_body
from modelstream_runtime.documents import UnreadableValue, parse_json

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
    def to_curl(self) -> str:
        """What ``to_curl()`` prints for it: the same text, if the page escapes no more and no less than is needed."""
        head, _, _ = self.curl.partition("-d '")
        written = documented_body(self.curl).replace("'", "'\\''")
        return f"{head}-d '{_ESCAPED.sub(_unescaped, written)}'"

    @property
    def body(self) -> dict[str, Any]:
        """The body that the command sends."""
        try:
            body: dict[str, Any] = parse_json(documented_body(self.curl))
        except UnreadableValue as error:
            raise AssertionError(f"{self.folder / 'curl.txt'}: {error}") from None
        return body

    @property
    def values(self) -> dict[str, Any]:
        """The complete form: every field that travels. Those of a documented request are read from its body."""
        path = self.folder / "values.yaml"
        if path.exists():
            values: dict[str, Any] = load(path).data
            return values
        model = model_of(self)
        told = next(example.values for example in model.examples if example.name == self.name)
        complete = {field.name: told.get(field.name, field.default) for field in model.fields}
        return {name: value for name, value in complete.items() if value is not None}

    @property
    def cls(self) -> type[Request]:
        """The class of the requests."""
        return VideoRequest if self.model == "generic" else MODELS[self.model]


def goldens(folder: Path = GOLDENS) -> list[Golden]:
    """All cases, in order."""
    return [Golden(path.parent.name, path.name, path) for path in sorted(folder.glob("*/*")) if path.is_dir()]


def model_of(golden: Golden) -> Model:
    """What the schema says of its model."""
    return next(model for model in package().all_models if model.name == golden.model)


def documented() -> list[Golden]:
    """The cases that are the pages' own."""
    return [golden for golden in goldens() if golden.name == "documented"]


_ESCAPED = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\u[0-9a-fA-F]{4})+)")
"""Characters that JSON writes as their numbers, behind an even number of backslashes."""


def _unescaped(found: re.Match[str]) -> str:
    text: str = json.loads(f'"{found[2]}"')
    return found[1] + (text if text.isprintable() and not set(text) & {'"', "\\"} else found[2])


@cache
def package() -> Package:
    """What the schemas say."""
    return build(check(ROOT / "schemas"))
