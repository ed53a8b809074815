"""The cards of a sweep: its runs as a table by their values, and their losses as a plot."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.bridge.tasks import run_task
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import settings
from workbench.core.runs.result_words import value_in_words
from workbench.core.runs.row import RunRow
from workbench.core.runs.sweep import MOST_RUNS, Point, Sweep, read_sweep
from workbench.core.units import counted
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card, ScopedCard
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, ELIDE, IS_STRONG, RowTable
from workbench.panes.runs.listed.columns import At, cell_text, look_of_state
from workbench.panes.runs.queue.sweep_plot import SweepPlot

SHOWN = (("state", At.STATE, 84), ("loss", At.LOSS, 60), ("evaluation", At.EVALUATION, 82))
MORE = (("right", At.RIGHT, 90), ("peak GB", At.PEAK, 66), ("time", At.TIME, 58))


class SweepRows(TableRows):
    """A run a row: its values, then what came of it."""

    def __init__(self) -> None:
        super().__init__()
        self.columns: Sequence[Column] = (Column("run", least=130, is_text=True),)
        self._sweep = Sweep((), ())

    def show_sweep(self, sweep: Sweep) -> None:
        self.beginResetModel()
        self._sweep = sweep
        values = tuple(Column(settings()[path].title, 96, tip=path) for path in sweep.paths)
        is_evaluated = any(point.row.evaluation_loss is not None for point in sweep.points)
        goes = {At.TIME: 1, At.PEAK: 2, At.RIGHT: 3, At.LOSS if is_evaluated else At.EVALUATION: 4, At.STATE: 5}
        outcomes = tuple(
            Column(title, width, goes=goes.get(at, 0), is_text=at is At.STATE) for title, at, width in (*SHOWN, *MORE)
        )
        self.columns = (self.columns[0], *values, *outcomes)
        self.rows = sweep.points
        self.endResetModel()

    def cell_text(self, point: Point, column: int) -> str:
        if column == 0:
            return point.row.called
        if column <= len(point.values):
            return value_in_words(point.values[column - 1])
        return cell_text(point.row, (*SHOWN, *MORE)[column - 1 - len(point.values)][1])

    def cell_look(self, point: Point, column: int, role: int) -> Any:
        best = self._sweep.best
        match role:
            case _ if role == IS_STRONG:
                return best is not None and best.row.path == point.row.path
            case _ if role == COLOR and column == len(point.values) + 1:
                return look_of_state(point.row)[1]
            case _ if role == COLOR and column == 0:
                return "text.secondary"
            case _ if role == ELIDE and column == 0:
                return Qt.TextElideMode.ElideMiddle
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(self.cell_text(point, column))
        return None


class SweepTable(RowTable):
    """Its columns are other ones with each sweep."""

    def __init__(self, theme: Theme, rows: SweepRows) -> None:
        super().__init__(theme, "Runs of the sweep", rows.columns)
        self._rows = rows
        self.setModel(rows)

    def take_columns(self) -> None:
        self._columns = self._rows.columns
        self.share_out()


class SweepCards(QWidget):
    """Chosen by its tag.

    Signals:
        run_chosen: The folder of a run that is to be shown among all.
    """

    run_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._rows: Sequence[RunRow] = ()
        self._tag = ""
        self._shown: tuple[RunRow, ...] = ()
        self.sweep = Sweep((), ())
        self.model = SweepRows()
        self.table = SweepTable(theme, self.model)
        self.table.opened.connect(self._open)
        self.table.empty_words = "Runs with a tag in common stand here: repeat one with changes."
        self.tags = ChoiceBox(theme)
        self.tags.setAccessibleName("Sweep")
        self.tags.setMinimumWidth(theme.px(230))
        self.tags.activated.connect(lambda place: self.choose(str(self.tags.itemData(place))))
        self.card = ScopedCard(theme, "Sweep")
        self.card.set_margins(1, 0, 1, 1)
        self.card.add_to_head(self.tags)
        self.card.add_to_head(copy_button(theme, self.text, "Copy the rows for a spreadsheet", words="Copy table"))
        self.card.body.addWidget(self.table)
        self.plot = SweepPlot(theme)
        self.picture = Card(theme, "Loss", "")
        self.picture.set_margins(14, 0, 4, 4)
        self.picture.body.addWidget(self.plot)
        for card in (self.card, self.picture):
            card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._line = in_row((self.card, 6), (self.picture, 5), of=self)
        theme.follow(lambda: self._line.setSpacing(theme.size("space.card_gap")))

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Takes the runs as they are now; of tags those that several have are offered."""
        self._rows = rows
        found = Counter(tag for row in rows for tag in row.tags)
        tags = [tag for tag in dict.fromkeys(tag for row in rows for tag in row.tags) if found[tag] > 1]
        tags.sort(key=lambda tag: not tag.startswith("sweep "))
        if [self.tags.itemData(place) for place in range(self.tags.count())] != tags:
            self.tags.clear()
            for tag in tags:
                self.tags.addItem(tag, tag)
        self.choose(self._tag if self._tag in tags else tags[0] if tags else "")

    def choose(self, tag: str) -> None:
        """Shows the runs of a tag."""
        self._tag = tag
        self.tags.setCurrentIndex(self.tags.findData(tag))
        self.tags.setVisible(bool(tag))
        chosen = tuple(row for row in self._rows if tag and row.has_tags(tag))[:MOST_RUNS]
        if chosen == self._shown:
            return
        self._shown = chosen

        def take(sweep: Sweep) -> None:
            if chosen == self._shown:
                self._draw(sweep)

        run_task(lambda: read_sweep(chosen), take, _never, parent=self)

    def _draw(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.model.show_sweep(sweep)
        self.table.take_columns()
        self.plot.show_sweep(sweep)
        count = counted(len(sweep.points), "run") if sweep.points else ""
        alive = sum(point.row.state.is_alive for point in sweep.points)
        self.card.scope.set_text(f"{count}, {alive} at work" if alive else count)
        is_evaluated = any(point.row.evaluation_loss is not None for point in sweep.points)
        by = f"{'of held-out rows' if is_evaluated else 'of the last step'}, by {self.plot.along.lower()}"
        self.picture.scope.setText(by if sweep.paths else "")

    def _open(self, index: QModelIndex) -> None:
        path: Path = self.sweep.points[index.row()].row.path
        self.run_chosen.emit(path)

    def text(self) -> str:
        """The table with tabs."""
        heads = [column.title for column in self.model.columns]
        lines = [heads] + [
            [self.model.cell_text(point, column) for column in range(len(heads))] for point in self.sweep.points
        ]
        return "".join("\t".join(line) + "\n" for line in lines) if self.sweep.points else ""


def _never(_error: UserError) -> None:
    """Recipes that cannot be read are left out."""
