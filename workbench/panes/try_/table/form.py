"""The form of the view Table: which prompts, who answers, how, and how it is judged."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QWidget

from workbench.bridge.prompt_table import PromptTableControl
from workbench.bridge.timers import once_after
from workbench.core.chat.metrics import Ignored
from workbench.core.chat.table.columns import TITLES, Role
from workbench.core.chat.table.table import Judging
from workbench.core.job.marks import Judge
from workbench.core.job.question import LARGEST_SEED, MOST_NEW_TOKENS, MOST_STRENGTH, AnswerSettings
from workbench.core.problems import UserError, shortened
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, Switch, breakable, button, label, plain_tip
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.fields import ChoiceBox, IntegerField, TextField, lock, put_fact
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.try_.form.choices import Candidate, Choices
from workbench.panes.try_.form.sliding_number import SlidingNumber
from workbench.panes.try_.table.form_prompts import PromptsGroup
from workbench.panes.try_.table.shown import COLORS, ShownTable

NO_SECOND = ""
LONGEST_NAME = 40
MOST_TEMPERATURE, LEAST_TOP_P = 2.0, 0.01
# From the last move of a slider until the table is looked up anew.
SETTLE_MILLISECONDS = 250
AS_ROWS_HAVE_IT, NOTHING_EXPECTED = "\0rows", ""


class TableForm(QObject):
    """The groups of the form; what they change goes to the control and to what is shown.

    Signals:
        blind_turned: Blind was switched on or off.
    """

    blind_turned = Signal(bool)

    def __init__(
        self, theme: Theme, column: FormColumn, control: PromptTableControl, choices: Choices, shown: ShownTable
    ) -> None:
        super().__init__(column)
        self._theme, self._control, self._choices, self._shown = theme, control, choices, shown
        self.prompts = PromptsGroup(theme, control, choices)
        self.who = WhoGroup(theme, control, choices)
        self._build_how()
        self._build_judged()
        for group in (self.prompts, self.who, self.how, self.judged):
            column.add_group(group)
        self._build_more(column)
        column.end()
        self._judge_is_chosen = False
        self._settling = once_after(self, SETTLE_MILLISECONDS, self._take_settings)
        control.changed.connect(self._take_table)
        control.state_changed.connect(self.refresh)
        self.refresh()

    # -- how it answers ------------------------------------------------------------------------------------------------

    def _build_how(self) -> None:
        self.how = FormGroup(self._theme, "How it answers", "the same for all")
        self.temperature = SlidingNumber(self._theme, "Temperature", 0, MOST_TEMPERATURE)
        self.temperature.setToolTip("How much chance has a part: at 0 always the likeliest token is taken.")
        self.longest = _number("Longest answer, in tokens", 1, MOST_NEW_TOKENS)
        put_fact(self.longest, "tokens")
        self.how.add_row(label("Temperature", "label"), self.temperature)
        self.how.add_row(label("Longest answer", "label", wraps=True), self.longest)
        self.temperature.moved.connect(lambda _value: self._settling.start())
        self.longest.valueChanged.connect(lambda _value: self._settling.start())

    def _build_more(self, column: FormColumn) -> None:
        theme = self._theme
        self.rarely = FormGroup(theme, "")
        self.strength = SlidingNumber(theme, "Strength", 0, MOST_STRENGTH, usual=1.0)
        self.strength.setToolTip("The adapter's scale: 0 the base model, 1 as trained.")
        self.top_p = SlidingNumber(theme, "Top-p", LEAST_TOP_P, 1, usual=1.0)
        self.top_p.setToolTip("Tokens are drawn from the likeliest that share this probability.")
        self.seed = _number("Seed", 0, LARGEST_SEED)
        self.seed.setToolTip("Of the answers where chance has a part, and of the order in a blind table.")
        self.case, self.punctuation, self.layout = Switch(theme), Switch(theme), Switch(theme)
        rows: tuple[tuple[str, QWidget, str, str], ...] = (
            ("Strength", self.strength, "", ""),
            ("Top-p", self.top_p, "", ""),
            ("Seed", self.seed, "", ""),
            ("Ignore case", self.case, "in an exact match", "Ignore case in an exact match"),
            ("Punctuation", self.punctuation, "ignored too", "Ignore punctuation in an exact match"),
            ("JSON layout", self.layout, "spaces, order of keys", "Ignore the layout of JSON in an exact match"),
        )
        for words, field, fact, name in rows:
            self.rarely.add_row(label(words, "label", wraps=True), _with_fact(field, fact) if fact else field)
            if name:
                field.setAccessibleName(name)
        for slid in (self.strength, self.top_p):
            slid.moved.connect(lambda _value: self._settling.start())
        self.seed.valueChanged.connect(lambda _value: self._settling.start())
        for switch in (self.case, self.punctuation, self.layout):
            switch.clicked.connect(lambda _on: self._judge())
        self.more = Folded(theme, "More", column, self.rarely)

    def _take_settings(self) -> None:
        settings = AnswerSettings(
            strength=self.strength.slider.value() / SlidingNumber.STEPS,
            temperature=self.temperature.slider.value() / SlidingNumber.STEPS,
            top_p=self.top_p.slider.value() / SlidingNumber.STEPS,
            max_tokens=self.longest.value(),
            seed=self.seed.value(),
        )
        if settings != self._control.settings:
            self._control.set_settings(settings)
            if self._shown.is_blind:
                self._shown.listed.emit()  # the seed mixes anew

    # -- how it is judged ----------------------------------------------------------------------------------------------

    def _build_judged(self) -> None:
        theme = self._theme
        self.judged = FormGroup(theme, "How it is judged")
        self.by = Segmented((("exact match", "Exact match"), ("person", "Hand")), "Judged by")
        self.by.set_value("exact match")
        self.by.chosen.connect(self._choose_judge)
        self.expected = ChoiceBox(theme)
        self.expected.setAccessibleName("Expected answer")
        self.expected.activated.connect(self._choose_expected)
        self.blind = Switch(theme)
        self.blind.setAccessibleName("Blind: names hidden, order mixed")
        self.blind.clicked.connect(self.blind_turned)
        self.blind_fact = label("names hidden, order mixed", "fact", wraps=True)
        self.blind_fact.setMinimumWidth(1)
        blind = QWidget()
        in_row(self.blind, (self.blind_fact, 1), gap=8, of=blind)
        self.judged.add_row(label("By", "label"), self.by)
        self.judged.add_row(label("Expected", "label"), self.expected)
        self.judged.add_row(label("Blind", "label"), blind)

    def _choose_judge(self, _judge: str) -> None:
        self._judge_is_chosen = True
        self._judge()

    def _judge(self) -> None:
        judge: Judge = "person" if self.by.value() == "person" else "exact match"
        ignored = Ignored(self.case.isChecked(), self.punctuation.isChecked(), self.layout.isChecked())
        if judge != "person" and self._shown.is_blind:
            self.blind.setChecked(False)
            self.blind_turned.emit(False)
        self._control.judge_by(Judging(judge, ignored))
        self.refresh()

    def _choose_expected(self, place: int) -> None:
        value = self.expected.itemData(place)
        self.prompts.expect(None if value == AS_ROWS_HAVE_IT else value)

    def _take_table(self) -> None:
        """Judges by an exact match where that can be, and by hand elsewhere, unless a person has chosen."""
        listed = self._control.listed
        if not self._judge_is_chosen and listed is not None and listed.prompts:
            self.by.set_value("exact match" if listed.has_expected else "person")
            self._judge()
        self.refresh()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Shows the settings as they are, locked while answers come."""
        control = self._control
        settings, is_running = control.settings, control.is_running
        if not self._settling.isActive():
            self.temperature.show_value(settings.temperature)
            self.strength.show_value(settings.strength)
            self.top_p.show_value(settings.top_p)
            for field, value in ((self.longest, settings.max_tokens), (self.seed, settings.seed)):
                field.blockSignals(True)
                field.setValue(value)
                field.blockSignals(False)
        has_chance = settings.temperature > 0
        has_adapter = any(column.adapter for column in control.columns)
        for slid, is_on in ((self.temperature, True), (self.strength, has_adapter), (self.top_p, has_chance)):
            slid.setEnabled(is_on and not is_running)
        lock(self.longest, is_running)
        lock(self.seed, is_running)
        self.prompts.set_locked(is_running)
        self.who.set_locked(is_running)
        self._show_expected(is_running)
        by_hand = self.by.value() == "person"
        self.blind.setEnabled(by_hand and len(control.columns) > 1)
        self.blind.setChecked(self._shown.is_blind)
        self.blind_fact.setText("names hidden, order mixed" if by_hand else "by hand only")
        for switch in (self.case, self.punctuation, self.layout):
            switch.setEnabled(not by_hand)
        usual = AnswerSettings()
        differing = [settings.strength != usual.strength, settings.top_p != usual.top_p, settings.seed != usual.seed]
        differing += [self.case.isChecked(), self.punctuation.isChecked(), self.layout.isChecked()]
        self.more.show_differing(sum(differing), len(differing))

    def _show_expected(self, is_running: bool) -> None:
        listed, wanted = self._control.listed, self._control.wanted
        columns = listed.columns if listed is not None else ()
        usual = {"held out": "As learned", "typed": "Behind a tab", "file": "As the rows have it"}[wanted.origin]
        offered = [(AS_ROWS_HAVE_IT, usual)]
        if columns:
            offered += [(NOTHING_EXPECTED, "Nothing"), *((name, name) for name in columns)]
        shown = [
            (self.expected.itemData(place), self.expected.itemText(place)) for place in range(self.expected.count())
        ]
        if shown != offered:
            self.expected.clear()
            for value, words in offered:
                self.expected.addItem(words, value)
        value = AS_ROWS_HAVE_IT if wanted.expected is None else wanted.expected
        self.expected.setCurrentIndex(max(0, self.expected.findData(value)))
        has_none = listed is not None and listed.prompts and not listed.has_expected
        self.expected.show_fact("none given" if has_none else "column" if wanted.expected else "")
        lock(self.expected, is_running or not columns)


class WhoGroup(FormGroup):
    """The base, the tuned model and a second run, each behind a square of its colour."""

    def __init__(self, theme: Theme, control: PromptTableControl, choices: Choices) -> None:
        super().__init__(theme, "What answers")
        self._control, self._choices = control, choices
        self._second = NO_SECOND
        self._squares: dict[Role, QLabel] = {}
        self.base = TextField()
        self.base.setAccessibleName("Base model")
        lock(self.base, True)
        self._base_words = self._words("base")
        self.add_row(self._base_words, self.base)
        self.tuned = ChoiceBox(theme)
        self.tuned.setAccessibleName("Tuned: a run or a model")
        self.tuned.activated.connect(lambda place: choices.choose(str(self.tuned.itemData(place)), ("base",)))
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        field = QWidget()
        in_column(self.tuned, self.problem, gap=2, of=field)
        self.add_row(self._words("tuned"), field)
        self.second = ChoiceBox(theme)
        self.second.setAccessibleName("Second run")
        self.second.activated.connect(self._choose_second)
        self._second_words = self._words("second")
        self.add_row(self._second_words, self.second)
        self.give_back = button("Give the memory back", theme, "x", "link")
        self.give_back.clicked.connect(self._let_go)
        self.give_back.hide()
        self.add_wide(self.give_back)
        choices.changed.connect(self.ask)
        choices.known_changed.connect(self.refresh)
        control.changed.connect(self.refresh)
        control.state_changed.connect(self.refresh)
        control.chat.state_changed.connect(self._show_chat)
        theme.follow(self._restyle)
        self.refresh()

    def _words(self, role: Role) -> QWidget:
        words, square = QWidget(), QLabel()
        self._squares[role] = square
        in_row(square, (label(TITLES[role], "label"), 1), gap=8, of=words)
        return words

    def _restyle(self) -> None:
        for role, square in self._squares.items():
            square.setFixedSize(self.theme.px(9), self.theme.px(9))
            square.setStyleSheet(f"background: {self.theme.color(COLORS[role]).name()}; border-radius: 1px;")

    def ask(self) -> None:
        """Has those answer who are chosen."""
        if self._second == self._choices.model:
            self._second = NO_SECOND
        self._control.ask_of(self._choices.model, self._second)
        self.refresh()

    def _choose_second(self, place: int) -> None:
        self._second = str(self.second.itemData(place))
        self.ask()

    def _let_go(self) -> None:
        try:
            self._control.chat.let_go()
        except UserError as error:
            self._say(str(error))

    def refresh(self) -> None:
        """Shows who answers, and why nobody does."""
        choices, control = self._choices, self._control
        known, trouble = choices.known, control.column_trouble
        _fill(self.tuned, [*choices.runs, *choices.models])
        own = str(known.run.path) if known is not None and known.run is not None else choices.model
        if choices.model:
            name = own if self.tuned.findData(own) >= 0 and choices.checkpoint is None else choices.model
            title = known.title if known is not None else Path(choices.model).name or choices.model
            self.tuned.choose(name, shortened(title, LONGEST_NAME))
        else:
            self.tuned.setCurrentIndex(-1)
            self.tuned.setPlaceholderText("Looking" if choices.is_looking else "Choose")
        self.tuned.setToolTip(plain_tip(choices.model))
        checkpoint = choices.checkpoint
        self.tuned.show_fact(str(checkpoint.step) if checkpoint is not None and checkpoint.step else "")
        base = next((column for column in control.columns if column.role == "base"), None)
        self.base.show_text(base.title if base is not None else "")
        for part in (self.base, self._base_words):
            part.setVisible(base is not None)
        others = [run for run in choices.runs if run.has_result and run.name != choices.model]
        listed = known.checkpoints if known is not None else ()
        others += [Candidate(entry.name, entry.words) for entry in listed if entry.name not in (own, choices.model)]
        _fill(self.second, [Candidate(NO_SECOND, "None"), *others])
        self.second.setCurrentIndex(max(0, self.second.findData(self._second)))
        for part in (self.second, self._second_words):
            part.setVisible(bool(others))
        self._say(f"{trouble.what} {trouble.remedy}" if trouble is not None else "")
        self.fact.setText(self._memory())

    def _say(self, problem: str) -> None:
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem))
        polish(self.tuned, state="danger" if problem else "")

    def _memory(self) -> str:
        """What is held, and whether some have to be loaded by themselves."""
        loads = {column.load.model for column in self._control.columns}
        held = self._control.chat.peak_bytes
        parts = [bytes_in_words(held)] if held else []
        if len(loads) > 1:
            parts.append("one after the other")
        return ", ".join(parts)

    def _show_chat(self) -> None:
        self.fact.setText(self._memory())
        self.give_back.setVisible(self._control.chat.is_there and not self._control.is_running)

    def set_locked(self, is_locked: bool) -> None:
        """While answers come nobody else can be chosen."""
        lock(self.tuned, is_locked)
        lock(self.second, is_locked)
        self.give_back.setVisible(self._control.chat.is_there and not is_locked)


def _number(name: str, least: int, most: int) -> IntegerField:
    made = IntegerField()
    made.setRange(least, most)
    made.setAccessibleName(name)
    return made


def _with_fact(field: QWidget, fact: str) -> QWidget:
    both = QWidget()
    in_row(field, (label(fact, "fact"), 1), gap=8, of=both)
    return both


def _fill(box: ChoiceBox, entries: list[Candidate]) -> None:
    shown = [(box.itemData(place), box.itemText(place)) for place in range(box.count())]
    wanted = [(entry.name, shortened(entry.title, LONGEST_NAME)) for entry in entries]
    if shown != wanted:
        box.clear()
        for name, title in wanted:
            box.addItem(title, name)
