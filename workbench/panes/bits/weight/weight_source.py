"""Which model's tensors are shown: one kept on this machine, a folder or a safetensors file."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit

from workbench.bridge.tasks import run_task
from workbench.core.model.families.known import first_weights
from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.core.problems import UserError
from workbench.core.units import count_in_words, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel
from workbench.panes.parts.model_field import ModelField
from workbench.panes.parts.tensor_list import TensorList


class TensorSource(Card):
    """A card with a model to choose, a filter, and the tensors.

    Signals:
        picked: The StoredTensor that is to be shown; None while there is none.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Tensors")
        self._tensors: list[StoredTensor] = []
        self.models = ModelField(theme)
        self.models.picked.connect(self._open)
        self.add_to_head(self.models.find_folder)
        self.add_to_head(self.models.find_file)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter, such as layers.0 mlp")
        self.filter.setAccessibleName("Filter tensors")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.list = TensorList(theme)
        self.list.picked.connect(self.picked)
        self.count = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.body.addLayout(in_column(self.models, self.filter, gap=6))
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.count)

    def look_around(self) -> None:
        """Lists the models that are kept, and opens one where none is open; done once."""
        self.models.look_around()

    def open(self, path: Path, name: str = "") -> None:
        """Lists the tensors of a model folder or a safetensors file."""
        self.models.open(path, name)

    def say(self, error: UserError) -> None:
        """Says what went wrong with the open model, under its field."""
        self.models.say(error)

    def _open(self, path: Path | None) -> None:
        if path is None:
            self.count.set_text("" if self.models.problem.text() else "No model is kept on this machine yet.")
            return

        def take_tensors(tensors: list[StoredTensor]) -> None:
            if path == self.models.path:
                self._show_tensors(tensors)

        def fail(error: UserError) -> None:
            if path == self.models.path:
                self._fail(error)

        run_task(lambda: open_tensors(path), take_tensors, fail, parent=self)

    def _show_tensors(self, tensors: list[StoredTensor]) -> None:
        self.models.say(None)
        self._tensors = tensors
        self.list.show_tensors(tensors)
        self._count()
        first = _first_of(tensors)
        self.list.show_chosen(first)
        self.picked.emit(first)

    def _fail(self, error: UserError) -> None:
        self._tensors = []
        self.list.show_tensors([])
        self._count()
        self.picked.emit(None)
        self.say(error)

    def _narrow(self, text: str) -> None:
        self.list.filter(text)
        self._count()

    def _count(self) -> None:
        shown = self.list.tensors
        numbers = count_in_words(sum(tensor.numbers for tensor in shown))
        if len(shown) < len(self._tensors):
            self.count.set_text(f"{grouped(len(shown))} of {grouped(len(self._tensors))} tensors")
        else:
            self.count.set_text(f"{grouped(len(shown))} tensors, {numbers} numbers" if shown else "")


def _first_of(tensors: list[StoredTensor]) -> StoredTensor:
    fitting = [tensor for tensor in tensors if not tensor.problem and len(tensor.shape) > 1]
    for ending in first_weights():
        for tensor in fitting:
            if tensor.name.endswith(ending):
                return tensor
    return next(iter(fitting), tensors[0])
