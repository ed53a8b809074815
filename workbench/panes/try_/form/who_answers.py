"""The group "What answers": a run or a model, its checkpoint, what stands beside it, and the adapter's strength."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.core.chat.speakers import BASE
from workbench.core.job.question import MOST_STRENGTH
from workbench.core.problems import UserError, shortened
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import breakable, icon_button, label, plain_tip, set_least_height
from workbench.panes.parts.fields import ChoiceBox, TextField, words_with
from workbench.panes.parts.page import FormGroup
from workbench.panes.try_.form.choices import Candidate, Choices
from workbench.panes.try_.form.sliding_number import SlidingNumber

LONGEST_NAME = 40
OTHER, NOTHING = "\0other", ""
AS_TRAINED = 1.0


class WhoAnswers(FormGroup):
    """Shows the page's choice and changes it.

    With `has_beside` it asks what stands beside, with `has_strength` how strong the adapter is.
    """

    def __init__(
        self,
        theme: Theme,
        choices: Choices,
        chat: ChatControl,
        *,
        has_beside: bool = True,
        has_strength: bool = True,
    ) -> None:
        super().__init__(theme, "What answers")
        self._choices, self._chat = choices, chat
        self._wants_other = False
        self._build_run()
        self.checkpoint = ChoiceBox(theme)
        self.checkpoint.setAccessibleName("Checkpoint")
        self.checkpoint.activated.connect(lambda place: self._take(str(self.checkpoint.itemData(place))))
        self._checkpoint_words = label("Checkpoint", "label")
        self.add_row(self._checkpoint_words, self.checkpoint)
        self.beside = ChoiceBox(theme)
        self.beside.setAccessibleName("Beside")
        self.beside.activated.connect(lambda place: self._take_beside(str(self.beside.itemData(place))))
        self._beside_words = label("Beside", "label")
        if has_beside:
            self.add_row(self._beside_words, self.beside)
        self._has_beside, self._has_strength = has_beside, has_strength
        self.strength = SlidingNumber(theme, "Strength", 0, MOST_STRENGTH, usual=AS_TRAINED)
        self.strength.moved.connect(lambda value: choices.set(strength=value))
        self._strength_words = label("Strength", "label")
        self._strength_says = label("0 the base model, 1 as trained", "small")
        if has_strength:
            field = QWidget()
            in_column(self.strength, self._strength_says, gap=0, of=field)
            self.add_row(self._strength_words, field)
        self.give_back = icon_button("Give the memory back", theme, "x")
        self.give_back.clicked.connect(self._let_go)
        self.give_back.hide()
        self.head.addWidget(self.give_back)
        theme.follow(self._restyle)
        choices.changed.connect(self.refresh)
        choices.known_changed.connect(self.refresh)
        chat.state_changed.connect(self._show_chat)
        self.refresh()
        self._show_chat()

    def _restyle(self) -> None:
        px = self.theme.px
        self.give_back.setFixedSize(px(20), px(18))
        set_least_height(self.title, px(18))  # nothing moves when the button comes

    def _build_run(self) -> None:
        theme = self.theme
        self.run = ChoiceBox(theme)
        self.run.setAccessibleName("Run")
        self.run.activated.connect(lambda place: self._choose(str(self.run.itemData(place))))
        self.find_folder = icon_button("Find a model, a run or an adapter by its folder", theme, "folder-open")
        self.find_folder.clicked.connect(self._find)
        self.problem = label("", "problem", wraps=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        field = QWidget()
        in_column(self.run, self.problem, gap=2, of=field)
        self.add_row(words_with("Run", self.find_folder), field)
        self.other = TextField()
        self.other.setAccessibleName("Model: a folder, or its id on the Hub")
        self.other.setPlaceholderText("org/name, or a folder")
        self.other.edited.connect(self._take_other)
        self._other_words = label("Model", "label")
        self.add_row(self._other_words, self.other)

    # -- what is chosen ------------------------------------------------------------------------------------------------

    def _choose(self, name: str) -> None:
        self._wants_other = name == OTHER
        if self._wants_other:
            self.refresh()
            self.other.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        is_run = any(candidate.name == name for candidate in self._choices.runs)
        self._choices.choose(name, (BASE,) if is_run else ())

    def _take_other(self, name: str) -> None:
        if name:
            self._choices.choose(name, (BASE,))

    def _find(self) -> None:
        found = QFileDialog.getExistingDirectory(self.window(), "Find a model, a run or an adapter", str(Path.home()))
        if found:
            self._wants_other = False
            self._choices.choose(found, (BASE,))

    def _take(self, checkpoint: str) -> None:
        beside = tuple(name for name in self._choices.beside if name != checkpoint)
        self._choices.choose(checkpoint, beside or (BASE,))

    def _take_beside(self, name: str) -> None:
        self._choices.choose_beside(*([name] if name != NOTHING else []))

    def _let_go(self) -> None:
        try:
            self._chat.let_go()
        except UserError as error:
            self._say(str(error))

    # -- what is shown -------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Shows what is chosen, and what else there is."""
        choices = self._choices
        known, problem = choices.known, choices.problem
        offered = [*choices.runs, *choices.models]
        self._fill(self.run, [*((entry.name, entry.title) for entry in offered), (OTHER, "Another model")])
        chosen = known.run.path if known is not None and known.run is not None else None
        name = str(chosen) if chosen is not None and self.run.findData(str(chosen)) >= 0 else choices.model
        if self._wants_other:
            self.run.setCurrentIndex(self.run.findData(OTHER))
        elif name:
            title = known.title if known is not None else Path(name).name or name
            self.run.choose(name, shortened(title, LONGEST_NAME))
        else:
            self.run.setCurrentIndex(-1)
            self.run.setPlaceholderText("Looking" if choices.is_looking else "Choose")
        self.run.setToolTip(plain_tip(name))
        self._say(str(problem) if problem is not None else "")
        self.other.setVisible(self._wants_other)
        self._other_words.setVisible(self._wants_other)
        self._show_checkpoints()
        self._show_beside(chosen)
        settings = choices.settings
        has_adapter = known is not None and known.has_base
        for part in (self.strength, self._strength_words, self._strength_says):
            part.setVisible(has_adapter and self._has_strength)
        self.strength.show_value(settings.strength)
        is_off = settings.strength == 0
        self._strength_says.setText("the same as the base model" if is_off else "0 the base model, 1 as trained")

    def _say(self, problem: str) -> None:
        self.problem.setText(breakable(problem))
        self.problem.setVisible(bool(problem))
        polish(self.run, state="danger" if problem else "")

    def _show_checkpoints(self) -> None:
        listed = self._choices.known.checkpoints if self._choices.known is not None else ()
        for part in (self.checkpoint, self._checkpoint_words):
            part.setVisible(len(listed) > 0)
        self._fill(self.checkpoint, [(entry.name, entry.words) for entry in listed])
        found = self._choices.checkpoint
        self.checkpoint.setCurrentIndex(-1 if found is None else self.checkpoint.findData(found.name))
        count = f" of {len(listed)}" if len(listed) > 1 else ""
        fact = "" if found is None else f"best{count}" if found.is_best else f"last{count}" if found.is_last else ""
        self.checkpoint.show_fact(fact)

    def _show_beside(self, run: Path | None) -> None:
        choices, known = self._choices, self._choices.known
        has_base = known is not None and known.has_base
        for part in (self.beside, self._beside_words):
            part.setVisible(has_base and self._has_beside)
        if known is None:
            return
        offered: list[tuple[str, str]] = [(BASE, "The base model"), (NOTHING, "Nothing")]
        own = next((entry for entry in choices.runs if run is not None and entry.name == str(run)), None)
        offered += [(entry.name, entry.words) for entry in known.checkpoints if entry.name != choices.model]
        offered += [(entry.name, entry.title) for entry in choices.runs if is_of_one_base(entry, own)]
        self._fill(self.beside, offered)
        beside = choices.beside[0] if choices.beside else NOTHING
        self.beside.choose(beside, shortened(Path(beside).name, LONGEST_NAME))

    @staticmethod
    def _fill(box: ChoiceBox, entries: list[tuple[str, str]]) -> None:
        shown = [(box.itemData(place), box.itemText(place)) for place in range(box.count())]
        wanted = [(name, shortened(title, LONGEST_NAME)) for name, title in entries]
        if shown != wanted:
            box.clear()
            for name, title in wanted:
                box.addItem(title, name)

    def _show_chat(self) -> None:
        chat = self._chat
        match chat.state:
            case ChatState.LOADING:
                self.fact.setText("loading")
            case ChatState.LEAVING:
                self.fact.setText("giving the memory back")
            case ChatState.READY if chat.loaded is not None:
                self.fact.setText(f"loaded in {chat.loaded.seconds:.0f} s")
            case _:
                self.fact.setText("not loaded")
        self.give_back.setVisible(chat.is_there)
        if chat.loaded is not None:
            held = bytes_in_words(chat.peak_bytes)
            self.give_back.setToolTip(f"Give the memory back: up to {held}")


def is_of_one_base(other: Candidate, own: Candidate | None) -> bool:
    """Whether another run may stand on the base of this one; the chat compares their weights before it answers."""
    return own is not None and other.has_result and other.name != own.name and other.base == own.base
