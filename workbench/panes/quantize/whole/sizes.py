"""What all matrices take together: as they are stored, and in each format."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme

ROW, LEAST_ROW, MOST_ROW, BAR = 30, 16, 44, 14
TITLE, BITS, SIZE = 86, 80, 62


@dataclass(frozen=True)
class SizeRow:
    """A bar: what it is of, its length, and what a weight takes; `is_measured` says that the study has come so far."""

    title: str
    size_bytes: int
    bits: str
    color: str


class SizeBars(QWidget):
    """Rows of bars to one scale, the stored size first."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.rows: tuple[SizeRow, ...] = ()
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changed.connect(self._restyle)

    def show_rows(self, rows: Sequence[SizeRow]) -> None:
        if tuple(rows) == self.rows:
            return
        self.rows = tuple(rows)
        said = "; ".join(f"{row.title} {bytes_in_words(row.size_bytes)}, {row.bits} bits per weight" for row in rows)
        self.setAccessibleName(f"Size of all matrices: {said}" if rows else "Size of all matrices")
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(330), self._theme.px(ROW) * max(3, len(self.rows)))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(220), self._theme.px(LEAST_ROW) * max(3, len(self.rows)))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        if not self.rows:
            painter.setPen(theme.color("text.tertiary"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
            return
        high = min(px(MOST_ROW), self.height() / len(self.rows))
        most = max(row.size_bytes for row in self.rows) or 1
        left, right = px(TITLE), self.width() - px(SIZE) - px(BITS)
        center = Qt.AlignmentFlag.AlignVCenter
        for number, row in enumerate(self.rows):
            top = number * high
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("text.primary"))
            metrics = QFontMetricsF(painter.font())
            title = metrics.elidedText(row.title, Qt.TextElideMode.ElideRight, left - px(8))
            painter.drawText(QRectF(0, top, left, high), center, title)
            wide = max(2.0, (right - left) * row.size_bytes / most)
            thick = min(px(BAR), round(high * 0.6))
            bar = QRectF(left, round(top + (high - thick) / 2), wide, thick)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(row.color))
            painter.drawRoundedRect(bar, 2, 2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setFont(theme.font("body", weight=600))
            painter.setPen(theme.color("text.primary"))
            size = QRectF(right + px(4), top, px(SIZE), high)
            painter.drawText(size, center | Qt.AlignmentFlag.AlignRight, bytes_in_words(row.size_bytes))
            painter.setFont(theme.font("small"))
            painter.setPen(QPen(theme.color("text.tertiary")))
            bits = QRectF(right + px(SIZE), top, px(BITS), high)
            painter.drawText(bits, center | Qt.AlignmentFlag.AlignRight, f"{row.bits} bits")
