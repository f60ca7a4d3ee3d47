"""The command line: ``python -m generator generate | check | explain | diff | drift | import``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar, get_args

from generator.diagnostics import (
    NOWHERE,
    Format,
    Problem,
    ProblemsFound,
    counted,
    display_path,
    printable,
    report,
    suggest,
)

if TYPE_CHECKING:
    from generator.cache import Cache
    from generator.plan import Folder, Plan
    from generator.sources import Sources

_ROOT = Path(__file__).parents[1]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0 done, 1 problems or differences were found, 2 wrong usage."""
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # Not every terminal knows every character of a schema.
    try:
        run: Callable[[argparse.Namespace], int] = options.run
        status = run(options)
        sys.stdout.flush()
        return status
    except ProblemsFound as found:
        form: Format = options.format if options.format in get_args(Format) else "text"
        out = sys.stderr if form == "text" else sys.stdout
        print(report(found, form), file=out)
        return int(getattr(options, "status_of_problems", 1))
    except BrokenPipeError:
        # The reader has enough. What is still buffered would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator",
        description="Render the form schemas into the typed client package.",
        epilog="Exit status: 0 done, 1 problems or differences were found, 2 wrong usage.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    _add_folder(common, "--schemas", "folder of the schema files", default="schemas")
    common.add_argument(
        "--goldens",
        type=Path,
        metavar="DIR",
        help="folder of the documented requests that prove evidence (default: tests/goldens beside the schemas)",
    )
    _add_format(common)

    generate = commands.add_parser(
        "generate",
        parents=[common],
        help="write the package, or compare it with --check",
        description="Render the schemas and write the package, or compare it with --check.",
    )
    _add_folder(generate, "--templates", "folder of the templates", default="templates")
    _add_folder(generate, "--out", "folder of the package", default="generated")
    generate.add_argument(
        "--docs",
        type=Path,
        metavar="DIR",
        help="folder of the pages about the models (default: docs/models beside the package)",
    )
    generate.add_argument("--only", metavar="MODEL", help="write or compare only the files of this model")
    generate.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print a diff, and exit 1 if anything differs",
    )
    cache = generate.add_mutually_exclusive_group()
    cache.add_argument(
        "--cache",
        type=Path,
        metavar="FILE",
        help="file that remembers this run for the next (default: .cache/generator.json beside the package)",
    )
    cache.add_argument("--no-cache", action="store_true", help="neither use nor write that file")
    generate.set_defaults(run=_generate)

    check_command = commands.add_parser(
        "check",
        parents=[common],
        help="check the schemas and write nothing",
        description="Check the schemas and write nothing.",
    )
    check_command.set_defaults(run=_check)

    explain = commands.add_parser(
        "explain",
        parents=[common],
        help="show a model's fields and where they travel",
        description="Show a model's fields and where they travel.",
    )
    explain.add_argument("model", metavar="MODEL", help="the model id, or the name of its file")
    explain.add_argument(
        "field", metavar="FIELD", nargs="?", help="show only this field, with everything known about it"
    )
    explain.set_defaults(run=_explain)

    _add_diff(commands)
    _add_drift(commands)
    import_command = commands.add_parser(
        "import",
        help="draft a schema from a saved documentation page",
        description="Draft a schema from a saved documentation page, for review. Nothing is downloaded or run.",
        epilog="Exit status: 0 complete, 1 some questions are open, 2 this is no page of a model.",
    )
    import_command.add_argument(
        "page", metavar="PAGE", help="the page, saved as text, Markdown or HTML; - reads standard input"
    )
    _add_folder(import_command, "--out", "folder for the draft", default="drafts")
    _add_folder(import_command, "--golden", "folder for the curl and page.yaml", default="drafts/goldens")
    import_command.add_argument(
        "--checked", type=date.fromisoformat, metavar="DATE", help="day on which the page was saved (default: today)"
    )
    _add_format(import_command)
    import_command.set_defaults(run=_import, status_of_problems=2)
    return parser


def _add_format(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how to report problems: for people, as a JSON array, or as workflow commands (default: text)",
    )


def _add_drift(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    drift = commands.add_parser(
        "drift",
        help="tell what moved on saved pages since they were compared with their schemas",
        description="Tell what moved on saved pages since somebody compared them with their schemas.",
        epilog="Exit status: 0 at most notices, 1 something moved that a person has to look at.",
    )
    drift.add_argument(
        "pages", metavar="PAGE", nargs="+", help="a page, saved as text, Markdown or HTML; - reads standard input"
    )
    _add_folder(drift, "--schemas", "folder of the schema files", default="schemas")
    drift.add_argument(
        "--goldens",
        type=Path,
        metavar="DIR",
        help="folder of the records of the pages (default: tests/goldens beside the schemas)",
    )
    drift.add_argument(
        "--format",
        choices=("text", "json", "markdown", "github"),
        default="text",
        help="for people, as a JSON array, as Markdown for a pull request, or as workflow commands (default: text)",
    )
    drift.add_argument(
        "--accept",
        action="store_true",
        help="take the pages as they are: rewrite page.yaml, the documented curl, and the day in `checked`",
    )
    drift.set_defaults(run=_drift)


def _add_diff(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    diff = commands.add_parser(
        "diff",
        help="tell what a change of the schemas does, and to whom",
        description="Tell what a change of the schemas does, by whom it breaks, with a call that shows it.",
        epilog="Each side is a folder of schemas or a git revision; nothing of a revision is run.",
    )
    diff.add_argument(
        "old", metavar="OLD", help="the side before; main..HEAD names both, main...HEAD their common base"
    )
    diff.add_argument("new", metavar="NEW", nargs="?", help="the side after (default: the folder of --schemas)")
    _add_folder(diff, "--schemas", "folder of the schema files; revisions are looked up around it", default="schemas")
    diff.add_argument(
        "--format",
        choices=("text", "json", "markdown", "github"),
        default="text",
        help="for people, as a JSON object, as an entry of a changelog, or as workflow commands (default: text)",
    )
    diff.add_argument(
        "--fail-on",
        choices=("breaks-callers", "changes-what-is-sent", "new", "words-only"),
        help="exit 1 if a change is that bad or worse, and not acknowledged",
    )
    diff.add_argument(
        "--acknowledged",
        type=Path,
        metavar="FILE",
        help="reasons for known changes (default: changes/acknowledged.yaml beside the new schemas)",
    )
    diff.add_argument(
        "--check-version",
        action="store_true",
        help="exit 1 unless the version in the new pyproject.toml follows from the old one and the changes",
    )
    diff.set_defaults(run=_diff)


def _add_folder(parser: argparse.ArgumentParser, option: str, meaning: str, *, default: str) -> None:
    parser.add_argument(
        option, type=Path, default=_ROOT / default, metavar="DIR", help=f"{meaning} (default: {default})"
    )


def _generate(options: argparse.Namespace) -> int:
    from generator.cache import Cache, digest_of_inputs
    from generator.plan import Folder, Plan, apply, differences
    from generator.sources import PAGES, Sources, template_files

    sources = Sources.of(options.schemas, options.goldens)
    cache = Cache(None if options.no_cache else options.cache or options.out.parent / ".cache" / "generator.json")
    inputs = "" if options.no_cache else digest_of_inputs(sources, options.templates)
    folders = [Folder(options.out)]
    if any(path.startswith(PAGES) for path in template_files(options.templates)):
        folders.append(Folder(options.docs or options.out.parent / PAGES, PAGES))
    paths = [folder.path for folder in folders]
    if not options.only and (counts := cache.counts_if_unchanged(inputs, paths)):
        models, plan = counts[0], Plan(folders=tuple(folders), compared=counts[1])
    else:
        models, plan = _render(sources, options, cache, folders)
        if not options.check:
            apply(plan)
        matches = not plan.of_kind("UNTRACKED") and not (options.check and plan.changes)
        cache.save((inputs, paths, models, plan.compared) if matches and not options.only else None)
    if options.check:
        if text := differences(plan, options.format):
            print(text)
        return 1 if plan.changes else 0
    _summarize(plan, models)
    return 0


def _render(sources: Sources, options: argparse.Namespace, cache: Cache, folders: Sequence[Folder]) -> tuple[int, Plan]:
    """Run all stages but the one that writes: how many models there are, and what has to be written."""
    # These modules import the tools, which take longer than finding that nothing has changed.
    from generator.emit import paths_of_model
    from generator.pipeline import generate
    from generator.plan import make_plan

    generated = generate(sources, options.templates, cache)
    models = generated.package.all_models
    only = None
    if options.only:
        only = paths_of_model(options.templates, _find(models, options.only, options))
    return len(models), make_plan(folders, generated.files, only=only)


def _summarize(plan: Plan, models: int) -> None:
    """Print what was written, removed and left alone."""
    for change in plan.of_kind("UNTRACKED"):
        path = printable(display_path(change.target))
        print(f"left alone: {path} (the generator did not write it)", file=sys.stderr)
    written, removed = plan.of_kind("CHANGED", "MISSING"), plan.of_kind("STALE")
    if written or removed:
        counts = f"{len(written)} written, {len(removed)} removed, {plan.compared - len(written)} unchanged"
        print(f"{counted(models, 'model')}: {counts} in {plan.places}")
    else:
        verb = "is" if plan.compared == 1 else "are"
        print(f"{counted(models, 'model')}: {counted(plan.compared, 'file')} in {plan.places} {verb} up to date")


def _check(options: argparse.Namespace) -> int:
    from generator.check import check

    checked = check(options.schemas, options.goldens)
    if options.format == "json":
        print("[]")
    elif options.format == "text":
        print(f"{counted(len(checked.models), 'model')}: no problems")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from generator.check import check
    from generator.explain import explain_field, explain_model
    from generator.ir.build import build

    package = build(check(options.schemas, options.goldens))
    model, folder = _find(package.all_models, options.model, options), display_path(options.schemas)
    if options.field is None:
        print(explain_model(model, folder))
        return 0
    names = [field.name for field in model.fields]
    if options.field not in names:
        message = (
            f"no field {options.field!r}{suggest(options.field, names, otherwise='; choose from ' + ', '.join(names))}"
        )
        file = display_path(options.schemas / model.file)
        raise ProblemsFound([Problem(file=file, span=NOWHERE, code="unknown-field", message=message)])
    print(explain_field(model, model.field(options.field), folder))
    return 0


def _import(options: argparse.Namespace) -> int:
    from generator.draft.command import import_page

    questions, text = import_page(options.page, options.out, options.golden, options.checked)
    print(text)
    return 1 if questions else 0


def _drift(options: argparse.Namespace) -> int:
    from generator.drift.command import run

    return run(options)


def _diff(options: argparse.Namespace) -> int:
    from generator.diff.command import run

    return run(options)


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def file(self) -> str: ...


_Model = TypeVar("_Model", bound=_Named)


def _find(models: Iterable[_Model], name: str, options: argparse.Namespace) -> _Model:
    """The model with that id, or with a file of that name."""
    known = {key: model for model in models for key in (model.file.removesuffix(".yaml"), model.name)}
    if name not in known:
        message = f"no model {name!r}{suggest(name, known, otherwise='; choose from ' + ', '.join(sorted(known)))}"
        file = display_path(options.schemas)
        raise ProblemsFound([Problem(file=file, span=NOWHERE, code="unknown-model", message=message)])
    return known[name]


if __name__ == "__main__":
    sys.exit(main())
