"""The tokens of one row as they are painted, and what is said of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.units import counted, grouped
from workbench.panes.charts.token_text import cells_of, label_of

# The kinds in the order of their numbers, and of a legend; "truncated" is what look and legend call "cut off".
KINDS = ("trained", "context", "special", "truncated", "padding")
KIND_WORDS = ("trained", "context", "special", "cut off", "padding")
TRAINED, CONTEXT, SPECIAL, TRUNCATED, PADDING = range(5)


@dataclass(frozen=True, eq=False)
class ShownTokens:
    """The tokens of one row.

    Attributes:
        ids: Integers [tokens].
        kinds: Places in KINDS [tokens].
        labels: What a chip shows of each token, its marks in front: "·loaf", "⏎".
        lines: Numbers of the tokens with which a message begins, ascending.
        cells: How many letters wide each label is [tokens].
        longest: The longest row that was asked for; 0 where nothing is cut.
    """

    ids: NDArray[np.int32]
    kinds: NDArray[np.uint8]
    labels: Sequence[str]
    lines: NDArray[np.int64]
    cells: NDArray[np.int32]
    longest: int = 0

    @classmethod
    def of(
        cls,
        ids: Sequence[int] | NDArray[np.int32],
        kinds: Sequence[int] | NDArray[np.uint8],
        pieces: Sequence[str],
        lines: Sequence[int] = (),
        longest: int = 0,
    ) -> "ShownTokens":
        """Takes ids [tokens], kinds [tokens] and the text of each token; takes 0.1 s for 100 000 of them."""
        known: dict[str, tuple[str, int]] = {}
        labels: list[str] = []
        cells = np.empty(len(pieces), np.int32)
        for number, piece in enumerate(pieces):
            found = known.get(piece)
            if found is None:
                text = label_of(piece)
                found = known[piece] = (text, cells_of(text))
            labels.append(found[0])
            cells[number] = found[1]
        return cls(
            np.asarray(ids, np.int32),
            np.asarray(kinds, np.uint8),
            labels,
            np.asarray(sorted({0, *lines}), np.int64),
            cells,
            longest,
        )

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def counts(self) -> tuple[int, ...]:
        """How many tokens there are of each of KINDS."""
        return tuple(int(count) for count in np.bincount(self.kinds, minlength=len(KINDS)))

    def sentence(self, token: int) -> tuple[str, str, str]:
        """What is said of a token: its place, its label, and what becomes of it."""
        before = f"Token {grouped(token + 1)} of {grouped(len(self))}: "
        return before, self.labels[token], f", id {grouped(int(self.ids[token]))}. {self._fate(token)}"

    def _fate(self, token: int) -> str:
        match int(self.kinds[token]):
            case kind if kind == TRAINED and token == 0:
                return "It is the first: nothing stands before it to guess it from, and no loss is counted."
            case kind if kind == TRAINED:
                before = f"the {counted(token, 'token')}" if token > 1 else "the one token"
                return f"The loss is counted here: the model is asked to guess it from {before} before it."
            case kind if kind == CONTEXT:
                return "The loss is not counted here: the model reads it to guess what follows."
            case kind if kind == SPECIAL:
                return "It belongs to the template: the model reads it, and no loss is counted."
            case kind if kind == TRUNCATED:
                at = f" at {counted(self.longest, 'token')}" if self.longest else ""
                return f"Cut off{at}: the model never reads it."
        return "Padding: it fills up the batch, and the model does not look at it."
