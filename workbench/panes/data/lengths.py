"""How long the rows are, as a histogram counts them and a limit cuts them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.core.ticks import spacing_of
from workbench.core.units import counted, grouped

MOST_BARS = 36
# Where one row in a hundred is longer than this many times the others, the last bar holds all that are longer.
LONG_TAIL = 2.0
USUAL_SHARE = 0.99


@dataclass(frozen=True)
class Bars:
    """Bar `n` counts the rows from `start + n * width` tokens on; the last one all longer rows where `is_open`."""

    counts: tuple[int, ...] = ()
    start: int = 0
    width: int = 1
    is_open: bool = False

    @property
    def end(self) -> int:
        return self.start + self.width * len(self.counts)

    @classmethod
    def of(cls, ordered: NDArray[np.int64]) -> "Bars":
        """Counts lengths [rows], shortest first."""
        if not ordered.size:
            return cls()
        least, most = int(ordered[0]), int(ordered[-1])
        usual = int(ordered[int((ordered.size - 1) * USUAL_SHARE)])
        is_open = most > max(1, usual) * LONG_TAIL
        shown = usual if is_open else most
        width = int(spacing_of(max(1, shown - least + 1), MOST_BARS, whole=True))
        start = least // width * width
        number = (shown - start) // width + 1 + is_open
        counts = np.bincount(np.minimum((ordered - start) // width, number - 1), minlength=number)
        return cls(tuple(int(count) for count in counts), start, width, is_open)

    def span_in_words(self, bar: int) -> str:
        first = self.start + bar * self.width
        if self.is_open and bar == len(self.counts) - 1:
            return f"{grouped(first)} tokens or more"
        last = f" to {grouped(first + self.width - 1)}" if self.width > 1 else ""
        return f"{grouped(first)}{last} token{'s' * (bool(last) or first != 1)}"


@dataclass(frozen=True, eq=False)
class Lengths:
    """Rows in tokens; made beside the window, for sorting a million takes 0.1 s.

    Attributes:
        ordered: Tokens of each row [rows], shortest first.
        is_estimate: They were worked out of characters.
        is_part: They are those of the first rows.
    """

    ordered: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    is_estimate: bool = False
    is_part: bool = False
    bars: Bars = Bars()

    @classmethod
    def of(
        cls, lengths: Sequence[int] | NDArray[np.int64], *, is_estimate: bool = False, is_part: bool = False
    ) -> "Lengths":
        """Takes the tokens of each row [rows], in any order."""
        ordered = np.sort(np.asarray(lengths, np.int64))
        return cls(ordered, is_estimate, is_part, Bars.of(ordered))

    def __len__(self) -> int:
        return len(self.ordered)

    @property
    def shortest(self) -> int:
        return int(self.ordered[0]) if len(self) else 0

    @property
    def median(self) -> int:
        return int(self.ordered[len(self) // 2]) if len(self) else 0

    @property
    def longest(self) -> int:
        return int(self.ordered[-1]) if len(self) else 0

    def beyond(self, limit: int) -> int:
        """How many rows are longer than a limit."""
        return len(self) - int(np.searchsorted(self.ordered, limit, side="right"))

    def in_words(self) -> str:
        """What stands beside a title: "tokens; median 21, longest 93", marked where it is an estimate."""
        unit = "tokens, about" if self.is_estimate else "tokens"
        return f"{unit}; median {grouped(self.median)}, longest {grouped(self.longest)}" if len(self) else unit

    def cut_in_words(self, limit: int) -> str:
        """What a limit does: "longest row 56: 31 rows are cut"."""
        cut = self.beyond(limit)
        about = "about " if self.is_estimate and cut else ""
        what = f"{about}{counted(cut, 'row')} {'is' if cut == 1 else 'are'} cut" if cut else "none is cut"
        return f"longest row {grouped(limit)}: {what}"
