"""The memory over one training step, as stacked bands with the peak marked."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF

from workbench.core import ticks
from workbench.core.memory.ledger import PARTS, Ledger
from workbench.panes.charts.arrow_keys import place_after
from workbench.panes.charts.axes import paint_levels
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.memory.words import TITLES, UNITS, amount, fine
from workbench.panes.parts.focus_ring import paint_ring

# Where each part of a step ends, as a share of the picture's width; how long it takes is not what this is about.
ENDS = {"forward": 0.40, "loss": 0.54, "backward": 0.86, "update": 1.0}
WORDS = {"forward": "forward", "loss": "loss", "backward": "backward", "update": "update"}
Parts = dict[str, float]


@dataclass(frozen=True)
class Point:
    """What is held at a place of the step."""

    x: float
    parts: Parts

    @property
    def size_bytes(self) -> float:
        return sum(self.parts.values())


def points_of(ledger: Ledger) -> tuple[list[Point], dict[str, float]]:
    """The course of a step through the moments of a ledger, and where each moment is."""
    at = {moment.name: {part: float(size) for part, size in moment.parts.items()} for moment in ledger.moments}
    forward, loss, backward, update = (at[name] for name in ENDS)
    rest = {**forward, "activations": 0.0, "workspace": 0.0, "logits": 0.0}
    grows = backward["gradients"] > forward["gradients"] and backward["gradients"] >= update["gradients"]
    points = [Point(0, rest), Point(0.02, {**rest, "workspace": forward["workspace"]}), Point(0.38, forward)]
    points += [Point(0.44, loss), Point(0.50, loss)]
    if grows:  # the gradients of all weights: the end of the backward pass holds them
        first = {**backward, "gradients": forward["gradients"], "activations": forward["activations"]}
        points += [Point(0.57, first), Point(0.80, backward)]
    else:
        last = {**backward, "gradients": update["gradients"], "activations": backward["activations"] * 0.15}
        points += [Point(0.57, backward), Point(0.62, backward), Point(0.84, last)]
    points += [Point(0.88, update), Point(0.96, update), Point(1.0, {**rest, "gradients": forward["gradients"]})]
    return points, {"forward": 0.38, "loss": 0.47, "backward": 0.80 if grows else 0.595, "update": 0.92}


class StepCurve(Canvas):
    """Left and right, or the pointer, go through the moments of the step, which then say what is held."""

    SIZE, LEAST = (380, 172), (200, 96)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Memory over one training step", takes_keys=True)
        self._ledger: Ledger | None = None
        self._unit = "GB"
        self._limit = 0.0
        self._most = 1.0  # bytes of the highest point
        self._points: list[Point] = []
        self._places: dict[str, float] = {}
        self.moment = ""  # the one that is meant
        self.setMouseTracking(True)

    def show_ledger(self, ledger: Ledger | None, unit: str, limit_bytes: float) -> None:
        self._ledger, self._unit, self._limit = ledger, unit, limit_bytes
        self._points, self._places = points_of(ledger) if ledger is not None else ([], {})
        self._most = max((point.size_bytes for point in self._points), default=1.0) or 1.0
        self.update()

    def describe(self) -> str:
        """All moments in a sentence each."""
        return " ".join(self.words_of(name) for name in ENDS) if self._ledger is not None else ""

    def words_of(self, name: str) -> str:
        """What is held at a moment, the largest first."""
        assert self._ledger is not None
        moment = next(moment for moment in self._ledger.moments if moment.name == name)
        parts = sorted(moment.parts.items(), key=lambda entry: -entry[1])
        listed = ", ".join(f"{TITLES[part]} {fine(size, self._unit)}" for part, size in parts if size > 0)
        peak = ", the peak" if name == self._ledger.peak else ""
        size = f"{fine(moment.size_bytes, self._unit)} {self._unit}"
        return f"{moment.words[:1].upper()}{moment.words[1:]}: {size}{peak}. {listed}."

    # -- where things are ----------------------------------------------------------------------------------------------

    def area(self) -> QRectF:
        px = self._theme.px
        high = QFontMetricsF(self._theme.font("axis")).height()
        return QRectF(px(34), high + px(8), self.width() - px(34) - px(14), self.height() - 2 * high - px(18))

    def _shows_limit(self) -> bool:
        return 0 < self._limit <= 1.3 * self._most

    def _top(self) -> float:
        """The bytes at the upper edge."""
        return max(self._most, self._limit if self._shows_limit() else 0.0) * 1.02

    def x_pixels(self, share: float) -> float:
        area = self.area()
        return area.left() + area.width() * share

    def y_pixels(self, size_bytes: float) -> float:
        area = self.area()
        return area.bottom() - area.height() * size_bytes / self._top()

    # -- pointer and keyboard ------------------------------------------------------------------------------------------

    def _choose_moment(self, name: str, at: QPointF | None = None) -> None:
        if name != self.moment:
            self.moment = name
            self.update()
        if at is None:
            at = QPointF(self.x_pixels(self._places.get(name, 0)), self.area().center().y())
        self.tell_at(at, self.words_of(name) if name and self._ledger is not None else "")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, point = self.area(), event.position()
        if not area.adjusted(0, -4, 0, 30).contains(point) or self._ledger is None:
            self._choose_moment("")
            return
        share = (point.x() - area.left()) / area.width()
        self._choose_moment(next(name for name, end in ENDS.items() if share <= end), point)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.has_ring:
            self._choose_moment("")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        names = list(ENDS)
        place = place_after(event, names.index(self.moment) if self.moment else -1, len(names))
        if place is not None and self._ledger is not None:
            self._choose_moment(names[place])
        elif event.key() == Qt.Key.Key_Escape and self.moment:
            self._choose_moment("")
        else:
            super().keyPressEvent(event)

    def show_ring(self, has_ring: bool) -> None:
        super().show_ring(has_ring)
        if not has_ring and self.moment:
            self._choose_moment("")

    # -- drawing -------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._ledger is None:
            return
        self._paint_axis(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_bands(painter)
        self._paint_phases(painter)
        if self._shows_limit():
            self._paint_limit(painter)
        self._paint_peak(painter)
        if self.moment:
            x = self.x_pixels(self._places[self.moment])
            painter.setPen(QPen(self._theme.color("text.primary"), 1))
            painter.drawLine(QPointF(x, self.area().top()), QPointF(x, self.area().bottom()))
        if self.has_ring:
            paint_ring(painter, self._theme, QRectF(self.rect()).adjusted(3, 1, -3, -2), 6)

    def _paint_axis(self, painter: QPainter) -> None:
        theme, area, size = self._theme, self.area(), UNITS[self._unit]
        end = self._top() / size
        spacing = ticks.spacing_of(end, max(2, min(5, int(area.height() // theme.px(26)) + 1)))
        levels = [(round(self.y_pixels(value * size)), words) for value, words in ticks.marks(0, end, spacing)]
        paint_levels(painter, theme, area, reversed(levels), gap=theme.px(9))

    def _paint_bands(self, painter: QPainter) -> None:
        theme, points, area = self._theme, self._points, self.area()
        xs = [self.x_pixels(point.x) for point in points]
        bottom, per_byte = area.bottom(), area.height() / self._top()
        lower = [0.0] * len(points)
        edges = []
        for part in PARTS:
            upper = [below + point.parts[part] for below, point in zip(lower, points, strict=True)]
            if any(point.parts[part] > 0 for point in points):
                over = [QPointF(x, bottom - size * per_byte) for x, size in zip(xs, upper, strict=True)]
                under = [QPointF(x, bottom - size * per_byte) for x, size in zip(xs, lower, strict=True)]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color(f"memory.{part}"))
                painter.drawPolygon(QPolygonF([*over, *reversed(under)]))
                edges.append((part, over))
            lower = upper
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for part, over in edges[:-1]:
            color = theme.color("memory.edge_gradients" if part == "gradients" else "surface.card")
            painter.setPen(QPen(color, 1))
            painter.drawPolyline(QPolygonF(over))

    def _paint_phases(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area()
        painter.setFont(theme.font("axis"))
        high = QFontMetricsF(painter.font()).height()
        line = theme.color("border.control_strong")
        painter.fillRect(QRectF(area.left(), round(area.bottom()), area.width(), 1), theme.color("border.control"))
        start = 0.0
        for name, end in ENDS.items():
            if end < 1:
                painter.fillRect(QRectF(round(self.x_pixels(end)), area.bottom(), 1, theme.px(5)), line)
            is_meant = name == self.moment
            painter.setPen(theme.color("text.primary" if is_meant else "text.secondary"))
            left, right = self.x_pixels(start), self.x_pixels(end)
            box = QRectF(left, area.bottom() + theme.px(4), right - left, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, WORDS[name])
            start = end

    def _paint_limit(self, painter: QPainter) -> None:
        theme, area = self._theme, self.area()
        y = round(self.y_pixels(self._limit))
        painter.fillRect(QRectF(area.left(), y - 1, area.width(), 2), theme.color("memory.limit"))
        font = theme.font("axis", weight=500)
        words = f"{amount(self._limit, self._unit)} free"
        metrics = QFontMetricsF(font)
        wide, high = metrics.horizontalAdvance(words) + 6, metrics.height()
        is_above = y - high > area.top() - theme.px(4)
        box = QRectF(area.left() + 4, y - high - 2 if is_above else y + 3, wide, high)
        painter.fillRect(box, theme.color("surface.card"))
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_peak(self, painter: QPainter) -> None:
        assert self._ledger is not None
        theme, area = self._theme, self.area()
        x, y = self.x_pixels(self._places[self._ledger.peak]), self.y_pixels(self._ledger.peak_bytes)
        font = theme.font("axis", weight=600)
        words = f"peak {fine(self._ledger.peak_bytes, self._unit)}"
        metrics = QFontMetricsF(font)
        wide = metrics.horizontalAdvance(words) + 6
        top = area.top() - theme.px(6)
        painter.setPen(QPen(theme.color("text.primary"), 1))
        painter.drawLine(QPointF(x, top), QPointF(x, y))
        left = min(max(area.left(), x - wide / 2), self.width() - wide - 2)
        painter.setFont(font)
        box = QRectF(left, top - metrics.height(), wide, metrics.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
