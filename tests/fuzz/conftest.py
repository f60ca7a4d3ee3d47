"""How long to look, where to begin, and what was seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.fuzz.sampling import Sample

pytest.register_assert_rewrite("tests.fuzz.examine")

SHORT = 120
"""Schemas in an ordinary run of the tests, which are the same every time."""

_SEEN = "fuzz"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without them every run tries the same small sample."""
    parser.addoption("--fuzz", type=int, default=SHORT, metavar="N", help=f"how many schemas to try (default: {SHORT})")
    parser.addoption("--fuzz-seed", type=int, default=0, metavar="N", help="which sample (default: 0)")


@pytest.fixture
def sample(pytestconfig: pytest.Config, seen: Counter[str]) -> Sample:
    """How many examples to try, and where to begin."""
    # An option is only known where this file was read before the command line was.
    size: int = pytestconfig.getoption("--fuzz", SHORT) or SHORT
    seed: int = pytestconfig.getoption("--fuzz-seed", 0) or 0
    return Sample(size, seed, seen)


@pytest.fixture
def seen(record_property: Any) -> Iterator[Counter[str]]:
    """What is counted in a test comes into the summary of the run."""
    counts: Counter[str] = Counter()
    yield counts
    record_property(_SEEN, dict(counts))


@pytest.fixture(autouse=True)
def canary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A call of ``canary()``, or a file of that name, gives away a text that was run."""
    (tmp_path / "cage").mkdir()
    monkeypatch.chdir(tmp_path / "cage")
    sang: list[bool] = []
    monkeypatch.setattr("builtins.canary", lambda: sang.append(True), raising=False)
    yield
    assert not sang
    assert list(Path.cwd().iterdir()) == []


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The counts of all workers together."""
    total: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            total.update(_counts(report))
    if total:
        terminalreporter.section("fuzz")
        for line in summary(total):
            terminalreporter.write_line(line)


def _counts(report: Any) -> Mapping[str, int]:
    properties = getattr(report, "user_properties", ()) if getattr(report, "when", "") == "teardown" else ()
    return next((value for name, value in properties if name == _SEEN), {})


def summary(total: Mapping[str, int]) -> Iterator[str]:
    """A line for each kind of thing that was counted."""
    for name, count in total.items():
        if not name.startswith("code "):
            yield f"{count:>8}  {name}"
    codes = {name.removeprefix("code "): count for name, count in total.items() if name.startswith("code ")}
    yield "refused as " + ", ".join(f"{code} {count}" for code, count in sorted(codes.items()))
