"""The way of one number to what is stored and back, in links with arrows between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy

from workbench.core.figures import MINUS, TIMES, with_minus
from workbench.core.quantized.steps import Steps
from workbench.numerics.rounding import Rounding
from workbench.panes.charts.canvas import Canvas, write_line
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.hand.words import OVER, bits_of, decimals_of, fixed, short


@dataclass(frozen=True)
class Link:
    """A figure on the way from a number to its error, and what it is."""

    figure: str
    words: str


def links_of(steps: Steps, index: int) -> list[Link]:
    """The way of one number, as the table has it."""
    method, group = steps.method, int(steps.which[index])
    decimals, top = decimals_of(steps, group), float(steps.highest[group])
    scale = short(float(steps.scales[group]), 4)
    stored, rounded = with_minus(steps.stored[index]), float(steps.rounded[index])
    is_article = method.format == "int8-absmax" and top == 1.0
    first = Link(short(steps.values[index]), "number")
    back = fixed(float(steps.restored[index]), decimals)
    error = Link(fixed(abs(float(steps.errors[index])), decimals), "error")
    if not method.is_whole:
        return [
            first,
            Link(fixed(float(steps.scaled[index]), 4), f"{OVER} {scale}"),
            Link(fixed(rounded, 4), "nearest level" if method.rounding is Rounding.NEAREST_EVEN else "level"),
            Link(stored, f"code {bits_of(int(steps.stored[index]), method.scheme.bits)}"),
            Link(back, f"level {TIMES} {scale}"),
            error,
        ]
    scaled = Link(
        fixed(float(steps.scaled[index]), 1 if is_article else 2), f"{TIMES} 127" if is_article else f"{OVER} {scale}"
    )
    if method.has_zero_point:
        zero = int(steps.zero_points[group])
        sign = MINUS if zero < 0 else "+"
        undone = "+" if zero < 0 else MINUS
        return [
            first, scaled, Link(short(rounded), "rounded"), Link(stored, f"{sign} {abs(zero)}, stored"),
            Link(back, f"({stored} {undone} {abs(zero)}) {TIMES} {scale}"), error,
        ]  # fmt: skip
    return [
        first,
        scaled,
        Link(stored, "stored"),
        Link(back, f"{stored} / 127" if is_article else f"{stored} {TIMES} {scale}"),
        error,
    ]


# Between two links in a line; and what a line has to have lest it becomes a column.
LEAST_GAP, LEAST_LINE = 18, 420


class Chain(Canvas):
    """Links with arrows between them in a line, or below one another where that is too long."""

    LEAST = (160, 42)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._links: list[Link] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    @property
    def links(self) -> list[Link]:
        return self._links

    def show_links(self, links: Sequence[Link]) -> None:
        if list(links) != self._links:
            is_as_many = len(links) == len(self._links)
            self._links = list(links)
            self.setAccessibleName(", then ".join(f"{link.figure} {link.words}" for link in links))
            if not is_as_many:
                self.updateGeometry()
            self.update()

    def _width_of(self, link: Link, role: str) -> float:
        figure = QFontMetricsF(self._theme.font(role, weight=600)).horizontalAdvance(link.figure)
        return max(figure, QFontMetricsF(self._theme.font("caption")).horizontalAdvance(link.words)) + 2

    def _role(self, width: int) -> str:
        """The largest font in which the line fits; nothing where it is to be a column."""
        least = self._theme.px(LEAST_GAP) * (len(self._links) - 1)
        for role in ("equation", "body"):
            if sum(self._width_of(link, role) for link in self._links) + least <= width:
                return role
        return "body" if width >= self._theme.px(LEAST_LINE) else ""

    def _widths(self, role: str) -> list[float]:
        """Of the links in a line; the widest give way where there is too little room."""
        widths = [self._width_of(link, role) for link in self._links]
        room = max(1.0, self.width() - self._theme.px(LEAST_GAP) * (len(widths) - 1))
        cap = max(widths, default=0.0)
        while cap > 8 and sum(min(wide, cap) for wide in widths) > room:
            cap -= 1
        return [min(wide, cap) for wide in widths]

    def _row(self) -> int:
        return self._theme.px(25)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._theme.px(42) if self._role(width) or not self._links else self._row() * len(self._links)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        role = self._role(self.width())
        if role:
            self._paint_line(painter, role)
        else:
            self._paint_column(painter)

    def _paint_line(self, painter: QPainter, role: str) -> None:
        px = self._theme.px
        widths = self._widths(role)
        free = self.width() - sum(widths)
        gap = min(px(44), free / max(1, len(widths) - 1))
        x, middle = 0.0, px(13)
        for place, (link, wide) in enumerate(zip(self._links, widths, strict=True)):
            if place:
                self._arrow(painter, x + gap / 2, middle)
                x += gap
            self._words(painter, QRectF(x, 0, wide, px(25)), link.figure, role, "text.primary", 600)
            self._words(painter, QRectF(x, px(25), wide, px(16)), link.words, "caption", "text.tertiary")
            x += wide

    def _paint_column(self, painter: QPainter) -> None:
        px, pitch = self._theme.px, self._row()
        half = self.width() / 2
        for place, link in enumerate(self._links):
            y = place * pitch
            left = Qt.AlignmentFlag.AlignLeft
            self._words(painter, QRectF(0, y, half * 1.15, pitch), link.words, "small", "text.tertiary", 400, left)
            right = Qt.AlignmentFlag.AlignRight
            box = QRectF(half * 1.15 + px(4), y, half * 0.85 - px(4), pitch)
            self._words(painter, box, link.figure, "body", "text.primary", 600, right)

    def _arrow(self, painter: QPainter, x: float, y: float) -> None:
        px = self._theme.px
        painter.setPen(QPen(self._theme.color("text.tertiary"), 1.3))
        half, wing = px(5), px(3)
        painter.drawLine(QPointF(x - half, y), QPointF(x + half, y))
        painter.drawPolyline(
            [QPointF(x + half - wing, y - wing), QPointF(x + half, y), QPointF(x + half - wing, y + wing)]
        )

    def _words(
        self,
        painter: QPainter,
        box: QRectF,
        text: str,
        role: str,
        color: str,
        weight: int = 400,
        side: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignHCenter,
    ) -> None:
        font = self._theme.font(role, weight=weight)
        write_line(painter, self._theme, box, text, font, color, side)
