"""A table filled with what is kept of its runs, and what is kept of a table: its answers and marks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.core.chat.table.columns import Column
from workbench.core.chat.table.kept_answers import KeptAnswer, KeptAnswers
from workbench.core.chat.table.table import Judging, PromptTable
from workbench.core.job.marks import Judged, change_marks, read_marks
from workbench.core.job.question import AnswerSettings, Asking
from workbench.core.problems import UserError


@dataclass(frozen=True)
class FilledTable:
    """A table with what was there of it.

    Attributes:
        kept: Where the answers of each column are kept.
        found: How many answers were there.
        problems: Why marks could not be read.
    """

    table: PromptTable
    kept: tuple[KeptAnswers, ...]
    found: int
    problems: tuple[str, ...] = ()


@dataclass
class MarksToKeep:
    """What is still to be written with the run in a folder."""

    folder: Path
    judged: Judged | None = None
    changes: dict[str, bool | None] = field(default_factory=dict)

    def write(self) -> None:
        """Raises UserError."""
        change_marks(self.folder, self.changes, self.judged)


def filled_table(
    prompts: Sequence[Asking],
    columns: Sequence[Column],
    settings: AnswerSettings,
    judging: Judging,
    before: PromptTable | None = None,
) -> FilledTable:
    """The table of these with the answers that are kept by the same weights and settings, and the marks of a person.

    What stands in the table `before` and is kept with no run is taken over. Answers that cannot be read are as if they
    had never been.
    """
    table = PromptTable(prompts, columns, settings, judging)
    kept = tuple(KeptAnswers(column, settings) for column in columns)
    found, problems = 0, []
    for place, answers in enumerate(kept):
        there = answers.read()
        if answers.path is None and before is not None:
            there = table.take_over(before, place)
        for row in range(len(table.prompts)):
            answer = there.get(table.prompt_key(row))
            if answer is not None:
                table.put(row, place, answer)
                found += 1
    for folder in {column.folder for column in columns if column.folder is not None}:
        try:
            table.take_marks(folder, read_marks(folder).marks)
        except UserError as error:
            problems.append(str(error))
    return FilledTable(table, kept, found, tuple(problems))


def keep_answers(filled: FilledTable, cells: Sequence[tuple[int, int]]) -> None:
    """Keeps the answers of some cells, by row and column. Raises UserError."""
    for place, answers in enumerate(filled.kept):
        there = [
            KeptAnswer(filled.table.prompts[row], answer)
            for row, column in cells
            if column == place and (answer := filled.table.answer(row, column)) is not None
        ]
        answers.add(there)
