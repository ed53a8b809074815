"""The notes of a run: plain text that keeps itself while it is typed."""

from pathlib import Path

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QPlainTextEdit

from workbench.bridge.timers import once_after
from workbench.panes.look.theme import Theme

AUTOSAVE_MILLISECONDS = 500


class NotesField(QPlainTextEdit):
    """Emits what was written half a second after the last key, and when it is left.

    Signals:
        written: The folder of the run, and its notes.
    """

    written = Signal(object, str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._path: Path | None = None
        self._known = ""
        self._is_ahead = False  # of the list, which has not read yet what was written last
        self.setProperty("role", "lines")
        self.setAccessibleName("Notes")
        self.setPlaceholderText("What is worth remembering of this run")
        self.setTabChangesFocus(True)
        self._timer = once_after(self, AUTOSAVE_MILLISECONDS, self.flush)
        self.textChanged.connect(self._note_change)

    def sizeHint(self) -> QSize:
        """Little: it takes what the card leaves."""
        return QSize(100, 3 * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        return QSize(100, 2 * self.fontMetrics().lineSpacing())

    def show_notes(self, path: Path | None, notes: str) -> None:
        """Shows the notes of a run; what is being typed for it stays."""
        if path != self._path:
            self.flush()
            self._path, self._is_ahead = path, False
        elif self._timer.isActive() or self._is_ahead or notes == self._known:
            self._is_ahead = self._is_ahead and notes != self._known
            return
        self._known = notes
        if notes != self.toPlainText():
            self.setPlainText(notes)
        self._timer.stop()

    def _note_change(self) -> None:
        if self._path is not None and self.toPlainText() != self._known:
            self._timer.start()

    def flush(self) -> None:
        """Emits now what would be emitted in a moment."""
        self._timer.stop()
        text = self.toPlainText()
        if self._path is not None and text != self._known:
            self._known, self._is_ahead = text, True
            self.written.emit(self._path, text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.flush()
