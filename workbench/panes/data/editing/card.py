"""The card of the rows that are being written: the table, what can be done with chosen rows, find and replace."""

from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QWidget

from workbench.bridge.timers import once_after
from workbench.core.units import counted, grouped
from workbench.panes.data.editing.control import EditingControl
from workbench.panes.data.editing.counting import Counting
from workbench.panes.data.editing.figures import Numbers
from workbench.panes.data.editing.table import DraftRows, DraftTable
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import button

SEARCH_MILLISECONDS = 200
FIND_WIDTH = 176
NARROW_HEAD = 720  # below this the buttons are their icons
WORDS = ("Add", "Duplicate", "Delete", "Undo", "Redo")
ICONS = ("plus", "copy-simple", "trash", "arrow-u-up-left", "arrow-u-up-right")
TIPS = (
    "Add a row (Ctrl+N)",
    "Duplicate (Ctrl+D)",
    "Delete (Del)",
    "Undo (Ctrl+Z)",
    "Redo (Ctrl+Shift+Z)",
)


class DraftCard(Card):
    """What is done with rows is told to the control; what is typed is committed before by who owns the editor.

    Signals:
        row_chosen: The id of the row that is to be written in; -1 for none.
        commit_wanted: What is typed is to be a change before another one is made.
        writing_wanted: The keyboard is to go to the row's texts.
        message: A short sentence for the page to say.
    """

    row_chosen = Signal(int)
    commit_wanted = Signal()
    writing_wanted = Signal()
    message = Signal(str)

    def __init__(self, theme: Theme, control: EditingControl, counting: Counting) -> None:
        super().__init__(theme, "Rows")
        self.set_margins(0, 0, 0, 6)
        self._control, self._counting = control, counting
        self._found: Numbers | None = None  # ids of the rows that are listed; None for all
        self._stop_finding: Callable[[], None] = lambda: None
        self._wanted = ""
        self._is_narrow = False
        self.rows = DraftRows(counting)
        self._build_head(theme)
        self.table = DraftTable(theme, self.rows)
        self.table.row_chosen.connect(self._tell_row)
        self.table.opened.connect(lambda _index: self.writing_wanted.emit())
        self.table.delete_wanted.connect(self.delete)
        self.table.paste_wanted.connect(self.paste)
        self.table.several_changed.connect(self._show_buttons)
        self.body.setSpacing(0)
        self.body.addWidget(self._replace_line)
        self.body.addWidget(self.table, 1)
        control.changed.connect(self._changed)
        control.busy_changed.connect(self._show_buttons)
        counting.rows_counted.connect(self.rows.refresh_all)
        counting.summed.connect(self.rows.refresh_all)
        theme.follow(self._restyle)

    def _build_head(self, theme: Theme) -> None:
        self._buttons = [button(word, theme, icon, "flat") for word, icon in zip(WORDS, ICONS, strict=True)]
        self.add, self.duplicate_button, self.delete_button, self.undo, self.redo = self._buttons
        acts = (self.add_row, self.duplicate, self.delete, self.undo_change, self.redo_change)
        edge = QFrame()
        edge.setProperty("role", "upright")
        for made, tip, act in zip(self._buttons, TIPS, acts, strict=True):
            made.setToolTip(tip)
            made.clicked.connect(lambda _checked=False, act=act: act())
            if made is self.undo:
                self.add_to_head(edge)
            self.add_to_head(made)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Find in all columns")
        self.search.setAccessibleName("Find in all columns")
        self.search.setToolTip("Ctrl+F finds, Ctrl+H replaces")
        self._glass = QLabel()
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        in_row(self._glass, 1, margins=(9, 0, 0, 0), of=self.search)
        self._searching = once_after(self, SEARCH_MILLISECONDS, self.look_for)
        self.search.textChanged.connect(lambda _text: self._searching.start())
        self.add_to_head(self.search)
        self.by = QLineEdit()
        self.by.setPlaceholderText("Replace with")
        self.by.setAccessibleName("Replace with")
        self.by.returnPressed.connect(self.replace_all)
        self.replace_one = button("Replace in this row", theme)
        self.replace_one.clicked.connect(lambda _checked=False: self.replace_here())
        self.replace_button = button("Replace all", theme)
        self.replace_button.clicked.connect(lambda _checked=False: self.replace_all())
        self.close_replace = button("Close", theme, "x", "flat")
        self.close_replace.clicked.connect(lambda _checked=False: self.end_finding())
        self._replace_line = QWidget()
        self._replace_row = in_row(
            (self.by, 1), self.replace_one, self.replace_button, self.close_replace, gap=6, of=self._replace_line
        )
        self._replace_line.hide()

    def _restyle(self) -> None:
        px = self.theme.px
        self.search.setMinimumWidth(px(FIND_WIDTH) // 2)
        self.search.setMaximumWidth(px(FIND_WIDTH))
        self._glass.setPixmap(self.theme.icon("magnifying-glass", "text.tertiary").pixmap(px(15), px(15)))
        self.search.setTextMargins(px(18), 0, 0, 0)
        self._replace_row.setContentsMargins(px(12), 0, px(12), px(6))

    # -- what is listed -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Lists the draft that was opened; its first row is chosen."""
        draft = self._control.draft
        assert draft is not None
        value = draft.value(draft.row_at(0)) if len(draft) else {}
        others = tuple(name for name in value if name not in ("prompt", "completion", "messages", "text", "tools"))
        self.rows.begin(draft)
        self.rows.beginResetModel()
        self.rows.set_columns(draft.spelling, others)
        self.rows.endResetModel()
        self._clear_search()
        first = draft.row_at(0) if len(draft) else -1
        self.show_rows([first], first)

    def end(self) -> None:
        """Lists nothing."""
        self._clear_search()
        self.rows.begin(None)
        self.rows.show_rows(())

    def show_rows(self, chosen: Sequence[int], current: int) -> None:
        """Lists the rows as they stand, with some of them chosen."""
        draft = self._control.draft
        if draft is None:
            return
        order = draft.order
        if self._found is not None:
            # A new row is listed, too: nothing that is written goes out of sight.
            is_new = order >= len(draft.base)
            order = order[np.isin(order, self._found) | (is_new & np.isin(order, np.asarray(chosen)))]
        self.table.show_order(order, chosen, current)
        self._say_scope()
        self._show_buttons()

    def _say_scope(self) -> None:
        draft = self._control.draft
        whole = grouped(len(draft)) if draft is not None else ""
        self.scope.setText(whole if self._found is None else f"{grouped(len(self.rows.rows))} of {whole}")

    def _changed(self, rows: Sequence[int]) -> None:
        """Something was written, or rows stand otherwise."""
        draft = self._control.draft
        if draft is None:
            return
        self.rows.forget_live()
        self.rows.pages.forget(rows)
        if len(self.rows.rows) == len(draft) and np.array_equal(self.rows.order, draft.order):
            self.rows.refresh_rows(rows)
            self._show_buttons()
            return
        place = self.table.currentIndex().row()
        current = self.table.current_row
        self.show_rows([current], current)
        if self.rows.position_of(current) < 0 and len(self.rows.rows):
            next_row = int(self.rows.rows[min(max(place, 0), len(self.rows.rows) - 1)])
            self.table.choose([next_row], next_row)

    def _tell_row(self, index: QModelIndex) -> None:
        self.row_chosen.emit(int(self.rows.rows[index.row()]) if index.isValid() else -1)

    def _show_buttons(self) -> None:
        draft, is_free = self._control.draft, not self._control.is_busy
        several = self.table.chosen_count() if draft is not None else 0
        for made, word in zip(self._buttons, WORDS, strict=True):
            is_of_rows = made in (self.duplicate_button, self.delete_button)
            words = f"{word} {grouped(several)}" if is_of_rows and several > 1 else word
            made.setText("" if self._is_narrow else words)
            made.setAccessibleName(words)
        self.duplicate_button.setEnabled(is_free and several > 0)
        self.delete_button.setEnabled(is_free and several > 0)
        self.add.setEnabled(is_free and draft is not None)
        self.undo.setEnabled(is_free and draft is not None and draft.done > 0)
        self.redo.setEnabled(is_free and draft is not None and draft.done < len(draft.changes))
        for field in (self.search, self.by, self.replace_one, self.replace_button):
            field.setEnabled(is_free)

    # -- changes ------------------------------------------------------------------------------------------------------

    def _positions(self) -> Numbers:
        """Where the chosen rows stand among all."""
        draft = self._control.draft
        if draft is None:
            return np.zeros(0, np.int64)
        places = self.table.chosen_places()
        if self._found is None:
            return places
        return np.flatnonzero(np.isin(draft.order, self.rows.order[places])).astype(np.int64)

    def _below(self) -> int | None:
        """The position below which rows are put: that of the last chosen one; None is the end."""
        positions = self._positions()
        return int(positions[-1]) if len(positions) else None

    def _take_new(self, rows: list[int]) -> None:
        if rows:
            self.show_rows(rows, rows[0])

    def add_row(self) -> None:
        self.commit_wanted.emit()

        def take(rows: list[int]) -> None:
            self._take_new(rows)
            self.writing_wanted.emit()

        self._control.add(self._below(), take)

    def duplicate(self) -> None:
        self.commit_wanted.emit()
        self._control.duplicate(self._positions().tolist(), self._take_new)

    def delete(self) -> None:
        self.commit_wanted.emit()
        self._control.delete(self._positions().tolist())

    def undo_change(self) -> None:
        self.commit_wanted.emit()
        self._control.undo()

    def redo_change(self) -> None:
        self.commit_wanted.emit()
        self._control.redo()

    def paste(self) -> None:
        """Puts two columns out of the clipboard below the chosen row, as rows."""
        text = QGuiApplication.clipboard().text()
        if not text.strip():
            self.message.emit("There is no text to paste.")
            return
        self.commit_wanted.emit()

        def take(rows: list[int]) -> None:
            self._take_new(rows)
            self.message.emit(f"{counted(len(rows), 'row')} pasted.")

        self._control.paste(text, self._below(), take, self.message.emit)

    # -- find and replace ---------------------------------------------------------------------------------------------

    def begin_finding(self, *, replaces: bool = False) -> None:
        """Puts the keyboard into the search; with the line to replace below it."""
        if replaces:
            self._replace_line.show()
        to = self.by if replaces and self.search.text() else self.search
        to.setFocus(Qt.FocusReason.ShortcutFocusReason)
        to.selectAll()

    @property
    def is_replacing(self) -> bool:
        return not self._replace_line.isHidden()

    def end_finding(self) -> None:
        """Lists all rows again."""
        self._clear_search()
        current = self.table.current_row
        self.show_rows([current], current)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _clear_search(self) -> None:
        self._stop_finding()
        self._replace_line.hide()
        self._found, self._wanted = None, ""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self._searching.stop()

    def look_for(self) -> None:
        """Lists the rows that hold what is wanted."""
        self._searching.stop()
        self._stop_finding()
        self.commit_wanted.emit()
        self._wanted = self.search.text()
        if not self._wanted.strip():
            self._found = None
            current = self.table.current_row
            self.show_rows([current], current)
            return
        self.scope.setText("looking")

        def take(found: Numbers) -> None:
            self._found = found
            current = self.table.current_row
            if not len(self._found) or not (self._found == current).any():
                current = int(self._found[0]) if len(self._found) else -1
            self.table.empty_words = "No row holds this."
            self.show_rows([current], current)

        self._stop_finding = self._control.find(self._wanted, take)

    def replace_here(self) -> None:
        """Replaces in the chosen rows."""
        self._replace(self._positions())

    def replace_all(self) -> None:
        """Replaces in all rows that hold what is wanted."""
        draft = self._control.draft
        if draft is None or not self.search.text():
            return
        if self._found is None or self._wanted != self.search.text():
            self.message.emit("The rows are still being looked through.")
            return
        self._replace(np.flatnonzero(np.isin(draft.order, self._found)))

    def _replace(self, positions: Numbers) -> None:
        wanted = self.search.text()
        if not wanted:
            self.message.emit("What is to be replaced stands in the field above.")
            return
        self.commit_wanted.emit()
        self._control.replace(
            positions.tolist(), wanted, self.by.text(),
            lambda count: self.message.emit(f"Replaced in {counted(count, 'row')}."),
        )  # fmt: skip

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_narrow != (self.width() < self.theme.px(NARROW_HEAD)):
            self._is_narrow = not self._is_narrow
            self._show_buttons()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self._found is not None or self.is_replacing):
            self.end_finding()
        else:
            super().keyPressEvent(event)
