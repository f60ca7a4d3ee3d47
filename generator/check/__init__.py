"""Stage 2: report everything that is wrong with the schema files, in one run.

What the language's JSON Schema rejects comes first. The checks that follow leave those parts out and judge the sound
rest: names, targets, limits, rules, examples and evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.check.documented import Documented, check_documented, check_goldens, form_values, read_documented
from generator.check.evidence import check_evidence
from generator.check.examples import check_examples, check_refused
from generator.check.gateway import check_gateway
from generator.check.language import check_language
from generator.check.limits import check_limits
from generator.check.modes import check_modes
from generator.check.names import check_collisions, check_names
from generator.check.open_questions import check_open_questions
from generator.check.page import check_page
from generator.check.rules import check_rules
from generator.check.schema_view import SchemaView
from generator.check.targets import check_constants, check_targets
from generator.diagnostics import Problem, ProblemsFound
from generator.load import Document, load
from generator.sources import LANGUAGE, Sources

_MODEL_CHECKS = (
    check_open_questions,
    check_names,
    check_limits,
    check_targets,
    check_constants,
    check_modes,
    check_rules,
    check_examples,
    check_refused,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A folder of schema files in which nothing is wrong."""

    gateway: Document
    models: tuple[Document, ...]
    documented: Mapping[str, Mapping[str, dict[str, Any]]]
    """File of a model, and name of a documented request, to the form values that give it."""


def check(folder: Path, goldens: Path | None = None) -> Checked:
    """Load and check all schema files of a folder.

    Args:
        folder: the ``*.yaml`` files: one per model, and optionally ``gateway.yaml``.
        goldens: folder of documented requests that prove the evidence class ``curl``; by default
            ``tests/goldens`` beside the folder. Without such a folder the evidence is not checked.

    Raises:
        ProblemsFound: with every problem of every file.
    """
    return check_sources(Sources.of(folder, goldens))


def check_sources(sources: Sources) -> Checked:
    """As `check`, with the files already found."""
    problems = sources.problems()
    gateway = _check_gateway_file(sources.gateway, problems)
    found = [each for path in sources.models if (each := _check_model_file(path, sources, problems))]
    problems += check_collisions([schema for schema, _ in found])
    if problems or not gateway:
        raise ProblemsFound(problems, files=len(sources.files))
    return Checked(
        gateway=gateway,
        models=tuple(schema.document for schema, _ in found),
        documented={
            schema.document.file: {each.name: form_values(schema, each) for each in documented}
            for schema, documented in found
        },
    )


def _check_gateway_file(path: Path, problems: list[Problem]) -> Document | None:
    document = _load(path, problems)
    if document:
        found, rest = check_language(document, LANGUAGE / "gateway.schema.json")
        problems += [*found, *check_gateway(document, rest)]
    return document


def _check_model_file(
    path: Path, sources: Sources, problems: list[Problem]
) -> tuple[SchemaView, list[Documented]] | None:
    document = _load(path, problems)
    if not document:
        return None
    before = len(problems)
    found, rest = check_language(document, LANGUAGE / "form_schema.schema.json")
    schema = SchemaView(document, rest, stem=path.stem)
    problems += found
    for check_part in _MODEL_CHECKS:
        problems += check_part(schema)
    documented = read_documented(sources, schema.stem, problems)
    problems += check_evidence(schema, sources, documented)
    problems += check_page(schema, sources, documented)
    problems += check_goldens(schema, sources)
    if len(problems) == before:  # With a mistake in the schema nobody knows what the curl should be.
        problems += (problem for each in documented for problem in check_documented(schema, each))
    return schema, documented


def _load(path: Path, problems: list[Problem]) -> Document | None:
    try:
        document = load(path)
    except ProblemsFound as found:
        problems += found.problems
        return None
    problems += document.problems
    return document


__all__ = ["Checked", "check", "check_sources"]
