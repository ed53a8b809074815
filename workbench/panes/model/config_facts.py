"""What a model's config.json says, as rows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from workbench.core.model import shape as model_shape
from workbench.core.model.shape import ModelShape
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, label, unhide

UNKNOWN = "Known once the model is on this machine, or the Hub was asked."


class ConfigFacts(QWidget):
    """A row for each fact, or a sentence where nothing is known yet."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows: list[tuple[QLabel, QLabel, ElidedLabel]] = []
        self.family = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.family.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = in_row(label("What config.json says", "heading"), (self.family, 1), gap=8)
        self._quiet = label(UNKNOWN, "fact", wraps=True)
        self._facts = QWidget()
        self._grid = QGridLayout(self._facts)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setColumnStretch(1, 1)
        in_column(head, self._quiet, self._facts, gap=8, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setColumnMinimumWidth(0, self._theme.size("size.form_label"))
        self._grid.setVerticalSpacing(self._theme.px(7))

    @property
    def text(self) -> str:
        """All that it says, a row a line."""
        if self._facts.isHidden():
            return self._quiet.text()
        rows = (" ".join((name.text(), strong.text(), rest.whole)).strip() for name, strong, rest in self._rows)
        return "\n".join(rows)

    def show_shape(self, shape: ModelShape | None) -> None:
        self.family.set_text(f"{shape.family} family" if shape and shape.family else "")
        said = model_shape.in_words(shape) if shape else []
        while len(self._rows) < len(said):
            self._add_row()
        for (name, strong, rest), (name_words, fact, more) in zip(self._rows, said, strict=bool(said)):
            name.setText(name_words)
            strong.setText(fact)
            rest.set_text(more)
        hidden, shown = (self._facts, self._quiet) if shape is None else (self._quiet, self._facts)
        hidden.hide()
        unhide(shown)

    def _add_row(self) -> None:
        row = (label("", "label"), label("", "medium"), ElidedLabel("", "fact", Qt.TextElideMode.ElideRight))
        self._rows.append(row)
        name, strong, rest = row
        line = in_row(strong, (rest, 1), gap=5)
        self._grid.addWidget(name, len(self._rows) - 1, 0)
        self._grid.addLayout(line, len(self._rows) - 1, 1)
