"""What the colours of tokens mean, each with how many there are in the row."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from workbench.core.units import grouped
from workbench.panes.charts.canvas import Canvas
from workbench.panes.charts.token_chips import LINE, paint_hatch
from workbench.panes.data.seen.shown_tokens import KIND_WORDS, KINDS, PADDING
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill

SIDE, BESIDE, APART = 13, 6, 18


class TokenLegend(Canvas):
    """A row of squares with words and counts; gaps get smaller where there is too little room."""

    GROWS = (True, False)

    def __init__(self, theme: Theme, kinds: Sequence[tuple[int, str]] = tuple(enumerate(KIND_WORDS))) -> None:
        """`kinds` are places in KINDS, each with the word for it here."""
        super().__init__(theme)
        self.kinds = tuple(kinds)
        self.counts: tuple[int, ...] = ()
        self._about, self._is_old = "", False
        self.show_counts(())

    def show_counts(self, counts: Sequence[int], *, is_estimate: bool = False) -> None:
        """How many tokens there are of each of its kinds; none where the row has no tokens."""
        self.counts = tuple(counts)
        self._about, self._is_old = "about " if is_estimate else "", False
        words = (word for _, word in self.kinds)
        said = (f"{self._about}{grouped(count)} {word}" for count, word in zip(self.counts, words, strict=False))
        self.setAccessibleName(f"Tokens: {', '.join(said)}" if self.counts else "Kinds of tokens")
        self.update()

    def show_old(self) -> None:
        """Others are being counted: the numbers stand there pale until they come."""
        self._is_old = True
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._theme.px(20))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(20))

    def _pieces(self) -> list[tuple[int, str, str]]:
        counts = self.counts or (None,) * len(self.kinds)
        return [
            (kind, word, "" if count is None else f"{self._about}{grouped(count)}")
            for (kind, word), count in zip(self.kinds, counts, strict=True)
        ]

    def _widths(self) -> list[float]:
        """Pixels of each square with its word and its count."""
        theme = self._theme
        words, figures = QFontMetricsF(theme.font("small")), QFontMetricsF(theme.font("small", weight=600))
        side, beside = theme.px(SIDE), theme.px(BESIDE)
        return [
            side + beside + words.horizontalAdvance(word) + (beside + figures.horizontalAdvance(count) if count else 0)
            for _, word, count in self._pieces()
        ]

    def natural_width(self) -> int:
        """Pixels that all of it takes, its gaps as they are drawn."""
        return round(sum(self._widths())) + self._theme.px(APART) * (len(self.kinds) - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        plain, strong = theme.font("small"), theme.font("small", weight=600)
        words = QFontMetricsF(plain)
        pieces, widths = self._pieces(), self._widths()
        side, beside = px(SIDE), px(BESIDE)
        spare = self.width() - sum(widths)
        apart = min(float(px(APART)), max(2.0, spare / max(1, len(pieces) - 1)))
        x = 0.0
        for (kind, word, count), wide in zip(pieces, widths, strict=True):
            box = QRectF(round(x), round((self.height() - side) / 2), side, side)
            self._paint_square(painter, box, kind)
            left = box.right() + beside
            painter.setFont(plain)
            painter.setPen(theme.color("text.secondary"))
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
            painter.drawText(QRectF(left, 0, wide, self.height()), flags, word)
            if count:
                painter.setFont(strong)
                painter.setPen(theme.color("text.tertiary" if self._is_old else "text.primary"))
                left += words.horizontalAdvance(word) + beside
                painter.drawText(QRectF(left, 0, wide, self.height()), flags, count)
            x += wide + apart

    def _paint_square(self, painter: QPainter, box: QRectF, kind: int) -> None:
        name = KINDS[kind]
        fill(painter, box, self._theme.color(f"tokens.{name}"))
        if kind == PADDING:
            paint_hatch(painter, self._theme, box)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(self._theme.color("border.control"))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        else:
            fill(
                painter,
                QRectF(box.left(), box.bottom() - LINE, box.width(), LINE),
                self._theme.color(f"tokens.{name}_line"),
            )
