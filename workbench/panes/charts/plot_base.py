"""What every plot stands on: curves by pyqtgraph, axes and words by the theme."""

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QResizeEvent

from workbench.core import ticks
from workbench.panes.charts.axes import paint_levels, paint_ticks
from workbench.panes.look.theme import Theme

# Above this many points a smooth pen takes longer than a frame, and nobody sees it.
MOST_SMOOTH_POINTS = 4000
# A smoothed curve of more points than this says nothing that this many do not.
MOST_MAIN_POINTS = 100_000
Numbers = NDArray[np.float64]


@dataclass
class _Curve:
    item: pg.PlotDataItem
    color: str
    is_main: bool
    has_peaks: bool


class PlotBase(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph is not typed
    """A plot in a card; subclasses say what it holds and how far its axes reach."""

    def __init__(self, theme: Theme, name: str, *, most_x: int = 7, most_y: int = 6) -> None:
        super().__init__(background=None)
        self.theme = theme
        self.name = name
        self.is_log = False
        self._most = (most_x, most_y)
        self.curves: list[_Curve] = []
        self.zoom: tuple[float, float] | None = None
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

    def paint_over(self, painter: QPainter) -> None:
        """Words and marks over the curves, in pixels."""

    def x_ticks(self, low: float, high: float, most: int) -> list[tuple[float, str]]:
        """Where the bottom axis has ticks, and their words; whole numbers unless a subclass knows better."""
        spacing = ticks.spacing_of(high - low, most, whole=True)
        return ticks.marks(low, high, spacing)

    def has_x_words(self) -> bool:
        """Whether the bottom axis says where it is."""
        return True

    def right_margin(self) -> int:
        """Pixels at the right that no curve enters."""
        return self.theme.px(14)

    # -- curves -------------------------------------------------------------------------------------------------------

    def add_curve(self, color: str, *, is_main: bool = False, has_peaks: bool = False) -> pg.PlotDataItem:
        """A curve in a token's colour: one pixel wide, or as wide as the theme's main curves."""
        item = pg.PlotDataItem(
            autoDownsample=True,
            downsampleMethod="peak",
            clipToView=True,
            autoDownsampleFactor=1.0,
            dynamicRangeLimit=None,
        )
        self.curves.append(_Curve(item, color, is_main, has_peaks))
        self.view.addItem(item)  # through PlotItem.addItem it would lose its downsampling
        self.restyle()
        return item

    def set_curve(self, item: pg.PlotDataItem, x: Numbers, y: Numbers) -> None:
        """Gives a curve its points; where y is not a number it has a gap."""
        if not len(x):
            item.setData([], [])
            return
        curve = next(curve for curve in self.curves if curve.item is item)
        is_smooth = len(x) <= MOST_SMOOTH_POINTS
        if item.opts["antialias"] != is_smooth:
            item.opts["antialias"] = is_smooth
        if not curve.has_peaks and len(x) > MOST_MAIN_POINTS:
            every = len(x) // MOST_MAIN_POINTS
            x, y = np.append(x[::every], x[-1]), np.append(y[::every], y[-1])
        item.setData(x, y)

    def restyle(self) -> None:
        """Takes colours, pens and margins from the theme."""
        theme = self.theme
        for curve in self.curves:
            color = theme.color(curve.color)
            # Qt draws pens of up to one pixel by a far shorter way.
            width = theme.pen_width if curve.is_main else (1.5 if theme.projector else 1.0)
            curve.item.setPen(pg.mkPen(color, width=width))
        self.setBackground(theme.color("surface.card"))
        self._arrange()
        self.viewport().update()

    # -- where things are ---------------------------------------------------------------------------------------------

    def area(self) -> QRectF:
        """The rectangle between the axes, in pixels."""
        return QRectF(self.view.sceneBoundingRect())

    def x_pixels(self, x: float) -> float:
        low, high = self.x_range()
        area = self.area()
        return area.left() + (x - low) / ((high - low) or 1.0) * area.width()

    def y_pixels(self, y: float) -> float:
        low, high = self._y
        area = self.area()
        if self.is_log:
            low, high, y = np.log10(low), np.log10(high), np.log10(max(y, low))
        return area.bottom() - (y - low) / ((high - low) or 1.0) * area.height()

    def x_range(self) -> tuple[float, float]:
        if self.zoom:
            return self.zoom
        low, high, _, _ = self.extent()
        return low, high if high > low else low + 1.0

    def fit(self) -> None:
        """Takes the axes to what is there now."""
        _, _, low, high = self.extent()
        if self.is_log and high > 0:
            low = max(low, high * 1e-9)
        self._y = (low, high if high > low else low + 1.0)
        y = tuple(np.log10(self._y)) if self.is_log else self._y
        self.view.setRange(xRange=self.x_range(), yRange=y, padding=0, update=True, disableAutoRange=False)
        self._arrange()
        self.viewport().update()

    def _arrange(self) -> None:
        theme = self.theme
        metrics = QFontMetricsF(theme.font("axis"))
        widest = max((metrics.horizontalAdvance(words) for _, words in self.y_ticks()), default=0.0)
        left = max(theme.px(28), round(widest) + theme.px(10))
        bottom = (round(metrics.height()) if self.has_x_words() else 0) + theme.px(7)
        margins = (left, max(theme.px(7), round(metrics.height() / 2)), self.right_margin(), bottom)
        self.getPlotItem().layout.setContentsMargins(*margins)

    def y_ticks(self) -> list[tuple[float, str]]:
        low, high = self._y
        room = self.height() - self.theme.px(30)
        most = max(2, min(self._most[1], int(room // (2.1 * self.theme.size("font.axis"))) + 1))
        if self.is_log and low > 0:
            return [(value, f"{value:g}") for value in ticks.decades(low, high, most)]
        spacing = ticks.spacing_of(high - low, most)
        while len(ticks.ticks(low, high, spacing)) < 2:  # an axis has to say more than where it begins
            most += 1
            spacing = ticks.spacing_of(high - low, most)
        return ticks.marks(low, high, spacing)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        super().resizeEvent(event)
        if hasattr(self, "_y"):  # pyqtgraph resizes while it is being made
            self._arrange()

    # -- painting -----------------------------------------------------------------------------------------------------

    def drawBackground(self, painter: QPainter, rect: QRectF) -> None:
        super().drawBackground(painter, rect)
        theme, area = self.theme, self.area()
        levels = [(round(self.y_pixels(value)), words) for value, words in reversed(self.y_ticks())]
        paint_levels(painter, theme, area, levels, gap=theme.px(9))
        base = round(area.bottom())
        painter.fillRect(QRectF(area.left(), base, area.width() + 1, 1), theme.color("border.control"))
        if not self.has_x_words():
            return
        most = max(2, min(self._most[0], int(area.width() // theme.px(78)) + 1))
        marks = [(round(self.x_pixels(value)), words) for value, words in self.x_ticks(*self.x_range(), most)]
        paint_ticks(painter, theme, marks, area.bottom(), length=theme.px(4), gap=theme.px(5), ends=(0, self.width()))

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_over(painter)
        painter.restore()
