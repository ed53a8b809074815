"""Equations painted: coloured runs on one baseline, raised exponents, broken before an equals sign."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from workbench.core.bits.workings import Line, Role, Run
from workbench.panes.bits.shown.letters import LetterCase, Letters
from workbench.panes.look.theme import Theme

# A raised run's size and lift, as shares of its font's size.
RAISED_SIZE, RAISED_LIFT = 0.72, 0.42
LINE_PITCH = 1.42
HEAVY = 600
LEAST_PIXELS = 9.0
# A line that is a little too wide is made smaller and not broken.
LEAST_SHRINK = 0.9

TOKENS = {Role.PLAIN: "text.primary", Role.QUIET: "text.secondary"}


def token_of(role: Role) -> str:
    """The theme's name of a role's colour; the bits of a field have that of their cells."""
    return TOKENS.get(role, f"bits.{role}")


class Equation:
    """Lines of runs laid out for a width; a size of the font that fits them is chosen once."""

    def __init__(
        self, theme: Theme, letters: LetterCase, lines: Sequence[Line], width: float, *, scale: float = 1.0
    ) -> None:
        self._theme, self._case = theme, letters
        self._pixels = theme.size("font.equation") * scale
        self.lines = [part for line in lines for part in self._broken(line, width)]
        while self._pixels > LEAST_PIXELS and self.width > width:
            self._pixels -= 0.5

    @property
    def width(self) -> float:
        """That of the widest line, in pixels."""
        return max(map(self._width, self.lines), default=0.0)

    @property
    def height(self) -> float:
        return len(self.lines) * self._pixels * LINE_PITCH

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        baseline = top + self._pixels * 1.08
        for line in self.lines:
            x = left
            for run in line:
                letters = self._letters(run)
                painter.setFont(letters.font)
                painter.setPen(self._theme.color(token_of(run.role)))
                lift = self._pixels * RAISED_LIFT if run.is_raised else 0.0
                painter.drawText(QPointF(x, baseline - lift), run.text)
                x += letters.width(run.text)
            baseline += self._pixels * LINE_PITCH

    def _broken(self, line: Line, width: float) -> list[Line]:
        """The line, with what follows an equals sign on lines of its own where all of it is too wide."""
        if self._width(line) <= width / LEAST_SHRINK:
            return [_trimmed(line)]
        parts: list[list[Run]] = [[]]
        for run in line:
            if run.text.strip() == "=" and any(held.text.strip() for held in parts[-1]):
                parts.append([])
            parts[-1].append(run)
        kept: list[list[Run]] = []
        for part in parts:
            if kept and self._width([*kept[-1], *part]) <= width / LEAST_SHRINK:
                kept[-1] += part
            else:
                kept.append(list(part))
        return [_trimmed(tuple(part)) for part in kept]

    def _width(self, line: Sequence[Run]) -> float:
        return sum(self._letters(run).width(run.text) for run in line)

    def _letters(self, run: Run) -> Letters:
        pixels = int(self._pixels * (RAISED_SIZE if run.is_raised else 1.0))
        return self._case.of("equation", weight=400 if run.role is Role.QUIET else HEAVY, pixels=pixels)


def _trimmed(line: Line) -> Line:
    """Without the blank before the first run."""
    if line and line[0].text.startswith(" "):
        return (Run(line[0].text.lstrip(" "), line[0].role, line[0].is_raised), *line[1:])
    return tuple(line)
