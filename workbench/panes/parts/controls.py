"""Words, buttons and the small controls that the style sheet alone cannot draw."""

import re
from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from workbench.panes.look.accessible import speak
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.focus_ring import FocusRing, paint_ring

# What an icon takes beside its own width: half of it before the icon, half between it and the words.
ICON_GAP = 4
LONGEST_TIP = 2000
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


def set_least_height(words: QWidget, pixels: int) -> None:
    """As setMinimumHeight; a label would ask for the height it had before until its words are set anew."""
    words.setMinimumHeight(pixels)
    _measure_anew(words)


def set_least_width(words: QWidget, pixels: int) -> None:
    """As setMinimumWidth; a label would ask for the width it had before until its words are set anew."""
    words.setMinimumWidth(pixels)
    _measure_anew(words)


def _measure_anew(words: QWidget) -> None:
    if isinstance(words, QLabel):
        words.setIndent(words.indent())


def breakable(text: str) -> str:
    """The text with places to break its longest words, such as paths: a word that cannot wrap widens its window."""
    return _LONG_WORD.sub("\\g<0>\u200b", text)


def isolated(name: str) -> str:
    """A name within a sentence: one that is written from right to left leaves the words around it where they are."""
    return f"\u2068{name}\u2069"


def plain_tip(text: str) -> str:
    """A tooltip that is not read as HTML, whatever a file or a model put into it."""
    if "<" not in text:
        return text[:LONGEST_TIP]
    import html  # its table of names takes 2 ms that the window's first paint need not wait for

    return f"<span>{html.escape(text[:LONGEST_TIP])}</span>"


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
        side = theme.icon_size()
        has_gap = bool(made.text()) and made.property("kind") != "disclosure"
        gap = theme.px(ICON_GAP) if has_gap else 0  # the style leaves too little between icon and words
        made.setIconSize(QSize(side.width() + gap, side.height()))

    is_new = made.property("iconName") is None
    made.setProperty("iconName", icon)
    made.setProperty("iconColor", color)
    draw()
    if is_new:
        theme.changed.connect(draw)


def divider() -> QFrame:
    """A line across a card."""
    made = QFrame()
    made.setProperty("role", "divider")
    return made


def fill(painter: QPainter, box: QRectF, color: QColor) -> None:
    """Fills a box; for QPainter.fillRect PySide6 makes the 169 names of QGradient.Preset, 2 ms of a first paint."""
    pen = painter.pen()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRect(box)
    painter.setPen(pen)


def unhide(widget: QWidget) -> None:
    """Takes back a hide; what nobody has hidden comes with its parent.

    To show a part of a window that is not there yet works out its style and its layout, which the window does again.
    """
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide):
        widget.show()


class ElidedLabel(QLabel):
    """A line that is shortened in the middle where it does not fit, and shown whole in its tooltip."""

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
        self.ensurePolished()
        return self.fontMetrics().horizontalAdvance(self._whole) + 2

    def _elide(self) -> None:
        shortened = self.fontMetrics().elidedText(self._whole, self._mode, max(0, self._room()))
        super().setText(shortened)
        self.setToolTip(plain_tip(self._whole) if shortened != self._whole else "")
        self.setAccessibleName(self._whole)

    def _room(self) -> int:
        """Pixels that the text may take."""
        return self.width()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._elide()


class Heading(ElidedLabel):
    """A title that takes the room of its words, and is shortened where there is less."""

    LEAST_LETTERS = 36  # those of our own titles

    def __init__(self, text: str = "") -> None:
        super().__init__(text, "heading", Qt.TextElideMode.ElideRight)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        self.set_text(text)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint, metrics = super().sizeHint(), self.fontMetrics()
        missing = metrics.boundingRect(self._whole).width() - metrics.boundingRect(self.text()).width()
        return QSize(hint.width() + missing, hint.height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), self.LEAST_LETTERS * self.fontMetrics().averageCharWidth()), hint.height())

    def _room(self) -> int:
        # A hint is in whole pixels, and that of shortened words may be one less: nothing is shortened for that one.
        return self.natural_width() if self.width() >= self.sizeHint().width() - 1 else self.width()


class Switch(FocusRing, QCheckBox):
    """A check box drawn as a switch; Space turns it."""

    def __init__(self, theme: Theme, text: str = "") -> None:
        super().__init__(text)
        self._theme = theme
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
        if self.has_ring:
            paint_ring(painter, theme, box.adjusted(-1, -2, 1, 2), high / 2 + 2)
        if self.text():
            painter.setPen(theme.color("text.primary"))
            words = self.rect().adjusted(wide + theme.px(10), 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())


class Segment(QToolButton):
    """One of the choices side by side; it has room for its words as they are once it is chosen."""

    def sizeHint(self) -> QSize:
        hint, strong = super().sizeHint(), QFont(self.font())
        strong.setWeight(QFont.Weight.DemiBold)
        more = QFontMetrics(strong).horizontalAdvance(self.text()) - self.fontMetrics().horizontalAdvance(self.text())
        return QSize(hint.width() + max(0, more), hint.height())


class Segmented(QWidget):
    """A choice among a few, side by side; arrows move it."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setProperty("role", "segments")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(name)
        speak()
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        for index, (value, text) in enumerate(choices):
            made = Segment()
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
        in_row(*((made, 1) for made in self._buttons.values()), gap=0, margins=(1, 1, 1, 1), of=self)
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


def is_activation(event: QKeyEvent) -> bool:
    """Whether a key means "do it" on a control that is painted by hand."""
    return event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter)
