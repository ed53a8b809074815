"""One row by a choice that has just been made: it is at hand, while the first thousands are read by it."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from workbench.core.data.mapping import find_mapping
from workbench.core.data.row import DataRow
from workbench.core.data.rows import SAMPLE_ROWS, RowProblem
from workbench.core.data.source import Place
from workbench.core.data.system import with_system
from workbench.core.data.wrong import Wrong
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.first_look import LookedRow, one_row
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.mapping.sheet_rows import Values
from workbench.panes.data.seen.row_view import RowView
from workbench.panes.data.seen.views import view_of


def live_view(
    values: Values, place: Place, words: str, recipe: Recipe, tokenizer: TextTokenizer | None
) -> RowView | None:
    """The row of a place as the recipe reads it; None where nothing can be read by that. Raises UserError.

    `words` say which row it is.
    """
    value = next((value for at, value in values if at == place), None)
    mapping = find_mapping(list(islice(_whole(values), SAMPLE_ROWS)), recipe.data).mapping
    if mapping is None or not isinstance(value, dict):
        return None
    row: DataRow | RowProblem
    try:
        row = mapping.row(value)
    except Wrong as wrong:
        row = RowProblem(place.line, wrong.text, wrong.remedy, wrong.kind, cell=wrong.cell)
    looked = LookedRow(place, row) if tokenizer is None else one_row(place, row, tokenizer, recipe)
    if isinstance(looked.row, DataRow):
        looked = replace(looked, row=with_system(looked.row, recipe.data))
    return view_of(looked, words, tokenizer, recipe.training.max_length, "")


def _whole(values: Values) -> Iterator[dict[str, Any]]:
    return (value for _, value in values if isinstance(value, dict))
