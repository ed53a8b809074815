"""The tokens of an answer, each on the colour of its probability, over its percent."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent

from workbench.panes.charts.probability_colors import SHADES, ground_of, inks_on, shade_of
from workbench.panes.charts.token_chips import Look, TokenChips
from workbench.panes.look.theme import Theme
from workbench.panes.try_.tokens.scored import ScoredTokens, probability_of


class ScoreFlow(TokenChips[ScoredTokens]):
    """One side's; N and P lead to the next and the last place where the sides part, which a line below marks.

    Signals:
        chose: The number of the token that a hand has chosen.
    """

    chose = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, f"Tokens of the answer, {name}")

    def look_of(self, tokens: ScoredTokens, token: int) -> Look:
        place = SHADES.index(shade_of(probability_of(tokens.scored.tokens[token])))
        return self._looks[place][token in tokens.parted]

    def below_of(self, tokens: ScoredTokens, token: int) -> str:
        return tokens.numbers[token]

    def below_letters(self, tokens: ScoredTokens) -> NDArray[np.int64]:
        return np.asarray([len(number) for number in tokens.numbers], np.int64)

    def sentence_of(self, tokens: ScoredTokens, token: int) -> str:
        return tokens.sentence(token)

    def choose_by_hand(self, cell: int) -> None:
        super().choose_by_hand(cell)
        self.chose.emit(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        places: Sequence[int] = ()
        if self.tokens is not None and event.key() == Qt.Key.Key_N:
            places = [place for place in sorted(self.tokens.parted) if place > self.chosen]
        elif self.tokens is not None and event.key() == Qt.Key.Key_P:
            places = [place for place in sorted(self.tokens.parted, reverse=True) if place < self.chosen]
        elif event.key() not in (Qt.Key.Key_N, Qt.Key.Key_P):
            super().keyPressEvent(event)
        if places:
            self.choose_by_hand(places[0])

    def _measure(self) -> None:
        super()._measure()
        theme = self._theme
        self._looks: list[tuple[Look, Look]] = []
        for shade in SHADES:
            ground, (ink, quiet) = ground_of(theme, shade), inks_on(theme, shade)
            plain, parted = (
                Look(ground, line, ink, quiet, self.text_font) for line in (ground, theme.color("text.primary"))
            )
            self._looks.append((plain, parted))
