"""The text that is tokenized: the rendering of the chat template, its special tokens coloured."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QTextEdit

from workbench.core.units import grouped
from workbench.panes.data.seen.row_view import LONGEST_SHOWN, Stretch
from workbench.panes.data.seen.shown_tokens import CONTEXT, KINDS, TRUNCATED
from workbench.panes.look.theme import Theme

EDGE = 14


class RenderingView(QTextEdit):
    """Read-only; a stretch has the ground of its kind, and what is cut off is struck through."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._stretches: tuple[Stretch, ...] = ()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "bare")
        self.setTabChangesFocus(True)
        self.setAccessibleName("The row as it is rendered for the model")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        theme.follow(self._draw)

    def show_stretches(self, stretches: tuple[Stretch, ...]) -> None:
        if stretches != self._stretches:
            self._stretches = stretches
            self._draw()

    def _draw(self) -> None:
        self.clear()
        self.document().setDocumentMargin(self._theme.px(EDGE))
        cursor, room = self.textCursor(), LONGEST_SHOWN
        for stretch in self._stretches:
            cursor.insertText(stretch.text[:room], self._format(stretch.kind))
            room -= len(stretch.text)
            if room <= 0:
                break
        left_out = sum(len(stretch.text) for stretch in self._stretches) - LONGEST_SHOWN
        if left_out > 0:
            cursor.insertText(f"\n… {grouped(left_out)} characters more", self._format(CONTEXT))
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _format(self, kind: int) -> QTextCharFormat:
        made = QTextCharFormat()
        made.setFont(self._theme.font("token", mono=True))
        made.setForeground(self._theme.color("text.primary"))
        if kind != CONTEXT:
            made.setBackground(self._theme.color(f"tokens.{KINDS[kind]}"))
        made.setFontStrikeOut(kind == TRUNCATED)
        return made
