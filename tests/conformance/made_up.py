"""Packages made of schemas in memory, for the surfaces to be asked about models that are not in the repository."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from generator.ir import Model
from modelstream.gateway import GATEWAY
from modelstream.mock import MockGateway
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.request import Request
from modelstream_runtime.schemas import Schemas
from tests.fuzz.workshop import Made, Workshop, imported
from tests.support.golden import ROOT

_SCHEMAS = ROOT / "tests" / "newmodels" / "schemas"
MADE_UP = sorted(path.stem for path in _SCHEMAS.glob("*.yaml"))
"""The names of the made-up models that ``nox -s newmodels`` adds."""


class MadeUp(Catalog):
    """The catalog of one model that is on no disk."""

    def __init__(self, made: Made, cls: type[Request]) -> None:
        super().__init__(
            package="modelstream",
            gateway=GATEWAY,
            models={},
            generic="modelstream.models.generic:VideoRequest",
            schemas="modelstream.schemas",
            client="modelstream._sync.dispatch:ModelStream",
            async_client="modelstream._async.dispatch:AsyncModelStream",
            mock="modelstream.mock.core:MockGateway",
        )
        name = made.model.name
        self.models: Mapping[str, type[Request]] = {name: cls}  # type: ignore[assignment]
        paths = {kind: f"modelstream/schemas/{made.model.module}.{kind}.json" for kind in ("form", "wire")}
        self._made = {f"{name}.{kind}.json": json.loads(made.files[path]) for kind, path in paths.items()}
        self._gateway = type("MockGateway", (MockGateway,), {"catalog": self})
        cls._catalog = self

    @property
    def schemas(self) -> Schemas:
        return _InMemory(self._made, {"generic": "generic"} | {model: model for model in self.models})

    @property
    def mock(self) -> type[Any]:
        return self._gateway


class _InMemory(Schemas):
    def __init__(self, made: Mapping[str, dict[str, Any]], modules: Mapping[str, str]) -> None:
        super().__init__("modelstream.schemas", modules)
        self._made = made

    def _read(self, name: str) -> dict[str, Any]:
        return self._made[name] if name in self._made else super()._read(name)


def catalog_of(made: Made) -> MadeUp:
    """The catalog of what the generator made of a schema."""
    with imported(made) as module:
        return MadeUp(made, getattr(module, made.model.class_name))


@cache
def made_up(name: str) -> tuple[Model, Catalog]:
    """A made-up model, in a catalog of its own."""
    with tempfile.TemporaryDirectory() as folder:
        workshop = Workshop(Path(folder))
        workshop.write(name, (_SCHEMAS / f"{name}.yaml").read_text(encoding="utf-8"))
        made = workshop.make(workshop.package())
    return made.model, catalog_of(made)
