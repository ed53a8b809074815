"""The view Queue: the runs that wait for the one at work, and what came of a sweep."""

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QSizePolicy

from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.core.runs.queue import Waiting
from workbench.core.units import counted
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import button, label
from workbench.panes.runs.queue.sweep_card import SweepCards
from workbench.panes.runs.queue.waiting import WaitingRows, WaitingTable
from workbench.panes.runs.runs_view import RunsView

NOTHING = "Nothing waits. Repeat with changes under All runs puts runs here, and so does `workbench queue add`."
ELSEWHERE = "Another process works the queue off; this window follows it."
KEYS = [("Alt Up", "earlier"), ("Alt Down", "later"), ("Del", "take out")]


class QueueView(RunsView):
    """Signals: run_chosen with the folder of a run that is to be shown among all."""

    run_chosen = Signal(object)

    def __init__(self, theme: Theme, queue: QueueControl, runs: RunList) -> None:
        super().__init__(theme)
        self._queue = queue
        self._runs = runs
        self._chosen = 0  # the number of the entry
        self._is_showing = False
        self.model = WaitingRows()
        self.table = WaitingTable(theme, self.model)
        self.table.empty_words = NOTHING
        self.works = button("Work it off", theme, "play", "primary")
        self.holds = button("Hold", theme, "pause")
        self.holds.setToolTip("The run at work goes on, and none is begun after it")
        self.earlier = button("Earlier", theme, "caret-up", "flat")
        self.later = button("Later", theme, "caret-down", "flat")
        self.takes_out = button("Take out", theme, "x", "flat")
        self.facts = label("", "fact")
        self._keys = KeyCaps(theme, KEYS)
        self.card = ScopedCard(theme, "Queue")
        self.card.set_margins(1, 0, 1, 8)
        for part in (self.holds, self.works):
            self.card.add_to_head(part)
        self.card.body.addWidget(self.table, 1)
        foot = in_row(self.earlier, self.later, self.takes_out, (self.facts, 1), self._keys, gap=theme.px(4))
        foot.setContentsMargins(theme.px(8), 0, theme.px(12), 0)
        self.card.body.addLayout(foot)
        self.card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.sweeps = SweepCards(theme)
        self.sweeps.run_chosen.connect(self.run_chosen)
        self._rows = in_column((self.card, 4), (self.sweeps, 5), of=self)
        self._connect()
        theme.follow(self._restyle)
        self._draw()

    def _connect(self) -> None:
        self.works.clicked.connect(self._queue.work)
        self.holds.clicked.connect(self._queue.hold)
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.takes_out.clicked.connect(self._take_out)
        self.table.row_chosen.connect(self._choose_row)
        self.table.opened.connect(self._open)
        self.table.keys = {
            (Qt.Key.Key_Up, True): lambda: self._move(-1),
            (Qt.Key.Key_Down, True): lambda: self._move(1),
            (Qt.Key.Key_Delete, False): self._take_out,
        }
        self._queue.changed.connect(self._draw)
        self._runs.changed.connect(self._show_sweeps)

    def _restyle(self) -> None:
        keep_edge(self._rows, self.theme)
        self.arranged()

    def arranged(self) -> None:
        self._keys.setVisible(self._keys.fits() and not self.theme.projector)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._queue.look()
        self._show_sweeps()

    def _show_sweeps(self) -> None:
        if self.isVisible():
            self.sweeps.show_rows(self._runs.rows)

    # -- what waits ---------------------------------------------------------------------------------------------------

    @property
    def chosen(self) -> Waiting | None:
        return next((entry for entry in self.model.rows if entry.number == self._chosen), None)

    def _choose_row(self, index: QModelIndex) -> None:
        if not self._is_showing:
            self._chosen = self.model.rows[index.row()].number if index.isValid() else 0
            self._show_buttons()

    def _draw(self) -> None:
        queue = self._queue
        self._is_showing = True
        if list(queue.entries) != self.model.rows:
            self.model.show_entries(queue.entries)
        place = next((at for at, entry in enumerate(self.model.rows) if entry.number == self._chosen), -1)
        self.table.setCurrentIndex(self.model.index(place, 0) if place >= 0 else QModelIndex())
        self._is_showing = False
        waiting = sum(not entry.run for entry in queue.entries)
        count = f"{counted(waiting, 'run')} {'waits' if waiting == 1 else 'wait'}" if queue.entries else ""
        self.card.scope.set_text(queue.error or count)
        self.works.setVisible(not queue.is_working)
        self.works.setEnabled(bool(queue.entries))
        self.holds.setVisible(queue.is_working)
        self._show_buttons()

    def _show_buttons(self) -> None:
        entry, entries = self.chosen, self.model.rows
        place = entries.index(entry) if entry is not None else -1
        is_free = entry is not None and not entry.run
        first_free = next((at for at, other in enumerate(entries) if not other.run), 0)
        self.earlier.setEnabled(is_free and place > first_free)
        self.later.setEnabled(is_free and place < len(entries) - 1)
        self.takes_out.setEnabled(is_free)
        told = ELSEWHERE if self._queue.is_worked_elsewhere else ""
        if entry is not None and entry.run:
            told = "It is at work: Train stops it."
        self.facts.setText(told)

    def _move(self, by: int) -> None:
        entry = self.chosen
        made = self.earlier if by < 0 else self.later
        if entry is not None and made.isEnabled():
            self._queue.move(entry.number, self.model.rows.index(entry) + 1 + by)

    def _take_out(self) -> None:
        entry = self.chosen
        if entry is not None and self.takes_out.isEnabled():
            place = self.model.rows.index(entry)
            rest = [other for other in self.model.rows if other is not entry]
            self._chosen = rest[min(place, len(rest) - 1)].number if rest else 0
            self._queue.remove(entry.number)

    def _open(self, _index: QModelIndex) -> None:
        if self.chosen is not None and self.chosen.run:
            self.go_to.emit("train")
