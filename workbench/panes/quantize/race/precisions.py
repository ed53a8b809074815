"""The precisions of a race to choose from, each with the bits that a weight takes in it."""

from collections.abc import Iterable

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QSizePolicy, QWidget

from workbench.core.job.study_kinds import PRECISIONS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label
from workbench.panes.parts.focus_ring import FocusRing, paint_ring
from workbench.panes.quantize.race.marks import Mark
from workbench.panes.quantize.race.words import BITS, WHAT_IT_IS, full_name


class TickBox(FocusRing, QCheckBox):
    """A box to tick, drawn by the theme."""

    def __init__(self, theme: Theme, text: str) -> None:
        super().__init__(text)
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        px = self._theme.px
        return QSize(px(25) + self.fontMetrics().horizontalAdvance(self.text()) + px(6), px(24))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.75)
        side = px(14)
        box = QRectF(px(3) + 0.5, (self.height() - side) // 2 + 0.5, side, side)
        is_ticked = self.isChecked()
        painter.setPen(QPen(theme.color("accent.base" if is_ticked else "border.control_strong"), 1))
        painter.setBrush(theme.color("accent.base" if is_ticked else "surface.field"))
        painter.drawRoundedRect(box, 3, 3)
        if is_ticked:
            theme.icon("check", "text.on_accent").paint(painter, box.toAlignedRect().adjusted(1, 1, -1, -1))
        painter.setPen(theme.color("text.primary" if is_ticked else "text.secondary"))
        words = self.rect().adjusted(px(25), 0, 0, 0)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self.has_ring:
            paint_ring(painter, theme, QRectF(self.rect()).adjusted(1, 1, -1, -1), 4)


class PrecisionList(QWidget):
    """Boxes to tick, the widest precision first.

    Signals:
        chosen: Others are ticked now; emitted only for what a person did.
    """

    chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName("Precisions")
        self.boxes: dict[str, QCheckBox] = {}
        self._bits: dict[str, QLabel] = {}
        grid = self._grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        for row, name in enumerate(PRECISIONS):
            box = TickBox(theme, full_name(name))
            box.setChecked(True)
            box.setToolTip(WHAT_IT_IS[name])
            box.setAccessibleDescription(f"{BITS[name]} bits a weight. {WHAT_IT_IS[name]}")
            box.clicked.connect(self.chosen)
            bits = label(BITS[name], "fact")
            bits.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.boxes[name], self._bits[name] = box, bits
            grid.addWidget(Mark(theme, name), row, 0)
            grid.addWidget(box, row, 1)
            grid.addWidget(bits, row, 2)
        theme.follow(self._restyle)

    @property
    def names(self) -> tuple[str, ...]:
        """Those that are ticked, the widest first."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def show_names(self, names: Iterable[str]) -> None:
        wanted = set(names)
        for name, box in self.boxes.items():
            box.setChecked(name in wanted)

    def show_bits_of_int8(self, bits: float) -> None:
        """With the scales of its rows; 0 where it is not known how long they are."""
        self._bits["int8"].setText(f"{bits:.3f}" if bits else BITS["int8"])

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(5))
        for row in range(len(self.boxes)):
            self._grid.setRowMinimumHeight(row, self._theme.px(25))
