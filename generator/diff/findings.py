"""All changes between two trees, each with a call that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from generator.diff import gateway
from generator.diff.changes import GATEWAY, Change
from generator.diff.kinds import Shows
from generator.diff.models import compare_model
from generator.diff.pairs import Pair, compare
from generator.diff.witness import Search, Witness
from generator.emit.literals import literal
from generator.ir import Model, Package


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """A change, and what shows it."""

    change: Change
    call: str
    """What a caller writes or sees, as Python source or in words; empty if no call that was tried shows it."""
    before: str = ""
    after: str = ""
    witness: Witness | None = None
    """The call as values, if it is a request that both trees can judge."""


def findings(old: Package, new: Package) -> list[Finding]:
    """Everything that differs, the worst first, then in the order of models and fields."""
    found: dict[str, Finding] = {}
    for finding in _findings(old, new):
        found.setdefault(finding.change.fingerprint, finding)
    return sorted(found.values(), key=lambda finding: finding.change.level.rank)


def _findings(old: Package, new: Package) -> Iterator[Finding]:
    before, after = ({model.name: model for model in package.all_models} for package in (old, new))
    renamed = _renamed(before, after)
    for name, model in before.items():
        if name not in after and name not in renamed.values():
            yield _about_model("model-removed", model, f"from modelstream import {model.class_name}", "works", "fails")
    for name, model in after.items():
        former = renamed.get(name, name)
        if former in before:
            yield from _of_model(before[former], model)
        else:
            yield _about_model("model-added", model, f"from modelstream import {model.class_name}", "fails", "works")
    pair = Pair(model=GATEWAY, old=old.gateway, new=new.gateway)
    for change in compare(pair, gateway.TABLE):
        yield Finding(change=change, call=change.fact, before=change.before or "none", after=change.after or "none")


def _renamed(before: dict[str, Model], after: dict[str, Model]) -> dict[str, str]:
    """New name to old name of the models that kept their class."""
    gone = {model.class_name: name for name, model in before.items() if name not in after}
    return {name: gone[m.class_name] for name, m in after.items() if name not in before and m.class_name in gone}


def _about_model(kind: str, model: Model, call: str, before: str, after: str) -> Finding:
    names = (model.class_name, "") if kind == "model-removed" else ("", model.class_name)
    change = Change(kind_name=kind, model=model.name, fact="class", before=names[0], after=names[1])
    return Finding(change=change, call=call, before=before, after=after)


def _of_model(old: Model, new: Model) -> Iterator[Finding]:
    changes = list(compare_model(old, new))
    search = Search(old, new)
    for change in changes:
        yield _shown(change, search.find(change), old, new)
    for change, witness in search.unexplained(changes, new.name):
        yield _shown(change, witness, old, new)


def _shown(change: Change, witness: Witness | None, old: Model, new: Model) -> Finding:
    if change.kind.shows is Shows.TOLD:
        call = f"from modelstream import {change.before}" if change.kind_name == "class-renamed" else change.fact
        texts = ("works", "fails") if change.kind_name == "class-renamed" else (change.before, change.after)
        return Finding(change=change, call=call, before=texts[0], after=texts[1])
    if witness is None:
        return Finding(change=change, call="")
    by_old = change.kind.shows is not Shows.ACCEPTED
    arguments = ", ".join(f"{name}={literal(value)}" for name, value in witness.values.items())
    call = f"{(old if by_old else new).class_name}({arguments})"
    return Finding(change=change, call=call, before=witness.before.text, after=witness.after.text, witness=witness)
