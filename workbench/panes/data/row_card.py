"""The card of one row: its texts in full, or what is wrong with it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from workbench.core.units import grouped
from workbench.panes.data.rows_table import Entry, kind_of, sentence, tokens_about
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.parts.form_rows import in_form_words

# A text of a row that is longer is shown up to here: laying out a line of millions takes minutes.
LONGEST_SHOWN = 20_000


class RowCard(Card):
    """Shows the row it is given; the arrows ask for its neighbours.

    Signals:
        step_wanted: 1 for the next row, -1 for the one before.
    """

    step_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "One row")
        self._entry: Entry | None = None
        self._columns = ""
        self.tag = Tag(theme)
        self.tag.hide()
        self.add_to_head(self.tag)
        self.before = icon_button("The row before", theme, "caret-left")
        self.after = icon_button("The next row", theme, "caret-right")
        for made, way in ((self.before, -1), (self.after, 1)):
            made.clicked.connect(lambda _checked=False, way=way: self.step_wanted.emit(way))
            self.add_to_head(made)
        self.words = QPlainTextEdit()
        self.words.setReadOnly(True)
        self.words.setProperty("role", "code")
        self.words.setAccessibleName("The chosen row")
        self.words.setTabChangesFocus(True)
        self.words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._note = label("", "fact", wraps=True)
        self.body.addWidget(self.words, 1)
        self.body.addWidget(self._note)
        theme.changed.connect(self._draw)
        self.show_entry(None)

    def show_entry(self, entry: Entry | None, *, has_before: bool = False, has_after: bool = False) -> None:
        self.before.setEnabled(has_before)
        self.after.setEnabled(has_after)
        if entry != self._entry or entry is None:
            self._entry = entry
            self._draw()

    @property
    def text(self) -> str:
        return self.words.toPlainText()

    def _draw(self) -> None:
        entry = self._entry
        self.words.clear()
        self.scope.setText(f"line {grouped(entry.line)}" if entry else "")
        problem = entry.problem if entry else None
        self.tag.show_state(kind_of(problem) if problem else "", "danger" if problem else "none")
        self._note.setVisible(entry is not None)
        if entry is None:
            return
        if problem is not None:
            self._add("What is wrong", sentence(problem.text[:LONGEST_SHOWN]))
            if problem.remedy:
                self._add("What to do", in_form_words(problem.remedy))
            self._note.setText("A run does not start while a row is wrong.")
        for name, text in entry.parts:
            self._add(name, text)
        if entry.row is not None:
            count = entry.characters
            self._note.setText(f"{grouped(count)} characters, about {grouped(tokens_about(count))} tokens.")
        self.words.moveCursor(QTextCursor.MoveOperation.Start)

    def _add(self, name: str, text: str) -> None:
        cursor = QTextCursor(self.words.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        head, body = QTextCharFormat(), QTextCharFormat()
        head.setFont(self.theme.font("small", weight=600))
        head.setForeground(self.theme.color("text.tertiary"))
        body.setFont(self.theme.font("body"))
        body.setFontWeight(QFont.Weight.Normal)
        body.setForeground(self.theme.color("text.primary"))
        cursor.insertText(("\n\n" if cursor.position() else "") + name + "\n", head)
        cursor.insertText(text[:LONGEST_SHOWN], body)
        if len(text) > LONGEST_SHOWN:
            cursor.insertText(f"\n… {grouped(len(text) - LONGEST_SHOWN)} characters more", head)
