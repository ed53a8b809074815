"""A number that is slid to, with its value beside it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import label, set_least_width
from workbench.panes.parts.slider import Slider


class SlidingNumber(QWidget):
    """Hundredths from one end to the other; a double click puts it to its usual value where it has one.

    Signals:
        moved: The value that a hand has given it.
    """

    STEPS = 100  # of 1

    moved = Signal(float)

    def __init__(self, theme: Theme, name: str, least: float, most: float, *, usual: float | None = None) -> None:
        super().__init__()
        self._usual = usual
        self.slider = Slider(theme, name)
        self.slider.setRange(round(least * self.STEPS), round(most * self.STEPS))
        self.slider.setSingleStep(5)
        self.slider.setPageStep(10)
        self.value = label("", "medium")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        in_row((self.slider, 1), self.value, gap=6, of=self)
        self.slider.installEventFilter(self)
        self.slider.valueChanged.connect(self._move)
        theme.follow(lambda: set_least_width(self.value, theme.px(32)))

    def show_value(self, value: float) -> None:
        """Shows a value without telling it."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(value * self.STEPS))
        self.slider.blockSignals(False)
        self._write()

    def _move(self, steps: int) -> None:
        self._write()
        self.moved.emit(steps / self.STEPS)

    def _write(self) -> None:
        self.value.setText(f"{self.slider.value() / self.STEPS:.2f}")
        self.slider.setAccessibleDescription(self.value.text())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_double = event.type() == QEvent.Type.MouseButtonDblClick
        if is_double and self._usual is not None and self.slider.isEnabled():
            self.slider.setValue(round(self._usual * self.STEPS))
            return True
        return False
