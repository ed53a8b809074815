"""The ten matrices that lose most in one format."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt

from workbench.core.figures import in_digits
from workbench.core.problems import shown
from workbench.core.quantized.matrix_errors import MatrixErrors, Measure
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.table_rows import Column, TableRows, titled
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, FollowingTable
from workbench.panes.quantize.layer.tensors import short_name
from workbench.panes.quantize.whole.words import value_in_words

MOST = 10
NAME, SNR, RMSE, MEAN, LARGEST = range(5)
COLUMNS = (
    Column("Matrix", least=150, is_text=True),
    Column("SNR, dB", 64),
    Column("RMS", 70, goes=3),
    Column("mean", 70, goes=2),
    Column("largest", 70, goes=1),
)
BY_COLUMN = {SNR: Measure.SNR, RMSE: Measure.RMSE, MEAN: Measure.MEAN}


class _Rows(TableRows):
    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self.by = Measure.SNR

    def show(self, rows: Sequence[MatrixErrors], by: Measure) -> None:
        self.by = by
        self.show_rows(list(rows))

    def cell_text(self, row: MatrixErrors, column: int) -> str:
        if column == NAME:
            return shown(short_name(row.name), 400)
        if column == LARGEST:
            return "" if row.largest is None else in_digits(row.largest)
        return value_in_words(row, BY_COLUMN[column], has_unit=False)

    def cell_look(self, row: MatrixErrors, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column))
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return plain_tip(row.name)
            case _ if role == IS_STRONG:
                return BY_COLUMN.get(column) is self.by
            case _ if role == ELIDE and column == NAME:
                return int(Qt.TextElideMode.ElideMiddle.value)
            case _ if role == COLOR and column not in (NAME, SNR) and BY_COLUMN.get(column) is not self.by:
                return "text.secondary"
        return None


class WorstTable(FollowingTable):
    """To choose a row is to choose its cell in the map."""

    def __init__(self, theme: Theme) -> None:
        self._worst = _Rows()
        super().__init__(theme, "The ten matrices that lose most", self._worst, lambda row: row.name)

    def show_rows(self, rows: Sequence[MatrixErrors], by: Measure) -> None:
        if list(rows) == self.rows and by is self._worst.by:
            return
        with self.following():
            self._worst.show(rows, by)
        self.viewport().update()

    def follow(self, names: Sequence[str]) -> None:
        """Marks the first row of one of these names without telling it."""
        self.mark(next((place for place, row in enumerate(self.rows) if row.name in names), -1))
