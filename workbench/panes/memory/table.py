"""The ledger of the chosen row, line by line with its formulas, and on what its figure rests."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QLabel

from workbench.core.memory.ledger import PARTS
from workbench.core.problems import UserError
from workbench.panes.charts.memory_blocks import PART_HELP, paint_block
from workbench.panes.look.theme import Theme
from workbench.panes.memory.model import MemoryModel
from workbench.panes.memory.words import learned_words, line_rows, lines_text
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import icon_button
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.table_rows import Column, Index, TableRows
from workbench.panes.parts.tables import COLOR, IS_STRONG, CellPainter, RowTable

# The widest name and size there are, in any font.
WIDEST_NAME, WIDEST_SIZE = "Unquantized", "1000.00"
LEAST_ROW, MOST_ROW = 23, 40
# The least height of what stands in a card's head, with a button in it or without.
HEAD = 24
DETAIL_LINES, LEAST_DETAIL_LINES, LOW = 3, 2, 280
LEARNED, PEAK = "learned", "peak"
SIZE, FORMULA = 1, 2
COLUMNS = (Column("Line", is_text=True), Column("Size"), Column("Formula", least=60, is_text=True))


class Sentences(QLabel):
    """Words that wrap in a height that is set: a layout that asks for heights by width forgets what is fixed."""

    def __init__(self, role: str) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", role)
        self.setMinimumWidth(1)

    def hasHeightForWidth(self) -> bool:
        return False

    def fit(self, width: int, least: int = 0) -> None:
        """As high as its words are in that width, and at least so high, all in pixels."""
        self.setMinimumHeight(0)  # a label's height for a width is never less than that
        self.setFixedHeight(max(least, self.heightForWidth(width) if self.text() else 0))


class LinesModel(TableRows):
    """Name, size, formula."""

    columns = COLUMNS

    def show_rows(self, rows: Sequence[tuple[str, str, str]]) -> None:
        if len(rows) != len(self.rows):
            super().show_rows(rows)
            return
        self.rows = rows
        self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, 2))

    def part(self, row: int) -> str:
        """The part of the ledger that a row is of, "learned" or "peak"."""
        if row < len(PARTS):
            return PARTS[row]
        return PEAK if row == len(self.rows) - 1 else LEARNED

    def row_of(self, part: str) -> int:
        return next((row for row in range(len(self.rows)) if self.part(row) == part), -1)

    def cell_text(self, row: tuple[str, str, str], column: int) -> str:
        return row[column]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        column = index.column()
        if role == IS_STRONG:
            return column == SIZE or (column == 0 and self.part(index.row()) in (PEAK, LEARNED))
        if role == COLOR:
            is_empty = self.rows[index.row()][SIZE] == "0"
            return "text.tertiary" if column == FORMULA or is_empty else "text.primary"
        return super().data(index, role)


class LinePainter(CellPainter):
    """A line with the swatch of its part, its formula in smaller letters."""

    def _draw_text(self, painter: QPainter, inside: QRect, index: Index, text: str) -> None:
        theme = self._theme
        if index.column() == 0:
            side = theme.px(11)
            part = index.model().part(index.row())  # type: ignore[attr-defined]
            if part in PARTS:
                paint_block(painter, theme, part, QRectF(inside.left(), inside.center().y() - side / 2, side, side))
            inside = inside.adjusted(theme.px(22), 0, 0, 0)
        if index.column() == FORMULA:
            painter.setFont(theme.font("small"))
            painter.setPen(theme.color("text.secondary"))
            shortened = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
            painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shortened)
            return
        super()._draw_text(painter, inside, index, text)


class LinesTable(RowTable):
    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Memory line by line", COLUMNS)
        self.setItemDelegate(LinePainter(theme, self))
        self.horizontalHeader().hide()
        self.lines = LinesModel()
        self.setModel(self.lines)
        self.lines.modelReset.connect(self.share_out)
        self.share_out()

    def width_of(self, place: int) -> int:
        metrics = QFontMetrics(self._theme.font("body", weight=600))
        words, beside = (WIDEST_SIZE, 12) if place == SIZE else (WIDEST_NAME, 48)
        return metrics.horizontalAdvance(words) + self._theme.px(beside)

    def share_out(self) -> None:
        """Rows as high as there is room for, within reason; the formula takes what is left of the width."""
        px = self._theme.px
        rows = max(1, self.lines.rowCount())
        high = max(px(LEAST_ROW), min(px(MOST_ROW), (self.viewport().height() - 1) // rows))
        self.verticalHeader().setMinimumSectionSize(high)
        self.verticalHeader().setDefaultSectionSize(high)
        super().share_out()


class LinesCard(Card):
    """The table, and below it the chosen line in full."""

    def __init__(self, theme: Theme, model: MemoryModel) -> None:
        super().__init__(theme, "Line by line", "GB")
        self._model = model
        self.set_margins(1, 0, 1, 6)
        self.set_least_head(HEAD)
        self.table = LinesTable(theme)
        self.body.addWidget(self.table, 1)
        self.unknown = Sentences("problem")
        self.unknown.setProperty("state", "warn")
        self.unknown.hide()
        self.detail = Sentences("small")
        self.detail.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.body.addWidget(self.unknown)
        self.body.addWidget(self.detail)
        self.forget = icon_button("Forget what runs on this card have taught", theme, "arrow-counter-clockwise")
        self.forget.clicked.connect(self._forget)
        self.copy = copy_button(theme, self._text, "Copies the lines with their formulas, with tabs between them")
        self.add_to_head(self.forget)
        self.add_to_head(self.copy)
        self._is_sure = False
        self._least_detail = 0  # pixels
        self.table.row_chosen.connect(lambda _index: self._describe_line())
        theme.follow(self._space)

    def _space(self) -> None:
        pad = self.theme.size("size.card_padding")
        high = QFontMetrics(self.theme.font("small")).lineSpacing()
        lines = LEAST_DETAIL_LINES if self.height() < self.theme.px(LOW) else DETAIL_LINES
        for words in (self.detail, self.unknown):
            words.setContentsMargins(pad, 0, pad, 0)
        self._least_detail = lines * high + self.theme.px(2)
        self._fit_detail()
        self.unknown.fit(self.width() - 2)
        small = f"QPushButton {{ min-height: {self.theme.px(18)}px; margin: 0; padding: 0 {self.theme.px(6)}px; }}"
        self.copy.setStyleSheet(small)

    def _show_detail(self, words: str) -> None:
        self.detail.setText(words)
        self._fit_detail()

    def _fit_detail(self) -> None:
        """A line's words keep their height from one line to the next, unless they need more."""
        self.detail.fit(self.width() - 2, self._least_detail)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._space()

    def show_part(self, part: str) -> None:
        """Chooses a line."""
        row = self.table.lines.row_of(part)
        if row >= 0:
            self.table.setCurrentIndex(self.table.lines.index(row, 0))

    @property
    def part(self) -> str:
        index = self.table.currentIndex()
        return self.table.lines.part(index.row()) if index.isValid() else PEAK

    def refresh(self) -> None:
        model, row = self._model, self._model.row
        self.title.setText(f"{_short(model.title)}, line by line")
        self.scope.setText(model.unit)
        self.setEnabled(row is not None)
        if row is None:
            return
        part = self.part
        self.table.lines.show_rows(line_rows(row, model.unit))
        if not self.table.currentIndex().isValid():
            self.show_part(part)
        self.unknown.setText(" ".join(row.ledger.unknown))
        self.unknown.setVisible(bool(row.ledger.unknown))
        self.unknown.fit(self.width() - 2)
        self._is_sure = False
        self.forget.setVisible(model.correction.runs > 0)
        self._describe_line()

    def _describe_line(self) -> None:
        """The chosen line whole; of the peak, on what it rests."""
        model, row, part = self._model, self._model.row, self.part
        if row is None:
            return
        if self._is_sure:
            return
        if part in (PEAK, LEARNED):
            words = f"The peak comes in the {row.ledger.moment}. {learned_words(model)}"
            if row.ledger.peak == "loss":
                words = f"The peak comes at the {row.ledger.moment}. {learned_words(model)}"
        else:
            line = row.ledger.lines[PARTS.index(part)]
            words = f"{line.formula[:1].upper()}{line.formula[1:]}. {PART_HELP[part]}"
        self._show_detail(words)

    def _text(self) -> str:
        return lines_text(self._model.row, self._model.unit) if self._model.row is not None else ""

    def _forget(self) -> None:
        """Asked twice: what is forgotten comes back with new runs alone."""
        if not self._is_sure:
            self._is_sure = True
            count = self._model.correction.runs
            runs = f"{count} finished run{'s' * (count != 1)}"
            self._show_detail(f"What {runs} have taught will be forgotten. Press again to do it.")
            return
        self._is_sure = False
        try:
            self._model.forget()
        except UserError as error:
            self._show_detail(str(error))


def _short(title: str) -> str:
    return title if len(title) <= 24 else f"{title[:23]}…"
