"""How Hypothesis is run here: by a seed, without a memory of earlier runs, and without a clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, Phase, example, given, seed, settings
from hypothesis import strategies as st

_NO_OBSTACLES = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.filter_too_much,
    HealthCheck.large_base_example,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """Decorates a test of one example."""

    size: int
    seed: int
    seen: Counter[str]

    def part(self, index: int, of: int) -> Sample:
        """A share of the sample, for a process of its own."""
        return Sample(self.size // of, self.seed * of + index, self.seen)

    def __call__(
        self, strategy: st.SearchStrategy[Any], *pins: Any
    ) -> Callable[[Callable[[Any], None]], Callable[[], None]]:
        """The test with the pins, which are examples that once failed, and then with the sample of the strategy."""

        def decorate(test: Callable[[Any], None]) -> Callable[[], None]:
            chosen = settings(
                max_examples=self.size,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate, Phase.shrink],
                suppress_health_check=_NO_OBSTACLES,
                report_multiple_bugs=False,
                print_blob=False,
            )
            run: Any = seed(self.seed)(chosen(given(strategy)(test)))
            for pin in reversed(pins):
                run = example(pin)(run)
            found: Callable[[], None] = run
            return found

        return decorate
