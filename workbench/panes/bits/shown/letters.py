"""Fonts with the widths of words, kept: painting asks for the same ones at every keystroke."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QFont, QFontMetricsF

from workbench.bridge.timers import once_after
from workbench.panes.look.theme import Theme

MOST_WORDS = 2_000
# What is only heard is put together when nobody has typed for so long.
SOON_MILLISECONDS = 150


class Letters:
    """One font and how wide words are in it."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetricsF(font)
        self._widths: dict[str, float] = {}

    def width(self, text: str) -> float:
        found = self._widths.get(text)
        if found is None:
            if len(self._widths) > MOST_WORDS:
                self._widths.clear()
            found = self._widths[text] = self.metrics.horizontalAdvance(text)
        return found


class LetterCase:
    """The letters of a theme; read anew when it changes."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._known: dict[tuple[str, int, bool, int], Letters] = {}
        theme.changed.connect(self._known.clear)

    def of(self, role: str, *, weight: int = 400, mono: bool = False, pixels: int = 0) -> Letters:
        """The font of a role, in another size where one is given."""
        key = (role, weight, mono, pixels)
        if key not in self._known:
            font = self._theme.font(role, weight=weight, mono=mono)
            if pixels:
                font.setPixelSize(max(8, pixels))
            self._known[key] = Letters(font)
        return self._known[key]


def soon(parent: QObject, act: Callable[[], None]) -> QTimer:
    """A timer that does it once, shortly after it was last started."""
    return once_after(parent, SOON_MILLISECONDS, act)
