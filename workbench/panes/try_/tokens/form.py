"""The form of the Tokens view: a prompt, whose answer is looked at, and who looks."""

from PySide6.QtCore import QObject, Signal

from workbench.core.job.question import Asking
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Segmented, label
from workbench.panes.parts.fields import LinesField
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.form.how_answers import HowAnswers
from workbench.panes.try_.form.prompt_field import PromptField
from workbench.panes.try_.form.who_answers import WhoAnswers

OWN, BASE, TYPED = "own", "base", "typed"
WHAT = (
    "Both read the same prompt and the same answer. Each token's colour says how likely the side held it, "
    "after all that stands before."
)


class TokensForm(QObject):
    """Fields that tell what was chosen.

    Signals:
        changed: Another answer is to be looked at.
    """

    changed = Signal()

    def __init__(self, theme: Theme, form: FormColumn, choices: Choices, prompt: PromptField, who: WhoAnswers) -> None:
        super().__init__(form)
        self._choices, self._prompt = choices, prompt
        self.answer = FormGroup(theme, "The answer")
        self.whose = Segmented([(OWN, "Tuned"), (BASE, "Base"), (TYPED, "Typed")], "Whose answer")
        self.whose.set_value(OWN)
        self.whose.chosen.connect(self._choose)
        self.answer.add_row(label("Answer of", "label"), self.whose)
        self.typed = LinesField(theme)
        self.typed.setAccessibleName("Answer")
        self.typed.setPlaceholderText("The answer to be looked at")
        self.typed.edited.connect(lambda _text: self.changed.emit())
        self.answer.add_wide(self.typed)
        self.how = HowAnswers(theme, choices, "where it answers")
        self.what = label(WHAT, "small", wraps=True)
        for group in (prompt, self.answer, who, self.how):
            form.add_group(group)
        form.rows.addWidget(self.what)
        form.end()
        self.refresh()

    @property
    def is_typed(self) -> bool:
        return self.whose.value() == TYPED

    @property
    def answers_as_base(self) -> bool:
        """Whether the base is to answer, with the adapter turned off."""
        return self.whose.value() == BASE

    def show_answer(self, text: str) -> None:
        """Shows an answer that was given, as one may change it."""
        self.typed.show_text(text)

    def refresh(self) -> None:
        """Shows which fields apply."""
        known = self._choices.known
        has_base = known is not None and known.has_base
        if not has_base and self.answers_as_base:
            self.whose.set_value(OWN)
        self.whose.button_of(BASE).setVisible(has_base)
        self.whose.button_of(OWN).setText("Tuned" if has_base else "The model")
        self.typed.setVisible(self.is_typed)
        self.how.setVisible(not self.is_typed)

    def _choose(self, _value: str) -> None:
        asked: Asking | None = self._prompt.asking()
        if self.is_typed and not self.typed.text().strip() and asked is not None and asked.expected:
            self.typed.show_text(asked.expected)
        self.refresh()
        self.changed.emit()
