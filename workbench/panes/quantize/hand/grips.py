"""What can be dragged on the number lines, painted: the bracket of the scale, the clipping, the zero point."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF

from workbench.core.figures import with_minus
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.places import Handle, Places, handles_of
from workbench.panes.quantize.hand.words import short

# From here on numbers are drawn small, and their labels only where there is room.
MANY = 120
CENTER = Qt.AlignmentFlag.AlignCenter
TEXT = Qt.TextFlag.TextSingleLine


class GripPicture:
    """One painting of a model at these places; `active` is the handle that the pointer or the keyboard has."""

    def __init__(self, painter: QPainter, theme: Theme, model: HandModel, places: Places, active: Handle | None):
        self.painter, self.theme, self.model, self.places, self.active = painter, theme, model, places, active
        self.handles = handles_of(theme, model, places)
        self.steps, self.group = model.steps, model.group
        self.xs = places.xs_of(model.values.astype(np.float64))
        self.ends = places.xs_of(self.steps.restored.astype(np.float64))
        self.is_many = len(self.xs) > MANY
        self.pen = 1.4 if theme.projector else 1.0

    def centered(self, x: float, y: float, high: float, text: str, font: QFont, ink: QColor) -> None:
        wide = QFontMetricsF(font).horizontalAdvance(text) + 4
        self.painter.setFont(font)
        self.painter.setPen(ink)
        self.painter.drawText(QRectF(x - wide / 2, y, wide, high), CENTER | TEXT, text)

    def paint_bracket(self) -> None:
        places, px, steps, group = self.places, self.theme.px, self.steps, self.group
        low, high = float(steps.lowest[group]), float(steps.highest[group])
        left = places.x_of(low if self.model.method.has_zero_point else 0.0)
        right, y = places.x_of(high), places.bracket_y
        text = self._bracket_words(low, high)
        font = self.theme.font("small")
        wide = QFontMetricsF(font).horizontalAdvance(text) + px(8)
        self.painter.setPen(QPen(self.theme.color("text.secondary"), self.pen))
        drop = px(7)
        middle = min(max((left + right) / 2, places.left + wide / 2), places.right - wide / 2)
        is_beside = right - left < wide + px(16)
        if is_beside:
            middle = left - wide / 2 - px(6) if left - wide - px(6) > 0 else right + wide / 2 + px(12)
            self.painter.drawLine(QPointF(left, y), QPointF(right, y))
        else:
            self.painter.drawLine(QPointF(left, y), QPointF(middle - wide / 2, y))
            self.painter.drawLine(QPointF(middle + wide / 2, y), QPointF(right, y))
        for x in (left, right):
            self.painter.drawLine(QPointF(x, y), QPointF(x, y + drop))
        self.centered(middle, y - px(9), px(18), text, font, self.theme.color("text.secondary"))
        if Handle.SCALE in self.handles:
            self._knob(*self.handles[Handle.SCALE], is_active=self.active is Handle.SCALE)

    def _bracket_words(self, low: float, high: float) -> str:
        method, quantizer = self.model.method, self.model.method.quantizer
        lead = "absmax" if method.stretch == 1.0 and method.clip is None else "scale"
        if quantizer.has_zero_point:
            return f"{short(low, 4)} to {short(high, 4)} in {(1 << quantizer.bits) - 1} steps"
        if not quantizer.has_free_scale:
            return f"{short(high, 4)} = {quantizer.levels()[0][-1]:g} times the scale"
        return f"{lead} {short(high, 4)} = {quantizer.unit}"

    def _knob(self, x: float, y: float, *, is_active: bool) -> None:
        radius = self.theme.px(5)
        self.painter.setPen(QPen(self.theme.color("accent.line"), 2))
        self.painter.setBrush(self.theme.color("accent.line" if is_active else "surface.card"))
        self.painter.drawEllipse(QPointF(x, y), radius, radius)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)

    def paint_clipped_parts(self) -> None:
        if self.model.method.clip is None:
            return
        places, half = self.places, self.theme.px(8)
        hatch = QBrush(self.theme.color("border.control"), Qt.BrushStyle.BDiagPattern)
        self.painter.setPen(Qt.PenStyle.NoPen)
        above, below = places.x_of(self.model.clip), places.x_of(-self.model.clip)
        for left, right in ((above, places.right), (places.left, below)):
            if right > left:
                self.painter.fillRect(QRectF(left, places.real_y - half, right - left, 2 * half), hatch)

    def paint_clip_marks(self) -> None:
        px, font = self.theme.px, self.theme.font("small")
        for handle, inward in ((Handle.CLIP, -1), (Handle.CLIP_BELOW, 1)):
            if handle not in self.handles:
                continue
            x, y = self.handles[handle]
            is_active = self.active is handle
            self.painter.setPen(QPen(self.theme.color("accent.line"), 3 if is_active else 2))
            half, serif = px(9), inward * px(4)
            self.painter.drawPolyline(
                [QPointF(x + serif, y - half), QPointF(x, y - half), QPointF(x, y + half), QPointF(x + serif, y + half)]
            )
            if is_active or (self.model.method.clip is not None and handle is Handle.CLIP):
                text = f"clip {short(self.model.clip, 4)}"
                wide = QFontMetricsF(font).horizontalAdvance(text)
                middle = min(x, self.places.right + px(36) - wide / 2)
                self._plate(middle, y + px(11), wide, text, font)

    def _plate(self, x: float, y: float, wide: float, text: str, font: QFont) -> None:
        """Words on the card's ground: lines go on behind them."""
        high = self.theme.px(16)
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(self.theme.color("surface.card"))
        self.painter.drawRect(QRectF(x - wide / 2 - 3, y, wide + 6, high))
        self.centered(x, y, high, text, font, self.theme.color("text.link"))

    def paint_zero_point(self) -> None:
        px = self.theme.px
        x, y = self.places.x_of(0.0), self.places.stored_y
        self.painter.setPen(QPen(self.theme.color("accent.line"), 1.2, Qt.PenStyle.DashLine))
        self.painter.drawLine(QPointF(x, self.places.real_y), QPointF(x, y - px(6)))
        is_active = self.active is Handle.ZERO
        self.painter.setPen(QPen(self.theme.color("accent.line"), 2))
        self.painter.setBrush(self.theme.color("accent.line" if is_active else "surface.card"))
        side = px(7)
        self.painter.drawPolygon(
            QPolygonF([QPointF(x, y - side), QPointF(x + side, y), QPointF(x, y + side), QPointF(x - side, y)])
        )
        text, font = f"zero point {with_minus(self.model.zero_point)}", self.theme.font("small")
        wide = QFontMetricsF(font).horizontalAdvance(text)
        middle = min(max(x, self.places.left + wide / 2), self.places.right - wide / 2)
        self.centered(middle, y + px(26), px(16), text, font, self.theme.color("text.link"))
