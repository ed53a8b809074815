"""The columns of the table of runs: which there are, what their cells say, and how they sort."""

import re
from enum import IntEnum
from functools import lru_cache
from typing import Any

from workbench.core.job.run_folder import RunState
from workbench.core.runs.row import RunRow
from workbench.core.ticks import clock
from workbench.core.units import grouped
from workbench.panes.parts.run_words import (
    NOT_KNOWN,
    data_in_words,
    day_in_words,
    loss_in_words,
    model_in_words,
    precision_in_words,
)
from workbench.panes.parts.table_rows import Column
from workbench.panes.parts.tables import one_line


class At(IntEnum):
    """Where each column stands."""

    TICK = 0
    STATE = 1
    NAME = 2
    MODEL = 3
    DATA = 4
    STORED = 5
    STEPS = 6
    LOSS = 7
    EVALUATION = 8
    RIGHT = 9
    PEAK = 10
    TIME = 11
    STARTED = 12
    TAGS = 13
    NOTES = 14


# In the order of At; what has no room stands in the card of the chosen run.
COLUMNS = (
    Column("", 54, tip="Compared: up to four runs, by a click or Space", is_text=True),
    Column("state", 106, is_text=True),
    Column("name", least=150, is_text=True),
    Column("model", 112, goes=4, is_text=True),
    Column("data", 106, goes=5, is_text=True),
    Column("stored", 58, is_text=True, tip="How the frozen weights were stored"),
    Column("steps", 82),
    Column("loss", 54, tip="Of the last step"),
    Column("evaluation", 80, tip="The loss on held-out rows, at the last evaluation"),
    Column("answers right", 100, tip="By a person's marks, or by exact match"),
    Column("peak GB", 66, goes=3, tip="The most memory that training took"),
    Column("time", 52, goes=2),
    Column("started", 112, goes=1, is_text=True),
    Column("tags", 124, goes=1, is_text=True),
    Column("notes", 180, goes=1, is_text=True),
)
IN_PROJECTOR = (At.TICK, At.STATE, At.NAME, At.LOSS, At.RIGHT, At.TIME)
# Those that a person may leave out.
CHOOSABLE = tuple(At)[At.MODEL :]
# Word, colour and icon.
LOOK_OF_STATE: dict[RunState, tuple[str, str, str]] = {
    RunState.RUNNING: ("running", "status.info", "play"),
    RunState.PAUSED: ("paused", "status.warn", "pause"),
    RunState.FINISHED: ("finished", "status.success", "check"),
    RunState.STOPPED: ("stopped", "text.secondary", "stop"),
    RunState.CANCELLED: ("cancelled", "text.secondary", "x"),
    RunState.CRASHED: ("crashed", "status.danger", "warning-circle"),
}


def is_broken(row: RunRow) -> bool:
    return bool(row.error or row.unreadable)


def trouble_of(row: RunRow) -> str:
    """What is wrong with its files, nothing where they can be read."""
    return " ".join(filter(None, (row.error, row.unreadable, *row.told)))


def look_of_state(row: RunRow) -> tuple[str, str, str]:
    """Word, colour and icon; of one whose files cannot be read, that."""
    return ("unreadable", "status.warn", "warning") if is_broken(row) else LOOK_OF_STATE[row.state]


def steps_of(row: RunRow) -> tuple[str, str]:
    """The steps that were made, and what they are out of where they are not all."""
    if not row.step and not row.steps:
        return NOT_KNOWN, ""
    out_of = f" of {grouped(row.steps)}" if row.steps and row.step != row.steps else ""
    return grouped(row.step), out_of


def right_of(row: RunRow) -> tuple[str, str]:
    """How many answers were right, and of how many."""
    found = row.answers_right
    return (str(found.right), f" of {found.rows}") if found else (NOT_KNOWN, "")


def is_by_person(row: RunRow) -> bool:
    """Whether a person has marked its answers."""
    return row.answers_right is not None and row.answers_right.judge == "person"


def cell_text(row: RunRow, column: int) -> str:
    """What a cell says; a dash where nothing is known."""
    match column:
        case At.TICK | At.TAGS:
            return ""
        case At.STATE:
            return look_of_state(row)[0]
        case At.NAME:
            return row.called
        case At.MODEL:
            return trouble_of(row) if is_broken(row) else model_in_words(row.model) or NOT_KNOWN
        case At.DATA:
            return data_in_words(row.data) or NOT_KNOWN
        case At.STORED:
            return precision_in_words(row.precision) or NOT_KNOWN
        case At.STEPS:
            return "".join(steps_of(row))
        case At.LOSS:
            return loss_in_words(row.loss_last)
        case At.EVALUATION:
            return loss_in_words(row.evaluation_loss)
        case At.RIGHT:
            return "".join(right_of(row))
        case At.PEAK:
            return f"{row.peak_bytes / 1e9:.2f}" if row.peak_bytes else NOT_KNOWN
        case At.TIME:
            return clock(row.elapsed_seconds) if row.elapsed_seconds else NOT_KNOWN
        case At.STARTED:
            return day_in_words(row.started_at)
    return one_line(row.notes)


def sort_key(row: RunRow, column: int, letter: str) -> Any:
    """What a column is sorted by: figures by what they are, the unknown behind, the rest by its words."""
    match column:
        case At.TICK:
            return letter or "~"
        case At.STEPS:
            return row.step
        case At.LOSS:
            return _number(row.loss_last)
        case At.EVALUATION:
            return _number(row.evaluation_loss)
        case At.RIGHT:
            found = row.answers_right
            return found.right / found.rows if found and found.rows else -1.0
        case At.PEAK:
            return float(row.peak_bytes)  # Qt compares no numbers beyond 32 bits that Python has
        case At.TIME:
            return row.elapsed_seconds
        case At.STARTED:
            return f"{row.started_at.isoformat()} {_padded(row.name)}"
        case At.TAGS:
            return ", ".join(row.tags)
        case At.NAME:
            return _padded(row.called)
    return cell_text(row, column)


def _number(value: float | None) -> float:
    return value if value is not None and value == value else float("inf")


@lru_cache(maxsize=8192)
def _padded(name: str) -> str:
    """A name that sorts as it counts: "-10" after "-2"."""
    return re.sub(r"\d+", lambda match: match[0].zfill(8), name)
