"""The table of runs: a model that changes row by row, and a view that drops columns where there is no room."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt

from workbench.core.runs.row import RunRow
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
from workbench.panes.parts.table_rows import Column, Index, TableRows
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, SORT, TAG, RowTable

# What is hidden stands in the details.
COLUMNS = (
    Column("Name", least=250, is_text=True),
    Column("State", 112, is_text=True),
    Column("Step", 96, goes=6),
    Column("Last loss", 72, goes=5),
    Column("Model", 150, goes=1, is_text=True),
    Column("Precision", 72, goes=3, is_text=True),
    Column("Started", 128, goes=4, is_text=True),
    Column("Elapsed", 70, goes=2),
)


class RunsModel(TableRows):
    """The rows of a RunList; what stays the same is not emitted again, so that views keep their place."""

    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []

    def row(self, index: Index) -> RunRow:
        return self.rows[index.row()]

    def index_of(self, path: Path | None) -> QModelIndex:
        """The first cell of the run in a folder; invalid where it is not listed."""
        number = next((number for number, row in enumerate(self.rows) if row.path == path), -1)
        return self.index(number, 0) if number >= 0 else QModelIndex()

    def show(self, rows: Sequence[RunRow]) -> None:
        """Takes the runs as they are now."""
        now = {row.path: row for row in rows}
        for number in range(len(self.rows) - 1, -1, -1):
            if self.rows[number].path not in now:
                self.beginRemoveRows(QModelIndex(), number, number)
                del self.rows[number]
                self.endRemoveRows()
        for number, before in enumerate(self.rows):
            after = now.pop(before.path)
            if after != before:
                self.rows[number] = after
                self.dataChanged.emit(self.index(number, 0), self.index(number, len(COLUMNS) - 1))
        if now:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(now) - 1)
            self.rows.extend(now.values())
            self.endInsertRows()

    def cell_text(self, row: RunRow, column: int) -> str:
        return cell_text(row, column) if column != STATE else ""

    def cell_look(self, row: RunRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return cell_text(row, column)
            case Qt.ItemDataRole.ToolTipRole if column == NAME:
                return plain_tip(row.error or row.name)
            case Qt.ItemDataRole.ToolTipRole if column == MODEL:
                return plain_tip(row.model)
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
        texts = [row.name, row.model, row.data, *(cell_text(row, column) for column in (STATE, MODEL, PRECISION))]
        whole = " ".join(texts).casefold()
        return all(word in whole for word in self._words)


class RunsTable(RowTable):
    """The table of a RunsProxy."""

    def __init__(self, theme: Theme, proxy: RunsProxy) -> None:
        super().__init__(theme, "Runs", COLUMNS)
        self.setModel(proxy)
        self.setSortingEnabled(True)
        self.horizontalHeader().setSortIndicator(STARTED, Qt.SortOrder.DescendingOrder)


def _sort_key(row: RunRow, column: int) -> Any:
    keys = {
        STEP: row.step,
        LOSS: row.loss_last if row.loss_last is not None and row.loss_last == row.loss_last else float("inf"),
        STARTED: f"{row.started_at.isoformat()} {_padded(row.name)}",
        ELAPSED: row.elapsed_seconds,
    }
    return keys[column] if column in keys else cell_text(row, column)


def _padded(name: str) -> str:
    """A name that sorts as it counts: "-10" after "-2"."""
    return re.sub(r"\d+", lambda match: match[0].zfill(8), name)
