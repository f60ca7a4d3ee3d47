"""The request classes of whole folders of schemas, made and run in memory: the second opinion about every witness."""

from __future__ import annotations

import json
import shutil
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator.check import check
from generator.diagnostics import ProblemsFound, report
from generator.emit import emit
from generator.ir import Package
from generator.ir.build import build
from modelstream import InvalidRequest, Request

TEMPLATES = Path(__file__).parents[2] / "templates"
MODULE = "modelstream/models/[module].py.jinja"


class Fare:
    """What becomes of a call of a real class."""

    def __init__(self, cls: type[Request], values: Mapping[str, Any]) -> None:
        self.body: str | None = None
        self.warnings: tuple[str, ...] = ()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                request = cls(**values)
        except InvalidRequest as error:
            self.error = str(error)
        else:
            self.error = ""
            self.body = json.dumps(request.to_payload(), ensure_ascii=False)
            self.warnings = tuple(remark.field for remark in request.remarks())

    @property
    def accepted(self) -> bool:
        return not self.error


def package_of(folder: Path) -> Package:
    """The schemas of a folder as objects."""
    try:
        return build(check(folder))
    except ProblemsFound as found:
        raise AssertionError(report(found, "text")) from found


@contextmanager
def classes_of(package: Package, place: Path) -> Iterator[Mapping[str, type[Request]]]:
    """Model to its request class, for as long as the block lasts."""
    if not place.exists():
        shutil.copytree(TEMPLATES / "_datamodel", place / "_datamodel")
        (place / MODULE).parent.mkdir(parents=True)
        shutil.copy(TEMPLATES / MODULE, place / MODULE)
    sources = emit(package, place)
    before = dict(sys.modules)
    found: dict[str, type[Request]] = {}
    try:
        for model in package.all_models:
            name = f"modelstream.models.{model.module}"
            module = sys.modules[name] = types.ModuleType(name)
            source = sources[f"modelstream/models/{model.module}.py"]
            exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)  # noqa: S102
            found[model.name] = getattr(module, model.class_name)
        yield found
    finally:
        for name in sys.modules.keys() - before.keys():
            if name.startswith("modelstream.models."):
                del sys.modules[name]
        sys.modules.update({name: module for name, module in before.items() if name.startswith("modelstream.models.")})
