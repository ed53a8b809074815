"""Chats that are loaded: the memory they hold is missing where a run wants it."""

from dataclasses import dataclass

from workbench.core.job.chat_kinds import ChatLoaded, QuestionDone
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import alive_studies
from workbench.core.units import bytes_in_words


@dataclass(frozen=True)
class LoadedChat:
    """A chat whose engine is there; `peak_bytes` is what it held at most, 0 while it loads."""

    run: RunFolder
    title: str
    peak_bytes: int

    @property
    def in_words(self) -> str:
        """A sentence for who wants the memory."""
        held = f"holds up to {bytes_in_words(self.peak_bytes)} of memory" if self.peak_bytes else "is being loaded"
        return f"A chat with {self.title} {held}."

    def let_go(self) -> None:
        """Tells it to end, which an answer under way does first. Raises UserError."""
        self.run.give(Order(order="stop"))


def loaded_chats() -> list[LoadedChat]:
    """All of this person's, oldest first. Raises UserError where a journal cannot be read."""
    return [_read(run) for run in alive_studies("chat")]


def _read(run: RunFolder) -> LoadedChat:
    found = run.history().findings
    loaded = next((event for event in found if isinstance(event, ChatLoaded)), None)
    peaks = [event.peak_bytes for event in found if isinstance(event, ChatLoaded | QuestionDone)]
    return LoadedChat(run, loaded.sides[0].title if loaded else run.name, max(peaks, default=0))
