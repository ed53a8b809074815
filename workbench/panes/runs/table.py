"""The table of runs: a model that changes row by row, and a view that drops columns where there is no room."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt
from PySide6.QtGui import QResizeEvent

from workbench.bridge.run_list import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.run_words import (
    ELAPSED,
    LOSS,
    MODEL,
    NAME,
    PRECISION,
    STARTED,
    STATE,
    STEP,
    TAG_OF_STATE,
    cell_text,
)
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, SORT, TAG, RowTable

Index = QModelIndex | QPersistentModelIndex

TITLES = ("Name", "State", "Step", "Last loss", "Model", "Precision", "Started", "Elapsed")
WIDTHS = {STATE: 112, STEP: 96, LOSS: 72, MODEL: 150, PRECISION: 72, STARTED: 128, ELAPSED: 70}
AT_THE_RIGHT = (STEP, LOSS, ELAPSED)
# What goes first where the name would have less than this; all of it stands in the details.
LEAST_NAME = 250
DROPPED = (MODEL, ELAPSED, PRECISION, STARTED, LOSS, STEP)


class RunsModel(QAbstractTableModel):
    """The rows of a RunList; what stays the same is not told anew, so that views keep their place."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[RunRow] = []

    def row(self, index: Index) -> RunRow:
        return self._rows[index.row()]

    def index_of(self, path: Path | None) -> QModelIndex:
        """The first cell of the run in a folder; invalid where it is not listed."""
        number = next((number for number, row in enumerate(self._rows) if row.path == path), -1)
        return self.index(number, 0) if number >= 0 else QModelIndex()

    def show(self, rows: Sequence[RunRow]) -> None:
        """Takes the runs as they are now."""
        now = {row.path: row for row in rows}
        for number in range(len(self._rows) - 1, -1, -1):
            if self._rows[number].path not in now:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self._rows[number]
                self.endRemoveRows()
        for number, before in enumerate(self._rows):
            after = now.pop(before.path)
            if after != before:
                self._rows[number] = after
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(TITLES) - 1))
        if now:
            self.beginInsertRows(QModelIndex(), len(self._rows), len(self._rows) + len(now) - 1)
            self._rows.extend(now.values())
            self.endInsertRows()

    # -- what Qt asks -------------------------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - as Qt declares it
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(TITLES)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            across = Qt.AlignmentFlag.AlignRight if section in AT_THE_RIGHT else Qt.AlignmentFlag.AlignLeft
            return across | Qt.AlignmentFlag.AlignVCenter
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return cell_text(row, column) if column != STATE else ""
            case Qt.ItemDataRole.AccessibleTextRole:
                return TAG_OF_STATE[row.state][0] if column == STATE else cell_text(row, column)
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return plain_tip(row.error or row.name)
            case Qt.ItemDataRole.ToolTipRole if column == MODEL:
                return plain_tip(row.model)
            case Qt.ItemDataRole.TextAlignmentRole if column in AT_THE_RIGHT:
                return int(Qt.AlignmentFlag.AlignRight)
            case _ if role == TAG and column == STATE:
                return TAG_OF_STATE[row.state]
            case _ if role == TAG and column == NAME and row.error:
                return ("broken recipe", "warn", "warning")
            case _ if role == SORT:
                return _sort_key(row, column)
            case _ if role == COLOR and column in (MODEL, PRECISION, STARTED, ELAPSED):
                return "text.secondary"
            case _ if role == IS_STRONG:
                return column == LOSS
            case _ if role == ELIDE and column in (NAME, MODEL):
                return Qt.TextElideMode.ElideMiddle
        return None


class RunsProxy(QSortFilterProxyModel):
    """The runs that hold all the words of a filter, in the order of a column."""

    def __init__(self, source: RunsModel) -> None:
        super().__init__()
        self._source = source
        self._words: list[str] = []
        self.setSourceModel(source)
        self.setSortRole(SORT)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.sort(STARTED, Qt.SortOrder.DescendingOrder)

    def look_for(self, text: str) -> None:
        self.beginFilterChange()
        self._words = text.casefold().split()
        self.endFilterChange()

    def filterAcceptsRow(self, number: int, parent: Index) -> bool:
        row = self._source.row(self._source.index(number, 0))
        told = [row.name, row.model, row.data, *(cell_text(row, column) for column in (STATE, MODEL, PRECISION))]
        whole = " ".join(told).casefold()
        return all(word in whole for word in self._words)


class RunsTable(RowTable):
    """The table of a RunsProxy."""

    def __init__(self, theme: Theme, proxy: RunsProxy) -> None:
        super().__init__(theme, "Runs")
        self.setModel(proxy)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(STARTED, Qt.SortOrder.DescendingOrder)
        theme.changed.connect(self._share_out)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        """Gives the name what the others leave; drops them one by one where that is too little."""
        widths = {column: self._theme.px(width) for column, width in WIDTHS.items()}
        room = self.viewport().width()
        shown = dict(widths)
        for column in DROPPED:
            if room - sum(shown.values()) >= self._theme.px(LEAST_NAME):
                break
            del shown[column]
        for column, width in widths.items():
            self.setColumnHidden(column, column not in shown)
            self.setColumnWidth(column, width)
        self.setColumnWidth(NAME, max(self._theme.px(60), room - sum(shown.values())))


def _sort_key(row: RunRow, column: int) -> Any:
    keys = {
        STEP: row.step,
        LOSS: row.loss_last if row.loss_last is not None and row.loss_last == row.loss_last else float("inf"),
        STARTED: f"{row.started_at.isoformat() if row.started_at else ''} {_padded(row.name)}",
        ELAPSED: row.elapsed_seconds,
    }
    return keys[column] if column in keys else cell_text(row, column)


def _padded(name: str) -> str:
    """A name that sorts as it counts: "-10" after "-2"."""
    return re.sub(r"\d+", lambda match: match[0].zfill(8), name)
