"""What a run has prepared, and the rows that it kept from its training: its result is tried and measured on them."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.job.journal import parsed
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared import tables
from workbench.core.tokens.prepared.one_row import opened_again
from workbench.core.tokens.prepared.preparing import Preparation

# As the journal writes it: within the text of an event its quotes would be escaped.
_PREPARED = b'"kind":"prepared"'


class HeldOut(NamedTuple):
    """Rows that were not trained on.

    Attributes:
        rows: As their file has them, in its order.
        source: Where they are from, in words: "the exact-match file shopping-heldout", "40 of the data's rows".
        problems: Rows of the file that are none, which are left out.
    """

    rows: list[DataRow]
    source: str
    problems: list[RowProblem]


def prepared_of(run: RunFolder) -> DataPrepared | None:
    """What the run's journal says of the rows that it was trained on; None where it has not come so far.

    Raises UserError.
    """
    try:
        with run.journal.open("rb") as file:
            lines = [line for line in file if _PREPARED in line]  # the steps of a long run take seconds to parse
    except FileNotFoundError:
        return None
    except OSError as error:
        raise run.unreadable(error) from None
    found = [event for event in map(parsed, lines) if isinstance(event, DataPrepared)]
    return found[-1] if found else None


def held_out_of(run: RunFolder, tick: Callable[[], None] = lambda: None) -> HeldOut:
    """The exact-match file of the run's recipe, else its held-out file, else the share of its data that was kept back.

    `tick` is called while files are read and, where the prepared rows have gone meanwhile, made anew. Raises UserError
    where the run held nothing out, or its data have changed since.
    """
    recipe = run.recipe()
    evaluation = recipe.evaluation
    if evaluation.score_path:
        return _whole_file(recipe, evaluation.score_path, tick)
    if not (evaluation.path or evaluation.rows or evaluation.fraction):
        raise UserError(
            f"Run {run.name} held no rows out.",
            remedy="Name a file of rows that it has not learned, or hold some out in the next run.",
        )
    return _parted(run, recipe, tick)


def _whole_file(recipe: Recipe, path: str, tick: Callable[[], None]) -> HeldOut:
    rows: list[DataRow] = []
    problems: list[RowProblem] = []
    opened = OpenRows(settings_at(recipe.data, path, group=recipe.evaluation.score_group))
    for _, row in opened.each():
        tick()
        if isinstance(row, RowProblem):
            problems.append(row)
        else:
            rows.append(row)
    return HeldOut(rows, f"the exact-match file {shown(opened.source.name)}", problems)


def _parted(run: RunFolder, recipe: Recipe, tick: Callable[[], None]) -> HeldOut:
    table = tables.Tables(Path(prepared_again(run, tick).folder))
    numbers = np.flatnonzero(table.rows["part"] == tables.HELD_OUT).tolist()
    rows: list[DataRow] = []
    problems: list[RowProblem] = []
    for row in opened_again(recipe, table, numbers):
        tick()
        if isinstance(row, RowProblem):
            problems.append(row)
        else:
            rows.append(row)
    if recipe.evaluation.path:
        return HeldOut(rows, f"the held-out file {shown(Path(recipe.evaluation.path).name)}", problems)
    return HeldOut(rows, f"{len(rows)} of the data's rows", problems)


def prepared_again(run: RunFolder, tick: Callable[[], None]) -> DataPrepared:
    """The rows of a run as its training had them, made anew where they have gone meanwhile.

    `tick` is called the while. Raises UserError where they are not what they were.
    """
    was = prepared_of(run)
    if was is None:
        raise UserError(
            f"Run {run.name} has not prepared its rows, so none are held out.", remedy="Let it begin its training."
        )
    preparation = Preparation(run.recipe(), kept_tokenizer.make(Path(was.model)), lambda _bytes, _rows: tick())
    changed = [name for name, value in preparation.parts.items() if was.parts.get(name, value) != value]
    if changed:
        raise UserError(
            f"The held-out rows of run {run.name} are not what they were.",
            why=f"Since then {', '.join(changed)} changed.",
            remedy="Put back what was there, or name a file of rows that it has not learned.",
        )
    return preparation.find() or preparation.make(lambda _bytes, _rows: tick())
