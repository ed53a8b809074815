"""The ten matrices that lose most in one format."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent

from workbench.core.problems import shown
from workbench.core.quantized.matrix_errors import MatrixErrors, Measure
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.table_rows import Index, TableRows
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, RowTable
from workbench.panes.quantize.layer.tensors import short_name
from workbench.panes.quantize.whole.words import figure, value_in_words

MOST = 10
NAME, SNR, RMSE, MEAN, LARGEST = range(5)
TITLES = ("Matrix", "SNR, dB", "RMS", "mean", "largest")
BY_COLUMN = {SNR: Measure.SNR, RMSE: Measure.RMSE, MEAN: Measure.MEAN}
WIDTHS = {SNR: 64, RMSE: 70, MEAN: 70, LARGEST: 70}
LEAST_NAME = 150
DROPPED = (LARGEST, MEAN, RMSE)


class _Rows(TableRows):
    titles = TITLES

    def __init__(self) -> None:
        super().__init__()
        self.by = Measure.SNR

    def show(self, rows: Sequence[MatrixErrors], by: Measure) -> None:
        self.by = by
        self.show_rows(list(rows))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(row, column)
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{TITLES[column]}: {self._text(row, column)}"
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return plain_tip(row.name)
            case Qt.ItemDataRole.TextAlignmentRole if column != NAME:
                return int(Qt.AlignmentFlag.AlignRight)
            case _ if role == IS_STRONG:
                return BY_COLUMN.get(column) is self.by
            case _ if role == ELIDE and column == NAME:
                return int(Qt.TextElideMode.ElideMiddle.value)
            case _ if role == COLOR and column not in (NAME, SNR) and BY_COLUMN.get(column) is not self.by:
                return "text.secondary"
        return None

    @staticmethod
    def _text(row: MatrixErrors, column: int) -> str:
        if column == NAME:
            return shown(short_name(row.name), 400)
        if column == LARGEST:
            return "" if row.largest is None else figure(row.largest)
        return value_in_words(row, BY_COLUMN[column], has_unit=False)


class WorstTable(RowTable):
    """To choose a row is to choose its cell in the map.

    Signals:
        picked: The name of the matrix that was chosen by hand.
    """

    picked = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "The ten matrices that lose most")
        self._rows = _Rows()
        self._is_following = False
        self.setModel(self._rows)
        self.row_chosen.connect(self._tell)
        theme.changed.connect(self._fit)

    @property
    def rows(self) -> list[MatrixErrors]:
        return list(self._rows.rows)

    def show_rows(self, rows: Sequence[MatrixErrors], by: Measure) -> None:
        if list(rows) == self.rows and by is self._rows.by:
            return
        self._is_following = True
        self._rows.show(rows, by)
        self._is_following = False
        self.viewport().update()

    def follow(self, names: Sequence[str]) -> None:
        """Marks the first row of one of these names without telling it."""
        place = next((place for place, row in enumerate(self._rows.rows) if row.name in names), -1)
        self._is_following = True
        self.setCurrentIndex(self._rows.index(place, 0) if place >= 0 else QModelIndex())
        self._is_following = False

    def text(self, row: int, column: int) -> str:
        return str(self._rows.index(row, column).data())

    def _tell(self, index: QModelIndex) -> None:
        if not self._is_following and index.isValid():
            self.picked.emit(self._rows.rows[index.row()].name)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._theme.px(27) * 6 + self.horizontalHeader().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(27) * 3 + self.horizontalHeader().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

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
        self.setColumnWidth(NAME, max(self._theme.px(60), room - sum(widths.values())))
