"""The table of the rows that are being written: what they ask, what is answered, what is to be told, tokens."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QModelIndex, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView

from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.value import Value
from workbench.core.tokens.prepared.kinds import names_of
from workbench.core.tokens.row_count import RowCount
from workbench.core.units import grouped
from workbench.panes.data.editing.cells import CellPages, Cells, cells_of
from workbench.panes.data.editing.counting import Counting
from workbench.panes.data.editing.figures import ADVICE, COUNTED, ESTIMATED, LEFT_OUT, Numbers
from workbench.panes.data.rows.listing import tag_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, FIRST_PAD, IS_STRONG, PAD, TAG, RowTable

DASH = "–"  # noqa: RUF001
TOKENS_WIDTH, OTHER_WIDTH = 64, 88
# What a tag takes beside its words, and the longest words of one.
AROUND_TAG, LONGEST_TAG = 36, "doubled spaces"
MOST_OTHERS = 3
# Of the room that the others leave: what is asked, and what is answered.
ASKED_SHARE = 0.42
LEAST_ROOM = 330
Told = tuple[str, str, str]


class DraftRows(TableRows):
    """Ids of rows in the order in which they stand; what is typed in one of them is shown before it is a change."""

    def __init__(self, counting: Counting) -> None:
        super().__init__()
        self.pages = CellPages(self)
        self.pages.read.connect(self.refresh_rows)
        self._counting = counting
        self._draft: Draft | None = None
        self.others: tuple[str, ...] = ()
        self.live_row = -1
        self._live: Cells | None = None
        self._live_count: RowCount | None = None
        self.columns: Sequence[Column] = ()
        self.set_columns("pair", ())

    def set_columns(self, spelling: str, others: Sequence[str]) -> None:
        self.others = tuple(others[:MOST_OTHERS])
        texts = ("Text",) if spelling == "text" else ("Prompt", "Completion")
        self.texts = len(texts)
        self.columns = (
            Column("Row"),
            *(Column(title, least=1, is_text=True) for title in texts),
            *(Column(name, OTHER_WIDTH, is_text=True) for name in self.others),
            Column("", is_text=True, tip="What is to be told of a row"),
            Column("Tokens", TOKENS_WIDTH, tip="Of the whole row; an estimate where it is marked with ≈"),
        )

    def begin(self, draft: Draft | None) -> None:
        self._draft = draft
        self.forget_live()
        self.pages.begin(draft)

    # -- what is typed ------------------------------------------------------------------------------------------------

    def show_live(self, row: int, value: Value) -> None:
        if row != self.live_row:
            self._live_count = None
        self.live_row, self._live = row, cells_of(value)
        self.refresh_rows([row])

    def show_live_count(self, row: int, count: RowCount) -> None:
        self._live_count = count
        if row == self.live_row:
            self.refresh_rows([row])

    def forget_live(self) -> None:
        row, self.live_row, self._live, self._live_count = self.live_row, -1, None, None
        if row >= 0:
            self.refresh_rows([row])

    # -- rows ---------------------------------------------------------------------------------------------------------

    def show_order(self, order: Numbers) -> None:
        """Lists rows by their ids."""
        self.show_rows(cast(Sequence[Any], order))

    @property
    def order(self) -> Numbers:
        return np.asarray(self.rows, np.int64)

    def position_of(self, row: int) -> int:
        """Where a row stands among those shown; -1 where it does not."""
        found = np.flatnonzero(self.order == row)
        return int(found[0]) if len(found) else -1

    def refresh_rows(self, rows: Sequence[int]) -> None:
        """Says that these look otherwise now."""
        if len(rows) != 1:
            self.refresh_all()
            return
        place = self.position_of(rows[0])
        if place >= 0:
            self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))

    def refresh_all(self) -> None:
        if len(self.rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    # -- cells --------------------------------------------------------------------------------------------------------

    def _figure(self, row: int) -> Any:
        found = self._counting.written.get(row)
        if found is not None:
            return found
        if self._draft is not None and not self._draft.is_in_memory(row) and row < self._counting.counted:
            return self._counting.base[row]
        return None

    def _cells(self, row: int) -> Cells | None:
        return self._live if row == self.live_row else self.pages.cells(row)

    def cell_text(self, row: int, column: int) -> str:
        draft = self._draft
        if draft is None:
            return ""
        row = int(row)
        if column == 0:
            return grouped(draft.number_of(row))
        last = len(self.columns) - 1
        if column == last:
            return self._tokens(row)
        if column == last - 1:
            return ""
        cells = self._cells(row)
        if cells is None:
            return "…"
        if column <= self.texts:
            return cells.asked if column == 1 else cells.answer
        return cells.others.get(self.others[column - 1 - self.texts], "")

    def _tokens(self, row: int) -> str:
        if row == self.live_row and self._live_count is not None:
            if self._live_count.is_left_out:
                return DASH
            total, is_estimate = self._live_count.total, self._live_count.is_estimate
            return f"≈ {grouped(total)}" if is_estimate else grouped(total)
        figure = self._figure(row)
        if figure is None or not figure[3] & COUNTED:
            return ""
        if figure[3] & LEFT_OUT or not figure[2]:
            return DASH
        return f"≈ {grouped(int(figure[2]))}" if figure[3] & ESTIMATED else grouped(int(figure[2]))

    def cell_look(self, row: int, column: int, role: int) -> Any:
        last = len(self.columns) - 1
        if role == TAG and column == last - 1:
            return self.tag(int(row))
        if role == Qt.ItemDataRole.AccessibleTextRole and column == last - 1:
            tag = self.tag(int(row))
            return tag[0] if tag else "nothing to tell"
        if role == COLOR:
            if column == 0:
                return "text.tertiary"
            if column == last:
                return "text.tertiary" if self._is_old(int(row)) else "text.primary"
            return "text.primary" if column <= self.texts else "text.secondary"
        if role == IS_STRONG and column == last:
            return True if row == self.live_row else None
        return None

    def _is_old(self, row: int) -> bool:
        """Whether a number is that of an earlier text, or an estimate."""
        if row == self.live_row:
            return self._live_count is None
        figure = self._figure(row)
        return figure is not None and bool(figure[3] & ESTIMATED)

    def tag(self, row: int) -> Told | None:
        """What matters most about a row: word, state, icon."""
        draft = self._draft
        if draft is None:
            return None
        found = self._problem(draft, row) or self._twin(row) or self._advice(row)
        if found is not None:
            return found
        if draft.is_new(row):
            return "new", "success", "plus"
        is_typed = row == self.live_row
        return ("changed", "info", "pencil-simple") if is_typed or draft.is_changed(row) else None

    def _problem(self, draft: Draft, row: int) -> Told | None:
        if row == self.live_row:
            return None  # mended as it is typed
        kind, _ = draft.wrong_as_read(row)
        if kind:
            return kind, "warn", "warning"
        figure = self._figure(row)
        tag = tag_of(names_of(int(figure[5]))) if figure is not None else None
        return (tag[0], "warn", "warning") if tag is not None and tag[1] in ("danger", "warn") else None

    def _twin(self, row: int) -> Told | None:
        first = self.twin_of(row)
        assert self._draft is not None
        return None if first is None else (f"same as {grouped(self._draft.number_of(first))}", "warn", "copy-simple")

    def twin_of(self, row: int) -> int | None:
        """The row that asks the same before this one."""
        first = self._counting.twins.first_of(row)
        if first is not None and row == self.live_row and self._live is not None:
            figure = self._figure(first)
            if figure is not None and figure[6] != self._live.question:
                return None
        return first

    def _advice(self, row: int) -> Told | None:
        cells = self._cells(row)
        if cells is None or not cells.advice:
            return None
        kind = next(kind for place, kind in enumerate(ADVICE) if cells.advice >> place & 1)
        return kind, "warn", "warning"


class DraftTable(RowTable):
    """The table of DraftRows, in which several rows are chosen.

    Signals:
        delete_wanted: Del.
        paste_wanted: Ctrl+V.
        several_changed: How many rows are chosen has changed.
    """

    delete_wanted = Signal()
    paste_wanted = Signal()
    several_changed = Signal()

    def __init__(self, theme: Theme, rows: DraftRows) -> None:
        self.draft_rows = rows
        self._is_filling = False
        super().__init__(theme, "Rows")
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setModel(rows)
        # The header asks of each of its columns whether all rows are chosen: 2 s with each paint for 200 000 of them.
        self.horizontalHeader().setSelectionModel(QItemSelectionModel(rows, self))
        self.horizontalHeader().setSectionsClickable(False)
        self.empty_words = "No row yet. Add one, or paste two columns of a spreadsheet."

    def show_order(self, order: Numbers, chosen: Sequence[int], current: int) -> None:
        """Shows rows by their ids, with some of them chosen; the place that is scrolled to stays."""
        at = self.verticalScrollBar().value()
        self._is_filling = True
        self.draft_rows.show_order(order)
        self.share_out()
        self.updateGeometries()
        self.verticalScrollBar().setValue(at)
        self._is_filling = False
        self.choose(chosen, current)

    def choose(self, rows: Sequence[int], current: int) -> None:
        """Chooses rows by their ids, one of them as the one that is written in; -1 for none."""
        model = self.draft_rows
        place = model.position_of(current) if current >= 0 else -1
        if place < 0:
            self.selectionModel().clear()
            self.row_chosen.emit(QModelIndex())
            return
        selection = QItemSelection()
        last = len(model.columns) - 1
        places = [place] if len(rows) < 2 else np.flatnonzero(np.isin(model.order, np.asarray(rows))).tolist()
        for start, end in _stretches(places):
            selection.select(model.index(start, 0), model.index(end, last))
        index = model.index(place, 0)
        self._is_filling = True
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        self._is_filling = False
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self.scrollTo(index)
        self.row_chosen.emit(index)

    @property
    def current_row(self) -> int:
        """The id of the row that is written in; -1 for none."""
        index = self.currentIndex()
        return int(self.draft_rows.rows[index.row()]) if index.isValid() else -1

    def chosen_places(self) -> Numbers:
        """Where the chosen rows stand among those shown, ascending: int64 of shape (rows chosen,)."""
        ranges = [np.arange(each.top(), each.bottom() + 1) for each in self._ranges()]
        return np.sort(np.concatenate(ranges)) if ranges else np.zeros(0, np.int64)

    def chosen_count(self) -> int:
        """How many rows are chosen."""
        return sum(each.height() for each in self._ranges())

    def _ranges(self) -> Iterable[QItemSelectionRange]:
        """Whole rows, none of them twice."""
        return cast(Iterable[QItemSelectionRange], self.selectionModel().selection())  # Qt's list, untyped

    def chosen_rows(self) -> Numbers:
        """Their ids."""
        return self.draft_rows.order[self.chosen_places()]

    def step(self, way: int) -> bool:
        """Chooses the row after the current one, or before; says whether there is one."""
        place = self.currentIndex().row() + way
        if not 0 <= place < len(self.draft_rows.rows):
            return False
        row = int(self.draft_rows.rows[place])
        self.choose([row], row)
        return True

    # -- Qt -----------------------------------------------------------------------------------------------------------

    def currentChanged(self, current: Any, previous: Any) -> None:
        if self._is_filling:
            QAbstractItemView.currentChanged(self, current, previous)
        else:
            super().currentChanged(current, previous)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.several_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete and not event.modifiers():
            self.delete_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier and event.key() in (
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):
            self.step(1)
        else:
            super().keyPressEvent(event)

    # -- columns ------------------------------------------------------------------------------------------------------

    def width_of(self, place: int) -> int:
        if place == len(self.draft_rows.columns) - 2:
            metrics = QFontMetrics(self._theme.font("small", weight=600))
            return metrics.horizontalAdvance(LONGEST_TAG) + self._theme.px(AROUND_TAG + 2 * PAD)
        if place:
            return self._theme.px(self.draft_rows.columns[place].width)
        rows = self.draft_rows
        number = max(map(len, (rows.cell_text(rows.rows[-1], 0), "000"))) if len(rows.rows) else 3
        return self.fontMetrics().horizontalAdvance("0" * number) + self._theme.px(FIRST_PAD + 2 * PAD)

    def share_out(self) -> None:
        """Prompt and completion share what the others leave; other columns go where that is too little."""
        rows = self.draft_rows
        count = len(rows.columns)
        texts = range(1, 1 + rows.texts)
        widths = {place: self.width_of(place) for place in range(count) if place not in texts}
        room = self.viewport().width()
        for place in range(count - 3, rows.texts, -1):  # the others from the right, before tags and tokens
            if room - sum(widths.values()) < self._theme.px(LEAST_ROOM):
                del widths[place]
        left = max(self._theme.px(120), room - sum(widths.values()))
        if rows.texts == 1:
            widths[1] = left
        else:
            widths[1] = int(left * ASKED_SHARE)
            widths[2] = left - widths[1]
        for place in range(count):
            self.setColumnHidden(place, place not in widths)
            if place in widths:
                self.setColumnWidth(place, widths[place])


def _stretches(places: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending places as the first and the last of each run of them."""
    if not len(places):
        return []
    found = np.asarray(places)
    breaks = np.flatnonzero(np.diff(found) > 1)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(found) - 1]])
    return [(int(found[start]), int(found[end])) for start, end in zip(starts, ends, strict=True)]
