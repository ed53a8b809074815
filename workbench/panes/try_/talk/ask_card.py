"""Where a question is typed, and below it a few of the rows that the run has not learned."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPlainTextEdit, QToolButton, QWidget

from workbench.core.job.question import Asking
from workbench.core.problems import shortened
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import label, plain_tip, set_icon

MOST_LINES = 4
CHIPS = 3
LONGEST_CHIP = 60


class AskField(QPlainTextEdit):
    """Lines that grow with what is typed; Enter asks, Shift+Enter breaks the line, Up in an empty one brings back.

    Signals:
        asked: What stands there is to be asked.
        last_wanted: The last question is to be brought back.
        left: Escape was pressed.
    """

    asked = Signal()
    last_wanted = Signal()
    left = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("role", "lines")
        self.setTabChangesFocus(True)
        self.setAccessibleName("Question")
        self.setPlaceholderText("Ask something")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.says = label("", "fact")
        self.says.setParent(self)
        self.says.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._resize())
        theme.follow(self._resize)

    def say(self, words: str) -> None:
        """What Enter does, at the right within the field."""
        self.says.setText(words)
        self._place_words()

    def _resize(self) -> None:
        lines = max(1, round(self.document().size().height()))
        is_longer = lines > MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_longer else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        high = self.fontMetrics().lineSpacing() * (min(lines, MOST_LINES) - 1)
        self.setFixedHeight(high + self._theme.px(38))
        self._place_words()

    def _place_words(self) -> None:
        self.says.adjustSize()
        px = self._theme.px
        room = self.says.width() + px(16)
        top = (self._theme.px(38) - self.fontMetrics().lineSpacing()) // 2 - px(5)
        self.setViewportMargins(0, max(0, top), room, 0)
        self.says.move(self.width() - self.says.width() - px(12), self.height() - px(19) - self.says.height() // 2)

    def showEvent(self, event: QShowEvent) -> None:
        """The style sheet has given it another least height when it was polished."""
        super().showEvent(event)
        self._resize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_words()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        has_no_modifier = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if is_enter and has_no_modifier:
            self.asked.emit()
        elif event.key() == Qt.Key.Key_Up and has_no_modifier and not self.toPlainText():
            self.last_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class AskCard(Card):
    """The field at the foot, with chips of held-out rows.

    Signals:
        asked: The question (an Asking) that is to be asked.
    """

    asked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setAccessibleName("Your question")
        self.field = AskField(theme)
        self.chips: list[QToolButton] = []
        self._rows: Sequence[Asking] = ()
        self._first = 0
        self._words = label("Held-out rows", "fact")
        self.others = QToolButton()
        self.others.setProperty("role", "chip")
        self.others.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.others.setText("another three")
        self.others.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        set_icon(self.others, theme, "shuffle", "text.secondary")
        self.others.clicked.connect(self._next_rows)
        for place in range(CHIPS):
            chip = QToolButton()
            chip.setProperty("role", "chip")
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.clicked.connect(lambda _checked=False, place=place: self._ask_row(place))
            self.chips.append(chip)
        self.row = QWidget()
        self._line = in_row(self._words, *self.chips, 1, self.others, gap=6, of=self.row)
        self.set_margins(11, 10, 11, 8)
        self.body.addWidget(self.field)
        self.body.addWidget(self.row)
        self._is_projector = False
        theme.follow(self._restyle)
        self.show_rows(())

    def _restyle(self) -> None:
        self._is_projector = self.theme.projector
        self._show_chips()

    @property
    def text(self) -> str:
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Puts a question into the field, to be changed or asked."""
        self.field.setPlainText(text)
        cursor = self.field.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        self.field.setTextCursor(cursor)

    # -- held-out rows -------------------------------------------------------------------------------------------------

    def show_rows(self, rows: Sequence[Asking]) -> None:
        """Offers rows; none hides the line."""
        if rows is not self._rows:
            self._rows, self._first = rows, 0
            self._show_chips()

    def _offered(self) -> list[Asking]:
        count = len(self._rows)
        return [self._rows[(self._first + place) % count] for place in range(min(CHIPS, count))] if count else []

    def _next_rows(self) -> None:
        self._first = (self._first + CHIPS) % max(1, len(self._rows))
        self._show_chips()

    def _show_chips(self) -> None:
        offered = self._offered()
        self.row.setVisible(bool(offered) and not self._is_projector)
        for place, chip in enumerate(self.chips):
            chip.setVisible(place < len(offered))
            if place < len(offered):
                text = " ".join(offered[place].text.split()) or "(a row that begins with its answer)"
                chip.setToolTip(plain_tip(text))
                chip.setAccessibleName(f"Ask the held-out row: {text}")
                chip.setProperty("whole", shortened(text, LONGEST_CHIP))
        self.others.setVisible(len(self._rows) > CHIPS)
        self._elide()

    def _elide(self) -> None:
        """The chips share the room that the words and the button leave."""
        shown = [chip for chip in self.chips if not chip.isHidden()]
        if not shown:
            return
        px = self.theme.px
        taken = self._words.sizeHint().width() + self.others.sizeHint().width() + px(22 + 6 * (len(shown) + 2))
        room = max(px(60), (self.width() - taken) // len(shown))
        for chip in shown:
            chip.setMaximumWidth(room)
            words = chip.fontMetrics().elidedText(
                str(chip.property("whole")), Qt.TextElideMode.ElideRight, room - px(18)
            )
            chip.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _ask_row(self, place: int) -> None:
        offered = self._offered()
        if place < len(offered):
            self.asked.emit(offered[place])
