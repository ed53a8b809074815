"""Tokens in lines, each a chip with its text over a number; of a long text only what is in sight is painted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent

from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.canvas import CanvasArea, write_notice
from workbench.panes.charts.cell_map import Pointed
from workbench.panes.charts.token_layout import TokenLayout
from workbench.panes.charts.token_text import QUIET
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill
from workbench.panes.parts.focus_ring import paint_ring

# Between chips, and inside them; lines and messages apart from each other: pixels of the drawing.
GAP, SIDE, APART_LINES, APART_MESSAGES = 4, 5, 5, 6
LINE = 2
EDGE = 14


class Chips(Protocol):
    """What there is of each token; `labels` have their marks in front, `cells` say how many letters wide they are."""

    @property
    def labels(self) -> Sequence[str]: ...

    @property
    def cells(self) -> NDArray[np.int32]: ...

    @property
    def lines(self) -> NDArray[np.int64]:
        """Numbers of the tokens with which a line begins, ascending: 0, and those of messages."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class Look:
    """How a chip is painted: its ground, the line at its foot, its ink, and its font."""

    ground: QColor
    line: QColor
    ink: QColor
    quiet_ink: QColor
    font: QFont
    is_hatched: bool = False


Shown = TypeVar("Shown", bound=Chips)


class TokenChips(Pointed[int], CanvasArea, Generic[Shown]):
    """A token is chosen by a click or the arrows; the one under the pointer is spoken of before it.

    A subclass says how each looks, and what stands below its text.

    Signals:
        told: The number of the token that is spoken of; -1 for none.
    """

    told = Signal(int)
    LEAST = (200, 76)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name)
        self.empty_words = ""  # said in place of tokens
        self.tokens: Shown | None = None
        self.chosen = -1
        self._pointed = -1
        self._layout: TokenLayout | None = None
        self._measure()
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    # -- what a subclass says ------------------------------------------------------------------------------------------

    def look_of(self, tokens: Shown, token: int) -> Look:
        raise NotImplementedError

    def below_of(self, tokens: Shown, token: int) -> str:
        """The number below its text."""
        raise NotImplementedError

    def below_letters(self, tokens: Shown) -> NDArray[np.int64]:
        """How many letters wide that number is [tokens]."""
        raise NotImplementedError

    def sentence_of(self, tokens: Shown, token: int) -> str:
        """What a screen reader says of it."""
        raise NotImplementedError

    def show_tokens(self, tokens: Shown | None, *, keeps_place: bool = False) -> None:
        """Shows a row from its beginning, or from where it was looked at; the chosen token stays where there is one."""
        at = self.verticalScrollBar().value() if keeps_place else 0
        self.tokens = tokens
        count = len(tokens) if tokens is not None else 0
        self.chosen = min(max(0, self.chosen) if keeps_place else 0, count - 1)
        self._pointed = -1
        self._lay_out()
        self.verticalScrollBar().setValue(at)
        self._tell()

    # -- sizes --------------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        self._measure()
        self._lay_out()
        super()._restyle()

    def _measure(self) -> None:
        theme = self._theme
        self.text_font, self._id_font = theme.font("token", mono=True), theme.font("token_id")
        self._letter = QFontMetricsF(self.text_font).horizontalAdvance("0")
        self._digit = QFontMetricsF(self._id_font).horizontalAdvance("0")
        self._text_high = QFontMetricsF(self.text_font).height()
        self._id_high = QFontMetricsF(self._id_font).height()
        self._chip_high = round(self._text_high + self._id_high) + theme.px(2) + LINE
        self._pitch = self._chip_high + theme.px(APART_LINES)

    def _widths(self, tokens: Shown) -> NDArray[np.float64]:
        """Pixels that each chip takes [tokens]: its text or its number, whichever is wider."""
        wide: NDArray[np.float64] = np.ceil(
            np.maximum(tokens.cells * self._letter, self.below_letters(tokens) * self._digit)
        )
        return wide + 2 * self._theme.px(SIDE)

    def _lay_out(self) -> None:
        if self.tokens is None:
            self._layout = None
        else:
            px = self._theme.px
            room = max(1, self.viewport().width() - 2 * px(EDGE))
            self._layout = TokenLayout.of(
                self._widths(self.tokens),
                self.tokens.lines,
                room,
                gap=px(GAP),
                pitch=self._pitch,
                apart=px(APART_MESSAGES),
            )
        high = self._layout.height + 2 * self._theme.px(8) if self._layout else 0
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(high) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._pitch)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._pitch * 5)

    def _origin(self) -> QPointF:
        """Where the first token stands in the viewport."""
        return QPointF(self._theme.px(EDGE), self._theme.px(8) - self.verticalScrollBar().value())

    def box_of(self, token: int) -> QRectF:
        """Where a token stands in the viewport."""
        layout, origin = self._layout, self._origin()
        assert layout is not None, "a row is shown"
        top = float(layout.tops[layout.line_of(token)])
        return QRectF(
            origin.x() + float(layout.lefts[token]), origin.y() + top, float(layout.widths[token]), self._chip_high
        )

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        layout, tokens = self._layout, self.tokens
        if layout is None or tokens is None or not len(tokens):
            inside = QRectF(self.viewport().rect()).adjusted(self._theme.px(24), 0, -self._theme.px(24), 0)
            write_notice(painter, self._theme, inside, self.empty_words)
            if self.has_ring:
                paint_ring(painter, self._theme, self.viewport().rect().adjusted(1, 1, -1, -1))
            return
        origin, clip = self._origin(), event.rect()
        for line in layout.lines_between(clip.top() - origin.y(), clip.bottom() + 1 - origin.y()):
            top = origin.y() + float(layout.tops[line])
            for token in layout.tokens_of(line):
                left, wide = float(layout.lefts[token]), float(layout.widths[token])
                self._paint_chip(painter, QRectF(origin.x() + left, top, wide, self._chip_high), tokens, token)
        for token, is_strong in ((self._pointed, False), (self.chosen, True)):
            if 0 <= token < len(tokens):
                box = self.box_of(token).adjusted(-1.5, -1.5, 1.5, 1.5)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                if is_strong:
                    paint_ring(painter, self._theme, box, self._theme.size("radius.chip"))
                else:
                    painter.setBrush(Qt.BrushStyle.NoBrush)
                    painter.setPen(self._theme.color("border.control_strong"))
                    painter.drawRoundedRect(box, self._theme.size("radius.chip"), self._theme.size("radius.chip"))
        if self.has_ring:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            paint_ring(painter, self._theme, self.viewport().rect().adjusted(1, 1, -1, -1))

    def _paint_chip(self, painter: QPainter, box: QRectF, tokens: Shown, token: int) -> None:
        look = self.look_of(tokens, token)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.ground)
        painter.drawRoundedRect(box, 2, 2)
        if look.is_hatched:
            paint_hatch(painter, self._theme, box)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        fill(painter, QRectF(box.left(), box.bottom() - LINE, box.width(), LINE), look.line)
        text = QRectF(box.left(), box.top() + 1, box.width(), self._text_high)
        self._paint_text(painter, text, tokens.labels[token], int(tokens.cells[token]), look)
        painter.setFont(self._id_font)
        painter.setPen(look.quiet_ink)
        below = QRectF(box.left(), text.bottom() - 1, box.width(), self._id_high)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(below, flags, self.below_of(tokens, token))

    def _paint_text(self, painter: QPainter, box: QRectF, label: str, cells: int, look: Look) -> None:
        """A token's text in its box, the marks for what nobody sees paler than what is there."""
        marks = len(label) - len(label.lstrip("".join(QUIET)))
        side, flags = cells * self._letter, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        left = box.center().x() - side / 2
        painter.setFont(look.font)
        if marks:
            painter.setPen(look.quiet_ink)
            wide = marks * self._letter
            painter.drawText(QRectF(left, box.top(), wide + self._letter, box.height()), flags, label[:marks])
            left += wide
        rest = label[marks:]
        if rest:
            painter.setPen(look.ink)
            room = QRectF(left, box.top(), box.right() - left, box.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | flags, rest)

    # -- choosing -----------------------------------------------------------------------------------------------------

    def cell_at(self, at: QPointF) -> int | None:
        if self._layout is None:
            return None
        inside = at - self._origin()
        token = self._layout.token_at(inside.x(), inside.y(), self._chip_high)
        return token if token >= 0 else None

    def tip_at(self, at: QPointF) -> str | None:
        return ""  # a line of the card says it, while the pointer moves

    def cell_after(self, step: Step) -> int | None:
        if self._layout is None or self.tokens is None or not len(self.tokens):
            return None
        if step.pages:
            lines = max(1, self.viewport().height() // self._pitch) * step.pages
            return self._layout.token_over(max(0, self.chosen), lines)
        if step.down:
            return self._layout.token_over(max(0, self.chosen), step.down)
        count = len(self.tokens)
        return clamped(self.chosen + step.across + step.ends * count, count)

    def choose_by_hand(self, cell: int) -> None:
        self.show_chosen(cell)
        self._tell()

    def show_chosen(self, cell: int) -> None:
        """Chooses a token and brings it into sight, without telling it."""
        self.chosen = cell
        self._pointed = -1
        box, high = self.box_of(cell), self.viewport().height()
        bar, edge = self.verticalScrollBar(), self._theme.px(4)
        if box.top() < edge:
            bar.setValue(bar.value() + round(box.top()) - edge)
        elif box.bottom() > high - edge:
            bar.setValue(bar.value() + round(box.bottom()) - high + edge)
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        found = self.cell_at(event.position())
        self._point_at(-1 if found is None else found)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point_at(-1)

    def _point_at(self, token: int) -> None:
        if token != self._pointed:
            self.show_pointed(token)
            self._tell()

    def show_pointed(self, token: int) -> None:
        """Frames a token as the one at the pointer, -1 for none, without telling it."""
        self._pointed = token
        self.viewport().update()

    def _tell(self) -> None:
        token = self._pointed if self._pointed >= 0 else self.chosen
        is_there = self.tokens is not None and token >= 0
        said = self.sentence_of(self.tokens, token) if self.tokens is not None and is_there else self.empty_words
        self.setAccessibleDescription(said)
        self.told.emit(token)


def paint_hatch(painter: QPainter, theme: Theme, box: QRectF) -> None:
    """Slanted lines that say that nothing is here."""
    painter.setPen(Qt.PenStyle.NoPen)
    brush = painter.brush()
    brush.setStyle(Qt.BrushStyle.BDiagPattern)
    brush.setColor(theme.color("border.control"))
    painter.setBrush(brush)
    painter.drawRoundedRect(box, 2, 2)
