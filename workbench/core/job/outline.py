"""Where a run stands, from the end of its journal: of a long one the steps before are not parsed."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from workbench.core.job.events import Ended, Evaluated, Event, Scored, Started
from workbench.core.job.history import History
from workbench.core.job.journal import LONGEST_LINE_BYTES, parsed

HEAD_BYTES = 64_000
TAIL_BYTES = 256_000
# How much longer an end is read where the one before it holds no step.
TAIL_GROWTH = 4
PIECE_BYTES = 1_000_000
_Kind = TypeVar("_Kind", Started, Evaluated)
# As the writer puts it: within the text of an event it would have its quotes escaped.
_START = b'"kind":"started"'
_EVALUATION = b'"kind":"evaluated"'


@dataclass(frozen=True)
class Outline:
    """What `History` says of a whole journal, less its lists.

    `trained_seconds` are those its end states, else those of its steps; of steps that were not read, at the pace of the
    first that was. The evaluation is the last one that was read: one long before a journal's end is found by
    `last_evaluation`. The peak is the end's own, else the largest that was read.
    """

    started: Started | None = None
    ended: Ended | None = None
    is_paused: bool = False
    step: int = 0
    total_steps: int = 0
    loss_last: float | None = None
    trained_seconds: float = 0.0
    evaluation_loss: float | None = None
    scored: Scored | None = None  # after training
    peak_bytes: int = 0

    @property
    def attempt(self) -> int:
        """Which process took the run last, counted from 1; 0 before the first."""
        return self.started.attempt if self.started else 0


def outline(journal: Path, *, counts_attempts: bool = True) -> Outline:
    """How the run of a journal stands. Raises OSError where it cannot be read; one that is not there is empty.

    The process that took the run last may stand anywhere in a journal. Without `counts_attempts` it is looked for at
    both ends alone, and the first is taken where it is at neither: of thousands of runs that saves most of the reading.
    """
    try:
        file = journal.open("rb")
    except FileNotFoundError:
        return Outline()
    with file:
        size = file.seek(0, os.SEEK_END)
        length = TAIL_BYTES if size > HEAD_BYTES + TAIL_BYTES else size
        end = _read_end(file, size, length)
        while end.start and not end.history.steps:
            length *= TAIL_GROWTH
            end = _read_end(file, size, length)
        started = end.history.started
        if started is None and end.start:
            stop = end.start if counts_attempts else min(end.start, HEAD_BYTES)
            started = _last(file, stop, _START, Started)
    return _outline(end.history, started)


def _outline(history: History, started: Started | None) -> Outline:
    last = history.steps[-1] if history.steps else None
    ended = history.ended
    return Outline(
        started=started,
        ended=ended,
        is_paused=history.is_paused,
        step=history.step,
        total_steps=history.total_steps or (last.steps if last else 0),
        loss_last=last.loss if last else None,
        trained_seconds=ended.train_seconds if ended and ended.train_seconds else history.trained()[0],
        evaluation_loss=history.evaluations[-1].loss if history.evaluations else None,
        scored=next((entry for entry in reversed(history.scores) if entry.when == "after"), None),
        peak_bytes=ended.peak_memory_bytes if ended and ended.peak_memory_bytes else _largest_peak(history),
    )


def _largest_peak(history: History) -> int:
    if not len(history.memory):
        return 0
    peaks = history.memory.column("peak_bytes")
    finite = peaks[peaks == peaks]
    return int(finite.max()) if len(finite) else 0


def last_evaluation(journal: Path, step: int) -> float | None:
    """The loss of the last evaluation up to a step, wherever it stands. Raises OSError where it cannot be read."""
    with journal.open("rb") as file:
        stop = file.seek(0, os.SEEK_END)
        found = _last(file, stop, _EVALUATION, Evaluated, lambda event: event.step <= step)
    return found.loss if found else None


@dataclass(frozen=True)
class _End:
    start: int  # the byte it begins at, that of a line
    history: History


def _read_end(file: BinaryIO, size: int, length: int) -> _End:
    """The whole lines among the last `length` bytes."""
    start = max(0, size - length)
    file.seek(start)
    data = file.read(size - start)
    if start:
        cut = data.find(b"\n") + 1 or len(data)  # a line that began before
        start, data = start + cut, data[cut:]
    return _End(start, History(_events(data[: data.rfind(b"\n") + 1])))


def _events(lines: bytes) -> Iterator[Event]:
    return (parsed(line) for line in lines.splitlines() if line.strip())


def _last(
    file: BinaryIO, stop: int, mark: bytes, kind: type[_Kind], is_wanted: Callable[[_Kind], bool] = lambda _event: True
) -> _Kind | None:
    """The last event of a kind, by how its line is marked, among the lines that begin before the byte `stop`."""
    end = stop
    while end > 0:
        begin = max(0, end - PIECE_BYTES)
        file.seek(begin)
        piece = file.read(end + len(mark) - 1 - begin)  # one that begins in this piece may end in the next
        found = piece.rfind(mark)
        if found < 0:
            end = begin
            continue
        end = begin + found
        event = parsed(_line_around(file, end))
        if isinstance(event, kind) and is_wanted(event):
            return event
    return None


def _line_around(file: BinaryIO, place: int) -> bytes:
    """The line in which a byte stands; nothing of one that is too long or has no end."""
    begin = max(0, place - LONGEST_LINE_BYTES)
    file.seek(begin)
    before = file.read(place - begin)
    start = begin + before.rfind(b"\n") + 1
    file.seek(start)
    line = file.readline(LONGEST_LINE_BYTES + 1)
    return line if line.endswith(b"\n") else b""
