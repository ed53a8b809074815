"""The precisions side by side, as a group of cards to choose from."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS, Format
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.focus_ring import FocusRing

SENTENCES = {
    "fp32": "As exact as training ever was.",
    "fp16": "Half the size; overflows at 65\u202f504.",
    "bf16": "FP32's range, 3 digits.",
    "int8": "LLM.int8(): outliers stay in 16 bits.",
    "nf4": "16 levels where weights are dense.",
    "fp4": "16 levels, spaced like a float.",
}
UNKNOWN = "–"  # noqa: RUF001
VERDICTS = {
    "fits": ("check", "status.success"),
    "tight": ("warning", "status.warn"),
    "too large": ("warning", "status.warn"),
}


@dataclass(frozen=True)
class CardFacts:
    """What a card says beside its name; `size_bytes` is 0 where the model is not known."""

    size_bytes: int
    bits_per_weight: float
    verdict: str  # one of VERDICTS, or "" where nothing is known
    place: str = ""  # what the verdict is about, such as "this card"

    @property
    def words(self) -> str:
        size = f"{bytes_in_words(self.size_bytes)} of weights" if self.size_bytes else "size unknown"
        verdict = {"fits": "fits", "tight": "a tight fit", "too large": "too large"}.get(self.verdict, "")
        preposition = "on" if self.verdict == "fits" else "for"
        said = f"{verdict} {preposition} {self.place}" if verdict else ""
        return ", ".join(part for part in (size, f"{self.bits_per_weight:.4g} bits a weight", said) if part)


class PrecisionCard(FocusRing, QAbstractButton):
    """One precision: its bits as strokes, the size of the weights, and whether they fit."""

    moved = Signal(int)

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.format: Format = FORMATS[name]
        self.facts = CardFacts(0, 0.0, "")
        self._is_compact = False
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setText(self.format.title)
        self.setAccessibleName(self.format.title)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(132), self._height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(96), self._height())

    def set_compact(self, is_compact: bool) -> None:
        """Without its sentence, which the tooltip still has."""
        if is_compact != self._is_compact:
            self._is_compact = is_compact
            self.updateGeometry()

    def _height(self) -> int:
        return self._theme.px(136 if self._is_compact else 188)

    def show_facts(self, facts: CardFacts) -> None:
        if facts == self.facts:
            return
        self.facts = facts
        said = f"{SENTENCES[self.format.name]} {facts.words[:1].upper()}{facts.words[1:]}."
        self.setAccessibleDescription(said)
        self.setToolTip(said)
        self.update()

    def strokes(self) -> list[str]:
        """The colour of each bit, from the sign on."""
        kind, bits = self.format.kind, self.format.bits
        if kind == "float":
            fields = [("sign", 1), ("exponent", self.format.exponent_bits), ("fraction", self.format.fraction_bits)]
        elif kind == "integer":
            fields = [("sign", 1), ("integer", bits - 1)]
        else:
            fields = [("index", bits)]
        return [f"bits.{name}" for name, count in fields for _ in range(count)]

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen, ringed = self.isChecked(), self.has_ring
        width = 2.0 if chosen or ringed else 1.0
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setBrush(theme.color("surface.hover" if self.underMouse() and not chosen else "surface.card"))
        painter.setPen(QPen(theme.color("accent.line" if chosen or ringed else "border.card"), width))
        painter.drawRoundedRect(box, 8, 8)
        if ringed:
            painter.setPen(QPen(theme.color("focus.ring"), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(box.adjusted(4, 4, -4, -4), 5, 5)
        left, inner = px(13), self.width() - 2 * px(13)
        self._words(painter, self.format.title, QRectF(left, px(11), inner, px(20)), "heading", 600, "text.primary")
        if chosen:
            theme.icon("check-circle", "accent.line").paint(painter, self.width() - px(30), px(12), px(17), px(17))
        self._paint_strokes(painter, left, px(36), inner)
        size = bytes_in_words(self.facts.size_bytes) if self.facts.size_bytes else UNKNOWN
        figure, _, unit = size.partition(" ")
        taken = self._words(painter, figure, QRectF(left, px(50), inner, px(30)), "figure", 600, "text.primary")
        self._words(painter, unit, QRectF(left + taken + px(5), px(53), inner, px(26)), "small", 400, "text.tertiary")
        painter.setFont(theme.font("small"))
        bits = f"{self.facts.bits_per_weight:.4g} bits"
        if painter.fontMetrics().horizontalAdvance(f"{bits}/weight") <= inner - px(2):
            bits = f"{bits}/weight"
        self._words(painter, bits, QRectF(left, px(84), inner, px(18)), "small", 400, "text.secondary")
        foot = self.height() - px(28)
        if not self._is_compact:
            sentence = QRectF(left, px(105), inner, foot - px(106))
            self._words(painter, SENTENCES[self.format.name], sentence, "small", 400, "text.tertiary", wraps=True)
        if self.facts.verdict:
            icon, color = VERDICTS[self.facts.verdict]
            theme.icon(icon, color).paint(painter, left, foot + px(3), px(14), px(14))
            line = QRectF(left + px(18), foot, inner - px(18), px(20))
            self._words(painter, self.facts.verdict, line, "small", 400, color)
        else:
            self._words(painter, UNKNOWN, QRectF(left, foot, inner, px(20)), "small", 400, "text.tertiary")

    def _words(
        self, painter: QPainter, text: str, box: QRectF, role: str, weight: int, color: str, *, wraps: bool = False
    ) -> int:
        painter.setFont(self._theme.font(role, weight=weight))
        painter.setPen(self._theme.color(color))
        metrics = painter.fontMetrics()
        if wraps:
            painter.drawText(box, int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop), text)
        else:
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, elided)
        return metrics.horizontalAdvance(text)

    def _paint_strokes(self, painter: QPainter, left: float, top: float, width: float) -> None:
        pitch = min(self._theme.px(4), width / 32)
        painter.setPen(Qt.PenStyle.NoPen)
        for index, color in enumerate(self.strokes()):
            painter.setBrush(self._theme.color(color))
            painter.drawRect(QRectF(left + index * pitch, top, max(1.0, pitch - 1), self._theme.px(9)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        step = {keys.Key_Left: -1, keys.Key_Up: -1, keys.Key_Right: 1, keys.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.moved.emit(step)


class PrecisionCards(QWidget):
    """The six precisions; arrows and Space choose."""

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName("Precision of the frozen weights")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self.cards = {name: PrecisionCard(theme, name) for name in FORMATS}
        for name, card in self.cards.items():
            card.clicked.connect(lambda _checked=False, name=name: self.chosen.emit(name))
            card.moved.connect(lambda step, name=name: self._move(name, step))
        self._layout = in_row(*((card, 1) for card in self.cards.values()), of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.size("space.card_gap"))

    def set_value(self, name: str) -> None:
        self.cards[name].setChecked(True)
        for other, card in self.cards.items():  # Tab stops at the chosen one, arrows go on from there
            if card.hasFocus() and other != name:
                self.cards[name].setFocus(Qt.FocusReason.OtherFocusReason)
            card.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other == name else Qt.FocusPolicy.ClickFocus)

    def set_compact(self, is_compact: bool) -> None:
        for card in self.cards.values():
            card.set_compact(is_compact)

    def show_facts(self, facts: dict[str, CardFacts]) -> None:
        for name, entry in facts.items():
            self.cards[name].show_facts(entry)

    def _move(self, name: str, step: int) -> None:
        names = list(self.cards)
        target = names[(names.index(name) + step) % len(names)]
        self.cards[target].setFocus(Qt.FocusReason.TabFocusReason)
        self.cards[target].click()
