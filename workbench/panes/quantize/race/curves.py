"""The losses of a short training in each precision, over each other."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF

from workbench.core.job.study_kinds import PrecisionMeasured
from workbench.core.race.measures import title_of
from workbench.core.report.curves import spread
from workbench.core.ticks import marks, spacing_of, ticks
from workbench.core.units import grouped
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.race.marks import color_of, draw_mark, is_hollow

NOTHING_YET = "The losses of each precision are laid over each other here."
EMPTY_TOP = 2.0


class RaceCurves(Canvas):
    """A curve a precision, named at its end."""

    SIZE, LEAST = (320, 120), (180, 56)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Loss by step in each precision")
        self._steps = 1
        self.curves: list[tuple[str, list[tuple[int, float]]]] = []

    def show_rows(self, rows: Sequence[PrecisionMeasured], steps: int) -> None:
        """The losses of those that were trained; the axis runs to `steps`."""
        known = [(row.precision, [(step, loss) for step, loss in row.losses if math.isfinite(loss)]) for row in rows]
        self.curves = [(name, points) for name, points in known if points]
        self._steps = max([steps, 1, *(step for _, points in self.curves for step, _ in points)])
        ends = [f"{title_of(name)}: {points[0][1]:.3f} to {points[-1][1]:.3f}" for name, points in self.curves]
        self.setAccessibleDescription(". ".join(ends) or NOTHING_YET)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        losses = [loss for _, points in self.curves for _, loss in points]
        low, high = (min(losses), max(losses)) if losses else (0.0, EMPTY_TOP)
        margin = 0.06 * ((high - low) or max(0.1, 0.1 * high))
        low, high = max(0.0, low - margin), high + margin
        axis, names = QFontMetricsF(theme.font("axis")), QFontMetricsF(theme.font("small", weight=600))
        spacing = spacing_of(high - low, max(2, min(5, int(self.height() / px(24)))))
        levels = marks(low, high, spacing)
        left = max((axis.horizontalAdvance(words) for _, words in levels), default=0) + px(8)
        right = max((names.horizontalAdvance(title_of(name)) for name, _ in self.curves), default=0) + px(26)
        area = QRectF(
            left, px(6), max(1.0, self.width() - left - right), max(1.0, self.height() - axis.height() - px(14))
        )

        def place(step: float, loss: float) -> QPointF:
            across = (step - 1) / max(1, self._steps - 1)
            return QPointF(
                area.left() + area.width() * across, area.bottom() - area.height() * (loss - low) / (high - low)
            )

        shown = [(round(place(1, value).y()) + 0.5, words) for value, words in reversed(levels)]
        paint_levels(painter, theme, area, shown, gap=px(6), reach=0.5)
        painter.setPen(QPen(theme.color("border.control"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        each = spacing_of(self._steps, max(2, min(7, int(area.width() / px(40)))), whole=True)
        steps = [value for value in ticks(0, self._steps, each) if value > 1]
        if each > 1.5 * px(1) or self._steps <= 8:
            steps.insert(0, 1.0)
        below = [(place(value, low).x(), grouped(int(value))) for value in steps]
        paint_ticks(painter, theme, below, area.bottom(), length=5, gap=px(5), is_centered=True)
        if not self.curves:
            painter.setFont(theme.font("body"))
            write_notice(painter, theme, area, NOTHING_YET, "text.secondary")
            return
        for name, points in self.curves:
            style = Qt.PenStyle.DashLine if is_hollow(name) else Qt.PenStyle.SolidLine
            painter.setPen(QPen(theme.color(color_of(name)), theme.pen_width, style))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(QPolygonF([place(step, loss) for step, loss in points]))
        self._draw_names(painter, [(name, place(*points[-1])) for name, points in self.curves], names, area)

    def _draw_names(
        self, painter: QPainter, ends: Sequence[tuple[str, QPointF]], metrics: QFontMetricsF, area: QRectF
    ) -> None:
        """Each at the end of its curve, or as near as there is room."""
        theme, px = self._theme, self._theme.px
        high = min(metrics.height(), (self.height() - px(2)) / max(1, len(ends)))
        ys = spread([end.y() for _, end in ends], high, high / 2, self.height() - high / 2)
        painter.setFont(theme.font("small", weight=600))
        x = area.right() + px(12)
        for (name, end), y in zip(ends, ys, strict=True):
            painter.setPen(QPen(theme.color("border.control_strong"), 1))
            painter.drawLine(QPointF(end.x() + 2, end.y()), QPointF(x - px(3), y))
            draw_mark(painter, theme, name, QPointF(x + px(2), y), px(3))
            painter.setPen(theme.color("text.primary"))
            box = QRectF(x + px(9), y - metrics.height() / 2, px(200), metrics.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title_of(name))
