"""The map of errors: a line for each layer, a column for each kind of matrix, the rest below; darker loses more."""

import math
from collections.abc import Mapping

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen

from workbench.core.quantized.matrix_errors import MatrixErrors, Measure
from workbench.core.quantized.matrix_grid import Cell, Grid
from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.canvas import write_notice
from workbench.panes.charts.cell_map import LEAST_MARK, CellMap, grown, paint_mark
from workbench.panes.look.ink import mixed
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.whole.legend import FAINTEST, ink_on
from workbench.panes.quantize.whole.words import cell_in_words, value_in_words

Place = tuple[int, int]  # line and column; those outside are in the line after the last

# Figures stand in cells of this size and above.
WIDE_ENOUGH, HIGH_ENOUGH = 40, 15
GAP_BELOW = 10
HEAD, OUTSIDE = 20, 34
LONGEST_LINE_NAME = 0.2  # of the width
LINE_TITLE = "layer"
LINES_A_PAGE = 10


class ErrorMap(CellMap[Place]):
    """Each matrix as a cell; what is not measured yet is an outline, what has no figures is crossed out.

    Signals:
        chosen: The place that was chosen, a line and a column.
    """

    chosen = Signal(int, int)
    SIZE, LEAST = (420, 260), (240, 120)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Error of every matrix")
        self.grid = Grid()
        self.found: Mapping[Place, MatrixErrors] = {}
        self.by = Measure.SNR
        self.ends: tuple[float, float] | None = None  # the badness of the palest and of the darkest cell
        self.place: Place | None = None
        self.words = ""  # said where there is no matrix

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_grid(self, grid: Grid) -> None:
        """Another model: nothing of it is measured yet."""
        self.grid, self.found, self.ends = grid, {}, None
        self.place = None
        self.update()

    def show_found(self, found: Mapping[Place, MatrixErrors], by: Measure) -> None:
        self.found, self.by = found, by
        known = [bad for each in found.values() if (bad := each.badness(by)) is not None and math.isfinite(bad)]
        self.ends = (min(known), max(known)) if known else None
        self._describe()
        self.update()

    def choose(self, place: Place | None) -> None:
        """Marks a cell without telling it."""
        self.place = place
        self._describe()
        self.update()

    def words_of(self, cell: Place) -> str:
        matrix = self.grid.cell(*cell)
        if matrix is None:
            return ""
        line = self.grid.lines[cell[0]] if cell[0] < len(self.grid.lines) else ""
        return cell_in_words(line, matrix.title, self.found.get(cell), len(matrix.names))

    def _describe(self) -> None:
        self.setAccessibleDescription("" if self.place is None else self.words_of(self.place))

    def shade(self, found: MatrixErrors) -> float | None:
        """From 0, nothing lost, to 1, the most of all cells; None where there are no figures."""
        bad = found.badness(self.by)
        if bad is None or self.ends is None:
            return None
        if not math.isfinite(bad):
            return 0.0
        low, high = self.ends
        share = (bad - low) / (high - low) if high > low else 1.0
        return FAINTEST + (1 - FAINTEST) * share

    # -- where things are ---------------------------------------------------------------------------------------------

    def _left(self) -> float:
        """Where the cells begin: behind the names of the lines."""
        metrics = QFontMetricsF(self._theme.font("axis"))
        widest = max(metrics.horizontalAdvance(line) for line in (LINE_TITLE, *self.grid.lines))
        return min(widest, self.width() * LONGEST_LINE_NAME) + self._theme.px(8) if self.grid.lines else 0.0

    def _boxes(self) -> tuple[QRectF, QRectF]:
        """Those of the layers, and of what lies outside."""
        px, left = self._theme.px, self._left()
        below = px(OUTSIDE) if self.grid.outside else 0
        if not self.grid.lines:
            return QRectF(), QRectF(0, 0, self.width(), min(self.height(), px(OUTSIDE) * 2))
        gap = px(GAP_BELOW) if below else 0
        high = max(1, self.height() - px(HEAD) - gap - below)
        inside = QRectF(left, px(HEAD), self.width() - left, high)
        return inside, QRectF(left, inside.bottom() + gap, self.width() - left, below)

    def box_of(self, place: Place) -> QRectF:
        """Of a cell, with whole pixels as edges."""
        inside, outside = self._boxes()
        line, column = place
        if line == len(self.grid.lines):
            count = max(1, len(self.grid.outside), 0 if not self.grid.lines else len(self.grid.columns))
            left, right = (round(outside.left() + outside.width() * at / count) for at in (column, column + 1))
            top = outside.top() + self._theme.px(16)
            return QRectF(left, top, right - left - 1, max(1.0, outside.bottom() - top))
        lines, columns = len(self.grid.lines), max(1, len(self.grid.columns))
        left, right = (round(inside.left() + inside.width() * at / columns) for at in (column, column + 1))
        top, bottom = (round(inside.top() + inside.height() * at / lines) for at in (line, line + 1))
        gap = 1 if bottom - top > 3 else 0
        return QRectF(left, top, right - left - 1, bottom - top - gap)

    def cell_at(self, at: QPointF) -> Place | None:
        inside, outside = self._boxes()
        lines = len(self.grid.lines)
        if lines and inside.contains(at):
            line = min(lines - 1, int((at.y() - inside.top()) / inside.height() * lines))
            columns = len(self.grid.columns)
            found = (line, min(columns - 1, int((at.x() - inside.left()) / inside.width() * columns)))
            return found if self.grid.cell(*found) else None
        if outside.contains(at):
            for column in range(len(self.grid.outside)):
                box = self.box_of((lines, column))
                if box.left() <= at.x() <= box.right():
                    return lines, column
        return None

    # -- drawing ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = self._theme
        if not self.grid.lines and not self.grid.outside:
            write_notice(painter, theme, QRectF(self.rect()), self.words)
            return
        self._paint_names(painter)
        palest, darkest = theme.color("heat.middle"), theme.color("heat.below")
        painter.setFont(theme.font("axis"))
        for place, cell in self._cells():
            self._paint_cell(painter, self.box_of(place), place, palest, darkest)
            if place[0] == len(self.grid.lines):
                self._paint_title(painter, self.box_of(place), cell)
        self._paint_chosen(painter)

    def _cells(self) -> list[tuple[Place, Cell]]:
        below = [((len(self.grid.lines), column), cell) for column, cell in enumerate(self.grid.outside)]
        return [*self.grid.cells.items(), *below]

    def _paint_cell(self, painter: QPainter, box: QRectF, place: Place, palest: QColor, darkest: QColor) -> None:
        theme, found = self._theme, self.found.get(place)
        if found is None:
            fill(painter, box, theme.color("surface.inset"))
            if box.height() > 4:
                painter.setPen(QPen(theme.color("border.subtle"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            return
        shade = self.shade(found)
        if shade is None:
            fill(painter, box, theme.color("heat.none"))
            painter.setPen(QPen(theme.color("surface.card"), 1))
            painter.drawLine(box.topLeft(), box.bottomRight())
            painter.drawLine(box.topRight(), box.bottomLeft())
            return
        ground = mixed(palest, darkest, shade)
        fill(painter, box, ground)
        if box.width() >= theme.px(WIDE_ENOUGH) and box.height() >= theme.px(HIGH_ENOUGH):
            painter.setPen(ink_on(theme, ground))
            words = value_in_words(found, self.by, has_unit=False)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_names(self, painter: QPainter) -> None:
        theme, px = self._theme, self._theme.px
        inside, _outside = self._boxes()
        painter.setFont(theme.font("axis"))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme.color("text.secondary"))
        for column, title in enumerate(self.grid.columns):
            box = self.box_of((0, column))
            words = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, max(0.0, box.width() - 2))
            painter.drawText(QRectF(box.left(), 0, box.width(), px(HEAD) - px(4)), Qt.AlignmentFlag.AlignCenter, words)
        painter.setPen(theme.color("text.tertiary"))
        lines = len(self.grid.lines)
        if not lines:
            return
        head = QRectF(0, 0, inside.left() - px(8), px(HEAD) - px(4))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, LINE_TITLE)
        every = next(
            step for step in (1, 2, 5, 10, 20, 50, 100, 10_000) if inside.height() / lines * step >= metrics.height()
        )
        for line in range(0, lines, every):
            box = self.box_of((line, 0))
            middle = box.center().y()
            words = metrics.elidedText(self.grid.lines[line], Qt.TextElideMode.ElideMiddle, inside.left() - px(8))
            around = QRectF(0, middle - metrics.height() / 2, inside.left() - px(8), metrics.height())
            painter.drawText(around, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_title(self, painter: QPainter, box: QRectF, cell: Cell) -> None:
        metrics = QFontMetricsF(painter.font())
        painter.setPen(self._theme.color("text.secondary"))
        words = metrics.elidedText(cell.title, Qt.TextElideMode.ElideMiddle, max(0.0, box.width() - 2))
        above = QRectF(box.left(), box.top() - self._theme.px(16), box.width(), self._theme.px(15))
        painter.drawText(above, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_chosen(self, painter: QPainter) -> None:
        theme = self._theme
        if self.place is not None and self.grid.cell(*self.place) is not None:
            box = grown(self.box_of(self.place), 0, theme.px(LEAST_MARK))
            paint_mark(painter, theme, box, "focus.ring" if self.has_ring else "text.primary", pen=2)
        elif self.has_ring:
            paint_ring(painter, theme, self.rect().adjusted(1, 1, -1, -1))

    # -- hands --------------------------------------------------------------------------------------------------------

    def cell_after(self, step: Step) -> Place | None:
        cells = self._cells()
        if not cells:
            return None
        if self.place is None:
            return cells[0][0]
        lines, column = len(self.grid.lines), self.place[1] + step.across
        line = self.place[0] + step.down
        if step.pages or step.ends:
            line = clamped(line + step.pages * LINES_A_PAGE + step.ends * (lines + 1), max(1, lines))
        line = clamped(line, lines + bool(self.grid.outside))
        held = (line, clamped(column, len(self.grid.outside if line == lines else self.grid.columns)))
        return self.place if self.grid.cell(*held) is None else held

    def choose_by_hand(self, cell: Place) -> None:
        self.choose(cell)
        self.chosen.emit(*cell)
