"""What was measured of a run and its base, a row a figure, with what is between them drawn as an interval."""

import math
from typing import Any

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QTableView

from workbench.core.job.evaluation_kinds import Measured, TaskMeasured
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import COLOR, IS_STRONG, CellPainter, RowTable

MEASURED, METRIC, ROWS, BASE, TUNED, DRAWN, BETWEEN, VERDICT = range(8)
COLUMNS = (
    Column("measured", least=150, is_text=True),
    Column("by", width=120, is_text=True, goes=2),
    Column("rows", width=52, goes=1),
    Column("base", width=66),
    Column("tuned", width=66),
    Column("", width=120, goes=3, is_text=True, tip="What is between them: the line lies where they are the same"),
    Column("between, 95 %", width=170, is_text=True),
    Column("", width=190, is_text=True, goes=4),
)
# What a cell that is drawn stands for.
TASK = int(Qt.ItemDataRole.UserRole) + 40


def between_in_words(task: TaskMeasured) -> str:
    """ "+0.25 (0.1 to 0.4)", "x 0.097 (0.08 to 0.12)"; empty with one side."""
    if task.apart is None:
        return ""
    sign = "\u00d7\u2009" if task.comparison == "ratio" else "+" if task.apart.value > 0 else ""
    return sign + task.apart.in_words()


class FiguresRows(TableRows):
    columns = COLUMNS

    def cell_text(self, row: TaskMeasured, column: int) -> str:
        match column:
            case 0:
                return row.task
            case 1:
                return row.metric
            case 2:
                return grouped(row.rows)
            case 3:
                return f"{row.sides[0].figure.value:.4g}"
            case 4:
                return f"{row.sides[1].figure.value:.4g}" if len(row.sides) > 1 else ""
            case 6:
                return between_in_words(row)
            case 7:
                return row.verdict
            case _:
                return ""

    def cell_look(self, row: TaskMeasured, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column)) if column != DRAWN else row.verdict
            case Qt.ItemDataRole.ToolTipRole:
                return told(row)
            case _ if role == IS_STRONG and column in (BASE, TUNED):
                better = _better(row)
                return better is not None and column == BASE + better
            case _ if role == COLOR and column in (METRIC, ROWS, VERDICT):
                return "text.secondary"
            case _ if role == TASK:
                return row
        return None


def told(task: TaskMeasured) -> str:
    """How it was asked, and which weights answered."""
    lines = [task.settings]
    if task.left_out:
        lines.append(f"{grouped(task.left_out)} rows left out: {task.why_left_out}")
    for side in task.sides:
        adapter = f"adapter {side.adapter_sha256[:12]}, strength {side.strength:g}" if side.adapter_sha256 else "none on"
        lines.append(f"{side.side}: base {side.base_hash[:12]}, {adapter}")
    return "\n".join(filter(None, lines))


def _better(task: TaskMeasured) -> int | None:
    """The place of the better side; None where the rows do not tell them apart."""
    if not task.verdict or task.apart is None:
        return None
    return next((place for place, side in enumerate(task.sides) if task.verdict.startswith(side.side + " ")), None)


class FiguresPainter(CellPainter):
    """Draws intervals around the line of no difference, all on one scale of their kind."""

    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        task = index.data(TASK)
        if index.column() != DRAWN or task.apart is None or task.apart.low is None:
            super().paint_cell(painter, inside, index)
            return
        widest = max(_reach(row) for row in index.model().rows if row.comparison == task.comparison)
        self._draw(painter, QRectF(inside), task, widest or 1.0)

    def _draw(self, painter: QPainter, box: QRectF, task: TaskMeasured, widest: float) -> None:
        theme, middle = self._theme, box.center()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border.control_strong"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(middle.x(), box.top() + 4), QPointF(middle.x(), box.bottom() - 3))
        low, value, high = (middle.x() + place / widest * (box.width() / 2 - 5) for place in _places(task))
        color = theme.color("text.tertiary" if "do not tell" in task.verdict else "curves.tuned")
        painter.setPen(QPen(color, 2))
        painter.drawLine(QPointF(low, middle.y()), QPointF(high, middle.y()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(QPointF(value, middle.y()), 3.5, 3.5)


def _places(task: TaskMeasured) -> tuple[float, float, float]:
    """Low end, value and high end, 0 where both sides are the same; ratios by their logarithm."""
    apart: Measured | None = task.apart
    if apart is None or apart.low is None or apart.high is None:
        return 0.0, 0.0, 0.0
    if task.comparison == "ratio":
        low, value, high = (math.log(max(number, 1e-9)) for number in (apart.low, apart.value, apart.high))
        return low, value, high
    return apart.low, apart.value, apart.high


def _reach(task: TaskMeasured) -> float:
    return max(abs(place) for place in _places(task))


class FiguresTable(RowTable):
    """A table of figures, whose row is told in full below it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "What was measured", COLUMNS)
        self.figures = FiguresRows()
        self.setModel(self.figures)
        painter: QTableView = self
        self.setItemDelegate(FiguresPainter(theme, painter))
