"""The table of the runs that wait: in their order, each with what it is asked differently from the others."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from workbench.core.recipe.recipe import settings
from workbench.core.runs.queue import Waiting
from workbench.core.runs.result_words import value_in_words
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.run_words import NOT_KNOWN, data_in_words, model_in_words, precision_in_words
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, TAG, RowTable

PLACE, STATE, ASKED, MODEL, DATA, STEPS, TAGS = range(7)
COLUMNS = (
    Column("", 40, is_text=True),
    Column("state", 110, is_text=True),
    Column("what differs", least=220, is_text=True),
    Column("model", 150, goes=2, is_text=True),
    Column("data", 130, goes=3, is_text=True),
    Column("steps", 64, goes=1),
    Column("tags", 180, goes=1, is_text=True),
)


class WaitingRows(TableRows):
    """Shows the entries of the queue."""

    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Waiting] = []
        self._differing: list[str] = []

    def show_entries(self, entries: Sequence[Waiting]) -> None:
        recipes = [entry.recipe for entry in entries if entry.recipe is not None]
        self._differing = [path for path in settings() if len({recipe.value(path) for recipe in recipes}) > 1]
        self.show_rows(list(entries))

    def cell_text(self, entry: Waiting, column: int) -> str:
        recipe = entry.recipe
        match column:
            case 0:  # PLACE
                return str(1 + next(place for place, other in enumerate(self.rows) if other is entry))
            case 1:  # STATE
                return "" if _tag(entry) else "waits"
            case 2:  # ASKED
                return entry.problem or self._asked(entry)
        if recipe is None:
            return NOT_KNOWN
        match column:
            case 3:  # MODEL
                return f"{model_in_words(recipe.model.source)}, {precision_in_words(recipe.model.precision)}"
            case 4:  # DATA
                return data_in_words(recipe.data.path)
            case 5:  # STEPS
                return grouped(recipe.training.max_steps) if recipe.training.max_steps else NOT_KNOWN
        return ", ".join(entry.tags)

    def _asked(self, entry: Waiting) -> str:
        recipe = entry.recipe
        if recipe is None or not self._differing:
            return NOT_KNOWN
        parts = [f"{settings()[path].title} {value_in_words(recipe.value(path))}" for path in self._differing]
        return ", ".join(parts)

    def cell_look(self, entry: Waiting, column: int, role: int) -> Any:
        match role:
            case _ if role == TAG and column == STATE:
                return _tag(entry) or None
            case _ if role == COLOR:
                if entry.problem and column == ASKED:
                    return "status.warn"
                return "text.primary" if column == ASKED else "text.secondary"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.cell_text(entry, column))
            case Qt.ItemDataRole.AccessibleTextRole:
                tag = _tag(entry)
                words = tag[0] if tag and column == STATE else self.cell_text(entry, column)
                return f"{COLUMNS[column].title or 'place'}: {words}"
        return None


def _tag(entry: Waiting) -> tuple[str, str, str] | None:
    if entry.problem:
        return ("unreadable", "warn", "warning")
    return ("at work", "info", "play") if entry.run else None


class WaitingTable(RowTable):
    """Del takes the chosen one out, Alt with Up or Down moves it."""

    def __init__(self, theme: Theme, rows: WaitingRows) -> None:
        super().__init__(theme, "Runs that wait", COLUMNS)
        self.setModel(rows)
        self.keys: dict[tuple[Qt.Key, bool], Any] = {}

    def keyPressEvent(self, event: QKeyEvent) -> None:
        has_alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        act = self.keys.get((Qt.Key(event.key()), has_alt))
        if act is not None:
            act()
        else:
            super().keyPressEvent(event)
