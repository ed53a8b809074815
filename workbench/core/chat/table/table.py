"""A table of prompts and who answers them: what was said to each, and which of it is right."""

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from workbench.core.chat.metrics import OUTER_SPACE, Ignored, is_exact, is_json, token_f1
from workbench.core.chat.table.columns import Column
from workbench.core.chat.table.kept_answers import Answer, prompt_key
from workbench.core.job.marks import Judge, Judged
from workbench.core.job.question import AnswerSettings, Asking

Filter = Literal["all", "differ", "not rated", "wrong"]


@dataclass(frozen=True)
class Refused:
    """Why a prompt could not be answered, in sentences."""

    words: str


@dataclass(frozen=True)
class Judging:
    """How answers are judged: by the expected ones, or by a person's marks."""

    judge: Judge = "exact match"
    ignored: Ignored = OUTER_SPACE


class Scores(NamedTuple):
    """What came of a table.

    Attributes:
        rows: The prompts.
        answered: Those that all columns have answered.
        differ: Those of them whose answers are not the same.
        rated: Those whose answers are all judged; only they count, so that columns can be compared.
        right: Of each column, its right answers among the rated rows.
        f1: Of each column, the mean token F1 of its answers to prompts with an expected one; None without any.
        json: Of each column, how many of its answers are valid JSON.
        said: Of each column, how many answers it has given.
    """

    rows: int
    answered: int
    differ: int
    rated: int
    right: tuple[int, ...]
    f1: tuple[float | None, ...]
    json: tuple[int, ...]
    said: tuple[int, ...]


class _Cell:
    """An answer, with what was worked out of it once."""

    __slots__ = ("answer", "exact", "f1", "is_json", "key", "problem")

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.problem = ""
        self.key = ""
        self.exact: bool | None = None
        self.f1: float | None = None
        self.is_json = False


class PromptTable:
    """The answers of columns to prompts, and the marks of a person.

    Attributes:
        seed: Of the order in which a blind table shows the columns.
    """

    def __init__(
        self,
        prompts: Sequence[Asking],
        columns: Sequence[Column],
        settings: AnswerSettings,
        judging: Judging = Judging(),
    ) -> None:
        self.prompts = tuple(prompts)
        self.columns = tuple(columns)
        self.settings = settings
        self.judging = judging
        self._cells = [[_Cell() for _ in self.columns] for _ in self.prompts]
        self._prompt_keys = [""] * len(self.prompts)
        self._marks: list[dict[str, bool]] = [{} for _ in self.columns]
        self._scores: Scores | None = None

    # -- answers -------------------------------------------------------------------------------------------------------

    def put(self, row: int, column: int, found: Answer | Refused) -> None:
        """What a column says to a prompt, in the place of what it said before."""
        cell = self._cells[row][column] = _Cell()
        if isinstance(found, Refused):
            cell.problem = found.words
        else:
            cell.answer = found
            cell.key = mark_key(self.columns[column], self.prompt_key(row), found.text)
            cell.is_json = is_json(found.text)
            self._compare(row, cell)
        self._scores = None

    def prompt_key(self, row: int) -> str:
        """What answers to a prompt are kept by."""
        if not self._prompt_keys[row]:
            self._prompt_keys[row] = prompt_key(self.prompts[row])
        return self._prompt_keys[row]

    def answer(self, row: int, column: int) -> Answer | None:
        return self._cells[row][column].answer

    def problem(self, row: int, column: int) -> str:
        """Why there is no answer; empty where there is one, or was none asked."""
        return self._cells[row][column].problem

    def is_open(self, row: int, column: int) -> bool:
        """Whether it is still to be asked."""
        cell = self._cells[row][column]
        return cell.answer is None and not cell.problem

    def open_rows(self) -> list[int]:
        """The rows in which somebody is still to be asked."""
        return [
            row
            for row, cells in enumerate(self._cells)
            if any(cell.answer is None and not cell.problem for cell in cells)
        ]

    def forget_problems(self) -> None:
        """Has what could not be answered asked once more."""
        for cells in self._cells:
            for cell in cells:
                cell.problem = ""

    def f1(self, row: int, column: int) -> float | None:
        return self._cells[row][column].f1

    def is_json(self, row: int, column: int) -> bool:
        return self._cells[row][column].is_json

    def differs(self, row: int) -> bool:
        """Whether the answers to a prompt are not all the same, once all are there."""
        texts = {None if cell.answer is None else cell.answer.text.strip() for cell in self._cells[row]}
        return None not in texts and len(texts) > 1

    # -- what is right -------------------------------------------------------------------------------------------------

    def judge_by(self, judging: Judging) -> None:
        """Judges anew."""
        compares = judging.ignored != self.judging.ignored
        self.judging = judging
        if compares:
            for row, cells in enumerate(self._cells):
                for cell in cells:
                    if cell.answer is not None:
                        self._compare(row, cell)
        self._scores = None

    def _compare(self, row: int, cell: _Cell) -> None:
        expected = self.prompts[row].expected
        assert cell.answer is not None
        if expected is not None:
            cell.exact = is_exact(cell.answer.text, expected, self.judging.ignored)
            cell.f1 = token_f1(cell.answer.text, expected)

    def verdict(self, row: int, column: int) -> bool | None:
        """Whether an answer is right; None where that is not known."""
        cell = self._cells[row][column]
        return cell.exact if self.judging.judge == "exact match" else self._marks[column].get(cell.key)

    def take_marks(self, folder: Path, marks: Mapping[str, bool]) -> None:
        """Marks that are kept with the run in a folder; those of other texts mean nothing here, and do no harm."""
        for place, column in enumerate(self.columns):
            if column.folder == folder:
                self._marks[place] = dict(marks)
        self._scores = None

    def take_over(self, before: "PromptTable", column: int) -> dict[str, Answer]:
        """Takes the marks that a column has in another table, and gives its answers by their prompts' keys."""
        mine = self.columns[column]
        place = next((n for n, each in enumerate(before.columns) if each == mine), None)
        if place is None:
            return {}
        self._marks[column] = dict(before._marks[place])
        if before.settings != self.settings:
            return {}
        rows = range(len(before.prompts))
        return {before.prompt_key(row): answer for row in rows if (answer := before.answer(row, place)) is not None}

    def mark(self, row: int, column: int, verdict: bool | None) -> str:
        """Sets a person's mark, or takes it away; gives its key. There has to be an answer."""
        key = self._cells[row][column].key
        assert key, "an answer is marked, not its absence"
        if verdict is None:
            self._marks[column].pop(key, None)
        else:
            self._marks[column][key] = verdict
        self._scores = None
        return key

    def is_rated(self, row: int) -> bool:
        """Whether the answers of all columns are judged."""
        return all(self.verdict(row, column) is not None for column in range(len(self.columns)))

    def can_be_rated(self, row: int) -> bool:
        """Whether a person can judge them all: none of them is missing."""
        return all(cell.answer is not None for cell in self._cells[row])

    def first_unrated(self, row: int, columns: Iterable[int]) -> int | None:
        """The first of some columns whose answer in a row has no verdict; None where all have one, or no answer."""
        return next(
            (
                column
                for column in columns
                if self._cells[row][column].answer is not None and self.verdict(row, column) is None
            ),
            None,
        )

    # -- together ------------------------------------------------------------------------------------------------------

    def scores(self) -> Scores:
        if self._scores is None:
            self._scores = self._counted()
        return self._scores

    def _counted(self) -> Scores:
        places = range(len(self.columns))
        answered = differ = rated = 0
        right, said, json = [0] * len(places), [0] * len(places), [0] * len(places)
        f1: list[list[float]] = [[] for _ in places]
        for row, cells in enumerate(self._cells):
            answered += all(cell.answer is not None for cell in cells)
            differ += self.differs(row)
            verdicts = [self.verdict(row, column) for column in places]
            is_rated = None not in verdicts
            rated += is_rated
            for column, cell in enumerate(cells):
                right[column] += is_rated and bool(verdicts[column])
                said[column] += cell.answer is not None
                json[column] += cell.is_json
                if cell.f1 is not None:
                    f1[column].append(cell.f1)
        means = tuple(sum(values) / len(values) if values else None for values in f1)
        return Scores(len(self.prompts), answered, differ, rated, tuple(right), means, tuple(json), tuple(said))

    def judged(self, folder: Path) -> Judged | None:
        """What came of it for the run in a folder; None where none of its rows is rated, or it is not in the table."""
        scores = self.scores()
        place = next((n for n, each in enumerate(self.columns) if each.folder == folder and each.is_result), None)
        if place is None or not scores.rated:
            return None
        base = next((n for n, each in enumerate(self.columns) if each.role == "base"), None)
        beside = scores.right[base] if base is not None and self.columns[base].folder == folder else None
        return Judged(self.judging.judge, scores.right[place], scores.rated, beside)

    @property
    def judged_column(self) -> int:
        """The one that "tuned wrong" looks at: the tuned model, else the only one there is."""
        return next((n for n, each in enumerate(self.columns) if each.role == "tuned"), 0)

    def matching(self, wanted: Filter) -> list[int]:
        """The rows that a filter shows."""
        rows = range(len(self.prompts))
        match wanted:
            case "differ":
                return [row for row in rows if self.differs(row)]
            case "not rated":
                return [row for row in rows if not self.is_rated(row)]
            case "wrong":
                return [row for row in rows if self.verdict(row, self.judged_column) is False]
        return list(rows)


def mark_key(column: Column, prompt: str, text: str) -> str:
    """What a mark belongs to: whose answer it is, to what, by the prompt's key, and its very text."""
    told = "\0".join((column.whose, prompt, text.strip()))
    return hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:32]


def blind_order(row: int, columns: int, seed: int) -> tuple[int, ...]:
    """The places of the columns as a blind table shows them in a row: by chance, the same again by the same seed."""
    order = list(range(columns))
    random.Random(f"{seed}/{row}").shuffle(order)
    return tuple(order)
