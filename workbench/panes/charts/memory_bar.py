"""The memory bar: the parts of one ledger side by side, against what there is room for."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)

from workbench.core.memory.ledger import PARTS, Ledger
from workbench.core.units import bytes_in_words
from workbench.panes.charts.arrow_keys import place_after
from workbench.panes.charts.canvas import Canvas
from workbench.panes.charts.memory_blocks import OTHERS, PART_HELP, hatch, paint_block
from workbench.panes.look.theme import Theme

# A limit further away than this many times what is needed would leave no room to tell the parts apart.
FARTHEST_LIMIT = 2.5


@dataclass(frozen=True)
class Block:
    """A stretch of the bar."""

    name: str
    title: str
    size_bytes: int
    help: str


class MemoryBar(Canvas):
    """Paints a ledger with its legend; arrows or the pointer choose a part, which then says what it is."""

    GROWS = (True, False)

    def __init__(self, theme: Theme, *, bar_height: int = 26) -> None:
        super().__init__(theme, "Memory by parts", takes_keys=True)
        self._drawn_bar_height = bar_height
        self._blocks: list[Block] = []
        self._limit_bytes = 0
        self._limit_words = ""
        self._chosen = -1
        self.setMouseTracking(True)
        self._lay_out()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_ledger(
        self,
        ledger: Ledger,
        *,
        limit_bytes: int = 0,
        limit_words: str = "",
        others_bytes: int = 0,
    ) -> None:
        """Shows the parts after what other programs hold; what lies beyond the limit is hatched."""
        blocks = [Block(name, name.capitalize(), int(ledger.parts[name]), PART_HELP.get(name, "")) for name in PARTS]
        if others_bytes:
            blocks.insert(0, Block(OTHERS, "Other programs", others_bytes, "What is not this program's."))
        self._blocks = [block for block in blocks if block.size_bytes > 0]
        self._limit_bytes, self._limit_words = limit_bytes, limit_words
        self._chosen = -1
        described = ", ".join(f"{block.title} {bytes_in_words(block.size_bytes)}" for block in self._blocks)
        self.setAccessibleDescription(described)
        self._lay_out()

    @property
    def blocks(self) -> list[Block]:
        return self._blocks

    @property
    def total_bytes(self) -> int:
        return sum(block.size_bytes for block in self._blocks)

    @property
    def shows_limit(self) -> bool:
        """Whether the limit lies on the bar: one far away is left to the words beside it."""
        return 0 < self._limit_bytes <= FARTHEST_LIMIT * self.total_bytes

    def block_rects(self) -> list[QRectF]:
        """Where each block is drawn."""
        whole = max(self.total_bytes, self._limit_bytes if self.shows_limit else 0) or 1
        width = self.width() - 2
        rects, before = [], 0
        for block in self._blocks:
            left = 1 + width * before / whole
            before += block.size_bytes
            right = 1 + width * before / whole
            gap = 1 if right - left > 6 else 0
            rects.append(QRectF(left, self._bar_top(), max(1.0, right - left - gap), self._bar_height()))
        return rects

    def limit_x(self) -> float:
        whole = max(self.total_bytes, self._limit_bytes) or 1
        return 1 + (self.width() - 2) * self._limit_bytes / whole

    # -- geometry -----------------------------------------------------------------------------------------------------

    def _bar_height(self) -> int:
        return self._theme.px(self._drawn_bar_height)

    def _bar_top(self) -> int:
        return 3

    def _limit_height(self) -> int:
        return self._theme.px(20) if self.shows_limit else 0

    def _legend_top(self) -> int:
        return self._bar_top() + self._bar_height() + self._limit_height() + self._theme.px(8)

    def _row_height(self) -> int:
        return self._theme.px(22)

    def _fonts(self) -> tuple[QFont, QFont]:
        return self._theme.font("small"), self._theme.font("small", weight=500)

    def _legend(self, width: int) -> list[QRectF]:
        """Where each entry of the legend stands, flowed into rows."""
        plain, strong = (QFontMetricsF(font) for font in self._fonts())
        x, y, found = 0.0, float(self._legend_top()), []
        for block in self._blocks:
            wide = (
                self._theme.px(16)
                + plain.horizontalAdvance(block.title)
                + self._theme.px(6)
                + strong.horizontalAdvance(bytes_in_words(block.size_bytes))
            )
            if x and x + wide > width:
                x, y = 0.0, y + self._row_height()
            found.append(QRectF(x, y, wide, self._row_height()))
            x += wide + self._theme.px(14)
        return found

    def _lay_out(self) -> None:
        legend = self._legend(self.width())
        height = int(legend[-1].bottom()) if legend else self._legend_top() + self._row_height()
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
        self.update()

    def _restyle(self) -> None:
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    # -- pointer and keyboard -----------------------------------------------------------------------------------------

    def _block_at(self, point: QPointF) -> int:
        for index, (rect, entry) in enumerate(zip(self.block_rects(), self._legend(self.width()), strict=True)):
            if entry.contains(point) or rect.adjusted(-1, -2, 1, 2).contains(point):
                return index
        return -1

    def chosen_words(self) -> str:
        """What the chosen part is, how large, and what share; nothing where none is chosen."""
        if not 0 <= self._chosen < len(self._blocks):
            return ""
        block = self._blocks[self._chosen]
        share = block.size_bytes / self.total_bytes
        return f"{block.title}: {bytes_in_words(block.size_bytes)}, {share:.0%}. {block.help}"

    def _choose(self, index: int, at: QPointF | None = None) -> None:
        if index != self._chosen:
            self._chosen = index
            self.update()
        words = self.chosen_words()
        rect = self.block_rects()[index] if words else QRectF()
        self.tell_at(QPointF(rect.center().x(), rect.bottom()) if at is None else at, words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._choose(self._block_at(event.position()), event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if not self.has_ring:
            self._choose(-1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = place_after(event, self._chosen, len(self._blocks))
        if place is not None:
            self._choose(place)
        elif event.key() == Qt.Key.Key_Escape and self._chosen >= 0:
            self._choose(-1)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.has_ring and self._chosen < 0 and self._blocks:
            self._chosen = 0

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._choose(-1)

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        rects, theme = self.block_rects(), self._theme
        if not rects:
            whole = QRectF(1, self._bar_top(), self.width() - 2, self._bar_height())
            painter.fillRect(whole, theme.color("surface.inset"))
        elif rects[-1].right() < self.width() - 2:
            left = rects[-1].right() + 1
            free = QRectF(left, self._bar_top(), self.width() - 1 - left, self._bar_height())
            painter.fillRect(free, theme.color("surface.inset"))
        edge = self.limit_x() if self.shows_limit else self.width()
        for block, rect in zip(self._blocks, rects, strict=True):
            paint_block(painter, theme, block.name, rect)
            if rect.right() > edge + 1 and block.name != OTHERS:
                beyond = QRectF(rect)
                beyond.setLeft(max(rect.left(), edge))
                hatch(painter, theme, beyond, theme.color(f"memory.{block.name}"))
        if 0 <= self._chosen < len(rects):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus.ring" if self.has_ring else "text.primary"), 2))
            painter.drawRect(rects[self._chosen].adjusted(-1, -1, 1, 1))
        if self.shows_limit:
            self._paint_limit(painter)
        self._paint_legend(painter)

    def _paint_limit(self, painter: QPainter) -> None:
        theme = self._theme
        x = min(self.limit_x(), self.width() - 2.0)
        top, bottom = self._bar_top() - 3, self._bar_top() + self._bar_height() + theme.px(5)
        painter.fillRect(QRectF(x - 1, top, 2, bottom - top), theme.color("memory.limit"))
        font = theme.font("small", weight=500)
        wide = QFontMetricsF(font).horizontalAdvance(self._limit_words)
        left = min(max(0.0, x - wide - 4), self.width() - wide)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary"))
        words = QRectF(left, bottom - 2, wide + 2, theme.px(18))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._limit_words)

    def _paint_legend(self, painter: QPainter) -> None:
        theme = self._theme
        plain, strong = self._fonts()
        side = theme.px(10)
        for block, entry in zip(self._blocks, self._legend(self.width()), strict=True):
            swatch = QRectF(entry.left() + 0.5, entry.center().y() - side / 2, side, side)
            paint_block(painter, theme, block.name, swatch)
            words = entry.adjusted(theme.px(16), 0, 2, 0)
            painter.setFont(plain)
            painter.setPen(theme.color("text.secondary"))
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, block.title)
            painter.setFont(strong)
            painter.setPen(theme.color("text.primary"))
            size = bytes_in_words(block.size_bytes)
            words.setRight(words.right() - 2)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, size)
