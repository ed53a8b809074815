"""The heat map of outliers: every feature of every layer, and those that reach the threshold lit."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)

from workbench.core.quantized.outliers import THRESHOLDS, Feature, Magnitudes
from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.cell_map import ZoomedMap
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.outliers.paint import (
    MOST_BROADENED,
    Sight,
    drawn,
    paint_chosen,
    paint_marks,
    paint_rulers,
)
from workbench.panes.quantize.outliers.words import cell_in_words

# As far in as one goes, in pixels a feature.
WIDEST_FEATURE = 24
# Of a hundred magnitudes this many keep a shade of their own.
SHADED_PERCENT = 99.5


class OutlierMap(ZoomedMap[tuple[int, int]]):
    """Layers by features; where features are more than pixels, a pixel shows the largest of its own.

    Signals:
        chosen: The layer and the feature that were chosen.
    """

    chosen = Signal(int, int)
    SIZE, LEAST = (400, 190), (200, 96)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Largest magnitude of each feature in each layer")
        self._seen: Magnitudes | None = None
        self._step = 0
        self._passing: tuple[Feature, ...] = ()
        self._limit = 1.0
        self._closer = 0
        self._image: QImage | None = None
        self.layer, self.feature = 0, 0
        self.words = ""  # said where there is nothing to draw
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QAbstractScrollArea { background: transparent; }")
        self.setAccessibleDescription("Arrows choose, plus and minus zoom, 0 shows all")
        self.horizontalScrollBar().valueChanged.connect(self._look)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def show_seen(self, seen: Magnitudes | None) -> None:
        """Another site, from its first feature on."""
        self._seen = seen
        self._closer = 0
        if seen is not None:
            limit = float(np.percentile(seen.largest, SHADED_PERCENT))
            self._limit = limit if limit > 0 else 1.0
            self.layer = min(self.layer, len(seen.largest) - 1)
            self.feature = min(self.feature, seen.site.features - 1)
        self._fit()
        self._look()

    def show_step(self, step: int, passing: tuple[Feature, ...]) -> None:
        """Lights what reaches a threshold, by its place among THRESHOLDS."""
        self._step, self._passing = step, passing
        self._look()

    def choose(self, layer: int, feature: int) -> None:
        """Shows a cell as the chosen one, and brings it into sight."""
        self.layer, self.feature = layer, feature
        bar, shown = self.horizontalScrollBar(), self.in_sight
        if not shown.start <= feature < shown.stop:
            bar.setValue(feature - len(shown) // 2)
        self.viewport().update()

    @property
    def limit(self) -> float:
        """The magnitude that has the strongest shade below the threshold."""
        return self._limit

    # -- zoom ---------------------------------------------------------------------------------------------------------

    @property
    def is_whole(self) -> bool:
        return self._closer == 0

    @property
    def is_closest(self) -> bool:
        return self._seen is None or self._plot().width() / self._span(self._closer) >= WIDEST_FEATURE

    def zoom_by(self, steps: int, around: float | None = None) -> None:
        """Closer or farther by powers of two, around a feature, by default the chosen one."""
        if self._seen is None:
            return
        middle = float(self.feature) if around is None else around
        shown = self.in_sight
        share = (middle - shown.start) / max(1, len(shown))
        share = share if 0 <= share <= 1 else 0.5
        closer = self._closer
        while steps > 0 and self._plot().width() / self._span(closer) < WIDEST_FEATURE:
            closer, steps = closer + 1, steps - 1
        closer = max(0, closer + min(0, steps))
        if closer == self._closer:
            return
        self._closer = closer
        self._fit()
        self.horizontalScrollBar().setValue(round(middle - share * self._span(closer)))
        self._look()

    def zoom_at(self, steps: int, at: QPointF) -> None:
        cell = self.cell_at(at)
        self.zoom_by(steps, None if cell is None else float(cell[1]))

    def show_whole(self) -> None:
        self.zoom_by(-self._closer)

    def _span(self, closer: int) -> int:
        """Features in sight."""
        assert self._seen is not None
        return max(1, -(-self._seen.site.features // (1 << closer)))

    @property
    def in_sight(self) -> range:
        """The features that are drawn; none before a site is shown."""
        if self._seen is None:
            return range(0)
        first = self.horizontalScrollBar().value()
        return range(first, min(self._seen.site.features, first + self._span(self._closer)))

    def _fit(self) -> None:
        bar = self.horizontalScrollBar()
        if self._seen is None:
            bar.setRange(0, 0)
            return
        span = self._span(self._closer)
        bar.setRange(0, self._seen.site.features - span)
        bar.setPageStep(span)
        bar.setSingleStep(max(1, span // 16))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def _plot(self) -> QRect:
        px = self._theme.px
        left = px(14) + round(QFontMetricsF(self._theme.font("axis")).horizontalAdvance("000"))
        return QRect(
            left, px(20), max(1, self.viewport().width() - left - px(2)), max(1, self.viewport().height() - px(40))
        )

    def _restyle(self) -> None:
        self._fit()
        self._look()

    def _look(self) -> None:
        self._image = None
        self.viewport().update()

    def _sight(self) -> Sight:
        assert self._seen is not None
        return Sight(self._plot(), len(self._seen.largest), self.in_sight)

    def _drawn(self, sight: Sight) -> QImage:
        assert self._seen is not None
        shown = sight.features
        are_few = sum(feature.number in shown for feature in self._passing) <= MOST_BROADENED
        part = self._seen.largest[:, shown.start : shown.stop]
        return drawn(part, sight, self._limit, THRESHOLDS[self._step], self._theme, are_few=are_few)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), theme.color("surface.card"))
        box = self._plot()
        if self._seen is None:
            painter.setPen(QPen(theme.color("border.divider"), 1))
            for line in range(5):
                y = box.top() + round(box.height() * line / 4)
                painter.drawLine(box.left(), y, box.right(), y)
            painter.setPen(theme.color("text.secondary"))
            painter.setFont(theme.font("body"))
            wide = painter.fontMetrics().boundingRect(box, Qt.TextFlag.TextWordWrap, self.words).width() + theme.px(20)
            ground = QRect(0, 0, min(wide, box.width()), painter.fontMetrics().height() * 2)
            ground.moveCenter(box.center())
            painter.fillRect(ground, theme.color("surface.card"))
            painter.drawText(ground, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.words)
        else:
            sight = self._sight()
            self._image = self._image or self._drawn(sight)
            painter.drawImage(QRectF(box), self._image)
            paint_rulers(painter, theme, sight, self.viewport().width())
            paint_marks(painter, theme, sight, self._passing, self.viewport().width())
            paint_chosen(painter, theme, sight, self.layer, self.feature)
        if self.has_ring:
            paint_ring(painter, theme, self.viewport().rect().adjusted(1, 1, -1, -1))

    # -- hands --------------------------------------------------------------------------------------------------------

    def cell_at(self, at: QPointF) -> tuple[int, int] | None:
        """Layer and feature at a point: of the features that share a column, the largest."""
        box = self._plot()
        if self._seen is None or not QRectF(box).contains(at):
            return None
        shown, layers = self.in_sight, len(self._seen.largest)
        layer = min(layers - 1, int((at.y() - box.top()) / box.height() * layers))
        if len(shown) <= box.width():
            offset = int((at.x() - box.left()) / box.width() * len(shown))
            return layer, min(shown.stop - 1, shown.start + offset)
        column = int(at.x() - box.left())
        first = shown.start + column * len(shown) // box.width()
        last = max(first + 1, shown.start + (column + 1) * len(shown) // box.width())
        return layer, first + int(self._seen.largest[layer, first:last].argmax())

    def words_of(self, cell: tuple[int, int]) -> str:
        return "" if self._seen is None else cell_in_words(self._seen, *cell, self._step, ())

    def cell_after(self, step: Step) -> tuple[int, int] | None:
        if self._seen is None:
            return None
        layers, features = self._seen.largest.shape
        page = max(1, len(self.in_sight) // 8)
        feature = self.feature + step.across + step.pages * page + step.ends * features
        return clamped(self.layer + step.down, layers), clamped(feature, features)

    def choose_by_hand(self, cell: tuple[int, int]) -> None:
        self.choose(*cell)
        self.chosen.emit(*cell)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()
