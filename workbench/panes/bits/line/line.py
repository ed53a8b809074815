"""The number line's card: from all that a format can hold down to two neighbours, with the number as a needle."""

from workbench.panes.bits.line.number_line import NumberLine
from workbench.panes.bits.shown.card import BitsCard
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button, icon_button


class NumberLineCard(BitsCard):
    """The line with its zoom buttons."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Number line", "every mark is a number the format has")
        self.line = NumberLine(theme, model)
        self.smaller = icon_button("Show twice as much of the line (-)", theme, "minus")
        self.larger = icon_button("Show half as much of the line (+)", theme, "plus")
        self.smaller.clicked.connect(lambda: self.line.zoom(1))
        self.larger.clicked.connect(lambda: self.line.zoom(-1))
        self.whole = button("Whole range", theme, kind="flat")
        self.whole.clicked.connect(self._turn)
        for made in (self.smaller, self.larger, self.whole):
            self.add_to_head(made)
        self.set_margins(0, 0, 0, 8)  # the line paints its ground, and not over the corners
        self.body.addWidget(self.line)
        self.line.view_changed.connect(self._name_button)
        self._name_button()

    def _turn(self) -> None:
        if self.line.is_whole:
            self.line.show_near()
        else:
            self.line.show_whole()

    def _name_button(self) -> None:
        is_whole = self.line.is_whole
        self.whole.setText("Near the value" if is_whole else "Whole range")
        self.whole.setToolTip("Back to the number (Home)" if is_whole else "All that the formats can hold (End)")
