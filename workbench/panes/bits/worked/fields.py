"""What stands around the large cells: numbers of bits above, weights below, a line per field with its sum."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from workbench.core.bits.workings import Rule, Workings
from workbench.core.figures import MINUS
from workbench.numerics.number_format import FieldKind
from workbench.panes.bits.shown.letters import LetterCase, Letters
from workbench.panes.charts.bit_cells import CellLayout
from workbench.panes.look.theme import Theme

CENTER, LEFT = Qt.AlignmentFlag.AlignCenter, Qt.AlignmentFlag.AlignLeft
MIDDLE = Qt.AlignmentFlag.AlignVCenter
NUMBERS, WEIGHTS, RULES, SUMS = 13, 14, 21, 17  # heights in pixels of the drawing


class FieldsPicture:
    """Lays out and paints one row's numbers, weights and rules around cells that are there already."""

    def __init__(
        self,
        theme: Theme,
        letters: LetterCase,
        workings: Workings,
        cells: CellLayout,
        code: int,
        width: float,
        *,
        scale: float = 1.0,
    ) -> None:
        self._theme, self._workings, self._cells, self._code = theme, workings, cells, code
        self._width, self._scale = width, scale
        small = round(theme.size("font.small") * scale)
        self._tiny = letters.of("caption", pixels=round(theme.size("font.caption") * 0.92 * scale))
        self._small = letters.of("small", pixels=small)
        self._strong = letters.of("small", weight=500, pixels=small)
        self._is_one_line = cells.lines == 1
        self._weights = self._fitting_weights() if self._is_one_line else {}
        self._labels = [self._label(index) for index in range(len(workings.rules))]
        self.sums = self._left_out()

    @property
    def height(self) -> float:
        """Below the cells."""
        px = self._px
        weights = px(WEIGHTS) if self._weights else 0
        return weights + px(RULES) + (px(SUMS) if self.sums else 0) if self._workings.rules else 0

    def _px(self, drawn: int) -> int:
        return round(self._theme.px(drawn) * self._scale)

    # -- what fits ----------------------------------------------------------------------------------------------------

    def _fitting_weights(self) -> dict[int, str]:
        """All weights of a field or none: with some left out a sum would be wrong."""
        kept: dict[int, str] = {}
        for rule in self._workings.rules:
            bits = [bit for bit in range(rule.high, rule.low - 1, -1) if bit in self._workings.weights]
            for shorter in (0, 1):
                texts = {bit: self._workings.weights[bit][-shorter:][0] for bit in bits}
                if self._fits(texts):
                    kept |= texts
                    break
        signs = [rule.high for rule in self._workings.rules if rule.kind is FieldKind.SIGN]
        return kept if any(bit not in signs for bit in kept) else {}

    def _fits(self, texts: dict[int, str]) -> bool:
        end = -1e9
        for bit, text in texts.items():
            box, wide = self._cells.boxes[bit], self._tiny.width(text)
            if wide > box.width() * 1.4 or box.center().x() - wide / 2 < end + 1:
                return False
            end = box.center().x() + wide / 2
        return True

    def _box(self, rule: Rule) -> QRectF:
        united = QRectF(self._cells.ghost) if rule.has_ghost and self._cells.ghost else QRectF()
        for bit in range(rule.low, rule.high + 1):
            united = united.united(self._cells.boxes[bit])
        return united

    def _label(self, index: int) -> tuple[str, str, bool]:
        """Name and value of a field as they fit below its line, and whether its sum stands there or by weights."""
        rules = self._workings.rules
        rule = rules[index]
        bits = [bit for bit in self._workings.weights if rule.low <= bit <= rule.high]
        has_sum = self._is_one_line and all(bit in self._weights for bit in bits)
        left = self._box(rule).left()
        right = self._box(rules[index + 1]).left() if index + 1 < len(rules) else self._width
        room = right - left - self._px(7) if self._is_one_line else 1e9
        name = self._strong.width(rule.name) + self._px(4)
        if rule.kind is FieldKind.SIGN:
            return (rule.name, "", True) if name <= room + self._px(6) else (rule.value, "", True)
        if self._is_one_line and not rule.is_long and name + self._small.width(rule.sum) <= room:
            return rule.name, rule.sum, True
        if name + self._small.width(rule.value) <= room:
            return rule.name, rule.value, has_sum or rule.sum == rule.value
        return rule.name, "", False

    def _left_out(self) -> list[Rule]:
        """Fields whose sums need a line of their own."""
        labels = zip(self._workings.rules, self._labels, strict=True)
        return [rule for rule, (_name, _value, has_sum) in labels if not has_sum]

    # -- painting -----------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, offset: QPointF) -> None:
        painter.save()
        painter.translate(offset)
        self._paint_numbers(painter)
        y = self._cells.height - 2
        if self._weights:
            self._paint_weights(painter, y)
            y += self._px(WEIGHTS)
        self._paint_rules(painter, y + 2)
        y += self._px(RULES)
        if self.sums:
            self._paint_sums(painter, y + 1)
        painter.restore()

    def _paint_numbers(self, painter: QPainter) -> None:
        """Over the first line of cells."""
        painter.setFont(self._tiny.font)
        painter.setPen(self._theme.color("text.tertiary"))
        top = min(box.top() for box in self._cells.boxes.values())
        wide = self._tiny.width("00")
        for bit, box in self._cells.boxes.items():
            if box.top() == top and (wide <= box.width() + 1 or bit % 4 == 0):
                around = QRectF(box.center().x() - 20, top - self._px(NUMBERS) - 2, 40, self._px(NUMBERS))
                painter.drawText(around, CENTER, str(bit))

    def _paint_weights(self, painter: QPainter, y: float) -> None:
        for bit, text in self._weights.items():
            is_one = self._code >> bit & 1 == 1 or text in ("+", MINUS)
            color = f"bits.{self._cells.kinds[bit]}" if is_one else "text.tertiary"
            self._paint_weight(painter, self._cells.boxes[bit], text, y, color)
        if self._cells.ghost and self._workings.ghost_weight:
            self._paint_weight(painter, self._cells.ghost, self._workings.ghost_weight, y, "bits.hidden")

    def _paint_weight(self, painter: QPainter, box: QRectF, text: str, y: float, color: str) -> None:
        painter.setFont(self._tiny.font)
        painter.setPen(self._theme.color(color))
        painter.drawText(QRectF(box.center().x() - 40, y, 80, self._px(WEIGHTS)), CENTER, text)

    def _paint_rules(self, painter: QPainter, y: float) -> None:
        theme = self._theme
        x = float(min(box.left() for box in self._cells.boxes.values()))
        for rule, (name, value, _has_sum) in zip(self._workings.rules, self._labels, strict=True):
            if self._is_one_line:
                box = self._box(rule)
                painter.fillRect(QRectF(box.left(), y, box.width(), 2), theme.color(f"bits.{rule.kind}"))
                x = box.left()
            x = self._paint_words(painter, x, y + 3, name, f"bits.{rule.kind}", self._strong)
            if x + theme.px(4) + self._small.width(value) > self._width:
                value = ""
            x = self._paint_words(painter, x + theme.px(4), y + 3, value, "text.primary", self._small) + theme.px(14)

    def _paint_sums(self, painter: QPainter, y: float) -> None:
        """The sums that found no place below their fields, in one line; the last one is shortened where it must be."""
        x = float(min(box.left() for box in self._cells.boxes.values()))
        for place, rule in enumerate(self.sums):
            x = self._paint_words(painter, x, y, rule.name.split()[-1], f"bits.{rule.kind}", self._strong)
            x += self._px(5)
            share = self._width - x if place == len(self.sums) - 1 else (self._width - x) * 0.6
            kept = rule.sum.partition(" = ")[0] if rule.is_long else rule.sum
            text = shortened_sum(kept, self._small, share)
            x = self._paint_words(painter, x, y, text, "text.primary", self._small) + self._px(16)

    def _paint_words(self, painter: QPainter, x: float, y: float, text: str, color: str, letters: Letters) -> float:
        painter.setFont(letters.font)
        painter.setPen(self._theme.color(color))
        wide = letters.width(text)
        painter.drawText(QRectF(x, y, wide + 2, self._px(SUMS)), LEFT | MIDDLE, text)
        return x + wide


def shortened_sum(text: str, letters: Letters, room: float) -> str:
    """A sum with terms left out before the last one, where all of them are too wide."""
    if letters.width(text) <= room:
        return text
    terms, _equals, result = text.partition(" = ")
    parts = terms.split(" + ")
    for kept in range(len(parts) - 2, 0, -1):
        shorter = " + ".join([*parts[:kept], "\u2026", parts[-1]]) + (f" = {result}" if result else "")
        if letters.width(shorter) <= room:
            return shorter
    shortest = f"{parts[0]} + \u2026"
    return shortest if letters.width(shortest) <= room else ""
