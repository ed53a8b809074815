"""Which of the measured formats is shown: segments where they are few, a list where they are many."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import Segmented
from workbench.panes.parts.fields import ChoiceBox

MOST_SEGMENTS = 5
NAME = "Format"


class FormatChoice(QWidget):
    """One format of those that are offered; the one that is shown stays where it is offered again.

    Signals:
        chosen: The name of another format.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._offered: list[tuple[str, str]] = []
        self._field: Segmented | ChoiceBox | None = None
        self._line = in_row(of=self)
        theme.changed.connect(self._restyle)

    def offer(self, formats: Sequence[tuple[str, str]]) -> None:
        """Names and titles."""
        if list(formats) == self._offered:
            return
        before = self.value()
        self._offered = list(formats)
        if self._field is not None:
            self._line.removeWidget(self._field)
            self._field.hide()
            self._field.deleteLater()
            self._field = None
        if not formats:
            return
        if len(formats) > MOST_SEGMENTS:
            box = ChoiceBox(self._theme)
            box.setAccessibleName(NAME)
            box.setMinimumContentsLength(14)
            for name, title in formats:
                box.addItem(title, name)
            box.activated.connect(lambda row: self.chosen.emit(box.itemData(row)))
            self._field = box
        else:
            segments = Segmented(formats, NAME)
            segments.chosen.connect(self.chosen)
            self._field = segments
        self._line.addWidget(self._field)
        self.set_value(before if before in dict(formats) else formats[0][0])
        self._restyle()

    def value(self) -> str:
        if isinstance(self._field, Segmented):
            return self._field.value()
        return str(self._field.currentData()) if self._field is not None else ""

    def set_value(self, name: str) -> None:
        """Shows a format without telling it."""
        if isinstance(self._field, Segmented):
            self._field.set_value(name)
        elif self._field is not None:
            self._field.setCurrentIndex(self._field.findData(name))

    def _restyle(self) -> None:
        if self._field is not None:
            self._field.setFixedHeight(self._theme.size("size.control"))
