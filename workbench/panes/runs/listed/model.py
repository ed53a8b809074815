"""The rows of the table of runs: what changes is emitted row by row, so that views keep their place."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QSortFilterProxyModel, Qt

from workbench.core.runs.row import RunRow
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.table_rows import Index, TableRows
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, SORT
from workbench.panes.runs.listed.columns import (
    COLUMNS,
    At,
    cell_text,
    is_broken,
    is_by_person,
    look_of_state,
    right_of,
    sort_key,
    steps_of,
    trouble_of,
)

# What the painter of cells is told beside the text: the letter and whether there is one, figures in two tones, tags.
LETTER = SORT + 1
TWO_TONES = LETTER + 1  # (strong, quiet)
STATE = LETTER + 2  # (word, colour, icon)
TAGS = LETTER + 3
BY_PERSON = LETTER + 4
_QUIET = (At.MODEL, At.DATA, At.STARTED, At.NOTES)


class RunsModel(TableRows):
    """The rows of a RunList, each with its letter where it is compared."""

    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[RunRow] = []
        self._letters: Mapping[Path, str] = {}
        self._places: dict[Path, int] = {}

    def row(self, index: Index) -> RunRow:
        return self.rows[index.row()]

    def index_of(self, path: Path | None) -> QModelIndex:
        """The first cell of the run in a folder; invalid where it is not listed."""
        place = self._places.get(path, -1) if path is not None else -1
        return self.index(place, 0) if place >= 0 else QModelIndex()

    def show(self, rows: Sequence[RunRow]) -> None:
        """Takes the runs as they are now."""
        now = {row.path: row for row in rows}
        for place in range(len(self.rows) - 1, -1, -1):
            if self.rows[place].path not in now:
                self.beginRemoveRows(QModelIndex(), place, place)
                del self.rows[place]
                self._count_places()
                self.endRemoveRows()
        for place, before in enumerate(self.rows):
            after = now.pop(before.path)
            if after != before:
                self.rows[place] = after
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(COLUMNS) - 1))
        if now:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(now) - 1)
            self.rows.extend(now.values())
            self._count_places()
            self.endInsertRows()

    def _count_places(self) -> None:
        self._places = {row.path: place for place, row in enumerate(self.rows)}

    def show_letters(self, letters: Mapping[Path, str]) -> None:
        """Takes the letters of those that are compared now."""
        before, self._letters = self._letters, dict(letters)
        for path in {*before, *letters}:
            index = self.index_of(path)
            if index.isValid() and before.get(path) != letters.get(path):
                self.dataChanged.emit(index, index)

    def letter(self, row: RunRow) -> str:
        return self._letters.get(row.path, "")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == SORT:  # asked twenty times of each of a thousand rows
            row, column = self.rows[index.row()], index.column()
            return sort_key(row, column, self.letter(row))
        return super().data(index, role)

    def cell_text(self, row: RunRow, column: int) -> str:
        return cell_text(row, column)

    def cell_look(self, row: RunRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, column)
            case Qt.ItemDataRole.CheckStateRole if column == At.TICK:
                return Qt.CheckState.Checked if self.letter(row) else Qt.CheckState.Unchecked
            case Qt.ItemDataRole.ToolTipRole:
                return _tip(row, column)
            case _ if role == LETTER and column == At.TICK:
                return self.letter(row)
            case _ if role == STATE and column == At.STATE:
                return look_of_state(row)
            case _ if role == TWO_TONES and column == At.STEPS:
                return steps_of(row)
            case _ if role == TWO_TONES and column == At.RIGHT:
                return right_of(row)
            case _ if role == BY_PERSON and column == At.RIGHT:
                return is_by_person(row)
            case _ if role == TAGS and column == At.TAGS:
                return row.tags
            case _ if role == COLOR:
                if is_broken(row) and column in (At.NAME, At.MODEL):
                    return "status.warn"
                return "text.secondary" if column in _QUIET else None
            case _ if role == IS_STRONG:
                return column == At.EVALUATION
            case _ if role == ELIDE and column == At.MODEL and not is_broken(row):
                return Qt.TextElideMode.ElideMiddle
        return None

    def _spoken(self, row: RunRow, column: int) -> str:
        if column == At.TICK:
            letter = self.letter(row)
            return f"compared as {letter}" if letter else "not compared"
        if column == At.TAGS:
            return f"tags: {', '.join(row.tags)}" if row.tags else "no tags"
        whom = " by a person" if column == At.RIGHT and is_by_person(row) else ""
        return f"{COLUMNS[column].title}: {cell_text(row, column)}{whom}"


def _tip(row: RunRow, column: int) -> str | None:
    trouble = trouble_of(row)
    if trouble and column in (At.STATE, At.NAME, At.MODEL):
        return plain_tip(trouble)
    match column:
        case At.NAME:
            return plain_tip(row.called if row.called == row.name else f"{row.called}\n{row.name}")
        case At.MODEL:
            return plain_tip(row.model)
        case At.DATA:
            return plain_tip(row.data)
        case At.TAGS:
            return plain_tip(", ".join(row.tags))
        case At.NOTES:
            return plain_tip(row.notes)
        case At.RIGHT if row.answers_right:
            return row.answers_right.in_words
    return None


class RunsProxy(QSortFilterProxyModel):
    """The runs that hold all the words of a search and have all of some tags, in the order of a column."""

    def __init__(self, source: RunsModel) -> None:
        super().__init__()
        self._source = source
        self._words = ""
        self._tags: tuple[str, ...] = ()
        self.setSourceModel(source)
        self.setSortRole(SORT)
        self.setSortCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.sort(At.STARTED, Qt.SortOrder.DescendingOrder)

    def look_for(self, words: str, tags: Sequence[str]) -> None:
        self.beginFilterChange()
        self._words, self._tags = words, tuple(tags)
        self.endFilterChange()

    def filterAcceptsRow(self, number: int, parent: Index) -> bool:
        row = self._source.rows[number]
        return (not self._tags or row.has_tags(*self._tags)) and (not self._words.strip() or row.holds(self._words))
