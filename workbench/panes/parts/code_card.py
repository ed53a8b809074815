"""The lines of Python that do the same, with a button that copies them."""

import re

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.copy_button import copy_button

MOST_LINES = 15
_PARTS = (
    (re.compile(r"\b(?:from|import)\b"), "text.link"),
    (re.compile(r'"(?:[^"\\]|\\.)*"'), "status.success"),
    (re.compile(r"\b(?:True|False|\d+(?:\.\d+)?)\b(?=[,)])"), "text.link"),
)


class _Highlighter(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._theme = theme

    def highlightBlock(self, text: str) -> None:
        for pattern, color in _PARTS:
            words = QTextCharFormat()
            words.setForeground(self._theme.color(color))
            for match in pattern.finditer(text):
                self.setFormat(match.start(), match.end() - match.start(), words)


class CodeCard(Card):
    """Read-only code that follows the form."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "The same in Python")
        self.copy = copy_button(theme, lambda: self.code.toPlainText(), "Copies the lines to the clipboard", kind="")
        self.add_to_head(self.copy)
        self.code = QPlainTextEdit()
        self.code.setReadOnly(True)
        self.code.setTabChangesFocus(True)
        self.code.setProperty("role", "code")
        self.code.setAccessibleName("Python that loads the same model")
        self.code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.code.setCornerWidget(QWidget())  # the one between two scroll bars is Fusion's, in grey
        self._highlighter = _Highlighter(self.code.document(), theme)
        self.body.addWidget(self.code)
        theme.follow(self._restyle)

    def show_code(self, text: str) -> None:
        if text != self.code.toPlainText():
            self.code.setPlainText(text)

    def keep_room(self, is_whole: bool) -> None:
        """Whether it is as high as the longest code, or scrolls where there is less room."""
        self.code.setMinimumHeight(MOST_LINES * self.code.fontMetrics().lineSpacing() + 20 if is_whole else 0)

    def _restyle(self) -> None:
        self.code.setFont(self.theme.font("caption", mono=True))
        self._highlighter.rehighlight()
