"""A row as a conversation: who speaks at the left, what is said at the right, what is learned on green."""

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import (
    QBrush,
    QColor,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)
from PySide6.QtWidgets import QFrame, QTextEdit

from workbench.core.units import grouped
from workbench.panes.data.seen.row_view import LONGEST_SHOWN, MOST_TURNS, ChatTurn
from workbench.panes.look.theme import Theme

ICONS = {
    "system": "gear-six",
    "user": "user",
    "assistant": "chat-circle-text",
    "tool": "wrench",
    "text": "file-text",
    "reasoning": "student",
}
# Pixels of the drawing: the column of roles, the bar of what is learned, and the room around words.
ROLE_WIDTH, BAR, SIDE, ABOVE = 116, 3, 12, 10


class ChatView(QTextEdit):
    """Read-only, and every word of it can be marked and copied."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._turns: tuple[ChatTurn, ...] = ()
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "bare")
        self.setTabChangesFocus(True)
        self.setAccessibleName("The row as a conversation")
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(0)
        theme.changed.connect(self._draw)

    def show_turns(self, turns: tuple[ChatTurn, ...]) -> None:
        if turns != self._turns:
            self._turns = turns
            self._draw()

    @property
    def words(self) -> str:
        """What is shown, a line a turn: "user: Tea, please."."""
        return "\n".join(f"{turn.role}: {turn.text}" for turn in self._turns)

    def _draw(self) -> None:
        self.clear()
        if not self._turns:
            return
        theme, shown = self._theme, self._turns[:MOST_TURNS]
        cursor = self.textCursor()
        left_out = len(self._turns) - len(shown)
        table = cursor.insertTable(len(shown) + bool(left_out), 2, self._table_format())
        room = LONGEST_SHOWN
        for row, turn in enumerate(shown):
            text = turn.text[: max(0, room)]
            room -= len(text)
            self._fill(table, row, turn, text)
        if left_out:
            words = table.cellAt(len(shown), 1).firstCursorPosition()
            words.insertText(f"{grouped(left_out)} turns more", _ink(theme, "text.tertiary"))
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def _table_format(self) -> QTextTableFormat:
        made = QTextTableFormat()
        made.setBorder(0)
        made.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_None)
        made.setBorderCollapse(True)
        made.setCellSpacing(0)
        made.setCellPadding(0)
        made.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
        role = QTextLength(QTextLength.Type.FixedLength, self._theme.px(ROLE_WIDTH))
        made.setColumnWidthConstraints([role, QTextLength(QTextLength.Type.VariableLength, 0)])
        return made

    def _fill(self, table: QTextTable, row: int, turn: ChatTurn, text: str) -> None:
        theme = self._theme
        is_last = row == table.rows() - 1
        for column in (0, 1):
            table.cellAt(row, column).setFormat(self._cell_format(turn, column, is_last=is_last))
        role = table.cellAt(row, 0).firstCursorPosition()
        side = theme.px(14)
        name = ICONS.get(turn.role, "user")
        image = theme.icon(name, "text.secondary").pixmap(side, side).toImage()
        self.document().addResource(QTextDocument.ResourceType.ImageResource, QUrl(name), image)
        icon = QTextImageFormat()
        icon.setName(name)
        icon.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
        role.insertImage(icon)
        # Nothing that a line breaks at: a role is one word beside its mark.
        role.insertText(f"\u00a0\u00a0{turn.role}", _ink(theme, "text.secondary"))
        words = table.cellAt(row, 1).firstCursorPosition()
        words.insertText(text, _ink(theme, "text.secondary" if turn.role == "system" else "text.primary"))
        if len(text) < len(turn.text):
            more = f"\n… {grouped(len(turn.text) - len(text))} characters more"
            words.insertText(more, _ink(theme, "text.tertiary"))

    def _cell_format(self, turn: ChatTurn, column: int, *, is_last: bool) -> QTextTableCellFormat:
        theme, made = self._theme, QTextTableCellFormat()
        made.setTopPadding(theme.px(ABOVE))
        made.setBottomPadding(theme.px(ABOVE))
        made.setLeftPadding(theme.px(SIDE if column == 0 else 4))
        made.setRightPadding(theme.px(SIDE))
        if turn.is_learned:
            ground = QColor(theme.color("tokens.trained"))
            ground.setAlphaF(0.35)
            made.setBackground(ground)
            if column == 0:
                made.setLeftBorder(theme.px(BAR))
                made.setLeftBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                made.setLeftBorderBrush(QBrush(theme.color("tokens.trained_line")))
        if not is_last:
            made.setBottomBorder(1)
            made.setBottomBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            made.setBottomBorderBrush(QBrush(theme.color("border.divider")))
        return made


def _ink(theme: Theme, color: str) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setFont(theme.font("body"))
    made.setForeground(theme.color(color))
    return made
