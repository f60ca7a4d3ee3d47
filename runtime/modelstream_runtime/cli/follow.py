"""Waiting for a task and saving its video. Whatever cuts that short, the user can resume it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modelstream_runtime.cli.durations import Durations
from modelstream_runtime.cli.exits import NOT_SAVED, OTHER, WRONG_CALL, Stop, interrupted, stop_for
from modelstream_runtime.cli.output import Output, OutputLost
from modelstream_runtime.cli.progress import Progress
from modelstream_runtime.cli.record import Record
from modelstream_runtime.cli.settings import Settings, file_exists
from modelstream_runtime.cli.text import clock, megabytes
from modelstream_runtime.errors import ModelStreamError, NotFoundError, TaskFailed
from modelstream_runtime.shell import shell_line

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingTask


def resume_command(task_id: str, settings: Settings) -> str:
    """The command that resumes a task, safe to paste."""
    words = [settings.catalog.package, "wait", *settings.account]
    words += ["-o", settings.output] if settings.output else []
    words += ["--no-clobber"] if settings.no_clobber else []
    words += [] if settings.journaled else ["--no-journal"]
    return shell_line([*words, *(["--"] if task_id.startswith("-") else []), task_id])


def refuse_to_replace(task_id: str, settings: Settings) -> None:
    """With ``--no-clobber``, stop if the file of the video exists."""
    from modelstream_runtime.part_file import find_target  # Its imports would delay every completion in a shell.

    try:
        find_target(settings.output or ".", task_id, overwrite=not settings.no_clobber)
    except FileExistsError as error:
        raise Stop(WRONG_CALL, file_exists(Path(error.filename)), kind="FileExistsError") from None


def wait_and_save(
    task: BlockingTask, settings: Settings, output: Output, record: Record, *, durations: Durations | None = None
) -> None:
    """Wait for a task, show its progress, and save its video.

    Args:
        task: the task.
        settings: the shared options.
        output: where to report the progress.
        record: of the purchase.
        durations: the durations of the model, if the task was submitted just now.

    Raises:
        Stop: there is no video, or not yet, or it cannot be saved.
    """
    with resumable(task, settings, record):
        usual = durations.usual() if durations else None
        with Progress(output, task, usual) as progress:
            task.wait(timeout=settings.timeout, interval=settings.interval, on_update=progress.update)
            record.finished(task.url)
            if durations:
                durations.add(progress.elapsed)
            path, replaced = _save(task, settings, progress)
            record.saved(path)
        elapsed, size = progress.elapsed, path.stat().st_size
    # The notes come first, because the event and the result fail if nobody reads them.
    output.inform(f"{task.id} saved, {megabytes(size)}, after {clock(elapsed)}")
    if replaced and output.is_terminal:
        output.inform(f"replaced {path}")
    output.event(
        "saved",
        task_id=task.id,
        path=str(path),
        bytes=size,
        replaced=replaced,
        url=task.url,
        elapsed=round(elapsed, 1),
    )
    output.result(str(path))


def _save(task: BlockingTask, settings: Settings, progress: Progress) -> tuple[Path, bool]:
    """Save the video. Returns its path, and whether it replaced a file."""
    from modelstream_runtime.part_file import find_target

    path = Path(settings.output or ".")
    try:
        path = find_target(settings.output or ".", task.id)
        existed = path.exists()
        return task.save(path, overwrite=not settings.no_clobber, on_progress=progress.saving), existed
    except ModelStreamError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        message = f"the video cannot be saved as {path}: {reason}"
        if isinstance(error, FileExistsError) and settings.no_clobber:
            message = file_exists(path)
        raise Stop(NOT_SAVED, message, kind=type(error).__name__) from None


@contextmanager
def resumable(task: BlockingTask, settings: Settings, record: Record) -> Iterator[None]:
    """Whatever ends the block early, report the id of the task and the command that resumes it."""
    try:
        yield
        return
    except (TaskFailed, NotFoundError) as error:
        record.ended_by(error)
        raise stop_for(error, settings.catalog) from None
    except KeyboardInterrupt as interruption:
        stop = interrupted(interruption, settings.catalog)
    except OutputLost as error:
        stop = Stop(OTHER, str(error))
    except (ModelStreamError, OSError) as error:
        record.ended_by(error)
        stop = stop_for(error, settings.catalog)
    except Stop as error:
        stop = error
    stop.task_id, stop.resume, stop.done = task.id, resume_command(task.id, settings), task.done
    raise stop from None
