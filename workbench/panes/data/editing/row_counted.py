"""The row that is written once its tokens are counted: in stretches for a bar, and field by field."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from workbench.core.data.edits.value import Field, Spelling, Value, fields, row_of, spelling_of
from workbench.core.data.row import DataRow, Turn
from workbench.core.data.rows import RowProblem
from workbench.core.data.system import in_first_question, with_system
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.first_look import tokens_about
from workbench.core.tokens.row_count import RowCount, RowCounter, counted_row
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.seen.shown_tokens import CONTEXT, KINDS, TRAINED, TRUNCATED
from workbench.panes.data.seen.views import kinds_of

REFUSED = ("system refused", "assistant first", "template failure", "turn not shown")
# Of kinds for which the whole row is cut off: what is not learned for its length.
FOR_ITS_LENGTH = ("too long", "nothing to learn")
# A longest row that nothing reaches: to see how long a row is that is left out.
WITHOUT_END = 1 << 40

Run = tuple[int, int]  # a place in KINDS, and how many tokens


@dataclass(frozen=True, eq=False)
class CountedRow:
    """What is known of a row.

    Attributes:
        count: As preparing has it.
        longest: The longest row that the recipe asks for.
        kinds: How many tokens there are of each of KINDS, in all rows that it becomes.
        runs: The tokens of the longest of them, in stretches.
        pieces: How many rows of the training it becomes; 0 where it is left out.
        cut_answer: Of the tokens that are cut, those of answers.
        own: How many tokens each of its fields is, by name; an answer with what is learned around it.
        before: The same of the row as it came from the file.
        remedy: What makes the template take it, for `mended` and for a button; empty where nothing was found.
        characters: Of all its fields.
    """

    count: RowCount
    longest: int
    kinds: tuple[int, ...]
    runs: tuple[Run, ...]
    pieces: int
    cut_answer: int
    own: dict[str, int]
    before: dict[str, int] = field(default_factory=dict)
    remedy: str = ""
    characters: int = 0

    @property
    def shown(self) -> int:
        """How many tokens the runs are."""
        return sum(tokens for _, tokens in self.runs)


class FieldCounter:
    """Counts one row at a time, in any thread, by what counts all rows and prepares them."""

    def __init__(self, recipe: Recipe, tokenizer: TextTokenizer | None) -> None:
        self._recipe, self._tokenizer = recipe, tokenizer
        training = recipe.training.model_copy(update={"max_length": WITHOUT_END})
        self._without_end = recipe.model_copy(update={"training": training})
        self._counters: dict[tuple[Spelling, bool], RowCounter] = {}

    def count(self, value: Value, before: Value | None) -> CountedRow:
        """A row as it stands, and its fields as they came from the file. Raises UserError."""
        if before is not None and [each.role for each in fields(before)] != [each.role for each in fields(value)]:
            before = None  # a turn more or less: which is which cannot be said
        if self._tokenizer is None:
            return self._estimated(value, before)
        spelling = spelling_of(value)
        counter = self._counter(spelling)
        read = counter.read(value)
        (made,) = counter.make([read])
        count = counted_row(made)
        row = row_of(value) if isinstance(read, RowProblem) else read
        pieces = made.pieces or self._whole(spelling, row)
        kinds = [kinds_of(piece) for piece in pieces]
        if any(kind in FOR_ITS_LENGTH for kind, _ in count.told):
            kinds = [np.full_like(kind, TRUNCATED) for kind in kinds]
        counts = np.bincount(np.concatenate(kinds), minlength=len(KINDS)) if kinds else np.zeros(len(KINDS), np.int64)
        is_cut = [piece.trained & (kind == TRUNCATED) for piece, kind in zip(pieces, kinds, strict=True)]
        return CountedRow(
            count,
            self._recipe.training.max_length,
            kinds=tuple(counts.tolist()),
            runs=tuple(_runs(max(kinds, key=len, default=np.zeros(0, np.uint8)))),
            pieces=len(made.pieces),
            cut_answer=sum(int(np.count_nonzero(cut)) for cut in is_cut),
            own=self._own(value, row, pieces),
            before=self._own_before(before),
            remedy=self._remedy(value, count),
            characters=_characters(value),
        )

    def _counter(self, spelling: Spelling, *, without_end: bool = False) -> RowCounter:
        key = spelling, without_end
        if key not in self._counters:
            recipe = self._without_end if without_end else self._recipe
            self._counters[key] = RowCounter(spelling, recipe, self._tokenizer)
        return self._counters[key]

    def _whole(self, spelling: Spelling, row: DataRow) -> Sequence[TokenRow]:
        """The rows of the training that it would become, were they ever so long."""
        return self._counter(spelling, without_end=True).make([row])[0].pieces

    # -- fields -------------------------------------------------------------------------------------------------------

    def _own_before(self, before: Value | None) -> dict[str, int]:
        if before is None:
            return {}
        row = row_of(before)
        return self._own(before, row, self._whole(spelling_of(before), row))

    def _own(self, value: Value, row: DataRow, pieces: Sequence[TokenRow]) -> dict[str, int]:
        """How many tokens each field is where it stands in the row; where it stands nowhere, its text alone."""
        assert self._tokenizer is not None
        turns = with_system(row, self._recipe.data).turns
        # The recipe may put a system turn before those that are written, or take one into the first question.
        before = len(turns) - len(row.turns)
        found: dict[str, int] = {}
        alone: list[Field] = []
        for number, each in enumerate(fields(value)):
            place = number + before
            is_itself = not turns or (0 <= place < len(turns) and turns[place]["content"] == each.text)
            tokens = self._at(place, each.role, len(turns) or 1, pieces) if is_itself else None
            if tokens is None:
                alone.append(each)
            else:
                found[each.name] = tokens
        counts = self._tokenizer.counts([each.text for each in alone])
        return found | {each.name: count for each, count in zip(alone, counts, strict=True)}

    def _at(self, place: int, role: str, turns: int, pieces: Sequence[TokenRow]) -> int | None:
        """How many tokens a turn of a role is; None where its words cannot be found in the rendering."""
        piece = next((piece for piece in pieces if piece.turn == place), pieces[-1] if pieces else None)
        if piece is None or len(piece.contents) != (piece.turn + 1 if piece.turn >= 0 else turns):
            return None
        if place >= len(piece.contents):
            return None
        first, last = piece.tokens_of(*piece.contents[place])
        if role in ("assistant", "") and self._recipe.data.train_on != "all":
            # What is learned with an answer: its end, and what a template writes before it.
            least = piece.first_from(piece.contents[place - 1][1]) if place else 0
            most = piece.first_from(piece.contents[place + 1][0]) if place + 1 < len(piece.contents) else len(piece.ids)
            while first > least and piece.trained[first - 1]:
                first -= 1
            while last < most and piece.trained[last]:
                last += 1
        return last - first

    # -- what the template refuses ------------------------------------------------------------------------------------

    def _remedy(self, value: Value, count: RowCount) -> str:
        """A change that was tried; none where the template takes the row, or nothing safe helps."""
        if spelling_of(value) != "messages" or not _is_refused(count):
            return ""
        counter = self._counter("messages")
        for action, tried in _offers(value):
            if not _is_refused(counted_row(*counter.make([row_of(tried)]))):
                return action
        return ""

    # -- estimates ----------------------------------------------------------------------------------------------------

    def _estimated(self, value: Value, before: Value | None) -> CountedRow:
        data, longest = self._recipe.data, self._recipe.training.max_length
        (count,) = self._counter(spelling_of(value)).count([value])
        written, own = fields(value), _estimates(value)
        answers = [each.name for each in written if each.role in ("assistant", "")]
        learned = {*(answers[-1:] if data.train_on == "last" else answers)}
        if data.train_on == "all":
            learned = {each.name for each in written}
        whole = [(TRAINED if each.name in learned else CONTEXT, own[each.name]) for each in written]
        runs = _cut(whole, longest, at_start=data.too_long == "cut_start")
        kinds = tuple(sum(tokens for other, tokens in runs if other == kind) for kind in range(len(KINDS)))
        return CountedRow(
            count,
            longest,
            kinds=kinds,
            runs=tuple(runs),
            pieces=int(not count.is_left_out),
            cut_answer=sum(own[name] for name in learned) - kinds[TRAINED],
            own=own,
            before=_estimates(before) if before is not None else {},
            characters=_characters(value),
        )


def _characters(value: Value) -> int:
    return sum(len(each.text) for each in fields(value))


def _estimates(value: Value) -> dict[str, int]:
    return {each.name: tokens_about(len(each.text)) for each in fields(value)}


def _cut(runs: Sequence[Run], most: int, *, at_start: bool) -> list[Run]:
    """The runs with what is beyond the longest row as such."""
    found: list[Run] = []
    room = most
    for kind, tokens in reversed(runs) if at_start else runs:
        kept = min(tokens, room)
        room -= kept
        found += [(kind, kept)] * bool(kept) + [(TRUNCATED, tokens - kept)] * (tokens > kept)
    return found[::-1] if at_start else found


def _runs(kinds: np.ndarray) -> Iterator[Run]:
    """Kinds of shape (tokens,) as stretches."""
    if not len(kinds):
        return
    starts = [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]
    for start, end in pairwise(starts):
        yield int(kinds[start]), end - start


def _is_refused(count: RowCount) -> bool:
    """Whether the template takes the row not at all, or leaves a turn out without a word."""
    return any(kind in REFUSED for kind, _ in count.told)


def mended(value: Value, action: str) -> Value:
    """A conversation as a remedy makes it; as it is where that does not apply any more."""
    return next((tried for offered, tried in _offers(value) if offered == action), value)


def _offers(value: Value) -> Iterator[tuple[str, Value]]:
    """What may help, the least change first: what a button says, and the row as it would be then."""
    turns: tuple[Turn, ...] = tuple(value["messages"])
    question: Turn = {"role": "user", "content": ""}
    begins = [turn["role"] for turn in turns[:2]]
    if begins[:1] == ["assistant"]:
        yield "Put a question before it", {**value, "messages": [question, *turns]}
    if begins[:1] == ["system"]:
        yield "Put it into the first question", {**value, "messages": list(in_first_question(turns))}
        if begins[1:] == ["assistant"]:
            yield "Put a question before the answer", {**value, "messages": [turns[0], question, *turns[1:]]}
