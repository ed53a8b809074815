"""The group "What it is told": the system prompt and the template, as the run had them or as they are changed."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.core.recipe.recipe import DataSettings
from workbench.core.tokens.templates.named import named_templates, title_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.fields import ChoiceBox, LinesField
from workbench.panes.parts.form_rows import RowLabel
from workbench.panes.parts.page import FormGroup
from workbench.panes.try_.form.choices import Choices

OWN, NONE, FILE = "", "\0none", "\0file"  # what a template cannot be


class WhatTold(FormGroup):
    """Shows the run's own until something else is chosen; the small arrow takes that back."""

    def __init__(self, theme: Theme, choices: Choices) -> None:
        super().__init__(theme, "What it is told")
        self._choices = choices
        self.system = LinesField(theme)
        self.system.setAccessibleName("System prompt")
        self.system.setPlaceholderText("Nothing before the question")
        self.system.setToolTip("What the model is told before the first question; Ctrl+Enter takes it.")
        self.system.edited.connect(self._take_system)
        self.system_words = RowLabel(theme, "System", "What the model is told before the first question.", "the run's")
        self.system_words.reset.connect(lambda: choices.set(system=None))
        both = QWidget()
        in_column(self.system_words, self.system, gap=2, of=both)
        self.add_wide(both)
        self.template = ChoiceBox(theme)
        self.template.setAccessibleName("Template")
        self.template.activated.connect(lambda place: self._take_template(str(self.template.itemData(place))))
        self.template_words = RowLabel(theme, "Template", "What wraps the turns of the conversation.", "the run's")
        self.template_words.reset.connect(lambda: choices.set(template=None))
        self.add_row(self.template_words, self.template)
        choices.changed.connect(self.refresh)
        choices.known_changed.connect(self.refresh)
        self.refresh()

    @property
    def _own(self) -> DataSettings:
        known = self._choices.known
        return known.recipe.data if known is not None and known.recipe is not None else DataSettings()

    def _take_system(self, text: str) -> None:
        self._choices.set(system=None if text == self._own.system_prompt else text)

    def _take_template(self, name: str) -> None:
        if name == FILE:
            found, _ = QFileDialog.getOpenFileName(
                self.window(), "Find a chat template", str(Path.home()), "Templates (*.jinja)"
            )
            if not found:
                self.refresh()
                return
            name = found
        self._choices.set(template=None if name == self._own_template else name)
        self.refresh()

    @property
    def _own_template(self) -> str:
        return self._own.template if self._own.chat_template else NONE

    def refresh(self) -> None:
        """Shows what is chosen."""
        settings = self._choices.settings
        system = self._own.system_prompt if settings.system is None else settings.system
        if not self.system.hasFocus() or not self.system.text():
            self.system.show_text(system)
        self.system_words.show_default(settings.system is None)
        own = self._own_template
        offered = [(OWN, "The tokenizer\u2019s own"), *((name, title_of(name)) for name in named_templates())]
        chosen = own if settings.template is None else settings.template
        if own == NONE:
            offered.append((NONE, "None: one after the other"))
        for name in (own, chosen):
            if name not in [known for known, _ in offered]:
                offered.append((name, Path(name).name))
        offered.append((FILE, "From a file"))
        self.template.clear()
        for name, title in offered:
            self.template.addItem(title, name)
        self.template.setCurrentIndex(self.template.findData(chosen))
        self.template.setToolTip(plain_tip(chosen) if chosen.endswith(".jinja") else "")
        self.template_words.show_default(settings.template is None)
