"""The precisions of a race to choose from, each with the bits that a weight takes in it."""

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from workbench.core.job.study_kinds import PRECISIONS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label
from workbench.panes.parts.tick_box import TickBox
from workbench.panes.quantize.race.marks import Mark
from workbench.panes.quantize.race.words import BITS, WHAT_IT_IS, full_name


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
