"""The absmax of every block as a picture of the tensor's rows and columns, with what stands out."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QResizeEvent

from workbench.core.figures import in_digits
from workbench.core.quantized.layer_map import GroupMap, map_of
from workbench.core.quantized.layer_study import Fp32, LayerStudy
from workbench.core.units import grouped
from workbench.panes.charts.arrow_keys import Step, clamped
from workbench.panes.charts.cell_map import LEAST_MARK, CellMap, grown, paint_mark
from workbench.panes.charts.heat_colors import MIDDLE, image_of
from workbench.panes.charts.legends import Legend, Mark
from workbench.panes.look.theme import Theme
from workbench.panes.parts.focus_ring import paint_ring
from workbench.panes.quantize.layer.words import columns_in_words, group_word, rule_in_words

# Of a hundred groups this many keep a shade of their own; the largest few share the strongest.
SHADED_PERCENT = 99.5
STRIP_PIXELS, STRIP_GAP, MARK_PIXELS = 16, 3, 3
ROWS_A_PAGE = 16


def shade_ends(absmax: Fp32) -> tuple[float, float]:
    """The absmax of the palest and of the strongest shade."""
    low, high = float(absmax.min()), float(np.percentile(absmax, SHADED_PERCENT))
    return low, max(high, low)


class BlockMap(CellMap[int]):
    """Rows go down, columns to the right, below them is the absmax of each. A click or the arrows choose a block.

    Signals:
        chosen: The group that was chosen, counted from 0.
    """

    chosen = Signal(int)
    SIZE, LEAST = (300, 110), (120, 50)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Map of the blocks")
        self.study: LayerStudy | None = None
        self.index = 0
        self._map: GroupMap | None = None
        self._image: QImage | None = None

    def show_study(self, study: LayerStudy | None) -> None:
        self.study = study
        self._redraw()

    def choose(self, index: int) -> None:
        """Marks a group without telling it."""
        self.index = index
        self.setAccessibleDescription(self.words_of(index))
        self.update()

    def words_of(self, cell: int) -> str:
        study, index = self.study, cell
        if study is None or index >= study.groups:
            return ""
        start = index * study.group_size
        place = ", ".join(map(str, study.tensor.index_of(start)))
        word = group_word(study.scheme).capitalize()
        absmax = in_digits(float(study.absmax[index]))
        return f"{word} {grouped(index + 1)} of {grouped(study.groups)}, from [{place}]: absmax {absmax}"

    def _redraw(self) -> None:
        self._map = self._image = None
        self.update()

    def _restyle(self) -> None:
        super()._restyle()
        self._redraw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._redraw()

    # -- where things are ---------------------------------------------------------------------------------------------

    def _box(self) -> QRectF:
        """The picture's; the strip of columns is below it."""
        has_strip = self.study is not None and len(self.study.columns) > 0
        below = self._theme.px(STRIP_PIXELS + STRIP_GAP + MARK_PIXELS) if has_strip else 0
        return QRectF(0, 0, self.width(), max(1, self.height() - below))

    def map_now(self) -> GroupMap | None:
        if self._map is None and self.study is not None:
            box = self._box()
            self._map = map_of(self.study, int(box.height()), int(box.width()))
        return self._map

    def cell_at(self, at: QPointF) -> int | None:
        found, box = self.map_now(), self._box()
        if found is None or not box.contains(at):
            return None
        lines, columns = found.groups.shape
        line = min(lines - 1, int(at.y() / box.height() * lines))
        column = min(columns - 1, int(at.x() / box.width() * columns))
        return int(found.groups[line, column])

    def mark(self) -> QRectF:
        """Around the chosen group."""
        study, found, box = self.study, self.map_now(), self._box()
        assert study is not None
        assert found is not None
        length, start = study.tensor.row_length, self.index * study.group_size
        end = min(start + study.group_size, study.tensor.numbers) - 1
        first, last = start // length, end // length
        left, right = (start % length, end % length + 1) if first == last else (0, length)
        line, pitch = found.rows_per_line, box.height() / found.lines
        top, bottom = first // line * pitch, (last // line + 1) * pitch
        made = QRectF(left / length * box.width(), top, (right - left) / length * box.width(), bottom - top)
        least = self._theme.px(LEAST_MARK)
        made = grown(made, least, least)
        inside = box.adjusted(1, 1, -1, -1)
        made.moveLeft(max(inside.left(), min(made.left(), inside.right() - made.width())))
        made.moveTop(max(inside.top(), min(made.top(), inside.bottom() - made.height())))
        return made & inside

    # -- painting -----------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        if self.study is None:
            painter.fillRect(self.rect(), theme.color("surface.inset"))
            return
        found, box = self.map_now(), self._box()
        assert found is not None
        if self._image is None:
            self._image = image_of(_shades(self.study, found), theme)
        painter.drawImage(box, self._image)
        if len(self.study.columns):
            self._paint_columns(painter, self.study, box)
        if self.index < self.study.groups and self.study.groups > 1:
            paint_mark(painter, theme, self.mark(), edge=3)
        if self.has_ring:
            paint_ring(painter, theme, self.rect().adjusted(1, 1, -1, -1))

    def _paint_columns(self, painter: QPainter, study: LayerStudy, box: QRectF) -> None:
        """A bar for the absmax of each column, several to a pixel where there are many; what stands out is lit."""
        theme, px = self._theme, self._theme.px
        length = len(study.columns)
        bars = min(length, max(1, int(box.width())))
        starts = np.arange(bars) * length // bars
        heights = np.maximum.reduceat(study.columns, starts) / (study.columns.max() or 1.0)
        top, tall = box.bottom() + px(STRIP_GAP), px(STRIP_PIXELS)
        usual, lit = theme.color("memory.weights"), theme.color("heat.below")
        usual.setAlphaF(0.45)
        pitch = box.width() / bars
        is_lit = np.zeros(length, np.bool_)
        is_lit[list(study.outliers)] = True
        outlying = np.logical_or.reduceat(is_lit, starts)
        for place in range(bars):
            high = float(heights[place]) * tall
            left, right = round(place * pitch), round((place + 1) * pitch)
            wide = max(1, right - left - (1 if right - left > 3 else 0))
            painter.fillRect(QRectF(left, top + tall - high, wide, high), lit if outlying[place] else usual)
            if outlying[place]:
                painter.fillRect(QRectF(left, top + tall, max(wide, px(2)), px(MARK_PIXELS)), lit)

    # -- hands --------------------------------------------------------------------------------------------------------

    def cell_after(self, step: Step) -> int | None:
        study = self.study
        if study is None:
            return None
        row = max(1, study.tensor.row_length // study.group_size)
        rows = step.down + step.pages * ROWS_A_PAGE
        return clamped(self.index + step.across + rows * row + step.ends * study.groups, study.groups)

    def choose_by_hand(self, cell: int) -> None:
        if cell != self.index:
            self.choose(cell)
            self.chosen.emit(cell)

    def tip_at(self, at: QPointF) -> str | None:
        """Over the strip below the map: the column there."""
        study = self.study
        if self.cell_at(at) is not None or study is None or not len(study.columns):
            return super().tip_at(at)
        column = min(len(study.columns) - 1, int(at.x() / max(1, self.width()) * len(study.columns)))
        return f"Column {grouped(column)}: absmax {in_digits(float(study.columns[column]))}"


def _shades(study: LayerStudy, found: GroupMap) -> NDArray[np.uint16]:
    low, high = shade_ends(study.absmax)
    share = np.clip((study.absmax[found.groups] - low) / ((high - low) or 1.0), 0, 1)
    shades: NDArray[np.uint16] = (MIDDLE + np.rint(share * MIDDLE)).astype(np.uint16)
    return shades


def _paint_scale(painter: QPainter, box: QRectF, theme: Theme, _color: str) -> None:
    painter.drawImage(box, image_of(np.arange(MIDDLE, 2 * MIDDLE + 1, dtype=np.uint16)[None, :], theme))


class MapLegend(Legend):
    """The scale of the shades with its ends, and at the right the columns that stand out."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, height=18, least_width=180, rounds_words=True)
        self.standing = ""
        self._is_strong = False

    def show_study(self, study: LayerStudy | None) -> None:
        self.standing = columns_in_words(study.outliers) if study is not None and len(study.columns) else ""
        if study is None:
            self.show_pieces((), "")
            return
        low, high = shade_ends(study.absmax)
        last = ("\u2265" if study.largest > high else "") + in_digits(high)
        self._is_strong = bool(study.outliers)
        self.show_pieces(
            (in_digits(low), 8, Mark(70, 8, _paint_scale, least=20), 8, last, 12),
            f"Shades from {in_digits(low)} to {in_digits(high)}; {self.standing}",
        )
        self.setToolTip(f"{rule_in_words(study)}\nThe strongest shade is for one block in 200.")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setFont(self._theme.font("small"))
        painter.setPen(self._theme.color("text.primary" if self._is_strong else "text.secondary"))
        room = max(0, self.width() - self.sizeHint().width())
        shown = painter.fontMetrics().elidedText(self.standing, Qt.TextElideMode.ElideRight, room)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, shown)
