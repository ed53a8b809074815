"""The card of progress and checks: each step with how far it is, and once it is done what it was compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyleOptionViewItem

from workbench.core.export.progress import StepState
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_part
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import divider, label, plain_tip
from workbench.panes.parts.focus_ring import FocusRing, paint_ring
from workbench.panes.parts.row_list import ENTRY, FRAMELESS, Index, RowPainter

# Icon and colour of a step; the one at work has its number instead.
ICONS: dict[StepState, tuple[str, str]] = {
    "waits": ("circle-dashed", "text.tertiary"),
    "works": ("", "accent.base"),
    "done": ("check-circle", "status.success"),
    "rejected": ("warning-circle", "status.danger"),
    "refused": ("warning", "status.warn"),
}
TITLE, BAR, PAD, TEXT_LEFT = 20, 12, 7, 28  # pixels of the drawing
MOST_CHARACTERS = 600


@dataclass(frozen=True)
class ProgressRow:
    """A step in words: `fact` stands at the right of its title, the sentence below it; `more` is all of its checks."""

    item: str
    number: int
    title: str
    fact: str
    sentence: str
    state: StepState
    share: float = 0.0
    more: str = ""

    @property
    def in_words(self) -> str:
        """What a screen reader is told."""
        return ", ".join(filter(None, (self.title, self.fact, self.sentence)))


class _Painter(RowPainter):
    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: ProgressRow = index.data(ENTRY)
        px = self._theme.px
        room = max(px(60), self._view.viewport().width() - px(TEXT_LEFT + 28))
        words = QFontMetrics(self._theme.font("small"))
        lines = words.boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, row.sentence[:MOST_CHARACTERS])
        bar = px(BAR) if row.state == "works" else 0
        return QSize(10, 2 * px(PAD) + px(TITLE) + bar + (lines.height() if row.sentence else 0))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: ProgressRow = index.data(ENTRY)
        theme, px, box = self._theme, self._theme.px, QRect(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.row():
            painter.fillRect(QRect(box.left(), box.top(), box.width(), 1), theme.color("border.divider"))
        inside = box.adjusted(px(14), px(PAD), -px(14), -px(PAD))
        self._paint_icon(painter, QRect(inside.left(), inside.top() + px(2), px(17), px(17)), row)
        line = QRect(inside.left() + px(TEXT_LEFT), inside.top(), inside.width() - px(TEXT_LEFT), px(TITLE))
        painter.setFont(theme.font("small"))
        taken = painter.fontMetrics().horizontalAdvance(row.fact)
        self.paint_words(painter, line.adjusted(line.width() - taken - 1, 0, 2, 0), row.fact, "text.secondary")
        painter.setFont(theme.font("body", weight=500))
        color = "text.secondary" if row.state == "waits" else "text.primary"
        self.paint_words(painter, line.adjusted(0, 0, -taken - px(8), 0), row.title, color, Qt.TextElideMode.ElideRight)
        top = line.bottom() + 1
        if row.state == "works":
            track = QRectF(line.left(), top + px(2), line.width(), px(4))
            paint_part(painter, track, row.share, theme.color("border.subtle"), theme.color("accent.line"))
            top += px(BAR)
        painter.setFont(theme.font("small"))
        shade = {"rejected": "status.danger", "refused": "status.warn"}.get(row.state, "text.secondary")
        painter.setPen(theme.color(shade))
        words = QRect(line.left(), top, line.width(), inside.bottom() - top + 2)
        painter.drawText(words, int(Qt.TextFlag.TextWordWrap), row.sentence[:MOST_CHARACTERS])
        painter.restore()

    def _paint_icon(self, painter: QPainter, box: QRect, row: ProgressRow) -> None:
        name, color = ICONS[row.state]
        if name:
            self._theme.icon(name, color).paint(painter, box)
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color(color))
        painter.drawEllipse(box)
        painter.setFont(self._theme.font("caption", weight=600))
        painter.setPen(QPen(self._theme.color("text.on_accent")))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(row.number))
        painter.setBrush(Qt.BrushStyle.NoBrush)


class ProgressList(FocusRing, QListWidget):
    """The steps; none is chosen, the keys scroll, and a screen reader is told each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setStyleSheet(FRAMELESS + "QListView { background: transparent; }")
        self.setAccessibleName("Steps of the export")
        self.setItemDelegate(_Painter(theme, self))
        self.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.empty_words = ""
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def rows(self) -> list[ProgressRow]:
        return [self.item(place).data(ENTRY) for place in range(self.count())]

    def show_rows(self, rows: Sequence[ProgressRow]) -> None:
        before = self.rows
        if before == list(rows):
            return
        follows = len(before) != len(rows) or [row.state for row in before] != [row.state for row in rows]
        while self.count() > len(rows):
            self.takeItem(self.count() - 1)
        for place, row in enumerate(rows):
            if place >= self.count():
                self.addItem(QListWidgetItem())
            item = self.item(place)
            if item.data(ENTRY) != row:
                item.setData(ENTRY, row)
                item.setText(row.in_words)
                item.setToolTip(plain_tip(row.more))
        if follows:
            self.scheduleDelayedItemsLayout()
            at_work = next((place for place, row in enumerate(rows) if row.state == "works"), -1)
            if at_work >= 0:
                self.scrollToItem(self.item(at_work))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(96))

    def paintEvent(self, event: object) -> None:
        super().paintEvent(event)  # type: ignore[arg-type]
        painter = QPainter(self.viewport())
        inside, px = self.viewport().rect(), self._theme.px
        if not self.count() and self.empty_words:
            painter.setPen(self._theme.color("text.tertiary"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(inside.adjusted(px(24), 0, -px(24), 0), flags, self.empty_words)
        if self.has_ring:
            paint_ring(painter, self._theme, inside.adjusted(1, 1, -1, -1))


class ProgressCard(ScopedCard):
    """Shows what it is given; the time stands at the right of the head."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Progress and checks")
        self.time = label("", "small")
        self.add_to_head(self.time)
        self.list = ProgressList(theme)
        self.set_least_head(28)
        self.set_margins(0, 0, 0, 4)
        self.body.setSpacing(0)
        self.body.addWidget(divider())
        self.body.addWidget(self.list)

    def show_rows(self, rows: Sequence[ProgressRow], time: str, empty: str) -> None:
        self.list.empty_words = empty
        self.list.show_rows(rows)
        self.list.viewport().update()
        self.time.setText(time)
