"""The letters of the runs that are compared: who has which, and the disc that shows it."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from workbench.core.runs.comparison_report import LETTERS as LETTERS
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

DISC, DISC_IN_PROJECTOR = 16, 24


def letter_color(letter: str) -> str:
    return f"compare.{letter.lower()}"


def disc_side(theme: Theme) -> int:
    return DISC_IN_PROJECTOR if theme.projector else theme.px(DISC)


def paint_disc(painter: QPainter, theme: Theme, box: QRectF, letter: str) -> None:
    """A letter on a disc in its colour, in the ground of a card."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(letter_color(letter)))
    painter.drawEllipse(box)
    font = theme.font("caption", weight=600)
    font.setPixelSize(max(8, round(box.height() * 0.62)))
    painter.setFont(font)
    painter.setPen(theme.color("surface.card"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)


class Disc(Canvas):
    """A letter by itself; nothing where there is none."""

    GROWS = (False, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "")
        self.letter = ""
        self.hide()

    def show_letter(self, letter: str) -> None:
        self.letter = letter
        self.setAccessibleName(f"compared as {letter}" if letter else "")
        self.setVisible(bool(letter))
        self.update()

    def sizeHint(self) -> QSize:
        side = disc_side(self._theme)
        return QSize(side, side)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.letter:
            side = disc_side(self._theme)
            box = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
            paint_disc(QPainter(self), self._theme, box, self.letter)


class Letters:
    """Up to four runs, each with a letter that it keeps as long as it is compared."""

    def __init__(self) -> None:
        self._places: list[Path | None] = [None] * len(LETTERS)

    @property
    def is_full(self) -> bool:
        return None not in self._places

    @property
    def letters(self) -> dict[Path, str]:
        """In the order of the letters."""
        return {path: letter for path, letter in zip(self._places, LETTERS, strict=True) if path is not None}

    def turn(self, path: Path) -> bool:
        """Compares the run, or does so no more; whether there was a letter for it."""
        if path in self._places:
            self._places[self._places.index(path)] = None
        elif self.is_full:
            return False
        else:
            self._places[self._places.index(None)] = path
        return True

    def clear(self) -> None:
        self._places = [None] * len(LETTERS)

    def keep(self, paths: Iterable[Path]) -> bool:
        """Leaves out those that are not there any more; whether there were such."""
        there = set(paths)
        before = list(self._places)
        self._places = [path if path in there else None for path in before]
        return self._places != before
