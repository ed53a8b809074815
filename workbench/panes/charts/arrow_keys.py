"""Where a key leads from a chosen place: among places in a row, or on a map."""

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent


@dataclass(frozen=True)
class Step:
    """Cells to the right and down, pages forth, and to the end (1) or the start (-1)."""

    across: int = 0
    down: int = 0
    pages: int = 0
    ends: int = 0


STEPS: dict[int, Step] = {
    Qt.Key.Key_Left: Step(across=-1),
    Qt.Key.Key_Right: Step(across=1),
    Qt.Key.Key_Up: Step(down=-1),
    Qt.Key.Key_Down: Step(down=1),
    Qt.Key.Key_PageUp: Step(pages=-1),
    Qt.Key.Key_PageDown: Step(pages=1),
    Qt.Key.Key_Home: Step(ends=-1),
    Qt.Key.Key_End: Step(ends=1),
}


def clamped(number: int, count: int) -> int:
    """The nearest of the numbers from 0 to below `count`; 0 where there are none."""
    return max(min(number, count - 1), 0)


def place_after(event: QKeyEvent, place: int, count: int) -> int | None:
    """Where Left, Right, Home and End lead from one of `count` places; None for other keys and of no places."""
    step = STEPS.get(event.key(), Step())
    leads = count > 0 and (step.across or step.ends)
    return clamped(place + step.across + step.ends * count, count) if leads else None
