"""Stage 2: everything that is wrong with the schema files, told in one run.

What the language's JSON Schema refuses comes first. The parts it refuses are then left out, and the sound rest is
judged: names, targets, limits, rules, examples and evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from generator.check.evidence import check_evidence
from generator.check.examples import check_examples, check_refused
from generator.check.gateway import check_gateway
from generator.check.language import check_language
from generator.check.limits import check_limits
from generator.check.names import check_collisions, check_names
from generator.check.rules import check_rules
from generator.check.subject import Subject
from generator.check.targets import check_targets
from generator.diagnostics import NOWHERE, Problem, ProblemsFound, display_path
from generator.load import Document, load

LANGUAGE = Path(__file__).parents[2] / "schemas"
"""Where the language is: the JSON Schemas of the two kinds of file, and the gateway used where a folder brings none."""

GATEWAY = "gateway.yaml"

_MODEL_CHECKS = (check_names, check_limits, check_targets, check_rules, check_examples, check_refused)


@dataclass(frozen=True, kw_only=True, slots=True)
class Checked:
    """A folder of schema files in which nothing is wrong."""

    gateway: Document
    models: tuple[Document, ...]


def check(folder: Path, goldens: Path | None = None) -> Checked:
    """Load and check all schema files of a folder.

    Args:
        folder: the ``*.yaml`` files: one per model, and optionally ``gateway.yaml``.
        goldens: folder of documented requests that prove the evidence class ``curl``; by default
            ``tests/goldens`` beside the folder. Where there is no such folder nothing is proved.

    Raises:
        ProblemsFound: with every problem of every file.
    """
    problems: list[Problem] = []
    # Editors leave hidden files beside the one they have open.
    paths = sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))
    for path in sorted(folder.glob("*.yml")):
        message = f"only .yaml files are read; call it {path.stem}.yaml"
        problems.append(Problem(file=display_path(path), code="file-name", message=message))
    gateway_file = folder / GATEWAY if folder / GATEWAY in paths else LANGUAGE / GATEWAY
    model_files = [path for path in paths if path.name != GATEWAY]
    if not model_files and not problems:
        message = "no model here; a folder of schemas has a .yaml file per model"
        if not folder.is_dir():
            message = "no such folder"
        problems.append(Problem(file=display_path(folder), span=NOWHERE, code="no-schemas", message=message))
    if goldens is not None and not goldens.is_dir():
        message = "there is no such folder; goldens are kept in it as MODEL/documented/curl.txt"
        raise ProblemsFound([Problem(file=display_path(goldens), span=NOWHERE, code="no-goldens", message=message)])
    goldens = goldens or folder.resolve().parent / "tests" / "goldens"

    gateway = _load(gateway_file, problems)
    if gateway:
        found, rest = check_language(gateway, LANGUAGE / "gateway.schema.json")
        problems += [*found, *check_gateway(gateway, rest)]
    subjects = []
    for path in model_files:
        document = _load(path, problems)
        if document:
            found, rest = check_language(document, LANGUAGE / "form_schema.schema.json")
            subject = Subject(document, rest, stem=path.stem)
            subjects.append(subject)
            problems += found
            problems += _check_model(subject, goldens)
    problems += check_collisions(subjects)
    if problems or not gateway:
        raise ProblemsFound(problems, files=len(paths))
    return Checked(gateway=gateway, models=tuple(subject.document for subject in subjects))


def _check_model(subject: Subject, goldens: Path) -> Sequence[Problem]:
    problems = [problem for check_part in _MODEL_CHECKS for problem in check_part(subject)]
    return [*problems, *check_evidence(subject, goldens)]


def _load(path: Path, problems: list[Problem]) -> Document | None:
    try:
        document = load(path)
    except ProblemsFound as found:
        problems += found.problems
        return None
    problems += document.problems
    return document


__all__ = ["Checked", "check"]
