"""The memory of the weights in each precision, as bars against what is free."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS
from workbench.panes.theme import Theme


class WeightsChart(QWidget):
    """A row per precision: the quantized layers, then embeddings, head and norms; a click or an arrow chooses."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._sizes: dict[str, tuple[int, int]] = {}
        self._limit_bytes = 0
        self._limit_words = ""
        self._value = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Memory of the weights by precision")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._theme.px(204))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(150))

    def show_sizes(self, sizes: dict[str, tuple[int, int]], limit_bytes: int, limit_words: str) -> None:
        self._sizes, self._limit_bytes, self._limit_words = sizes, limit_bytes, limit_words
        said = [f"{FORMATS[name].title} {bytes_in_words(sum(pair))}" for name, pair in sizes.items()]
        self.setAccessibleDescription("; ".join([*said, limit_words]))
        self.update()

    def set_value(self, name: str) -> None:
        self._value = name
        self.update()

    def _row_height(self) -> float:
        return (self.height() - self._theme.px(22)) / len(FORMATS)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(theme.color("focus.ring"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.setFont(theme.font("body"))
        if not self._sizes:
            painter.setPen(theme.color("text.tertiary"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "Known once the model is.")
            return
        left, right, high = px(62), px(76), self._row_height()
        largest = max(sum(pair) for pair in self._sizes.values())
        # A limit far out of sight is told in words: the bars would be specks.
        shows_limit = 0 < self._limit_bytes <= 1.25 * largest
        scale = (self.width() - left - right) / max(largest, self._limit_bytes if shows_limit else 0, 1)
        for index, name in enumerate(FORMATS):
            self._paint_row(painter, name, QRectF(0, index * high, self.width(), high), left, scale)
        self._paint_limit(painter, left, scale, shows_limit)

    def _paint_row(self, painter: QPainter, name: str, row: QRectF, left: float, scale: float) -> None:
        theme, px = self._theme, self._theme.px
        stored, kept = self._sizes[name]
        is_chosen = name == self._value
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("surface.selected"))
            painter.drawRoundedRect(row.adjusted(0, 1, 0, -1), 4, 4)
        painter.setFont(theme.font("body", weight=600 if is_chosen else 400))
        painter.setPen(theme.color("text.primary" if is_chosen else "text.secondary"))
        words = row.adjusted(px(10), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, FORMATS[name].title)
        bar = QRectF(left, row.center().y() - px(7), stored * scale, px(14))
        painter.fillRect(bar, theme.color("memory.weights"))
        rest = QRectF(bar.right() + 1, bar.top(), max(0.0, kept * scale - 1), bar.height())
        painter.fillRect(rest, theme.color("memory.unquantized"))
        painter.setFont(theme.font("body"))
        painter.setPen(theme.color("text.primary"))
        size = QRectF(rest.right() + px(8), row.top(), px(90), row.height())
        painter.drawText(
            size, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, bytes_in_words(stored + kept)
        )

    def _paint_limit(self, painter: QPainter, left: float, scale: float, shows_line: bool) -> None:
        theme, px = self._theme, self._theme.px
        foot = QRectF(left, self.height() - px(20), self.width() - left - px(4), px(20))
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.primary"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        if shows_line:
            at = left + self._limit_bytes * scale
            painter.fillRect(QRectF(at - 1, 0, 2, self.height() - px(4)), theme.color("memory.limit"))
            wide = painter.fontMetrics().horizontalAdvance(self._limit_words)
            start = at + px(6) if at + px(6) + wide < self.width() else at - px(6) - wide
            painter.drawText(QRectF(start, foot.top(), wide + 2, foot.height()), flags, self._limit_words)
        elif self._limit_words:
            painter.drawText(foot, flags, f"{self._limit_words}, far to the right")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = int(event.position().y() / self._row_height())
        if 0 <= index < len(FORMATS) and self._sizes:
            self.chosen.emit(list(FORMATS)[index])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        names = list(FORMATS)
        if step is None or self._value not in names:
            super().keyPressEvent(event)
            return
        index = names.index(self._value) + step
        if 0 <= index < len(names):
            self.chosen.emit(names[index])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()
