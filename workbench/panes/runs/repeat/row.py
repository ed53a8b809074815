"""One setting that a repetition varies: which, its values, and what is wrong with them."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.runs.result_words import value_in_words
from workbench.core.runs.sweep import mark_of, parsed_values
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import icon_button, label
from workbench.panes.parts.fields import ChoiceBox, TextField


class VariedRow(QWidget):
    """Signals: changed, removed."""

    changed = Signal()
    removed = Signal()

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self._recipe = Recipe()
        self.problem = ""
        self.setting = ChoiceBox(theme)
        self.setting.setAccessibleName(f"Setting {number} that changes")
        self.setting.setMaxVisibleItems(18)
        self.values_field = TextField()
        self.values_field.setAccessibleName(f"Values of setting {number}")
        self.removes = icon_button("Leave this setting as it was", theme, "x")
        self.words = label("", "fact", wraps=True)
        line = in_row((self.setting, 5), (self.values_field, 6), self.removes, gap=theme.px(8))
        in_column(line, self.words, gap=theme.px(2), of=self)
        theme.follow(lambda: self.setting.setFixedHeight(theme.size("size.control")))
        self.setting.activated.connect(self._setting_chosen)
        self.values_field.textChanged.connect(lambda _text: self.changed.emit())
        self.removes.clicked.connect(self.removed)

    def begin(self, recipe: Recipe, path: str) -> None:
        """Offers the settings that mean something in the recipe, this one chosen."""
        self._recipe = recipe
        self.setting.clear()
        for other, declared in settings().items():
            if recipe.applies(other):
                self.setting.addItem(f"{declared.title}   {other}", other)
        self.setting.setCurrentIndex(max(0, self.setting.findData(path)))
        self._setting_chosen()

    def _setting_chosen(self) -> None:
        self.values_field.setText("")
        declared = settings()[self.path]
        examples = {"switch": "true, false", "choice": ", ".join(declared.choices[:3])}
        mark = mark_of(declared)
        self.values_field.setPlaceholderText(examples.get(declared.kind, f"one value, or several parted by “{mark}”"))
        self.changed.emit()

    @property
    def path(self) -> str:
        return str(self.setting.currentData())

    @property
    def text(self) -> str:
        return self.values_field.text().strip()

    def values(self) -> list[str]:
        """What is typed, parted; none where nothing is, or it cannot be. Says below what is wrong."""
        declared = settings()[self.path]
        self.problem = ""
        found: list[str] = []
        if self.text:
            try:
                found = parsed_values([f"{self.path}={self.text}"])[self.path]
            except UserError as error:
                self.problem = str(error)
        self.say(self.problem)
        if not self.problem:
            before = value_in_words(self._recipe.value(self.path))
            takes = f", takes {declared.range_in_words}" if declared.range_in_words else ""
            self.words.setText(f"it had {before}{takes}")
        return found

    def say(self, problem: str) -> None:
        """Says what is wrong with the values; nothing takes that back."""
        polish(self.words, role="problem" if problem else "fact")
        polish(self.values_field, state="danger" if problem else "")
        if problem:
            self.words.setText(problem)
