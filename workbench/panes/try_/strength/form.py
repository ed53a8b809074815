"""The form of the Strength view: the prompt, the strengths, how it is answered, and what the curve measures."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFrame

from workbench.core.chat.strengths import AS_TRAINED, even_strengths, read_strengths
from workbench.core.job.question import MOST_STRENGTH
from workbench.core.job.scoring import MeasuredBy
from workbench.core.problems import UserError
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, Switch, label
from workbench.panes.parts.fields import IntegerField, TextField, put_fact
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.form.how_answers import HowAnswers
from workbench.panes.try_.form.prompt_field import PromptField
from workbench.panes.try_.form.sliding_number import SlidingNumber
from workbench.panes.try_.form.who_answers import WhoAnswers

ROWS = 5
LEAST_POINTS, USUAL_POINTS, MOST_POINTS = 2, 11, 41
WHAT = "The adapter's share of each weight: W + strength × B·A. The model is loaded once; only this factor changes."  # noqa: RUF001


class StrengthForm(QObject):
    """Fields that tell what was chosen.

    Signals:
        changed: Other strengths, or another measure.
    """

    changed = Signal()

    def __init__(self, theme: Theme, form: FormColumn, choices: Choices, prompt: PromptField, who: WhoAnswers) -> None:
        super().__init__(form)
        self._choices = choices
        self.strengths = _shown(even_strengths(ROWS, AS_TRAINED))
        self._add_strengths(theme, who)
        self.how = HowAnswers(theme, choices, "the same for all")
        self.curve = FormGroup(theme, "The curve")
        self.by = Segmented([("perplexity", "Perplexity"), ("match", "Match")], "Measured by")
        self.by.set_value("perplexity")
        self.by.setToolTip("The perplexity of the held-out answers, or how many answers equal them exactly.")
        self.by.chosen.connect(lambda _value: self.changed.emit())
        self.curve.add_row(label("Measured by", "label"), self.by)
        self.points = IntegerField()
        self.points.setRange(LEAST_POINTS, MOST_POINTS)
        self.points.setValue(USUAL_POINTS)
        self.points.setAccessibleName("Points of the curve")
        self.points.valueChanged.connect(lambda _value: self.changed.emit())
        self.curve.add_row(label("Points", "label"), self.points)
        inset = QFrame()
        inset.setProperty("role", "inset")
        heading = label("What is strength?", "medium")
        in_column(heading, label(WHAT, "small", wraps=True), gap=2, margins=(12, 9, 12, 10), of=inset)
        for group in (prompt, who, self.curve, self.how):
            form.add_group(group)
        form.rows.addWidget(inset)
        form.end()
        choices.changed.connect(self.refresh)
        self.refresh()

    def _add_strengths(self, theme: Theme, who: WhoAnswers) -> None:
        self.field = TextField()
        self.field.setAccessibleName("Strengths")
        self.field.show_text(self.strengths)
        self.field.edited.connect(self._take)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        both = in_column(self.field, self.problem, gap=2)
        row = who.grid.rowCount()
        who.add_row(label("Strengths", "label"), self.field)
        who.grid.removeWidget(self.field)
        who.grid.addLayout(both, row, 1)
        self.beyond = Switch(theme)
        self.beyond.setAccessibleName("Beyond 1")
        self.beyond.toggled.connect(self._turn)
        self.beyond_fact = label(f"up to {MOST_STRENGTH:g}, to see it break", "small")
        line = QFrame()
        in_row(self.beyond, self.beyond_fact, 1, gap=8, of=line)
        who.add_row(label("Beyond 1", "label"), line)
        self.in_talk = SlidingNumber(theme, "Strength in Talk", 0, MOST_STRENGTH, usual=AS_TRAINED)
        self.in_talk.setToolTip("What Talk and Tokens answer with; a double click puts it back to 1.")
        self.in_talk.moved.connect(lambda value: self._choices.set(strength=value))
        who.add_row(label("In Talk", "label"), self.in_talk)

    # -- what is chosen ------------------------------------------------------------------------------------------------

    @property
    def most(self) -> float:
        """The largest strength that is shown."""
        return MOST_STRENGTH if self.beyond.isChecked() else AS_TRAINED

    @property
    def measured_by(self) -> MeasuredBy:
        return "match" if self.by.value() == "match" else "perplexity"

    def chosen_strengths(self) -> tuple[float, ...]:
        """Those that answer. Raises UserError."""
        return read_strengths(self.field.text())

    def curve_points(self) -> tuple[float, ...]:
        return even_strengths(self.points.value(), self.most)

    def _turn(self, _is_on: bool) -> None:
        """Spreads strengths that nobody has changed over the new range."""
        if self.field.text() == self.strengths:
            self.strengths = _shown(even_strengths(ROWS, self.most))
            self.field.show_text(self.strengths)
        self.refresh()
        self.changed.emit()

    def _take(self, _text: str) -> None:
        self.refresh()
        self.changed.emit()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Shows what is wrong with the strengths, and the facts of the fields."""
        try:
            self.chosen_strengths()
        except UserError as error:
            words = f"{error.what} {error.remedy}"
        else:
            words = ""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))
        polish(self.field, state="danger" if words else "")
        put_fact(self.points, f"0 to {self.most:g}")
        self.in_talk.show_value(self._choices.settings.strength)

    def show_rows(self, count: int) -> None:
        """How many held-out rows the curve is measured on; 0 where that is not known."""
        self.curve.fact.setText(f"over {count} held-out rows" if count else "")


def _shown(strengths: tuple[float, ...]) -> str:
    return ", ".join(f"{strength:g}" for strength in strengths)
