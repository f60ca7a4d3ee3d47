"""Checks a whole batch before anything is bought."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

from modelstream_runtime._text import shown
from modelstream_runtime.batch.drafts import Draft
from modelstream_runtime.batch.ids import Ids
from modelstream_runtime.batch.jobs import Job
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.errors import InvalidRequest, ModelStreamError, ModelStreamWarning, Problem
from modelstream_runtime.journal.records import NewPurchase
from modelstream_runtime.journal.states import State
from modelstream_runtime.request import Request

_MOST_KEPT = 1000
"""Wrong jobs whose problems are kept, and different remarks. The others are counted."""


class WrongJob(NamedTuple):
    """A job that cannot be bought.

    Attributes:
        place: where it was written.
        id: its id, if it has one.
        problems: what is wrong with it.
        columns: field to column, in a table.
    """

    place: str
    id: str | None
    problems: tuple[Problem, ...]
    columns: Mapping[str, int] = MappingProxyType({})

    def __str__(self) -> str:
        return "\n".join(f"{self.place_of(problem)}: {problem.message}" for problem in self.problems)

    def place_of(self, problem: Problem) -> str:
        """Where the job has a problem: ``jobs.csv:2, column 3 (shot-1): duration``."""
        column = self.columns.get(re.split(r"[.\[]", problem.field)[0])
        place = self.place if column is None else f"{self.place}, column {column}"
        return f"{_named(place, self.id)}: {problem.field}"


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
        if not self.total:
            return "there are no jobs; nothing was bought"
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
        unreadable: whether some jobs could not even be read, so that nobody knows how many are missing.
        models: how many jobs there are for each model.
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
        self.unreadable = False
        self.models: Counter[str] = Counter()
        self._remarks: dict[tuple[str, type[ModelStreamWarning]], list[Any]] = {}

    def __iter__(self) -> Iterator[NewPurchase]:
        ids = Ids()
        try:
            for job in self._jobs:
                self.total += 1
                problems = []
                if job.id is not None and not job.id.isprintable():
                    # Terminals obey some characters, and databases reject some.
                    message = f"{shown(job.id)} is not a text that can be printed"
                    problems.append(Problem("id", message, value=job.id))
                    job = job._replace(id=None)
                draft = Draft(job, model=self._model, values=self._values)
                id = job.id if job.id is not None else ids.made_from(draft.digest)
                if job.id is not None or not (problems or draft.problems):
                    conflict = ids.conflict(id, job.place) if id else "the id is empty"
                    problems += [Problem("id", conflict, value=id)] if conflict else []
                if problems or draft.problems:
                    self._reject(job, [*problems, *self._problems_in(draft)])
                else:
                    self.models[draft.model] += 1
                    yield NewPurchase(
                        id,
                        draft.model,
                        partial(self._stored, job, id, draft),
                        draft.digest,
                        draft.fixed,
                        partial(self._reject_changed, job),
                    )
        finally:
            ids.close()

    def verify(self, *, skip_invalid: bool = False) -> None:
        """Raise what is wrong.

        Args:
            skip_invalid: do not mind jobs that are wrong, if the others are right.

        Raises:
            InvalidBatch: some jobs cannot be bought, or there are none.
        """
        if not self.total or self.unreadable or (self.count and not skip_invalid):
            raise InvalidBatch(tuple(self.wrong), self.count, self.total)

    def remarks(self) -> Iterator[tuple[str, type[ModelStreamWarning]]]:
        """What the requests would have warned of, each only once."""
        for (text, category), (first, count) in self._remarks.items():
            yield f"{first}{f' and {count - 1} more' if count > 1 else ''}: {text}", category

    def _stored(self, job: Job, id: str, draft: Draft) -> str | None:
        """What the journal keeps of a job, once it has been checked; ``None`` if it is wrong."""
        try:
            request = draft.request(self._catalog)
            self._remember_remarks(job, id, draft.model, request)
            return draft.stored()
        except InvalidRequest as error:
            self._reject(job, error.problems)
        except OSError as error:
            self._reject(job, [Problem("values", f"{error.filename} cannot be read: {error.strerror or error}")])
        return None

    def _problems_in(self, draft: Draft) -> Iterable[Problem]:
        try:
            draft.request(self._catalog)
        except InvalidRequest as error:
            return error.problems
        return ()

    def _remember_remarks(self, job: Job, id: str, model: str, request: Request) -> None:
        for remark in request.remarks():
            key = (f"{model}: {remark}", remark.category)
            if key in self._remarks:
                self._remarks[key][1] += 1
            elif len(self._remarks) < _MOST_KEPT:
                self._remarks[key] = [_named(job.place, id), 1]

    def _reject_changed(self, job: Job, state: State) -> None:
        is_state = "is in doubt" if state == "in doubt" else "was sent" if state == "abandoned" else "was bought"
        message = f"{is_state} with another request; write it as it was, or give the changed job an id of its own"
        self._reject(job, [Problem("id", message, value=job.id)])

    def _reject(self, job: Job, problems: Iterable[Problem]) -> None:
        self.count += 1
        self.unreadable |= job.is_end
        if len(self.wrong) < _MOST_KEPT:
            self.wrong.append(WrongJob(job.place, job.id, tuple(problems), job.columns))


def _named(place: str, id: str | None) -> str:
    return place if id is None else f"{place} ({id})"
