"""A button that copies a text, and says for a while that it has."""

from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button

COPIED_MILLISECONDS = 1600


def copy_button(
    theme: Theme, text: Callable[[], str], tip: str, *, words: str = "Copy", kind: str = "flat"
) -> QPushButton:
    """Copies what `text` gives when it is pressed; an empty text is not copied."""
    made = button(words, theme, "copy", kind)
    made.setToolTip(tip)

    def copy() -> None:
        found = text()
        if found:
            made.setMinimumWidth(max(made.width(), made.minimumWidth()))
            QGuiApplication.clipboard().setText(found)
            made.setText("Copied")
            QTimer.singleShot(COPIED_MILLISECONDS, made, lambda: made.setText(words))

    made.clicked.connect(copy)
    return made
