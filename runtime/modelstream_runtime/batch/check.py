"""Checks a whole batch before anything is bought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from modelstream_runtime.batch.drafts import Draft
from modelstream_runtime.batch.ids import Ids
from modelstream_runtime.batch.jobs import Job
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, ModelStreamError, Problem
from modelstream_runtime.journal.records import NewPurchase

_MOST_KEPT = 1000
"""Wrong jobs whose problems are kept. The others are counted."""


class WrongJob(NamedTuple):
    """A job that cannot be bought.

    Attributes:
        place: where it was written.
        id: its id, if it has one.
        problems: what is wrong with it.
    """

    place: str
    id: str | None
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        name = f" ({self.id})" if self.id is not None else ""
        return "\n".join(f"{self.place}{name}: {problem}" for problem in self.problems)


class InvalidBatch(ModelStreamError, ValueError):
    """Some jobs of a batch are wrong. Nothing was bought, and nothing was written.

    Attributes:
        wrong: the jobs, at most the first thousand of them.
        count: how many there are.
        total: how many jobs the batch has.
    """

    def __init__(self, wrong: tuple[WrongJob, ...], count: int, total: int) -> None:
        super().__init__(wrong, count, total)
        self.wrong = wrong
        self.count = count
        self.total = total

    def __str__(self) -> str:
        shown = self.wrong[:50]
        more = [f"and {self.count - len(shown)} more"] if self.count > len(shown) else []
        jobs = "job is" if self.count == 1 else "jobs are"
        return "\n".join([f"{self.count} of {self.total} {jobs} wrong; nothing was bought", *map(str, shown), *more])


class Checked:
    """The purchases that jobs become. Iterate over it once; afterwards it knows what was wrong.

    Args:
        jobs: what somebody wrote.
        catalog: the models.
        model: the model of jobs that name none.
        values: values of the form that jobs do not give themselves.

    Attributes:
        total: how many jobs there were.
        wrong: those that cannot be bought, at most the first thousand.
        count: how many cannot be bought.
    """

    def __init__(
        self,
        jobs: Iterable[Job],
        catalog: Catalog,
        *,
        model: str | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> None:
        self._jobs = jobs
        self._catalog = catalog
        self._model = model
        self._values = values or {}
        self.total = 0
        self.wrong: list[WrongJob] = []
        self.count = 0

    def __iter__(self) -> Iterator[NewPurchase]:
        ids = Ids()
        try:
            for job in self._jobs:
                self.total += 1
                draft = Draft(job, model=self._model, values=self._values)
                id = job.id if job.id is not None else ids.made_from(draft.digest)
                problems = list(draft.problems)
                if not problems or job.id is not None:
                    conflict = ids.conflict(id, job.place) if id else "the id is empty"
                    problems += [Problem("id", conflict, value=id)] if conflict else []
                if problems:
                    self._reject(job, problems)
                else:
                    yield NewPurchase(id, draft.model, partial(self._stored, job, draft), draft.digest)
        finally:
            ids.close()

    def raise_if_wrong(self) -> None:
        """Raise what is wrong.

        Raises:
            InvalidBatch: some jobs cannot be bought.
        """
        if self.count:
            raise InvalidBatch(tuple(self.wrong), self.count, self.total)

    def _stored(self, job: Job, draft: Draft) -> str | None:
        """What the journal keeps of a job, once it has been checked; ``None`` if it is wrong."""
        try:
            draft.request(self._catalog)
            return draft.stored()
        except InvalidRequest as error:
            self._reject(job, error.problems)
        except OSError as error:
            self._reject(job, [Problem("values", f"{error.filename} cannot be read: {error.strerror or error}")])
        return None

    def _reject(self, job: Job, problems: Iterable[Problem]) -> None:
        self.count += 1
        if len(self.wrong) < _MOST_KEPT:
            self.wrong.append(WrongJob(job.place, job.id, tuple(problems)))
