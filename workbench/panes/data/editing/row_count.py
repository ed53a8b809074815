"""How many tokens a row that is being written makes and what becomes of them, counted beside the window."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from workbench.core.data.edits.value import Field, Value, fields, row_of, spelling_of
from workbench.core.data.row import DataRow, Turn
from workbench.core.data.source import Place
from workbench.core.data.system import in_first_question, with_system
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.first_look import CHARACTERS_PER_TOKEN
from workbench.core.tokens.prepared.kinds import KINDS as TOLD
from workbench.core.tokens.prepared.row_writer import MadeRow, make
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.panes.data.seen.shown_tokens import CONTEXT, KINDS, SPECIAL, TRAINED, TRUNCATED
from workbench.panes.data.seen.views import kinds_of

NOWHERE = Place(0, 0, -1)  # a row that stands in no file yet
REFUSED = ("system refused", "assistant first", "template failure", "turn not shown")
# A longest row that nothing reaches: to see how long a row is that is left out for its length.
WITHOUT_END = 1 << 40


class RowCount(NamedTuple):
    """The tokens of a row; the first four are all of them.

    Attributes:
        read: What is read and not learned.
        template: What the template puts around the turns.
        learned: What the loss counts.
        cut: What the longest row cuts off; all of a row that is left out for its length.
        total: Before anything is cut.
        is_estimate: They were worked out of characters.
    """

    read: int = 0
    template: int = 0
    learned: int = 0
    cut: int = 0
    total: int = 0
    is_estimate: bool = False


class Remedy(NamedTuple):
    """What would make a template take the row: the row as it would be then, and what a button says."""

    value: Value
    action: str


@dataclass(frozen=True, eq=False)
class CountedRow:
    """What is known of a row once its tokens are counted.

    Attributes:
        longest: The longest row that the recipe asks for.
        runs: The tokens of the longest of the rows that it becomes, in stretches: a place in KINDS, and how many.
        pieces: How many rows of the training it becomes; 0 where it is not learned, or not counted.
        cut_answer: Of the tokens that are cut, those of answers.
        own: How many tokens each of its fields is, by name; an answer with the end that is learned with it.
        before: The same of the row as it came from the file.
        told: What is told of it: a name of prepared.kinds.KINDS, and what it is about here.
        remedy: What makes the template take it, where something was found.
        characters: Of all its fields.
    """

    count: RowCount
    longest: int
    runs: tuple[tuple[int, int], ...] = ()
    pieces: int = 0
    cut_answer: int = 0
    own: dict[str, int] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    told: tuple[tuple[str, str], ...] = ()
    remedy: Remedy | None = None
    characters: int = 0

    @property
    def is_left_out(self) -> bool:
        return any(TOLD[kind].done == "left out" for kind, _ in self.told)

    @property
    def shown(self) -> int:
        """How many tokens the runs are."""
        return sum(tokens for _, tokens in self.runs)


class RowCounter:
    """Counts rows as a recipe makes them into tokens: one row at a time, in any thread."""

    def __init__(self, recipe: Recipe, tokenizer: TextTokenizer | None) -> None:
        self.recipe, self.tokenizer = recipe, tokenizer

    def count(self, value: Value, before: Value | None) -> CountedRow:
        """A row as it stands, and its fields as they came from the file. Raises UserError."""
        if self.tokenizer is None:
            return self._estimate(value, before)
        row = row_of(value)
        made = self._made(row)
        pieces: Sequence[TokenRow] = made.pieces
        is_too_long = False
        if not pieces:
            pieces = make(self._without_end, self.recipe.data, [(NOWHERE, row)]).rows[0].pieces
            is_too_long = bool(pieces)
        kinds = [kinds_of(piece) for piece in pieces]
        if is_too_long:
            kinds = [np.full_like(kind, TRUNCATED) for kind in kinds]
        counts = np.bincount(np.concatenate(kinds), minlength=len(KINDS)).tolist() if kinds else [0] * len(KINDS)
        longest = max(kinds, key=len, default=np.zeros(0, np.uint8))
        cut_answer = sum(
            int((piece.trained & (kind == TRUNCATED)).sum()) for piece, kind in zip(pieces, kinds, strict=True)
        )
        return CountedRow(
            RowCount(counts[CONTEXT], counts[SPECIAL], counts[TRAINED], counts[TRUNCATED], sum(counts)),
            self.recipe.training.max_length,
            runs=tuple(_runs(longest)),
            pieces=len(made.pieces),
            cut_answer=cut_answer,
            own=self._own(value, row, pieces),
            before=self._own_before(before),
            told=tuple((kind, text) for kind, text, _ in made.told),
            remedy=self._remedy(value, made),
            characters=_characters(value),
        )

    # -- tokens -------------------------------------------------------------------------------------------------------

    @cached_property
    def _tokenizer(self) -> RowTokenizer:
        assert self.tokenizer is not None
        return RowTokenizer(self.tokenizer, self.recipe)

    @cached_property
    def _without_end(self) -> RowTokenizer:
        assert self.tokenizer is not None
        training = self.recipe.training.model_copy(update={"max_length": WITHOUT_END})
        return RowTokenizer(self.tokenizer, self.recipe.model_copy(update={"training": training}))

    def _made(self, row: DataRow) -> MadeRow:
        return make(self._tokenizer, self.recipe.data, [(NOWHERE, row)]).rows[0]

    def _own_before(self, before: Value | None) -> dict[str, int]:
        if before is None:
            return {}
        row = row_of(before)
        return self._own(before, row, make(self._without_end, self.recipe.data, [(NOWHERE, row)]).rows[0].pieces)

    def _own(self, value: Value, row: DataRow, pieces: Sequence[TokenRow]) -> dict[str, int]:
        """How many tokens each field is where it stands in the row; where it stands nowhere, its text alone."""
        written = fields(value)
        turns = with_system(row, self.recipe.data).turns
        # The recipe may put a system turn before those that are written, or take one into the first question.
        before = len(turns) - len(written) if turns else 0
        found: dict[str, int] = {}
        alone: list[Field] = []
        for number, each in enumerate(written):
            place = number + before
            is_itself = not turns or (place >= 0 and turns[place]["content"] == each.text)
            tokens = self._at(place, each.role, len(turns) or 1, pieces) if is_itself else None
            if tokens is None:
                alone.append(each)
            else:
                found[each.name] = tokens
        assert self.tokenizer is not None
        counts = self.tokenizer.counts([each.text for each in alone])
        found |= {each.name: count for each, count in zip(alone, counts, strict=True)}
        return found

    def _at(self, place: int, role: str, turns: int, pieces: Sequence[TokenRow]) -> int | None:
        """How many tokens a turn of a role is; None where its words cannot be found in the rendering."""
        piece = next((piece for piece in pieces if piece.turn == place), pieces[-1] if pieces else None)
        if piece is None or len(piece.contents) != (piece.turn + 1 if piece.turn >= 0 else turns):
            return None
        if place >= len(piece.contents):
            return None
        first, last = piece.tokens_of(*piece.contents[place])
        if role in ("assistant", "") and self.recipe.data.train_on != "all":
            # What is learned with an answer: its end, and what a template writes before it.
            least = piece.first_from(piece.contents[place - 1][1]) if place else 0
            most = piece.first_from(piece.contents[place + 1][0]) if place + 1 < len(piece.contents) else len(piece.ids)
            while first > least and piece.trained[first - 1]:
                first -= 1
            while last < most and piece.trained[last]:
                last += 1
        return last - first

    # -- what the template refuses ------------------------------------------------------------------------------------

    def _remedy(self, value: Value, made: MadeRow) -> Remedy | None:
        """A change that was tried; none where the template takes the row, or nothing safe helps."""
        if spelling_of(value) != "messages" or not _is_refused(made):
            return None
        for turns, action in _offers(tuple(value["messages"])):
            tried = {**value, "messages": list(turns)}
            if not _is_refused(self._made(row_of(tried))):
                return Remedy(tried, action)
        return None

    # -- estimates ----------------------------------------------------------------------------------------------------

    def _estimate(self, value: Value, before: Value | None) -> CountedRow:
        longest, train_on = self.recipe.training.max_length, self.recipe.data.train_on
        own = _estimates(value)
        written = fields(value)
        answers = [each.name for each in written if each.role in ("assistant", "")]
        learned = (
            {each.name for each in written} if train_on == "all" else {*answers[-1 if train_on == "last" else 0 :]}
        )
        runs = _cut(
            [(TRAINED if each.name in learned else CONTEXT, own[each.name]) for each in written],
            longest,
            at_start=self.recipe.data.too_long == "cut_start",
        )
        counts = {kind: sum(tokens for other, tokens in runs if other == kind) for kind, _ in runs}
        total, cut = sum(own.values()), counts.get(TRUNCATED, 0)
        all_learned = sum(own[name] for name in learned)
        return CountedRow(
            RowCount(counts.get(CONTEXT, 0), 0, counts.get(TRAINED, 0), cut, total, is_estimate=True),
            longest,
            runs=tuple(runs),
            pieces=1,
            cut_answer=all_learned - counts.get(TRAINED, 0),
            own=own,
            before=_estimates(before) if before is not None else {},
            characters=_characters(value),
        )


def _characters(value: Value) -> int:
    return sum(len(each.text) for each in fields(value))


def _estimates(value: Value) -> dict[str, int]:
    found = {}
    for each in fields(value):
        count = len(each.text)
        found[each.name] = max(min(1, count), round(count / CHARACTERS_PER_TOKEN))
    return found


def _cut(runs: Sequence[tuple[int, int]], most: int, *, at_start: bool) -> list[tuple[int, int]]:
    """The runs with what is beyond the longest row as such."""
    found: list[tuple[int, int]] = []
    room = most
    for kind, tokens in reversed(runs) if at_start else runs:
        kept = min(tokens, room)
        room -= kept
        found += [(kind, kept)] * bool(kept) + [(TRUNCATED, tokens - kept)] * (tokens > kept)
    return found[::-1] if at_start else found


def _runs(kinds: np.ndarray) -> Iterator[tuple[int, int]]:
    """Kinds of shape (tokens,) as stretches: a kind, and how many tokens."""
    if not len(kinds):
        return
    starts = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for start, end in pairwise(starts):
        yield int(kinds[start]), end - start


def _is_refused(made: MadeRow) -> bool:
    """Whether the template takes the row not at all, or leaves a turn out without a word."""
    return any(kind in REFUSED for kind, _, _ in made.told)


def _offers(turns: tuple[Turn, ...]) -> Iterator[tuple[tuple[Turn, ...], str]]:
    """What may help, the least change first."""
    question: Turn = {"role": "user", "content": ""}
    begins = [turn["role"] for turn in turns[:2]]
    if begins[:1] == ["assistant"]:
        yield (question, *turns), "Put a question before it"
    if begins[:1] == ["system"]:
        yield in_first_question(turns), "Put it into the first question"
        if begins[1:] == ["assistant"]:
            yield (turns[0], question, *turns[1:]), "Put a question before the answer"
