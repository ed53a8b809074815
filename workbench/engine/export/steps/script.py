"""The training of a run as a Python script, with its rows beside it."""

from collections.abc import Sequence

from workbench.core.export.cells import Cell, as_script
from workbench.core.export.training_plan import SCRIPT
from workbench.engine.export.training_step import TrainingStep


class ScriptStep(TrainingStep):
    name = SCRIPT

    def text_of(self, cells: Sequence[Cell]) -> str:
        return as_script(cells)

    def refuse_unreadable(self, text: str) -> None:
        compile(text, self.name, "exec")


STEP = ScriptStep
