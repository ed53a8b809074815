"""The selected row worked out: its bits with numbers and weights, the equation, a sentence, neighbours."""

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent

from workbench.core.bits.format_facts import format_facts
from workbench.core.bits.work_out import workings_of
from workbench.core.bits.workings import Workings
from workbench.numerics.codebook import Codebook
from workbench.panes.bits.rows.strip import BitStrip
from workbench.panes.bits.shown.card import BitsCard
from workbench.panes.bits.shown.letters import LetterCase, soon
from workbench.panes.bits.shown.model import BitsModel, BitsRow
from workbench.panes.bits.worked.facts import FactsPicture
from workbench.panes.bits.worked.fields import NUMBERS, FieldsPicture
from workbench.panes.bits.worked.levels import LevelTable
from workbench.panes.bits.worked.worked_fit import WRAPPED, Fit, fit_in
from workbench.panes.charts.bit_cells import POINT_ROOM, RING_ROOM, CellSize
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import button
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.in_sight import RefreshedInSight

SCOPE = "click a bit, or arrow keys and space"
SIDE_WIDTH = 180  # of the facts where they stand beside the workings
LOW_WIDTH, LOW_WIDTH_OF_FEW, LOW_HEIGHT = 720, 520, 236
NARROW = 380  # with less than this the facts stand in two lines
# A card that is larger than the drawing is written larger, up to this many times.
DRAWN_WIDTH, DRAWN_HEIGHT, MOST_SCALE = 620, 300, 1.5
MOST_LEVEL_SCALE = 1.3
TALL = 400  # from here on there is room for the facts of the format too
LEAST_CELL = 10


class WorkedView(RefreshedInSight, Canvas):
    """Paints the workings around the strip of the selected row; codebooks have their table at the right."""

    SIZE, LEAST = (560, 240), (300, 150)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Worked out")
        self._model = model
        self.strip = BitStrip(theme, model, is_large=True, above=NUMBERS)
        self.strip.setParent(self)
        self.levels = LevelTable(theme, model)
        self.levels.setParent(self)
        self.workings = Workings("")
        self._letters = LetterCase(theme)
        self._soon = soon(self, lambda: self.setAccessibleDescription(self.workings.text))
        self._shown: tuple[BitsRow, object] | None = None
        self._sentence_box = QRectF()
        self._is_cut = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.strip.laid_out.connect(self._place)
        theme.changed.connect(self._place)
        model.changed.connect(self.refresh_in_sight)
        self.refresh()

    # -- following the model ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        row = self._model.row
        shown = (row, self._model.rounding)
        if shown == self._shown:
            return
        before = self._shown[0] if self._shown else None
        self._shown = shown
        self.strip.setAccessibleName(f"Bits of {row.format.name}, worked out")
        self.workings = workings_of(row.inspection, None if row.is_locked else self._model.rounding)
        self._soon.start()
        is_moved = before is None or before.format != row.format or (before.code is None) is not (row.code is None)
        if is_moved:
            self._place()
        if self.has_levels:
            self.levels.refresh()
            self.update(0, 0, self.levels.x(), self.height())  # the table sees to itself
        else:
            self.update()

    @property
    def has_levels(self) -> bool:
        return isinstance(self._model.row.format, Codebook)

    # -- geometry -----------------------------------------------------------------------------------------------------

    @property
    def _is_low(self) -> bool:
        """Whether there is more room beside the workings than below them."""
        px = self._theme.px
        least = LOW_WIDTH_OF_FEW if self.has_levels else LOW_WIDTH
        return self.width() - self._levels_width() >= px(least) and self.height() < px(LOW_HEIGHT)

    def _levels_width(self) -> int:
        return self.levels.sizeHint().width() + self._theme.px(18) if self.has_levels else 0

    def _text_width(self) -> float:
        beside = self._theme.px(SIDE_WIDTH + 16) if self._is_low else 0
        return float(self.width() - 3 - self._levels_width() - beside)

    @property
    def _scale(self) -> float:
        wide = self._text_width() / self._theme.px(DRAWN_WIDTH)
        high = self.height() / self._theme.px(DRAWN_HEIGHT)
        return max(1.0, min(MOST_SCALE, high, wide if not self.has_levels else high))

    def _cell_width(self, room: int) -> int:
        """Of cells that leave 32 bits and the hidden one in one line."""
        size = CellSize.large(self._theme, self._scale)
        cells = min(32, self._model.row.format.bits) + 1
        fitting = (room - 2 * RING_ROOM - POINT_ROOM - 2 * size.field_gap) // cells - size.gap
        return min(size.width, max(self._theme.px(LEAST_CELL), fitting))

    def _place(self) -> None:
        """Puts strip and table where they belong for this format."""
        self.strip.setVisible(self._model.row.code is not None)
        room = round(self._text_width()) + 3
        self.strip.set_room(room, self._cell_width(room), self._scale)
        hint = self.strip.sizeHint()
        self.strip.setGeometry(0, 0, hint.width(), hint.height())
        self.levels.setVisible(self.has_levels)
        if self.has_levels:
            self.levels.set_scale(min(MOST_LEVEL_SCALE, self._scale))
            wide = self.levels.sizeHint().width()
            self.levels.setGeometry(self.width() - wide, 0, wide, self.height())
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self.refresh_once()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self._theme.color("surface.card"))
        theme, workings, width = self._theme, self.workings, self._text_width()
        code = self._model.row.code
        y, left = 0.0, 3.0
        fields = None
        if code is not None:
            cells = self.strip.cells
            fields = FieldsPicture(theme, self._letters, workings, cells, code, width, scale=self._scale)
            fields.paint(painter, QPointF(self.strip.pos()))
            y = self.strip.cells.height + fields.height
        side = float(theme.px(SIDE_WIDTH))
        facts: FactsPicture | None = self._facts(side if self._is_low else width - left)
        low = 0.0 if self._is_low or facts is None else facts.height
        fit = self._fit(width, self.height() - y - low)
        if fit.height > self.height() - y - low and not self._is_low:  # what is stored goes before what is beside it
            facts, low = None, 0.0
            fit = self._fit(width, self.height() - y)
        most = theme.px(5) * self._scale**4
        spare = max(0.0, min(most, (self.height() - y - low - fit.height - 1) / 4.3))
        gap = fit.gap + spare
        if fields:
            y = self._divide(painter, y + gap, width) + gap * 0.7
        fit.equation.paint(painter, left, y)
        y += fit.equation.height + gap * 0.4
        room = self.height() - low - (0 if self._is_low else 2 * gap) - y
        self._paint_sentence(painter, QRectF(left, y, width - left, max(0.0, min(fit.sentence_height, room))), fit)
        if self._is_low and facts is not None:
            painter.fillRect(QRectF(round(width + theme.px(12)), 0, 1, self.height()), theme.color("border.divider"))
            facts.paint(painter, width + theme.px(24), float(theme.px(4)))
        elif facts is not None:
            self._divide(painter, self.height() - low - gap, width)
            facts.paint(painter, left, self.height() - low)

    def _fit(self, width: float, room: float) -> Fit:
        """The roomiest way that fits."""
        gaps = 2.2 if self._is_low else 4.2
        return fit_in(self._theme, self._letters, self.workings, width - 3, room, gaps=gaps, scale=self._scale)

    def _divide(self, painter: QPainter, y: float, width: float) -> float:
        painter.fillRect(QRectF(3, round(y), width - 3, 1), self._theme.color("border.divider"))
        return y + 1

    def _paint_sentence(self, painter: QPainter, box: QRectF, fit: Fit) -> None:
        """Whole where there is room, else as many lines as there are and an ellipsis."""
        theme, sentence = self._theme, self.workings.sentence
        letters = fit.letters
        metrics = letters.metrics
        self._is_cut = metrics.boundingRect(box, WRAPPED, sentence).height() > box.height() + 2
        words = sentence.split()
        while self._is_cut and words:
            words.pop()
            sentence = " ".join(words) + " \u2026"
            if metrics.boundingRect(box, WRAPPED, sentence).height() <= box.height() + 2:
                break
        painter.setFont(letters.font)
        painter.setPen(theme.color("text.secondary"))
        painter.drawText(box, WRAPPED, sentence)
        self._sentence_box = box

    def _facts(self, width: float) -> FactsPicture:
        """Below the workings; beside a table without the neighbours, which stand in it."""
        facts = self.workings.facts[2:] if self.has_levels else self.workings.facts
        if self.height() >= self._theme.px(TALL):
            facts = (*facts, *format_facts(self._model.row.format))
        is_narrow = self.has_levels or width < self._theme.px(NARROW)
        columns = 1 if self._is_low else 2 if is_narrow else 4
        return FactsPicture(self._theme, self._letters, facts, columns, width, scale=self._scale)

    def tip_at(self, at: QPointF) -> str | None:
        return self.workings.sentence if self._is_cut and self._sentence_box.contains(at) else ""


class WorkedCard(BitsCard):
    """The workings of the selected row, with a button that copies them.

    Signals:
        conversions_wanted: What becomes of the number on its way through another format.
    """

    conversions_wanted = Signal()

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Worked out", SCOPE)
        self._model = model
        self.conversions = button("Conversions", theme, "swap", "flat")
        self.conversions.setToolTip("The number on its way through another format")
        self.conversions.clicked.connect(self.conversions_wanted)
        self.copy = copy_button(theme, lambda: self.text, "Copies the workings as text")
        self.add_to_head(self.conversions)
        self.add_to_head(self.copy)
        self.view = WorkedView(theme, model)
        self.set_margins(11, 0, 14, 9)
        self.body.addWidget(self.view)
        model.changed.connect(self._name)
        self._name()

    @property
    def text(self) -> str:
        """What Copy copies."""
        self.view.refresh()
        return self.view.workings.text

    def _name(self) -> None:
        name = self._model.row.format.name
        self.rename(f"{name}, worked out", name)
