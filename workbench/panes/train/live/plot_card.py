"""The card of a plot: its title, its legend or last value, and what has to be said of it."""

from collections.abc import Sequence

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from workbench.bridge.timers import once_after
from workbench.panes.charts.legends import Legend, Mark, Piece, stroke
from workbench.panes.charts.plots import Plot
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import label, plain_tip

SAID_MILLISECONDS = 8000


class PlotCard(Card):
    """A plot under its title, with a legend or its last value at the right, and a tag for what has to be said."""

    def __init__(self, theme: Theme, plot: Plot, scope: str = "", entries: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(theme, plot.name, scope)
        self.plot = plot
        self.tag = Tag(theme)
        self.value = label("", "medium")
        self.legend = Legend(theme)
        self.show_entries(entries)
        for widget in (self.tag, self.value, self.legend):
            self.add_to_head(widget)
        self.set_margins(14, 0, 3, 3)
        self.body.addWidget(plot, 1)
        self._standing = ("", "none", "")
        self._said = once_after(self, SAID_MILLISECONDS, self._show_standing)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.legend.setVisible(bool(entries))
        self.value.hide()
        self.scope.setVisible(bool(scope))
        if scope:
            self.set_least_head(20)  # of a tag, which comes and goes

    def show_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        """Which stroke is which curve: colours with their names; words without a colour stand alone."""
        pieces: list[Piece] = []
        for color, words in entries:
            pieces += [16] if pieces else []
            pieces += [Mark(14, 2, stroke, color, advance=20)] if color else []
            pieces.append(words)
        self.legend.show_pieces([*pieces, 4.0] if pieces else (), "Legend: " + ", ".join(words for _, words in entries))

    def stand(self, text: str, state: str, tip: str = "") -> None:
        """Says something for as long as it holds."""
        if (text, state, tip) != self._standing:
            self._standing = (text, state, tip)
            if not self._said.isActive():
                self._show_standing()

    def _show_standing(self) -> None:
        text, state, tip = self._standing
        self.tag.show_state(text, state)
        self.tag.setToolTip(plain_tip(tip))

    def say(self, state: str, text: str) -> None:
        """Says something for a moment."""
        self.tag.show_state(text, state)
        self.tag.setToolTip(plain_tip(text))
        self._said.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.make_room()

    def show_value(self, words: str) -> None:
        """Says the last value in the head, where there is room for it."""
        self.value.setText(words)
        self.make_room()

    def make_room(self) -> None:
        """The title comes first; legend and value are only there where all of it is."""
        room = self.width() - 2 * self.theme.size("size.card_padding") - self.title.sizeHint().width()
        scope = self.scope.sizeHint().width() + 8 if self.scope.text() else 0
        self.value.setVisible(bool(self.value.text()) and room >= self.value.sizeHint().width() + 24)
        self.legend.setVisible(
            bool(self.legend.pieces) and room >= self.legend.sizeHint().width() + scope + self.theme.px(40)
        )
