"""The weights of a tensor as a histogram with the levels of a format over it, and what goes to each of them."""

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from workbench.core.figures import in_digits, with_minus
from workbench.core.quantized.layer_grid import BINS
from workbench.core.quantized.layer_study import LayerStudy
from workbench.core.ticks import marks, spacing_of
from workbench.core.units import grouped
from workbench.panes.charts.arrow_keys import STEPS, place_after
from workbench.panes.charts.axes import paint_ticks
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.layer.words import part_in_words

LABEL_ROOM, AXIS_ROOM, SIDE_ROOM = 20, 22, 8
# Beside the first and the last bin, as a share of all bins.
MARGIN = 0.016
MOST_TICKS = 9
# Nearer than this a line for each level would be a surface.
LEAST_LEVEL_PIXELS = 4
BAR_STRENGTH = 0.57


def level_color(study: LayerStudy) -> str:
    """The colour of the bits that are an index, or of those of an integer."""
    return "bits.integer" if study.scheme.quantizer.is_integer else "bits.index"


class LevelHistogram(Canvas):
    """Bars, levels, and the bands between the bounds; the pointer or the arrows choose a level.

    Signals:
        described: What is chosen in words; nothing where nothing is.
    """

    described = Signal(str)
    SIZE, LEAST = (500, 180), (200, 80)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Histogram of the weights", takes_keys=True)
        self.study: LayerStudy | None = None
        self.notice = ""
        self.has_bands = True
        self.chosen: int | None = None  # a level; of a dense grid a bin
        self.setMouseTracking(True)

    def show_study(self, study: LayerStudy) -> None:
        is_other = self.study is None or self.study.grid.labels != study.grid.labels
        self.study, self.notice = study, ""
        self.choose(None if is_other else self.chosen)
        self.update()

    def say(self, notice: str) -> None:
        """Words in the place of a histogram."""
        self.study, self.notice = None, notice
        self.choose(None)
        self.setAccessibleDescription(notice)
        self.update()

    def show_bands(self, has_bands: bool) -> None:
        self.has_bands = has_bands
        self.update()

    def choose(self, place: int | None) -> None:
        self.chosen = place
        words = "" if self.study is None or place is None else self.in_words(place)
        self.setAccessibleDescription(words)
        self.described.emit(words)
        self.update()

    def in_words(self, place: int) -> str:
        """A level, or a bin of a dense grid: where it lies and how many weights it has."""
        study = self.study
        assert study is not None
        if not study.grid.is_dense:
            return part_in_words(study, place)
        edges = study.grid.edges()
        share = study.counts[place] / study.tensor.numbers
        ends = f"{in_digits(float(edges[place]))} to {in_digits(float(edges[place + 1]))}"
        return f"{ends}: {grouped(int(study.counts[place]))} weights, {share:.2%}"

    # -- where things are ---------------------------------------------------------------------------------------------

    def _plot(self) -> QRectF:
        px = self._theme.px
        top, side = px(LABEL_ROOM), px(SIDE_ROOM)
        return QRectF(side, top, self.width() - 2 * side, max(1, self.height() - top - px(AXIS_ROOM)))

    def _ends(self) -> tuple[float, float]:
        assert self.study is not None
        grid = self.study.grid
        more = MARGIN * (grid.high - grid.low)
        return grid.low - more, grid.high + more

    def _x_of(self, value: float) -> float:
        plot, (low, high) = self._plot(), self._ends()
        return plot.left() + (value - low) / (high - low) * plot.width()

    def _value_at(self, x: float) -> float:
        plot, (low, high) = self._plot(), self._ends()
        return low + (x - plot.left()) / plot.width() * (high - low)

    def place_at(self, x: float) -> int | None:
        """The level that a number there goes to, or the bin."""
        if self.study is None or not self._plot().left() <= x <= self._plot().right():
            return None
        grid, value = self.study.grid, self._value_at(x)
        if not grid.is_dense:
            return grid.level_of(value)
        place = int((value - grid.low) / (grid.high - grid.low) * BINS)
        return place if 0 <= place < BINS else None

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, plot = self._theme, self._plot()
        painter = QPainter(self)
        if self.study is None:
            words = QRectF(self.rect()).adjusted(theme.px(24), 0, -theme.px(24), 0)
            write_notice(painter, theme, words, self.notice, "text.secondary")
        else:
            grid = self.study.grid
            if not grid.is_dense:
                self._paint_bands(painter, plot)
            self._paint_bars(painter, plot)
            self._paint_levels(painter, plot)
        painter.setPen(theme.color("border.control"))
        base = round(plot.bottom())
        painter.drawLine(round(plot.left()), base, round(plot.right()), base)
        if self.study is not None:
            self._paint_axis(painter, plot)
        if self.has_ring:
            paint_ring(painter, theme, self.rect().adjusted(1, 1, -1, -1), 4)

    def _band(self, place: int, plot: QRectF) -> QRectF:
        assert self.study is not None
        bounds = self.study.grid.bounds
        left = self._x_of(float(bounds[place - 1])) if place else plot.left()
        right = self._x_of(float(bounds[place])) if place < len(bounds) else plot.right()
        return QRectF(left, plot.top() + self._theme.px(3), right - left, plot.height() - self._theme.px(3))

    def _paint_bands(self, painter: QPainter, plot: QRectF) -> None:
        assert self.study is not None
        if self.has_bands:
            for place in range(0, len(self.study.grid.levels), 2):
                painter.fillRect(self._band(place, plot), self._theme.color("surface.inset"))
        if self.chosen is not None:
            painter.fillRect(self._band(self.chosen, plot), self._theme.color("accent.tint"))

    def _paint_bars(self, painter: QPainter, plot: QRectF) -> None:
        assert self.study is not None
        edges, counts = self.study.grid.edges(), self.study.counts
        most = max(1, int(counts.max()))
        usual, chosen = self._theme.color("memory.weights"), self._theme.color("memory.weights")
        usual.setAlphaF(BAR_STRENGTH)
        full = plot.height() - self._theme.px(4)
        for place, count in enumerate(counts.tolist()):
            if not count:
                continue
            left, right = round(self._x_of(float(edges[place]))), round(self._x_of(float(edges[place + 1])))
            wide = right - left - (1 if right - left > 2 else 0)
            high = max(1.0, full * count / most)
            is_chosen = self.study.grid.is_dense and place == self.chosen
            painter.fillRect(QRectF(left, plot.bottom() - high, wide, high), chosen if is_chosen else usual)

    def _paint_levels(self, painter: QPainter, plot: QRectF) -> None:
        study, theme = self.study, self._theme
        assert study is not None
        color = theme.color(level_color(study))
        spots = [self._x_of(float(level)) for level in study.grid.levels]
        if study.grid.is_dense:
            self._paint_many(painter, plot, spots, color)
            return
        wide = theme.px(2)
        painter.setFont(theme.font("axis", weight=500))
        metrics = QFontMetricsF(painter.font())
        taken: list[tuple[float, float]] = []
        # Where levels are close, the chosen one and that of zero keep their numbers.
        for place in sorted(range(len(spots)), key=lambda at: (at != self.chosen, study.grid.levels[at] != 0, at)):
            x, text = spots[place], study.grid.labels[place]
            line = QRectF(round(x - wide / 2), plot.top() - theme.px(2), wide, plot.height() + theme.px(2))
            painter.fillRect(line, color)
            half = metrics.horizontalAdvance(text) / 2
            if any(left < x + half and x - half < right for left, right in taken):
                continue
            painter.setPen(theme.color("text.primary") if place == self.chosen else color)
            box = QRectF(x - half - 2, 0, 2 * half + 4, plot.top() - theme.px(2))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
            taken.append((x - half - theme.px(3), x + half + theme.px(3)))

    def _paint_many(self, painter: QPainter, plot: QRectF, spots: list[float], color: QColor) -> None:
        """A line each where there is room for them, else a band; how many there are stands above."""
        study, theme = self.study, self._theme
        assert study is not None
        apart = (spots[-1] - spots[0]) / (len(spots) - 1)
        if apart >= LEAST_LEVEL_PIXELS:
            pale = QColor(color)
            pale.setAlphaF(BAR_STRENGTH)
            for x in spots:
                painter.fillRect(QRectF(round(x), plot.top(), 1, plot.height()), pale)
        else:
            painter.fillRect(QRectF(spots[0], plot.top() - theme.px(2), spots[-1] - spots[0], theme.px(5)), color)
        painter.setFont(theme.font("axis", weight=500))
        painter.setPen(color)
        labels = study.grid.labels
        steps = f"{len(labels)} levels in sight, {labels[0]} to {labels[-1]}"
        box = QRectF(plot.left(), 0, plot.width(), plot.top() - theme.px(2))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, steps)

    def _paint_axis(self, painter: QPainter, plot: QRectF) -> None:
        theme = self._theme
        assert self.study is not None
        low, high = self.study.grid.low, self.study.grid.high
        metrics = QFontMetricsF(theme.font("axis"))
        most = min(MOST_TICKS, max(3, int(plot.width() // (3 * metrics.horizontalAdvance("0.25")))))
        extent = (high - low) * (BINS - 1) / BINS
        spacing = spacing_of(extent, most, whole=extent > most)
        base = round(plot.bottom())
        found = [(value, f"{value:.4g}" if spacing < 1 else words) for value, words in marks(low, high, spacing)]
        placed = [(self._x_of(value), with_minus(words)) for value, words in found]
        paint_ticks(painter, theme, placed, base, length=theme.px(4) + 1, gap=theme.px(5))

    # -- hands --------------------------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = self.place_at(event.position().x())
        if place != self.chosen:
            self.choose(place)

    def leaveEvent(self, event: QEvent) -> None:
        if not self.has_ring:
            self.choose(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.study is None:
            super().keyPressEvent(event)
            return
        count = BINS if self.study.grid.is_dense else len(self.study.grid.levels)
        place = place_after(event, 0 if self.chosen is None else self.chosen, count)
        if place is not None and self.chosen is None and STEPS[event.key()].across:
            self.choose((count - 1) // 2)
        elif place is not None:
            self.choose(place)
        elif event.key() == Qt.Key.Key_Escape and self.chosen is not None:
            self.choose(None)
        else:
            super().keyPressEvent(event)
