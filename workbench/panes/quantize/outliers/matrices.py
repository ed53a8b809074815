"""The two products of LLM.int8(): outlier columns lifted out of the input with their rows of the weight, then added."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen

from workbench.core.units import counted, grouped
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.outliers.words import threshold_in_words

TIMES = "\u00d7"
LEAST_SIDE, SIGN_GAP = 5, 9
PALE, FULL = 0.30, 1.0


@dataclass(frozen=True)
class Shapes:
    """Tokens by features times features by outputs, and the features that go in 16 bits."""

    tokens: int
    features: int
    outputs: int
    outliers: tuple[int, ...]
    step: int  # of THRESHOLDS


@dataclass(frozen=True)
class _Matrix:
    """A box: rows by columns, or a sign where it has none; marks are outliers, as shares of its width or height."""

    words: str
    rows: int = 0
    columns: int = 0
    color: str = ""
    strength: float = PALE
    across: tuple[float, ...] = ()
    down: tuple[float, ...] = ()

    @property
    def shape(self) -> str:
        return f"{grouped(self.rows)} {TIMES} {grouped(self.columns)}"


@dataclass(frozen=True)
class _Group:
    """Boxes with a title above them."""

    title: str
    parts: tuple[_Matrix, ...]


class MatricesPicture(Canvas):
    """Boxes in the order of the real shapes: their sides grow with the square root of the number, so that all fit."""

    SIZE, LEAST = (600, 130), (240, 96)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._shapes: Shapes | None = None
        self.words = ""  # said where there is nothing to draw

    def show_shapes(self, shapes: Shapes | None) -> None:
        self._shapes = shapes
        self.setAccessibleName(self.words if shapes is None else in_words(shapes))
        self.update()

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("body"))
        if self._shapes is None:
            write_notice(painter, self._theme, QRectF(self.rect()), self.words, "text.secondary")
            return
        groups = _groups(self._shapes)
        scale = self._scale(groups)
        x = (self.width() - sum(self._widths(groups, scale))) / 2
        for group in groups:
            x = self._paint_group(painter, group, x, scale)

    def _scale(self, groups: Sequence[_Group]) -> float:
        """Pixels for the root of a number: as large as height and width allow."""
        line = QFontMetricsF(self._theme.font("small")).height()
        tallest = max(math.sqrt(part.rows) for group in groups for part in group.parts)
        scale = max(0.05, (self.height() - 2 * line - self._theme.px(8)) / tallest)
        while scale > 0.1 and sum(self._widths(groups, scale)) > self.width():
            scale *= 0.96
        return scale

    def _widths(self, groups: Sequence[_Group], scale: float) -> list[float]:
        """Of each group: its boxes and signs, or its title where that is wider."""
        metrics = QFontMetricsF(self._theme.font("small"))
        return [
            max(sum(self._slot(part, scale) for part in group.parts), metrics.horizontalAdvance(group.title) + 4)
            for group in groups
        ]

    def _slot(self, part: _Matrix, scale: float) -> float:
        if not part.rows:
            return QFontMetricsF(self._theme.font("body")).horizontalAdvance(part.words) + 2 * self._theme.px(SIGN_GAP)
        shape = QFontMetricsF(self._theme.font("small")).horizontalAdvance(part.shape)
        return max(self._side(part.columns, scale), shape + 4)

    def _side(self, number: int, scale: float) -> float:
        return max(float(self._theme.px(LEAST_SIDE)), math.sqrt(number) * scale)

    def _paint_group(self, painter: QPainter, group: _Group, left: float, scale: float) -> float:
        """Paints it and gives where it ends."""
        theme = self._theme
        small = theme.font("small")
        line = QFontMetricsF(small).height()
        middle = self.height() / 2
        wide = self._widths([group], scale)[0]
        x = left + (wide - sum(self._slot(part, scale) for part in group.parts)) / 2
        tallest = max((self._side(part.rows, scale) for part in group.parts if part.rows), default=0.0)
        center = Qt.AlignmentFlag.AlignCenter
        painter.setFont(small)
        painter.setPen(theme.color("text.primary"))
        painter.drawText(QRectF(left, middle - tallest / 2 - line - 3, wide, line), center, group.title)
        for part in group.parts:
            slot = self._slot(part, scale)
            if not part.rows:
                painter.setFont(theme.font("body", weight=600))
                painter.setPen(theme.color("text.primary"))
                painter.drawText(QRectF(x, middle - 20, slot, 40), center, part.words)
            else:
                wide_box, high = self._side(part.columns, scale), self._side(part.rows, scale)
                box = QRectF(x + (slot - wide_box) / 2, middle - high / 2, wide_box, high)
                self._paint_box(painter, part, box)
                painter.setFont(small)
                painter.setPen(theme.color("text.secondary"))
                painter.drawText(QRectF(x, box.bottom() + 2, slot, line), center, part.shape)
            x += slot
        return left + wide

    def _paint_box(self, painter: QPainter, part: _Matrix, box: QRectF) -> None:
        ground = QColor(self._theme.color(part.color))
        painter.setPen(QPen(ground, 1))
        ground.setAlphaF(part.strength)
        painter.setBrush(ground)
        painter.drawRect(box)
        painter.setPen(QPen(self._theme.color("formats.FP16"), self._theme.px(3) / 2))
        for share in part.across:
            x = box.left() + share * box.width()
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        for share in part.down:
            y = box.top() + share * box.height()
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))


def _groups(shapes: Shapes) -> list[_Group]:
    tokens, features, outputs = shapes.tokens, shapes.features, shapes.outputs
    lifted = len(shapes.outliers)
    places = tuple((place + 0.5) / features for place in shapes.outliers)
    times, equals = _Matrix(TIMES), _Group("", (_Matrix("="),))
    int8, fp16 = "formats.INT8", "formats.FP16"
    groups = [
        _Group(
            "input and weight",
            (
                _Matrix("", tokens, features, int8, across=places),
                times,
                _Matrix("", features, outputs, int8, down=places),
            ),
        ),
        equals,
    ]
    if lifted < features:
        rest = features - lifted
        parts = (_Matrix("", tokens, rest, int8), times, _Matrix("", rest, outputs, int8))
        groups.append(_Group(f"INT8: {counted(rest, 'feature')}", parts))
    if 0 < lifted < features:
        groups.append(_Group("", (_Matrix("+"),)))
    if lifted:
        parts = (_Matrix("", tokens, lifted, fp16, FULL), times, _Matrix("", lifted, outputs, fp16, FULL))
        groups.append(_Group(f"16 bits: {counted(lifted, 'feature')}", parts))
    return [*groups, equals, _Group("output", (_Matrix("", tokens, outputs, "text.tertiary"),))]


def what_goes(shapes: Shapes) -> str:
    """Where no column, or every one, is lifted out."""
    if not shapes.outliers:
        return f"no input column reaches {threshold_in_words(shapes.step)}: all of it in INT8"
    if len(shapes.outliers) == shapes.features:
        return f"every input column reaches {threshold_in_words(shapes.step)}: none of it in INT8"
    return ""


def in_words(shapes: Shapes) -> str:
    lifted = len(shapes.outliers)
    parts: Sequence[tuple[str, int]] = (("INT8", shapes.features - lifted), ("16 bits", lifted))
    said = [f"in {name} {shapes.tokens} by {count} times {count} by {shapes.outputs}" for name, count in parts if count]
    whole = f"Input {shapes.tokens} by {shapes.features}, weight {shapes.features} by {shapes.outputs}"
    return f"{whole}: {', plus '.join(said)}"
