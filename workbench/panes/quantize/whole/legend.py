"""The scale of the map of errors, and the colours between its two ends."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill

# The least that loses something is told from the ground.
FAINTEST = 0.10


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """So much of the second colour."""
    parts = zip(first.getRgb()[:3], second.getRgb()[:3], strict=True)  # type: ignore[index]
    return QColor(*(round(one + (other - one) * share) for one, other in parts))


def contrast(one: QColor, other: QColor) -> float:
    """WCAG 2.2, relative luminance and contrast ratio."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class MapLegend(QWidget):
    """The scale of the map, with its two ends; stands in the head of the card."""

    WIDE = 72

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._ends = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._restyle)

    def show_ends(self, palest: str, darkest: str) -> None:
        """What the palest and the darkest cell stand for; nothing where nothing is measured."""
        self._ends = (palest, darkest)
        self.setAccessibleName(f"Pale: {palest}, dark: {darkest}, where more is lost" if palest else "")
        self._restyle()

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        if not self._ends[0]:
            return QSize(0, self._theme.px(20))
        metrics = QFontMetricsF(self._theme.font("small"))
        words = sum(metrics.horizontalAdvance(end) for end in self._ends)
        return QSize(round(words) + self._theme.px(self.WIDE + 16), self._theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._ends[0]:
            return
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(theme.color("text.secondary"))
        first = metrics.horizontalAdvance(self._ends[0]) + 2
        painter.drawText(QRectF(0, 0, first, self.height()), Qt.AlignmentFlag.AlignVCenter, self._ends[0])
        left, middle, wide = first + px(5), self.height() / 2, px(self.WIDE)
        palest, darkest = theme.color("heat.middle"), theme.color("heat.below")
        for step in range(wide):
            share = FAINTEST + (1 - FAINTEST) * step / (wide - 1)
            fill(painter, QRectF(left + step, middle - px(4), 1, px(8)), mixed(palest, darkest, share))
        painter.setPen(theme.color("text.secondary"))
        rest = QRectF(left + wide + px(6), 0, self.width(), self.height())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, self._ends[1])
