"""Which chat template wraps the turns: the tokenizer's own, one by name, one in a file, or none."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.recipe.recipe import settings
from workbench.core.tokens.templates.named import named_templates, title_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.fields import ChoiceBox

TEMPLATE, USES = "data.template", "data.chat_template"
OWN, NONE, FILE = "", "\0none", "\0file"  # what a recipe's template cannot be


class TemplateField(ChoiceBox):
    """Every choice is one setting or two of the recipe."""

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        super().__init__(theme)
        self._store = store
        self.setAccessibleName(settings()[TEMPLATE].title)
        self.setAccessibleDescription(settings()[TEMPLATE].help)
        self.addItem("The tokenizer's own", OWN)
        for name in named_templates():
            self.addItem(title_of(name), name)
        self.addItem("None: one after the other", NONE)
        self.addItem("From a file", FILE)
        self.activated.connect(lambda place: self._take(str(self.itemData(place))))
        store.changed.connect(lambda _paths: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        data = self._store.recipe.data
        value = data.template if data.chat_template else NONE
        if self.findData(value) < 0:
            self.insertItem(self.count() - 1, Path(value).name, value)
        self.setCurrentIndex(self.findData(value))
        self.setToolTip(plain_tip(value) if "/" in value or "\\" in value else settings()[TEMPLATE].help)

    def _take(self, value: str) -> None:
        if value == FILE:
            found, _ = QFileDialog.getOpenFileName(
                self.window(),
                "Find a chat template",
                str(Path.home()),
                "Templates (*.jinja)",
            )
            if not found:
                self.refresh()
                return
            value = found
        if value == NONE:
            self._store.set_many({USES: False, TEMPLATE: ""})
        else:
            self._store.set_many({USES: True, TEMPLATE: value})
