"""The first rows of a dataset as they would be learned: what is shown of data before all of it is prepared."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.mapping import Mapping
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.data.source import Place
from workbench.core.job.study_kinds import RowSeen, RowsFound
from workbench.core.recipe.recipe import DataSettings, Recipe
from workbench.core.tokens.prepared.kinds import CUT, DUPLICATE, KINDS, bits
from workbench.core.tokens.prepared.packing import best_fit
from workbench.core.tokens.prepared.row_writer import MOST_EXAMPLES, make_rows
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer

MOST_ROWS = 2000
# Of rows that are very long fewer are looked at: the first of them are to be seen within a second.
MOST_CHARACTERS = 4_000_000
# The encodings of 2000 long rows are freed in one go of 50 ms, in which no other thread runs, the window's neither.
ROWS_AT_ONCE = 32
# Of English text in the vocabularies of today's models: an estimate, said as one.
CHARACTERS_PER_TOKEN = 4.0
Told = tuple[str, str, int]


def tokens_about(characters: int) -> int:
    """About how many tokens a text of this length is."""
    return max(min(1, characters), round(characters / CHARACTERS_PER_TOKEN))


@dataclass(frozen=True, eq=False)
class LookedRow:
    """A row, or what is wrong with it.

    Attributes:
        pieces: The rows of the training that it becomes; none before there is a tokenizer.
        told: What is told of it: a name of KINDS, what is said, and a column or 0.
        hash: Of what is learned; 0 where it is not known.
    """

    place: Place
    row: DataRow | RowProblem
    pieces: tuple[TokenRow, ...] = ()
    told: tuple[Told, ...] = ()
    hash: int = 0

    @property
    def kinds(self) -> int:
        """A bit for each of KINDS."""
        return bits({kind for kind, _, _ in self.told})

    @property
    def is_left_out(self) -> bool:
        return any(KINDS[kind].done == "left out" for kind, _, _ in self.told)

    @property
    def tokens(self) -> int:
        """Of the whole row before it is cut; -1 where it has none."""
        return sum(len(piece.ids) for piece in self.pieces) if self.pieces else -1

    @property
    def estimate(self) -> int:
        """About how many tokens it makes; -1 where it cannot be read."""
        if isinstance(self.row, RowProblem):
            return -1
        return tokens_about(self.row.characters)


@dataclass(frozen=True, eq=False)
class FirstLook:
    """The first rows.

    Attributes:
        opened: The dataset, its files and what its columns may be taken for.
        mapping: What they are taken for here, which may be a guess; None where nothing fits.
        sheets: Of a spreadsheet, by name.
        is_complete: There are no more rows.
        has_tokens: They were made into tokens.
        seconds: How long that took.
        longest: The longest row that they were cut to.
        form: How prompt and completion become text where no template wraps them; empty where one does.
    """

    opened: OpenRows
    mapping: Mapping | None
    rows: tuple[LookedRow, ...]
    sheets: tuple[str, ...]
    is_complete: bool
    has_tokens: bool = False
    seconds: float = 0.0
    longest: int = 0
    form: str = ""

    @cached_property
    def used(self) -> int:
        """Rows that would be learned."""
        return sum(not looked.is_left_out for looked in self.rows)

    @cached_property
    def whole(self) -> int:
        """Rows of which nothing but what was changed in them is told."""
        return sum(all(KINDS[kind].done == "changed" for kind, _, _ in looked.told) for looked in self.rows)

    @cached_property
    def tokens(self) -> int:
        """Of the rows that would be learned, once they are cut; or about."""
        used = [looked for looked in self.rows if not looked.is_left_out]
        if not self.has_tokens:
            return sum(looked.estimate for looked in used)
        return sum(piece.last - piece.first for looked in used for piece in looked.pieces)

    @cached_property
    def learned(self) -> int:
        """Tokens that the loss would count."""
        return sum(piece.learned for looked in self.rows if not looked.is_left_out for piece in looked.pieces)

    def lengths(self) -> NDArray[np.int64]:
        """Of each row that could be read, in tokens before any are cut, or about: shape (rows,)."""
        found = (looked.tokens if self.has_tokens else looked.estimate for looked in self.rows)
        return np.fromiter((length for length in found if length >= 0), np.int64)

    def rows_in_all(self) -> tuple[int, bool]:
        """How many rows the files have, and whether that is certain; 0 where nothing tells."""
        if self.is_complete:
            return len(self.rows), True
        source, place = self.opened.source, self.rows[-1].place if self.rows else None
        if place is None or place.offset <= 0 or not source.size_bytes:
            return 0, False
        before = sum(path.stat().st_size for path in source.files[: place.file])
        return round((len(self.rows) - 1) * source.size_bytes / (before + place.offset)), False

    def fill(self) -> float:
        """Share of the packed sequences that would hold tokens; 0 where there are none."""
        kept = [len(piece.input_ids) for each in self.rows if not each.is_left_out for piece in each.pieces]
        lengths = np.asarray([length for length in kept if length], np.int64)
        if not len(lengths) or not self.longest:
            return 0.0
        return float(lengths.sum() / (best_fit(lengths, self.longest).sequences * self.longest))

    @cached_property
    def found(self) -> list[RowsFound]:
        """What is told of the rows, by kind."""
        by_kind: dict[str, list[tuple[LookedRow, Told]]] = {}
        for looked in self.rows:
            for told in {told[0]: told for told in reversed(looked.told)}.values():
                by_kind.setdefault(told[0], []).append((looked, told))
        names = [path.name for path in self.opened.source.files]
        return [
            RowsFound(
                why=name,
                title=kind.title,
                done=kind.done,
                count=len(by_kind[name]),
                remedy=kind.kind.remedy,
                examples=[
                    RowSeen(file=names[looked.place.file], line=looked.place.line, column=told[2], text=told[1][:300])
                    for looked, told in by_kind[name][:MOST_EXAMPLES]
                ],
            )
            for name, kind in KINDS.items()
            if name in by_kind
        ]


def read_first(settings: DataSettings, limit: int = MOST_ROWS) -> FirstLook:
    """The first rows as they are read, by the likeliest mapping. Raises UserError where nothing can be read."""
    opened = OpenRows(settings)
    mapping = opened.found.mapping
    rows: list[LookedRow] = []
    is_complete = True
    characters = 0
    if mapping is not None:
        for place, row in opened.each(mapping):
            if len(rows) >= limit or characters >= MOST_CHARACTERS:
                is_complete = False
                break
            rows.append(LookedRow(place, row, told=_told_of(row)))
            characters += row.characters if isinstance(row, DataRow) else len(row.text)
    return FirstLook(opened, mapping, tuple(rows), opened.source.sheets, is_complete)


def with_tokens(look: FirstLook, tokenizer: TextTokenizer, recipe: Recipe) -> FirstLook:
    """The same rows made into tokens as the recipe asks for. Raises UserError where its template cannot be had."""
    began = time.monotonic()
    of_rows = RowTokenizer(tokenizer, recipe)
    rows = _made(of_rows, recipe, [(looked.place, looked.row) for looked in look.rows])
    if recipe.data.duplicates != "keep":
        rows = _without_equals(rows)
    seconds = time.monotonic() - began
    return replace(
        look,
        rows=tuple(rows),
        has_tokens=True,
        seconds=seconds,
        longest=recipe.training.max_length,
        form=of_rows.form if of_rows.template is None else "",
    )


def without_tokens(look: FirstLook) -> FirstLook:
    """The same rows as they were before there was a tokenizer."""
    rows = tuple(LookedRow(looked.place, looked.row, told=_told_of(looked.row)) for looked in look.rows)
    return replace(look, rows=rows, has_tokens=False, seconds=0.0, form="")


def one_row(place: Place, row: DataRow | RowProblem, tokenizer: TextTokenizer, recipe: Recipe) -> LookedRow:
    """One row alone, such as one of a million that was prepared. Raises UserError."""
    return _made(RowTokenizer(tokenizer, recipe), recipe, [(place, row)])[0]


def _made(
    tokenizer: RowTokenizer, recipe: Recipe, rows: Sequence[tuple[Place, DataRow | RowProblem]]
) -> list[LookedRow]:
    """By the very function that prepares rows; a row is kept as the file has it, to be made anew."""
    found: list[LookedRow] = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        some = rows[start : start + ROWS_AT_ONCE]
        made = make_rows(tokenizer, recipe.data, some)
        found += [
            LookedRow(place, row, tuple(each.pieces), each.told, each.hash)
            for (place, row), each in zip(some, made, strict=True)
        ]
    return found


def _told_of(row: DataRow | RowProblem) -> tuple[Told, ...]:
    """What can be told of a row before there is a tokenizer."""
    if isinstance(row, RowProblem):
        return ((row.kind, row.text, row.column),)
    return tuple((change, "", 0) for change in row.changes)


def _without_equals(rows: Sequence[LookedRow]) -> list[LookedRow]:
    """The rows, each that equals an earlier one told as such."""
    seen: set[int] = set()
    found: list[LookedRow] = []
    for looked in rows:
        is_later = bool(looked.pieces) and looked.hash in seen
        if looked.pieces:
            seen.add(looked.hash)
        if is_later:
            kept = [told for told in looked.told if told[0] not in CUT]  # of what nobody reads nothing is cut
            looked = replace(looked, told=(*kept, (DUPLICATE, "", 0)))
        found.append(looked)
    return found
