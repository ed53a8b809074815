"""Small controls that the style sheet alone cannot draw, and fields that keep still under the wheel."""

import re
from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
    QValidator,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from workbench.core.units import THIN_SPACE, grouped
from workbench.panes.theme import Theme, polish

FIELD_PADDING = 10
# Lines break at blanks, slashes and hyphens by themselves.
_LONG_WORD = re.compile(r"[^\s/-]{24}(?=[^\s/-])")


def label(text: str, role: str = "", *, wraps: bool = False) -> QLabel:
    """Words in one of the style sheet's roles; never read as HTML, whatever a file or a model put into them."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wraps)
    if role:
        made.setProperty("role", role)
    return made


def breakable(text: str) -> str:
    """The text with places to break its longest words, such as paths: a word that cannot wrap widens its window."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


def button(text: str, theme: Theme, icon: str = "", kind: str = "") -> QPushButton:
    """A push button; `kind` is primary, flat, link or danger."""
    made = QPushButton(text)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        set_icon(made, theme, icon, "text.on_accent" if kind == "primary" else "text.primary")
    if kind != "link":
        made.setAutoDefault(False)
    return made


def icon_button(tip: str, theme: Theme, icon: str) -> QToolButton:
    """A button that is an icon; its words are its tooltip and its accessible name."""
    made = QToolButton()
    made.setProperty("role", "icon")
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    set_icon(made, theme, icon, "text.secondary")
    return made


def set_icon(made: QPushButton | QToolButton, theme: Theme, icon: str, color: str) -> None:
    """Gives a button an icon that follows the theme."""

    def draw() -> None:
        if not shiboken6.isValid(made):
            theme.changed.disconnect(draw)
            return
        made.setIcon(theme.icon(str(made.property("iconName")), str(made.property("iconColor"))))
        made.setIconSize(theme.icon_size())

    is_new = made.property("iconName") is None
    made.setProperty("iconName", icon)
    made.setProperty("iconColor", color)
    draw()
    if is_new:
        theme.changed.connect(draw)


class ElidedLabel(QLabel):
    """A line that is shortened in the middle where it does not fit, and told whole in its tooltip."""

    def __init__(self, text: str = "", role: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        self._whole = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    @property
    def whole(self) -> str:
        return self._whole

    def set_text(self, text: str) -> None:
        self._whole = " ".join(text.split())
        self._elide()

    def natural_width(self) -> int:
        """Pixels that the whole text takes."""
        return self.fontMetrics().horizontalAdvance(self._whole) + 2

    def _elide(self) -> None:
        shortened = self.fontMetrics().elidedText(self._whole, self._mode, max(0, self.width()))
        super().setText(shortened)
        self.setToolTip(self._whole if shortened != self._whole else "")
        self.setAccessibleName(self._whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()


class FocusRing:
    """Whether the keyboard brought the focus: a click needs no ring."""

    REASONS = (
        Qt.FocusReason.TabFocusReason,
        Qt.FocusReason.BacktabFocusReason,
        Qt.FocusReason.ShortcutFocusReason,
        Qt.FocusReason.OtherFocusReason,
    )


class Switch(QCheckBox):
    """A check box drawn as a switch; Space turns it."""

    def __init__(self, theme: Theme, text: str = "") -> None:
        super().__init__(text)
        self._theme = theme
        self._has_ring = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        width, height = self._theme.px(34), self._theme.size("size.control")
        if self.text():
            width += self._theme.px(8) + self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width, height)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return True

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._has_ring = event.reason() in FocusRing.REASONS
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._has_ring = False
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wide, high = theme.px(30), theme.px(18)
        box = QRectF(2, (self.height() - high) / 2, wide, high)
        if not self.isEnabled():
            painter.setOpacity(0.75 if self.property("locked") else 0.45)
        ground = theme.color("accent.base" if self.isChecked() else "border.control_strong")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(box, high / 2, high / 2)
        knob = high - 4
        left = box.right() - knob - 2 if self.isChecked() else box.left() + 2
        painter.setBrush(theme.color("text.on_accent"))
        painter.drawEllipse(QRectF(left, box.top() + 2, knob, knob))
        painter.setOpacity(1)
        if self.hasFocus() and self._has_ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("focus.ring"), 2))
            painter.drawRoundedRect(box.adjusted(-1, -2, 1, 2), high / 2 + 2, high / 2 + 2)
        if self.text():
            painter.setPen(theme.color("text.primary"))
            words = self.rect().adjusted(wide + theme.px(10), 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())


class Segmented(QWidget):
    """A choice among a few, side by side; arrows move it."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setProperty("role", "segments")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(1, 1, 1, 1)
        layout.setSpacing(0)
        for index, (value, text) in enumerate(choices):
            made = QToolButton()
            made.setText(text)
            made.setCheckable(True)
            made.setProperty("role", "segment")
            made.setProperty("edge", "inner" if index < len(choices) - 1 else "last")
            made.setAccessibleName(f"{name}: {text}")
            made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
            made.clicked.connect(lambda _checked=False, value=value: self.chosen.emit(value))
            self._group.addButton(made)
            self._buttons[value] = made
            layout.addWidget(made, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(hint.width(), max(hint.height(), self.fontMetrics().height() + 12))

    def value(self) -> str:
        return next((value for value, made in self._buttons.items() if made.isChecked()), "")

    def set_value(self, value: str) -> None:
        """Shows a choice without telling it."""
        if value in self._buttons:
            self._buttons[value].setChecked(True)

    def button_of(self, value: str) -> QToolButton:
        return self._buttons[value]


class ChoiceBox(QComboBox):
    """A list to choose from; the wheel over it scrolls the page."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._fact = ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def show_fact(self, fact: str) -> None:
        """A second fact at its right: a combo box gives no style of its own to a label within it."""
        self._fact = fact
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_locked = bool(self.property("locked"))
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.tertiary"))
        words = self.rect().adjusted(0, 0, -self._theme.px(1 if is_locked else 26), 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._fact)
        if is_locked:
            return
        painter.setPen(QPen(self._theme.color("text.secondary"), 1.2))
        painter.setBrush(QBrush())
        x, y, half = self.width() - self._theme.px(14), self.height() / 2, self._theme.px(3)
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
    """A number as people of the field write it: 2e-4, 0.05; told when editing ends."""

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.editingFinished.connect(self._tell)
        self._told = ""

    def show_number(self, value: float) -> None:
        self._told = number_in_words(value)
        self.setText(self._told)

    def _tell(self) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.edited.emit(self.text().strip().replace(",", "."))


def number_in_words(value: float) -> str:
    """A setting's number: 2e-4 where zeros would have to be counted."""
    if value and abs(value) < 0.001:
        mantissa, exponent = f"{value:.6e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"


class TextField(QLineEdit):
    """A line of text, told when editing ends."""

    edited = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._told = ""
        self.editingFinished.connect(self._tell)

    def show_text(self, text: str) -> None:
        self._told = text
        self.setText(text)
        self.setCursorPosition(0)

    def _tell(self) -> None:
        if self.text() != self._told:
            self._told = self.text()
            self.edited.emit(self.text().strip())


def put_fact(field: QLineEdit | QSpinBox | QPushButton, text: str) -> None:
    """Places a unit or a second fact inside a field, at its right."""
    fact = field.findChild(QLabel, "fact")
    if fact is None:
        fact = label("", "fact")
        fact.setObjectName("fact")
        fact.setParent(field)
        fact.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QHBoxLayout(field)
        layout.setContentsMargins(0, 0, 10, 0)
        layout.addStretch(1)
        layout.addWidget(fact)
    assert isinstance(fact, QLabel)
    if fact.text() == text and text:
        return
    fact.setText(text)
    fact.setVisible(bool(text))
    taken = fact.sizeHint().width() + 10 if text else 0
    edit = field.lineEdit() if isinstance(field, QSpinBox) else field
    if isinstance(edit, QLineEdit):
        edit.setTextMargins(edit.textMargins().left(), 0, taken, 0)


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


def is_activation(event: QKeyEvent) -> bool:
    """Whether a key means "do it" on a control that is painted by hand."""
    return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
