# Made from the schemas and templates/modelstream/batch.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Batches: a list of requests becomes a folder of videos, through crashes and restarts, and nothing is bought twice."""

from modelstream.catalog import CATALOG
from modelstream_runtime.batch.batch import BaseBatch, BatchResult, Loaded, NoBudget, Preview, Update
from modelstream_runtime.batch.check import InvalidBatch, WrongJob
from modelstream_runtime.batch.jobs import Job
from modelstream_runtime.journal.database import JournalError

__all__ = [
    "Batch",
    "BatchResult",
    "InvalidBatch",
    "Job",
    "JournalError",
    "Loaded",
    "NoBudget",
    "Preview",
    "Update",
    "WrongJob",
]


class Batch(BaseBatch):
    __doc__ = BaseBatch.__doc__
    catalog = CATALOG
