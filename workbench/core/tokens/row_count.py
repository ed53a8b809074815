"""Rows that are being written, in tokens: what is read, what the template adds, what is learned, what is cut."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workbench.core.data.edits.value import Spelling, Value, empty_value, fields, with_text
from workbench.core.data.mapping import Mapping, find_mapping
from workbench.core.data.row import DataRow
from workbench.core.data.rows import RowProblem
from workbench.core.data.source import Place
from workbench.core.data.wrong import Wrong
from workbench.core.recipe.recipe import DataSettings, Recipe
from workbench.core.tokens.first_look import tokens_about
from workbench.core.tokens.prepared.kinds import KINDS
from workbench.core.tokens.prepared.row_writer import MadeRow, make_rows
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer

_NOWHERE = Place(0, 0, -1)  # a row that stands in no file yet


class RowCount(NamedTuple):
    """The tokens of one row.

    Attributes:
        read: The row's own words that are given to the model and not learned.
        template: What the template adds to them, and special tokens.
        learned: What the loss counts.
        cut: Beyond the longest row, whatever they would have been.
        total: All four together.
        is_estimate: They were worked out of characters.
        told: What is told of the row: a name of KINDS, and what is said.
    """

    read: int = 0
    template: int = 0
    learned: int = 0
    cut: int = 0
    total: int = 0
    is_estimate: bool = False
    told: tuple[tuple[str, str], ...] = ()

    @property
    def is_left_out(self) -> bool:
        return any(KINDS[kind].done == "left out" for kind, _ in self.told)

    @property
    def why_left_out(self) -> str:
        """The kind and what is said of it; empty where the row is used."""
        said = next(((kind, text) for kind, text in self.told if KINDS[kind].done == "left out"), None)
        return ": ".join(filter(None, said)) if said else ""


def copy_mapping(spelling: Spelling, group_column: str = "") -> Mapping:
    """How the rows of a saved copy are read: by the names that it has."""
    sample = empty_value(spelling)
    for field in fields(sample):
        sample = with_text(sample, field.name, "text")
    if group_column:
        sample[group_column] = "a"
    found = find_mapping([sample], DataSettings(group_column=group_column))
    assert found.mapping is not None
    return found.mapping


class RowCounter:
    """Counts rows as a recipe would have them, by the function that prepares them; by characters without a tokenizer.

    Raises UserError where the recipe's template cannot be had.
    """

    def __init__(
        self, spelling: Spelling, recipe: Recipe, tokenizer: TextTokenizer | None, group_column: str = ""
    ) -> None:
        self._mapping = copy_mapping(spelling, group_column)
        self._recipe = recipe
        self._tokenizer = RowTokenizer(tokenizer, recipe) if tokenizer is not None else None

    def count(self, values: Sequence[Value]) -> list[RowCount]:
        """The tokens of rows as they would stand in a copy."""
        read = [self.read(value) for value in values]
        if self._tokenizer is None:
            return [_about(row, self._recipe) for row in read]
        return [counted_row(each) for each in self.make(read)]

    def make(self, rows: Sequence[DataRow | RowProblem]) -> list[MadeRow]:
        """The rows as tokens; there has to be a tokenizer."""
        assert self._tokenizer is not None
        return make_rows(self._tokenizer, self._recipe.data, [(_NOWHERE, row) for row in rows])

    def read(self, value: Value) -> DataRow | RowProblem:
        """A row as it is read from a copy."""
        try:
            return self._mapping.read(value)
        except Wrong as wrong:
            return RowProblem(0, wrong.text, wrong.remedy, wrong.kind)


def counted_row(made: MadeRow) -> RowCount:
    """The tokens of a row that was made into them."""
    read = template = learned = cut = 0
    for piece in made.pieces:
        kept = slice(piece.first, piece.last)
        special = int(np.count_nonzero(piece.special[kept] & ~piece.trained[kept]))
        template += special
        learned += piece.learned
        read += len(piece.input_ids) - special - piece.learned
        cut += len(piece.ids) - len(piece.input_ids)
    told = tuple((kind, text) for kind, text, _ in made.told)
    return RowCount(read, template, learned, cut, read + template + learned + cut, told=told)


def _about(row: DataRow | RowProblem, recipe: Recipe) -> RowCount:
    if isinstance(row, RowProblem):
        return RowCount(is_estimate=True, told=((row.kind, row.text),))
    train_on = recipe.data.train_on
    texts = [(str(turn["content"]), turn["role"] == "assistant") for turn in row.turns] or [(row.text, True)]
    answers = [tokens_about(len(text)) for text, is_answer in texts if is_answer]
    others = [tokens_about(len(text)) for text, is_answer in texts if not is_answer]
    beside = tokens_about(row.characters - sum(len(text) for text, _ in texts))  # calls of tools, reasoning
    total = sum(answers) + sum(others) + beside
    learned = total if train_on == "all" else sum(answers[-1:] if train_on == "last" else answers)
    cut = max(0, total - recipe.training.max_length)
    # The answer stands at the end, the question at the start.
    lost = min(cut, learned) if recipe.data.too_long != "cut_start" else max(0, cut - (total - learned))
    told = tuple((change, "") for change in row.changes)
    read = total - cut - (learned - lost)
    return RowCount(read, 0, learned - lost, cut, total, is_estimate=True, told=told)
