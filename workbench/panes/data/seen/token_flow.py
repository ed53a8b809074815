"""The tokens of one row, each in the colours of what becomes of it, over its id."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QFont

from workbench.panes.charts.token_chips import Look, TokenChips
from workbench.panes.data.seen.shown_tokens import KINDS, PADDING, TRUNCATED, ShownTokens
from workbench.panes.look.theme import Theme


class TokenFlow(TokenChips[ShownTokens]):
    """A row of the data."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Tokens of the row")

    def look_of(self, tokens: ShownTokens, token: int) -> Look:
        return self._looks[int(tokens.kinds[token])]

    def below_of(self, tokens: ShownTokens, token: int) -> str:
        return str(int(tokens.ids[token]))

    def below_letters(self, tokens: ShownTokens) -> NDArray[np.int64]:
        return np.searchsorted(10 ** np.arange(1, 10), np.maximum(tokens.ids, 0), side="right") + 1

    def sentence_of(self, tokens: ShownTokens, token: int) -> str:
        return "".join(tokens.sentence(token))

    def _measure(self) -> None:
        super()._measure()
        self._looks = [self._look(kind) for kind in range(len(KINDS))]

    def _look(self, kind: int) -> Look:
        theme, name, font = self._theme, KINDS[kind], QFont(self.text_font)
        font.setStrikeOut(kind == TRUNCATED)
        return Look(
            theme.color(f"tokens.{name}"),
            theme.color(f"tokens.{name}_line"),
            theme.color("text.primary"),
            theme.color("text.secondary"),
            font,
            is_hatched=kind == PADDING,
        )
