"""The tags of a run as chips: Enter adds one, Backspace in the empty field takes the last."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QLineEdit, QToolButton, QWidget

from workbench.panes.look.theme import Theme

GAP, FIELD_WIDTH = 5, 84
CROSS = "\u00d7"


class TagField(QLineEdit):
    """Signals: added with a tag, taken_last."""

    added = Signal(str)
    taken_last = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "chip")
        self.setPlaceholderText("+ tag")
        self.setAccessibleName("Add a tag")
        self.setAccessibleDescription("Enter adds it, Backspace in the empty field takes the last one")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Comma):
            if self.text().strip():
                self.added.emit(self.text().strip())
                self.clear()
        elif event.key() == Qt.Key.Key_Backspace and not self.text():
            self.taken_last.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)


class TagRow(QWidget):
    """Chips that wrap, and the field behind them.

    Signals:
        added, taken: A tag.
    """

    added = Signal(str)
    taken = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._tags: tuple[str, ...] = ()
        self._chips: list[QToolButton] = []
        self.field = TagField()
        self.field.setParent(self)
        self.field.added.connect(self.added)
        self.field.taken_last.connect(self._take_last)
        theme.changed.connect(self._arrange)

    @property
    def tags(self) -> tuple[str, ...]:
        return self._tags

    def show_tags(self, tags: Sequence[str]) -> None:
        if tuple(tags) == self._tags:
            return
        self._tags = tuple(tags)
        had_focus = any(chip.hasFocus() for chip in self._chips)
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [self._chip(tag) for tag in tags]
        if had_focus:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self._arrange()
        self.updateGeometry()

    def offer(self, tags: Sequence[str]) -> None:
        """What is completed while a tag is typed."""
        completer = QCompleter(list(tags), self.field)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.field.setCompleter(completer)

    def _chip(self, tag: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setProperty("role", "chip")
        short = chip.fontMetrics().elidedText(tag, Qt.TextElideMode.ElideRight, self._theme.px(150))
        chip.setText(f"{short}  {CROSS}")
        chip.setToolTip(f"Take the tag {tag} off")
        chip.setAccessibleName(f"Take the tag {tag} off")
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        chip.clicked.connect(lambda: self.taken.emit(tag))
        chip.setVisible(self.isVisible())
        return chip

    def _take_last(self) -> None:
        if self._tags:
            self.taken.emit(self._tags[-1])

    # -- where they stand ---------------------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._places(width)[1]

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._places(max(self.width(), self._theme.px(200)))[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(100), self._places(max(self.width(), self._theme.px(100)))[1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _places(self, width: int) -> tuple[list[QRect], int]:
        """The boxes of the chips and of the field, and how high all of them are."""
        gap, high = self._theme.px(GAP), self._theme.px(24)
        wide = [min(chip.sizeHint().width(), width) for chip in self._chips] + [self._theme.px(FIELD_WIDTH)]
        boxes: list[QRect] = []
        x = y = 0
        for each in wide:
            if x and x + each > width:
                x, y = 0, y + high + gap
            boxes.append(QRect(x, y, each, high))
            x += each + gap
        return boxes, y + high

    def _arrange(self) -> None:
        boxes, _ = self._places(self.width())
        for part, box in zip((*self._chips, self.field), boxes, strict=True):
            part.setGeometry(box)
            part.setVisible(True)
