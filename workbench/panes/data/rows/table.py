"""The table of rows: line, text with what is to be told of it, tokens."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QModelIndex

from workbench.core.units import grouped
from workbench.panes.data.rows.listing import Listing, RowEntry, Shown
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, FIRST_PAD, IS_STRONG, PAD, TAG, RowTable

LINE, TEXT, TOKENS = range(3)
COLUMNS = (
    Column("Line", is_text=True),
    Column("Text", least=130, is_text=True),
    Column("Tokens", 72, goes=1, tip="Of the whole row, before it is cut; an estimate where it is marked with ≈"),
)


class RowsModel(TableRows):
    """Entries in the order of the files."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: Sequence[Column] = COLUMNS
        self.files = 1

    def show_shown(self, shown: Shown) -> None:
        """Lists rows; the first column is called what their places count."""
        self.files = shown.listing.files
        self.columns = (replace(COLUMNS[LINE], title=shown.listing.unit.capitalize()), *COLUMNS[TEXT:])
        self.show_rows(shown)

    def cell_look(self, entry: RowEntry, column: int, role: int) -> Any:
        if role == COLOR:
            if column == TEXT:
                return "text.secondary" if entry.is_left_out else "text.primary"
            return "text.tertiary" if entry.is_estimate or column == LINE else "text.secondary"
        if role == IS_STRONG:
            return True if column == TOKENS and entry.tag and entry.tag[1] == "warn" else None
        if role == TAG and column == TEXT:
            return entry.tag
        return None

    def cell_text(self, entry: RowEntry, column: int) -> str:
        if column == LINE:
            return place_in_words(entry, self.files)
        if column == TEXT:
            return entry.text
        if entry.tokens < 0:
            return ""
        return f"≈ {grouped(entry.tokens)}" if entry.is_estimate else grouped(entry.tokens)


def place_in_words(entry: RowEntry, files: int) -> str:
    """Its line; behind the number of its file where there are several."""
    line = grouped(entry.place.line)
    return f"{entry.place.file + 1}:{line}" if files > 1 else line


class RowsTable(RowTable):
    """The table of a RowsModel; the number of the last line decides how wide the first column is."""

    def __init__(self, theme: Theme) -> None:
        self.rows_model = RowsModel()
        super().__init__(theme, "Rows", COLUMNS)
        self.setModel(self.rows_model)
        self._widest = ""

    def show_shown(self, shown: Shown) -> None:
        self.rows_model.show_shown(shown)
        self._widest = self._widest_line(shown.listing)
        self.share_out()

    @staticmethod
    def _widest_line(listing: Listing) -> str:
        if not len(listing):
            return ""
        return place_in_words(listing.entry(len(listing) - 1), listing.files)

    def entry_at(self, index: QModelIndex) -> RowEntry | None:
        return self.rows_model.rows[index.row()] if index.isValid() else None

    def width_of(self, place: int) -> int:
        if place != LINE:
            return super().width_of(place)
        widest = max(COLUMNS[LINE].title, self._widest, key=len)
        return self.fontMetrics().horizontalAdvance(widest) + self._theme.px(FIRST_PAD + 2 * PAD)
