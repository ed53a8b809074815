"""The line under the value: what is wrong with it, what was done, or what it teaches."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.presets import preset_of
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.controls import label, plain_tip

HINT = "A decimal, 0x1.8p-3, 0b101, 1/3, 2^-24, inf or nan. In a strip: Space flips a bit, up and down step one ulp."


class WordsLine(QWidget):
    """One line under the bar: what is wrong with the text, what was copied, or what the value teaches."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self._said = ""
        self._icon = QLabel()
        self.words = label("", "problem", wraps=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        in_row((self._icon, 0, Qt.AlignmentFlag.AlignTop), (self.words, 1), gap=6, margins=(2, 0, 0, 0), of=self)
        self._drawn: tuple[str, str, bool] | None = None
        model.changed.connect(self._model_changed)
        model.said.connect(self.say)
        theme.follow(self._restyle)

    @property
    def text(self) -> str:
        return self.words.text()

    def say(self, text: str) -> None:
        """Shows a sentence until the next change."""
        self._said = text
        self._refresh()

    def _model_changed(self) -> None:
        self._said = ""
        self._refresh()

    def _restyle(self) -> None:
        lines = 2 if self._theme.projector else 1
        height = self.words.fontMetrics().lineSpacing()
        self.setFixedHeight(max(self._theme.px(18), lines * height + self._theme.px(2)))
        self._drawn = None
        self._refresh()

    def _refresh(self) -> None:
        preset = preset_of(self._model.text)
        if self._model.problem:
            now = (self._model.problem, "warning-circle", True)
        elif self._said:
            now = (self._said, "info", False)
        elif preset is not None:
            now = (preset.sentence, "student", False)
        else:
            now = (HINT, "info", False)
        if now == self._drawn:
            return
        self._drawn = now
        text, icon, is_problem = now
        role = "problem" if is_problem else "small" if text != HINT else "fact"
        if self.words.property("role") != role:
            polish(self.words, role=role)
        self.words.setText(text)
        self.words.setToolTip(plain_tip(text))
        color = "status.danger" if is_problem else "text.tertiary"
        self._icon.setPixmap(self._theme.icon(icon, color).pixmap(self._theme.px(14), self._theme.px(14)))
