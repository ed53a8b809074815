"""Values worth a look as chips, as many as there is room for."""

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.presets import PRESETS, Preset, preset_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label

HEIGHT = 38
SHOWN_PRESETS = 10  # the others are in the menu


class Chips(QWidget):
    """Presets side by side, as many as there is room for; `left_out` are those that only the menu has."""

    taken = Signal(object)

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self.chips: dict[str, QToolButton] = {}
        self._word = label("Try", "fact")
        self._word.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        for preset in PRESETS[:SHOWN_PRESETS]:
            chip = QToolButton(self)
            chip.setText(preset.chip)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setToolTip(preset.sentence)
            chip.setAccessibleName(f"Try {preset.chip}")
            chip.setAccessibleDescription(preset.sentence)
            chip.clicked.connect(lambda _checked=False, preset=preset: self._emit_preset(preset))
            self.chips[preset.text] = chip
        model.changed.connect(self.refresh)
        theme.changed.connect(self._arrange)
        self.refresh()

    def _emit_preset(self, preset: Preset) -> None:
        self.taken.emit(preset)
        self.refresh()

    def refresh(self) -> None:
        chosen = None if self._model.problem else preset_of(self._model.text)
        for text, chip in self.chips.items():
            is_chosen = chosen is not None and chosen.text == text
            if chip.isChecked() != is_chosen:
                chip.setChecked(is_chosen)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Polish:
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        px, hint = self._theme.px, self._word.sizeHint()
        self._word.setGeometry(0, 0, hint.width(), self.height())
        x, is_full = hint.width() + px(8), False
        for chip in self.chips.values():
            size = chip.sizeHint()
            high = max(size.height(), px(27))
            is_full = is_full or x + size.width() > self.width()
            chip.setVisible(not is_full)
            if not is_full:
                chip.setGeometry(x, (self.height() - high) // 2, size.width(), high)
                x += size.width() + px(6)
