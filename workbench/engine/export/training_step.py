"""A step that writes a run's training as code that anybody runs without this program."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from workbench.core.export.again.training import HELD_OUT, ROWS
from workbench.core.export.again.whole import cells
from workbench.core.export.cells import Cell
from workbench.core.units import counted, grouped
from workbench.engine.export.step import Check, Step
from workbench.engine.export.training_again import Again, write_rows


class TrainingStep(Step):
    """`name` is that of the file that is written."""

    name: ClassVar[str]
    _again: Again

    @abstractmethod
    def text_of(self, cells: Sequence[Cell]) -> str:
        """What is to stand in the file."""

    @abstractmethod
    def refuse_unreadable(self, text: str) -> None:
        """Reads the file's text as what it is to be; raises whatever its reader does."""

    def make(self, staging: Path) -> None:
        run = self.work.subject.run
        assert run is not None, "the plan has refused it"
        staging.mkdir()
        self._again = write_rows(self.work, self.planned.item, run, staging)
        (staging / self.name).write_text(self.text_of(cells(self._again.training)), encoding="utf-8")

    def check(self, made: Path) -> Iterator[Check]:
        text = (made / self.name).read_text(encoding="utf-8")
        self.refuse_unreadable(text)
        wanted = self._again.rows
        there = sum(_lines(path) for name in (ROWS, HELD_OUT) if (path := made / name).exists())
        tokens, _ = self._again.training.as_tokens
        beside = f"; {grouped(tokens)} of them stand there as tokens" if tokens else ""
        yield Check(
            "rows",
            there == wanted,
            f"{counted(wanted, 'row')} became the same tokens as in the run by the code that was written{beside}."
            if there == wanted
            else f"{grouped(there)} of {counted(wanted, 'row')} can be read back.",
        )


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
