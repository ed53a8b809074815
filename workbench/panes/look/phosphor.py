"""Icons from the Phosphor font that qtawesome carries.

The font is read from qtawesome's folder: qtawesome itself imports all of Qt once more through qtpy, 80 ms of the
window's first paint, and loads eleven more fonts.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

FONT, LETTERS = "phosphor-1.3.0.ttf", "phosphor-charmap-1.3.0.json"
# A letter's share of its icon's height; the rest is the font's bearing.
LETTER_SHARE = 0.875


def phosphor_icon(name: str, color: QColor, disabled: QColor) -> QIcon:
    """An icon by its name in two colours. Raises KeyError where Phosphor has none of that name."""
    family, letters = _phosphor()
    return QIcon(_LetterEngine(family, chr(int(letters[name], 16)), color, disabled))


class _LetterEngine(QIconEngine):
    """Paints one letter of a font in any size."""

    def __init__(self, family: str, letter: str, color: QColor, disabled: QColor) -> None:
        super().__init__()
        self._family, self._letter = family, letter
        self._color, self._disabled = color, disabled

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        font = QFont(self._family)
        font.setPixelSize(round(LETTER_SHARE * rect.height()))
        painter.save()
        painter.setPen(self._disabled if mode == QIcon.Mode.Disabled else self._color)
        painter.setFont(font)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._letter)
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return made


@cache
def _phosphor() -> tuple[str, dict[str, str]]:
    """The font's family, and its letters' codes by the names of the icons."""
    found = find_spec("qtawesome")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "fonts"
    families = QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(folder / FONT)))
    codes: dict[str, str] = json.loads((folder / LETTERS).read_text("utf-8"))
    return families[0], codes
