"""A timer that does something once."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def once_after(parent: QObject, milliseconds: int, act: Callable[[], object]) -> QTimer:
    """A timer that acts so long after it was last started; it is not started yet."""
    made = QTimer(parent)
    made.setSingleShot(True)
    made.setInterval(milliseconds)
    made.timeout.connect(act)
    return made
