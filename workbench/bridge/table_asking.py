"""The open rows of a table of prompts, asked of the chat a few at a time until all are answered."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.table_keeping import TableKeeping
from workbench.core.chat.table.columns import Load
from workbench.core.chat.table.kept_answers import Answer
from workbench.core.chat.table.table import PromptTable, Refused
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.core.job.chat_kinds import Answered, QuestionRefused
    from workbench.core.job.events import Event

# Rows that are asked together: the engine answers as many at once, and a pause loses no more.
ROWS_AT_ONCE = 8
# Questions on their way: the engine has the next one while the answers to the last are read.
QUESTIONS_AHEAD = 2


class TableAsking(QObject):
    """Puts what is answered into its cell, and hands it on to be kept.

    Attributes:
        table: What is asked; None where there is none.
        is_running: Whether it is being answered.
        answered_seconds: What the answers that were made last have taken; 0 where all were there.

    Signals:
        answered: The rows (a list) in which something was answered or refused.
        failed: Why it goes no further (a UserError).
        weights_changed: What is loaded are others than those of the table, whose columns are to be found anew.
        state_changed: Whatever else is told.
    """

    answered = Signal(object)
    failed = Signal(object)
    weights_changed = Signal()
    state_changed = Signal()

    def __init__(self, chat: ChatControl, keeping: TableKeeping, parent: QObject) -> None:
        super().__init__(parent)
        self._chat, self._keeping = chat, keeping
        self.table: PromptTable | None = None
        self.is_running = False
        self.answered_seconds = 0.0
        self._began = 0.0
        self._rows_at_begin = 0
        self._waiting: dict[int, tuple[list[int], dict[str, int]]] = {}  # question -> its rows, and columns by side
        self._is_calling = False  # the chat, which tells of a change before it returns
        chat.advanced.connect(self._take)
        chat.state_changed.connect(self._chat_changed)

    def show(self, table: PromptTable | None) -> None:
        """Another table, or none."""
        self.table = table
        self.answered_seconds = 0.0

    def begin(self) -> None:
        """Asks what is open."""
        table = self.table
        if table is None or not table.open_rows():
            self._keeping.keep_judged()
            self.state_changed.emit()
            return
        self.is_running = True
        self._began = time.monotonic()
        self._rows_at_begin = table.scores().answered
        self._go_on()
        self.state_changed.emit()

    def stop(self) -> None:
        """Pauses: what is answered stays, the rest stays open."""
        if not self.is_running:
            return
        self.is_running = False
        self.answered_seconds += time.monotonic() - self._began
        had_asked = bool(self._waiting)
        self._waiting.clear()
        if had_asked and self._chat.is_answering:
            try:
                self._chat.interrupt()
            except UserError as error:
                self.failed.emit(error)
        self._keeping.keep_answers()
        self.state_changed.emit()

    @property
    def seconds_left(self) -> float | None:
        """While it answers, by how long the rows so far have taken; None before one has."""
        if self.table is None or not self.is_running:
            return None
        done = self.table.scores().answered - self._rows_at_begin
        left = len(self.table.open_rows())
        return (time.monotonic() - self._began) / done * left if done > 0 else None

    def _loaded_together(self) -> dict[str, list[int]]:
        """The places of the columns that are loaded together, by what is loaded; one after the other."""
        assert self.table is not None
        together: dict[str, list[int]] = {}
        for place, column in enumerate(self.table.columns):
            together.setdefault(column.load.model, []).append(place)
        return together

    def _go_on(self) -> None:
        """Asks the next rows, of those who are loaded for it; loads others where these have answered all."""
        table = self.table
        if not self.is_running or table is None or len(self._waiting) >= QUESTIONS_AHEAD:
            return
        asked = {(row, place) for rows, sides in self._waiting.values() for row in rows for place in sides.values()}
        for model, places in self._loaded_together().items():
            left = {
                row: open_here
                for row in range(len(table.prompts))
                if (open_here := [p for p in places if table.is_open(row, p) and (row, p) not in asked])
            }
            if not left:
                if any(place in places for _, place in asked):
                    return  # the next ones are loaded once these have answered
                continue
            wanted = [place for place in places if any(place in here for here in left.values())]
            beside = dict.fromkeys(name for place in wanted for name in table.columns[place].load.beside)
            try:
                if self._is_ready(Load(model, tuple(beside)), wanted):
                    self._ask(left)
            except UserError as error:
                self._fail(error)
            return
        if not asked:
            self._finish()

    def _is_ready(self, load: Load, places: Sequence[int]) -> bool:
        """Whether all of a load are there, or were refused; has them loaded where they are not. Raises UserError."""
        chat, table = self._chat, self.table
        assert table is not None
        if not chat.has(load.model, load.beside):
            if not self._waiting:
                with self._calling():
                    chat.load(load.model, load.beside)
            return False
        if chat.state is not ChatState.READY:
            return False
        are_there = all(any(table.columns[place].is_side(facts) for facts in chat.sides) for place in places)
        return are_there or len(chat.sides) > len(chat.beside)

    @contextmanager
    def _calling(self) -> Iterator[None]:
        self._is_calling = True
        try:
            yield
        finally:
            self._is_calling = False

    def _ask(self, left: dict[int, list[int]]) -> None:
        table = self.table
        assert table is not None
        first = next(iter(left.values()))
        rows = [row for row, places in list(left.items())[:ROWS_AT_ONCE] if places == first]
        sides: dict[str, int] = {}
        for place in first:
            column = table.columns[place]
            facts = next((facts for facts in self._chat.sides if column.is_side(facts)), None)
            if facts is None:
                self._refuse_all(place, f"{column.title} cannot stand beside the others.")
            else:
                sides[facts.side] = place
        if sides:
            with self._calling():
                number = self._chat.ask([table.prompts[row] for row in rows], table.settings, sides=tuple(sides))
            self._waiting[number] = (rows, sides)
        self._go_on()

    def _finish(self) -> None:
        self.is_running = False
        self.answered_seconds += time.monotonic() - self._began
        self._keeping.keep_answers()
        self._keeping.keep_judged()
        self.state_changed.emit()

    def _fail(self, error: UserError) -> None:
        self.failed.emit(error)
        self._waiting.clear()
        self.stop()
        self.state_changed.emit()

    def _refuse_all(self, place: int, words: str) -> None:
        table = self.table
        assert table is not None
        rows = [row for row in range(len(table.prompts)) if table.is_open(row, place)]
        for row in rows:
            table.put(row, place, Refused(words))
        self.answered.emit(rows)

    def _chat_changed(self) -> None:
        if not self.is_running or self._is_calling:
            return
        if self._chat.state in (ChatState.NONE, ChatState.LEAVING):
            error = self._chat.trouble or UserError(
                "The model was let go before all was answered.", remedy="Answer the rest when it is loaded again."
            )
            self._fail(error)
            return
        if self._waiting and not self._chat.waiting and self._chat.state is ChatState.LOADING:
            self._fail(
                UserError("Another model was loaded meanwhile.", remedy="What was answered stays; answer the rest.")
            )
            return
        self._go_on()
        self.state_changed.emit()

    def _take(self, events: "Sequence[Event]") -> None:
        rows: set[int] = set()
        was_interrupted = False
        for event in events:
            if self._is_of_others(event):
                self._begin_anew()
                return
            match event.kind:
                case "answered" | "question refused" if event.number in self._waiting:
                    was_interrupted |= event.kind == "answered" and event.finish == "interrupted"
                    row = self._put(event)
                    if row is not None:
                        rows.add(row)
                case "question done" if event.number in self._waiting:
                    asked, sides = self._waiting.pop(event.number)
                    table = self.table
                    was_interrupted |= table is not None and any(
                        table.is_open(row, place) for row in asked for place in sides.values()
                    )
                case "side refused" if self.table is not None and self.is_running:
                    for place, column in enumerate(self.table.columns):
                        if event.name in column.load.beside and column.role == "second":
                            self._refuse_all(place, event.in_words())
        if rows:
            self.answered.emit(sorted(rows))
        if was_interrupted and self.is_running:
            self._waiting.clear()
            self.stop()
        elif self.is_running:
            self._go_on()

    def _is_of_others(self, event: "Event") -> bool:
        """Whether other weights have answered than those that the table is of."""
        if event.kind != "answered" or event.number not in self._waiting or self.table is None:
            return False
        place = self._waiting[event.number][1].get(event.side)
        return place is not None and not self.table.columns[place].is_of(
            event.base_hash, event.adapter_sha256, event.strength
        )

    def _begin_anew(self) -> None:
        """Lets go of what is loaded, and has the files looked at again."""
        error = UserError(
            "The weights have changed since the table was made.",
            why="What is loaded is not what lies in the folder of the run.",
            remedy="Its table is made anew: answer it again.",
        )
        self._fail(error)
        try:
            self._chat.let_go()
        except UserError as problem:
            self.failed.emit(problem)
        self.weights_changed.emit()

    def _put(self, event: "Answered | QuestionRefused") -> int | None:
        """Puts what came into its cell, and gives its row."""
        rows, sides = self._waiting[event.number]
        table = self.table
        if table is None or event.side not in sides or event.place >= len(rows):
            return None
        row, place = rows[event.place], sides[event.side]
        if event.kind == "question refused":
            table.put(row, place, Refused(event.in_words()))
        elif event.finish == "interrupted":
            return None
        else:
            table.put(row, place, Answer.of(event))
            self._keeping.add_answer(row, place)
        return row
