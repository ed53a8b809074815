"""The steps as a table: a column a number, a row a step, and the errors as bars below."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy

from workbench.panes.charts.canvas import CanvasArea
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.words import Row, column_words, rows_of

ROW, LEAST_ROW, BARS, LEAST_BARS = 32, 22, 28, 18
NAMES, COLUMN, WIDEST_COLUMN = 142, 62, 140  # the drawn widths: of the names, and of a column
EDGE = 14
SHORT, SHORT_ROW = ("given", "stored", "error"), 25
WIDEST_BAR = 34
# How many of the largest and smallest numbers are measured for the width of all columns.
MEASURED = 12
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine


class StepsTable(CanvasArea):
    """Left and Right, Home and End choose a number, as a click does; many numbers scroll sideways."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "Step by step")
        self._model = model
        self._is_short = False
        self._rows: list[Row] = rows_of(model.steps)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setStyleSheet("QAbstractScrollArea { background: transparent; border: none; }")
        model.changed.connect(self.refresh)
        self.horizontalScrollBar().rangeChanged.connect(self.updateGeometry)
        self._column = COLUMN
        self._chosen = -1
        self.refresh()

    @property
    def rows(self) -> list[Row]:
        return self._rows

    def shorten(self, is_short: bool) -> None:
        """Leaves numbers, what is stored of them, and errors."""
        if is_short != self._is_short:
            self._is_short = is_short
            self.refresh()

    def refresh(self) -> None:
        count = len(self._rows)
        self._rows = [row for row in rows_of(self._model.steps) if row.role in SHORT or not self._is_short]
        self.setAccessibleDescription(column_words(self._model.steps, self._model.chosen))
        if len(self._rows) != count:
            self.updateGeometry()
        self._restyle()
        if self._model.chosen != self._chosen:
            self._chosen = self._model.chosen
            self._into_sight()

    # -- sizes --------------------------------------------------------------------------------------------------------

    def _restyle(self) -> None:
        theme, values = self._theme, self._model.values
        order = np.argsort(values)
        sample = sorted({int(i) for i in (*order[:MEASURED], *order[-MEASURED:])})
        metrics = QFontMetricsF(theme.font("body", weight=600))
        widest = max(metrics.horizontalAdvance(row.text(index)) for row in self._rows for index in sample)
        least = max(theme.px(COLUMN), round(widest) + theme.px(20))
        room = max(1, self.viewport().width() - self._names() - theme.px(EDGE) + theme.px(6))
        self._column = max(least, min(theme.px(WIDEST_COLUMN), room // len(values)))
        over = max(0, self._column * len(values) - room)
        bar = self.horizontalScrollBar()
        bar.setRange(0, over)
        bar.setPageStep(room)
        bar.setSingleStep(self._column)
        self.viewport().update()

    def _names(self) -> int:
        return self._theme.px(NAMES)

    def _into_sight(self) -> None:
        bar, left = self.horizontalScrollBar(), self._column * self._chosen
        room = bar.pageStep()
        if left < bar.value():
            bar.setValue(left)
        elif left + self._column > bar.value() + room:
            bar.setValue(left + self._column - room)

    def sizeHint(self) -> QSize:
        row, bars = (SHORT_ROW, LEAST_BARS) if self._is_short else (ROW, BARS)
        return QSize(self._theme.px(600), self._theme.px(row * len(self._rows) + bars) + self._bar_room())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._theme.px(LEAST_ROW * len(self._rows) + LEAST_BARS) + self._bar_room())

    def _bar_room(self) -> int:
        return self.horizontalScrollBar().sizeHint().height() if self.horizontalScrollBar().maximum() else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()

    def _row_height(self) -> float:
        high = self.viewport().height()
        least = self._theme.px(LEAST_BARS)
        return min(self._theme.px(ROW), (high - least) / len(self._rows))

    def column_box(self, index: int) -> QRectF:
        """Where a number's column is in the viewport."""
        left = self._names() + self._column * index - self.horizontalScrollBar().value()
        return QRectF(left, 0, self._column, self.viewport().height())

    def column_at(self, x: float) -> int | None:
        if x < self._names():
            return None
        index = int((x - self._names() + self.horizontalScrollBar().value()) // self._column)
        return index if 0 <= index < len(self._model.values) else None

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, model = self._theme, self._model
        wide, high, pitch = self.viewport().width(), self.viewport().height(), self._row_height()
        shift = self.horizontalScrollBar().value()
        first = shift // self._column
        last = min(len(model.values), (shift + wide - self._names()) // self._column + 1)
        chosen = self.column_box(model.chosen)
        for place, row in enumerate(self._rows):
            box = QRectF(0, place * pitch, wide, pitch)
            if row.role == "stored":
                painter.fillRect(box, theme.color("surface.inset"))
        painter.save()
        painter.setClipRect(QRectF(self._names(), 0, wide, high))
        painter.fillRect(chosen, theme.color("surface.selected"))
        painter.fillRect(QRectF(chosen.left(), 0, chosen.width(), 3), theme.color("accent.line"))
        for place, row in enumerate(self._rows):
            self._paint_row(painter, row, QRectF(0, place * pitch, wide, pitch), first, last)
        self._paint_bars(painter, QRectF(0, len(self._rows) * pitch, wide, high - len(self._rows) * pitch), first, last)
        painter.restore()
        for place, row in enumerate(self._rows):
            self._paint_name(painter, row, QRectF(0, place * pitch, self._names(), pitch))
        painter.setPen(QPen(theme.color("border.divider"), 1))
        for place in range(len(self._rows) + 1):
            y = round(place * pitch) + 0.5
            painter.drawLine(QPointF(0, y), QPointF(wide, y))
        if self.has_ring:
            paint_ring(painter, theme, QRectF(self.viewport().rect()).adjusted(2, 1, -2, -1), 4)

    def _paint_name(self, painter: QPainter, row: Row, box: QRectF) -> None:
        theme = self._theme
        inside = box.adjusted(theme.px(EDGE), 0, 0, 0)
        is_strong = row.role == "stored"
        font = theme.font("body", weight=600 if is_strong else 400)
        painter.setFont(font)
        painter.setPen(theme.color("text.primary" if is_strong else "text.secondary"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(inside, flags, row.name)
        taken = QFontMetricsF(font).horizontalAdvance(row.name) + theme.px(4)
        quiet = theme.font("small")
        painter.setFont(quiet)
        painter.setPen(theme.color("text.tertiary"))
        rest = inside.adjusted(taken, 0, 0, 0)
        if QFontMetricsF(quiet).horizontalAdvance(row.quiet) <= rest.width():
            painter.drawText(rest, flags, row.quiet)

    def _paint_row(self, painter: QPainter, row: Row, line: QRectF, first: int, last: int) -> None:
        theme, steps = self._theme, self._model.steps
        painter.setFont(theme.font("body", weight=600 if row.role == "stored" else 500 if row.role == "given" else 400))
        color = "text.secondary" if row.role == "error" else "text.primary"
        for index in range(first, last):
            column = self.column_box(index)
            box = QRectF(column.left(), line.top(), column.width() - theme.px(8), line.height())
            is_clipped = row.role == "stored" and bool(steps.is_clipped[index])
            painter.setPen(theme.color("status.warn" if is_clipped else color))
            text = row.text(index)
            painter.drawText(box, RIGHT, text)
            if is_clipped:
                wide = QFontMetricsF(painter.font()).horizontalAdvance(text)
                self._mark_clipped(painter, box.right() - wide - theme.px(6), box.center().y())

    def _mark_clipped(self, painter: QPainter, x: float, y: float) -> None:
        """A small wedge against a wall: the number was held there."""
        ink, side = self._theme.color("status.warn"), self._theme.px(3)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon(
            QPolygonF([QPointF(x - 2 * side, y - side), QPointF(x - side / 2, y), QPointF(x - 2 * side, y + side)])
        )
        painter.drawRect(QRectF(x - side / 2, y - side - 1, 1.5, 2 * side + 2))

    def _paint_bars(self, painter: QPainter, line: QRectF, first: int, last: int) -> None:
        theme, errors = self._theme, self._model.steps.errors
        largest = float(np.abs(errors).max())
        half = min(theme.px(WIDEST_BAR), (self._column - theme.px(14)) / 2)
        high = min(theme.px(8), line.height() - 6)
        color = theme.color("status.warn")
        for index in range(first, last):
            middle = self.column_box(index).right() - theme.px(8) - half
            painter.setPen(QPen(theme.color("border.control"), 1))
            x, y = round(middle) + 0.5, line.center().y()
            painter.drawLine(QPointF(x, y - high), QPointF(x, y + high))
            size = float(errors[index]) / largest * half if largest > 0 else 0.0
            if size:
                paint_bar(painter, QRectF(min(x, x + size), y - high / 2, max(1.0, abs(size)), high), color)

    # -- pointer and keyboard -----------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.column_at(event.position().x())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._model.choose(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        chosen, last = self._model.chosen, len(self._model.values) - 1
        page = max(1, self.horizontalScrollBar().pageStep() // self._column)
        match event.key():
            case Qt.Key.Key_Left:
                self._model.choose(chosen - 1)
            case Qt.Key.Key_Right:
                self._model.choose(chosen + 1)
            case Qt.Key.Key_PageUp:
                self._model.choose(chosen - page)
            case Qt.Key.Key_PageDown:
                self._model.choose(chosen + page)
            case Qt.Key.Key_Home:
                self._model.choose(0)
            case Qt.Key.Key_End:
                self._model.choose(last)
            case _:
                event.ignore()
                return
        self.show_ring(True)

    def tip_at(self, at: QPointF) -> str | None:
        index = self.column_at(at.x())
        return column_words(self._model.steps, index) if index is not None else ""
