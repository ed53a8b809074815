"""How long the rows are: a histogram of characters, painted."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen

from workbench.core.ticks import marks, spacing_of
from workbench.core.units import counted, grouped
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.look.theme import Theme

MOST_BARS = 36
# Where one row in a hundred is longer than this many times the others, the last bar holds all that are longer.
LONG_TAIL = 2.0


@dataclass(frozen=True)
class Bars:
    """Bar `n` counts the rows from `start + n * width` characters on; the last one all longer rows where `is_open`."""

    counts: tuple[int, ...] = ()
    start: int = 0
    width: int = 1
    is_open: bool = False

    @property
    def end(self) -> int:
        return self.start + self.width * len(self.counts)

    @classmethod
    def of(cls, lengths: Sequence[int]) -> "Bars":
        values = np.asarray(lengths, dtype=np.int64)
        if not values.size:
            return cls()
        least, most = int(values.min()), int(values.max())
        usual = int(np.quantile(values, 0.99))
        is_open = most > max(1, usual) * LONG_TAIL
        shown = usual if is_open else most
        width = int(spacing_of(max(1, shown - least + 1), MOST_BARS, whole=True))
        start = least // width * width
        number = (shown - start) // width + 1 + is_open
        counts = np.bincount(np.minimum((values - start) // width, number - 1), minlength=number)
        return cls(tuple(int(count) for count in counts), start, width, is_open)

    def span_in_words(self, bar: int) -> str:
        first = self.start + bar * self.width
        if self.is_open and bar == len(self.counts) - 1:
            return f"{grouped(first)} characters or more"
        last = f" to {grouped(first + self.width - 1)}" if self.width > 1 else ""
        return f"{grouped(first)}{last} character{'s' * (bool(last) or first != 1)}"


class LengthsChart(Canvas):
    """The histogram; a bar says its numbers under the mouse, the whole says its summary to a screen reader."""

    LEAST = (0, 84)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Length of rows")
        self.bars = Bars()
        self._summary = ""

    def show_lengths(self, lengths: Sequence[int]) -> str:
        """Draws them, and gives what is to be said of them: "characters; median 61, longest 93"."""
        self.bars = Bars.of(lengths)
        self._summary = ""
        if len(lengths):
            values = np.asarray(lengths)
            median, longest = int(np.median(values)), int(values.max())
            self._summary = f"median {grouped(median)}, longest {grouped(longest)}"
        self.setAccessibleDescription(f"{len(lengths)} rows. Characters: {self._summary}.")
        self.update()
        return f"characters; {self._summary}" if self._summary else "characters"

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        theme = self._theme
        metrics = self.fontMetrics()
        left = metrics.horizontalAdvance(grouped(max(self.bars.counts, default=0))) + theme.px(8)
        return QRectF(
            left, theme.px(8), max(1, self.width() - left - theme.px(8)), max(1, self.height() - theme.px(28))
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, bars, plot = self._theme, self.bars, self._plot()
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
        if not bars.counts:
            write_notice(painter, theme, plot, "No rows yet.", "text.secondary")

    def _draw_bars(self, painter: QPainter, plot: QRectF, top: float) -> None:
        theme, bars = self._theme, self.bars
        painter.setPen(Qt.PenStyle.NoPen)
        for number, count in enumerate(bars.counts):
            if count:
                # One row among thousands is still to be seen.
                height = max(2.0, plot.height() * count / top)
                left, right = self._x(plot, number), self._x(plot, number + 1)
                is_tail = bars.is_open and number == len(bars.counts) - 1
                painter.setBrush(theme.color("curves.eval_loss" if is_tail else "curves.gradient_norm"))
                gap = 1 if right - left > 3 else 0
                painter.drawRect(QRectF(left, plot.bottom() - height, max(1.0, right - left - gap), height))

    def _draw_ticks(self, painter: QPainter, plot: QRectF) -> None:
        theme, bars = self._theme, self.bars
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

    def _x(self, plot: QRectF, bar: int) -> float:
        return plot.left() + plot.width() * bar / len(self.bars.counts)

    # -- under the mouse ----------------------------------------------------------------------------------------------

    def bar_at(self, x: float) -> int:
        """The bar at a place, -1 where there is none."""
        plot = self._plot()
        if not self.bars.counts or not plot.left() <= x < plot.right():
            return -1
        return int((x - plot.left()) / plot.width() * len(self.bars.counts))

    def bar_in_words(self, bar: int) -> str:
        count = self.bars.counts[bar]
        return f"{counted(count, 'row')} of {self.bars.span_in_words(bar)}"

    def tip_at(self, at: QPointF) -> str | None:
        bar = self.bar_at(at.x())
        return self.bar_in_words(bar) if bar >= 0 else ""
