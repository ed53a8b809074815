"""The error of several formats side by side, as bars and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem

from workbench.core.figures import in_digits
from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.numerics.quantization_scheme import Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import IS_STRONG, PAD, CellPainter, FollowingTable
from workbench.panes.quantize.layer.words import title_of

NAME, BITS, BAR, MEAN, LARGEST, SNR = range(6)
COLUMNS = (
    Column("Format", least=120, is_text=True),
    Column("bits", 52, goes=2, tip="Bits for one weight, with what its block, row or tensor keeps beside the codes."),
    Column("", 66, goes=3, is_text=True),
    Column("mean", 78, tip="The mean magnitude of the error, restored less stored."),
    Column("largest", 78, goes=1, tip="The largest magnitude of the error."),
    Column(
        "SNR, dB",
        78,
        tip="The signal-to-noise ratio: 10 log10 of the sum of the squared weights over that of the squared errors.",
    ),
)
# Where there is more room than this for the name, the bars get it.
MOST_NAME = 190
SHARE = int(Qt.ItemDataRole.UserRole) + 40


@dataclass(frozen=True)
class ErrorRow:
    """A format, and what is known of it; nothing while it is worked out."""

    scheme: Scheme
    facts: TensorFacts | None = None


class _Rows(TableRows):
    columns = COLUMNS

    def show(self, rows: Sequence[ErrorRow]) -> None:
        if [row.scheme for row in rows] == [row.scheme for row in self.rows]:
            self.rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(COLUMNS) - 1))
            return
        self.show_rows(list(rows))

    def cell_look(self, row: ErrorRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column)) if column != BAR else ""
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return row.scheme.title + (" with double quantization" if row.scheme.double_quant else "")
            case _ if role == IS_STRONG:
                return column == SNR
            case _ if role == SHARE and column == BAR:
                return self._share(row)
        return None

    def cell_text(self, row: ErrorRow, column: int) -> str:
        if column == NAME:
            return title_of(row.scheme)
        if column == BAR:
            return ""
        if row.facts is None or row.facts.measures is None:
            return "\u2026"
        measures = row.facts.measures
        match column:
            case _ if column == BITS:
                return f"{row.facts.bits_per_weight:.3f}"
            case _ if column == MEAN:
                return in_digits(measures.mean_abs_error) if measures.mean_abs_error else "0"
            case _ if column == LARGEST:
                return in_digits(measures.max_abs_error) if measures.max_abs_error else "0"
            case _:
                return f"{measures.snr_db:.1f}" if measures.snr_db is not None else "exact"

    def _share(self, row: ErrorRow) -> float:
        """The mean error, of the largest among the rows."""
        means = [other.facts.measures.mean_abs_error for other in self.rows if other.facts and other.facts.measures]
        if row.facts is None or row.facts.measures is None or not max(means, default=0):
            return 0.0
        return float(row.facts.measures.mean_abs_error / max(means))


class _Cells(CellPainter):
    """Draws the bars, too."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.column() == SNR:  # the ground goes to the card's edge, the number keeps the card's padding
            super().paint(painter, option, index.sibling(index.row(), BAR))
            option = QStyleOptionViewItem(option)
            option.rect = option.rect.adjusted(0, 0, self._theme.px(PAD) - self._theme.size("size.card_padding"), 0)
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if not share:
            return
        px = self._theme.px
        box = QRectF(option.rect).adjusted(px(10), 0, -px(2), 0)
        bar = QRectF(box.left(), round(box.center().y() - px(4)), max(2.0, box.width() * share), px(8))
        paint_bar(painter, bar, self._theme.color("status.warn"))


class ErrorTable(FollowingTable):
    """Rows of formats; to choose one is to choose the format."""

    LEAST_ROWS, WANTED_ROWS = 2, 5

    def __init__(self, theme: Theme) -> None:
        self._errors = _Rows()
        super().__init__(theme, "Error by format", self._errors, lambda row: row.scheme)
        self.setItemDelegate(_Cells(theme, self))

    def _restyle(self) -> None:
        super()._restyle()
        edge = self._theme.size("size.card_padding")
        self.setStyleSheet(f"{self.styleSheet()} QHeaderView::section:last {{ padding-right: {edge}px; }}")

    def show_rows(self, rows: Sequence[ErrorRow], chosen: Scheme | None) -> None:
        with self.following():
            self._errors.show(rows)
        place = next((place for place, row in enumerate(rows) if row.scheme == chosen), -1)
        self.mark(place)
        if place >= 0:
            self.scrollTo(self._errors.index(place, 0))
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def share_out(self) -> None:
        """Gives the bars what the name has too much."""
        super().share_out()
        most, name = self._theme.px(MOST_NAME), self.columnWidth(NAME)
        if name > most and not self.isColumnHidden(BAR):
            self.setColumnWidth(BAR, self.columnWidth(BAR) + name - most)
            self.setColumnWidth(NAME, most)
