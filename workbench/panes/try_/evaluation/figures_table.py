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

MEASURED, ROWS, BASE, TUNED, DRAWN, BETWEEN, VERDICT = range(7)
COLUMNS = (
    Column("measured", least=160, is_text=True),
    Column("rows", width=60, goes=2),
    Column("base", width=66),
    Column("tuned", width=66),
    Column("", width=120, goes=3, is_text=True, tip="What is between them: the line lies where they are the same"),
    Column("between, 95 %", width=206, is_text=True),
    Column("", width=120, is_text=True, goes=1),
)
# What a cell that is drawn stands for.
TASK = int(Qt.ItemDataRole.UserRole) + 40
ALL = TASK + 1  # the rows of the table, which share a scale


def between_in_words(task: TaskMeasured) -> str:
    """ "+0.25 (0.1 to 0.4)", "x 0.097 (0.08 to 0.12)"; empty with one side."""
    if task.apart is None:
        return ""
    sign = "\u00d7\u2009" if task.comparison == "ratio" else "+" if task.apart.value > 0 else ""
    value, low, high = map(_short, (task.apart.value, task.apart.low, task.apart.high))
    return f"{sign}{value} ({low} to {high})" if low and high else f"{sign}{value}"


def _short(number: float | None) -> str:
    return "" if number is None else f"{number:.3f}".rstrip("0").rstrip(".").replace("-", "\u2212")


def title_of(task: TaskMeasured) -> str:
    """The task with its metric, which those of one's own files have in their names."""
    return task.task if task.metric in task.task else f"{task.task}, {task.metric}"


def verdict_of(task: TaskMeasured) -> str:
    """What the interval says, in a few words."""
    better = _better(task)
    return f"{task.sides[better].side} is better" if better is not None else "not told apart" if task.verdict else ""


class FiguresRows(TableRows):
    columns = COLUMNS

    def cell_text(self, row: TaskMeasured, column: int) -> str:
        match column:
            case 0:
                return title_of(row)
            case 1:
                return grouped(row.rows)
            case 2:
                return f"{row.sides[0].figure.value:.4g}"
            case 3:
                return f"{row.sides[1].figure.value:.4g}" if len(row.sides) > 1 else ""
            case 5:
                return between_in_words(row)
            case 6:
                return verdict_of(row)
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
            case _ if role == COLOR and column in (ROWS, VERDICT):
                return "text.secondary"
            case _ if role == TASK:
                return row
            case _ if role == ALL:
                return self.rows
        return None


def told(task: TaskMeasured) -> str:
    """How it was asked, and which weights answered."""
    lines = [task.settings]
    if task.left_out:
        lines.append(f"{grouped(task.left_out)} rows left out: {task.why_left_out}")
    for side in task.sides:
        adapter = (
            f"adapter {side.adapter_sha256[:12]}, strength {side.strength:g}" if side.adapter_sha256 else "no adapter"
        )
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
        widest = max(_reach(row) for row in index.data(ALL) if row.comparison == task.comparison)
        self._draw(painter, QRectF(inside), task, widest or 1.0)

    def _draw(self, painter: QPainter, box: QRectF, task: TaskMeasured, widest: float) -> None:
        theme, middle = self._theme, box.center()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("border.control_strong"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(middle.x(), box.top() + 4), QPointF(middle.x(), box.bottom() - 3))
        low, value, high = (middle.x() + place / widest * (box.width() / 2 - 5) for place in _places(task))
        color = theme.color("text.tertiary" if _better(task) is None else "curves.tuned")
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
