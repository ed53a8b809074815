"""The chat that the window has loaded: one at a time, for all who ask."""

import os
import time
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.core.job.question import AnswerSettings, Asking, Question
from workbench.core.job.run_folder import Order
from workbench.core.job.scoring import MeasuredBy, Measurement, Scoring
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.bridge.study_control import StudyControl
    from workbench.core.job.chat_kinds import ChatLoaded, SideFacts
    from workbench.core.job.events import Event, Phase

# From the first token of an answer until its pace is told: before that it would jump.
PACE_SECONDS = 0.5


class ChatState(StrEnum):
    NONE = "none"
    LOADING = "loading"
    READY = "ready"
    LEAVING = "leaving"


class ChatControl(QObject):
    """Loads what is to answer into a process of its own and hands it what is asked; call `close` before it goes.

    What is asked while it loads is answered once it has. Where another chat is loaded, that one is let go first.

    Signals:
        advanced: The new findings (a list of events), once the attributes hold what they say: whoever asked knows its
            own by their `number`.
        state_changed: `state`, `phase`, `trouble`, or what is waited for has changed.
    """

    advanced = Signal(object)
    state_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = ChatState.NONE
        # What was asked to answer, by the names that the chat job knows.
        self.model = ""
        self.beside: tuple[str, ...] = ()
        # What is loaded; None until it is.
        self.loaded: ChatLoaded | None = None
        # Those who answer, with what was put beside them since; and by the names that they were asked by.
        self.sides: list[SideFacts] = []
        self.named: dict[str, SideFacts] = {}
        self.phase: Phase | None = None
        # Why nothing is loaded, where something was to be.
        self.trouble: UserError | None = None
        self.peak_bytes = 0
        # Sentences that have to stand by the answers.
        self.notices: list[str] = []
        # The questions that are not answered yet, in their order, with the tokens that each may have at most.
        self.waiting: dict[int, int] = {}
        # Of the question at work: tokens that were answered, of all sides together, and how fast they come.
        self.answered_tokens = 0
        self.tokens_per_second = 0.0
        self._answering_since = 0.0
        self._growing: set[tuple[int, str]] = set()  # the answers of the question at work that are told as they grow
        self._number = 0
        self._study: StudyControl | None = None
        self._loaded_beside: tuple[str, ...] = ()  # those that are loaded with it; others are put beside it later
        self._early: list[Order] = []  # for a chat that begins once the one before has gone
        self._goes_on = False

    @property
    def title(self) -> str:
        """What answers, in a few words."""
        return self.sides[0].title if self.sides else Path(self.model).name

    # -- what may be asked ---------------------------------------------------------------------------------------------

    @property
    def is_answering(self) -> bool:
        return bool(self.waiting)

    @property
    def is_there(self) -> bool:
        """Whether what was asked to answer is loaded, or will be."""
        return self.state in (ChatState.LOADING, ChatState.READY)

    def has(self, model: str, beside: Sequence[str] = ()) -> bool:
        """Whether these answer, or will once they are loaded."""
        return self.is_there and model == self.model and set(beside) <= set(self.beside)

    def load(self, model: str, beside: Sequence[str] = ()) -> None:
        """Has these answer: puts what is missing beside what is loaded, or loads anew. Raises UserError."""
        if self.is_there and model == self.model:
            for name in beside:
                self.put_beside(name)
            return
        self.model, self.beside = model, tuple(beside)
        self._early.clear()
        if self._study is not None and self._study.is_busy:
            self._study.order(Order(order="stop"))
            self._forget()
            self._goes_on = True
            self._become(ChatState.LOADING)
        else:
            self._begin()

    def put_beside(self, name: str) -> None:
        """Adds a side; SideLoaded or SideRefused says what came of it. Raises UserError."""
        if name not in self.beside:
            if not self._goes_on:  # else it is loaded with the others
                self._give(Order(order="beside", name=name))
            self.beside = (*self.beside, name)

    def ask(
        self,
        prompts: Sequence[Asking],
        settings: AnswerSettings | None = None,
        *,
        after: int = 0,
        sides: Sequence[str] = (),
    ) -> int:
        """Asks prompts of sides, of all where none is named; gives the question's number.

        Its answers come by `advanced`. Raises UserError where nothing is loaded, or no order can be given.
        """
        settings = settings or AnswerSettings()
        number = self._number + 1
        question = Question(number=number, prompts=tuple(prompts), after=after, sides=tuple(sides), settings=settings)
        self._give(Order(order="ask", question=question))
        self._number = number
        each = len(sides) or len(self.sides) or 1 + len(self.beside)
        self._wait_for(number, settings.max_tokens * len(prompts) * each)
        return number

    def score(
        self,
        prompt: Asking,
        *,
        text: str = "",
        sent: Sequence[int] = (),
        ids: Sequence[int] = (),
        settings: AnswerSettings | None = None,
        sides: Sequence[str] = (),
    ) -> int:
        """Asks how likely sides hold an answer, given as text or as ids with those that were sent; gives its number.

        Of the settings strength, system prompt and template count. TextScored comes by `advanced`, and QuestionDone.
        Raises UserError as `ask`.
        """
        settings = settings or AnswerSettings()
        number = self._number + 1
        scoring = Scoring(
            number=number,
            prompt=prompt,
            text=text,
            system=settings.system,
            template=settings.template,
            sent=tuple(sent),
            ids=tuple(ids),
            sides=tuple(sides),
            strengths=(settings.strength,),
        )
        self._give(Order(order="score", scoring=scoring))
        self._number = number
        self._wait_for(number, 0)
        return number

    def measure(self, side: str, strengths: Sequence[float], by: MeasuredBy, max_tokens: int) -> int:
        """Has a side measured on the held-out rows of its run at these strengths; gives the measurement's number.

        `max_tokens` are those of an answer that is compared. StrengthMeasured comes by `advanced`, and QuestionDone.
        Raises UserError as `ask`.
        """
        number = self._number + 1
        measurement = Measurement(number=number, side=side, strengths=tuple(strengths), by=by, max_tokens=max_tokens)
        self._give(Order(order="measure", measurement=measurement))
        self._number = number
        self._wait_for(number, 0)
        return number

    def interrupt(self) -> None:
        """Ends all that was asked so far; what is answered of it stays. Raises UserError."""
        if self.is_answering:
            self._give(Order(order="interrupt"))

    def let_go(self) -> None:
        """Gives the memory back; an answer that is under way ends first. Raises UserError."""
        self._goes_on = False
        self._early.clear()
        if self._study is not None and self._study.is_busy:
            self._study.order(Order(order="stop"))
            self._forget()
            self._become(ChatState.LEAVING)
        else:
            self._forget()
            self._become(ChatState.NONE)

    def close(self) -> None:
        """Lets it go, and stops following."""
        if self._study is not None:
            if self._study.is_busy and self.state is not ChatState.LEAVING:
                self._study.order(Order(order="stop"))
            self._study.close()

    def _give(self, order: Order) -> None:
        if not self.is_there or self._study is None:
            raise UserError("Nothing is loaded that could answer.", remedy="Choose a run or a model to talk to.")
        if self._goes_on:
            self._early.append(order)
        else:
            self._study.order(order)

    def _wait_for(self, number: int, most_tokens: int) -> None:
        if not self.waiting:
            self.answered_tokens, self.tokens_per_second = 0, 0.0
        self.waiting[number] = most_tokens
        self.state_changed.emit()

    # -- the process ---------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        import psutil

        from workbench.bridge.study_control import StudyControl  # with the first chat: the first paint has none
        from workbench.core.job.chat_kinds import ChatRequest

        if self._study is None:
            self._study = StudyControl(self)
            self._study.advanced.connect(self._advance)
            self._study.state_changed.connect(self._study_changed)
        self._forget()
        self._goes_on = False
        self.trouble = None
        request = ChatRequest(
            model=self.model,
            beside=self.beside,
            owner_pid=os.getpid(),
            owner_began=psutil.Process().create_time(),
        )
        self._loaded_beside = self.beside
        self._study.start(request)
        for order in self._early:
            self._study.order(order)
            if order.question is not None:
                question = order.question
                self.waiting[question.number] = question.settings.max_tokens * len(question.prompts)
            elif (asked := order.scoring or order.measurement) is not None:
                self.waiting[asked.number] = 0
        self._early.clear()
        self._become(ChatState.LOADING)

    def _forget(self) -> None:
        self.loaded, self.phase, self.sides = None, None, []
        self.named.clear()
        self.peak_bytes = 0
        self.notices.clear()
        self.waiting.clear()

    def _become(self, state: ChatState) -> None:
        self.state = state
        self.state_changed.emit()

    def _study_changed(self) -> None:
        study = self._study
        if study is None or study.is_busy or study.outcome is None:
            return
        if self._goes_on:
            try:
                self._begin()
            except UserError as error:
                self._fail(error)
            return
        outcome = study.outcome
        was_wanted = self.state is not ChatState.LEAVING
        if was_wanted and (outcome.is_refusal or outcome.state.value != "finished"):
            self._fail(UserError(outcome.what, why=outcome.why, remedy=outcome.remedy))
        else:
            self._forget()
            self._become(ChatState.NONE)

    def _fail(self, error: UserError) -> None:
        self.trouble = error
        self._goes_on = False
        self._forget()
        self._become(ChatState.NONE)

    # -- what it tells -------------------------------------------------------------------------------------------------

    def _advance(self, events: "list[Event]") -> None:
        from workbench.core.job.study_base import Finding

        study = self._study
        assert study is not None
        study.findings.clear()  # whoever asked keeps what it wants of a chat that may go on for days
        if not self.is_there or self._goes_on:
            return
        has_changed = study.phase is not self.phase
        self.phase = study.phase
        self.notices += [event.text for event in events if event.kind == "notice"]
        found = [event for event in events if isinstance(event, Finding)]
        for event in found:
            has_changed |= self._take(event)
        if found:
            self.advanced.emit(found)
        if has_changed:
            self.state_changed.emit()

    def _take(self, event: "Event") -> bool:
        """Whether it changed how the chat stands."""
        match event.kind:
            case "chat loaded":
                self.loaded, self.sides, self.peak_bytes = event, list(event.sides), event.peak_bytes
                self.named = dict(zip((self.model, *self._loaded_beside), event.sides, strict=True))
                self.state = ChatState.READY
            case "side loaded":
                self.sides.append(event.facts)
                self.named[event.name] = event.facts
            case "side refused":
                self.beside = tuple(name for name in self.beside if name != event.name)
            case "answer piece":
                if not self.answered_tokens:
                    self._answering_since = time.monotonic()
                self.answered_tokens += len(event.ids)
                self._growing.add((event.number, event.side))
                spent = time.monotonic() - self._answering_since
                if spent > PACE_SECONDS:
                    self.tokens_per_second = self.answered_tokens / spent
                return False
            case "answered":
                self.peak_bytes = max(self.peak_bytes, event.peak_bytes)
                if (event.number, event.side) not in self._growing:  # of a list, which is told whole
                    self.answered_tokens += len(event.ids)
            case "question done":
                self.waiting.pop(event.number, None)
                self.peak_bytes = max(self.peak_bytes, event.peak_bytes)
                if not self._growing and event.seconds:
                    self.tokens_per_second = event.tokens / event.seconds
                self.answered_tokens = 0
                self._growing.clear()
            case _:
                return False
        return True
