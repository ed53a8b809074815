"""The error of several formats side by side, as bars and a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QStyleOptionViewItem, QTableView

from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.numerics.quantization_scheme import Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Index, TableRows
from workbench.panes.parts.tables import IS_STRONG, PAD, CellPainter, RowTable
from workbench.panes.quantize.layer.words import number, title_of

NAME, BITS, BAR, MEAN, LARGEST, SNR = range(6)
TITLES = ("Format", "bits", "", "mean", "largest", "SNR, dB")
WIDTHS = {BITS: 52, BAR: 66, MEAN: 78, LARGEST: 78, SNR: 78}
# Where there is more room than this for the name, the bars get it.
MOST_NAME = 190
LEAST_NAME = 120
# What goes first where the name would have less than that.
DROPPED = (LARGEST, BITS, BAR)
TIPS = {
    BITS: "Bits for one weight, with what its block, row or tensor keeps beside the codes.",
    MEAN: "The mean magnitude of the error, restored less stored.",
    LARGEST: "The largest magnitude of the error.",
    SNR: "The signal-to-noise ratio: 10 log10 of the sum of the squared weights over that of the squared errors.",
}
SHARE = int(Qt.ItemDataRole.UserRole) + 40


@dataclass(frozen=True)
class ErrorRow:
    """A format, and what is known of it; nothing while it is worked out."""

    scheme: Scheme
    facts: TensorFacts | None = None


class _Rows(TableRows):
    titles = TITLES
    tips = TIPS
    at_left = (NAME, BAR)

    def show(self, rows: Sequence[ErrorRow]) -> None:
        if [row.scheme for row in rows] == [row.scheme for row in self.rows]:
            self.rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, len(TITLES) - 1))
            return
        self.show_rows(list(rows))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{TITLES[column]}: {self._text(row, column)}" if column != BAR else ""
            case Qt.ItemDataRole.TextAlignmentRole if column not in (NAME, BAR):
                return int(Qt.AlignmentFlag.AlignRight)
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return row.scheme.title + (" with double quantization" if row.scheme.double_quant else "")
            case _ if role == IS_STRONG:
                return column == SNR
            case _ if role == SHARE and column == BAR:
                return self._share(row)
        return None

    def _text(self, row: ErrorRow, column: int) -> str:
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
                return number(measures.mean_abs_error) if measures.mean_abs_error else "0"
            case _ if column == LARGEST:
                return number(measures.max_abs_error) if measures.max_abs_error else "0"
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

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(theme, parent)
        self._look = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(self._look.px(40), self._look.px(27))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if index.column() == SNR:  # the ground goes to the card's edge, the number keeps the card's padding
            super().paint(painter, option, index.sibling(index.row(), BAR))
            option = QStyleOptionViewItem(option)
            option.rect = option.rect.adjusted(0, 0, self._look.px(PAD) - self._look.size("size.card_padding"), 0)
        super().paint(painter, option, index)
        share = index.data(SHARE)
        if not share:
            return
        px = self._look.px
        box = QRectF(option.rect).adjusted(px(10), 0, -px(2), 0)
        bar = QRectF(box.left(), round(box.center().y() - px(4)), max(2.0, box.width() * share), px(8))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.color("status.warn"))
        painter.drawRoundedRect(bar, 2, 2)
        painter.restore()


class ErrorTable(RowTable):
    """Rows of formats; to choose one is to choose the format.

    Signals:
        picked: The Scheme that was chosen by hand.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Error by format")
        self._rows = _Rows()
        self._is_following = False
        self.setModel(self._rows)
        self.setItemDelegate(_Cells(theme, self))
        self.row_chosen.connect(self._tell)
        theme.changed.connect(self._fit)

    def _restyle(self) -> None:
        super()._restyle()
        edge = self._theme.size("size.card_padding")
        self.setStyleSheet(f"{self.styleSheet()} QHeaderView::section:last {{ padding-right: {edge}px; }}")

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._theme.px(27) * 5 + self.horizontalHeader().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(27) * 2 + self.horizontalHeader().sizeHint().height())

    @property
    def rows(self) -> list[ErrorRow]:
        return list(self._rows.rows)

    def show_rows(self, rows: Sequence[ErrorRow], chosen: Scheme | None) -> None:
        self._is_following = True
        self._rows.show(rows)
        place = next((place for place, row in enumerate(rows) if row.scheme == chosen), -1)
        self.setCurrentIndex(self._rows.index(place, 0) if place >= 0 else QModelIndex())
        self._is_following = False
        if place >= 0:
            self.scrollTo(self._rows.index(place, 0))
        self.viewport().update()

    def text(self, row: int, column: int) -> str:
        return str(self._rows.index(row, column).data())

    def _tell(self, index: QModelIndex) -> None:
        if not self._is_following and index.isValid():
            self.picked.emit(self._rows.rows[index.row()].scheme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
        if self.currentIndex().isValid():
            self.scrollTo(self.currentIndex())

    def _fit(self) -> None:
        widths = {column: self._theme.px(width) for column, width in WIDTHS.items()}
        room = self.viewport().width()
        for column in DROPPED:
            if room - sum(widths.values()) < self._theme.px(LEAST_NAME):
                widths.pop(column)
        for column in WIDTHS:
            self.setColumnHidden(column, column not in widths)
            if column in widths:
                self.setColumnWidth(column, widths[column])
        name = max(self._theme.px(60), room - sum(widths.values()))
        if BAR in widths and name > self._theme.px(MOST_NAME):
            self.setColumnWidth(BAR, widths[BAR] + name - self._theme.px(MOST_NAME))
            name = self._theme.px(MOST_NAME)
        self.setColumnWidth(NAME, name)
