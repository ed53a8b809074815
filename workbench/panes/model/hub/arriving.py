"""The card of what arrives: one download at work, and those that wait for their turn."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QLabel, QListWidgetItem, QWidget

from workbench.bridge.arrival import Arrival
from workbench.core.units import bytes_in_digits, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Bar, OwnWords, ScopedCard
from workbench.panes.parts.controls import ElidedLabel, breakable, button, label, plain_tip, set_icon
from workbench.panes.parts.row_list import ENTRY, PickList, RowPainter

# Of those that wait, as many are seen at once.
MOST_WAITING = 2


class ArrivingCard(ScopedCard):
    """Shows the downloads it is given; what is done with them is the queue's.

    Signals:
        pause_wanted, continue_wanted: Of the download at work.
        cancel_wanted: The name of the download to end or to leave out.
        order_wanted: The names of those that wait, in the order that is wanted.
    """

    pause_wanted = Signal()
    continue_wanted = Signal()
    cancel_wanted = Signal(str)
    order_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Arriving")
        self._current: Arrival | None = None
        self._has_any = self._is_aside = False
        self._icon = QLabel()
        self._name = OwnWords(theme, "", "medium")
        self._files = ElidedLabel("", "small", Qt.TextElideMode.ElideRight)
        self._done, self._whole = label("", "strong"), label("", "small")
        self._speed, self._left = label("", "small"), label("", "small")
        self.bar = Bar(theme, 5)
        self.why = label("", "problem", wraps=True)
        self.why.setProperty("state", "warn")
        self.pause = button("Pause", theme, "pause")
        self.pause.clicked.connect(self._turn)
        self.cancel = button("Cancel", theme, "x", "flat")
        self.cancel.clicked.connect(self._cancel)
        self.waiting = WaitingList(theme)
        self.waiting.order_wanted.connect(self.order_wanted)
        self.waiting.cancel_wanted.connect(self.cancel_wanted)
        self._build()
        theme.follow(self._restyle)
        self.show_arrivals(())

    def _build(self) -> None:
        figures = in_row(self._done, self._whole, gap=4)
        line = in_row(self._name, (self._files, 1), figures, self._speed, self._left, gap=8)
        middle = in_column(line, self.bar, self.why, gap=5)
        self._now = QWidget()
        self._line = in_row(self._icon, (middle, 1), self.pause, self.cancel, gap=6, of=self._now)
        self._line.insertSpacing(1, self.theme.px(10))
        self._line.insertSpacing(3, self.theme.px(8))
        self.body.addWidget(self._now)
        self.body.addWidget(self.waiting)
        self.set_margins(14, 2, 12, 10)

    def _restyle(self) -> None:
        px = self.theme.px
        self._icon.setPixmap(self.theme.icon("download-simple", "accent.line").pixmap(px(18), px(18)))
        self._icon.setFixedWidth(px(20))
        self._speed.setMinimumWidth(px(72))
        self._left.setMinimumWidth(px(84))
        for words in (self._speed, self._left):
            words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.pause.setMinimumWidth(px(92))

    # -- showing ------------------------------------------------------------------------------------------------------

    @property
    def is_paused(self) -> bool:
        return self._current is not None and self._current.state in ("paused", "pausing")

    def show_arrivals(self, arrivals: Sequence[Arrival]) -> None:
        """Shows the first as the one at work, the others as waiting."""
        current = arrivals[0] if arrivals else None
        self.scope.set_text(_scope(arrivals))
        self.waiting.show_waiting(arrivals[1:])
        self._has_any = bool(arrivals)
        self._show_or_hide()
        if current == self._current or current is None:
            self._current = current
            return
        self._current = current
        self._name.set_text(current.title)
        self._name.setToolTip(plain_tip(current.name))
        self._files.set_text(current.of_files)
        done, whole = current.of_bytes
        for words, text in ((self._done, done), (self._whole, whole), (self._speed, current.speed)):
            words.setText(text)
        self._left.setText(current.left)
        self.bar.set_share(current.share)
        self.why.setText(breakable(current.why))
        self.why.setVisible(bool(current.why))
        self.pause.setText("Continue" if self.is_paused else "Pause")
        self.pause.setAccessibleName(f"{self.pause.text()} {current.title}")
        self.pause.setEnabled(current.state in ("arriving", "paused", "starting"))
        set_icon(self.pause, self.theme, "play" if self.is_paused else "pause", "text.primary")
        self.cancel.setEnabled(current.state != "cancelling")
        self.cancel.setAccessibleName(f"Cancel {current.title}")
        self._now.setAccessibleName(f"{current.name}, {current.of_files}, {done} {whole}, {current.left}")

    def set_aside(self, is_aside: bool) -> None:
        """Takes it away, whatever arrives."""
        self._is_aside = is_aside
        self._show_or_hide()

    def _show_or_hide(self) -> None:
        if self.parentWidget() is not None:  # without a parent it would be a window
            self.setVisible(self._has_any and not self._is_aside)

    def _turn(self) -> None:
        (self.continue_wanted if self.is_paused else self.pause_wanted).emit()

    def _cancel(self) -> None:
        if self._current is not None:
            self.cancel_wanted.emit(self._current.name)


def _scope(arrivals: Sequence[Arrival]) -> str:
    if not arrivals:
        return ""
    now = "1 paused" if arrivals[0].state == "paused" else "1 now"
    return f"{now}, {grouped(len(arrivals) - 1)} waiting"


class WaitingList(PickList):
    """Those that wait, the next one first: dragged, or moved by Alt+Up and Alt+Down; Del leaves one out.

    Signals:
        order_wanted: The names in the order that is wanted.
        cancel_wanted: The name of the one to leave out.
    """

    order_wanted = Signal(object)
    cancel_wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Downloads that wait; Alt+Up and Alt+Down move one, Del leaves it out")
        self.setItemDelegate(_WaitingPainter(theme, self))
        self.setDragDropMode(self.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.model().rowsMoved.connect(self._tell_order)
        self.hide()
        theme.changed.connect(self._resize)

    @property
    def names(self) -> list[str]:
        return [self.item(row).data(ENTRY).name for row in range(self.count())]

    def key_of(self, entry: Arrival) -> str:
        return entry.name

    def is_chosen(self, entry: Arrival) -> bool:
        row = self.currentRow()
        return row >= 0 and self.names[row] == entry.name

    def show_waiting(self, arrivals: Sequence[Arrival]) -> None:
        """Shows them in their order; the one that is chosen stays it."""
        if list(arrivals) == [self.item(row).data(ENTRY) for row in range(self.count())]:
            return
        chosen = self.currentItem().data(ENTRY).name if self.currentItem() is not None else ""
        self.clear()
        for place, arrival in enumerate(arrivals, 1):
            size = f", {bytes_in_digits(arrival.total_bytes)}" if arrival.total_bytes else ""
            self.add_entry(arrival, f"{arrival.name}{size}, waits as number {place}", plain_tip(arrival.name))
        if chosen in self.names:
            self.setCurrentRow(self.names.index(chosen))
        self.setVisible(bool(arrivals))
        self._resize()

    def _resize(self) -> None:
        self.setFixedHeight(min(self.count(), MOST_WAITING) * self._theme.px(_WaitingPainter.HEIGHT))

    def _tell_order(self, *_of_signal: object) -> None:
        """A row was dragged to another place."""
        # Later: what follows fills the list anew, in the midst of a drag.
        QTimer.singleShot(0, self, lambda: self.order_wanted.emit(self.names))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        row, names = self.currentRow(), self.names
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and step and row >= 0:
            if 0 <= row + step < len(names):
                names.insert(row + step, names.pop(row))
                self.order_wanted.emit(names)
        elif event.key() == Qt.Key.Key_Delete and row >= 0:
            self.cancel_wanted.emit(names[row])
        else:
            super().keyPressEvent(event)

    def _pick(self, item: QListWidgetItem) -> None:
        """A click makes it the current one, and nothing more."""


class _WaitingPainter(RowPainter):
    HEIGHT = 30

    def paint_entry(self, painter: QPainter, row: QRect, entry: Arrival, *, is_chosen: bool) -> None:
        px = self._theme.px
        size = bytes_in_digits(entry.total_bytes) if entry.total_bytes else ""
        painter.setFont(self._theme.font("small"))
        taken = painter.fontMetrics().horizontalAdvance(size)
        self.paint_words(
            painter, QRect(row.right() - taken - px(6), row.top(), taken + 2, row.height()), size, "text.secondary"
        )
        side = px(14)
        box = QRect(row.left() + px(3), row.center().y() - side // 2, side, side)
        self._theme.icon("clock", "text.tertiary").paint(painter, box)
        painter.setFont(self._theme.font("body"))
        left = row.left() + px(30)
        name = QRect(left, row.top(), row.right() - taken - px(14) - left, row.height())
        self.paint_words(painter, name, entry.name, "text.primary")
