"""The card of one weight: its stored bits, and what INT8, NF4 and FP4 would make of it."""

from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QWidget

from workbench.core.bits.inspection import Inspection
from workbench.core.quantized.requantized import Requantized, StoredWeight
from workbench.numerics.decimal_text import significant
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.number import Number, NumberClass
from workbench.panes.bits.rows.still import StillStrip
from workbench.panes.bits.shown.words import scientific, value_text
from workbench.panes.bits.weight.heat import index_in_words
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, breakable, button, label

# FP64 has values of a thousand digits; those of BF16 and FP16 are all shown.
LONGEST_VALUE = 160
# As high as heads with buttons.
HEAD_HEIGHT = 28
# Of a value beside its bits.
MOST_CHARACTERS, MOST_CHARACTERS_PROJECTED = 12, 8
MOST_TICKS = 32
PALE = 0.3
WIDTH, WIDTH_PROJECTED = 304, 262
QUANTIZED = ("INT8", "NF4", "FP4 (bitsandbytes)")


class WeightCard(Card):
    """Shows a StoredWeight.

    Signals:
        open_wanted: The StoredWeight that the Bits page is to show.
    """

    open_wanted = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "One weight")
        self._weight: StoredWeight | None = None
        self.set_least_head(HEAD_HEIGHT)
        self.hint = label("Click a cell of the picture, or reach it with the arrow keys.", "fact", wraps=True)
        self.stored = label("", "small")
        self.strip = StillStrip(theme)
        self.value = label("", "", wraps=True)
        self.value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.value.setAccessibleName("Stored value")
        self._inside = QWidget()
        inside = in_column(self.stored, self.strip, self.value, gap=4, of=self._inside)
        self.rows = {name: _Quantized(theme, name) for name in QUANTIZED}
        for row in self.rows.values():
            divider = QFrame()
            divider.setProperty("role", "divider")
            inside.addSpacing(4)
            inside.addWidget(divider)
            inside.addSpacing(2)
            inside.addWidget(row)
        self.open = button("Open in Bits", theme, "squares-four", "primary")
        self.open.setToolTip("Puts this weight on the Bits page, with INT8, NF4 and FP4 at these scales")
        self.open.clicked.connect(lambda: self.open_wanted.emit(self._weight))
        self.body.addWidget(self.hint)
        self.body.addWidget(self._inside)
        self.body.addStretch(1)
        self.body.addWidget(self.open)
        theme.follow(self._restyle)

    @property
    def weight(self) -> StoredWeight | None:
        return self._weight

    def show_weight(self, weight: StoredWeight | None) -> None:
        self._weight = weight
        self.hint.setVisible(weight is None)
        self._inside.setVisible(weight is not None)
        self.open.setEnabled(weight is not None)
        if weight is None:
            self.scope.setText("")
            return
        format_ = weight.tensor.format
        assert format_ is not None
        self.scope.setText(index_in_words(weight.tensor, weight.place))
        kind = format_.decode(weight.code).number_class
        facts = [f"Stored as {format_.name}", f"hex {weight.code:0{format_.hex_digits}X}"]
        facts += [kind.value] if kind is not NumberClass.NORMAL else []
        self.stored.setText(", ".join(facts))
        self.strip.show_code(format_, weight.code)
        text = value_text(weight.number)
        if len(text) > LONGEST_VALUE:
            text = f"about {significant(weight.number, 17)}"
        self.value.setText(breakable(text))
        for made in weight.requantized:
            self.rows[made.name].show_result(made, weight)

    def _restyle(self) -> None:
        self.value.setFont(self.theme.font("body", weight=500, mono=True))
        self.setFixedWidth(self.theme.px(WIDTH_PROJECTED if self.theme.projector else WIDTH))
        room = self.width() - self.theme.px(32)
        for strip in (self.strip, *(row.strip for row in self.rows.values())):
            strip.set_room(room)
        self.show_weight(self._weight)


class _Quantized(QWidget):
    """One format: its name and absmax, its bits with the value they stand for, and the error."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.name = label("FP4" if name.startswith("FP4") else name, "medium")
        self.name.setToolTip(name)
        self.scope = ElidedLabel("", "fact")
        self.strip = StillStrip(theme)
        self.value = label("")
        self.levels = _Levels(theme)
        self.error = label("", "fact", wraps=True)
        middle = in_row(self.strip, (self.value, 1), gap=10)
        in_column(in_row(self.name, (self.scope, 1), gap=8), middle, self.levels, self.error, gap=3, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.value.setFont(self._theme.font("body", weight=500, mono=True))

    def show_result(self, made: Requantized, weight: StoredWeight) -> None:
        what = f"{'row' if made.is_row else 'block'} of {made.extent.count}"
        absmax = "" if made.absmax is None else f", absmax {significant(Number.of(made.absmax), 4)}"
        self.scope.set_text(what + absmax)
        inspection = made.inspection
        has_code = inspection is not None and inspection.code is not None and inspection.decoded is not None
        self.strip.setVisible(has_code)
        self.value.setVisible(has_code)
        self.levels.setVisible(has_code and not self._theme.projector)
        if inspection is None or inspection.code is None or inspection.decoded is None:
            self.error.setText(made.note or (inspection.note if inspection else ""))
            return
        self.strip.show_code(inspection.format, inspection.code)
        self.levels.show_levels(inspection)
        characters = MOST_CHARACTERS_PROJECTED if self._theme.projector else MOST_CHARACTERS
        self.value.setText(value_text(inspection.decoded.number, characters))
        self.error.setText(_error_in_words(inspection))


def _error_in_words(inspection: Inspection) -> str:
    error = inspection.error
    if error is None or inspection.is_exact:
        return "Exact" if inspection.is_exact else inspection.note
    share = "" if error.relative is None else f", {float(100 * error.relative):.3g} % of the weight"
    return f"Error {scientific(error.signed, signed=True)}{share}"


class _Levels(Canvas):
    """All values that the format has at this scale, the one that is taken, and a needle at the weight itself."""

    SIZE, LEAST = (120, 20), (60, 20)
    GROWS = (True, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._inspection: Inspection | None = None

    def show_levels(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self.setToolTip(
            "The values of the format at this scale; the needle is the weight, the long mark is what it becomes"
        )
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        inspection = self._inspection
        if inspection is None or inspection.decoded is None or inspection.decoded.value is None:
            return
        theme, px, entry = self._theme, self._theme.px, inspection.format
        painter = QPainter(self)
        edge = px(4)
        end = max(abs(entry.value_at(0)), entry.value_at(entry.value_count - 1))
        middle, half = self.width() / 2, self.width() / 2 - edge

        def x_of(value: Fraction) -> float:
            return middle + float(value / end) * half

        base, high = self.height() - px(3), px(7)
        color = theme.color("bits.integer" if isinstance(entry, IntegerFormat) else "bits.index")
        painter.setPen(QPen(theme.color("border.control"), 1))
        painter.drawLine(QPointF(edge, base), QPointF(self.width() - edge, base))
        pale = QColor(color)
        pale.setAlphaF(PALE)
        if entry.value_count > MOST_TICKS:  # they would touch
            painter.fillRect(QRectF(x_of(entry.value_at(0)), base - high, 2 * half, high), pale)
        else:
            painter.setPen(QPen(color, 1))
            for ordinal in range(entry.value_count):
                x = round(x_of(entry.value_at(ordinal))) + 0.5
                painter.drawLine(QPointF(x, base - high), QPointF(x, base))
        painter.setPen(QPen(color, 3))
        x = x_of(inspection.decoded.value)
        painter.drawLine(QPointF(x, base - px(12)), QPointF(x, base))
        if inspection.given.value is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = x_of(max(-end, min(end, inspection.given.value)))
        painter.setPen(QPen(theme.color("text.primary"), 1.2))
        painter.drawLine(QPointF(x, px(4)), QPointF(x, base + 1))
        painter.setBrush(theme.color("text.primary"))
        painter.setPen(Qt.PenStyle.NoPen)
        side = px(3)
        painter.drawPolygon(QPolygonF([QPointF(x - side, 0), QPointF(x + side, 0), QPointF(x, px(5))]))
