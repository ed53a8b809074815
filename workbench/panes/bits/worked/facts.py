"""The facts of a row painted: neighbours, one ulp and class, side by side or below each other."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.panes.bits.shown.letters import LetterCase, Letters
from workbench.panes.look.theme import Theme

AT_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
FACT_HEIGHT, FACT_GAP = 34, 2  # in pixels of the drawing


class FactsPicture:
    """Names with their values, in a number of columns over a width."""

    def __init__(
        self,
        theme: Theme,
        letters: LetterCase,
        facts: Sequence[tuple[str, str]],
        columns: int,
        width: float,
        *,
        scale: float = 1.0,
    ) -> None:
        self._theme, self._letters, self._facts, self._columns = theme, letters, facts, columns
        self._scale = scale
        self._role, self._widths = self._shared_out(width)

    @property
    def height(self) -> float:
        rows = -(-len(self._facts) // self._columns)
        return self._px(FACT_HEIGHT) * rows + self._px(FACT_GAP) * (rows - 1)

    def _px(self, drawn: int) -> float:
        return float(round(self._theme.px(drawn) * self._scale))

    def _of(self, role: str, *, mono: bool = False) -> Letters:
        return self._letters.of(role, mono=mono, pixels=round(self._theme.size(f"font.{role}") * self._scale))

    def paint(self, painter: QPainter, left: float, top: float) -> None:
        theme = self._theme
        high = self._px(FACT_HEIGHT)
        for index, (name, value) in enumerate(self._facts):
            across, down = index % self._columns, index // self._columns
            room = self._widths[across] - theme.px(8)
            x, y = left + sum(self._widths[:across]), top + down * (high + self._px(FACT_GAP))
            box = QRectF(x, y, room + 2, high / 2)
            names, values = self._of(self._role), self._of(self._role, mono=name != "Class")
            for letters, text, color in ((names, name, "text.secondary"), (values, value, "text.primary")):
                painter.setFont(letters.font)
                painter.setPen(theme.color(color))
                shown = letters.metrics.elidedText(text, Qt.TextElideMode.ElideRight, room + 1)
                painter.drawText(box, AT_LEFT, shown)
                box.translate(0, high / 2)

    def _shared_out(self, width: float) -> tuple[str, list[float]]:
        """The font's role and the columns: equal ones, unless one needs more; smaller letters where all need more."""
        columns = self._columns
        for role in ("small", "caption"):
            wanted = [0.0] * columns
            for index, (name, value) in enumerate(self._facts):
                names, values = self._of(role), self._of(role, mono=name != "Class")
                wide = max(names.width(name), values.width(value)) + self._theme.px(10)
                wanted[index % columns] = max(wanted[index % columns], wide)
            if max(wanted) <= width / columns:
                return role, [width / columns] * columns
            if sum(wanted) <= width:
                return role, [wide + (width - sum(wanted)) / columns for wide in wanted]
        return "caption", [wide * width / sum(wanted) for wide in wanted]
