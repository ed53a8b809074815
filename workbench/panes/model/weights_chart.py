"""The memory of the weights in each precision, as bars against what is free."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent

from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS
from workbench.panes.charts.arrow_keys import STEPS, Step, clamped
from workbench.panes.charts.canvas import Canvas, write_notice
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill
from workbench.panes.parts.focus_ring import paint_ring

NAMES = tuple(FORMATS)
# Rows as drawn: no higher than the third, and from the second on with what the size is made of below it.
LEAST_ROW, TWO_LINES, HIGHEST_ROW = 17, 46, 72
FOOT = 22
# A limit further away than this share of the longest bar is given in words: the bars would be specks.
FARTHEST_LIMIT = 1.25
LEFT_EDGE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class WeightsChart(Canvas):
    """A row per precision: the quantized layers, then embeddings, head and norms; a click or an arrow chooses.

    Signals:
        chosen: A precision's name.
    """

    chosen = Signal(str)
    SIZE, LEAST = (420, 6 * 30 + FOOT), (240, 6 * LEAST_ROW + FOOT)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Memory of the weights by precision", takes_keys=True)
        self._sizes: dict[str, tuple[int, int]] = {}
        self._limit_bytes = 0
        self._limit_words = ""
        self._value = ""

    # -- what is shown ------------------------------------------------------------------------------------------------

    @property
    def value(self) -> str:
        return self._value

    def show_sizes(self, sizes: dict[str, tuple[int, int]], limit_bytes: int, limit_words: str) -> None:
        """Takes each precision's two parts in bytes, and what is free with its words."""
        if (sizes, limit_bytes, limit_words) == (self._sizes, self._limit_bytes, self._limit_words):
            return
        self._sizes, self._limit_bytes, self._limit_words = sizes, limit_bytes, limit_words
        self._describe()
        self.update()

    def set_value(self, name: str) -> None:
        if name != self._value:
            self._value = name
            self._describe()
            self.update()

    def _describe(self) -> None:
        said = [f"{FORMATS[name].title} {bytes_in_words(sum(pair))}" for name, pair in self._sizes.items()]
        chosen = [f"{FORMATS[self._value].title} is chosen"] if self._value else []
        self.setAccessibleDescription("; ".join([*chosen, *said, *filter(None, [self._limit_words])]))

    def row_of(self, name: str) -> QRectF:
        """Where a precision's row is."""
        high = self._row_height()
        return QRectF(0, NAMES.index(name) * high, self.width(), high)

    def _row_height(self) -> float:
        return min((self.height() - self._theme.px(FOOT)) / len(NAMES), self._theme.px(HIGHEST_ROW))

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("body"))
        if not self._sizes:
            write_notice(painter, theme, QRectF(self.rect()), "The sizes are known once the model is.")
        else:
            left = px(58)
            largest = max(sum(pair) for pair in self._sizes.values())
            shows_limit = 0 < self._limit_bytes <= FARTHEST_LIMIT * largest
            room = self.width() - left - px(84)
            scale = room / max(largest, self._limit_bytes if shows_limit else 0, 1)
            limit = left + self._limit_bytes * scale if shows_limit else None
            for name in NAMES:
                self._paint_bar(painter, name, left, scale)
            self._paint_limit(painter, left, limit)
            for name in NAMES:
                self._paint_size(painter, name, left + sum(self._sizes[name]) * scale + px(8), limit)
        if self.has_ring:
            box = self.row_of(self._value) if self._sizes and self._value else QRectF(self.rect())
            paint_ring(painter, theme, box.adjusted(1, 1, -1, -1), 4)

    def _paint_bar(self, painter: QPainter, name: str, left: float, scale: float) -> None:
        theme, px = self._theme, self._theme.px
        row, (stored, kept) = self.row_of(name), self._sizes[name]
        is_chosen = name == self._value
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface.selected"))
            painter.drawRoundedRect(row.adjusted(0, 1, 0, -1), 4, 4)
        painter.setFont(theme.font("body", weight=600 if is_chosen else 400))
        painter.setPen(theme.color("text.primary" if is_chosen else "text.secondary"))
        painter.drawText(row.adjusted(px(10), 0, 0, 0), LEFT_EDGE, FORMATS[name].title)
        high = min(max(px(13), row.height() * 0.4), px(26))
        bar = QRectF(left, row.center().y() - high / 2, stored * scale, high)
        fill(painter, bar, theme.color("memory.weights"))
        gap = 1 if stored else 0
        rest = QRectF(bar.right() + gap, bar.top(), max(0.0, kept * scale - gap), high)
        fill(painter, rest, theme.color("memory.unquantized"))

    def _paint_size(self, painter: QPainter, name: str, at: float, limit: float | None) -> None:
        """The size after its bar, with what it is made of where there is room; the limit's line leaves it out."""
        theme, px = self._theme, self._theme.px
        row, pair = self.row_of(name), self._sizes[name]
        lines = [(bytes_in_words(sum(pair)), "body", "text.primary")]
        if row.height() >= px(TWO_LINES):
            parts = " + ".join(map(bytes_in_words, pair))
            painter.setFont(theme.font("caption"))
            if at + painter.fontMetrics().horizontalAdvance(parts) <= row.width():
                lines.append((parts, "caption", "text.tertiary"))
        top = row.center().y() - px(9) * len(lines)
        for text, role, color in lines:
            painter.setFont(theme.font(role))
            box = QRectF(at, top, painter.fontMetrics().horizontalAdvance(text) + 1, px(18))
            if limit is not None and box.left() - px(4) < limit < box.right() + px(4):
                ground = theme.color("surface.selected" if name == self._value else "surface.card")
                fill(painter, QRectF(limit - 2, box.top(), 4, box.height()), ground)
            painter.setPen(theme.color(color))
            painter.drawText(box, LEFT_EDGE, text)
            top += px(17)

    def _paint_limit(self, painter: QPainter, left: float, limit: float | None) -> None:
        theme, px = self._theme, self._theme.px
        top = self._row_height() * len(NAMES)
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.primary"))
        words = self._limit_words if limit is not None else f"{self._limit_words}, far to the right"
        room = self.width() - (left if limit is None else 0)
        words = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(room))
        start = left
        if limit is not None:
            fill(painter, QRectF(limit - 1, 0, 2, top + px(FOOT - 3)), theme.color("memory.limit"))
            wide = painter.fontMetrics().horizontalAdvance(words)
            start = limit + px(7) if limit + px(7) + wide < self.width() else max(0.0, limit - px(7) - wide)
        if self._limit_words:
            painter.drawText(QRectF(start, top + 1, self.width(), px(FOOT - 2)), LEFT_EDGE, words)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _name_at(self, point: QPointF) -> str:
        return next((name for name in self._sizes if self.row_of(name).contains(point)), "")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self._name_at(event.position())
        if name and event.button() == Qt.MouseButton.LeftButton:
            self.has_ring = False
            self.chosen.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = STEPS.get(event.key(), Step())
        by = step.across + step.down + step.ends * len(NAMES)
        if not by:
            super().keyPressEvent(event)
            return
        self.show_ring(True)
        wanted = NAMES[clamped((NAMES.index(self._value) if self._value else 0) + by, len(NAMES))]
        if wanted != self._value:
            self.chosen.emit(wanted)
