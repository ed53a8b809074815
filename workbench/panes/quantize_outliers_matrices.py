"""The two products of LLM.int8(): outlier columns lifted out of the input with their rows of the weight, then added."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.units import grouped
from workbench.panes.theme import Theme

GAP = 8
TIMES, PLUS, EQUALS = "\u00d7", "+", "="


@dataclass(frozen=True)
class Shapes:
    """Tokens by features times features by outputs, and the features that go in 16 bits."""

    tokens: int
    features: int
    outputs: int
    outliers: tuple[int, ...]
    threshold: float


class MatricesPicture(QWidget):
    """Boxes in the order of the real shapes: their sides grow with the square root of the number, so that all fit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shapes: Shapes | None = None
        self.words = ""  # said where there is nothing to draw
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def show_shapes(self, shapes: Shapes | None) -> None:
        self._shapes = shapes
        self.setAccessibleName(self.words if shapes is None else in_words(shapes))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self._theme.px(150))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(110))

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._shapes is None:
            painter.setPen(self._theme.color("text.secondary"))
            painter.setFont(self._theme.font("body"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
            return
        _Drawing(painter, self._theme, self._shapes, QRectF(self.rect())).paint()


class _Drawing:
    """One painting of the picture."""

    def __init__(self, painter: QPainter, theme: Theme, shapes: Shapes, room: QRectF) -> None:
        self._painter, self._theme, self._shapes, self._room = painter, theme, shapes, room
        self._small = theme.font("small")
        self._line = QFontMetricsF(self._small).height() + 1
        self._gap = float(theme.px(GAP))
        self._sign = QFontMetricsF(theme.font("body")).horizontalAdvance("=") + 2 * self._gap
        self._int8, self._fp16 = theme.color("formats.INT8"), theme.color("formats.FP16")

    def paint(self) -> None:
        shapes, room, line = self._shapes, self._room, self._line
        lifted = len(shapes.outliers)
        rest = shapes.features - lifted
        tokens, features, outputs = (math.sqrt(number) for number in (shapes.tokens, shapes.features, shapes.outputs))
        left_over, taken = math.sqrt(rest), math.sqrt(lifted)
        # Five widths side by side: X, W; a part of X, its part of W; the result. Two rows of heights at the right.
        free_width = room.width() - 3 * self._sign - 2 * self._gap - self._theme.px(8)
        wanted = features + outputs + max(left_over, taken, 1) + outputs + outputs
        free_height = room.height() - 5 * line
        highest = max(features + tokens, max(tokens, left_over) + max(tokens, taken))
        scale = max(0.1, min(free_width / wanted, free_height / highest))
        least = float(self._theme.px(5))

        def side(root: float) -> float:
            return max(least, root * scale) if root else 0.0

        x, w = QRectF(0, 0, side(features), side(tokens)), QRectF(0, 0, side(outputs), side(features))
        left = room.left() + max(0.0, (free_width - wanted * scale) / 8)
        middle = room.top() + line + (room.height() - 2 * line) / 2
        self._whole(x, w, left, middle)
        at = left + x.width() + w.width() + self._sign + self._gap
        self._write("=", QPointF(at + self._gap, middle))
        at += self._sign
        upper = max(side(tokens), side(left_over))
        lower = max(side(tokens), side(taken))
        spare = room.height() - (upper + lower + 4 * line)
        first = room.top() + line + max(0.0, spare / 3) + upper / 2
        second = room.bottom() - line - max(0.0, spare / 3) - lower / 2
        widest = max(side(left_over), side(taken))
        end_1 = self._part(at, first, rest, side(left_over), widest, side(tokens), side(outputs), self._int8, "INT8")
        end_2 = self._part(at, second, lifted, side(taken), widest, side(tokens), side(outputs), self._fp16, "16 bits")
        end = max(end_1, end_2)
        self._write(PLUS, QPointF(at + (end - at) / 2, (first + upper / 2 + second - lower / 2 + line) / 2))
        self._write(EQUALS, QPointF(end + self._gap, middle))
        result = QRectF(end + self._sign, middle - side(tokens) / 2, side(outputs), side(tokens))
        self._box(result, self._theme.color("text.tertiary"), 0.22)
        self._caption(result, f"{grouped(shapes.tokens)} {TIMES} {grouped(shapes.outputs)}", "Output")

    def _whole(self, x: QRectF, w: QRectF, left: float, middle: float) -> None:
        """X and W as they are, with the outlier columns and the rows that belong to them where they lie."""
        shapes = self._shapes
        x.moveTo(left, middle - x.height() / 2)
        w.moveTo(x.right() + self._sign + self._gap, middle - w.height() / 2)
        for box in (x, w):
            self._box(box, self._int8, 0.30)
        self._painter.setPen(QPen(self._fp16, max(1.0, self._theme.px(2) * 0.75)))
        for place in shapes.outliers:
            share = (place + 0.5) / shapes.features
            across, down = x.left() + share * x.width(), w.top() + share * w.height()
            self._painter.drawLine(QPointF(across, x.top()), QPointF(across, x.bottom()))
            self._painter.drawLine(QPointF(w.left(), down), QPointF(w.right(), down))
        self._write(TIMES, QPointF((x.right() + w.left()) / 2, middle))
        self._caption(x, f"{grouped(shapes.tokens)} {TIMES} {grouped(shapes.features)}", "Input X")
        self._caption(w, f"{grouped(shapes.features)} {TIMES} {grouped(shapes.outputs)}", "Weight W")

    def _part(
        self,
        left: float,
        middle: float,
        count: int,
        width: float,
        widest: float,
        tokens: float,
        outputs: float,
        color: QColor,
        name: str,
    ) -> float:
        """One of the two products; gives where it ends."""
        shapes = self._shapes
        x = QRectF(left + (widest - width), middle - tokens / 2, width, tokens)
        w = QRectF(left + widest + self._sign, middle - width / 2, outputs, width)
        if not count:
            box = QRectF(left, middle - tokens / 2, widest + self._sign + outputs, tokens)
            self._painter.setPen(QPen(self._theme.color("border.control"), 1, Qt.PenStyle.DashLine))
            self._painter.setBrush(Qt.BrushStyle.NoBrush)
            self._painter.drawRoundedRect(box, 3, 3)
            why = f"no column reaches {shapes.threshold:g}" if name != "INT8" else "every column is an outlier"
            self._text(box, why, "text.secondary")
            self._caption(box, "", f"{name}: 0 features")
            return box.right()
        for box in (x, w):
            self._box(box, color, 0.30 if name == "INT8" else 1.0)
        self._write(TIMES, QPointF((x.right() + w.left()) / 2, middle))
        whole = QRectF(left, min(x.top(), w.top()), w.right() - left, max(x.height(), w.height()))
        shape = f"{grouped(shapes.tokens)} {TIMES} {grouped(count)}  by  {grouped(count)} {TIMES} {grouped(shapes.outputs)}"
        self._caption(whole, shape, f"{name}: {grouped(count)} feature{'s' * (count != 1)}")
        return w.right()

    # -- small things -------------------------------------------------------------------------------------------------

    def _box(self, box: QRectF, color: QColor, strength: float) -> None:
        ground = QColor(color)
        ground.setAlphaF(strength)
        self._painter.setPen(QPen(color, 1))
        self._painter.setBrush(ground)
        self._painter.drawRect(box)

    def _caption(self, box: QRectF, below: str, above: str) -> None:
        self._text(QRectF(box.center().x() - 400, box.bottom() + 1, 800, self._line), below, "text.secondary")
        self._text(QRectF(box.center().x() - 400, box.top() - self._line - 1, 800, self._line), above, "text.primary")

    def _text(self, box: QRectF, words: str, color: str) -> None:
        self._painter.setFont(self._small)
        self._painter.setPen(self._theme.color(color))
        self._painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def _write(self, sign: str, at: QPointF) -> None:
        self._painter.setFont(self._theme.font("body", weight=600))
        self._painter.setPen(self._theme.color("text.primary"))
        self._painter.drawText(QRectF(at.x() - 20, at.y() - 20, 40, 40), Qt.AlignmentFlag.AlignCenter, sign)


def in_words(shapes: Shapes) -> str:
    lifted = len(shapes.outliers)
    parts: Sequence[tuple[str, int]] = (("INT8", shapes.features - lifted), ("16 bits", lifted))
    said = [f"in {name} {shapes.tokens} by {count} times {count} by {shapes.outputs}" for name, count in parts if count]
    return f"Input {shapes.tokens} by {shapes.features}, weight {shapes.features} by {shapes.outputs}: {', plus '.join(said)}"
