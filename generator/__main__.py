"""The command line: ``python -m generator generate | check | explain``."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from generator.diagnostics import NOWHERE, Problem, ProblemsFound, counted, display_path, printable, report, suggest

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
        out = sys.stderr if options.format == "text" else sys.stdout
        print(report(found, options.format), file=out)
        return 1
    except BrokenPipeError:
        # The reader has enough. What is still buffered would fail again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m generator", description="Turns form schemas into the typed client package."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--schemas", type=Path, default=_ROOT / "schemas", metavar="DIR", help="the schema files (default: schemas)"
    )
    common.add_argument(
        "--goldens",
        type=Path,
        metavar="DIR",
        help="documented requests that prove the evidence class curl (default: tests/goldens beside the schemas)",
    )
    common.add_argument(
        "--format",
        choices=("text", "json", "github"),
        default="text",
        help="how problems are told: for people, as a JSON array, or as workflow commands (default: text)",
    )

    generate = commands.add_parser("generate", parents=[common], help="write the package, or compare it with --check")
    generate.add_argument(
        "--templates", type=Path, default=_ROOT / "templates", metavar="DIR", help="the templates (default: templates)"
    )
    generate.add_argument(
        "--out", type=Path, default=_ROOT / "generated", metavar="DIR", help="where it goes (default: generated)"
    )
    generate.add_argument("--only", metavar="MODEL", help="write or compare only what is this model's")
    generate.add_argument(
        "--check", action="store_true", help="write nothing; print what differs as a diff and exit 1 if anything does"
    )
    cache = generate.add_mutually_exclusive_group()
    cache.add_argument(
        "--cache",
        type=Path,
        metavar="DIR",
        help="where results are kept for the next run (default: .cache/generator beside the output folder)",
    )
    cache.add_argument("--no-cache", action="store_true", help="make everything anew, and keep nothing")
    generate.set_defaults(run=_generate)

    check_command = commands.add_parser("check", parents=[common], help="check the schemas alone")
    check_command.set_defaults(run=_check)

    explain = commands.add_parser("explain", parents=[common], help="show a model's fields and where they travel")
    explain.add_argument("model", metavar="MODEL", help="model id, or the name of its file")
    explain.add_argument("field", metavar="FIELD", nargs="?", help="only this field, with everything known about it")
    explain.set_defaults(run=_explain)
    return parser


def _generate(options: argparse.Namespace) -> int:
    from generator.cache import Cache
    from generator.make import make
    from generator.plan import carry_out, differences, make_plan
    from generator.progress import Progress
    from generator.sources import Sources

    sources = Sources.of(options.schemas, options.goldens)
    cache = None if options.no_cache else options.cache or options.out.parent / ".cache" / "generator"
    with Progress(sys.stderr) as progress:
        made = make(sources, options.templates, Cache(cache), progress)
    only = _find(made.models, options.only, options).paths if options.only else None
    plan = make_plan(options.out, made.files, only=only)
    if options.check:
        if text := differences(plan, options.format):
            print(text)
        return 1 if plan.changes else 0
    carry_out(plan)
    written = [change for change in plan.changes if change.kind != "EXTRA"]
    removed = [change for change in plan.changes if change.kind == "EXTRA" and change.owned]
    for change in plan.foreign:
        path = printable(display_path(options.out / change.path))
        print(f"left alone: {path} (not made by the generator)", file=sys.stderr)
    models = counted(len(made.models), "model")
    if not written and not removed:
        compared = counted(len(plan.files), "file")
        print(
            f"{models}: {compared} in {display_path(options.out)} {'is' if len(plan.files) == 1 else 'are'} up to date"
        )
    else:
        counts = f"{len(written)} written, {len(removed)} removed, {len(plan.files) - len(written)} unchanged"
        print(f"{models}: {counts} in {display_path(options.out)}")
    return 0


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
    from generator.ir import build

    package = build(check(options.schemas, options.goldens))
    model, folder = _find(package.all_models, options.model, options), display_path(options.schemas)
    if options.field is None:
        print(explain_model(model, folder))
        return 0
    names = [field.name for field in model.fields]
    if options.field not in names:
        message = (
            f"no field {options.field!r}{suggest(options.field, names, otherwise='; there is ' + ', '.join(names))}"
        )
        file = display_path(options.schemas / model.file)
        raise ProblemsFound([Problem(file=file, span=NOWHERE, code="unknown-field", message=message)])
    print(explain_field(model, model.field(options.field), folder))
    return 0


class _Named(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def file(self) -> str: ...


_Model = TypeVar("_Model", bound=_Named)


def _find(models: Iterable[_Model], name: str, options: argparse.Namespace) -> _Model:
    """The model of that id, or whose file is called so."""
    known = {key: model for model in models for key in (model.file.removesuffix(".yaml"), model.name)}
    if name not in known:
        message = f"no model {name!r}{suggest(name, known, otherwise='; there is ' + ', '.join(sorted(known)))}"
        file = display_path(options.schemas)
        raise ProblemsFound([Problem(file=file, span=NOWHERE, code="unknown-model", message=message)])
    return known[name]


if __name__ == "__main__":
    sys.exit(main())
