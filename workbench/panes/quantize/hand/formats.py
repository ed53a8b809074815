"""The same numbers in every format: how far each is off, and what it takes."""

from dataclasses import replace

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.quantized.steps import FORMATS, Steps, work_out
from workbench.numerics.rounding import Rounding
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.words import TITLES, bits_words, fixed

ROW = 28
NAME, ERROR, BITS = 112, 66, 62  # the drawn widths of the columns; the bar has the rest
MEAN_DECIMALS = 4
FLAGS = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class FormatBars(QWidget):
    """A row a format: name, mean error as a bar and as a number, bits per number. Reckoned where it is seen."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__()
        self._theme, self._model = theme, model
        self._is_dirty = True
        self.made: dict[str, Steps] = {}
        self.setAccessibleName("Mean error by format")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)
        model.changed.connect(self._refresh)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._theme.px(ROW * (len(FORMATS) + 1)))

    def _refresh(self) -> None:
        self._is_dirty = True
        if self.isVisible():
            self._work_out()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_dirty:
            self._work_out()

    def _work_out(self) -> None:
        self._is_dirty = False
        model = self._model
        for name in FORMATS:
            method = replace(model.method, format=name, stretch=1.0, shift=0)
            if method.rounding not in method.roundings:
                method = replace(method, rounding=Rounding.NEAREST_EVEN)
            self.made[name] = work_out(model.values, model.rows, method)
        told = (f"{TITLES[name]} {self._error(steps)}" for name, steps in self.made.items())
        self.setAccessibleDescription(", ".join(told))
        self.update()

    def _error(self, steps: Steps) -> str:
        return fixed(steps.measures.mean_abs_error, MEAN_DECIMALS)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, px = self._theme, self._theme.px
        high, pad = self.height() / (len(FORMATS) + 1), px(14)
        bar = QRectF(pad + px(NAME), 0, self.width() - 2 * pad - px(NAME + ERROR + BITS), high)
        error, bits = bar.right(), bar.right() + px(ERROR)
        for left, wide, words in ((error, px(ERROR), "mean error"), (bits, px(BITS), "bits each")):
            self._words(painter, QRectF(left, 0, wide, high), words, "caption", "text.tertiary", is_right=True)
        largest = max((steps.measures.mean_abs_error for steps in self.made.values()), default=0.0)
        for place, (name, steps) in enumerate(self.made.items()):
            row = QRectF(0, (place + 1) * high, self.width(), high)
            is_own = name == self._model.method.format
            if is_own:
                painter.fillRect(row, theme.color("surface.selected"))
                painter.fillRect(QRectF(0, row.top(), 3, high), theme.color("accent.line"))
            painter.setPen(QPen(theme.color("border.divider"), 1))
            painter.drawLine(row.topLeft(), row.topRight())
            color = "text.primary" if is_own else "text.secondary"
            self._words(painter, QRectF(pad, row.top(), px(NAME), high), TITLES[name], "body", color)
            share = steps.measures.mean_abs_error / largest if largest > 0 else 0.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color(steps.method.quantizer.color))
            thick = px(8)
            painter.drawRoundedRect(
                QRectF(bar.left(), row.center().y() - thick / 2, max(1.0, share * bar.width()), thick), 2, 2
            )
            box = QRectF(error, row.top(), px(ERROR), high)
            self._words(painter, box, self._error(steps), "body", "text.primary", is_right=True)
            box = QRectF(bits, row.top(), px(BITS), high)
            self._words(painter, box, bits_words(steps)[0], "body", "text.secondary", is_right=True)

    def _words(
        self, painter: QPainter, box: QRectF, text: str, role: str, color: str, *, is_right: bool = False
    ) -> None:
        font = self._theme.font(role)
        painter.setFont(font)
        painter.setPen(self._theme.color(color))
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, side | FLAGS, shown)


class FormatsCard(Card):
    """What the other formats would have made of the numbers, with the same blocks and clipping."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "Every format", "the same numbers, each with its own scale")
        self.bars = FormatBars(theme, model)
        self.set_margins(1, 0, 1, 6)
        self.body.addWidget(self.bars)
