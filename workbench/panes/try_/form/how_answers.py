"""The group "How it answers": chance, length, seed and what ends an answer; what is rarely changed under More."""

from workbench.core.job.question import LARGEST_SEED, MOST_NEW_TOKENS
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.fields import IntegerField, put_fact
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.try_.form.choices import Choices
from workbench.panes.try_.form.sliding_number import SlidingNumber
from workbench.panes.try_.form.stop_words import StopWords

MOST_TEMPERATURE, LEAST_TOP_P = 2.0, 0.01
LEAST_PENALTY, MOST_PENALTY = 0.5, 2.0
MOST_TOP_K = 1000


class HowAnswers(FormGroup):
    """Shows the page's settings of answers and changes them."""

    def __init__(self, theme: Theme, choices: Choices, fact: str = "the same for both") -> None:
        super().__init__(theme, "How it answers", fact)
        self._choices = choices
        self.temperature = SlidingNumber(theme, "Temperature", 0, MOST_TEMPERATURE)
        self.temperature.setToolTip("How much chance has a part: at 0 always the likeliest token is taken.")
        self.temperature.moved.connect(lambda value: choices.set(temperature=value))
        self.add_row(label("Temperature", "label"), self.temperature)
        self.top_p = SlidingNumber(theme, "Top-p", LEAST_TOP_P, 1)
        self.top_p.setToolTip("Tokens are drawn from the likeliest that share this probability.")
        self.top_p.moved.connect(lambda value: choices.set(top_p=value))
        self.add_row(label("Top-p", "label"), self.top_p)
        self.longest = IntegerField()
        self.longest.setRange(1, MOST_NEW_TOKENS)
        self.longest.setAccessibleName("Longest answer, in tokens")
        put_fact(self.longest, "tokens")
        self.longest.valueChanged.connect(lambda value: choices.set(max_tokens=value))
        self.add_row(label("Longest answer", "label", wraps=True), self.longest)
        self.seed = IntegerField()
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("The same seed gives the same answer; each question takes the next one.")
        self.seed.valueChanged.connect(lambda value: choices.set(seed=value))
        self.add_row(label("Seed", "label"), self.seed)
        self.stop = StopWords(theme)
        self.stop.edited.connect(lambda words: choices.set(stop=words))
        self.add_row(label("Stop at", "label"), self.stop)
        choices.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is chosen."""
        settings = self._choices.settings
        self.temperature.show_value(settings.temperature)
        self.top_p.show_value(settings.top_p)
        for field, value in ((self.longest, settings.max_tokens), (self.seed, settings.seed)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        self.stop.show_words(settings.stop)
        has_chance = settings.temperature > 0
        self.top_p.slider.setEnabled(has_chance)
        self.top_p.value.setEnabled(has_chance)
        self.seed.setEnabled(has_chance)
        put_fact(self.seed, f"next: {self._choices.next_seed}" if has_chance else "no chance at 0")


class MoreOfAnswers:
    """Top-k and repetition, folded."""

    def __init__(self, theme: Theme, choices: Choices, column: FormColumn) -> None:
        self._choices = choices
        self.rows = FormGroup(theme, "")
        self.top_k = IntegerField()
        self.top_k.setRange(0, MOST_TOP_K)
        self.top_k.setAccessibleName("Top-k")
        self.top_k.setToolTip("Tokens are drawn from this many of the likeliest; 0 from all.")
        self.top_k.valueChanged.connect(lambda value: choices.set(top_k=value))
        self.rows.add_row(label("Top-k", "label"), self.top_k)
        self.penalty = SlidingNumber(theme, "Repetition", LEAST_PENALTY, MOST_PENALTY, usual=1)
        self.penalty.setToolTip("The scores of tokens that stand there already are divided by it; 1 leaves them.")
        self.penalty.moved.connect(lambda value: choices.set(repetition_penalty=value))
        self.rows.add_row(label("Repetition", "label"), self.penalty)
        self.folded = Folded(theme, "More", column, self.rows)
        choices.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Shows what is chosen."""
        settings = self._choices.settings
        self.top_k.blockSignals(True)
        self.top_k.setValue(settings.top_k)
        self.top_k.blockSignals(False)
        self.top_k.setEnabled(settings.temperature > 0)
        put_fact(self.top_k, "" if settings.top_k else "all")
        self.penalty.show_value(settings.repetition_penalty)
        differing = (settings.top_k != 0) + (settings.repetition_penalty != 1)
        self.folded.show_differing(differing, 2)
