"""The field in which one text of a row is written: it keeps every character that nobody touched."""

from PySide6.QtCore import QEvent, QMimeData, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QWheelEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

from workbench.core.data.edits.pasted import pasted_rows
from workbench.core.data.wrong import Wrong
from workbench.core.units import counted
from workbench.panes.data.editing.row_text import raw_as_text, shown_text, written_text
from workbench.panes.data.seen.row_view import LONGEST_SHOWN
from workbench.panes.look.theme import Theme

# A line of this length is laid out in 0.02 s with each key; a longer text is shown to a limit, and not written in.
MOST_CHARACTERS = 200_000
LEAST_LINES = 2
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
UNDO, REDO = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo


class RowField(QPlainTextEdit):
    """Tab leaves it; Ctrl+Z takes back what is typed and not committed yet, and is the page's after that.

    Signals:
        typed: The text is another one.
        left: The keyboard went elsewhere.
        next_wanted: Ctrl+Enter.
        rows_pasted: Several rows of two cells were pasted into a text that is empty.
    """

    typed = Signal()
    left = Signal()
    next_wanted = Signal()
    rows_pasted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._text, self._shown = "", ""
        self._is_filling = False
        self.takes_rows = False  # whether rows that are pasted are told rather than written here
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.textChanged.connect(self._take)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.setMinimumHeight(self.height_of(LEAST_LINES))

    def height_of(self, lines: int) -> int:
        """Pixels that the field takes for this number of lines."""
        return self.fontMetrics().lineSpacing() * lines + self._theme.px(16)

    def lines(self) -> int:
        """How many lines the text has as it is wrapped."""
        return max(1, round(self.document().size().height()))  # a plain document counts in lines

    # -- the text -----------------------------------------------------------------------------------------------------

    def text(self) -> str:
        """The text as it stands."""
        return self._text

    def show_text(self, text: str) -> None:
        """Shows a text; the caret stays where it was, and what was typed before is not taken back here any more."""
        if text != self._text:
            place = self.textCursor().position()
            self._text, shown = text, shown_text(text)
            is_whole = len(shown) <= MOST_CHARACTERS
            if not is_whole:
                more = counted(len(shown) - LONGEST_SHOWN, "character")
                shown = f"{shown[:LONGEST_SHOWN]}\n… {more} more: this text is too long to be written here"
            self._is_filling = True
            self.setPlainText(shown)
            self._is_filling = False
            self._shown = raw_as_text(self.document().toRawText())
            # A character that no field holds, half of a pair: what would be written is not what was there.
            self.setReadOnly(not is_whole or self._shown != shown)
            cursor = self.textCursor()
            cursor.setPosition(min(place, self.document().characterCount() - 1))
            self.setTextCursor(cursor)
        self.forget_typing()

    def forget_typing(self) -> None:
        """What is typed is committed: Ctrl+Z is the page's."""
        self.document().clearUndoRedoStacks()

    def _take(self) -> None:
        if self._is_filling or self.isReadOnly():
            return
        shown = raw_as_text(self.document().toRawText())
        if shown != self._shown:
            before = self._text
            self._text, self._shown = written_text(before, shown), shown
            self.typed.emit()

    # -- the keyboard -------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if self._is_of_page(event):
                event.ignore()
                return False
            if event.key() in DELETE:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in ENTER
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.next_wanted.emit()
        elif is_enter and event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not self.isReadOnly():
            self.insertPlainText("\n")  # Qt's own is a sign that only Unicode has
        elif self._is_of_page(event):
            event.ignore()
        else:
            super().keyPressEvent(event)
            if event.key() in DELETE:
                event.accept()  # at the end of a text, or in one that cannot be written in, it is not the row's either

    def _is_of_page(self, event: QKeyEvent) -> bool:
        """Whether it undoes or does again what is not in this field."""
        document = self.document()
        if event.matches(UNDO):
            return not document.isUndoAvailable()
        return bool(event.matches(REDO)) and not document.isRedoAvailable()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Whether something can be dropped or pasted here: a file is the window's, which opens it."""
        is_file = source.hasUrls() and any(url.isLocalFile() for url in source.urls())
        return not is_file and super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if not self._text and not self.isReadOnly() and self.takes_rows and _is_of_rows(source.text()):
            self.rows_pasted.emit()
        else:
            super().insertFromMimeData(source)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu
            self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.verticalScrollBar().maximum() > 0 and self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _is_of_rows(text: str) -> bool:
    """Whether a text is two columns of a spreadsheet, and more than one row of them."""
    try:
        return len(pasted_rows(text, "pair")) > 1
    except Wrong:
        return False
