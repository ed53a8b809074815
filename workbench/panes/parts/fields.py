"""The fields of a form: they keep still under the wheel, and hold their unit inside."""

from PySide6.QtCore import QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QShowEvent,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from workbench.core.figures import THIN_SPACE, setting_text
from workbench.core.units import grouped
from workbench.panes.look.accessible import speak
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import label

FIELD_PADDING = 10


class ChoiceBox(QComboBox):
    """A list to choose from; the wheel over it scrolls the page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        speak()
        self._theme = theme
        self._fact = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def showPopup(self) -> None:
        """Opens the list with all its lines.

        Qt counts two pixels too few where a style sheet frames a list, and lays an arrow to scroll by over the last
        line; it goes where there is room for the arrow as well.
        """
        super().showPopup()
        lines = self.view()
        popup, line = lines.window(), lines.sizeHintForRow(0)
        layout = popup.layout()
        needed = sum(lines.sizeHintForRow(row) for row in range(self.count()))
        if layout is None or not 0 < needed - lines.viewport().height() < line:
            return
        popup.resize(popup.width(), popup.height() + line)
        layout.activate()
        lines.doItemsLayout()
        layout.activate()
        popup.resize(popup.width(), popup.height() - lines.viewport().height() + needed)

    def choose(self, value: object, words: str) -> None:
        """Chooses a value, which is added where it is not in the list."""
        self.offer(value, words)
        self.setCurrentIndex(self.findData(value))

    def offer(self, value: object, words: str) -> None:
        """Adds a value where it is not in the list."""
        if self.findData(value) < 0:
            self.addItem(words, value)

    def show_fact(self, fact: str) -> None:
        """A second fact at its right, which gives way to a choice that is too long to stand beside it.

        A combo box gives no style of its own to a label within it.
        """
        self._fact = fact
        self.update()

    def shown_words(self) -> tuple[str, str]:
        """The choice, or what stands in its place, shortened where it has to be; and the fact where it has room."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        control, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        inside = self.style().subControlRect(control, option, field, self).adjusted(1, 0, -1, 0)
        text = self.currentText() if self.currentIndex() >= 0 else self.placeholderText()
        words = self.fontMetrics()
        fact = QFontMetrics(self._theme.font("small")).horizontalAdvance(self._fact)
        gap = self._theme.px(8)
        fits = inside.left() + words.horizontalAdvance(text) + gap <= self._fact_place().right() - fact
        return words.elidedText(text, Qt.TextElideMode.ElideRight, inside.width()), self._fact if fits else ""

    def _fact_place(self) -> QRect:
        return self.rect().adjusted(0, 0, -self._theme.px(1 if self.property("locked") else 26), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        text, fact = self.shown_words()
        painter = QStylePainter(self)
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = text
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.tertiary"))
        painter.drawText(self._fact_place(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, fact)
        if not self.property("locked"):
            paint_caret(painter, self, self._theme)


def paint_caret(painter: QPainter, field: QWidget, theme: Theme) -> None:
    """The mark at the right of a field that opens a list."""
    painter.setPen(QPen(theme.color("text.secondary"), 1.2))
    painter.setBrush(QBrush())
    x, y, half = field.width() - theme.px(14), field.height() / 2, theme.px(3)
    painter.drawPolyline(
        QPolygonF([QPointF(x - half, y - half / 2), QPointF(x, y + half / 2), QPointF(x + half, y - half / 2)])
    )


class IntegerField(QSpinBox):
    """A whole number with its digits grouped; arrows step it, the wheel does not.

    The style sheet takes its buttons away: NoButtons beside a style sheet leaves the text a width of one pixel.
    """

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setKeyboardTracking(False)
        set_left_margin(self, FIELD_PADDING)

    def textFromValue(self, value: int) -> str:
        return grouped(value)

    def valueFromText(self, text: str) -> int:
        digits = _ungrouped(text)
        return int(digits) if digits.lstrip("-").isdecimal() else self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        digits = _ungrouped(text)
        if not digits or digits == "-":
            return (QValidator.State.Intermediate, text, position)
        if not digits.lstrip("-").isdecimal() or len(digits) > 10:
            return (QValidator.State.Invalid, text, position)
        inside = self.minimum() <= int(digits) <= self.maximum()
        return (QValidator.State.Acceptable if inside else QValidator.State.Intermediate, text, position)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def set_left_margin(spin: QSpinBox, pixels: int) -> None:
    """Where the number begins: the line edit within a spin box takes no padding from the style sheet."""
    edit = spin.lineEdit()
    margins = edit.textMargins()
    edit.setTextMargins(pixels, margins.top(), margins.right(), margins.bottom())


def _ungrouped(text: str) -> str:
    return "".join(text.replace(THIN_SPACE, "").replace(",", "").split())


class NumberField(QLineEdit):
    """A number as people of the field write it: 2e-4, 0.05; emitted when editing ends."""

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.editingFinished.connect(self._emit_edited)
        self._emitted = ""

    def show_number(self, value: float) -> None:
        self._emitted = setting_text(value)
        self.setText(self._emitted)

    def _emit_edited(self) -> None:
        if self.text() != self._emitted:
            self._emitted = self.text()
            self.edited.emit(self.text().strip().replace(",", "."))


class TextField(QLineEdit):
    """A line of text, emitted when editing ends."""

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._emitted = ""
        self.editingFinished.connect(self._emit_edited)

    def show_text(self, text: str) -> None:
        self._emitted = text
        self.setText(text)
        self.setCursorPosition(0)

    def _emit_edited(self) -> None:
        if self.text() != self._emitted:
            self._emitted = self.text()
            self.edited.emit(self.text().strip())


class LinesField(QPlainTextEdit):
    """Text of several lines, emitted when it is left, or with Ctrl+Enter; it is as high as its text, to a limit."""

    edited = Signal(str)
    MOST_LINES = 4

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._emitted = ""
        self.setProperty("role", "lines")
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # its lines are wrapped
        self.document().setDocumentMargin(0)  # the style's padding keeps the text away from the border
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._resize())
        theme.follow(self._resize)

    def text(self) -> str:
        return self.toPlainText()

    def show_text(self, text: str) -> None:
        self._emitted = text
        if text != self.toPlainText():
            self.setPlainText(text)

    def _resize(self) -> None:
        lines = max(1, round(self.document().size().height()))  # a plain one counts in lines
        is_longer = lines > self.MOST_LINES
        policy = Qt.ScrollBarPolicy.ScrollBarAsNeeded if is_longer else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policy)
        lines = min(lines, self.MOST_LINES)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * (lines - 1) + self._theme.size("size.control"))

    def showEvent(self, event: QShowEvent) -> None:
        """The style sheet has given it another least height when it was polished."""
        super().showEvent(event)
        self._resize()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._emit_edited()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._emit_edited()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _emit_edited(self) -> None:
        if self.toPlainText() != self._emitted:
            self._emitted = self.toPlainText()
            self.edited.emit(self._emitted.strip())


def put_fact(field: QLineEdit | QSpinBox | QPushButton, text: str) -> None:
    """Places a unit or a second fact inside a field, at its right."""
    fact = field.findChild(QLabel, "fact")
    if fact is None:
        fact = label("", "fact")
        fact.setObjectName("fact")
        fact.setParent(field)
        fact.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        in_row(1, fact, margins=(0, 0, 10, 0), of=field)
    assert isinstance(fact, QLabel)
    if fact.text() == text and text:
        return
    fact.setText(text)
    fact.setVisible(bool(text))
    taken = fact.sizeHint().width() + 10 if text else 0
    edit = field.lineEdit() if isinstance(field, QSpinBox) else field
    if isinstance(edit, QLineEdit):
        edit.setTextMargins(edit.textMargins().left(), 0, taken, 0)


def words_with(words: str, *made: QWidget) -> QWidget:
    """A row's label with buttons beside it, so that the field has the width of the others."""
    both = QWidget()
    in_row((label(words, "label"), 1), *made, gap=0, of=both)
    return both


def side_by_side(*widgets: QWidget, stretches: bool = False) -> QWidget:
    """In one field; the first takes the room where it `stretches`."""
    made = QWidget()
    line = in_row(*((widget, int(stretches and place == 0)) for place, widget in enumerate(widgets)), gap=8, of=made)
    if not stretches:
        line.addStretch(1)
    return made


def lock(field: QWidget, is_locked: bool) -> None:
    """Shows a field as its text alone, at the same place, or as a field again."""
    field.setEnabled(not is_locked)
    polish(field, locked=is_locked)
    if isinstance(field, QSpinBox):
        set_left_margin(field, 2 if is_locked else FIELD_PADDING)
    inner = field.layout()
    if isinstance(field, QSpinBox | QLineEdit) and inner is not None:
        inner.setContentsMargins(0, 0, 0 if is_locked else FIELD_PADDING, 0)
    field.update()
