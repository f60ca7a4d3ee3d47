"""``batch run``: its options, the run itself, and how it ends."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import select
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from modelstream_runtime.batch.batch import IN_FLIGHT, SUBMITTING, BaseBatch, BatchResult
from modelstream_runtime.batch.read import JobsFile, value_in
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.batch.folder import batch_in, explaining, go_on, is_address, problems_of, without_password
from modelstream_runtime.cli.batch.looking import read_summary
from modelstream_runtime.cli.batch.progress import BatchProgress, tell_about
from modelstream_runtime.cli.batch.summary import Summary, facts, lines
from modelstream_runtime.cli.exits import (
    BATCH_STOPPED,
    BUDGET_SPENT,
    INTERRUPTED,
    NO_JOURNAL,
    NOT_ALL_SAVED,
    SUBMIT_UNKNOWN,
    TERMINATED,
    TIMEOUT,
    WRONG_CALL,
    Stop,
    UsageProblem,
)
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import Settings, make_async_client, read_settings
from modelstream_runtime.cli.signals import handled
from modelstream_runtime.cli.text import counted, one_line, with_short_media
from modelstream_runtime.documents import UnreadableValue
from modelstream_runtime.field_names import suggested_field
from modelstream_runtime.form import FormField, form_of

_RATE = re.compile(r"([0-9]+(?:\.[0-9]+)?)/(s|m|h)")
_PER_SECOND = {"s": 1, "m": 60, "h": 3600}
_CONNECTIONS = 64
_CHUNK = 64 * 1024
_LONGEST_READ = 0.5
"""Seconds to wait for a pipe before looking for signals."""


class _Call(NamedTuple):
    """A call of ``batch run``."""

    settings: Settings
    folder: str
    journal: str | None
    jobs: str | None
    model: str | None
    values: dict[str, Any]
    max_purchases: int | Literal["all"] | None
    max_in_flight: int
    max_submitting: int
    max_in_flight_total: int | None
    rate: float | None
    skip_invalid: bool
    dry_run: bool
    take_over: bool

    @property
    def place(self) -> str:
        """Where the journal is."""
        return self.journal or self.folder


def run_batch(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """``batch run``.

    Raises:
        Stop: not every job has its video.
    """
    call = _read(catalog, options)
    with explaining():
        if call.dry_run:
            jobs = _jobs(catalog, call)
            _preview(batch_in(catalog, call.folder, () if jobs is None else jobs, **_given(call)), call, output)
        elif call.journal is not None:
            _load(call, catalog, output)
        else:
            _work(call, catalog, output)


def run_worker(catalog: Catalog, output: Output, options: Mapping[str, Any]) -> None:
    """``batch worker``.

    Raises:
        Stop: not every job has its video.
    """
    missing = dict.fromkeys(("jobs", "model", "max_purchases")) | {"values": ()}
    call = _read(catalog, missing | dict.fromkeys(("skip_invalid", "dry_run", "take_over"), False) | dict(options))
    with explaining():
        _work(call, catalog, output)


def _load(call: _Call, catalog: Catalog, output: Output) -> None:
    """Put the jobs into a journal for workers."""
    loaded = batch_in(catalog, call.place, _jobs(catalog, call), **_given(call)).load(
        max_purchases=call.max_purchases, skip_invalid=call.skip_invalid
    )
    tell_about(loaded, output)
    reserved, allowed = loaded.budget
    output.event("batch_load", counts=dict(loaded.counts), reserved=reserved, allowed=allowed, left_out=loaded.left_out)
    ready = loaded.counts.get("ready", 0)
    output.inform(f"{counted(ready, 'job')} ready to be bought. Start workers, on as many machines as you like:")
    output.result(go_on(catalog, call.settings.account, without_password(call.place)))
    if loaded.left_out:
        raise Stop(NOT_ALL_SAVED, _MISSING[NOT_ALL_SAVED], kind="NotAllSaved")


def _work(call: _Call, catalog: Catalog, output: Output) -> None:
    """Run the batch here, or take part in it."""
    progress = BatchProgress(output)
    jobs = _jobs(catalog, call)
    client = make_async_client(call.settings, connections=max(_CONNECTIONS, call.max_in_flight))
    given = _given(call) | {"client": client, "journal": call.journal}
    batch = batch_in(catalog, call.folder, None if jobs is None else progress.counted(jobs), **given)
    signals: list[int] = []
    try:
        result = asyncio.run(_run(batch, call, output, progress, signals, client))
    except asyncio.CancelledError:
        raise Stop(_interruption(signals), "interrupted while the jobs were checked; nothing was bought") from None
    _end(result, read_summary(batch), signals, call, catalog, output)


def _given(call: _Call) -> dict[str, Any]:
    return {"model": call.model, "values": call.values, "take_over": call.take_over}


async def _run(
    batch: BaseBatch, call: _Call, output: Output, progress: BatchProgress, signals: list[int], client: Any
) -> BatchResult:
    def on_signal(number: int) -> None:
        signals.append(number)
        if len(signals) == 1:
            output.inform("stopping: no new purchases; those under way are finished first (again: stop now)")
        batch.stop()

    async with client:
        with handled(on_signal), progress.shown():
            return await batch.arun(
                max_purchases=call.max_purchases,
                max_in_flight=call.max_in_flight,
                max_submitting=call.max_submitting,
                max_in_flight_total=call.max_in_flight_total,
                rate=call.rate,
                timeout=call.settings.timeout,
                interval=call.settings.interval,
                skip_invalid=call.skip_invalid,
                on_update=progress.update,
                on_start=progress.start,
            )


def _end(
    result: BatchResult, summary: Summary, signals: Sequence[int], call: _Call, catalog: Catalog, output: Output
) -> None:
    """Say how the run ended, and what to do next."""
    account = call.settings.account
    for line in lines(summary, catalog, call.place, account):
        output.inform(line)
    output.event(
        "batch_end",
        ending=result.ending,
        reason=result.reason or None,
        left_out=result.left_out,
        results=str(result.results),
        **facts(summary),
    )
    output.result(str(result.results))
    place = without_password(call.place)
    again = go_on(catalog, account, place)
    match result.ending:
        case "interrupted":
            status = _interruption(signals)
            raise Stop(status, "interrupted; nothing is lost", kind="Interrupted", hint=f"Go on with: {again}")
        case "budget":
            hint = f"Allow more, and go on: {go_on(catalog, account, place, '--max-purchases', 'NUMBER')}"
            raise Stop(BUDGET_SPENT, result.reason, kind="BudgetSpent", hint=hint)
        case "stopped":
            hint = f"When that is mended, go on with: {again}"
            raise Stop(BATCH_STOPPED, f"no more purchases: {result.reason}", kind="BatchStopped", hint=hint)
        case "broken":
            raise Stop(NO_JOURNAL, result.reason, kind="JournalError", hint=f"Go on with: {again}")
        case "complete":
            status = summary.status or (NOT_ALL_SAVED if result.left_out else 0)
            if status:
                raise Stop(status, _MISSING[status], kind="NotAllSaved")


_MISSING = {
    SUBMIT_UNKNOWN: "some jobs are in doubt",
    NOT_ALL_SAVED: "some jobs have no video",
    TIMEOUT: "some videos are not saved yet",
}


def _interruption(signals: Sequence[int]) -> int:
    return TERMINATED if signals and signals[0] != signal.SIGINT else INTERRUPTED


def _preview(batch: BaseBatch, call: _Call, output: Output) -> None:
    preview = batch.preview(skip_invalid=call.skip_invalid)
    for problem in problems_of(preview.wrong, preview.left_out):
        output.inform(f"left out: {one_line(problem.name)}: {one_line(problem.message)}")
    output.event(
        "batch_dry_run",
        jobs=preview.total,
        models=dict(preview.models),
        left_out=preview.left_out,
        bodies=[{"id": id, "payload": body} for id, body in preview.bodies],
    )
    models = ", ".join(f"{count:,} {one_line(model)}" for model, count in preview.models.items())
    output.inform(f"{counted(preview.total, 'job')} checked ({models}); nothing was bought or written. The first:")
    for id, body in preview.bodies:
        output.inform(f"{one_line(id)}:")
        output.result(json.dumps(with_short_media(body, _Encoded()), indent=2, ensure_ascii=False))


class _Encoded(frozenset[str]):
    """Media in a body of which nobody knows the fields: long texts of a single word."""

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and "://" not in text and not re.search(r"\s", text)


def _jobs(catalog: Catalog, call: _Call) -> JobsFile | None:
    if call.jobs is None:
        return None
    if call.jobs == "-":
        # The descriptor, because what Python has buffered already would never be announced.
        with os.fdopen(os.dup(sys.stdin.fileno()), "rb") as pipe:
            return JobsFile("stdin", catalog, model=call.model, stream=_arrived(pipe))
    if not Path(call.jobs).is_file():
        with Path(call.jobs).open("rb") as pipe:
            return JobsFile(call.jobs, catalog, model=call.model, stream=_arrived(pipe))
    return JobsFile(call.jobs, catalog, model=call.model)


def _arrived(pipe: io.BufferedReader) -> BinaryIO:
    """Everything in a pipe. Only here can Ctrl-C end the waiting for a list that does not come."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - it is gone with the process
    while chunk := _chunk(pipe):
        file.write(chunk)
    file.seek(0)
    return file


def _chunk(pipe: io.BufferedReader) -> bytes:
    """The next bytes of a pipe. Python notices a signal that comes right before a read only after the read."""
    if os.name == "posix":  # Windows cannot wait for pipes.
        while not select.select([pipe], [], [], _LONGEST_READ)[0]:
            pass
    return pipe.read1(_CHUNK)


def _read(catalog: Catalog, options: Mapping[str, Any]) -> _Call:
    problems: list[UsageProblem] = []
    jobs: str | None = options["jobs"]
    if jobs is not None and jobs != "-" and (not Path(jobs).exists() or Path(jobs).is_dir()):
        problems.append(UsageProblem("JOBS", f"there is no file {jobs!r}"))
    journal: str | None = options["journal"]
    if journal is not None and not is_address(journal):
        problems.append(UsageProblem("--journal", f"{journal!r} does not begin with postgresql://"))
    if options["out"] is None and journal is None:
        problems.append(UsageProblem("--out", "is missing; where do the videos go?"))
    if jobs is None:
        ours = {"--model": options["model"], "--set": options["values"], "--dry-run": options["dry_run"]}
        problems += [UsageProblem(name, "needs JOBS") for name, given in ours.items() if given]
    call = _Call(
        settings=read_settings(options, problems, catalog),
        folder=options["out"] or ".",
        journal=journal,
        jobs=jobs,
        model=options["model"],
        values=_values(catalog, options["model"], options["values"], problems),
        max_purchases="all" if options["max_purchases"] == "all" else _number(options, "max_purchases", 0, problems),
        max_in_flight=_number(options, "max_in_flight", 1, problems) or IN_FLIGHT,
        max_submitting=_number(options, "max_submitting", 1, problems) or SUBMITTING,
        max_in_flight_total=_number(options, "max_in_flight_total", 1, problems),
        rate=_rate(options["rate"], problems),
        skip_invalid=options["skip_invalid"],
        dry_run=options["dry_run"],
        take_over=options["take_over"],
    )
    if problems:
        raise Stop(WRONG_CALL, "some options are wrong; nothing was bought", kind="UsageError", problems=problems)
    return call


def _number(options: Mapping[str, Any], name: str, least: int, problems: list[UsageProblem]) -> int | None:
    given: str | None = options.get(name)
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", given, re.ASCII) or int(given) < least:
        kind = "neither a number of purchases nor 'all'" if name == "max_purchases" else f"not a number from {least} on"
        problems.append(UsageProblem(f"--{name.replace('_', '-')}", f"{given!r} is {kind}"))
        return None
    return int(given)


def _rate(given: str | None, problems: list[UsageProblem]) -> float | None:
    if given is None:
        return None
    found = _RATE.fullmatch(given)
    if found is None or not float(found[1]):
        problems.append(UsageProblem("--rate", f"{given!r} does not have the form 2/s, 30/m or 100/h"))
        return None
    return float(found[1]) / _PER_SECOND[found[2]]


def _values(catalog: Catalog, model: str | None, given: Sequence[str], problems: list[UsageProblem]) -> dict[str, Any]:
    """The values of ``--set``, typed by the form of the model, or of the first model that has the field."""
    if not given:
        return {}
    fields: dict[str, FormField] = {}
    for each in (model,) if model else (*catalog.models, ""):
        for field in form_of(catalog, each).fields:
            fields.setdefault(field.name, field)
    values: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            problems.append(UsageProblem("--set", f"{one_line(text[:40])!r} does not have the form FIELD=VALUE"))
        elif name not in fields:
            problems.append(UsageProblem("--set", f"{name!r} is not a field{suggested_field(name, fields)}"))
        elif name in values:
            problems.append(UsageProblem("--set", f"{name!r} is set twice"))
        else:
            try:
                values[name] = _absolute(value_in(fields[name], value, Path()))
            except UnreadableValue as error:
                problems.append(UsageProblem(f"--set {name}", str(error)))
    return values


def _absolute(value: Any) -> Any:
    """Paths of the command line begin in the working folder, and not where the jobs are."""
    if isinstance(value, list):
        return [_absolute(item) for item in value]
    return value.absolute() if isinstance(value, Path) else value
