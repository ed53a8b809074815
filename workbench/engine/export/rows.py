"""The rows that an export is measured on: what the run held out, else what it learned, else a text of the program's."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workbench.core.data.row import DataRow
from workbench.core.data.texts import our_text
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared import tables
from workbench.core.tokens.prepared.of_run import held_out_of, prepared_of
from workbench.core.tokens.prepared.one_row import opened_again
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.engine.job.job import Job

MOST_ROWS = 256
MOST_TOKENS = 8192  # that are predicted
LONGEST_ROW = 1024
TEXT_TOKENS = 512  # of a row of plain text


@dataclass(frozen=True)
class Row:
    """One row as tokens.

    Attributes:
        ids: As many as `wanted`.
        wanted: Whether a token is to be predicted from those before it; the first never is.
    """

    ids: list[int]
    wanted: list[bool]


@dataclass(frozen=True)
class Rows:
    """What is measured on.

    Attributes:
        tokens: How many are predicted.
        is_held_out: Whether the run has not learned from them.
    """

    rows: list[Row]
    is_held_out: bool

    @property
    def tokens(self) -> int:
        return sum(sum(row.wanted) for row in self.rows)


def rows_for(job: Job, run: RunFolder | None, recipe: Recipe, tokenizer_folder: Path, base: Path) -> Rows:
    """Raises UserError where not even the program's own text can be read by the model, and Ordered."""
    tokenizer = kept_tokenizer.make(tokenizer_folder)
    limits = limits_of(base)
    longest = min(LONGEST_ROW, limits.positions or LONGEST_ROW)
    for rows, is_held_out in _sources(job, run, recipe):
        found = _tokenized(rows, tokenizer, recipe, longest, limits.words)
        if found:
            return Rows(found, is_held_out)
    ids = tokenizer.ids_of(our_text().read_text("utf-8"))[: MOST_TOKENS // 4]
    step = min(TEXT_TOKENS, longest)
    parts = [ids[start : start + step] for start in range(0, len(ids), step)]
    found = [Row(part, [False] + [True] * (len(part) - 1)) for part in parts if len(part) > 1]
    if not found:
        raise UserError("There is no row to measure on.", remedy="Hold some rows out in the next run.")
    return Rows(found, is_held_out=True)


def _sources(job: Job, run: RunFolder | None, recipe: Recipe) -> Iterator[tuple[list[DataRow], bool]]:
    if run is None:
        return
    try:
        yield held_out_of(run, job.obey).rows[:MOST_ROWS], True
    except UserError as error:
        job.notice(f"{error.what} Exports are measured on rows that it has learned.")
    with suppress(UserError, OSError):  # its data are gone
        yield _learned(run, recipe), False


def _learned(run: RunFolder, recipe: Recipe) -> list[DataRow]:
    """The first rows that the run was trained on. Raises UserError and OSError."""
    prepared = prepared_of(run)
    if prepared is None:
        return []
    table = tables.Tables(Path(prepared.folder))
    numbers = np.flatnonzero(table.rows["part"] == tables.TRAINED)[:MOST_ROWS]
    return [row for row in opened_again(recipe, table, numbers.tolist()) if isinstance(row, DataRow)]


def _tokenized(
    rows: Sequence[DataRow], tokenizer: TextTokenizer, recipe: Recipe, longest: int, words: int
) -> list[Row]:
    found: list[Row] = []
    tokens = 0
    for made in RowTokenizer(tokenizer, recipe).rows(rows):
        for each in made if isinstance(made, list) else []:
            row = _row(each, longest)
            if tokens < MOST_TOKENS and any(row.wanted) and not (words and max(row.ids) >= words):
                found.append(row)
                tokens += sum(row.wanted)
    return found


def _row(made: TokenRow, longest: int) -> Row:
    """Its beginning: what is learned of an answer is predicted."""
    ids = made.ids[made.first : made.last][:longest].tolist()
    wanted = made.trained[made.first : made.last][:longest].tolist()
    return Row(ids, [False, *wanted[1:]] if ids else [])
