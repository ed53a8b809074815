"""The one picture of a race: size to the right, perplexity upwards, and an arrow to what NF4 buys and costs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF

from workbench.core.figures import percent, with_sign
from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import MEASURE, title_of
from workbench.core.race.race import Race
from workbench.core.ticks import marks, spacing_of
from workbench.core.units import bytes_in_words
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.race.axes import Scale, draw_axes
from workbench.panes.quantize.race.labels import Labels, Placed, beads
from workbench.panes.quantize.race.marks import color_of, draw_mark
from workbench.panes.quantize.race.words import RaceRow

PERPLEXITY, KL = "perplexity", "kl_divergence"
CAPTIONS = {
    PERPLEXITY: "Perplexity: the lower, the better the text is predicted",
    KL: "KL divergence in nats a token: the lower, the nearer to the reference",
}
NOTHING_YET = "Each precision becomes a point here: size to the right, perplexity upwards."
RADIUS = 6
# Points nearer to each other than this share their middle: the later one is drawn smaller, so that both are seen.
SAME_PLACE = 5
# Where the axes end that have no point yet.
EMPTY_BYTES = 1e9


@dataclass(frozen=True)
class _Point:
    row: PrecisionMeasured
    at: QPointF
    radius: float


class RacePicture(Canvas):
    """Points with their names; before the race, the sizes that they will have."""

    SIZE, LEAST = (440, 220), (220, 110)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Size and perplexity of each precision")
        self._race: Race | None = None
        self._planned: Sequence[RaceRow] = ()
        self.words = NOTHING_YET
        self.measure = PERPLEXITY
        self.chosen = ""

    def show_race(self, race: Race | None, planned: Sequence[RaceRow], words: str) -> None:
        """What has been measured; `planned` are those that have not, with their computed sizes."""
        self._race, self._planned, self.words = race, planned, words
        values = [f"{title_of(row.precision)}: {self._values(row)}" for row in self.rows]
        self.setAccessibleDescription(". ".join(filter(None, [race.sentence if race else "", *values])) or words)
        self.update()

    def show_measure(self, measure: str) -> None:
        self.measure = measure
        self.show_race(self._race, self._planned, self.words)

    def choose(self, precision: str) -> None:
        self.chosen = precision
        self.update()

    @property
    def rows(self) -> list[PrecisionMeasured]:
        """Those that have a place in the picture, the widest first."""
        ran = self._race.ran if self._race else ()
        return [row for row in ran if row.size_bytes and math.isfinite(self._value(row))]

    @property
    def arrow(self) -> tuple[str, str]:
        """What stands beside the arrow: how much smaller, and at what cost; nothing where there is none."""
        race = self._race
        base, bought = (race.baseline, race.bought) if race else (None, None)
        if base is None or bought is None or base not in self.rows or bought not in self.rows:
            return "", ""
        before, after = base.size_bytes or 1, bought.size_bytes or 1
        smaller = f"{before / after:.1f} times smaller" if before >= after else f"{after / before:.1f} times larger"
        was, now = self._value(base), self._value(bought)
        if self.measure == PERPLEXITY and was:
            change = now / was - 1
            return smaller, f"perplexity {with_sign(percent(abs(change), 1), change)}"
        return smaller, f"KL {with_sign(f'{abs(now - was):.3f}', now - was)} nats a token"

    def _value(self, row: PrecisionMeasured) -> float:
        value = MEASURE[self.measure].value(row)
        return math.nan if value is None else value

    def _values(self, row: PrecisionMeasured) -> str:
        return f"{bytes_in_words(row.size_bytes or 0)}, {MEASURE[self.measure].title.lower()} {self._value(row):.3f}"

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _scale(self) -> Scale:
        px = self._theme.px
        rows = self.rows
        sizes = [float(row.size_bytes or 0) for row in rows] + [float(row.size_bytes) for row in self._planned]
        most = 1.12 * (max(sizes, default=0.0) or EMPTY_BYTES)
        values = [self._value(row) for row in rows]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        span = max(high - low, 0.04 * abs(high), 1e-3)
        low, high = max(0.0, low - 0.28 * span), high + 0.16 * span
        metrics = QFontMetricsF(self._theme.font("axis"))
        spacing = spacing_of(high - low, max(2, min(6, int(self.height() / px(28)))))
        left = max((metrics.horizontalAdvance(words) for _, words in marks(low, high, spacing)), default=0)
        top, bottom = metrics.height() + px(8), metrics.height() + px(10)
        left = (left if values else 0) + px(8)
        area = QRectF(left, top, max(1, self.width() - left - px(6)), max(1, self.height() - top - bottom))
        return Scale(area, most, low, high, spacing)

    def _points(self, scale: Scale) -> list[_Point]:
        points: list[_Point] = []
        radius, same = self._theme.px(RADIUS), self._theme.px(SAME_PLACE)
        for row in self.rows:
            at = QPointF(scale.x(row.size_bytes or 0), scale.y(self._value(row)))
            below = sum((point.at - at).manhattanLength() < same for point in points)
            points.append(_Point(row, at, max(2.5, radius * (1 - 0.42 * below))))
        return points

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale = self._scale()
        has_sizes = bool(self.rows) or any(row.size_bytes for row in self._planned)
        draw_axes(painter, self._theme, scale, CAPTIONS[self.measure], has_values=bool(self.rows), has_sizes=has_sizes)
        self._draw_planned_lines(painter, scale)
        points = self._points(scale)
        labels = self._draw_arrow(painter, scale, points)
        self._draw_points(painter, points, labels)
        self._draw_planned_names(painter, scale, labels)
        if not points:
            self._draw_words(painter, scale)

    def _draw_planned_lines(self, painter: QPainter, scale: Scale) -> None:
        """A dashed line at each size that is to come."""
        painter.setOpacity(0.55)
        for row in self._planned:
            if row.size_bytes:
                x = scale.x(row.size_bytes)
                painter.setPen(QPen(self._theme.color(color_of(row.precision)), 1, Qt.PenStyle.DashLine))
                painter.drawLine(QPointF(x, scale.area.top() + self._theme.px(6)), QPointF(x, scale.area.bottom()))
        painter.setOpacity(1)

    def _draw_planned_names(self, painter: QPainter, scale: Scale, labels: Labels) -> None:
        """Each beside its line, where it is free."""
        theme, px = self._theme, self._theme.px
        metrics = QFontMetricsF(theme.font("small"))
        painter.setFont(theme.font("small"))
        for row in sorted((row for row in self._planned if row.size_bytes), key=lambda row: row.size_bytes):
            wide = metrics.horizontalAdvance(row.title) + px(4)
            wanted = QRectF(scale.x(row.size_bytes) + px(4), scale.area.top() + px(6), wide, metrics.height())
            box = labels.below(wanted, px(4))
            painter.fillRect(box, theme.color("surface.card"))
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), row.title)

    def _draw_words(self, painter: QPainter, scale: Scale) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font("body"))
        metrics = QFontMetricsF(theme.font("body"))
        wide = min(metrics.horizontalAdvance(self.words) + px(2), scale.area.width() - px(24))
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        room = QRectF(0, 0, wide, scale.area.height())
        ground = metrics.boundingRect(room, flags, self.words).adjusted(-px(10), -px(3), px(10), px(3))
        ground.moveCenter(QPointF(scale.area.center().x(), scale.area.bottom() - scale.area.height() * 0.3))
        painter.fillRect(ground, theme.color("surface.card"))
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(ground.adjusted(px(4), 0, -px(4), 0), flags, self.words)

    def _draw_arrow(self, painter: QPainter, scale: Scale, points: Sequence[_Point]) -> Labels:
        """The arrow and its words; what is left of the area for the names."""
        theme, px = self._theme, self._theme.px
        marks = [_around(point, px(2)) for point in points]
        marks += [
            QRectF(scale.x(row.size_bytes) - 1, scale.area.top(), 3, scale.area.height())
            for row in self._planned
            if row.size_bytes and points
        ]
        race = self._race
        found = {point.row.precision: point for point in points}
        base = found.get(race.baseline.precision) if race and race.baseline else None
        bought = found.get(race.bought.precision) if race and race.bought else None
        if base is None or bought is None:
            return Labels(scale.area, marks)
        across, up = bought.at.x() - base.at.x(), bought.at.y() - base.at.y()
        length = math.hypot(across, up)
        reach = px(RADIUS)
        if length < 4 * reach:
            return Labels(scale.area, marks)
        unit = QPointF(across / length, up / length)
        start, end = base.at + unit * (reach + px(3)), bought.at - unit * (reach + px(3))
        labels = Labels(scale.area, [*marks, *beads(start, end, px(8))])
        color = theme.color("text.primary")
        painter.setPen(QPen(color, theme.pen_width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        head = px(9)
        painter.drawLine(start, end - unit * head * 0.8)
        normal = QPointF(-unit.y(), unit.x()) * head * 0.5
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawPolygon(QPolygonF([end, end - unit * head + normal, end - unit * head - normal]))
        self._draw_arrow_words(painter, labels, start, end)
        return labels

    def _draw_arrow_words(self, painter: QPainter, labels: Labels, start: QPointF, end: QPointF) -> None:
        theme, px = self._theme, self._theme.px
        first, second = self.arrow
        large, small = theme.font("heading", weight=600), theme.font("body")
        heights = QFontMetricsF(large).height(), QFontMetricsF(small).height()
        wide = max(QFontMetricsF(large).horizontalAdvance(first), QFontMetricsF(small).horizontalAdvance(second))
        box = labels.along(start, end, wide + px(8), sum(heights) + px(4), px(12)).box
        painter.fillRect(box, theme.color("surface.card"))
        painter.setPen(theme.color("text.primary"))
        inside = box.adjusted(px(4), px(2), -px(4), -px(2))
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        painter.setFont(large)
        painter.drawText(inside, left, first)
        painter.setFont(small)
        painter.drawText(inside.adjusted(0, heights[0], 0, 0), left, second)

    def _draw_points(self, painter: QPainter, points: Sequence[_Point], labels: Labels) -> None:
        theme, px = self._theme, self._theme.px
        font = theme.font("small", weight=600)
        metrics = QFontMetricsF(font)
        ends = [row.precision for row in (self._race.baseline, self._race.bought) if row] if self._race else []
        named: list[tuple[_Point, Placed]] = []
        for point in sorted(points, key=lambda point: point.row.precision not in ends):
            words = title_of(point.row.precision)
            wide, high = metrics.horizontalAdvance(words) + px(2), metrics.height()
            named.append((point, labels.beside(point.at, px(RADIUS + 2), wide, high)))
        painter.setPen(QPen(theme.color("border.control_strong"), 1))
        for point, placed in named:
            if placed.is_far:
                painter.drawLine(point.at, _nearest(placed.box, point.at))
        for point in points:
            if point.row.precision == self.chosen:
                painter.setPen(QPen(theme.color("accent.line"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(point.at, px(RADIUS + 4), px(RADIUS + 4))
            draw_mark(painter, theme, point.row.precision, point.at, point.radius)
        painter.setFont(font)
        for point, placed in named:
            painter.setPen(theme.color("text.primary"))
            painter.drawText(placed.box, int(Qt.AlignmentFlag.AlignCenter), title_of(point.row.precision))

    # -- under the mouse ----------------------------------------------------------------------------------------------

    def tip_at(self, at: QPointF) -> str | None:
        reach = self._theme.px(RADIUS + 4)
        near = [point.row for point in self._points(self._scale()) if (point.at - at).manhattanLength() <= reach]
        return "\n".join(f"{title_of(row.precision)}: {self._values(row)}" for row in near)


def _around(point: _Point, more: float) -> QRectF:
    reach = point.radius + more
    return QRectF(point.at.x() - reach, point.at.y() - reach, 2 * reach, 2 * reach)


def _nearest(box: QRectF, to: QPointF) -> QPointF:
    """The place on a box's edge from which a line to a point begins."""
    return QPointF(min(max(to.x(), box.left()), box.right()), min(max(to.y(), box.top()), box.bottom()))
