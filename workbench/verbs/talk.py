"""A chat in a terminal: lines are asked, answers come as they grow."""

import subprocess
import sys
import time
from contextlib import suppress

from rich.markup import escape

from workbench.core.job import launch
from workbench.core.job.chat_kinds import Answered, AnswerPiece, ChatLoaded, QuestionDone, QuestionRefused, QuestionSent
from workbench.core.job.events import Event
from workbench.core.job.history import History
from workbench.core.job.question import AnswerSettings, Asking, Question
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.units import counted
from workbench.verbs import follow as terminal
from workbench.verbs.interrupts import Interrupts

POLL_SECONDS = 0.03
OfAnswer = QuestionSent | AnswerPiece | Answered | QuestionRefused


class Talk(terminal.Follower):
    """Loads, then asks what is typed; each side keeps a conversation of its own."""

    interrupts = ("cancel",)  # while it loads

    def __init__(self, run: RunFolder, process: subprocess.Popen[bytes], settings: AnswerSettings) -> None:
        super().__init__(run, process)
        self._engine = process
        self._settings = settings
        self._sides: list[str] = []
        self._number = 0
        self._after = 0
        self._is_done = False
        self._is_answered = False
        self._speaker = ""  # the side whose answer stands in the last line
        self._held: list[OfAnswer] = []  # of the others, which answer at the same time

    def follow(self) -> History:
        """Returns once the person has left and the engine has ended."""
        with self._bar, Interrupts() as interrupts:
            while not self._sides:
                if self._look():
                    return self.history
                if interrupts.take():
                    self._interrupt()
                else:
                    time.sleep(POLL_SECONDS)
        with suppress(ImportError):
            import readline  # noqa: F401  arrow keys and what was typed before, at input()
        terminal.errors.print("Ctrl-C stops an answer, twice ends; so does Ctrl-D.")
        try:
            self._talk()
        finally:
            self._leave()
        return self.history

    def _talk(self) -> None:
        was_interrupted = False
        while self._engine.poll() is None:
            try:
                text = input("\n> ")
            except EOFError:
                return
            except KeyboardInterrupt:
                if was_interrupted:
                    return
                was_interrupted = True
                terminal.errors.print("\nCtrl-C again ends.")
                continue
            was_interrupted = False
            if text.strip() and not self._ask(text):
                return

    def _ask(self, text: str) -> bool:
        """Whether the person wants to go on once it is answered."""
        self._number += 1
        question = Question(
            number=self._number, prompts=(Asking(text=text),), after=self._after, settings=self._settings
        )
        self._is_done = self._is_answered = False
        self._speaker = ""
        self._held.clear()
        self.run.give(Order(order="ask", question=question))
        is_interrupted = False
        with Interrupts() as interrupts:
            while not self._is_done:
                if self._look():
                    return False
                if not interrupts.take():
                    time.sleep(POLL_SECONDS)
                elif is_interrupted:
                    return False
                else:
                    is_interrupted = True
                    self.run.give(Order(order="interrupt"))
        if self._is_answered:
            self._after = self._number
        return True

    def _leave(self) -> None:
        if self._engine.poll() is None:
            self.run.give(Order(order="stop"))
            try:
                self._engine.wait(terminal.CANCEL_GRACE_SECONDS)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                launch.end_by_force(self._engine.pid)
        self._look()

    def _show(self, event: Event) -> None:
        match event:
            case ChatLoaded():
                self._sides = [entry.side for entry in event.sides]
            case QuestionSent() | AnswerPiece() | Answered() | QuestionRefused():
                self._tell(event)
            case QuestionDone():
                self._is_done = True
            case _:
                super()._show(event)

    def _tell(self, event: OfAnswer) -> None:
        """One side as it answers; what another says meanwhile comes once that one has ended."""
        if self._speaker not in ("", event.side):
            self._held.append(event)
            return
        self._speaker = event.side
        self._print(event)
        if isinstance(event, Answered | QuestionRefused):
            self._speaker = ""
            held, self._held = self._held, []
            for later in held:
                self._tell(later)

    def _print(self, event: OfAnswer) -> None:
        match event:
            case QuestionSent():
                if len(self._sides) > 1:
                    terminal.errors.print(f"\n[bold]{escape(event.side)}[/bold]")
            case AnswerPiece():
                self._is_answered = True
                sys.stdout.write(printable(event.text))
                sys.stdout.flush()
            case Answered():
                sys.stdout.write("\n")
                sys.stdout.flush()
                terminal.errors.print(f"[dim]{pace_in_words(event)}[/dim]")
            case QuestionRefused():
                terminal.errors.print(escape(event.in_words()), soft_wrap=True)


def pace_in_words(event: Answered) -> str:
    """How fast an answer came, and what ended it where that was not the model."""
    ended = {"length": ", cut at its longest", "interrupted": ", stopped", "stop word": "", "end": ""}[event.finish]
    first = f"the first after {event.first_token_seconds:.2f} s"
    return f"{counted(len(event.ids), 'token')}, {event.tokens_per_second:.0f} a second, {first}{ended}"


def printable(text: str) -> str:
    """A text of several lines, without what a terminal would obey."""
    return "".join(character if character.isprintable() or character in "\n\t" else "?" for character in text)
