"""What the models of tables share: rows under titles, some columns at the left and the others at the right."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex


class TableRows(QAbstractTableModel):
    """Rows of one kind; a table says what stands in their cells by `data`."""

    titles: Sequence[str]
    tips: ClassVar[Mapping[int, str]] = {}
    at_left: tuple[int, ...] = (0,)

    def __init__(self) -> None:
        super().__init__()
        self.rows: Sequence[Any] = ()

    def show_rows(self, rows: Sequence[Any]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.titles)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self.titles[section]
            case Qt.ItemDataRole.ToolTipRole:
                return self.tips.get(section)
            case Qt.ItemDataRole.TextAlignmentRole:
                across = Qt.AlignmentFlag.AlignLeft if section in self.at_left else Qt.AlignmentFlag.AlignRight
                return across | Qt.AlignmentFlag.AlignVCenter
        return None
