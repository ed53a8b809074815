"""One prepared row once more, token by token: what it holds, and what the training does with each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.data.source import Place
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared.kinds import KINDS, names_of
from workbench.core.tokens.prepared.tables import LEFT_OUT, Tables
from workbench.core.tokens.token_kinds import FAULTS, Fault
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.core.units import counted

TokenKind = Literal["context", "trained", "special", "cut"]


def row_of(recipe: Recipe, prepared: DataPrepared, number: int) -> list[TokenRow]:
    """The rows of the training that row `number` of the files, from 1, becomes. Raises UserError where it is none."""
    table = Tables(Path(prepared.folder))
    if not 1 <= number <= len(table.rows):
        raise UserError(f"There is no row {number}: there {'is' if len(table.rows) == 1 else 'are'} "
                        f"{counted(len(table.rows), 'row')}.")  # fmt: skip
    row = opened_again(recipe, table, [number - 1])[0]
    if isinstance(row, RowProblem):
        raise UserError(f"Row {number} is left out: {row.text}", remedy=row.remedy)
    made = RowTokenizer(kept_tokenizer.make(Path(prepared.model)), recipe).rows([row])[0]
    if isinstance(made, Fault):
        detail = made.detail or FAULTS[made.kind].words
        raise UserError(f"Row {number} is left out ({made.kind}): {detail}", remedy=made.advice)
    if table.rows[number - 1]["part"] == LEFT_OUT:  # a row like it is trained on
        kind = next(
            kind for name in names_of(int(table.rows[number - 1]["kinds"])) if (kind := KINDS[name]).done == "left out"
        )
        raise UserError(f"Row {number} is left out ({kind.kind.name}): such rows {kind.kind.words}.",
                        remedy=kind.kind.remedy)  # fmt: skip
    return made


def opened_again(recipe: Recipe, table: Tables, numbers: Sequence[int]) -> list[DataRow | RowProblem]:
    """Rows by their numbers in the table, from 0, as their files have them. Raises UserError."""
    opened: dict[int, OpenRows] = {}
    found = []
    for number in numbers:
        record = table.rows[number]
        source = int(record["source"])
        if source not in opened:
            opened[source] = OpenRows(settings_at(recipe.data, recipe.evaluation.path) if source else recipe.data)
        found.append(opened[source].at(Place(int(record["file"]), int(record["line"]), int(record["offset"]))))
    return found


def kinds_of(row: TokenRow) -> list[TokenKind]:
    """What the training does with each token; what is special and trained on counts as trained."""
    places = np.arange(len(row.ids))
    is_cut: NDArray[np.bool_] = (places < row.first) | (places >= row.last)
    is_trained = row.trained & (places > row.first)  # nothing before the first one could predict it
    special = row.special
    return [
        "cut" if cut else "trained" if trained else "special" if other else "context"
        for cut, trained, other in zip(is_cut, is_trained, special, strict=True)
    ]


def pieces_of(row: TokenRow, tokenizer: TextTokenizer) -> list[str]:
    """The text that each token stands for; of one that stands for none, the token as the vocabulary spells it.

    Of a character that several tokens make, the first has it and the others are empty.
    """
    reached, found = 0, []
    for number, (start, end) in zip(row.ids.tolist(), row.offsets.tolist(), strict=True):
        if end <= start:
            found.append(tokenizer.token(number))
        else:
            found.append(row.text[max(start, reached) : end])
            reached = max(reached, end)
    return found
