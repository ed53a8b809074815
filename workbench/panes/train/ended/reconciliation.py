"""The account of a run's memory at its end: predicted and measured by moment and by line, and what that has taught."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QGridLayout, QLabel, QWidget

from workbench.core.job.history import History
from workbench.core.memory import corrections, reconcile
from workbench.core.memory.line_names import LINE_OF_PART
from workbench.core.memory.reconcile import REST, TOTAL, Row
from workbench.panes.charts.canvas import Canvas
from workbench.panes.charts.memory_blocks import PART_HELP, paint_block
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, label, plain_tip
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.train.live.milestones import paint_disc

HEADS = ("predicted", "measured", "difference", "")
PART_OF_LINE = {line: part for part, line in LINE_OF_PART.items()}
# The least width at which both tables stand side by side.
SIDE_BY_SIDE = 760


class ReconciliationCard(Card):
    """Two tables and a sentence; the moments' discs and the lines' colours are those of the curve above."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Memory, reconciled", "predicted before the run and measured in it")
        self._history = History()
        self.moments = AccountTable(theme, "By moment")
        self.lines = AccountTable(theme, "By line")
        self.lesson = label("", "sentence", wraps=True)
        self._left = in_column(self.moments, self.lesson, 1)
        self._both = in_row((self._left, 1), (self.lines, 1, Qt.AlignmentFlag.AlignTop))
        self.body.addLayout(self._both)
        self.copy = copy_button(theme, self.text, "Copies both tables, with tabs between the cells")
        self.add_to_head(self.copy)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._both.setSpacing(self.theme.px(32))
        self._left.setSpacing(self.theme.px(12))
        self._arrange()

    def _arrange(self) -> None:
        is_wide = self.width() >= self.theme.px(SIDE_BY_SIDE)
        self._both.setDirection(QBoxLayout.Direction.LeftToRight if is_wide else QBoxLayout.Direction.TopToBottom)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def show_history(self, history: History) -> None:
        """Shows the account of the attempt that ran last; there is one where `can_show`."""
        self._history = history
        self.moments.show_rows(reconcile.milestones(history))
        self.lines.show_rows(reconcile.lines(history))
        self.lesson.setText(corrections.lesson_in_words(history))

    @staticmethod
    def can_show(history: History) -> bool:
        """Whether a step of the run was looked into, and something was predicted of it."""
        return history.attributed is not None and history.predicted is not None

    def text(self) -> str:
        """Both tables in bytes, with tabs between, for a spreadsheet."""
        rows: list[tuple[str, ...]] = [
            ("", "predicted_bytes", "measured_bytes", "difference_bytes", "difference_percent")
        ]
        for row in (*reconcile.milestones(self._history), *reconcile.lines(self._history)):
            share = row.difference_share
            numbers = (row.predicted_bytes, row.measured_bytes, row.difference_bytes)
            percent = "" if share is None else f"{100 * share:.2f}"
            rows.append((row.title, *("" if number is None else str(number) for number in numbers), percent))
        return "".join("\t".join(cells) + "\n" for cells in rows)


class AccountTable(QWidget):
    """Rows of a reconciliation under their heads."""

    def __init__(self, theme: Theme, title: str) -> None:
        super().__init__()
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(label(title, "medium"), 0, 0, 1, 2)
        for column, words in enumerate(HEADS, start=2):
            self._grid.addWidget(label(words, "caption"), 0, column, Qt.AlignmentFlag.AlignRight)
        self._lines: list[_Line] = []
        self._rows: list[Row] = []
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(10))
        for place in range(len(self._lines)):
            height = self._theme.px(22) if place < len(self._rows) else 0
            self._grid.setRowMinimumHeight(2 * place + 2, height)

    def show_rows(self, rows: Sequence[Row]) -> None:
        """Shows the rows; those that are not known of a run have a dash."""
        self._rows = list(rows)
        while len(self._lines) < len(rows):
            self._lines.append(_Line(self._theme, self._grid, 2 * len(self._lines) + 1))
        for place, line in enumerate(self._lines):
            line.show_row(rows[place] if place < len(rows) else None, place + 1)
        self._restyle()

    def texts(self) -> list[tuple[str, ...]]:
        """Title, predicted, measured, difference in bytes and in percent of each row."""
        return [line.texts for line, _ in zip(self._lines, self._rows, strict=False)]


class _Line:
    """The widgets of one row in their grid."""

    def __init__(self, theme: Theme, grid: QGridLayout, row: int) -> None:
        self._divider = QFrame()
        self._divider.setProperty("role", "divider")
        self._mark = Mark(theme)
        self._title = ElidedLabel("", mode=Qt.TextElideMode.ElideRight)
        self._numbers: list[QLabel] = [label("", role) for role in ("sentence", "heading", "", "sentence")]
        grid.addWidget(self._divider, row, 0, 1, 2 + len(HEADS))
        grid.addWidget(self._mark, row + 1, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self._title, row + 1, 1)
        for column, number in enumerate(self._numbers, start=2):
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(number, row + 1, column)

    @property
    def texts(self) -> tuple[str, ...]:
        return self._title.whole, *(number.text() for number in self._numbers)

    def show_row(self, row: Row | None, number: int) -> None:
        for widget in (self._divider, self._mark, self._title, *self._numbers):
            widget.setVisible(row is not None)
        if row is None:
            return
        words = reconcile.row_in_words(row)
        self._mark.show_row(row.name, number)
        self._title.set_text(row.title)
        self._title.setToolTip(plain_tip(PART_HELP.get(PART_OF_LINE.get(row.name, ""), row.title)))
        for cell, text in zip(self._numbers, words, strict=True):
            cell.setText(text)
        predicted, measured, difference, share = words
        self._numbers[1].setAccessibleName(
            f"{row.title}: predicted {predicted}, measured {measured}, difference {difference}, {share}"
        )


class Mark(Canvas):
    """The disc of a moment or the colour of a line; nothing where a row is neither."""

    SIZE = (16, 16)
    GROWS = (False, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._name = ""
        self._number = 0

    def show_row(self, name: str, number: int) -> None:
        self._name, self._number = name, number
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._theme
        part = "overhead" if self._name == REST else PART_OF_LINE.get(self._name, "")
        if part:
            side = theme.px(11)
            box = QRectF(0, 0, side, side)
            box.moveCenter(QRectF(self.rect()).center())
            paint_block(painter, theme, part, box)
        elif self._name != TOTAL:
            paint_disc(painter, theme, self._number, QRectF(self.rect()))
