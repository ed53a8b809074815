"""Where each token of a row stands: in lines of one width, every message beginning a line of its own."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class TokenLayout:
    """Places in pixels; worked out once for a width, for 100 000 tokens in some 10 ms.

    Attributes:
        widths: Of each token [tokens].
        lefts: Where each begins in its line [tokens].
        firsts: The first token of each line, and after the last the number of tokens [lines + 1].
        tops: Where each line begins [lines].
        height: Of all lines.
    """

    widths: NDArray[np.float64]
    lefts: NDArray[np.float64]
    firsts: NDArray[np.int64]
    tops: NDArray[np.float64]
    height: float

    @classmethod
    def of(
        cls,
        widths: NDArray[np.float64],
        messages: NDArray[np.int64],
        room: float,
        *,
        gap: float,
        pitch: float,
        apart: float,
    ) -> "TokenLayout":
        """Fills lines of `room` pixels with tokens of these widths [tokens], `gap` between them.

        `messages` are the first tokens of messages [messages], ascending; lines are `pitch` high, and `apart` pixels
        more stand between two messages.
        """
        count = len(widths)
        ends = np.cumsum(widths + gap)
        begins = ends - widths - gap
        starts = np.append(messages[messages < count], count)
        firsts: list[int] = []
        is_new: list[bool] = []
        for start, stop in pairwise(starts):
            first = int(start)
            while first < stop:
                firsts.append(first)
                is_new.append(first == start)
                fits = int(np.searchsorted(ends, begins[first] + room + gap, side="right"))
                first = min(int(stop), max(first + 1, fits))
        if not firsts:
            none = np.zeros(0)
            return cls(none, none, np.zeros(1, np.int64), none, 0.0)
        lines = np.asarray(firsts, np.int64)
        tops = np.arange(len(lines)) * pitch + (np.cumsum(is_new) - 1) * apart
        number = np.searchsorted(lines, np.arange(count), side="right") - 1
        lefts = begins - begins[lines][number]
        return cls(widths, lefts, np.append(lines, count), tops, float(tops[-1] + pitch))

    @property
    def line_count(self) -> int:
        return len(self.tops)

    def line_of(self, token: int) -> int:
        return int(np.searchsorted(self.firsts, token, side="right")) - 1

    def lines_between(self, top: float, bottom: float) -> range:
        """The lines of which something lies between two heights, with one above."""
        first = max(0, int(np.searchsorted(self.tops, top, side="right")) - 1)
        return range(first, int(np.searchsorted(self.tops, bottom, side="left")))

    def tokens_of(self, line: int) -> range:
        return range(int(self.firsts[line]), int(self.firsts[line + 1]))

    def token_at(self, x: float, y: float, high: float) -> int:
        """The token at a place, -1 between them; a token is `high` pixels high."""
        line = int(np.searchsorted(self.tops, y, side="right")) - 1
        if line < 0 or y >= self.tops[line] + high:
            return -1
        tokens = self.tokens_of(line)
        place = int(np.searchsorted(self.lefts[tokens.start : tokens.stop], x, side="right")) - 1
        if place < 0:
            return -1
        token = tokens.start + place
        return token if x < self.lefts[token] + self.widths[token] else -1

    def token_over(self, token: int, lines: int) -> int:
        """The token some lines below (above where negative) that stands nearest to this one's middle."""
        line = min(max(0, self.line_of(token) + lines), self.line_count - 1)
        tokens = self.tokens_of(line)
        middles = self.lefts[tokens.start : tokens.stop] + self.widths[tokens.start : tokens.stop] / 2
        middle = self.lefts[token] + self.widths[token] / 2
        return tokens.start + int(np.argmin(np.abs(middles - middle)))
