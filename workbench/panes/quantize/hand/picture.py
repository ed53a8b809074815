"""The two number lines, painted: dots above, what is stored below, and an arrow from each to its own."""

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from workbench.core.figures import with_minus
from workbench.core.ticks import spacing_of, ticks
from workbench.panes.charts.canvas import write_line
from workbench.panes.quantize.hand.grips import MANY, GripPicture
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.places import (
    LEAST_TICK,
    importance,
    with_room,
)
from workbench.panes.quantize.hand.words import OVER, short

NUMBER_COLOR = "memory.weights"
FAINT = 0.35
LEFT = Qt.AlignmentFlag.AlignLeft


def stored_color(model: HandModel) -> str:
    return model.method.quantizer.color


class HandPicture(GripPicture):
    """Lines, numbers and what is stored of them, with the grips above."""

    def paint(self) -> None:
        self._names()
        self.paint_clipped_parts()
        self._real_line()
        self._stored_line()
        self._arrows()
        self._marks()
        self._labels()
        self.paint_bracket()
        self.paint_clip_marks()
        if self.model.method.has_zero_point:
            self.paint_zero_point()

    # -- lines --------------------------------------------------------------------------------------------------------

    def _names(self) -> None:
        method = self.model.method
        scale = short(float(self.steps.scales[self.group]), 4)
        if method.is_whole:
            least, most = method.quantizer.integers
            stored = ("Integer", f"{with_minus(least)} to {most}")
        else:
            stored = ("Code", f"{1 << method.scheme.bits} levels")
        for (name, fact), y in (
            (("Real", f"{OVER} {scale}"), self.places.real_y),
            (stored, self.places.stored_y),
        ):
            wide = self.places.left - self.theme.px(14) - 6
            high = self.theme.px(17)
            self._words(QRectF(self.theme.px(14), y - high, wide, high), name, "text.primary", "body", 500)
            self._words(QRectF(self.theme.px(14), y, wide, high), fact, "text.tertiary", "small")

    def _words(self, box: QRectF, text: str, color: str, role: str = "small", weight: int = 400) -> None:
        font = self.theme.font(role, weight=weight)
        write_line(self.painter, self.theme, box, text, font, color)

    def _line(self, y: float) -> None:
        self.painter.setPen(QPen(self.theme.color("text.tertiary"), self.pen))
        px = self.theme.px
        self.painter.drawLine(QPointF(self.places.left, y), QPointF(self.places.right + px(2), y))

    def _real_line(self) -> None:
        places = self.places
        self._line(places.real_y)
        for value in ticks(places.low, places.high, spacing_of(places.high - places.low, 12)):
            self._tick(places.x_of(value), places.real_y, 8 if value == 0 else 5)

    def _tick(self, x: float, y: float, high: float) -> None:
        half = self.theme.px(round(high)) / 2
        self.painter.drawLine(QPointF(round(x) + 0.5, y - half), QPointF(round(x) + 0.5, y + half))

    def _stored_line(self) -> None:
        places, y = self.places, self.places.stored_y
        self._line(y)
        positions, stored = self.steps.levels(self.group)
        xs = places.xs_of(positions)
        inside = (xs >= places.left - 1) & (xs <= places.right + 2)
        xs, stored = xs[inside], stored[inside]
        if not len(xs):
            return
        half = self.theme.px(5) / 2
        if len(xs) > 1 and (xs[-1] - xs[0]) / (len(xs) - 1) < LEAST_TICK:
            band = self.theme.color("text.tertiary")
            band.setAlphaF(0.45)
            self.painter.setPen(Qt.PenStyle.NoPen)
            self.painter.setBrush(band)
            self.painter.drawRect(QRectF(xs[0], y - half, xs[-1] - xs[0], 2 * half))
            self.painter.setPen(QPen(self.theme.color("text.tertiary"), self.pen))
        else:
            self.painter.setPen(QPen(self.theme.color("text.tertiary"), self.pen))
            self.painter.drawLines([QLineF(x, y - half, x, y + half) for x in xs])
        quantizer = self.model.method.quantizer
        if quantizer.is_integer and quantizer.bits == 8:
            least, most = quantizer.integers
            is_tall = (stored % 64 == 0) | (stored == least) | (stored == most)
            xs = xs[is_tall]
        for x in xs:
            self._tick(x, y, 11)

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _strength(self, index: int) -> float:
        """Numbers of other groups have another scale: they stand back."""
        return 1.0 if self.steps.which[index] == self.group else FAINT

    def _arrows(self) -> None:
        painter, places, px = self.painter, self.places, self.theme.px
        top, bottom = places.real_y + px(6), places.stored_y - px(5)
        ink = self.theme.color("text.secondary")
        if self.is_many:
            ink.setAlphaF(0.25)
            painter.setPen(QPen(ink, 1))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)  # of thousands it takes 5 times as long
            pairs = np.unique(np.round(np.stack([self.xs, self.ends], axis=1)), axis=0)
            painter.drawLines([QLineF(x, top, end, bottom) for x, end in pairs.tolist()])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._arrow(self.model.chosen, top, bottom)
            return
        order = [index for index in range(len(self.xs)) if index != self.model.chosen]
        for index in [*order, self.model.chosen]:
            self._arrow(index, top, bottom)

    def _arrow(self, index: int, top: float, bottom: float) -> None:
        painter, px = self.painter, self.theme.px
        ink = self.theme.color("text.primary" if index == self.model.chosen else "text.secondary")
        ink.setAlphaF(self._strength(index))
        painter.setPen(QPen(ink, self.pen * (2.0 if index == self.model.chosen else 1.0)))
        start, tip = QPointF(self.xs[index], top), QPointF(self.ends[index], bottom)
        length = math.hypot(tip.x() - start.x(), tip.y() - start.y()) or 1.0
        along = (tip - start) / length
        across = QPointF(-along.y(), along.x()) * px(4)
        base = tip - along * px(6)
        painter.drawLine(start, base)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(QPolygonF([tip, base + across, base - across]))

    def _marks(self) -> None:
        if self.is_many:
            self._small_marks()
        radius = self.theme.px(3 if self.is_many else 5)
        number, stored = self.theme.color(NUMBER_COLOR), self.theme.color(stored_color(self.model))
        card = self.theme.color("surface.card")
        order = [] if self.is_many else [index for index in range(len(self.xs)) if index != self.model.chosen]
        for index in [*order, self.model.chosen]:
            strength = self._strength(index)
            above = QPointF(self.xs[index], self.places.real_y)
            below = QRectF(self.ends[index] - radius + 0.5, self.places.stored_y - radius + 0.5, 2 * radius - 1, 0)
            below.setHeight(below.width())
            edge = self.theme.color("text.primary") if index == self.model.chosen else card
            self.painter.setPen(QPen(edge, 2 if index == self.model.chosen else 1.5))
            self.painter.setBrush(_over(number, card, strength))
            self.painter.drawEllipse(above, radius, radius)
            self.painter.setBrush(_over(stored, card, strength))
            self.painter.drawRect(below)

    def _small_marks(self) -> None:
        """One of all that share a pixel; those of the chosen number's group lie above the others."""
        places, card, own = self.places, self.theme.color("surface.card"), self.steps.which == self.group
        rounds, squares = Qt.PenCapStyle.RoundCap, Qt.PenCapStyle.SquareCap
        for is_own, strength in ((False, FAINT), (True, 1.0)):
            for xs, y, name, cap in (
                (self.xs, places.real_y, NUMBER_COLOR, rounds),
                (self.ends, places.stored_y, stored_color(self.model), squares),
            ):
                shade = _over(self.theme.color(name), card, strength)
                pen = QPen(shade, self.theme.px(5))
                pen.setCapStyle(cap)
                self.painter.setPen(pen)
                self.painter.drawPoints([QPointF(x, y) for x in np.unique(np.round(xs[own == is_own])).tolist()])

    def _labels(self) -> None:
        order = importance(self.model, MANY)
        above = {index: short(self.model.values[index]) for index in order}
        if self.is_many:  # codes of other groups stand for other levels
            order = [index for index in order if self.steps.which[index] == self.group]
        below = {index: with_minus(self.steps.stored[index]) for index in order}
        high = self.theme.px(18)
        self._row_of_labels(above, self.xs, self.places.real_y - self.theme.px(8) - high, high)
        self._row_of_labels(below, self.ends, self.places.stored_y + self.theme.px(9), high)

    def _row_of_labels(self, texts: dict[int, str], xs: np.ndarray, y: float, high: float) -> None:
        order = list(texts)
        fonts = [self.theme.font("body", weight=600 if index == self.model.chosen else 400) for index in order]
        widths = [QFontMetricsF(font).horizontalAdvance(texts[i]) for font, i in zip(fonts, order, strict=True)]
        centers = [float(xs[index]) for index in order]
        for place in with_room(range(len(order)), centers, widths, self.theme.px(2)):
            index = order[place]
            ink = self.theme.color("text.primary" if self._strength(index) == 1.0 else "text.tertiary")
            self.centered(centers[place], y, high, texts[index], fonts[place], ink)


def _over(color: QColor, ground: QColor, strength: float) -> QColor:
    """A colour mixed into the ground: what is behind does not shine through."""
    return QColor.fromRgbF(
        *(
            own * strength + other * (1 - strength)
            for own, other in (
                (color.redF(), ground.redF()),
                (color.greenF(), ground.greenF()),
                (color.blueF(), ground.blueF()),
            )
        )
    )
