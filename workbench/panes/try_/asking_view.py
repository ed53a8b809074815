"""What the views share that ask the chat several things at once: the buttons, how far it is, what went wrong."""

from abc import abstractmethod
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut

from workbench.bridge.chat_control import ChatState
from workbench.core.chat.speakers import BASE, TUNED
from workbench.core.job.events import Event
from workbench.core.job.phases import how_far
from workbench.core.problems import UserError
from workbench.panes.parts.cards import Bar, Message
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import NARROW_WINDOW
from workbench.panes.try_.form.prompt_field import PromptField
from workbench.panes.try_.view import OnPage, TryView


class AskingView(TryView):
    """A subclass says what is asked, and takes what comes of it.

    Attributes:
        asked: The numbers of what was asked last.
    """

    def __init__(self, on_page: OnPage, words: str) -> None:
        super().__init__(on_page)
        theme = on_page.theme
        self.prompt = PromptField(theme, self.choices)
        self.notice = Message(theme)
        self.notice.add_close()
        self.notice.hide()
        self.no_run = Message(theme)
        self.train = button("Train one", theme, "play")
        self.train.clicked.connect(lambda: self.go_to.emit("train"))
        self.no_run.add_button(self.train)
        self.no_run.hide()
        self.ask = button(words, theme, "play", "primary")
        self.ask.setToolTip("Ctrl+Enter")
        self.stop = button("Stop", theme, "stop")
        self.stop.setToolTip("Esc")
        self.stop.hide()
        self.progress = Bar(theme)
        self.progress.hide()
        self.asked: list[int] = []
        self._was_busy = False

    def _begin(self) -> None:
        """Puts the buttons below the form, and follows the chat; done once, when form and picture are there."""
        bar = self.form.action_bar
        bar.add(self.ask, stretch=1)
        bar.add(self.stop, stretch=1)
        outer = bar.layout()
        assert outer is not None
        outer.addWidget(self.progress)
        self.ask.clicked.connect(self.start)
        self.stop.clicked.connect(self.interrupt)
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.interrupt, context=inside)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self.form, self.interrupt, context=inside)
        self.prompt.edited.connect(self.refresh)
        self.choices.changed.connect(self.refresh)
        self.choices.known_changed.connect(self.refresh)
        self.chat.advanced.connect(self._advance)
        self.chat.state_changed.connect(self._change)
        self.refresh()

    # -- what a subclass says ------------------------------------------------------------------------------------------

    @abstractmethod
    def ask_all(self) -> list[int]:
        """Asks the chat, which is there, and gives the numbers. Raises UserError."""

    @abstractmethod
    def take(self, event: Event) -> None:
        """Something came of what was asked last."""

    @abstractmethod
    def facts(self) -> str:
        """A line below the button."""

    @abstractmethod
    def share_done(self) -> float:
        """How far it is, from 0 to 1."""

    @abstractmethod
    def missing(self) -> str:
        """What is still to be chosen before anything can be asked; empty where nothing is."""

    @abstractmethod
    def show_state(self) -> None:
        """Shows the picture as it is now."""

    def tells_itself(self, refused: Event) -> bool:
        """Whether the picture says why something was refused, which then needs no card of its own."""
        return False

    # -- asking --------------------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        return any(number in self.chat.waiting for number in self.asked)

    @property
    def own_side(self) -> str:
        """What the chat calls the one that was chosen first."""
        known = self.choices.known
        return TUNED if known is not None and (known.has_base or known.run is not None) else BASE

    def shown_first(self) -> None:
        self.choices.look_around()

    def arranged(self) -> None:
        """Below the form room is kept for the bar: the button stays where it is. In the header there is none."""
        keeps = self.progress.sizePolicy()
        is_in_header = self.theme.projector or self.window().width() < self.theme.px(NARROW_WINDOW)
        keeps.setRetainSizeWhenHidden(not is_in_header)
        self.progress.setSizePolicy(keeps)

    def act(self) -> bool:
        self.start()
        return True

    def start(self) -> None:
        """Asks, where nothing is under way and nothing is missing."""
        if self.is_busy:
            return
        if missing := self.missing():
            self.notice.say("info", missing)
            self.notice.show()
            return
        self.notice.hide()
        try:
            self.chat.load(self.choices.model, self.choices.beside)
            self.asked = self.ask_all()
        except UserError as error:
            self.notice.say_error(error)
        self.refresh()

    def interrupt(self) -> None:
        """Ends what is asked; what has come of it stays."""
        try:
            if self.is_busy and self.chat.state is ChatState.LOADING:
                self.chat.let_go()
            elif self.is_busy:
                self.chat.interrupt()
        except UserError as error:
            self.notice.say_error(error)

    def _advance(self, events: Sequence[Event]) -> None:
        mine = [event for event in events if getattr(event, "number", 0) in self.asked]
        for event in mine:
            if event.kind == "question refused" and not self.tells_itself(event):
                self.notice.say_error(UserError(event.what, why=event.why, remedy=event.remedy))
            self.take(event)
        if mine:
            self.refresh()

    def _change(self) -> None:
        if self._was_busy and self.chat.trouble is not None:
            self.notice.say_error(self.chat.trouble)
        self.refresh()

    def refresh(self) -> None:
        """Buttons, facts and picture, as they are now."""
        chat, choices = self.chat, self.choices
        is_busy = self._was_busy = self.is_busy
        if self.ask.parentWidget() is not None:  # without a parent they would be windows
            self.ask.setVisible(not is_busy)
            self.stop.setVisible(is_busy)
            self.progress.setVisible(is_busy)
        self.progress.set_share(self.share_done())
        if is_busy and chat.state is ChatState.LOADING:
            self.form.action_bar.say(how_far(chat.phase) if chat.phase is not None else "Starting the engine")
        else:
            self.form.action_bar.say(self.facts())
        has_none = not choices.is_looking and not choices.runs and not choices.model
        if has_none:
            self.no_run.say(
                "info",
                "There is no run to try yet.",
                "A run is tried once its training has ended or left a checkpoint; a model can be tried without one.",
            )
        if self.no_run.parentWidget() is not None:
            self.no_run.setVisible(has_none)
        self.show_state()
