"""Whether words have the room they ask for, or say themselves that they are shortened; and fields their whole frame."""

from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from workbench.panes.parts.controls import ElidedLabel
from workbench.panes.train.field_button import FieldButton

FIELDS = (QLineEdit, QSpinBox, QComboBox, QPlainTextEdit)
# A style rounds to whole pixels twice.
ROUNDING = 1
# Of a button's sides together; the style sheet asks for more, and gives way to words.
LEAST_PADDING = 8


def clipped(window: QWidget) -> list[str]:
    """What is visible in it and shows less than its words."""
    return [
        f"{type(widget).__name__} {_words(widget)[:60]!r}: {widget.width()}x{widget.height()}, {_lack(widget)}"
        for widget in window.findChildren(QWidget)
        if widget.isVisible() and _lack(widget)
    ]


def _words(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _lack(widget: QWidget) -> str:
    """What it needs and does not have; nothing where it has enough."""
    if isinstance(widget, FIELDS):
        return _cut_frame(widget)
    if isinstance(widget, FieldButton) or not _words(widget):
        return ""  # it shortens its text by itself
    hint = widget.sizeHint()
    if isinstance(widget, ElidedLabel):
        needs_width, needs_height = 0, widget.fontMetrics().height()
    elif isinstance(widget, QLabel) and widget.wordWrap():
        needs_width, needs_height = _widest_word(widget), widget.heightForWidth(widget.width())
    elif isinstance(widget, QPushButton | QToolButton):
        icon = 0 if widget.icon().isNull() else widget.iconSize().width()
        words = widget.fontMetrics().horizontalAdvance(widget.text().replace("&&", "&"))
        needs_width, needs_height = words + icon + LEAST_PADDING, widget.fontMetrics().height()
    elif isinstance(widget, QLabel):
        needs_width, needs_height = hint.width(), hint.height()
    else:
        return ""
    if needs_width > widget.width() + ROUNDING:
        return f"needs a width of {needs_width}"
    return f"needs a height of {needs_height}" if needs_height > widget.height() + ROUNDING else ""


def _cut_frame(field: QWidget) -> str:
    """Where a field is larger than what it stands in: its frame is cut off there."""
    if field.minimumHeight() > field.maximumHeight():
        return f"is between {field.minimumHeight()} and {field.maximumHeight()} high"
    parent = field.parentWidget()
    if parent is None or parent.rect().contains(field.geometry()) or parent.objectName() == "qt_scrollarea_viewport":
        return ""
    return f"stands out of the {parent.width()}x{parent.height()} of its {type(parent).__name__}"


def _widest_word(words: QLabel) -> int:
    parts = words.text().replace("\u200b", " ").replace("/", " ").replace("-", " ").split()
    return max((words.fontMetrics().horizontalAdvance(part) for part in parts), default=0)
