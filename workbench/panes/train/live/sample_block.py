"""One sample: the prompt, the base model's answer and the tuned one's, with a verdict on each."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.controls import label
from workbench.panes.train.live.sample_book import Asked, Stage, verdict

# A text view lays out what it holds; longer answers are marked as cut.
LONGEST_SHOWN = 20_000
# Without these Qt takes the last line for one that is cut, and shows a scroll bar.
SPARE_PIXELS = 2


class QuietText(QPlainTextEdit):
    """A text to read, select and copy, without a frame; it scrolls where it does not fit."""

    def __init__(self, theme: Theme, name: str, *, mono: bool) -> None:
        super().__init__()
        self._theme = theme
        self._mono = mono
        self._shown: tuple[str, str] | None = None
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.setMinimumHeight(self._theme.px(30))
        ring = self._theme.color("focus.ring").name()
        size = self._theme.size("font.small" if self._mono else "font.body")
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: transparent; border: none; padding: 1px 2px; min-height: 0; "
            f"font-size: {size}px; }}"
            f"QPlainTextEdit:focus {{ border: 2px solid {ring}; border-radius: 4px; padding: 0 0; }}"
        )
        self.setFont(self._theme.font("small" if self._mono else "body", mono=self._mono))
        if self._shown is not None:
            self._write(*self._shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ends with a whole line."""
        super().resizeEvent(event)
        margins = self.viewportMargins()
        room = self.viewport().height() + margins.bottom()
        rest = max(0, room - SPARE_PIXELS) % max(1, self.fontMetrics().lineSpacing())
        if rest != margins.bottom():
            self.setViewportMargins(0, 0, 0, rest)

    def show_text(self, text: str, beside: str = "") -> None:
        """Shows a text, and a quieter one below it."""
        if len(text) > LONGEST_SHOWN:
            text = f"{text[:LONGEST_SHOWN]}… ({len(text)} characters)"
        if self._shown != (text, beside):
            self._shown = (text, beside)
            self._write(text, beside)

    def _write(self, text: str, beside: str) -> None:
        self.setCurrentCharFormat(QTextCharFormat())  # what was quiet before would make this quiet
        self.setPlainText(text)
        if beside:
            quiet = QTextCharFormat()
            quiet.setForeground(self._theme.color("text.tertiary"))
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText("\n" + beside if text else beside, quiet)


class Column(QWidget):
    """A text under its name, with the verdict on it and a bar in its model's colour."""

    def __init__(self, theme: Theme, name: str, color: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._color = color
        self.name = label(name, "small")
        self.tag = Tag(theme)
        self.text = QuietText(theme, name, mono=bool(color))
        self._head = in_row(self.name, self.tag, 1, margins=(2, 0, 0, 0))
        self._layout = in_column(self._head, (self.text, 1), gap=0, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._layout.setContentsMargins(self._theme.px(11) if self._color else 0, 0, 0, 0)
        self._head.setSpacing(self._theme.px(8))
        self.name.setFixedHeight(self._theme.px(22))  # that of a tag
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._color:
            painter = QPainter(self)
            painter.fillRect(QRectF(0, 0, self._theme.px(3), self.height()), self._theme.color(self._color))


class SampleBlock(QWidget):
    """One prompt: side by side where there is width, one below the other where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.prompt = Column(theme, "Prompt")
        self.base = Column(theme, "Base", "curves.base")
        self.tuned = Column(theme, "Tuned", "curves.tuned")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.set_stacked(False)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(14))
        self._grid.setVerticalSpacing(self._theme.px(6))

    def set_stacked(self, is_stacked: bool) -> None:
        for column in (self.prompt, self.base, self.tuned):
            self._grid.removeWidget(column)
        self.prompt.name.setVisible(not is_stacked)
        for place, column in enumerate((self.prompt, self.base, self.tuned)):
            row, across = (place, 0) if is_stacked else (0, place)
            self._grid.addWidget(column, row, across)
            self._grid.setColumnStretch(place, (1, 0, 0)[place] if is_stacked else (5, 6, 6)[place])
            self._grid.setRowStretch(place, (2, 4, 5)[place] if is_stacked else (1, 0, 0)[place])

    def show_sample(self, asked: Asked, first: Stage, chosen: Stage) -> None:
        base, tuned = asked.answers.get(first), asked.answers.get(chosen)
        is_trained = chosen.step > 0 or chosen.is_after
        is_right = is_trained and tuned is not None and verdict(tuned, asked.expected)[1] == "success"
        expected = "" if asked.expected is None or is_right else f"Expected: {asked.expected}"
        self.prompt.text.show_text(asked.prompt, expected)
        has_base = base is not None and not first.step and not first.is_after
        self._show(self.base, base if has_base else None, asked, "Not answered before training.")
        self._show(
            self.tuned, tuned if is_trained else None, asked, "Not trained yet." if not is_trained else "No answer."
        )

    def _show(self, column: Column, answer: str | None, asked: Asked, otherwise: str) -> None:
        if answer is None:
            column.text.show_text("", otherwise)
            column.tag.show_state("", "none")
            return
        column.text.show_text(answer, "" if answer.strip() else "An empty answer.")
        column.tag.show_state(*verdict(answer, asked.expected))
