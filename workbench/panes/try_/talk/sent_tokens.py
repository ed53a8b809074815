"""What was sent to a model and what it said, as the tokens that it reads and writes."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.tasks import run_task
from workbench.core.model.tokenizer_files import are_there
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.units import counted
from workbench.panes.try_.talk.conversation import Said

# Between two pictures of an answer that grows, as a multiple of what its tokens took; to show them takes longer.
REST = 10.0
# What the decoder puts for bytes of a letter that is not whole yet; one has four bytes at most.
_BROKEN = "\ufffd"
_MOST_OF_A_LETTER = 4


class Piece(NamedTuple):
    """A token as it stands in a text, or the few that spell one letter together."""

    text: str
    ids: tuple[int, ...]
    is_special: bool

    @property
    def tip(self) -> str:
        return f"{'token' if len(self.ids) == 1 else 'tokens'} {', '.join(map(str, self.ids))}"


class SentTokens(QObject):
    """The tokenizer of the chat that is loaded, and what it makes of texts.

    Signals:
        changed: There is another tokenizer, or none.
    """

    changed = Signal()

    def __init__(self, chat: ChatControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._chat = chat
        self._folder: Path | None = None
        self.tokenizer: TextTokenizer | None = None
        # What was made of an answer last, and from when on it is made anew while that grows.
        self._made: WeakKeyDictionary[Said, tuple[float, list[Piece]]] = WeakKeyDictionary()
        chat.state_changed.connect(self._look)

    def _look(self) -> None:
        """The engine has made the tokenizer's file before it says that it has loaded."""
        loaded = self._chat.loaded
        if loaded is None:
            return
        adapter = Path(loaded.sides[0].adapter) if loaded.sides[0].adapter else None
        folder = adapter if adapter is not None and are_there(adapter) else Path(loaded.folder)
        if folder != self._folder:
            self._folder, self.tokenizer = folder, None
            self._made.clear()
            run_task(lambda: kept_tokenizer.find(folder), self._take, lambda _error: None, parent=self)

    def _take(self, tokenizer: TextTokenizer | None) -> None:
        self.tokenizer = tokenizer
        self.changed.emit()

    def count(self, text: str) -> int | None:
        """How many tokens a text is; None without a tokenizer."""
        return self.tokenizer.counts([text])[0] if self.tokenizer is not None else None

    def count_in_words(self, text: str) -> str:
        """The same in words; empty without a tokenizer."""
        found = self.count(text)
        return "" if found is None else counted(found, "token")

    def end(self) -> str:
        """What ends an answer by itself; empty where that is not known."""
        return self.tokenizer.eos if self.tokenizer is not None else ""

    def pieces_of(self, said: Said, before: Said | None) -> list[Piece]:
        """What this question has added to what was sent before it, then its answer; none without a tokenizer."""
        if self.tokenizer is None or said.sent is None:
            return []
        began, (next_at, made) = time.perf_counter(), self._made.get(said, (0.0, []))
        if said.stage == "answering" and began < next_at:
            return made  # of a long answer that grows, in larger steps
        made = self._of_this(said, before, self.tokenizer)
        ended = time.perf_counter()
        self._made[said] = (ended + REST * (ended - began), made)
        return made

    @staticmethod
    def _of_this(said: Said, before: Said | None, tokenizer: TextTokenizer) -> list[Piece]:
        assert said.sent is not None
        pieces = spelled([*said.sent.ids, *said.ids], tokenizer)
        if before is None or before.sent is None:
            return pieces
        # A template may take the space around an answer away, and the tokens of what was said are then others.
        for answer in (before.text, before.text.strip()):
            earlier = before.sent.text + answer
            if said.sent.text.startswith(earlier):
                return _after(pieces, len(earlier))
        return pieces


def _after(pieces: Sequence[Piece], characters: int) -> list[Piece]:
    """The pieces behind this many characters."""
    read = 0
    for place, piece in enumerate(pieces):
        if read >= characters:
            return list(pieces[place:])
        read += len(piece.text)
    return []


def spelled(ids: Sequence[int], tokenizer: TextTokenizer) -> list[Piece]:
    """The tokens with the text that each has where it stands."""
    special = tokenizer.is_special(np.asarray(ids, np.int64)) if ids else np.zeros(0, np.bool_)
    found: list[Piece] = []
    first = 0  # of those that spell the next piece
    for place in range(len(ids)):
        # A word's first letter may depend on the token before it.
        told = tokenizer.decode(ids[max(0, first - 1) : first])
        text = tokenizer.decode(ids[max(0, first - 1) : place + 1])[len(told) :]
        if text.endswith(_BROKEN) and place - first + 1 < _MOST_OF_A_LETTER and place + 1 < len(ids):
            continue
        found.append(Piece(text, tuple(ids[first : place + 1]), bool(special[place])))
        first = place + 1
    return found
