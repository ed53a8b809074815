"""A row as the trainer gets it: ids, what of them is learned, and what is left of them after the longest row."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from tokenizers import Encoding

from workbench.core.tokens.token_kinds import Finding
from workbench.core.tokens.tokenizer import TextTokenizer

IGNORED = -100  # the label torch's cross-entropy leaves out
Way = Literal["marks", "prefixes", "a row a turn", "plain"]
Span = tuple[int, int]  # characters of a text, the end exclusive


class TokenRow:
    """One row of the training.

    Attributes:
        ids: int32 array of shape (tokens,).
        trained: bool array of shape (tokens,): what the loss counts, were no row too long.
        first: The first token that stays after the longest row.
        last: One behind the last token that stays.
        text: What the ids are of, as the template spells it.
        contents: Where in the text the turns' own words stand, in order: (start, end) in characters.
        turn: The index of the turn that is learned where every answer is a row of its own, else -1.
        findings: What is to be told of it.
        way: How it was found what is learned.
    """

    __slots__ = (
        "_added_before", "_encoding", "_tokenizer", "contents", "findings", "first", "ids", "last", "text", "trained",
        "turn", "way",
    )  # fmt: skip

    def __init__(
        self,
        tokenizer: TextTokenizer,
        encoding: Encoding,
        text: str,
        way: Way,
        *,
        before: Sequence[int] = (),
        after: Sequence[int] = (),
    ) -> None:
        """The tokens of `text`, with ids put around them; nothing is learned as yet."""
        ids = [*before, *encoding.ids, *after] if before or after else encoding.ids
        self.ids = np.array(ids, np.int32)
        self.trained = np.zeros(len(self.ids), np.bool_)
        self.first, self.last = 0, len(self.ids)
        self.text = text
        self.way: Way = way
        self.contents: tuple[Span, ...] = ()
        self.turn = -1
        self.findings: tuple[Finding, ...] = ()
        self._tokenizer = tokenizer
        self._encoding = encoding
        self._added_before = len(before)

    @property
    def input_ids(self) -> np.ndarray:
        """What the trainer is given: int32 array of shape (last - first,)."""
        return self.ids[self.first : self.last]

    @property
    def labels(self) -> np.ndarray:
        """`input_ids` where they are learned, else IGNORED: int32 array of shape (last - first,)."""
        kept = slice(self.first, self.last)
        return np.where(self.trained[kept], self.ids[kept], np.int32(IGNORED))

    @property
    def learned(self) -> int:
        """Tokens that the loss counts: the first of a row has none before it that could predict it."""
        return int(np.count_nonzero(self.trained[self.first + 1 : self.last]))

    @property
    def offsets(self) -> np.ndarray:
        """Where each token stands in the text, in characters: int32 array of shape (tokens, 2)."""
        found = np.empty((len(self.ids), 2), np.int32)
        own = self._encoding.offsets
        found[: self._added_before] = 0
        if own:
            found[self._added_before : self._added_before + len(own)] = own
        found[self._added_before + len(own) :] = len(self.text)
        return found

    @property
    def special(self) -> np.ndarray:
        """What is the template's text or a special token: bool array of shape (tokens,)."""
        found = self._tokenizer.is_special(self.ids)
        starts, ends = self.offsets.T
        is_content = np.zeros(len(self.ids), np.bool_)
        for start, end in self.contents:
            is_content |= (starts < end) & (ends > start)
        return found | ~is_content

    # -- tokens of characters ------------------------------------------------------------------------------------------

    def tokens_of(self, start: int, end: int) -> tuple[int, int]:
        """The tokens that hold any of these characters: the first, and one behind the last."""
        return self._first_behind(start), self.first_from(end)

    def start_of(self, token: int) -> int:
        """The character at which a token begins; that at which the text ends for what is put behind it."""
        own = token - self._added_before
        if own < 0:
            return 0
        chars = self._encoding.token_to_chars(own) if own < len(self._encoding) else None
        return len(self.text) if chars is None else chars[0]

    def _first_behind(self, position: int) -> int:
        """The first token that ends behind a character position."""
        token = self._encoding.char_to_token(position) if position < len(self.text) else None
        if token is not None:
            return token + self._added_before
        ends = self.offsets[:, 1]
        behind = np.flatnonzero(ends[self._added_before : self._added_before + len(self._encoding)] > position)
        return self._added_before + (int(behind[0]) if len(behind) else len(self._encoding))

    def first_from(self, position: int) -> int:
        """The first token that begins at a character position or behind it."""
        if position >= len(self.text):
            return self._added_before + len(self._encoding)
        token = self._encoding.char_to_token(position)
        if token is not None:
            begins, _ = self._encoding.token_to_chars(token) or (position, position)
            if begins >= position:
                return token + self._added_before
        starts = self.offsets[:, 0]
        own = starts[self._added_before : self._added_before + len(self._encoding)]
        later = np.flatnonzero(own >= position)
        return self._added_before + (int(later[0]) if len(later) else len(self._encoding))
