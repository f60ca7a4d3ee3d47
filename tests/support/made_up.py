"""A made-up model, and what each surface says of a form: tests of the language need no real model."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, cast

import yaml
from jsonschema import Draft202012Validator

from generator.check import check
from generator.diagnostics import ProblemsFound
from generator.emit.body import body_of
from generator.ir import Model
from modelstream import InvalidRequest, ModelStreamWarning, Request
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli import run
from modelstream_runtime.mock.checking import Checker
from tests.conformance import made_up as conformance
from tests.fuzz.workshop import Made, Workshop, imported

HEAD: dict[str, Any] = {
    "model": "made-up",
    "class": "MadeUp",
    "title": "Made up",
    "vendor": "Nobody",
    "summary": "A model that does not exist.",
    "source": {"page": "made-up", "checked": "2026-11-21"},
}


@dataclass(frozen=True)
class MadeUp:
    """The model and its surfaces."""

    made: Made
    module: Any

    @property
    def model(self) -> Model:
        """What the generator knows."""
        return self.made.model

    @property
    def cls(self) -> type[Request]:
        """The request class."""
        return cast(type[Request], getattr(self.module, self.model.class_name))

    def schema(self, kind: str) -> dict[str, Any]:
        """The JSON Schema of the ``form`` or the ``wire``."""
        return cast(dict[str, Any], json.loads(self.made.files[f"modelstream/schemas/{self.model.module}.{kind}.json"]))

    @property
    def page(self) -> str:
        """The page about the model."""
        return self.made.files[f"docs/models/{self.model.name}.md"]

    @property
    def catalog(self) -> Catalog:
        """A catalog with this model only."""
        return conformance.MadeUp(self.made, self.cls)

    def run(self, *words: str) -> str:
        """What a command prints."""
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            run(self.catalog, list(words))
        return out.getvalue() + err.getvalue()

    def problems(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Field and message of what the class refuses; none if it accepts the values."""
        try:
            self.request(values)
        except InvalidRequest as refused:
            return [(problem.field, problem.message) for problem in refused.problems]
        return []

    def request(self, values: Mapping[str, Any]) -> Request:
        """The request; its warnings are no concern here."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ModelStreamWarning)
            return self.cls(**values)

    def told(self, body: Mapping[str, Any]) -> list[tuple[str | None, str]]:
        """Field and message of what the mock gateway refuses."""
        return [(problem.field, problem.message) for problem in Checker(self.schema("wire")).problems(body)]

    def accepted(self, values: Mapping[str, Any]) -> dict[str, bool]:
        """Whether each surface accepts the values."""
        body = json.loads(json.dumps(body_of(self.model, values)))
        try:
            read: Any = self.cls.from_payload(body)
        except InvalidRequest:
            read = None
        return {
            "class": not self.problems(values),
            "form": Draft202012Validator(self.schema("form")).is_valid(dict(values)),
            "wire": Draft202012Validator(self.schema("wire")).is_valid(body),
            "mock": not self.told(body),
            "from_payload": read is not None,
            "command line": '"event": "dry_run"' in self._dry_run(values),
        }

    def _dry_run(self, values: Mapping[str, Any]) -> str:
        with NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as params:
            json.dump(values, params)
            params.flush()
            return self.run("generate", self.model.name, "--params", params.name, "--dry-run", "--json")


@contextmanager
def made_up(folder: Path, text: str) -> Iterator[MadeUp]:
    """The model of a schema: what differs from `HEAD`, as YAML."""
    with (folder / "schema.yaml").open("w", encoding="utf-8") as file:
        yaml.safe_dump(HEAD, file, sort_keys=False)
    workshop = Workshop(folder / "workshop")
    workshop.write("made-up", (folder / "schema.yaml").read_text(encoding="utf-8") + text)
    made = workshop.make(workshop.package())
    with imported(made) as module:
        yield MadeUp(made, module)


def reported(folder: Path, text: str) -> list[str]:
    """Code and message of each problem of a schema, with its line in the text."""
    schemas = folder / "schemas"
    schemas.mkdir()
    head = yaml.safe_dump(HEAD, sort_keys=False)
    (schemas / "made-up.yaml").write_text(head + text, encoding="utf-8")
    try:
        check(schemas)
    except ProblemsFound as found:
        lines = head.count("\n")
        return [f"{p.span.line - lines}: {p.code}: {p.message}" for p in found.problems if p.span]
    return []
