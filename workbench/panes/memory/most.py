"""What the card holds at most: the longest sequence, the largest batch and rank, the highest precision."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout

from workbench.core.units import grouped
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.memory.model import MemoryModel
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import label
from workbench.panes.parts.run_words import NOT_KNOWN

WORDS = {"sequence": "Sequence", "batch": "Batch", "rank": "Rank", "precision": "Precision"}
UNITS = {"sequence": "tokens", "batch": "rows"}


class MostPanel(QFrame):
    """The foot of the form; each answer changes that one setting of the chosen row alone."""

    def __init__(self, theme: Theme, model: MemoryModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self.setProperty("role", "actions")
        self.title = label("On this card, at most", "heading")
        self.figures = {name: label("", "") for name in WORDS}
        self._layout = in_column(self.title, of=self)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(0)
        for column, (name, words) in enumerate(WORDS.items()):
            self._grid.addWidget(label(words, "small"), 0, column)
            self._grid.addWidget(self.figures[name], 1, column, Qt.AlignmentFlag.AlignLeft)
            self._grid.setColumnStretch(column, 5 if name == "sequence" else 4)
        self._layout.addLayout(self._grid)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(18), px(10), px(16), px(10))
        self._layout.setSpacing(px(6))
        for figure in self.figures.values():
            figure.setStyleSheet(f"font-size: {px(16)}px; font-weight: 600;")

    def refresh(self) -> None:
        model = self._model
        where = "this computer" if model.card.device == "cpu" else "this card"
        self.title.setText(f"On {where if model.card.name else 'such a card'}, at most")
        for name, answer in model.most().items():
            figure = self.figures[name]
            words = NOT_KNOWN if answer is None else FORMATS[answer].title if isinstance(answer, str) else ""
            figure.setText(grouped(answer) if isinstance(answer, int) else words)
            is_full = name == "rank" and not model.recipe.lora.enabled
            why = "All weights are trained: there is no adapter." if is_full else "Not even the least of it fits."
            tip = f"{WORDS[name]} {figure.text()} {UNITS.get(name, '')}".strip()
            figure.setToolTip(why if answer is None else f"{tip}, with all else as it is")
            figure.setAccessibleName(f"{WORDS[name]}: {why if answer is None else figure.text()}")
