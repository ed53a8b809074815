"""The number through another format: rounded twice beside once, and what a stored value becomes elsewhere."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.numerics.number_format import NumberFormat
from workbench.panes.bits.conversions.conversion_words import Step, by_way_of, dropped_bits, into_others
from workbench.panes.bits.rows.still import StillStrip
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, button, label
from workbench.panes.parts.in_sight import RefreshedInSight

LEFT, RIGHT, MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
ROW, MOST_ROW, HEAD = 30, 44, 26
HEX = "Hex"
BELOW = 230  # for the sentence and the bits
# Right of a tie of FP16 by less than FP32 can tell: straight 0x3C01, by way of FP32 or FP64 in 32 bits 0x3C00.
EXAMPLE = "1+2^-11+2^-40"
EXAMPLE_FORMAT = "FP16"


class StepTable(Canvas):
    """Rows of steps in four columns, those that lose something marked by a word and an icon."""

    GROWS = (True, False)

    def __init__(self, theme: Theme, heads: tuple[str, str, str, str]) -> None:
        super().__init__(theme)
        self._heads = heads
        self.steps: list[Step] = []
        self._room = 0

    def show_steps(self, steps: Sequence[Step], heads: tuple[str, str, str, str]) -> None:
        self.steps, self._heads = list(steps), heads
        said = (f"{step.name}: {step.stored} {step.result}, {step.verdict}" for step in steps)
        self.setAccessibleDescription("; ".join(" ".join(words.split()) for words in said))
        self._restyle()

    def set_room(self, height: int) -> None:
        """How high it may become: rows are higher where there is more room than they need."""
        self._room = height
        self._restyle()

    def _row(self) -> int:
        fitting = (self._room - self._theme.px(HEAD)) // max(1, len(self.steps))
        return max(self._theme.px(ROW), min(self._theme.px(MOST_ROW), fitting))

    def _restyle(self) -> None:
        self.setFixedHeight(self._theme.px(HEAD) + len(self.steps) * self._row())
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(480), self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self.height())

    def _columns(self) -> tuple[float, float, float, float, float]:
        """Edges: the name, two figures with their right edges, the verdict; what is left over is between them."""
        px, theme = self._theme.px, self._theme
        fonts = (theme.font("body", weight=500), theme.font("small", mono=True), theme.font("small", mono=True),
                 theme.font("body"))  # fmt: skip
        small, icon = QFontMetricsF(theme.font("small")), px(18) + px(20)
        wanted = []
        for index, font in enumerate(fonts):
            metrics, texts = QFontMetricsF(font), [_texts(step)[index] for step in self.steps]
            wide = max((metrics.horizontalAdvance(text) for text in texts), default=0.0)
            wanted.append(max(wide, small.horizontalAdvance(self._heads[index])) + (icon if index == 3 else px(8)))
        wanted[0] = min(wanted[0], self.width() * 0.3)
        rest = self.width() - px(28) - sum(wanted)
        if rest < 0 and self._heads[1] == HEX:  # it stands in the table of the page too
            rest, wanted[1] = rest + wanted[1], 0.0
        if rest < 0:
            wanted[3] += rest
        share = max(0.0, rest) / 3
        first = px(14) + wanted[0]
        second = first + wanted[1] + share
        third = second + wanted[2] + share
        return px(14), first, second, third, self.width() - px(14)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, painter = self._theme, QPainter(self)
        px, edges = theme.px, self._columns()
        sides = (LEFT, RIGHT, RIGHT, LEFT)
        gap, row = px(18), self._row()
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.secondary"))
        for index, (head, side) in enumerate(zip(self._heads, sides, strict=True)):
            left = edges[index] + (gap if index == 3 else 0)
            self._words(painter, QRectF(left, 0, edges[index + 1] - left, px(HEAD)), side, head)
        for place, step in enumerate(self.steps):
            top = px(HEAD) + place * row
            painter.fillRect(QRectF(0, top, self.width(), 1), theme.color("border.divider"))
            color = "status.warn" if step.is_lossy else "text.secondary"
            for index, (text, side) in enumerate(zip(_texts(step), sides, strict=True)):
                is_figure = index in (1, 2)
                words = theme.font("body", weight=500 if index == 0 else 400)
                painter.setFont(theme.font("small", mono=True) if is_figure else words)
                painter.setPen(theme.color(color if index == 3 else "text.primary"))
                left = edges[index] + (gap if index == 3 else 0)
                if index == 3 and step.is_checked:
                    side_px = px(14)
                    icon = theme.icon("warning" if step.is_lossy else "check", color)
                    icon.paint(painter, round(left), round(top + (row - side_px) / 2), side_px, side_px)
                    left += px(20)
                self._words(painter, QRectF(left, top, edges[index + 1] - left, row), side, text)

    def _words(self, painter: QPainter, box: QRectF, side: Qt.AlignmentFlag, text: str) -> None:
        if box.width() < 1:
            return
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()) + 1)
        painter.drawText(box, side | MIDDLE, shown)


def _texts(step: Step) -> tuple[str, str, str, str]:
    return step.name, step.stored, step.result, step.verdict


class _StepCard(Card):
    """A table of steps that scrolls where it must, with a sentence below it."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__(theme, name, "")
        self.table = StepTable(theme, ("", "", "", ""))
        self.table.setAccessibleName(name)
        inside = QWidget()
        self.sentence = label("", "small", wraps=True)
        self.sentence.setMinimumHeight(1)
        self.kept = [StillStrip(theme), StillStrip(theme)]
        self._names = [label("", "medium"), label("", "medium")]
        self._words = in_column(self.sentence)
        for words, strip in zip(self._names, self.kept, strict=True):
            self._words.addWidget(words)
            self._words.addWidget(strip)
        in_column(self.table, self._words, 1, of=inside)
        self._scroll = in_scroll(inside)
        self._scroll.viewport().setAutoFillBackground(False)
        inside.setAutoFillBackground(False)
        self.set_margins(0, 0, 0, 2)
        self.body.addWidget(self._scroll, 1)
        self.show_bits([])
        theme.follow(self._space)

    def _space(self) -> None:
        px = self.theme.px
        self._words.setContentsMargins(px(14), px(10), px(14), px(8))
        self._words.setSpacing(px(6))

    def show_bits(self, codes: Sequence[tuple[NumberFormat, int]]) -> None:
        """The bits of two formats below each other, or of none."""
        for place, (name, strip) in enumerate(zip(self._names, self.kept, strict=True)):
            name.setVisible(place < len(codes))
            strip.setVisible(place < len(codes))
            if place < len(codes):
                name.setText(codes[place][0].name)
                strip.show_code(*codes[place])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for strip in self.kept:
            strip.set_room(self.width() - self.theme.px(34))
        self.table.set_room(self.height() - self.theme.px(BELOW))

    def show_steps(self, title: str, heads: tuple[str, str, str, str], steps: Sequence[Step], sentence: str) -> None:
        self.title.setText(title)
        self.table.show_steps(steps, heads)
        self.sentence.setText(sentence)


class ConversionsView(RefreshedInSight, QWidget):
    """The selected row's format as where the number ends, and as where it comes from.

    Signals:
        closed: Back to the rows.
    """

    closed = Signal()

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self.back = button("Back to the rows", theme, "arrow-left")
        self.back.clicked.connect(self.closed)
        self.words = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self.example = button(f"Try {EXAMPLE}", theme)
        self.example.setToolTip("A number that FP16 gets wrong when it comes by way of FP32")
        self.example.clicked.connect(self.show_example)
        self.through = _StepCard(theme, "By way of another format")
        self.into = _StepCard(theme, "Into another format")
        head = in_row(self.back, (self.words, 1), self.example, gap=theme.px(12))
        cards = in_row((self.through, 1), (self.into, 1), gap=theme.size("space.card_gap"))
        self._outer = in_column(head, (cards, 1), of=self)
        theme.changed.connect(self._restyle)
        model.changed.connect(self.refresh_in_sight)
        self._restyle()

    def _restyle(self) -> None:
        px = self._theme.px
        self._outer.setContentsMargins(px(16), px(10), px(16), px(10))
        self._outer.setSpacing(px(10))

    def show_example(self) -> None:
        """A number that is rounded wrongly when it is rounded twice."""
        names = [format_.name for format_ in self._model.formats]
        if EXAMPLE_FORMAT in names:
            self._model.select(names.index(EXAMPLE_FORMAT))
        self._model.set_text(EXAMPLE)

    def refresh(self) -> None:
        model, name = self._model, self._model.row.format.name
        self.words.set_text(f"{model.text.strip()} and {name}, the row that is selected on the page.")
        self._show(self.through, f"To {name}, by way of", ("Format", "Stored there", f"Then in {name}", ""), by_way_of)
        self._show(self.into, f"From {name} into", ("Format", HEX, "Stored value", ""), into_others)
        dropped, row = dropped_bits(model), model.row
        self.into.show_bits([] if dropped is None or row.code is None else [(row.format, row.code), dropped])

    def _show(
        self,
        card: _StepCard,
        title: str,
        heads: tuple[str, str, str, str],
        steps_of: Callable[[BitsModel], tuple[list[Step], str]],
    ) -> None:
        steps, sentence = steps_of(self._model)
        card.show_steps(title, heads, steps, sentence)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
