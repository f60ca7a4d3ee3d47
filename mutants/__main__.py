"""The command: ``python -m mutants``."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Queue

from mutants.project_copy import Outcome, ProjectCopy
from mutants.schemas import Mutant, schema_mutants

ROOT = Path(__file__).parents[1]
_EXPLAINED = Path(__file__).with_name("survivors.toml")


def main() -> int:
    """Run the mutants. Returns 1 if one survives that `survivors.toml` does not explain."""
    parser = argparse.ArgumentParser(prog="python -m mutants", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="only mutants whose name contains the text")
    parser.add_argument("--list", action="store_true", help="list the mutants and exit")
    parser.add_argument("--briefly", action="store_true", help="run the tests of requests only")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many at once (default: 2)")
    parser.add_argument(
        "--report", type=Path, default=ROOT / "reports" / "mutants", metavar="PATH", help="without suffix"
    )
    options = parser.parse_args()
    mutants = [mutant for mutant in schema_mutants(ROOT) if options.only in mutant.name]
    if options.list:
        print(*(mutant.name for mutant in mutants), sep="\n")
        return 0
    outcomes = _try_all(mutants, options.jobs, briefly=options.briefly)
    explained = explanations()
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.with_suffix(".json").write_text(json.dumps([o._asdict() for o in outcomes], indent=2) + "\n")
    options.report.with_suffix(".md").write_text(report(outcomes, explained), encoding="utf-8")
    print(summary(outcomes, explained))
    return 1 if any(o.noticed_by is None and o.mutant not in explained for o in outcomes) else 0


def explanations() -> dict[str, str]:
    """Survivor to the reason why no test can notice it."""
    return tomllib.loads(_EXPLAINED.read_text(encoding="utf-8"))


def _try_all(mutants: list[Mutant], jobs: int, *, briefly: bool) -> list[Outcome]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies: Queue[ProjectCopy] = Queue()
        for number in range(jobs):
            copies.put(ProjectCopy(ROOT, Path(folder) / str(number)))

        def try_one(mutant: Mutant) -> Outcome:
            copy = copies.get()
            try:
                outcome = copy.try_mutant(mutant, briefly=briefly)
            finally:
                copies.put(copy)
            print(f"{outcome.noticed_by or 'SURVIVED'}  <-  {mutant.name}", file=sys.stderr, flush=True)
            return outcome

        (first := copies.get()).check_unchanged()
        copies.put(first)
        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(try_one, mutants))


def summary(outcomes: list[Outcome], explained: dict[str, str]) -> str:
    """How many mutants were noticed and by which tests, and which survived."""
    survivors = [outcome.mutant for outcome in outcomes if outcome.noticed_by is None]
    noticing = Counter((outcome.noticed_by or "").partition("::")[0] for outcome in outcomes if outcome.noticed_by)
    lines = [f"{len(outcomes) - len(survivors)} of {len(outcomes)} mutants were noticed"]
    lines += [f"{number:5} by {killer}" for killer, number in noticing.most_common()]
    lines += [f"survived: {name} ({explained.get(name, 'not explained')})" for name in survivors]
    return "\n".join(lines)


def report(outcomes: list[Outcome], explained: dict[str, str]) -> str:
    """Everything, as Markdown."""
    rows = [
        f"| {o.mutant.replace('|', '/')} | {o.noticed_by or explained.get(o.mutant, '**no test**')} |" for o in outcomes
    ]
    counted = "\n".join(f"    {line}" for line in summary(outcomes, explained).splitlines())
    return "\n".join(["# Mutants", "", counted, "", "| mutant | noticed by |", "| --- | --- |", *rows, ""])


if __name__ == "__main__":
    sys.exit(main())
