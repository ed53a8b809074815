"""The tokens of an answer as one side holds them likely: what a chip shows, and what is said of each."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.job.chat_kinds import Likely, TextScored, TokenScore
from workbench.core.units import grouped
from workbench.panes.charts.probability_colors import probability_words
from workbench.panes.charts.token_text import cells_of, label_of


@dataclass(frozen=True, eq=False)
class ScoredTokens:
    """One side's view of an answer.

    Attributes:
        scored: What the side was found to hold.
        parted: The places at which another side would have gone on otherwise.
        labels: What a chip shows of each token.
        numbers: Its probability in percent, as it stands below.
        lines: Numbers of the tokens that begin a line of the text.
        cells: How many letters wide each label is [tokens].
    """

    scored: TextScored
    parted: frozenset[int]
    labels: Sequence[str]
    numbers: Sequence[str]
    lines: NDArray[np.int64]
    cells: NDArray[np.int32]

    @classmethod
    def of(cls, scored: TextScored, parted: Collection[int] = ()) -> "ScoredTokens":
        labels = [label_of(token.text) for token in scored.tokens]
        ends = [place + 1 for place, token in enumerate(scored.tokens[:-1]) if token.text.endswith("\n")]
        return cls(
            scored,
            frozenset(parted),
            labels,
            [number_below(probability_of(token)) for token in scored.tokens],
            np.asarray([0, *ends], np.int64),
            np.asarray([cells_of(label) for label in labels], np.int32),
        )

    def __len__(self) -> int:
        return len(self.labels)

    def sentence(self, place: int) -> str:
        """What a screen reader says of a token."""
        token = self.scored.tokens[place]
        first = token.likeliest[0]
        likeliest = (
            "the likeliest here"
            if first.id == token.id
            else f"likelier {label_of(first.text)}, {probability_words(math.exp(first.log_probability))}"
        )
        parts = ". The sides part here" if place in self.parted else ""
        before = f"Token {grouped(place + 1)} of {grouped(len(self))}: {self.labels[place]}"
        return f"{before}, {probability_words(probability_of(token))}, {likeliest}{parts}."


def probability_of(token: TokenScore | Likely) -> float:
    return math.exp(min(0.0, token.log_probability)) if not math.isnan(token.log_probability) else math.nan


def number_below(probability: float) -> str:
    """In percent: "93", "4", "0.3", "<0.1"."""
    if math.isnan(probability):
        return "?"
    of_hundred = 100 * probability
    return f"{of_hundred:.0f}" if of_hundred >= 0.95 else f"{of_hundred:.1f}" if of_hundred >= 0.1 else "<0.1"
