"""What the marks and shades of a picture mean: a row of marks and words, for a card's head or a picture's foot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill

PaintMark = Callable[[QPainter, QRectF, Theme, str], None]


@dataclass(frozen=True)
class Mark:
    """A mark, or a strip of shades, in the middle of its row; lengths are the drawing's pixels.

    `paint` fills a box with a colour of the theme; `advance` leads from its left edge to what comes next, where that
    is not its right edge; one with a `least` width gives way where there is too little room.
    """

    wide: int
    high: int
    paint: PaintMark
    color: str = ""
    advance: int = 0
    least: int = 0


# Words, a mark, or a gap: an int is in pixels of the drawing, a float in those of the screen.
Piece = str | Mark | int | float


def dot(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    _shape(painter, theme, color)
    painter.drawEllipse(box)


def patch(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    """A square that keeps to the screen's pixels."""
    fill(painter, box, theme.color(color))


def square(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    _shape(painter, theme, color)
    painter.drawRect(box)


def block(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    """A square with rounded corners."""
    _shape(painter, theme, color)
    painter.drawRoundedRect(QRectF(box.left(), round(box.top()), box.width(), box.height()), 2, 2)


def line(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    _shape(painter, theme, color)
    painter.drawRect(QRectF(box.left(), round(box.top()), box.width(), box.height()))


def _shape(painter: QPainter, theme: Theme, color: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(color))


def stroke(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
    """A line of a curve, two of the screen's pixels high."""
    fill(painter, QRectF(box.left(), round(box.center().y()) - 1, box.width(), 2), theme.color(color))


class Legend(Canvas):
    """Marks and words beside each other, as wide as they are.

    With `least_width` it is so wide where there is room; `rounds_words` gives words whole pixels.
    """

    def __init__(
        self,
        theme: Theme,
        pieces: Sequence[Piece] = (),
        name: str = "",
        *,
        role: str = "small",
        color: str = "text.secondary",
        height: int = 0,
        least_width: int = 0,
        rounds_words: bool = False,
    ) -> None:
        super().__init__(theme)
        self.pieces: tuple[Piece, ...] = ()
        self._role, self._color, self._height = role, color, height
        self._least_width, self._rounds_words = least_width, rounds_words
        across = QSizePolicy.Policy.Expanding if least_width else QSizePolicy.Policy.Fixed
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)
        self.show_pieces(pieces, name)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in their order."""
        return tuple(piece for piece in self.pieces if isinstance(piece, str))

    def show_pieces(self, pieces: Sequence[Piece], name: str) -> None:
        """`name` is what a screen reader says."""
        self.pieces = tuple(pieces)
        self.setAccessibleName(name)
        self._restyle()

    def _width_of(self, piece: Piece, metrics: QFontMetricsF) -> float:
        match piece:
            case str():
                wide = metrics.horizontalAdvance(piece)
                return round(wide) if self._rounds_words else wide
            case Mark():
                return self._theme.px(piece.advance or piece.wide)
            case int():
                return self._theme.px(piece)
        return piece

    def _widths(self) -> list[float]:
        metrics = QFontMetricsF(self._theme.font(self._role))
        return [self._width_of(piece, metrics) for piece in self.pieces]

    def _spare(self) -> int:
        """Pixels by which marks can be narrower."""
        px = self._theme.px
        return sum(px(piece.wide) - px(piece.least) for piece in self.pieces if isinstance(piece, Mark) and piece.least)

    def sizeHint(self) -> QSize:
        high = QFontMetricsF(self._theme.font(self._role)).height()
        wide = max(round(sum(self._widths())), self._theme.px(self._least_width))
        return QSize(wide, self._theme.px(self._height) if self._height else round(high) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(round(sum(self._widths())) - self._spare(), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, widths = self._theme, self._widths()
        painter = QPainter(self)
        painter.setFont(theme.font(self._role))
        missing = min(self._spare(), max(0.0, sum(widths) - self.width()))
        x = 0.0
        for piece, wide in zip(self.pieces, widths, strict=True):
            if isinstance(piece, str):
                painter.setPen(theme.color(self._color))
                painter.drawText(QRectF(x, 0, wide + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, piece)
            elif isinstance(piece, Mark):
                less = missing if piece.least else 0
                high = theme.px(piece.high)
                box = QRectF(x, (self.height() - high) / 2, theme.px(piece.wide) - less, high)
                piece.paint(painter, box, theme, piece.color)
                wide -= less
            x += wide
