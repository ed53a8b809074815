"""The table of prompts: its list and its columns read, its answers asked for a few at a time, all of it kept."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.bridge.tasks import run_task
from workbench.bridge.timers import once_after
from workbench.core.chat.table.columns import Column, Load, columns_of
from workbench.core.chat.table.forecast import forecast_seconds, seconds_an_answer
from workbench.core.chat.table.keeping import FilledTable, MarksToKeep, filled_table, keep_answers
from workbench.core.chat.table.kept_answers import Answer, deciding
from workbench.core.chat.table.lists import ListWanted, PromptList, prompt_list
from workbench.core.chat.table.table import Judging, PromptTable, Refused
from workbench.core.job.question import AnswerSettings
from workbench.core.problems import UserError

if TYPE_CHECKING:
    from workbench.core.job.chat_kinds import Answered, QuestionRefused
    from workbench.core.job.events import Event

# Rows that are asked together: the engine answers as many at once, and a pause loses no more.
ROWS_AT_ONCE = 8
# Questions on their way: the engine has the next one while the answers to the last are read.
QUESTIONS_AHEAD = 2
KEEP_MILLISECONDS = 1500


class PromptTableControl(QObject):
    """One table at a time, on the chat that the window has loaded.

    Attributes:
        wanted: Which prompts are to be asked, and `listed` those that were found.
        most: At most this many of them; 0 for all.
        columns: Who answers; empty while that is being found.
        speeds: Of each column the seconds that an answer has taken on this machine; None where that is not known.
        settings: How answers are to be made; those of the table may be others until it is answered anew.
        filled: The table; None until there are prompts and columns.
        list_trouble: Why there are no prompts.
        column_trouble: Why nobody answers.
        trouble: What went wrong while answers or marks were made or kept.
        answered_seconds: What the answers that were made last have taken; 0 where all were there.

    Signals:
        changed: Another table, or none.
        answered: The rows (a list) in which something was answered or refused.
        judged: Marks or verdicts have changed.
        state_changed: Whatever else is told.
    """

    changed = Signal()
    answered = Signal(object)
    judged = Signal()
    state_changed = Signal()

    def __init__(self, chat: ChatControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chat = chat
        self.wanted = ListWanted()
        self.listed: PromptList | None = None
        self.most = 0
        self.columns: tuple[Column, ...] = ()
        self.speeds: tuple[float | None, ...] = ()
        self.settings = AnswerSettings(max_tokens=128)
        self.judging = Judging()
        self.filled: FilledTable | None = None
        self.list_trouble: UserError | None = None
        self.column_trouble: UserError | None = None
        self.trouble: UserError | None = None
        self.is_running = False
        self.answered_seconds = 0.0
        self._names = ("", "")
        self._turn = {"list": 0, "columns": 0, "fill": 0}
        self._is_filling = False
        self._starts_once_filled = False
        self._began = 0.0
        self._rows_at_begin = 0
        self._waiting: dict[int, tuple[list[int], dict[str, int]]] = {}  # question -> its rows, and columns by side
        self._to_keep: list[tuple[int, int]] = []
        self._marks_to_keep: dict[Path, MarksToKeep] = {}
        self._writes: list[Callable[[], None]] = []
        self._is_writing = False
        self._keeping = once_after(self, KEEP_MILLISECONDS, self._keep_answers)
        self._undo: list[tuple[PromptTable, int, int, bool | None]] = []
        self._judged_folders: set[Path] = set()  # of runs that were told what has come of this table
        self._is_calling = False  # the chat, which tells of a change before it returns
        chat.advanced.connect(self._take)
        chat.state_changed.connect(self._chat_changed)

    # -- what is asked of whom -----------------------------------------------------------------------------------------

    @property
    def table(self) -> PromptTable | None:
        return self.filled.table if self.filled is not None else None

    @property
    def is_reading(self) -> bool:
        """Whether something that was asked for is still to be shown."""
        return self._is_filling or self._turn["list"] % 2 == 1 or self._turn["columns"] % 2 == 1

    @property
    def differs(self) -> bool:
        """Whether the answers in the table were made by other settings than those that are chosen."""
        table = self.table
        if table is None:
            return False
        has_strength = any(column.adapter for column in table.columns)
        return deciding(table.settings, has_strength=has_strength) != deciding(self.settings, has_strength=has_strength)

    def list_prompts(self, wanted: ListWanted) -> None:
        """Reads other prompts."""
        self.wanted = wanted
        turn = self._begin_turn("list")

        def take(found: PromptList) -> None:
            if self._end_turn("list", turn):
                self.listed, self.list_trouble = found, None
                self._fill()

        def fail(error: UserError) -> None:
            if self._end_turn("list", turn):
                self.listed, self.list_trouble = None, error
                self._fill()

        run_task(lambda: prompt_list(wanted), take, fail, parent=self)
        self.state_changed.emit()

    def ask_of(self, model: str, second: str = "") -> None:
        """Has others answer: a run or a model by its name, beside a second run where one is named."""
        if (model, second) == self._names:
            return
        self._names = (model, second)
        self.stop()
        turn = self._begin_turn("columns")

        def read() -> tuple[tuple[Column, ...], tuple[float | None, ...]]:
            columns = columns_of(model, second) if model else ()
            return columns, tuple(map(seconds_an_answer, columns))

        def take(found: tuple[tuple[Column, ...], tuple[float | None, ...]]) -> None:
            if self._end_turn("columns", turn):
                (self.columns, self.speeds), self.column_trouble = found, None
                self._fill()

        def fail(error: UserError) -> None:
            if self._end_turn("columns", turn):
                self.columns, self.speeds, self.column_trouble = (), (), error
                self._fill()

        run_task(read, take, fail, parent=self)
        self.state_changed.emit()

    def set_most(self, most: int) -> None:
        if most != self.most:
            self.most = most
            self._fill()

    def set_settings(self, settings: AnswerSettings) -> None:
        """How answers are to be made from the next time on."""
        self.settings = settings
        table = self.table
        if table is not None and not self.is_running and not table.scores().answered:
            self._fill()  # nothing stands there that would have to be answered again
        self.state_changed.emit()

    def judge_by(self, judging: Judging) -> None:
        self.judging = judging
        if self.table is not None:
            self.table.judge_by(judging)
            self._keep_judged()
        self.judged.emit()

    def _begin_turn(self, kind: str) -> int:
        """Odd while something is read; what was asked for before is not waited for."""
        self._turn[kind] += 1 if self._turn[kind] % 2 == 0 else 2
        return self._turn[kind]

    def _end_turn(self, kind: str, turn: int) -> bool:
        """Whether it is still what is wanted."""
        if turn != self._turn[kind]:
            return False
        self._turn[kind] += 1
        return True

    def _fill(self) -> None:
        """Makes the table of what is chosen, with all that is kept of it."""
        self.stop()
        prompts = self.listed.prompts[: self.most or None] if self.listed is not None else ()
        columns, settings, judging, before = self.columns, self.settings, self.judging, self.table
        turn = self._begin_turn("fill")
        if not prompts or not columns:
            self._end_turn("fill", turn)
            self._is_filling = False
            self._show(None)
            return
        self._is_filling = True

        def take(found: FilledTable) -> None:
            if self._end_turn("fill", turn):
                self._is_filling = False
                found.table.judge_by(self.judging)
                self._show(found)

        def fail(error: UserError) -> None:
            if self._end_turn("fill", turn):
                self._is_filling = False
                self.trouble = error
                self._show(None)

        run_task(lambda: filled_table(prompts, columns, settings, judging, before), take, fail, parent=self)
        self.state_changed.emit()

    def _show(self, found: FilledTable | None) -> None:
        self.filled = found
        self._undo.clear()
        self._judged_folders.clear()
        self.answered_seconds = 0.0
        if found is not None and found.problems:
            self.trouble = UserError(found.problems[0])
        starts, self._starts_once_filled = self._starts_once_filled, False
        self.changed.emit()
        self.state_changed.emit()
        if starts and found is not None:
            self._begin()

    # -- answering -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Answers what is open, by the settings that are chosen; what is kept of them is not asked again."""
        if self.is_running or self.table is None:
            return
        self.trouble = None
        if self.differs:
            self._starts_once_filled = True
            self._fill()
        else:
            self.table.forget_problems()
            self._begin()

    def stop(self) -> None:
        """Pauses: what is answered stays, the rest stays open."""
        if not self.is_running:
            return
        self.is_running = False
        self.answered_seconds += time.monotonic() - self._began
        had_asked = bool(self._waiting)
        self._waiting.clear()
        if had_asked and self.chat.is_answering:
            try:
                self.chat.interrupt()
            except UserError as error:
                self.trouble = error
        self._keep_answers()
        self.state_changed.emit()

    @property
    def seconds_left(self) -> float | None:
        """While it answers, by how long the rows so far have taken; before, by what was measured earlier."""
        table = self.table
        if table is None:
            return None
        if self.is_running:
            done = table.scores().answered - self._rows_at_begin
            left = len(table.open_rows())
            return (time.monotonic() - self._began) / done * left if done > 0 else None
        if table.columns != self.columns:
            return None  # others are to answer, whose table is being made
        rows, again = range(len(table.prompts)), self.differs
        open_rows = [sum(again or table.is_open(row, place) for row in rows) for place in range(len(table.columns))]
        return forecast_seconds(self.speeds, open_rows)

    def _begin(self) -> None:
        table = self.table
        if table is None or not table.open_rows():
            self._keep_judged()
            self.state_changed.emit()
            return
        self.is_running = True
        self._began = time.monotonic()
        self._rows_at_begin = table.scores().answered
        self._go_on()
        self.state_changed.emit()

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
        chat, table = self.chat, self.table
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
            facts = next((facts for facts in self.chat.sides if column.is_side(facts)), None)
            if facts is None:
                self._refuse_all(place, f"{column.title} cannot stand beside the others.")
            else:
                sides[facts.side] = place
        if sides:
            with self._calling():
                number = self.chat.ask([table.prompts[row] for row in rows], table.settings, sides=tuple(sides))
            self._waiting[number] = (rows, sides)
        self._go_on()

    def _finish(self) -> None:
        self.is_running = False
        self.answered_seconds += time.monotonic() - self._began
        self._keep_answers()
        self._keep_judged()
        self.state_changed.emit()

    def _fail(self, error: UserError) -> None:
        self.trouble = error
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
        if self.chat.state in (ChatState.NONE, ChatState.LEAVING):
            error = self.chat.trouble or UserError(
                "The model was let go before all was answered.", remedy="Answer the rest when it is loaded again."
            )
            self._fail(error)
            return
        if self._waiting and not self.chat.waiting and self.chat.state is ChatState.LOADING:
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
        """Lets go of what is loaded, and looks at the files again: a run that went on has other weights since."""
        error = UserError(
            "The weights have changed since the table was made.",
            why="What is loaded is not what lies in the folder of the run.",
            remedy="Its table is made anew: answer it again.",
        )
        self._fail(error)
        try:
            self.chat.let_go()
        except UserError as problem:
            self.trouble = problem
        names, self._names = self._names, ("", "")
        self.ask_of(*names)

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
            self._to_keep.append((row, place))
            if not self._keeping.isActive():
                self._keeping.start()
        return row

    # -- marks ---------------------------------------------------------------------------------------------------------

    def mark(self, row: int, place: int, verdict: bool | None) -> None:
        """A person finds an answer right, wrong, or takes that back."""
        table = self.table
        if table is None or table.answer(row, place) is None or table.verdict(row, place) == verdict:
            return
        self._undo.append((table, row, place, table.verdict(row, place)))
        self._mark(row, place, verdict)

    def take_back(self) -> tuple[int, int] | None:
        """Takes the last mark back, and gives its row and its column; None where there is none."""
        if not self._undo:
            return None
        table, row, place, verdict = self._undo.pop()
        if table is not self.table:
            return None
        self._mark(row, place, verdict)
        return row, place

    def _mark(self, row: int, place: int, verdict: bool | None) -> None:
        table = self.table
        assert table is not None
        key = table.mark(row, place, verdict)
        folder = table.columns[place].folder
        if folder is not None:
            self._to_be_kept(folder).changes[key] = verdict
        self._keep_judged()
        self.judged.emit()

    def _to_be_kept(self, folder: Path) -> MarksToKeep:
        return self._marks_to_keep.setdefault(folder, MarksToKeep(folder))

    def _keep_judged(self) -> None:
        """Keeps what has come of the table with each run in it, and the marks that are still to be kept."""
        table = self.table
        if table is None:
            return
        is_whole = table.judging.judge == "person" or not table.open_rows()
        for folder in {column.folder for column in table.columns if column.folder is not None}:
            judged = table.judged(folder)
            is_marked = folder in self._marks_to_keep
            if is_marked or folder in self._judged_folders or (judged is not None and is_whole):
                self._to_be_kept(folder).judged = judged
                self._judged_folders.add(folder)
        self._keep_marks()

    def _keep_marks(self) -> None:
        if self._is_writing or not self._marks_to_keep:
            return
        waiting = [replace(each, changes=dict(each.changes)) for each in self._marks_to_keep.values()]
        self._marks_to_keep.clear()

        def write() -> None:
            for each in waiting:
                each.write()

        self._write(write)

    def _keep_answers(self) -> None:
        self._keeping.stop()
        cells, filled = list(self._to_keep), self.filled
        self._to_keep.clear()
        if cells and filled is not None:
            self._write(lambda: keep_answers(filled, cells))

    def _write(self, write: Callable[[], None]) -> None:
        """One after the other, beside the window."""
        self._writes.append(write)
        if not self._is_writing:
            self._write_next()

    def _write_next(self) -> None:
        if not self._writes:
            self._is_writing = False
            self._keep_marks()
            return
        self._is_writing = True
        run_task(self._writes.pop(0), lambda _none: self._write_next(), self._could_not_write, parent=self)

    def _could_not_write(self, error: UserError) -> None:
        self.trouble = error
        self.state_changed.emit()
        self._write_next()

    def close(self) -> None:
        """Pauses, and keeps what is not kept yet."""
        self.stop()
        waiting, self._writes = self._writes, []
        marks, self._marks_to_keep = list(self._marks_to_keep.values()), {}
        with suppress(UserError):  # nobody is there any more to be told
            for write in waiting:
                write()
            for each in marks:
                each.write()

    @property
    def is_keeping(self) -> bool:
        """Whether something is still to be written."""
        return self._is_writing or self._keeping.isActive() or bool(self._writes)
