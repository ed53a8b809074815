"""What a screen reader is told of a strip of bits: a control whose value is a number, one bit of which is chosen."""

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface, QAccessibleValueChangeEvent
from PySide6.QtWidgets import QAccessibleWidget, QWidget

# Up and down step through the values, as in a spin box.
_ROLES = {"BitStrip": QAccessible.Role.SpinBox, "RowView": QAccessible.Role.Grouping}


class _Spoken(QAccessibleWidget):
    """A widget that says its value by `spoken`."""

    def __init__(self, widget: QWidget, role: QAccessible.Role) -> None:
        super().__init__(widget, role)
        self._widget = widget

    def text(self, kind: QAccessible.Text) -> str:
        if kind == QAccessible.Text.Value:
            return str(self._widget.spoken())  # type: ignore[attr-defined]
        return super().text(kind)


@cache
def speak_of_bits() -> None:
    """Answers for strips from now on; Qt asks only while something listens."""
    QAccessible.installFactory(_interface)


def tell_value(widget: QWidget) -> None:
    """Tells a screen reader that the value of a strip has changed."""
    QAccessible.updateAccessibility(QAccessibleValueChangeEvent(widget, widget.spoken()))  # type: ignore[attr-defined]


def _interface(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if class_name in _ROLES and isinstance(thing, QWidget):
        return _Spoken(thing, _ROLES[class_name])
    return None
