"""Numbers quantized by hand: two number lines, the steps in a table, one number worked out, and what it cost."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.core.units import grouped
from workbench.panes.charts.legends import Legend, Mark, dot, square
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Card, ScopedCard
from workbench.panes.parts.controls import button
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.lab_view import LabView
from workbench.panes.quantize.hand.cards import CostCard, WorkedCard
from workbench.panes.quantize.hand.form import HandForm
from workbench.panes.quantize.hand.formats import FormatsCard
from workbench.panes.quantize.hand.lines import NumberLines
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.picture import NUMBER_COLOR, stored_color
from workbench.panes.quantize.hand.table import StepsTable
from workbench.panes.quantize.hand.words import scale_words, table_text

# In a window of less height than this one number is not worked out below the table.
LEAST_WINDOW = 690
ASIDE = 392
# The least height of what stands in a card's head, so that a tag or a button that comes moves nothing.
HEAD = 24


class HandView(LabView):
    """The form goes to the model, and the cards follow it."""

    name = "hand"
    title = "By hand"

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.model = HandModel()
        self.controls = HandForm(theme, self.model, self.form)
        self.form.action_bar.hide()
        self.lines_card = ScopedCard(theme, "From numbers to integers", mode=Qt.TextElideMode.ElideMiddle)
        self.lines = NumberLines(theme, self.model)
        self.undo = button("Undo dragging", theme, "arrow-counter-clockwise", "flat")
        self.undo.setToolTip("Scale, zero point and clipping as the numbers would have them")
        self.undo.clicked.connect(self.model.undo_dragging)
        self.lines_card.add_to_head(self.undo)
        self.legend = Legend(theme)
        self.lines_card.add_to_head(self.legend)
        self.lines_card.set_margins(1, 0, 1, 4)
        self.lines_card.body.addWidget(self.lines)
        self.table_card = Card(theme, "Step by step", "each column is one number")
        self.table = StepsTable(theme, self.model)
        self.copy = copy_button(
            theme,
            lambda: table_text(self.model.steps),
            "Copies all steps of all numbers, with tabs between them",
            words="Copy table",
        )
        self.table_card.add_to_head(self.copy)
        self.table_card.set_margins(1, 0, 1, 1)
        self.table_card.body.addWidget(self.table)
        self.worked = WorkedCard(theme, self.model)
        self.cost = CostCard(theme, self.model)
        for card in (self.lines_card, self.table_card, self.worked, self.cost):
            card.set_least_head(HEAD)
        self.formats = FormatsCard(theme, self.model)
        self._below = in_row()
        self._left = in_column((self.lines_card, 1), self.table_card, self._below)
        self._aside = QWidget()
        self._column = in_column(self.formats, 1, of=self._aside)
        self._aside.hide()
        self._outer = in_row((self._left, 1), self._aside, of=self)
        self._is_aside: bool | None = None
        theme.changed.connect(self._space)
        self.model.changed.connect(self.refresh)
        self.arranged()
        self.refresh()

    # -- arrangement --------------------------------------------------------------------------------------------------

    def arranged(self) -> None:
        """One number and the cost below the table, or in a column of their own beside it."""
        if self.is_wide != self._is_aside:
            self._is_aside = self.is_wide
            for card in (self.worked, self.cost):
                self._below.removeWidget(card)
                self._column.removeWidget(card)
            if self.is_wide:
                self._column.insertWidget(0, self.cost)
                self._column.insertWidget(1, self.worked)
            else:
                self._below.addWidget(self.worked, 514)
                self._below.addWidget(self.cost, 330)
            self._aside.setVisible(self.is_wide)
        self._space()

    def _space(self) -> None:
        theme, gap = self.theme, self.theme.size("space.card_gap")
        small = f"QPushButton {{ min-height: {theme.px(HEAD) - 6}px; margin: 0; padding: 0 {theme.px(6)}px; }}"
        for made in (self.undo, self.copy):
            made.setStyleSheet(small)
        keep_edge(self._outer, theme)
        for layout in (self._left, self._below, self._column):
            layout.setSpacing(gap)
        self._aside.setFixedWidth(theme.px(ASIDE))
        self._fit()

    def _fit(self) -> None:
        """Where there is little height one number is not worked out, the table is short, and the cost is a line."""
        is_low = self.window().height() < self.theme.px(LEAST_WINDOW) and not self.is_wide
        self.worked.setVisible(not is_low)
        self.table.shorten(is_low)
        self.cost.arrange(4 if is_low else 2)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        model = self.model
        is_whole = model.method.is_whole
        self.lines_card.title.setText("From numbers to integers" if is_whole else "From numbers to codes")
        self.lines_card.scope.set_text(scale_words(model.steps, model.group))
        self.undo.setVisible(model.is_dragged)
        bits = model.method.scheme.bits
        stored = f"{'integer' if is_whole else 'code'}, {bits} bits"
        number, kept = Mark(9, 9, dot, NUMBER_COLOR, advance=16), Mark(9, 9, square, stored_color(model), advance=16)
        self.legend.show_pieces((number, "number", 14, kept, stored, 4.0), f"Legend: number, {stored}")
        count = len(model.values)
        self.table_card.scope.setText("each column is one number" if count > 1 else "one column, one number")
        self.copy.setAccessibleName(f"Copy the table of {grouped(count)} numbers")
