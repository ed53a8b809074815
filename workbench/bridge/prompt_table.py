"""The table of prompts: its list and its columns read, the table made of them, answered and marked."""

from PySide6.QtCore import QObject, Signal

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.table_asking import TableAsking
from workbench.bridge.table_keeping import TableKeeping
from workbench.bridge.tasks import run_task
from workbench.core.chat.table.columns import Column, columns_of
from workbench.core.chat.table.forecast import forecast_seconds, seconds_an_answer
from workbench.core.chat.table.keeping import FilledTable, filled_table
from workbench.core.chat.table.kept_answers import deciding
from workbench.core.chat.table.lists import ListWanted, PromptList, prompt_list
from workbench.core.chat.table.table import Judging, PromptTable
from workbench.core.job.question import AnswerSettings
from workbench.core.problems import UserError


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
        self._names = ("", "")
        self._turn = {"list": 0, "columns": 0, "fill": 0}
        self._is_filling = False
        self._starts_once_filled = False
        self._undo: list[tuple[PromptTable, int, int, bool | None]] = []
        self._keeping = TableKeeping(self)
        self._keeping.failed.connect(self._could_not_keep)
        self._asking = TableAsking(chat, self._keeping, self)
        self._asking.answered.connect(self.answered)
        self._asking.failed.connect(self._say)
        self._asking.weights_changed.connect(self._find_columns_anew)
        self._asking.state_changed.connect(self.state_changed)

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

    def _find_columns_anew(self) -> None:
        """Looks at the files again: a run that went on has other weights since."""
        names, self._names = self._names, ("", "")
        self.ask_of(*names)

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
            self._keeping.keep_judged()
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
        self._keeping.show(found)
        self._asking.show(self.table)
        if found is not None and found.problems:
            self.trouble = UserError(found.problems[0])
        starts, self._starts_once_filled = self._starts_once_filled, False
        self.changed.emit()
        self.state_changed.emit()
        if starts and found is not None:
            self._asking.begin()

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
            self._asking.begin()

    def stop(self) -> None:
        """Pauses: what is answered stays, the rest stays open."""
        self._asking.stop()

    def _say(self, error: UserError) -> None:
        """What is told with the next change of state."""
        self.trouble = error

    @property
    def is_running(self) -> bool:
        return self._asking.is_running

    @property
    def answered_seconds(self) -> float:
        """What the answers that were made last have taken; 0 where all were there."""
        return self._asking.answered_seconds

    @property
    def seconds_left(self) -> float | None:
        """While it answers, by how long the rows so far have taken; before, by what was measured earlier."""
        table = self.table
        if table is None:
            return None
        if self.is_running:
            return self._asking.seconds_left
        if table.columns != self.columns:
            return None  # others are to answer, whose table is being made
        rows, again = range(len(table.prompts)), self.differs
        open_rows = [sum(again or table.is_open(row, place) for row in rows) for place in range(len(table.columns))]
        return forecast_seconds(self.speeds, open_rows)

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
            self._keeping.add_mark(folder, key, verdict)
        self._keeping.keep_judged()
        self.judged.emit()

    # -- what is kept --------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Pauses, and keeps what is not kept yet."""
        self.stop()
        self._keeping.close()

    @property
    def is_keeping(self) -> bool:
        """Whether something is still to be written."""
        return self._keeping.is_busy

    def _could_not_keep(self, error: UserError) -> None:
        self.trouble = error
        self.state_changed.emit()
