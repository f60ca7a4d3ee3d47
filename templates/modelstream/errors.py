"""Everything that can go wrong, in the words of someone who calls a video model.

All errors are `ModelStreamError`. Those below `APIError` are answers of the gateway; `InvalidRequest` is raised before
anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class ModelStreamError(Exception):
    """Base of all errors of this package."""


class Problem:
    """One thing that is wrong with a request.

    Attributes:
        field: name of the form field; an item of a list as ``multi_prompt[0].duration``.
        value: what was given.
        message: what is wrong with it, and what is allowed.
        path: where the field travels in the JSON body, such as ``metadata.cfg_scale``; empty if nowhere.
    """

    __slots__ = ("field", "message", "path", "value")

    def __init__(self, field: str, message: str, *, value: Any = None, path: str = "") -> None:
        self.field = field
        self.message = message
        self.value = value
        self.path = path

    def __repr__(self) -> str:
        return f"Problem({self.field!r}, {self.message!r}, path={self.path!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.field, self.message, self.path) == (other.field, other.message, other.path)

    def __hash__(self) -> int:
        return hash((self.field, self.message, self.path))


class InvalidRequest(ModelStreamError, ValueError):
    """The request breaks the model's documented limits. Nothing was sent and nothing was paid.

    Attributes:
        model: id of the model the request is for.
        problems: everything that is wrong, in the order of the fields.
    """

    def __init__(self, model: str, problems: Sequence[Problem]) -> None:
        self.model = model
        self.problems = tuple(problems)
        super().__init__(model, self.problems)

    def __str__(self) -> str:
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in a {self.model} request"
        width = max((len(problem.field) for problem in self.problems), default=0)
        return "\n".join([head, *(f"  {problem.field:<{width}}  {_sentence(problem)}" for problem in self.problems)])


def _sentence(problem: Problem) -> str:
    renamed = problem.path and problem.path != problem.field
    return f"{problem.message} [sent as {problem.path}]" if renamed else problem.message


class ModelStreamWarning(UserWarning):
    """Base of all warnings of this package."""


class IgnoredFieldWarning(ModelStreamWarning):
    """A field was set that the model will not read in this request."""


class UnusualValueWarning(ModelStreamWarning):
    """A value is allowed, and yet not one the documentation calls usual."""
