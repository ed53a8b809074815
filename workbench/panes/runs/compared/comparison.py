"""The comparison of the ticked runs, or the chosen one alone: its cards, and what they read."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.bridge.compared_runs import ComparedRuns
from workbench.core.problems import UserError
from workbench.core.runs.comparison import hindrances
from workbench.core.runs.row import RunRow
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.runs.compared.differences import alone, compared
from workbench.panes.runs.compared.differences_card import DifferencesCard
from workbench.panes.runs.compared.line import line_of
from workbench.panes.runs.compared.loss_card import LossCard
from workbench.panes.runs.letters import Letters
from workbench.panes.runs.listed.columns import is_broken

DIFFERENCES_WIDTH = 372


class Comparison(QWidget):
    """Shows the runs that have letters, else the chosen one.

    Signals:
        said: A short sentence.
        refused: The folder of a run that cannot be read, and why.
    """

    said = Signal(str)
    refused = Signal(object, object)

    def __init__(self, theme: Theme, letters: Letters, called: Callable[[Path], str]) -> None:
        """`called` says what the run in a folder is called."""
        super().__init__()
        self._theme = theme
        self._letters = letters
        self._called = called
        self._chosen: RunRow | None = None
        self.results = ComparedRuns(self)
        self.loss = LossCard(theme)
        self.differences = DifferencesCard(theme)
        self._line = in_row((self.loss, 8), (self.differences, 7), of=self)
        self.loss.axes.chosen.connect(lambda _axis: self.draw())
        self.loss.plot.said.connect(lambda _state, words: self.said.emit(words))
        self.differences.said.connect(self.said)
        self.results.changed.connect(self.draw)
        self.results.failed.connect(self._refuse)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def arrange(self) -> None:
        """A projector has one plot."""
        self._line.setSpacing(self._theme.size("space.card_gap"))
        self.differences.setVisible(not self._theme.projector)
        self.differences.setMaximumWidth(max(self._theme.px(DIFFERENCES_WIDTH), round(self.width() * 0.46)))

    def show_chosen(self, row: RunRow | None) -> None:
        """Shows this run where none has a letter."""
        self._chosen = row
        if not self._letters.letters:
            self._ask()

    def show_letters(self) -> None:
        """Shows those that have letters now."""
        self._ask()
        self.draw()

    def _ask(self) -> None:
        row = self._chosen
        alone_shown = [row.path] if row is not None and not is_broken(row) else []
        self.results.show(list(self._letters.letters) or alone_shown)

    def draw(self) -> None:
        letters = self._letters.letters
        results = [result for result in self.results.results if not letters or result.run.path in letters]
        shown = [letters.get(result.run.path, "") for result in results]
        names = [self._called(result.run.path) for result in results]
        axis = self.loss.axis
        lines = [
            line_of(result, letter, name, axis) for result, letter, name in zip(results, shown, names, strict=True)
        ]
        told = hindrances(results) if len(results) > 1 else []
        quiet = "" if self.results.is_reading else "No loss is logged yet." if results else "Nothing to draw."
        self.loss.show_lines(lines, told, quiet)
        if not results:
            self.differences.show_nothing()
        else:
            found = compared(results) if len(results) > 1 else alone(results[0])
            self.differences.show_compared(found, shown if letters else (), names)

    def _refuse(self, path: Path, error: UserError) -> None:
        if path in self._letters.letters:
            self.refused.emit(path, error)
