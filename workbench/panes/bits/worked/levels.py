"""The table of a codebook: its levels by value, the boundaries between them, and the chosen line."""

from fractions import Fraction

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QWheelEvent

from workbench.core.bits.codebook_workings import boundary
from workbench.core.bits.digits import rounded
from workbench.core.figures import MINUS
from workbench.numerics.codebook import Codebook
from workbench.numerics.number import Number
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.scale import exact_decimal_to
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

LEFT, RIGHT, MIDDLE = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
LEAST_ROW, MOST_ROW = 13, 26
WHEEL_STEP = 120


class LevelTable(Canvas):
    """Levels from the highest to the lowest; a click takes one."""

    GROWS = (False, True)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme, "Table of levels")
        self._model = model
        self._scrolled = 0
        self._scale = 1.0
        self._shown: tuple[Codebook, int | None] | None = None
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def _format(self) -> Codebook:
        format_ = self._model.row.format
        assert isinstance(format_, Codebook)
        return format_

    def refresh(self) -> None:
        """Shows the selected row, which has to be a codebook."""
        shown = (self._format, self._model.row.code)
        if shown != self._shown:
            self._shown, self._scrolled = shown, 0
            self.update()

    def chosen(self) -> int | None:
        """The ordinal of the stored level."""
        return None if self._model.row.code is None else self._format.ordinal_of(self._model.row.code)

    def _written(self, value: Fraction, decimals: int) -> str:
        """With the same decimals, so that the points stand below each other; tables of another size in digits."""
        largest = max(abs(self._format.value_at(0)), abs(self._format.value_at(self._format.value_count - 1)))
        if not Fraction(1, 10) <= largest < 100:
            return rounded(Number.of(value), decimals)
        return ("" if value >= 0 else MINUS) + exact_decimal_to(abs(value), decimals)

    def set_scale(self, scale: float) -> None:
        """Writes it so much larger."""
        if scale != self._scale:
            self._scale = scale
            self.update()

    def _caption(self, *, mono: bool = False) -> QFont:
        font = self._theme.font("caption", mono=mono)
        font.setPixelSize(round(self._theme.size("font.caption") * self._scale))
        return font

    # -- geometry -----------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(round(self._edges()[3]) + self._theme.px(6), self._theme.px(200))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.sizeHint().width(), self._theme.px(80))

    def _edges(self) -> tuple[float, float, float, float]:
        """Where the codes begin and end, and the right edges of levels and boundaries."""
        px, bits = self._theme.px, self._format.bits
        figure = QFontMetricsF(self._caption(mono=True)).horizontalAdvance("0")
        code = px(8) + figure * max(bits, 4)
        level = code + figure * 10 + px(10)
        return float(px(8)), code, level, level + px(26) + figure * 8

    def _head(self) -> int:
        return round(self._theme.px(16) * self._scale)

    def _row_height(self) -> float:
        room = (self.height() - self._head() - 2) / self._format.value_count
        return min(float(self._theme.px(MOST_ROW)), max(float(self._theme.px(LEAST_ROW)), room))

    def first_shown(self) -> int:
        """How many of the highest levels are scrolled away."""
        shown = max(1, int((self.height() - self._head() - 2) / self._row_height() + 0.01))
        last = max(0, self._format.value_count - shown)
        chosen = self.chosen()
        place = 0 if chosen is None else self._format.value_count - 1 - chosen
        return min(max(0, place - shown // 2 + self._scrolled), last)

    def row_box(self, ordinal: int) -> QRectF:
        place = self._format.value_count - 1 - ordinal - self.first_shown()
        high = self._row_height()
        return QRectF(0, self._head() + place * high, self.width(), high)

    # -- pointer ------------------------------------------------------------------------------------------------------

    def ordinal_at(self, point: QPointF) -> int | None:
        if point.y() < self._head():
            return None
        place = int((point.y() - self._head()) // self._row_height()) + self.first_shown()
        ordinal = self._format.value_count - 1 - place
        return ordinal if 0 <= ordinal < self._format.value_count else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        ordinal = self.ordinal_at(event.position())
        if ordinal is not None and self.rect().contains(event.position().toPoint()):
            self._model.set_code(self._model.selected, self._format.code_at(ordinal))

    def wheelEvent(self, event: QWheelEvent) -> None:
        before = self.first_shown()
        self._scrolled -= round(event.angleDelta().y() / WHEEL_STEP * 3)
        if self.first_shown() == before:
            self._scrolled += round(event.angleDelta().y() / WHEEL_STEP * 3)
        self.update()
        event.accept()

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, format_ = self._theme, self._format
        painter = QPainter(self)
        mono = self._caption(mono=True)
        mono.setPixelSize(min(mono.pixelSize(), max(8, int(self._row_height() - 2))))
        px, wide = theme.px, self.width()
        ends = self._edges()
        painter.setFont(self._caption())
        painter.setPen(theme.color("text.tertiary"))
        head = QRectF(0, 0, wide, self._head() - 2)
        painter.drawText(head.adjusted(ends[0], 0, 0, 0), LEFT | MIDDLE, "code")
        painter.drawText(QRectF(0, 0, ends[2], head.height()), RIGHT | MIDDLE, "level")
        painter.drawText(QRectF(0, 0, ends[3], head.height()), RIGHT | MIDDLE, "boundary")
        chosen = self.chosen()
        for ordinal in range(format_.value_count):
            box = self.row_box(ordinal)
            if box.top() < self._head() - 1 or box.bottom() > self.height() + 1:
                continue
            self._paint_row(painter, ordinal, box, mono, ends, is_chosen=ordinal == chosen)
        for ordinal in range(format_.value_count - 1):
            box = self.row_box(ordinal)
            if self._head() + 1 < box.top() < self.height() - px(5):
                is_edge = chosen in (ordinal, ordinal + 1)
                self._paint_boundary(painter, ordinal, box.top(), mono, ends, is_edge=is_edge)

    def _paint_row(
        self, painter: QPainter, ordinal: int, box: QRectF, mono: QFont, ends: tuple[float, ...], *, is_chosen: bool
    ) -> None:
        theme, format_ = self._theme, self._format
        code = format_.code_at(ordinal)
        if is_chosen:
            assert self._model.row.code is not None
            code = self._model.row.code
            painter.fillRect(QRectF(0, box.top(), ends[2] + theme.px(6), box.height()), theme.color("surface.selected"))
            painter.fillRect(QRectF(0, box.top(), 3, box.height()), theme.color("accent.line"))
        font = QFont(mono)
        font.setWeight(QFont.Weight(700 if is_chosen else 400))
        painter.setFont(font)
        painter.setPen(theme.color("bits.index" if is_chosen else "text.secondary"))
        painter.drawText(box.adjusted(ends[0], 0, 0, 0), LEFT | MIDDLE, f"{code:0{format_.bits}b}")
        painter.setPen(theme.color("text.primary" if is_chosen else "text.secondary"))
        value = self._written(format_.value_at(ordinal), 7)
        painter.drawText(QRectF(0, box.top(), ends[2], box.height()), RIGHT | MIDDLE, value)

    def _paint_boundary(
        self, painter: QPainter, ordinal: int, y: float, mono: QFont, ends: tuple[float, ...], *, is_edge: bool
    ) -> None:
        """Between two levels: at the edge of the chosen one it is strong."""
        theme = self._theme
        text = self._written(boundary(self._format, ordinal), 5)
        painter.setFont(mono)
        painter.setPen(theme.color("text.primary" if is_edge else "text.tertiary"))
        high = self._row_height()
        painter.drawText(QRectF(0, y - high / 2, ends[3], high), RIGHT | MIDDLE, text)
        start = ends[2] + theme.px(6)
        end = ends[3] - QFontMetricsF(mono).horizontalAdvance(text) - theme.px(5)
        color = theme.color("text.primary" if is_edge else "border.control")
        painter.fillRect(QRectF(start, round(y), max(2.0, end - start), 1), color)
