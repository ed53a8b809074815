"""A histogram of the rows' lengths in tokens, with a line at the longest row that is dragged or moved by keys."""

import math

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen

from workbench.core.ticks import marks, spacing_of
from workbench.core.units import counted, grouped
from workbench.panes.charts.arrow_keys import STEPS
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.data.lengths import Lengths
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring

# How far from the line it can be taken hold of, in pixels of the drawing.
GRIP = 6
LINE = 2


class LengthsChart(Canvas):
    """The histogram; a bar says its numbers under the mouse, the whole says its summary to a screen reader.

    Signals:
        limit_wanted: The longest row that the line was put to.
    """

    limit_wanted = Signal(int)
    LEAST = (0, 84)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Length of rows", takes_keys=True)
        self.lengths = Lengths()
        self.limit = 0
        self._least, self._most = 1, 1
        self._is_dragged = False
        self.setMouseTracking(True)

    def set_bounds(self, least: int, most: int) -> None:
        """Between which numbers the line can be put."""
        self._least, self._most = least, most

    def show_lengths(self, lengths: Lengths) -> None:
        self.lengths = lengths
        self._say()

    def show_limit(self, limit: int) -> None:
        """Puts the line at the longest row."""
        if limit != self.limit:
            self.limit = limit
            self._say()

    def _say(self) -> None:
        lengths = self.lengths
        self.setAccessibleDescription(
            f"{counted(len(lengths), 'row')}. {lengths.in_words()}. {lengths.cut_in_words(self.limit)}. "
            "Left and Right move the longest row."
        )
        self.update()

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        theme = self._theme
        metrics = QFontMetricsF(theme.font("axis"))
        # The topmost level is a round number, with a digit more perhaps than the highest bar has.
        left = metrics.horizontalAdvance(grouped(2 * max(self.lengths.bars.counts, default=0))) + theme.px(8)
        top = QFontMetricsF(theme.font("small")).height() + theme.px(3)
        below = metrics.height() + theme.px(10)
        return QRectF(left, top, max(1, self.width() - left - theme.px(8)), max(1, self.height() - top - below))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, bars, plot = self._theme, self.lengths.bars, self._plot()
        painter = QPainter(self)
        most = max(bars.counts, default=0)
        spacing = spacing_of(max(1, most), max(2, min(4, int(plot.height() / theme.px(24)) + 1)), whole=True)
        top = math.ceil(max(1, most) / spacing) * spacing
        levels = [(plot.bottom() - plot.height() * value / top, words) for value, words in marks(0, top, spacing)]
        paint_levels(painter, theme, plot, reversed(levels), gap=theme.px(6), reach=0.5)
        self._draw_bars(painter, plot, top)
        painter.setPen(QPen(theme.color("border.control"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        self._draw_ticks(painter, plot)
        if bars.counts:
            self._draw_limit(painter, plot)
        else:
            write_notice(painter, theme, plot, "No rows yet.", "text.secondary")
        if self.has_ring:
            paint_ring(painter, theme, self.rect().adjusted(1, 1, -1, -1), theme.size("radius.chip"))

    def _draw_bars(self, painter: QPainter, plot: QRectF, top: float) -> None:
        theme, bars = self._theme, self.lengths.bars
        edge = self.x_of(self.limit)
        painter.setPen(Qt.PenStyle.NoPen)
        for number, count in enumerate(bars.counts):
            if count:
                # One row among thousands is still to be seen.
                height = max(2.0, plot.height() * count / top)
                left, right = self._left_of(plot, number), self._left_of(plot, number + 1)
                right = max(left + 1.0, right - (1 if right - left > 3 else 0))
                middle = min(max(left, edge), right)
                for begins, ends, kind in ((left, middle, "trained"), (middle, right, "truncated")):
                    if ends > begins:
                        painter.setBrush(theme.color(f"tokens.{kind}_line"))
                        painter.drawRect(QRectF(begins, plot.bottom() - height, ends - begins, height))

    def _draw_limit(self, painter: QPainter, plot: QRectF) -> None:
        """The line with its words beside it; at the right edge, dotted, where no row is as long."""
        theme, x = self._theme, self.x_of(self.limit)
        is_outside = self._place_of(self.limit) > 1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        pen = QPen(theme.color("text.primary"), LINE)
        pen.setStyle(Qt.PenStyle.DotLine if is_outside else Qt.PenStyle.SolidLine)
        painter.setPen(pen)
        painter.drawLine(QPointF(x, 0), QPointF(x, plot.bottom()))
        painter.setFont(theme.font("small", weight=500))
        words, gap = self.lengths.cut_in_words(self.limit), theme.px(7)
        metrics = QFontMetricsF(painter.font())
        wide = metrics.horizontalAdvance(words) + 1
        left = x + gap if x + gap + wide <= self.width() else max(plot.left(), x - gap - wide)
        painter.setPen(theme.color("text.primary"))
        painter.drawText(QRectF(left, 0, wide, metrics.height()), Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_ticks(self, painter: QPainter, plot: QRectF) -> None:
        theme, bars = self._theme, self.lengths.bars
        if not bars.counts:
            return
        closed = bars.end - bars.width * bars.is_open
        wide, shown = self._theme.px(56), float(bars.end - bars.start)
        spacing = spacing_of(max(1.0, shown), max(2, int(plot.width() / wide)), whole=True)
        room = shown * wide / plot.width()
        found = marks(bars.start, bars.end, spacing)
        if bars.is_open:
            found = [(value, words) for value, words in found if value < closed - room]
            found.append((closed, f"{grouped(closed)}+"))
        placed = [(plot.left() + plot.width() * (value - bars.start) / shown, words) for value, words in found]
        ends = (0, self.width())
        paint_ticks(painter, theme, placed, plot.bottom(), length=5, gap=theme.px(6), ends=ends, is_centered=True)

    def _left_of(self, plot: QRectF, bar: int) -> float:
        return plot.left() + plot.width() * bar / len(self.lengths.bars.counts)

    def _place_of(self, limit: int) -> float:
        """Where the line stands, as a share of the axis; a row of this length stands before it."""
        bars = self.lengths.bars
        return (limit + 1 - bars.start) / max(1, bars.end - bars.start)

    def x_of(self, limit: int) -> float:
        """The pixel of the line at a limit, held within the axis."""
        plot = self._plot()
        return plot.left() + plot.width() * min(max(0.0, self._place_of(limit)), 1.0)

    # -- the line -----------------------------------------------------------------------------------------------------

    def _limit_at(self, x: float) -> int:
        plot, bars = self._plot(), self.lengths.bars
        return round(bars.start + (x - plot.left()) / plot.width() * (bars.end - bars.start)) - 1

    def _put(self, limit: int) -> None:
        limit = min(max(self._least, limit), self._most)
        if limit != self.limit:
            self.show_limit(limit)
            self.limit_wanted.emit(limit)

    def _is_on_line(self, x: float) -> bool:
        return bool(len(self.lengths)) and abs(x - self.x_of(self.limit)) <= self._theme.px(GRIP)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_line(event.position().x()):
            self._is_dragged = True

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        if self._is_dragged:
            self._put(self._limit_at(x))
        is_on = self._is_dragged or self._is_on_line(x)
        self.setCursor(Qt.CursorShape.SplitHCursor if is_on else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._is_dragged = False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key())
        if step is None or not len(self.lengths):
            super().keyPressEvent(event)
        elif step.ends:
            self._put(self.lengths.longest if step.ends > 0 else self.lengths.shortest)
        else:
            way = step.across - step.down - step.pages * self.lengths.bars.width
            # A line that stands at the edge, since no row is as long, comes in with the first step.
            self._put((min(self.limit, self.lengths.longest) if way < 0 else self.limit) + way)

    # -- under the mouse ----------------------------------------------------------------------------------------------

    def bar_at(self, x: float) -> int:
        """The bar at a place, -1 where there is none."""
        plot, bars = self._plot(), self.lengths.bars
        if not bars.counts or not plot.left() <= x < plot.right():
            return -1
        return int((x - plot.left()) / plot.width() * len(bars.counts))

    def bar_in_words(self, bar: int) -> str:
        bars = self.lengths.bars
        return f"{counted(bars.counts[bar], 'row')} of {bars.span_in_words(bar)}"

    def tip_at(self, at: QPointF) -> str | None:
        bar = self.bar_at(at.x())
        return self.bar_in_words(bar) if bar >= 0 and not self._is_dragged else ""
