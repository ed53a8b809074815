"""The view All runs: what became of each, and the ways to go on with one."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QWidget

from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.runs.row import RunRow
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import Card, Message
from workbench.panes.parts.controls import button, icon_button, label
from workbench.panes.runs.overview.details import RunDetailsCard
from workbench.panes.runs.overview.table import RunsModel, RunsProxy, RunsTable
from workbench.panes.runs.runs_view import RunsView

DETAILS_WIDTH, LEAST_DETAILS, DETAILS_SHARE = 372, 290, 0.38
FILTER_WIDTH, FILTER_SHARE = 230, 0.2


class OverviewView(RunsView):
    """Every run kept at home, newest first, whoever started it.

    Signals:
        chosen_changed: Which run is chosen, or what is known of it.
        alive_changed: How many runs are at work.
    """

    chosen_changed = Signal()
    alive_changed = Signal(int)

    def __init__(self, run_list: RunList, control: JobControl, theme: Theme) -> None:
        super().__init__(theme)
        self._list = run_list
        self._control = control
        self._chosen: Path | None = None
        self._is_stale = True
        self._is_showing = False
        self._model = RunsModel()
        self._proxy = RunsProxy(self._model)
        self.table = RunsTable(theme, self._proxy)
        self.details = RunDetailsCard(theme)
        self.filter = QLineEdit()
        self.message = Message(theme)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._list_view())
        self._stack.addWidget(self._empty_view())
        in_column(self._stack, of=self)
        self._connect()
        self._restyle()
        self._take_rows()
        self._show_hindrance()

    # -- building -----------------------------------------------------------------------------------------------------

    def _list_view(self) -> QWidget:
        theme = self.theme
        self._runs = Card(theme, "All runs")
        self._runs.set_margins(0, 0, 0, 8)
        self.filter.setPlaceholderText("Find by name, model, state")
        self.filter.setAccessibleName("Find runs")
        self.filter.setClearButtonEnabled(True)
        self._runs.add_to_head(self.filter)
        self._runs.body.addWidget(self.table)
        close = icon_button("Close this message", theme, "x")
        close.clicked.connect(self.message.hide)
        self.message.add_button(close)  # type: ignore[arg-type]
        self.message.hide()
        view = QWidget()
        self._rows = in_column(self.message, of=view)
        self._cards = in_row((self._runs, 1), self.details)
        self._rows.addLayout(self._cards, 1)
        return view

    def _empty_view(self) -> QWidget:
        theme = self.theme
        card = Card(theme, "No runs yet")
        card.body.setSpacing(theme.px(8))
        card.body.addWidget(
            label(
                "Each training is kept in a folder of its own: the recipe it was asked for, its curve, its checkpoints "
                "and its adapter. It stands here as soon as it begins, whether this window or a terminal began it.",
                wraps=True,
            )
        )
        self._home = label("", "fact", wraps=True)
        card.body.addWidget(self._home)
        self.onward = button("Train the first one", theme, "play", "primary")
        self.onward.clicked.connect(lambda: self.go_to.emit("train"))
        card.body.addLayout(in_row(self.onward, 1))
        card.setMaximumWidth(theme.px(620))
        view = QWidget()
        self._empty = in_column((card, 0, Qt.AlignmentFlag.AlignTop), of=view)
        return view

    def _connect(self) -> None:
        self._list.changed.connect(self._rows_changed)
        self._control.state_changed.connect(self._show_hindrance)
        self._control.checking_changed.connect(self._show_hindrance)
        self.filter.textChanged.connect(self._look_for)
        self.table.row_chosen.connect(self._choose_row)
        self.table.opened.connect(lambda _index: self._open())
        self.details.open_wanted.connect(self._open)
        self.details.resume_wanted.connect(self._resume)
        self.details.recipe_wanted.connect(lambda: self.recipe_wanted.emit(self._chosen))
        self.details.folder_wanted.connect(self._open_folder)
        self.details.copy_wanted.connect(self._copy_path)
        for keys, slot in (
            (QKeySequence.StandardKey.Find, self._to_filter),
            (QKeySequence.StandardKey.Refresh, self._list.refresh),
        ):
            QShortcut(QKeySequence(keys), self, slot, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        theme = self.theme
        edge, gap = theme.size("size.page_padding"), theme.size("space.card_gap")
        keep_edge(self._rows, theme)
        self._empty.setContentsMargins(edge, theme.px(11), edge, edge)
        self._cards.setSpacing(gap)
        self.arranged()

    @property
    def is_pending(self) -> bool:
        return self.details.is_reading

    def arranged(self) -> None:
        """The details give way before the table does."""
        theme = self.theme
        widest = max(theme.px(LEAST_DETAILS), round(self.width() * DETAILS_SHARE))
        self.details.setFixedWidth(min(theme.px(DETAILS_WIDTH), widest))
        self.filter.setFixedWidth(min(theme.px(FILTER_WIDTH), round(self.width() * FILTER_SHARE)))

    # -- the rows -----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self._take_rows()
        self._list.refresh()

    def _rows_changed(self) -> None:
        self._is_stale = True
        if self.isVisible():
            self._take_rows()

    def _take_rows(self) -> None:
        self._is_stale = False
        rows = self._list.rows
        self._is_showing = True  # a row that goes lets the view choose its neighbour
        self.table.keep_in_sight(lambda: self._model.show(rows))
        self._is_showing = False
        chosen = self._model.index_of(self._chosen)
        if chosen.isValid() and not self.table.currentIndex().isValid():
            self.table.setCurrentIndex(self._proxy.mapFromSource(chosen))
        elif not chosen.isValid():
            self._chosen = None
            first = self.table.currentIndex() if self.table.currentIndex().isValid() else self._proxy.index(0, 0)
            self.table.setCurrentIndex(first)
            self._choose_row(first)
        self._show_chosen()
        alive = sum(row.state.is_alive for row in rows)
        self.alive_changed.emit(alive)
        if self._list.error:
            self._show_error(UserError("The runs cannot be listed.", why=self._list.error))
        self._stack.setCurrentIndex(0 if rows or self._list.error else 1)
        self._home.setText(f"They are kept in {places.runs()}.")
        self._say_count()

    def _look_for(self, text: str) -> None:
        self._proxy.look_for(text)
        self.table.empty_words = f"No run matches “{text.strip()}”."
        if not self.table.currentIndex().isValid() and self._proxy.rowCount():
            self.table.setCurrentIndex(self._proxy.index(0, 0))
        elif self.table.currentIndex().isValid():
            self.table.scrollTo(self.table.currentIndex())
        self._say_count()

    def _say_count(self) -> None:
        shown, there = self._proxy.rowCount(), self._model.rowCount()
        self._runs.scope.setText(grouped(there) if shown == there else f"{grouped(shown)} of {grouped(there)}")

    def _to_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    # -- the chosen one -----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> RunRow | None:
        """The run whose details are shown."""
        index = self._model.index_of(self._chosen)
        return self._model.row(index) if index.isValid() else None

    def choose(self, path: Path) -> None:
        """Chooses the run in a folder, where it is listed."""
        index = self._proxy.mapFromSource(self._model.index_of(path))
        if index.isValid():
            self.table.setCurrentIndex(index)

    def _choose_row(self, index: QModelIndex) -> None:
        if self._is_showing:
            return
        self._chosen = self._model.row(self._proxy.mapToSource(index)).path if index.isValid() else None
        self.message.hide()
        self._show_chosen()

    def _show_chosen(self) -> None:
        self.details.show_run(self.chosen)
        self.chosen_changed.emit()

    def _show_hindrance(self) -> None:
        control = self._control
        words = ""
        if control.is_checking:
            words = "A run is about to start. Cancel it, or wait for its end."
        elif not control.can_start:
            assert control.run is not None
            words = f"Another run is at work: {control.run.name}. Stop it, or wait for its end."
        self.details.set_hindrance(words)

    # -- what is done with it -----------------------------------------------------------------------------------------

    def _show_error(self, error: UserError) -> None:
        self.message.say_error(error)

    def _do(self, what: Any) -> bool:
        """Does it, or says why not."""
        try:
            what()
        except UserError as error:
            self._show_error(error)
            return False
        self.message.hide()
        return True

    def _open(self) -> None:
        row = self.chosen
        if row is not None and self._do(lambda: self._control.follow(RunFolder(row.path))):
            self.go_to.emit("train")

    def _resume(self, extra_steps: int) -> None:
        row = self.chosen
        if row is None:
            return
        had_focus = self.details.resumes.hasFocus()
        if had_focus:
            self.table.setFocus()  # a button that is disabled hands it to the next, which a second press would click

        def refuse(error: UserError) -> None:
            self._show_error(error)
            if had_focus and self.table.hasFocus():
                self.details.resumes.setFocus()

        self._control.resume(RunFolder(row.path), extra_steps, refuse, self._show_resumed)

    def _show_resumed(self) -> None:
        self.message.hide()
        self._list.refresh()
        self.go_to.emit("train")

    def _open_folder(self) -> None:
        if self._chosen is not None and not QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._chosen))):
            self._show_error(UserError("No program opens folders here.", remedy=f"The run lies in {self._chosen}."))

    def _copy_path(self) -> None:
        if self._chosen is not None:
            QGuiApplication.clipboard().setText(str(self._chosen))
