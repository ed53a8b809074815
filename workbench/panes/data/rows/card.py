"""The card of all rows: a table with a search, a filter by what is told of rows, and a jump to a line."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QWidget

from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.problems import UserError
from workbench.core.units import grouped
from workbench.panes.data.rows.listing import FirstRows, Listing, Part, RowEntry, Shown, Wanted
from workbench.panes.data.rows.table import RowsTable
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import Segmented, button

# From the last key until the rows are looked through.
SEARCH_MILLISECONDS = 200
PARTS: tuple[tuple[Part, str], ...] = (("all", "All"), ("learned", "Learned"), ("held out", "Held out"))
LINE_WIDTH = 88


class RowsCard(Card):
    """What is listed is chosen here; what is shown of the chosen row is the page's.

    Signals:
        row_chosen: The chosen RowEntry; None where there is none.
        opened: The chosen row is to be read.
        message: A short sentence for the page to say.
    """

    row_chosen = Signal(object)
    opened = Signal()
    message = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Rows")
        self.set_margins(0, 0, 0, 6)
        self._listing: Listing = FirstRows(())
        self._whole_words = ""
        self._asked = 0
        self._is_filling = False
        self.wanted = Wanted()
        self.parts = Segmented(PARTS, "Which rows")
        self.parts.set_value("all")
        self.parts.chosen.connect(lambda part: self._want(Wanted(self.wanted.words, self.wanted.kind, part)))
        self.parts.hide()
        self.filter = button("all", theme, "funnel", "flat")
        self.menu = QMenu(self.filter)
        self.filter.setMenu(self.menu)
        self.add_to_head(self.parts)
        self.add_to_head(self.filter)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search in the rows")
        self.search.setAccessibleName("Search in the rows")
        self._glass = QLabel()
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        in_row(self._glass, 1, margins=(9, 0, 0, 0), of=self.search)
        self._searching = once_after(self, SEARCH_MILLISECONDS, self._search)
        self.search.textChanged.connect(lambda _text: self._searching.start())
        self.line = QLineEdit()
        self.line.setPlaceholderText("Line")
        self.line.setAccessibleName("Go to line")
        self.line.setToolTip("Go to a line (Ctrl+G); with several files 2:15 is line 15 of the second")
        self.line.returnPressed.connect(self._jump)
        self._finders = QWidget()
        self._finder_line = in_row((self.search, 1), self.line, gap=6, of=self._finders)
        self.table = RowsTable(theme)
        self.table.row_chosen.connect(self._tell_row)
        self.table.opened.connect(lambda _index: self.opened.emit())
        self.body.setSpacing(0)
        self.body.addWidget(self._finders)
        self.body.addWidget(self.table, 1)
        self.show_kinds(())
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self.theme.px
        self._finder_line.setContentsMargins(px(12), 0, px(12), px(6))
        self.line.setFixedWidth(px(LINE_WIDTH))
        self._glass.setPixmap(self.theme.icon("magnifying-glass", "text.tertiary").pixmap(px(15), px(15)))
        self.search.setTextMargins(px(18), 0, 0, 0)

    def add_keys(self, page: QWidget) -> None:
        """Ctrl+F searches and Ctrl+G goes to a line, wherever on the page the keyboard is."""
        for keys, field in (("Ctrl+F", self.search), ("Ctrl+G", self.line)):
            shortcut = QShortcut(QKeySequence(keys), page)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda field=field: self._begin(field))

    @staticmethod
    def _begin(field: QLineEdit) -> None:
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not self.wanted.is_all:
            self.show_all()
        else:
            super().keyPressEvent(event)

    # -- what is listed -----------------------------------------------------------------------------------------------

    def show_listing(self, listing: Listing, whole: str, *, keeps_place: bool = False) -> None:
        """Lists other rows; `whole` says of what they are all, "600" or "the first 2 000"."""
        number = self._chosen_number() if keeps_place else 0
        self._listing, self._whole_words = listing, whole
        self.line.setPlaceholderText(listing.unit.capitalize())
        self.line.setAccessibleName(f"Go to {listing.unit}")
        has_held_out = listing.has_held_out()
        self.parts.setVisible(has_held_out)
        if not has_held_out and self.wanted.part != "all":
            self.parts.set_value("all")
            self.wanted = Wanted(self.wanted.words, self.wanted.kind)
        self._refill(number)

    def show_kinds(self, found: Sequence[tuple[str, str, int]]) -> None:
        """Offers kinds to filter by, each with its words and its count."""
        self.menu.clear()
        names = {name for name, _, _ in found}
        for name, words, count in (("", "All rows", -1), *found):
            action = QAction(words if count < 0 else f"{grouped(count)} {words}", self.menu)
            action.setData(name)
            action.setCheckable(True)
            action.setChecked(name == self.wanted.kind)
            action.triggered.connect(lambda _checked=False, name=name: self.show_kind(name))
            self.menu.addAction(action)
        if self.wanted.kind and self.wanted.kind not in names:
            self.show_kind("")

    def show_kind(self, kind: str) -> None:
        """Lists only the rows of which a kind is told; "" lists all."""
        for action in self.menu.actions():
            action.setChecked(action.data() == kind)
        self.parts.set_value("all")
        self._want(Wanted(self.wanted.words if not kind else "", kind))
        if kind:
            self.search.blockSignals(True)
            self.search.clear()
            self.search.blockSignals(False)

    def show_all(self) -> None:
        """Takes search and filter back."""
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.parts.set_value("all")
        for action in self.menu.actions():
            action.setChecked(not action.data())
        self._want(Wanted())

    def _search(self) -> None:
        words = self.search.text().strip()
        if words != self.wanted.words:
            self._want(Wanted(words, self.wanted.kind, self.wanted.part))

    def _want(self, wanted: Wanted) -> None:
        if wanted != self.wanted:
            self.wanted = wanted
            self._refill(self._chosen_number())

    def _refill(self, number: int) -> None:
        """Lists what is wanted, and chooses the row of a number where it is among them."""
        self._asked += 1
        asked, listing, wanted = self._asked, self._listing, self.wanted
        self.filter.setText(wanted.kind or "all")
        self.filter.setAccessibleName(f"Filter: {wanted.kind or 'all rows'}")
        if wanted.is_all or not listing.is_slow:
            found = np.arange(len(listing)) if wanted.is_all else listing.numbers(wanted)
            self._show(Shown(listing, found), number)
            return
        self.scope.setText("searching")

        def take(found: "np.ndarray") -> None:
            if asked == self._asked:
                self._show(Shown(listing, found), number)

        def fail(error: UserError) -> None:
            if asked == self._asked:
                self.message.emit(str(error))

        run_task(lambda: listing.numbers(wanted), take, fail, parent=self)

    def _show(self, shown: Shown, number: int) -> None:
        self._is_filling = True
        self.table.empty_words = "No row is like this." if len(self._listing) else "No rows yet."
        self.table.show_shown(shown)
        is_all = len(shown) == len(self._listing)
        self.scope.setText(self._whole_words if is_all else f"{grouped(len(shown))} of {self._whole_words}")
        self._is_filling = False
        if len(shown):
            self.choose_place(max(0, shown.place_of(number)))
        else:
            self.row_chosen.emit(None)

    # -- the chosen row -----------------------------------------------------------------------------------------------

    @property
    def shown(self) -> Shown:
        rows = self.table.rows_model.rows
        return rows if isinstance(rows, Shown) else Shown(self._listing, np.zeros(0, np.int64))

    @property
    def place(self) -> int:
        """Of the chosen row among those shown; -1 for none."""
        return self.table.currentIndex().row()

    @property
    def entry(self) -> RowEntry | None:
        return self.table.entry_at(self.table.currentIndex())

    def _chosen_number(self) -> int:
        entry = self.entry
        return entry.number if entry is not None else 0

    def choose_place(self, place: int) -> None:
        self.table.setCurrentIndex(self.table.rows_model.index(place, 0))

    def step(self, way: int) -> None:
        """Chooses the row after the chosen one, or before."""
        if 0 <= self.place + way < len(self.shown):
            self.choose_place(self.place + way)

    def _tell_row(self, index: QModelIndex) -> None:
        if not self._is_filling:
            self.row_chosen.emit(self.table.entry_at(index))

    def go_to(self, line: int, file: int = 0) -> bool:
        """Chooses the row of a line, or the next one; says whether there is one."""
        number = self._listing.number_at(line, file)
        if number < 0:
            return False
        if self.shown.place_of(number) < 0:
            self.show_all()
        self.choose_place(max(0, self.shown.place_of(number)))
        return True

    def _jump(self) -> None:
        file, _, line = self.line.text().rpartition(":")
        digits = "".join(line.split()).replace("\u2009", "")
        if not digits.isdecimal() or (file and not file.strip().isdecimal()):
            self.message.emit(f"A {self._listing.unit} is a number, such as 388.")
        elif not self.go_to(int(digits), int(file) - 1 if file else 0):
            self.message.emit(
                f"{self._listing.unit.capitalize()} {grouped(int(digits))} is not among {self._whole_words} rows."
            )
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)
