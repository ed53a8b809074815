"""The view All runs: what became of each, laid beside each other, and the ways to go on with one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QMenu

from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core import places
from workbench.core.problems import UserError
from workbench.core.runs.removal import size_of
from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.controls import button
from workbench.panes.runs.letters import LETTERS
from workbench.panes.runs.listed.columns import At, is_broken
from workbench.panes.runs.listed.head import LEAST_SEARCH, SEARCH_WIDTH
from workbench.panes.runs.overview.actions import RunActions
from workbench.panes.runs.overview.parts import OverviewParts

CHOSEN_WIDTH = 392
KEEP_MILLISECONDS = 400
# What is seen of the table at the least, and of what is below it.
LEAST_TABLE, LEAST_BELOW = 150, 220


class OverviewView(OverviewParts):
    """Every run kept at home, newest first, whoever started it.

    Signals:
        alive_changed: How many runs are at work.
    """

    alive_changed = Signal(int)

    def __init__(self, run_list: RunList, control: JobControl, theme: Theme, settings: Settings) -> None:
        super().__init__(theme)
        self._list = run_list
        self._settings = settings
        self._is_stale = True
        self._is_showing = False
        self._awaited: Path | None = None
        self._size_of: frozenset[Path] = frozenset()
        self._size_bytes = 0
        self.acts = RunActions(self, control)
        self.reports = button("Report", theme, "file-text")
        self.reports.setToolTip("One web page of what is compared, or of the chosen run")
        self.reports.clicked.connect(self.acts.report)
        self.imports = button("Import", theme, "download-simple")
        self.imports.setToolTip("Take a run folder in from elsewhere")
        self.imports.clicked.connect(self.acts.import_run)
        self.header_buttons = [self.imports, self.reports]
        kept = settings.load()[0]
        self.table.show_left_out(kept.runs_left_out)
        self._share = kept.runs_share
        self._keep_split = once_after(self, KEEP_MILLISECONDS, self._keep_share)
        self._connect()
        theme.follow(self._restyle)
        self._take_rows()

    # -- building -----------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._list.changed.connect(self._rows_changed)
        self.chips.chosen_changed.connect(self._look_for)
        self.search.textChanged.connect(self._look_for)
        self.table.row_chosen.connect(self._choose_row)
        self.table.opened.connect(lambda _index: self.acts.open())
        self.table.ticked.connect(self._turn)
        self.table.menu_wanted.connect(self._open_menu)
        self.table.columns_chosen.connect(lambda left_out: self._settings.change(runs_left_out=left_out))
        self.clears.clicked.connect(self._compare_none)
        self.comparison.said.connect(self.said)
        self.comparison.refused.connect(self._refuse_comparison)
        self.split.resized.connect(self._put_split)
        self.split.splitterMoved.connect(lambda _at, _index: self._keep_split.start())
        self.repeat.closed.connect(self.close_repeat)
        self.repeat.form_wanted.connect(self.recipe_wanted)
        self.acts.connect_all()
        find = QKeySequence.StandardKey.Find
        keys: tuple[tuple[QKeySequence.StandardKey | str, Callable[[], object]], ...] = (
            (find, self._to_search),
            (QKeySequence.StandardKey.Refresh, self._list.refresh),
            ("Ctrl+D", self.acts.repeat),
            ("F2", self.acts.rename),
        )
        for key, slot in keys:
            QShortcut(QKeySequence(key), self, slot, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        QShortcut(
            QKeySequence(Qt.Key.Key_Delete),
            self.table,
            self.acts.delete,
            context=Qt.ShortcutContext.WidgetShortcut,
        )

    def _restyle(self) -> None:
        theme = self.theme
        edge, gap = theme.size("size.page_padding"), theme.size("space.card_gap")
        keep_edge(self.rows, theme)
        self.empty.setContentsMargins(edge, theme.px(11), edge, edge)
        self.cards.setSpacing(gap)
        self.split.setHandleWidth(gap)
        self.card.setMinimumHeight(theme.px(LEAST_TABLE))
        self.left.setMinimumHeight(theme.px(LEAST_BELOW))
        self.arranged()

    @property
    def is_pending(self) -> bool:
        return self.details.is_reading or self.comparison.results.is_reading

    def arranged(self) -> None:
        """The comparison gives way before the chosen card does; a projector has one plot."""
        theme = self.theme
        is_projected = theme.projector
        self.details.setVisible(not is_projected)
        self.details.setFixedWidth(min(theme.px(CHOSEN_WIDTH), max(theme.px(280), round(self.width() * 0.33))))
        self.comparison.arrange()
        self.search.setFixedWidth(min(theme.px(SEARCH_WIDTH), max(theme.px(LEAST_SEARCH), round(self.width() * 0.23))))
        self.chips.setVisible(not is_projected)
        self.search.arrange()
        self.table.arrange()
        self._put_split()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arranged()

    def _put_split(self) -> None:
        high = self.split.height()
        if high > 0 and not self._keep_split.isActive():
            top = round(high * self._share) if self._share else self.table.rows_height + self._head_height()
            self.split.setSizes([top, high - top])

    def _head_height(self) -> int:
        """What stands over the rows, in pixels."""
        return self.card.head.sizeHint().height() + self.table.horizontalHeader().sizeHint().height() + self.theme.px(6)

    def _keep_share(self) -> None:
        top, below = self.split.sizes()
        if top + below > 0:
            self._share = top / (top + below)
            self._settings.change(runs_share=round(self._share, 4))

    # -- the rows -----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._take_rows()
        self._list.refresh()
        self.comparison.results.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.comparison.results.stop()
        self.details.notes.flush()

    def window_closes(self) -> None:
        self.details.notes.flush()
        if self._keep_split.isActive():
            self._keep_share()

    def _rows_changed(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._take_rows()

    def _take_rows(self) -> None:
        self._is_stale = False
        rows = self._list.rows
        self._is_showing = True  # a row that goes lets the view choose its neighbour
        self.chips.show_rows(rows)
        self.table.keep_in_sight(lambda: self.model.show(rows))
        self._is_showing = False
        self.comparison.results.follow(row.path for row in rows if row.state.is_alive)
        if self.letters.keep(row.path for row in rows):
            self._show_letters()
        chosen = self.model.index_of(self._chosen)
        if chosen.isValid() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self.proxy.mapFromSource(chosen))
        elif not chosen.isValid():
            self._chosen = None
            first = self.table.currentIndex() if self.table.currentIndex().isValid() else self.proxy.index(0, 0)
            self.table.setCurrentIndex(first)
            self._choose_row(first)
        self._choose_awaited()
        self._show_chosen()
        self.details.offer_tags(sorted({tag for row in rows for tag in row.tags}, key=str.casefold))
        self.alive_changed.emit(sum(row.state.is_alive for row in rows))
        if self._list.error:
            self.show_error(UserError("The runs cannot be listed.", why=self._list.error))
        self.stack.setCurrentIndex(0 if rows or self._list.error else 1)
        self.home.setText(f"They are kept in {places.runs()}.")
        self._say_count()
        self._measure()

    def _measure(self) -> None:
        """Adds up what all runs take, beside the window, where others are there than before."""
        paths = frozenset(row.path for row in self.model.rows)
        if paths == self._size_of:
            return
        self._size_of = paths

        def take(size_bytes: int) -> None:
            if paths == self._size_of:
                self._size_bytes = size_bytes
                self._say_count()

        run_task(lambda: sum(map(size_of, paths)), take, lambda _error: None, parent=self)

    def _look_for(self) -> None:
        text, tags = self.search.text(), self.chips.chosen
        self.proxy.look_for(text, tags)
        asked = " ".join(filter(None, (f"“{text.strip()}”" if text.strip() else "", *(f"#{tag}" for tag in tags))))
        self.table.empty_words = f"No run matches {asked}."
        if not self.table.currentIndex().isValid() and self.proxy.rowCount():
            chosen = self.proxy.mapFromSource(self.model.index_of(self._chosen))
            self.table.setCurrentIndex(chosen if chosen.isValid() else self.proxy.index(0, 0))
        elif self.table.currentIndex().isValid():
            self.table.scrollTo(self.table.currentIndex())
        self._say_count()

    def _say_count(self) -> None:
        shown, there = self.proxy.rowCount(), self.model.rowCount()
        size = f", {bytes_in_words(self._size_bytes)}" if self._size_bytes and shown == there else ""
        header = self.table.horizontalHeader()
        newest_first = (At.STARTED, Qt.SortOrder.DescendingOrder)
        order = ", newest first" if (header.sortIndicatorSection(), header.sortIndicatorOrder()) == newest_first else ""
        kept = f"{grouped(there)} kept" if shown == there else f"{grouped(shown)} of {grouped(there)}"
        self.card.scope.set_text(f"{kept}{size}{order}")

    def _to_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # -- the chosen one -----------------------------------------------------------------------------------------------

    def _choose_row(self, index: QModelIndex) -> None:
        if self._is_showing:
            return
        before = self._chosen
        self._chosen = self.model.row(self.proxy.mapToSource(index)).path if index.isValid() else None
        if self._chosen != before:
            self.message.hide()
        self._show_chosen()

    def _show_chosen(self, *, is_changed: bool = False) -> None:
        row = self.chosen
        letter = self.model.letter(row) if row is not None else ""
        self.details.show_run(row, letter, is_changed=is_changed)
        self.repeat.show_run(row)
        self.comparison.show_chosen(row)
        self.chosen_changed.emit()

    def read_anew(self) -> None:
        """Looks at the chosen run's folder again."""
        self._show_chosen(is_changed=True)
        self._size_of = frozenset()
        self._list.refresh()

    # -- the compared ones --------------------------------------------------------------------------------------------

    def _turn(self, index: QModelIndex) -> None:
        self.turn(self.model.row(self.proxy.mapToSource(index)))

    def turn(self, row: RunRow) -> None:
        """Compares a run, or does so no more."""
        if is_broken(row) and row.path not in self.letters.letters:
            self.said.emit(f"{row.called} cannot be compared: it cannot be read.")
        elif self.letters.turn(row.path):
            self._show_letters()
        else:
            self.said.emit(f"{len(LETTERS)} at most are compared: untick one first.")

    def _compare_none(self) -> None:
        self.letters.clear()
        self._show_letters()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_letters(self) -> None:
        letters = self.letters.letters
        self.model.show_letters(letters)
        self.ticked.setText(f"{len(letters)} compared" if letters else "")
        for part in (self.ticked, self.clears):
            part.setVisible(bool(letters))
        if self.chosen is not None:
            self.details.show_run(self.chosen, self.model.letter(self.chosen))
        self.comparison.show_letters()
        self.chosen_changed.emit()

    def _refuse_comparison(self, path: Path, error: UserError) -> None:
        self.letters.turn(path)
        self._show_letters()
        self.show_error(error)

    # -- what is done -------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        self.changes.undo()

    def _open_menu(self, at: QPoint) -> None:
        menu: QMenu = self.acts.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def await_row(self, path: Path) -> None:
        """Chooses a run as soon as it is listed."""
        self._awaited = path
        self._choose_awaited()
        self._list.refresh()

    def _choose_awaited(self) -> None:
        if self._awaited is not None and self.model.index_of(self._awaited).isValid():
            path, self._awaited = self._awaited, None
            self.search.clear()
            self.chips.choose()
            self.choose(path)
