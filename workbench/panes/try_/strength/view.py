"""The view Strength: one prompt at several strengths of the adapter, and the held-out rows against strength."""

from workbench.core.chat.strengths import best_of, joined
from workbench.core.job.chat_kinds import Answered, AnswerPiece, QuestionRefused, StrengthMeasured
from workbench.core.job.events import Event
from workbench.core.problems import UserError
from workbench.core.units import counted, duration_in_words
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import button, label
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.save_as import ask_where, save_and_say
from workbench.panes.try_.asking_view import AskingView
from workbench.panes.try_.form.who_answers import WhoAnswers
from workbench.panes.try_.strength.curve import StrengthCurve, figure_of
from workbench.panes.try_.strength.form import StrengthForm
from workbench.panes.try_.strength.rows import StrengthRows
from workbench.panes.try_.strength.words import AtStrength, as_markdown, mark_all, take_measured
from workbench.panes.try_.view import OnPage

SAVE_WORDS = "Save as Markdown"
MARKED = "marked: words that strength 0 did not say"
MARKDOWN = {".md": "Markdown (*.md)"}


class StrengthView(AskingView):
    """Asks at each strength, then measures the held-out rows."""

    name = "strength"
    title = "Strength"

    def __init__(self, on_page: OnPage) -> None:
        super().__init__(on_page, "Answer at 5 strengths")
        theme, choices = on_page.theme, self.choices
        self.who = WhoAnswers(theme, choices, self.chat, has_beside=False, has_strength=False)
        self.fields = StrengthForm(theme, self.form, choices, self.prompt, self.who)
        self.rows = StrengthRows(theme)
        self.curve = StrengthCurve(theme)
        self.answers: list[AtStrength] = []
        self.found: list[StrengthMeasured] = []
        self.measured_of: tuple[object, ...] = ()  # what `found` was measured of
        self._numbers: dict[int, AtStrength] = {}
        self._points = 0  # of the curve that were asked for
        self._prompt_asked = self.model_asked = self.title_asked = ""
        self._no_curve = ""  # why nothing could be measured
        self._build()
        self._begin()

    def _build(self) -> None:
        look = self.theme
        self.answers_card = ScopedCard(look, "The same question at several strengths", MARKED)
        self.copy = copy_button(look, self.markdown, "Copy all answers as Markdown")
        self.answers_card.add_to_head(self.copy)
        self.answers_card.body.addWidget(self.rows, 1)
        self.answers_card.set_margins(1, 0, 1, 1)
        self.curve_card = ScopedCard(look, "How much is enough")
        self.best = label("", "small")
        self.use_best = button("", look, kind="link")
        self.use_best.hide()
        self.use_best.clicked.connect(self._use_best)
        self.curve_card.add_to_head(self.best)
        self.curve_card.add_to_head(self.use_best)
        self.curve_card.body.addWidget(self.curve, 1)
        self.curve_card.set_margins(6, 0, 8, 6)
        self._outer = in_column(self.notice, self.no_run, (self.answers_card, 8), (self.curve_card, 5), of=self)
        self.save = button(SAVE_WORDS, look, "floppy-disk")
        self.save.clicked.connect(self._save)
        self.tools_line.addWidget(self.save)
        self.fields.changed.connect(self.refresh)
        self.rows.chose.connect(self.curve.choose_strength)
        self.curve.chose.connect(self.rows.choose_strength)
        self.curve.said.connect(lambda _state, words: self.message.emit(words))
        look.follow(self._restyle)

    def _restyle(self) -> None:
        keep_edge(self._outer, self.theme)
        self._outer.setSpacing(self.theme.size("space.card_gap"))
        self.save.setText("" if self.theme.projector else SAVE_WORDS)
        self.save.setAccessibleName(SAVE_WORDS)

    # -- asking --------------------------------------------------------------------------------------------------------

    def missing(self) -> str:
        known = self.choices.known
        if not self.choices.model:
            return "Choose a run to try."
        if known is None:
            return "The run is being looked up."
        if not known.has_base:
            return f"{known.title} has no adapter whose strength could be changed."
        if self.prompt.asking() is None:
            return "Write a prompt."
        try:
            self.fields.chosen_strengths()
        except UserError as error:
            return f"{error.what} {error.remedy}"
        return ""

    def ask_all(self) -> list[int]:
        asked = self.prompt.asking()
        assert asked is not None, "nothing is missing"
        strengths, side = self.fields.chosen_strengths(), self.own_side
        settings = self.choices.for_question()
        self.answers = [AtStrength(strength) for strength in strengths]
        known = self.choices.known
        self._prompt_asked, self.model_asked = asked.text, self.choices.model
        self.title_asked = known.title if known is not None else self.choices.model
        self._numbers = {}
        for entry in self.answers:
            at_this = settings.model_copy(update={"strength": entry.strength})
            self._numbers[self.chat.ask([asked], at_this, sides=[side])] = entry
        numbers = list(self._numbers)
        self._forget_others()
        points = joined(strengths, self.fields.curve_points())
        missing = [point for point in points if not any(event.strength == point for event in self.found)]
        self._points, self._no_curve = len(points), ""
        if missing:
            numbers.append(self.chat.measure(side, missing, self.fields.measured_by, settings.max_tokens))
        take_measured(self.answers, self.found)
        return numbers

    def _forget_others(self) -> None:
        """Keeps what was measured of the same weights in the same way."""
        by = self.fields.measured_by
        measured_of = (self.choices.model, by, self.choices.settings.max_tokens if by == "match" else 0)
        if measured_of != self.measured_of:
            self.measured_of, self.found = measured_of, []

    def tells_itself(self, refused: Event) -> bool:
        return isinstance(refused, QuestionRefused) and refused.number not in self._numbers

    def take(self, event: Event) -> None:
        entry = self._numbers.get(getattr(event, "number", 0))
        match event:
            case AnswerPiece() if entry is not None:
                entry.text += event.text
                entry.tokens += len(event.ids)
                entry.stage = "answering"
            case Answered() if entry is not None:
                entry.text, entry.tokens, entry.answered = event.text, len(event.ids), event
                entry.stage = "stopped" if event.finish == "interrupted" else "done"
                mark_all(self.answers)
            case StrengthMeasured():
                self.found.append(event)
                take_measured(self.answers, self.found)
            case QuestionRefused() if entry is not None:
                entry.stage = "refused"
            case QuestionRefused():
                self._no_curve = event.in_words()
            case _ if entry is not None and event.kind == "question done" and entry.stage == "waits":
                entry.stage = "stopped"

    # -- what is shown -------------------------------------------------------------------------------------------------

    def share_done(self) -> float:
        done = sum(entry.stage not in ("waits", "answering") for entry in self.answers)
        return (done + len(self.found)) / max(1, len(self.answers) + self._points)

    def facts(self) -> str:
        answered = [entry.answered for entry in self.answers if entry.answered is not None]
        if self.is_busy:
            done = sum(entry.stage not in ("waits", "answering") for entry in self.answers)
            if done < len(self.answers):
                return f"{done} of {counted(len(self.answers), 'answer')}"
            return f"The curve: {len(self.found)} of {counted(self._points, 'point')}"
        if answered:
            spent = sum(event.seconds for event in answered)
            forecast = f"{duration_in_words(spent)}"
            if self.found:
                each = sum(event.seconds for event in self.found) / len(self.found)
                forecast += f", the curve {duration_in_words(each * self.fields.points.value())}"
            return forecast
        return "The answers first, then the curve"

    def show_state(self) -> None:
        rows = len(self.choices.held_out)
        self.fields.show_rows(self.found[0].rows if self.found else rows)
        try:
            count = len(self.fields.chosen_strengths())
        except UserError:
            count = 0
        self.ask.setText(f"Answer at {counted(count, 'strength')}" if count else "Answer")
        self.ask.setEnabled(count > 0)
        self.rows.show_answers(self.answers)
        is_of_another = self.answers and self.model_asked != self.choices.model
        whose = f"of {self.title_asked}, " if is_of_another else ""
        self.answers_card.scope.set_text(f"{whose}{MARKED}")
        has_text = any(entry.text for entry in self.answers)
        self.copy.setEnabled(has_text)
        self.save.setEnabled(has_text)
        self._show_curve()

    def _show_curve(self) -> None:
        is_match = self.fields.measured_by == "match"
        what = "answers that equal those held out" if is_match else "perplexity of the held-out answers"
        self.curve_card.scope.set_text(f"{what}, by strength")
        waits = "The curve is measured once the answers are there." if self.is_busy else "Nothing is measured yet."
        notice = self._no_curve or waits
        most = max([self.fields.most, *(event.strength for event in self.found)])
        self.curve.show_found(self.found, most, notice)
        best = best_of(self.found) if len(self.found) > 1 and not self.is_busy else None
        self.best.setText(f"best at {best.strength:g}: {figure_of(best)}" if best is not None else "")
        self.use_best.setVisible(best is not None and self.measured_of[:1] == (self.choices.model,))
        if best is not None:
            self.use_best.setText(f"Use {best.strength:g} in Talk")

    def _use_best(self) -> None:
        best = best_of(self.found)
        if best is not None:
            self.choices.set(strength=best.strength)
            self.view_wanted.emit("talk")

    # -- taken along ---------------------------------------------------------------------------------------------------

    def markdown(self) -> str:
        """The prompt, the answers and the curve; nothing before there are any."""
        if not self.answers:
            return ""
        found = self.found if self.measured_of[:1] == (self.model_asked,) else []
        return as_markdown(self._prompt_asked, self.title_asked, self.answers, found)

    def _save(self) -> None:
        text = self.markdown()
        ask_where(self, SAVE_WORDS, "strengths.md", MARKDOWN, lambda path: save_and_say(path, text, self.message.emit))
