"""Rows of words with a bar, all bars to one scale: what each row is of, how much it is, and its figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from workbench.panes.charts.canvas import Canvas, write_line, write_notice
from workbench.panes.parts.bars import paint_bar

# A bar of nothing is seen, too.
LEAST_PIXELS = 2.0
# A bar takes no more of its row's height.
THICKEST = 0.6


@dataclass(frozen=True)
class Words:
    """What stands in one column of a row."""

    text: str
    color: str = "text.primary"
    role: str = "body"
    weight: int = 400


@dataclass(frozen=True)
class BarRow:
    """Words for each column, and the share of the longest bar; None where it is not known and no bar is drawn."""

    words: tuple[Words, ...]
    share: float | None
    color: str
    is_chosen: bool = False


class Columns(NamedTuple):
    """Left and right end of the bars and of every column of words, in pixels; all but the first keep to the right."""

    bar: tuple[float, float]
    words: tuple[tuple[float, float], ...]


class BarRows(Canvas):
    """A subclass says what stands in the rows, and where its columns are.

    Attributes:
        ROW: The height of a row as it would have it, the least that it can do with, and the most that it takes.
        BAR: The height of a bar.
        HEADS: Words above the columns; with them, lines divide the rows.
        notice: Words where there are no rows.
    """

    ROW = (28, 28, 28)
    BAR = 8
    HEADS: tuple[Words, ...] = ()
    notice = ""

    def columns(self) -> Columns:
        raise NotImplementedError

    def bar_rows(self) -> Sequence[BarRow]:
        """From the top."""
        raise NotImplementedError

    def row_count(self) -> int:
        """Rows that there is to be room for, that of the heads among them."""
        return len(self.bar_rows()) + bool(self.HEADS)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._theme.px(self.ROW[0]) * self.row_count())

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._theme.px(self.ROW[1]) * self.row_count())

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px, rows = self._theme, self._theme.px, self.bar_rows()
        painter = QPainter(self)
        if not rows:
            write_notice(painter, theme, QRectF(self.rect()), self.notice)
            return
        columns = self.columns()
        high = min(px(self.ROW[2]), self.height() / (len(rows) + bool(self.HEADS)))
        thick = min(px(self.BAR), round(high * THICKEST))
        left, right = columns.bar
        self._write(painter, columns, self.HEADS, 0.0, high)
        for place, row in enumerate(rows, bool(self.HEADS)):
            top = place * high
            if row.is_chosen:
                painter.fillRect(QRectF(0, top, self.width(), high), theme.color("surface.selected"))
                painter.fillRect(QRectF(0, top, px(3), high), theme.color("accent.line"))
            if self.HEADS:
                painter.fillRect(QRectF(0, round(top), self.width(), 1), theme.color("border.divider"))
            self._write(painter, columns, row.words, top, high)
            if row.share is not None:
                wide = max(LEAST_PIXELS, (right - left) * row.share)
                bar = QRectF(left, round(top + (high - thick) / 2), wide, thick)
                paint_bar(painter, bar, theme.color(row.color))

    def _write(self, painter: QPainter, columns: Columns, words: Sequence[Words], top: float, high: float) -> None:
        for place, each in enumerate(words):
            left, right = columns.words[place]
            side = Qt.AlignmentFlag.AlignRight if place else Qt.AlignmentFlag.AlignLeft
            font = self._theme.font(each.role, weight=each.weight)
            write_line(painter, self._theme, QRectF(left, top, right - left, high), each.text, font, each.color, side)
