"""A text in lines, of which runs of words are marked: a ground in a pale colour, and a line of two pixels below."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QPainter, QTextLayout, QTextLine, QTextOption

from workbench.panes.parts.controls import fill

GROUND_SHARE, LINE = 0.16, 2
# A paragraph's end, which QTextLayout takes for a letter, as the line's end that it knows.
_LINE_END = "\u2028"


class MarkedText:
    """Laid out for a width; then it is painted where one likes.

    Attributes:
        height: Of all lines, in pixels.
    """

    def __init__(
        self,
        text: str,
        runs: Sequence[tuple[int, int]],
        font: QFont,
        width: float,
        pitch: float,
    ) -> None:
        """`runs` are places of letters in the text, the end exclusive; lines are `pitch` pixels apart."""
        self._layout = QTextLayout(text.replace("\r\n", "\n").replace("\n", _LINE_END), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self._layout.setTextOption(option)
        self._pitch = pitch
        units = _units(text)
        self._runs = [(units[start], units[end]) for start, end in runs]
        self._layout.beginLayout()
        top = 0.0
        while (line := self._layout.createLine()).isValid():
            line.setLineWidth(max(1.0, width))
            line.setPosition(QPointF(0, top + (pitch - line.height()) / 2))
            top += pitch
        self._layout.endLayout()
        self.height = top

    def paint(self, painter: QPainter, at: QPointF, ink: QColor, mark: QColor) -> None:
        """Paints it with its upper left corner at a point; `mark` is the colour of what is marked."""
        ground = QColor(mark)
        ground.setAlphaF(GROUND_SHARE)
        for box in self.marked_boxes():
            box.translate(at)
            fill(painter, box, ground)
            fill(painter, QRectF(box.left(), box.bottom() - LINE, box.width(), LINE), mark)
        painter.setPen(ink)
        self._layout.draw(painter, at)

    def end(self) -> QPointF:
        """Where the next letter would stand: the upper left corner of its place."""
        line = self._layout.lineAt(self._layout.lineCount() - 1)
        return QPointF(_x_of(line, line.textStart() + line.textLength()), line.y()) if line.isValid() else QPointF()

    def marked_boxes(self) -> list[QRectF]:
        """Where the marked runs stand, a box for each line of each."""
        found: list[QRectF] = []
        for number in range(self._layout.lineCount()):
            line = self._layout.lineAt(number)
            first, last = line.textStart(), line.textStart() + line.textLength()
            for start, end in self._runs:
                if start < last and end > first:
                    left, right = _x_of(line, max(start, first)), _x_of(line, min(end, last))
                    high = min(line.height() + LINE, self._pitch)
                    found.append(QRectF(min(left, right), line.y(), abs(right - left), high))
        return found


def _x_of(line: QTextLine, place: int) -> float:
    x: float = line.cursorToX(place)[0]  # type: ignore[index]  # PySide6 says object; it gives the place, too
    return x


def _units(text: str) -> list[int]:
    """Where each letter begins in Qt's UTF-16, and the end; a line's end of two letters is one there."""
    places, at = [], 0
    for place, letter in enumerate(text):
        places.append(at)
        is_first_of_end = letter == "\r" and text[place + 1 : place + 2] == "\n"
        at += 0 if is_first_of_end else 2 if ord(letter) > 0xFFFF else 1
    return [*places, at]
