"""What the models of tables share: columns that are declared once, and rows of one kind below them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its header.
        width: In pixels of the drawing.
        least: Of the one column that gets what the others leave: the width for which others go. It has no `width`.
        goes: Its turn to be hidden where that column has less; 0 stays.
        tip: Said of its header.
        is_text: Stands at the left, as words do; figures stand at the right.
    """

    title: str
    width: int = 0
    least: int = 0
    goes: int = 0
    tip: str = ""
    is_text: bool = False


class TableRows(QAbstractTableModel):
    """Rows of one kind; a table says what its cells hold by `cell_text`, and how they look by `cell_look`."""

    columns: Sequence[Column]

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Any] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def cell_text(self, row: Any, column: int) -> str:
        raise NotImplementedError

    def cell_look(self, row: Any, column: int, role: int) -> Any:
        """What a cell has besides its text, by the roles of `tables`; None for what it has not."""

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return column.title
            case Qt.ItemDataRole.ToolTipRole:
                return column.tip or None
            case Qt.ItemDataRole.TextAlignmentRole:
                across = Qt.AlignmentFlag.AlignLeft if column.is_text else Qt.AlignmentFlag.AlignRight
                return across | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        look = self.cell_look(row, column, role)
        if look is not None:
            return look
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.cell_text(row, column)
            case Qt.ItemDataRole.TextAlignmentRole if not self.columns[column].is_text:
                return int(Qt.AlignmentFlag.AlignRight)
        return None


def titled(column: Column, text: str) -> str:
    """What a screen reader is told of a cell."""
    return f"{column.title}: {text}"
