"""The scale of the map of outliers: shades up to a magnitude, and the colour of what reaches the threshold."""

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.quantize.outliers.paint import shaded
from workbench.panes.quantize.outliers.words import magnitude

SCALE = 64


class OutlierLegend(QWidget):
    """Stands in the head of the map's card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._limit: float | None = None
        self._threshold = "6.0"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def show_scale(self, limit: float | None, threshold: str) -> None:
        """The magnitude of the strongest shade, None where nothing is drawn, and the threshold."""
        self._limit, self._threshold = limit, threshold
        ends = f"Blue from 0 to {magnitude(limit)} and beyond, " if limit else ""
        self.setAccessibleName(f"{ends}vermillion from {threshold} on")
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def _words(self) -> tuple[str, str]:
        return (f"{magnitude(self._limit)}+" if self._limit else ""), f"reaches {self._threshold}"

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self._theme.font("small"))
        words = sum(metrics.horizontalAdvance(each) for each in (*self._words(), "0"))
        px = self._theme.px
        return QSize(round(words) + px((60 if self._limit else 0) + 60), px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme.color("text.secondary"))
        middle, high = self.height() / 2, self.height()
        most, reaches = self._words()
        x = 0.0

        def write(words: str, start: float) -> float:
            wide = metrics.horizontalAdvance(words)
            painter.drawText(QRectF(start, 0, wide + 2, high), Qt.AlignmentFlag.AlignVCenter, words)
            return start + wide

        if self._limit:
            x = write("0", x) + px(5)
            steps = np.linspace(0, 1, SCALE, dtype=np.float32)[None, :]
            painter.drawImage(QRectF(x, middle - px(4), px(56), px(8)), shaded(steps, 1.0, 2.0, theme))
            x = write(most, x + px(61)) + px(14)
        painter.fillRect(QRectF(x, middle - px(5), px(10), px(10)), theme.color("heat.below"))
        write(reaches, x + px(15))
