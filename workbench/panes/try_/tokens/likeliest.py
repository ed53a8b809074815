"""What one side holds likeliest in the place of a token: ten rows with bars, and the token itself among them."""

import math
from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from workbench.core.job.chat_kinds import Likely, TokenScore
from workbench.panes.charts.bar_rows import BarRow, BarRows, Columns, Words
from workbench.panes.charts.legends import Legend, Mark, square
from workbench.panes.charts.probability_colors import probability_words
from workbench.panes.charts.token_text import label_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel
from workbench.panes.try_.tokens.scored import probability_of

IDENTITY = 9  # pixels of the square of a speaker's colour
LEAST_ROW = 17
ROWS = 11  # the ten likeliest, and the token itself where it is none of them


class LikeliestRows(BarRows):
    """All bars to one scale, from 0 to 100 %; the row of the token that stands there is the chosen one."""

    SIZE = (300, 0)
    LEAST = (160, 0)
    ROW = (19, 8, 20)
    BAR = 8
    GROWS = (True, True)
    notice = "Choose a token to see what else could have come."

    def __init__(self, theme: Theme, name: str, color: str) -> None:
        super().__init__(theme, f"Likeliest tokens, {name}")
        self._color = color
        self.token: TokenScore | None = None

    def show_token(self, token: TokenScore | None) -> None:
        """Shows what could stand in a token's place."""
        self.token = token
        said = ", ".join(
            f"{label_of(entry.text)} {probability_words(probability_of(entry))}" for entry in self._entries()
        )
        self.setAccessibleDescription(said)
        self.update()

    def _entries(self) -> Sequence[Likely]:
        token = self.token
        if token is None:
            return ()
        own = Likely(token.id, token.text, token.log_probability)
        is_among = any(entry.id == token.id for entry in token.likeliest)
        return token.likeliest if is_among else (*token.likeliest, own)

    def _in_room(self) -> Sequence[Likely]:
        """As many as can be read in the height that there is, the token itself always among them."""
        entries = self._entries()
        fit = max(2, int(self.height() // self._theme.px(LEAST_ROW)))
        if len(entries) <= fit:
            return entries
        own = next(
            (entry for entry in entries[fit - 1 :] if self.token is not None and entry.id == self.token.id), None
        )
        return entries[:fit] if own is None else (*entries[: fit - 1], own)

    def bar_rows(self) -> Sequence[BarRow]:
        token = self.token
        found = []
        for entry in self._in_room():
            probability = probability_of(entry)
            is_own = token is not None and entry.id == token.id
            weight = 600 if is_own else 400
            words = (
                Words(label_of(entry.text) or f"id {entry.id}", weight=weight),
                Words(probability_words(probability), "text.secondary", "small", weight),
            )
            found.append(BarRow(words, None if math.isnan(probability) else probability, self._color, is_own))
        return found

    def row_count(self) -> int:
        return ROWS

    def columns(self) -> Columns:
        px, wide = self._theme.px, self.width()
        edge, figures = px(8), px(82)
        middle = edge + 0.34 * (wide - figures)
        return Columns((middle, wide - figures - edge), ((edge, middle - px(8)), (wide - figures, float(wide - edge))))


class LikeliestColumn(QWidget):
    """Such rows below the name of whose they are."""

    def __init__(self, theme: Theme, name: str, color: str) -> None:
        super().__init__()
        self.name = ElidedLabel(name, "small")
        mark = Legend(theme, (Mark(IDENTITY, IDENTITY, square, color),))
        self.rows = LikeliestRows(theme, name, color)
        head = in_row(mark, (self.name, 1), gap=6, margins=(8, 0, 8, 0))
        in_column(head, (self.rows, 1), gap=2, of=self)

    def show_token(self, token: TokenScore | None, title: str) -> None:
        """Shows what could stand in a token's place, and how likely it was itself."""
        self.rows.show_token(token)
        words = title if token is None else f"{title}: {_standing(token)}"
        self.name.set_text(words)


def _standing(token: TokenScore) -> str:
    """How likely a token was held, and its place among the likeliest."""
    said = probability_words(probability_of(token))
    place = next((place for place, entry in enumerate(token.likeliest, start=1) if entry.id == token.id), 0)
    among = (
        "the likeliest" if place == 1 else f"number {place}" if place else f"not among the first {len(token.likeliest)}"
    )
    return f"{said}, {among}"
