"""The training of a run as a Jupyter notebook, with its rows beside it."""

from collections.abc import Sequence

import nbformat

from workbench.core.export.cells import Cell, as_notebook
from workbench.engine.export.training_step import TrainingStep


class NotebookStep(TrainingStep):
    name = "train.ipynb"

    def text_of(self, cells: Sequence[Cell]) -> str:
        return as_notebook(cells)

    def refuse_unreadable(self, text: str) -> None:
        nbformat.validate(nbformat.reads(text, as_version=4))


STEP = NotebookStep
