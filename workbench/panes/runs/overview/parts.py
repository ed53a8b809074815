"""The parts of the view All runs, and which run is chosen among them: what its actions act on."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from workbench.bridge.run_changes import RunChanges
from workbench.core.problems import UserError
from workbench.core.runs.row import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card, Message, ScopedCard
from workbench.panes.parts.controls import button, icon_button, label
from workbench.panes.runs.chosen.card import ChosenCard
from workbench.panes.runs.compared.comparison import Comparison
from workbench.panes.runs.letters import Letters
from workbench.panes.runs.listed.head import SearchField, TagChips
from workbench.panes.runs.listed.model import RunsModel, RunsProxy
from workbench.panes.runs.listed.table import RunsTable
from workbench.panes.runs.repeat.card import RepeatCard
from workbench.panes.runs.runs_view import RunsView


class Split(QSplitter):
    """Signals: resized, once it has its new size."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class OverviewParts(RunsView):
    """Table, comparison and the card of the chosen run, each where it stands.

    Signals:
        chosen_changed: Which run is chosen, or what is known of it.
        export_wanted: The chosen run is to be exported.
    """

    chosen_changed = Signal()
    export_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._chosen: Path | None = None
        self.letters = Letters()
        self.changes = RunChanges(self)
        self.model = RunsModel()
        self.proxy = RunsProxy(self.model)
        self.table = RunsTable(theme, self.proxy)
        self.chips = TagChips(theme)
        self.search = SearchField(theme)
        self.comparison = Comparison(theme, self.letters, self.called)
        self.details = ChosenCard(theme)
        self.repeat = RepeatCard(theme)
        self.message = Message(theme)
        self.stack = QStackedWidget()
        self.stack.addWidget(self._list_view())
        self.stack.addWidget(self._empty_view())
        in_column(self.stack, of=self)

    def _list_view(self) -> QWidget:
        theme = self.theme
        self.card = ScopedCard(theme, "All runs")
        self.card.set_margins(1, 0, 1, 1)
        self.card.set_least_head(28)  # of a button, which comes and goes
        self.ticked = label("", "small")
        self.clears = button("Clear", theme, "x", "flat")
        self.clears.setToolTip("Compare none")
        for part in (self.ticked, self.clears):
            self.card.add_to_head(part)
            part.hide()
        self.card.head.addWidget(self.chips, 300)
        self.card.add_to_head(self.search)
        self.card.body.addWidget(self.table)
        close = icon_button("Close this message", theme, "x")
        close.clicked.connect(self.message.hide)
        self.message.add_button(close)  # type: ignore[arg-type]
        self.message.hide()
        self.left = QStackedWidget()
        self.left.addWidget(self.comparison)
        self.left.addWidget(self.repeat)
        below = QWidget()
        self.cards = in_row((self.left, 1), self.details, of=below)
        self.split = Split(Qt.Orientation.Vertical)
        self.split.addWidget(self.card)
        self.split.addWidget(below)
        self.split.setChildrenCollapsible(False)
        self.split.handle(1).setAccessibleName("Edge between the table and the comparison")
        view = QWidget()
        self.rows = in_column(self.message, (self.split, 1), of=view)
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
        self.home = label("", "fact", wraps=True)
        card.body.addWidget(self.home)
        self.onward = button("Train the first one", theme, "play", "primary")
        self.onward.clicked.connect(lambda: self.go_to.emit("train"))
        card.body.addLayout(in_row(self.onward, 1))
        card.setMaximumWidth(theme.px(620))
        view = QWidget()
        self.empty = in_column((card, 0, Qt.AlignmentFlag.AlignTop), of=view)
        return view

    # -- the chosen one -----------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> RunRow | None:
        """The run that buttons act on."""
        index = self.model.index_of(self._chosen)
        return self.model.row(index) if index.isValid() else None

    def choose(self, path: Path) -> None:
        """Chooses the run in a folder, where it is listed."""
        index = self.proxy.mapFromSource(self.model.index_of(path))
        if index.isValid():
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)

    def called(self, path: Path) -> str:
        """What the run in a folder is called."""
        index = self.model.index_of(path)
        return self.model.row(index).called if index.isValid() else path.name

    # -- what actions ask for -----------------------------------------------------------------------------------------

    def show_error(self, error: UserError) -> None:
        self.message.say_error(error)

    def read_anew(self) -> None:
        """Looks at the chosen run's folder again."""
        raise NotImplementedError

    def await_row(self, path: Path) -> None:
        """Chooses a run as soon as it is listed."""
        raise NotImplementedError

    def turn(self, row: RunRow) -> None:
        """Compares a run, or does so no more."""
        raise NotImplementedError

    def show_repeat(self) -> None:
        """Puts the form of a repetition where the comparison stands."""
        self.left.setCurrentWidget(self.repeat)

    def close_repeat(self) -> None:
        """Shows the comparison again."""
        self.left.setCurrentWidget(self.comparison)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
