"""The rows of a sheet and what becomes of each column, as a table's model."""

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from workbench.core.units import grouped
from workbench.panes.data.mapping.roles import BECOMES, LEARNED, UNUSED, Choice, letter
from workbench.panes.data.mapping.sheet_rows import Sheet, SheetRow
from workbench.panes.parts.controls import plain_tip

Index = QModelIndex | QPersistentModelIndex


class SheetModel(QAbstractTableModel):
    """The rows that are wanted, under the names of their columns."""

    def __init__(self) -> None:
        super().__init__()
        self.sheet = Sheet()
        self.rows: list[SheetRow] = []
        self.choice = Choice()
        self._answer = 0  # the column to blame where none is named
        self._place_of: dict[str, int] = {}

    def show(self, sheet: Sheet, rows: list[SheetRow], choice: Choice) -> None:
        self.beginResetModel()
        self.sheet, self.rows, self.choice = sheet, rows, choice
        learned = (column for column in range(len(sheet.names)) if self.becomes(column) == LEARNED)
        self._answer = next(learned, 0)
        self._place_of = {name: column for column, name in enumerate(sheet.names)}
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.sheet.names)

    def role_of(self, column: int) -> str:
        """The role of a column; empty for one that is not used."""
        return self.choice.roles.get(self.sheet.names[column], "")

    def becomes(self, column: int) -> str:
        """What becomes of a column: read, learned, not used, or nothing of the kind for a group."""
        role = self.role_of(column)
        return BECOMES.get(role, "") if role else UNUSED

    def is_left_out(self, row: int) -> bool:
        """Whether a row is not learned from; of a choice that lacks a side nothing can be said."""
        return bool(self.rows[row].why) and not self.choice.missing

    def why(self, row: int, column: int) -> str:
        """Why a row is left out, where this is the cell to blame."""
        if not self.is_left_out(row):
            return ""
        found = self.rows[row]
        return found.why if column == self._place_of.get(found.blamed, self._answer) else ""

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        text = self.why(row, column) or self.rows[row].cells[column]
        if role == Qt.ItemDataRole.DisplayRole:
            return text
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(text[:800]) if len(text) > 12 else None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self.sheet.names[column]}: {text}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return grouped(self.rows[section].place.line) if role == Qt.ItemDataRole.DisplayRole else None
        name, taken = self.sheet.names[section], self.role_of(section) or UNUSED
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            becomes = self.becomes(section)
            more = f", {becomes}" if becomes not in ("", UNUSED) else ""
            return plain_tip(f"{name[:300]}: column {letter(section)}, {taken}{more}")
        return None
