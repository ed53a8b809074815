"""The rows of a training: prepared on disk, mapped by the trainer, at a resume the same as at its beginning."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
from datasets import Dataset
from numpy.typing import NDArray

from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.job.study_kinds import MODEL_PART, DataPrepared
from workbench.core.model import fingerprint
from workbench.core.problems import UserError
from workbench.core.tokens.prepared import cache, report, tables
from workbench.core.tokens.prepared.one_row import opened_again
from workbench.core.units import counted
from workbench.engine.job.job import Job
from workbench.engine.prepare.prepare import prepare_rows


def prepare_data(job: Job, folder: Path, tokenizer_folder: Path) -> DataPrepared:
    """The rows of the job's recipe as tokens for the model in the folder; what was found in them is in the journal.

    Raises UserError where they may not be trained on, or are no longer what the run began with.
    """
    prepared = prepare_rows(job, job.recipe, tokenizer_folder)
    parts = prepared.parts | {MODEL_PART: fingerprint.of_model(folder)}
    prepared = prepared.model_copy(update={"parts": parts})
    _refuse_changed(job, prepared)
    job.emit(prepared)
    if words := report.summary(prepared):
        job.notice(words)
    report.refuse(prepared, job.recipe)
    return prepared


def _refuse_changed(job: Job, prepared: DataPrepared) -> None:
    earlier = next((event for event in reversed(job.history) if isinstance(event, DataPrepared)), None)
    if earlier is None:
        return
    changed = [name for name, value in prepared.parts.items() if earlier.parts.get(name, value) != value]
    if not changed:
        return
    what = f"{' and '.join(changed)} {'is' if len(changed) == 1 else 'are'}"
    if not job.orders.takes_changed_data:
        raise UserError(
            f"{what[:1].upper()}{what[1:]} not what this run began with.",
            why="Going on would train on something else without its losses showing it.",
            remedy=f"Put back what was there, begin a new run, or go on all the same: "
            f"`workbench resume {job.run.name} --with-changed-data`.",
        )
    job.notice(f"{what[:1].upper()}{what[1:]} not what this run began with; it goes on with what is there now.")


def datasets_of(prepared: DataPrepared) -> tuple[Dataset, Dataset | None]:
    """What is trained on and what is held out, mapped."""
    folder = Path(prepared.folder)
    trained = Dataset.from_file(str(folder / cache.TRAINED))
    return trained, Dataset.from_file(str(folder / cache.HELD_OUT)) if prepared.held_out else None


def sequence_tokens(sequences: Any) -> NDArray[np.int64]:
    """Tokens of each sequence of a mapped dataset, shape (sequences,), without reading them."""
    lengths: NDArray[np.int64] = pc.list_value_length(sequences.data.column("input_ids")).to_numpy().astype(np.int64)
    return lengths


def place_of(prepared: DataPrepared, part: int, number: int) -> str:
    """Where the row stands that is the `number`th of a part's sequences, from 0."""
    table = tables.Tables(Path(prepared.folder))
    row = table.in_sequences(part)[number]
    return f"Row {row + 1}, line {table.rows['line'][row]} of its file,"


def first_rows(job: Job, prepared: DataPrepared, count: int) -> list[DataRow]:
    """The first rows that are held out, else those that are trained on, as their files have them."""
    table = tables.Tables(Path(prepared.folder))
    part = tables.HELD_OUT if prepared.held_out else tables.TRAINED
    numbers = np.flatnonzero(table.rows["part"] == part)[:count]
    found = opened_again(job.recipe, table, numbers.tolist())
    return [row for row in found if isinstance(row, DataRow)]


def scored_rows(job: Job) -> list[DataRow]:
    """The rows of the exact-match file; those that are bad are told and left out. Raises UserError."""
    evaluation = job.recipe.evaluation
    if not evaluation.score_path:
        return []
    rows = OpenRows(settings_at(job.recipe.data, evaluation.score_path, group=evaluation.score_group))
    found: list[DataRow] = []
    bad: list[RowProblem] = []
    for _, row in rows.each():
        job.obey()
        if isinstance(row, RowProblem):
            bad.append(row)
        else:
            found.append(row)
    if not found:
        raise UserError(
            f"No row of {rows.source.name} can be answered.", why=bad[0].text if bad else "", remedy="Mend the file."
        )
    if bad:
        job.notice(
            f"{counted(len(bad), 'row')} of {rows.source.name} {'is' if len(bad) == 1 else 'are'} left out of the "
            f"exact match, the first in line {bad[0].line}: {bad[0].text}"
        )
    return found
