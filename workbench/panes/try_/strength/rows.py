"""Answers to one prompt by strength: each with its mix of base and tuned, and the words that strength 0 did not say."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QResizeEvent

from workbench.core.chat.strengths import NEAREST
from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.canvas import CanvasArea, write_line, write_notice
from workbench.panes.charts.cell_map import Pointed
from workbench.panes.charts.marked_text import MarkedText
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.controls import fill
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.try_.strength.words import AtStrength

# Pixels of the drawing: a row's least height, where its text begins and ends, and the bar of its mix.
LEAST_ROW, LEFT, TEXT, FIGURES, ABOVE = 60, 14, 94, 118, 12
MIX_WIDE, MIX_HIGH, PITCH = 52, 4, 19
CARET = (7, 14)


class StrengthRows(Pointed[int], CanvasArea):
    """A row is chosen by a click or by the arrows.

    Signals:
        chose: The strength of the row that a hand has chosen.
    """

    chose = Signal(float)
    LEAST = (260, 120)
    empty_words = "The answers stand here, from the base model at strength 0 to the adapter as it was trained at 1."

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Answers by strength")
        self.answers: Sequence[AtStrength] = ()
        self.chosen = -1
        self._texts: list[MarkedText] = []
        self._tops: list[float] = []
        self._height = 0.0
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    def show_answers(self, answers: Sequence[AtStrength]) -> None:
        """Shows answers from the least strength; they may have grown since they were shown."""
        self.answers = answers
        self.chosen = min(self.chosen, len(answers) - 1)
        self._lay_out()
        self._describe()

    def choose_strength(self, strength: float) -> None:
        """Chooses the row of a strength, where there is one, without telling it."""
        found = (place for place, entry in enumerate(self.answers) if abs(entry.strength - strength) < NEAREST)
        self.chosen = next(found, -1)
        self._describe()
        self.viewport().update()

    def _describe(self) -> None:
        is_chosen = 0 <= self.chosen < len(self.answers)
        self.setAccessibleDescription(self.answers[self.chosen].sentence() if is_chosen else "")

    # -- sizes ---------------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        self._lay_out()
        super()._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self._theme.px(LEAST_ROW) * 5)

    def _lay_out(self) -> None:
        px, font = self._theme.px, self._theme.font()
        pitch = max(px(PITCH), QFontMetricsF(font).height())
        wide = self.viewport().width() - px(TEXT) - px(FIGURES)
        self._texts = [MarkedText(entry.text, entry.marks.runs, font, wide, pitch) for entry in self.answers]
        spare = self.viewport().height() / max(1, len(self.answers))
        highs = [max(px(LEAST_ROW), text.height + 2 * px(ABOVE)) for text in self._texts]
        if sum(highs) < self.viewport().height():  # rows share what room there is
            highs = [max(high, min(spare, px(72))) for high in highs]
        self._tops = [sum(highs[:place]) for place in range(len(highs) + 1)]
        self._height = self._tops[-1]
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, round(self._height) - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(round(pitch))
        self.viewport().update()

    def box_of(self, row: int) -> QRectF:
        """Where a row stands in the viewport."""
        top = self._tops[row] - self.verticalScrollBar().value()
        return QRectF(0, top, self.viewport().width(), self._tops[row + 1] - self._tops[row])

    # -- painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self.viewport())
        whole = QRectF(self.viewport().rect())
        if not self.answers:
            write_notice(painter, theme, whole.adjusted(theme.px(24), 0, -theme.px(24), 0), self.empty_words)
        for row in range(len(self.answers)):
            box = self.box_of(row)
            if box.intersects(QRectF(event.rect())):
                self._paint_row(painter, box, row)
        if self.has_ring:
            paint_ring(painter, theme, whole.adjusted(1, 1, -1, -1), 4)

    def _paint_row(self, painter: QPainter, box: QRectF, row: int) -> None:
        theme, px, entry = self._theme, self._theme.px, self.answers[row]
        if row == self.chosen:
            fill(painter, box, theme.color("surface.selected"))
            fill(painter, QRectF(box.left(), box.top(), px(3), box.height()), theme.color("accent.line"))
        if row:
            fill(painter, QRectF(box.left(), round(box.top()), box.width(), 1), theme.color("border.divider"))
        self._paint_mix(painter, box, entry.strength)
        text = self._texts[row]
        at = QPointF(box.left() + px(TEXT), box.top() + (box.height() - text.height) / 2)
        if entry.text:
            text.paint(painter, at, theme.color("text.primary"), theme.color("curves.tuned"))
        if entry.stage == "answering":
            wide, high = px(CARET[0]), px(CARET[1])
            end = text.end()
            fill(painter, QRectF(at.x() + end.x() + 2, at.y() + end.y() + 2, wide, high), theme.color("curves.tuned"))
        self._paint_figures(painter, box, entry)

    def _paint_mix(self, painter: QPainter, box: QRectF, strength: float) -> None:
        """The strength as a figure, and below it how much of the base and of the adapter is in it."""
        theme, px = self._theme, self._theme.px
        font = theme.font("figure", weight=600)
        high = QFontMetricsF(font).height()
        top = box.center().y() - (high + px(MIX_HIGH + 3)) / 2
        left, wide = box.left() + px(LEFT), px(MIX_WIDE)
        room = QRectF(left, top, px(TEXT - LEFT - 6), high)
        write_line(painter, theme, room, f"{strength:.2f}", font, "text.primary")
        share = min(1.0, strength)
        bar = QRectF(left, round(top + high + px(3)), wide, px(MIX_HIGH))
        paint_bar(painter, bar, theme.color("curves.base" if share < 1 else "curves.tuned"))
        if 0 < share < 1:
            paint_bar(painter, bar.adjusted(wide * (1 - share), 0, 0, 0), theme.color("curves.tuned"))
        if strength > 1:  # more of the adapter than was trained: the bar goes on
            more = min(px(TEXT - LEFT - MIX_WIDE - 8), round(wide * (strength - 1)))
            paint_bar(painter, QRectF(bar.right() + 2, bar.top(), more, bar.height()), theme.color("curves.tuned"))

    def _paint_figures(self, painter: QPainter, box: QRectF, entry: AtStrength) -> None:
        theme, px = self._theme, self._theme.px
        figure, of = entry.figure()
        lines = [entry.counted_tokens()]
        if entry.marks.is_wholly_different:
            lines.append("wholly different")
        plain, strong = theme.font("small"), theme.font("small", weight=600)
        high = QFontMetricsF(plain).height() + px(2)
        count = len(lines) + bool(figure)
        top = box.center().y() - count * high / 2
        right = box.right() - px(LEFT)
        room = QRectF(right - px(FIGURES - LEFT - 6), top, px(FIGURES - LEFT - 6), high)
        side = Qt.AlignmentFlag.AlignRight
        if figure:
            write_line(painter, theme, room, of, plain, "text.secondary", side)
            beside = room.adjusted(0, 0, -QFontMetricsF(plain).horizontalAdvance(f" {of}"), 0)
            write_line(painter, theme, beside, figure, strong, "text.primary", side)
            room.translate(0, high)
        for words in lines:
            write_line(painter, theme, room, words, plain, "text.secondary", side)
            room.translate(0, high)

    # -- choosing ------------------------------------------------------------------------------------------------------

    def cell_at(self, at: QPointF) -> int | None:
        return next((row for row in range(len(self.answers)) if self.box_of(row).contains(at)), None)

    def tip_at(self, at: QPointF) -> str | None:
        row = self.cell_at(at)
        answered = self.answers[row].answered if row is not None else None
        if answered is None:
            return ""
        adapter = f"adapter {answered.adapter_sha256[:12]}" if answered.adapter_sha256 else "no adapter at work"
        return f"Base {answered.base_hash[:12]}, {adapter}, strength {answered.strength:g}."

    def cell_after(self, step: Step) -> int | None:
        if not self.answers or not (step.down or step.ends or step.pages):
            return None
        count = len(self.answers)
        return clamped(self.chosen + step.down + step.pages + step.ends * count, count)

    def choose_by_hand(self, cell: int) -> None:
        self.chosen = cell
        box, high = self.box_of(cell), self.viewport().height()
        bar = self.verticalScrollBar()
        if box.top() < 0:
            bar.setValue(bar.value() + round(box.top()))
        elif box.bottom() > high:
            bar.setValue(bar.value() + round(box.bottom()) - high)
        self._describe()
        self.viewport().update()
        self.chose.emit(self.answers[cell].strength)
