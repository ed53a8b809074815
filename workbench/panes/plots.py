"""The plot that every page draws with: curves by pyqtgraph, axes, words and pointer by the theme."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QWidget

from workbench.panes import plot_files, ticks
from workbench.panes.controls import FocusRing
from workbench.panes.theme import Theme

# Above this many points a wide, smooth pen takes longer than a frame.
MOST_SMOOTH_POINTS = 4000
# A smoothed curve of more points than this says nothing that so many do not.
MOST_MAIN_POINTS = 100_000
LARGEST_ZOOM = 10_000.0
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Value:
    """What the pointer's tooltip says of one curve."""

    color: str  # a token, or nothing
    name: str
    text: str


@dataclass
class _Curve:
    item: pg.PlotDataItem
    color: str
    is_main: bool
    has_markers: bool


class Plot(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """A plot in a card; subclasses say what it holds, how far its axes reach, and what the pointer reads.

    Signals:
        said: A state and a sentence, where a file was written or could not be.
        log_turned: Whether the scale is logarithmic now.
    """

    said = Signal(str, str)
    log_turned = Signal(bool)

    def __init__(self, theme: Theme, name: str, *, has_log: bool = False, most_x: int = 7, most_y: int = 6) -> None:
        super().__init__(background=None)
        self.theme = theme
        self.name = name
        self.is_log = False
        self.has_log = has_log
        self._most = (most_x, most_y)
        self._curves: list[_Curve] = []
        self._zoom: tuple[float, float] | None = None
        self._pointer: float | None = None
        self._dragged_from: QPointF | None = None
        self._has_ring = False
        self._y = (0.0, 1.0)
        item = self.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.hideAxis("left")
        item.hideAxis("bottom")
        item.setMouseEnabled(False, False)
        item.disableAutoRange()
        self.view = item.getViewBox()
        self.view.setDefaultPadding(0.0)
        self.setCacheMode(self.CacheModeFlag.CacheNone)
        self.setViewportUpdateMode(self.ViewportUpdateMode.FullViewportUpdate)
        self.setAccessibleName(name)
        self.setToolTip("")
        self.setMinimumSize(60, 40)
        theme.changed.connect(self.restyle)
        self._arrange()

    # -- what a subclass says -----------------------------------------------------------------------------------------

    def extent(self) -> tuple[float, float, float, float]:
        """First and last x, lowest and highest y."""
        return 0.0, 1.0, 0.0, 1.0

    def values_at(self, x: float) -> tuple[float, str, list[Value]] | None:
        """The point nearest to x: where it is, what it is called, and what the curves are there."""
        return None

    def table(self) -> tuple[list[str], list[Numbers]]:
        """All points as columns of equal length, for a file."""
        return [], []

    def paint_over(self, painter: QPainter) -> None:
        """Words and marks over the curves, in pixels."""

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        """Where the bottom axis has ticks, and their words; whole numbers unless a subclass knows better."""
        spacing = ticks.spacing_of(high - low, most, whole=True)
        return [(value, ticks.in_words(value, spacing)) for value in ticks.ticks(low, high, spacing)]

    def right_margin(self) -> int:
        """Pixels at the right that no curve enters."""
        return self.theme.px(14)

    # -- curves -------------------------------------------------------------------------------------------------------

    def add_curve(self, color: str, *, is_main: bool = False, has_markers: bool = False) -> pg.PlotDataItem:
        """A curve in a token's colour: one pixel wide, or as wide as the theme's main curves."""
        item = pg.PlotDataItem(
            autoDownsample=True,
            downsampleMethod="peak",
            clipToView=True,
            autoDownsampleFactor=1.0,
            dynamicRangeLimit=None,
        )
        self._curves.append(_Curve(item, color, is_main, has_markers))
        self.view.addItem(item)  # through PlotItem.addItem it would lose its downsampling
        self.restyle()
        return item

    def set_curve(self, item: pg.PlotDataItem, x: Numbers, y: Numbers) -> None:
        """Gives a curve its points; where y is no number it has a gap."""
        if not len(x):
            item.setData([], [])
            return
        curve = next(curve for curve in self._curves if curve.item is item)
        is_smooth = curve.is_main and len(x) <= MOST_SMOOTH_POINTS
        if item.opts["antialias"] != is_smooth:
            item.opts["antialias"] = is_smooth
        if curve.has_markers:
            item.setSymbol("o" if len(x) <= 100 else None)
        if curve.is_main and len(x) > MOST_MAIN_POINTS:
            every = len(x) // MOST_MAIN_POINTS
            x, y = np.append(x[::every], x[-1]), np.append(y[::every], y[-1])
        item.setData(x, y)

    def restyle(self) -> None:
        """Takes colours, pens and margins from the theme."""
        theme = self.theme
        for curve in self._curves:
            color = theme.color(curve.color)
            # Qt draws pens of up to one pixel by a far shorter way.
            width = theme.pen_width if curve.is_main else (1.5 if theme.projector else 1.0)
            curve.item.setPen(pg.mkPen(color, width=width))
            if curve.has_markers:
                curve.item.setSymbolSize(theme.px(8))
                curve.item.setSymbolBrush(pg.mkBrush(color))
                curve.item.setSymbolPen(pg.mkPen(theme.color("surface.card"), width=1))
        self.setBackground(theme.color("surface.card"))
        self._arrange()
        self.viewport().update()

    # -- where things are ---------------------------------------------------------------------------------------------

    def area(self) -> QRectF:
        """The rectangle between the axes, in pixels."""
        return QRectF(self.view.sceneBoundingRect())

    def x_pixels(self, x: float) -> float:
        low, high = self._x_range()
        area = self.area()
        return area.left() + (x - low) / ((high - low) or 1.0) * area.width()

    def y_pixels(self, y: float) -> float:
        low, high = self._y
        area = self.area()
        if self.is_log:
            low, high, y = np.log10(low), np.log10(high), np.log10(max(y, low))
        return area.bottom() - (y - low) / ((high - low) or 1.0) * area.height()

    def _x_range(self) -> tuple[float, float]:
        if self._zoom:
            return self._zoom
        low, high, _, _ = self.extent()
        return low, high if high > low else low + 1.0

    def fit(self) -> None:
        """Takes the axes to what is there now."""
        _, _, low, high = self.extent()
        if self.is_log and high > 0:
            low = max(low, high * 1e-9)
        self._y = (low, high if high > low else low + 1.0)
        y = tuple(np.log10(self._y)) if self.is_log else self._y
        self.view.setRange(xRange=self._x_range(), yRange=y, padding=0, update=True, disableAutoRange=False)
        self._arrange()
        self.viewport().update()

    def _arrange(self) -> None:
        theme = self.theme
        metrics = QFontMetricsF(theme.font("axis"))
        widest = max((metrics.horizontalAdvance(words) for _, words in self._y_ticks()), default=0.0)
        left = max(theme.px(28), round(widest) + theme.px(10))
        bottom = round(metrics.height()) + theme.px(7)
        margins = (left, max(theme.px(7), round(metrics.height() / 2)), self.right_margin(), bottom)
        self.getPlotItem().layout.setContentsMargins(*margins)

    def _y_ticks(self) -> list[tuple[float, str]]:
        low, high = self._y
        room = self.height() - self.theme.px(30)
        most = max(2, min(self._most[1], int(room // (2.1 * self.theme.size("font.axis"))) + 1))
        if self.is_log and low > 0:
            return [(value, f"{value:g}") for value in ticks.decades(low, high, most)]
        spacing = ticks.spacing_of(high - low, most)
        return [(value, ticks.in_words(value, spacing)) for value in ticks.ticks(low, high, spacing)]

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_y"):  # pyqtgraph resizes while it is being made
            self._arrange()

    # -- painting -----------------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        theme, area = self.theme, self.area()
        painter.setFont(theme.font("axis"))
        metrics = QFontMetricsF(painter.font())
        for value, words in self._y_ticks():
            y = round(self.y_pixels(value))
            painter.fillRect(QRectF(area.left(), y, area.width(), 1), theme.color("border.divider"))
            painter.setPen(theme.color("text.tertiary"))
            box = QRectF(0, y - metrics.height() / 2, area.left() - theme.px(9), metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
        line = theme.color("border.control")
        painter.fillRect(QRectF(area.left(), round(area.bottom()), area.width() + 1, 1), line)
        most = max(2, min(self._most[0], int(area.width() // theme.px(78)) + 1))
        taken = -1e9
        for value, words in self.x_ticks(*self._x_range(), most):
            x = round(self.x_pixels(value))
            painter.fillRect(QRectF(x, round(area.bottom()), 1, theme.px(4)), line)
            wide = metrics.horizontalAdvance(words) + 2
            left = min(max(0.0, x - wide / 2), self.width() - wide)
            if left < taken + theme.px(6):
                continue
            taken = left + wide
            painter.setPen(theme.color("text.tertiary"))
            box = QRectF(left, area.bottom() + theme.px(5), wide, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_over(painter)
        if self._pointer is not None:
            found = self.values_at(self._pointer)
            if found:
                self._paint_pointer(painter, *found)
        if self._has_ring:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self.theme.color("focus.ring"), 2))
            painter.drawRoundedRect(QRectF(self.viewport().rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.restore()

    def _paint_pointer(self, painter: QPainter, x: float, title: str, values: list[Value]) -> None:
        theme, area = self.theme, self.area()
        at = self.x_pixels(x)
        painter.fillRect(QRectF(round(at), area.top(), 1, area.height()), theme.color("text.tertiary"))
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        names = max((metrics.horizontalAdvance(value.name) for value in values), default=0.0)
        texts = max((metrics.horizontalAdvance(value.text) for value in values), default=0.0)
        edge, swatch, line = theme.px(8), theme.px(14), metrics.height() + 1
        wide = 2 * edge + max(metrics.horizontalAdvance(title), swatch + names + theme.px(12) + texts)
        high = theme.px(8) + line * (len(values) + 1)
        left = at + theme.px(10) if at + theme.px(10) + wide < self.width() else at - theme.px(10) - wide
        box = QRectF(max(0.0, left), max(0.0, min(area.top() + 4, self.height() - high)), wide, high)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("surface.tooltip"))
        painter.drawRoundedRect(box, theme.size("radius.control"), theme.size("radius.control"))
        painter.setPen(theme.color("text.on_tooltip"))
        row = QRectF(box.left() + edge, box.top() + theme.px(4), wide - 2 * edge, line)
        painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, title)
        for value in values:
            row.translate(0, line)
            if value.color:
                mark = QRectF(row.left(), row.center().y() - 1, theme.px(9), 3)
                painter.fillRect(mark, theme.color(value.color))
            painter.drawText(row.adjusted(swatch, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, value.name)
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(row, right, value.text)

    # -- pointer and keys ---------------------------------------------------------------------------------------------

    def point_at(self, x: float | None) -> None:
        """Shows what the curves are at x; None shows nothing."""
        if x != self._pointer:
            self._pointer = x
            found = self.values_at(x) if x is not None else None
            words = f"{found[1]}: " + ", ".join(f"{value.name} {value.text}" for value in found[2]) if found else ""
            self.setAccessibleDescription(words)
            self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        area, at = self.area(), event.position()
        low, high = self._x_range()
        if self._dragged_from is not None and self._zoom:
            by = (self._dragged_from.x() - at.x()) / max(1.0, area.width()) * (high - low)
            self._dragged_from = at
            self._show_range(low + by, high + by)
        is_inside = area.left() <= at.x() <= area.right() and area.top() <= at.y() <= area.bottom()
        self.point_at(low + (at.x() - area.left()) / max(1.0, area.width()) * (high - low) if is_inside else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged_from = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.show_all()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.point_at(None)

    def wheelEvent(self, event: QWheelEvent) -> None:
        low, high = self._x_range()
        area = self.area()
        share = min(1.0, max(0.0, (event.position().x() - area.left()) / max(1.0, area.width())))
        self._zoom_by(0.8 ** (event.angleDelta().y() / 120), low + share * (high - low))
        event.accept()

    def _zoom_by(self, factor: float, around: float) -> None:
        low, high = self._x_range()
        self._show_range(around - (around - low) * factor, around + (high - around) * factor)

    def _show_range(self, low: float, high: float) -> None:
        first, last, _, _ = self.extent()
        wide = min(max(high - low, (last - first) / LARGEST_ZOOM), last - first)
        low = min(max(low, first), last - wide)
        self._zoom = None if wide >= (last - first) * 0.999 else (low, low + wide)
        self.fit()

    def show_all(self) -> None:
        """Shows the whole axis again."""
        self._zoom = None
        self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        low, high = self._x_range()
        middle = self._pointer if self._pointer is not None else (low + high) / 2
        match event.key():
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                by = (high - low) / 100 * (1 if event.key() == Qt.Key.Key_Right else -1)
                self.point_at(min(high, max(low, middle + by)))
            case Qt.Key.Key_Plus:
                self._zoom_by(0.5, middle)
            case Qt.Key.Key_Minus:
                self._zoom_by(2.0, middle)
            case Qt.Key.Key_Home:
                self.show_all()
            case Qt.Key.Key_Escape if self._pointer is not None:
                self.point_at(None)
            case _:
                event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._has_ring = event.reason() in FocusRing.REASONS
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._has_ring = False
        super().focusOutEvent(event)
        self.viewport().update()

    # -- the menu -----------------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """What a right click offers."""
        made = QMenu(self)
        for words, write in (
            ("Save as picture (PNG)…", plot_files.ask_png),
            ("Save as drawing (SVG)…", plot_files.ask_svg),
            ("Save all points (CSV)…", plot_files.ask_csv),
        ):
            made.addAction(words).triggered.connect(lambda _checked=False, write=write: write(self))
        made.addSeparator()
        if self.has_log:
            log = made.addAction("Logarithmic scale")
            log.setCheckable(True)
            log.setChecked(self.is_log)
            log.toggled.connect(self.set_log)
        whole = made.addAction("Show all of it")
        whole.setEnabled(self._zoom is not None)
        whole.triggered.connect(self.show_all)
        return made

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos() or self.mapToGlobal(QPoint(0, 0)))

    def set_log(self, is_log: bool) -> None:
        """A logarithmic scale, on which what is not positive has no place."""
        self.is_log = is_log
        for curve in self._curves:
            curve.item.setLogMode(False, is_log)
        self.log_turned.emit(is_log)
        self.fit()


class Legend(QWidget):
    """Strokes in the curves' colours with their names, for the head of a card."""

    def __init__(self, theme: Theme, entries: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._theme = theme
        self._entries = list(entries)
        self.setAccessibleName("Legend: " + ", ".join(words for _, words in entries))
        self._resize()
        theme.changed.connect(self._resize)

    @property
    def entries(self) -> list[tuple[str, str]]:
        return self._entries

    def set_entries(self, entries: Sequence[tuple[str, str]]) -> None:
        if list(entries) != self._entries:
            self._entries = list(entries)
            self._resize()

    def _resize(self) -> None:
        metrics = QFontMetricsF(self._theme.font("small"))
        width = sum(self._lead(color) + metrics.horizontalAdvance(words) for color, words in self._entries)
        gaps = self._theme.px(16) * (len(self._entries) - 1)
        self.setFixedSize(max(0, round(width + gaps) + 4), round(metrics.height()) + 2)
        self.update()

    def _lead(self, color: str) -> int:
        return self._theme.px(20) if color else 0

    def paintEvent(self, event: Any) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setFont(theme.font("small"))
        metrics = QFontMetricsF(painter.font())
        x, middle = 0.0, self.height() / 2
        for color, words in self._entries:
            if color:
                painter.fillRect(QRectF(x, round(middle) - 1, theme.px(14), 2), theme.color(color))
                x += self._lead(color)
            painter.setPen(theme.color("text.secondary"))
            wide = metrics.horizontalAdvance(words) + 2
            painter.drawText(QRectF(x, 0, wide, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
            x += wide - 2 + theme.px(16)
