"""What a screen reader is told of a control where Qt's own answer would not do."""

from functools import cache

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAccessibleInterface
from PySide6.QtWidgets import QAbstractButton, QAccessibleWidget, QComboBox, QWidget

# Painted by hand: Qt takes them for areas without a meaning. It asks by the class of a widget, then by its base's.
_PAINTED = ("Canvas", "CanvasArea", "Plot")


class _Choice(QAccessibleWidget):
    """A combo box by its name; on Linux, Qt 6.11 gives what is chosen as the name, too."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box, QAccessible.Role.ComboBox)
        self._box = box

    def text(self, kind: QAccessible.Text) -> str:
        return self._box.currentText() if kind == QAccessible.Text.Value else super().text(kind)

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.showMenuAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        if name == QAccessibleActionInterface.showMenuAction():
            self._box.showPopup()
        else:
            super().doAction(name)


class _Segment(QAccessibleWidget):
    """One choice among several; Qt takes every tool button that keeps its state for a check box."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button, QAccessible.Role.RadioButton)
        self._button = button

    def state(self) -> QAccessible.State:
        state = super().state()
        state.checkable = 1
        state.checked = int(self._button.isChecked())
        return state

    def actionNames(self) -> list[str]:
        return [QAccessibleActionInterface.pressAction(), *super().actionNames()]

    def doAction(self, name: str) -> None:
        if name == QAccessibleActionInterface.pressAction():
            self._button.click()
        else:
            super().doAction(name)


@cache
def speak() -> None:
    """Answers for our own classes from now on; Qt asks only while something listens."""
    QAccessible.installFactory(_interface)


def _interface(class_name: str, thing: QObject) -> QAccessibleInterface | None:
    if class_name == "ChoiceBox" and isinstance(thing, QComboBox):
        return _Choice(thing)
    if class_name == "Segment" and isinstance(thing, QAbstractButton):
        return _Segment(thing)
    if class_name in _PAINTED and isinstance(thing, QWidget) and thing.focusPolicy() != Qt.FocusPolicy.NoFocus:
        return QAccessibleWidget(thing, QAccessible.Role.Chart)
    return None
