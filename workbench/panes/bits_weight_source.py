"""Which model's tensors are shown: one kept on this machine, a folder or a safetensors file."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout

from workbench.bridge.tasks import run_task
from workbench.core import hub_models, places
from workbench.core.problems import UserError, shortened
from workbench.core.stored_tensor import StoredTensor, open_tensors
from workbench.core.units import count_in_words, grouped
from workbench.panes.bits_tensor_list import TensorList
from workbench.panes.cards import Card
from workbench.panes.controls import ElidedLabel, breakable, icon_button, label, plain_tip
from workbench.panes.fields import ChoiceBox
from workbench.panes.model_reading import in_words
from workbench.panes.theme import Theme, polish

LONGEST_NAME = 24
# What is opened first: a tensor that has something to see.
FIRST_TENSORS = ("q_proj.weight", "c_attn.weight", "query_key_value.weight", "weight")


@dataclass(frozen=True)
class KeptModel:
    name: str
    path: Path


def kept_models() -> list[KeptModel]:
    """The models on this machine: the program's own, then those in the cache that programs share."""
    found = []
    try:
        for folder in sorted(places.models().iterdir()):
            if next(folder.glob("*.safetensors"), None) is not None:
                found.append(KeptModel(folder.name, folder))
    except OSError:
        pass  # there is no such folder yet, or it is closed to this person
    return found + [KeptModel(model.id, model.path) for model in hub_models.cached() if model.has_weights]


class TensorSource(Card):
    """A card with a model to choose, a filter, and the tensors.

    Signals:
        picked: The StoredTensor that is to be shown; None while there is none.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Tensors")
        self._path: Path | None = None
        self._tensors: list[StoredTensor] = []
        self._has_asked = False
        self.models = ChoiceBox(theme)
        self.models.setAccessibleName("Model")
        self.models.setPlaceholderText("Choose a model")
        self.models.activated.connect(self._choose_model)
        self.find_folder = icon_button("Find a model folder", theme, "folder-open")
        self.find_file = icon_button("Find a safetensors file", theme, "file")
        self.find_folder.clicked.connect(self._find_folder)
        self.find_file.clicked.connect(self._find_file)
        self.add_to_head(self.find_folder)
        self.add_to_head(self.find_file)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter, such as layers.0 mlp")
        self.filter.setAccessibleName("Filter tensors")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.problem = label("", "problem", wraps=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        self.list = TensorList(theme)
        self.list.picked.connect(self.picked)
        self.count = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        top = QVBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.models)
        top.addWidget(self.problem)
        top.addWidget(self.filter)
        self.body.addLayout(top)
        self.body.addWidget(self.list, 1)
        self.body.addWidget(self.count)

    @property
    def path(self) -> Path | None:
        """The folder or the file whose tensors are listed."""
        return self._path

    def look_around(self) -> None:
        """Lists the models that are kept, and opens one where none is open; done once."""
        if not self._has_asked:
            self._has_asked = True
            run_task(kept_models, self._take_models, self._fail, parent=self)

    def open(self, path: Path, name: str = "") -> None:
        """Lists the tensors of a model folder or a safetensors file."""
        self._path = path
        self._offer(KeptModel(name or path.name, path))

        def take(tensors: list[StoredTensor]) -> None:
            if path == self._path:
                self._take(tensors)

        def fail(error: UserError) -> None:
            if path == self._path:
                self._fail(error)

        run_task(lambda: open_tensors(path), take, fail, parent=self)

    def say(self, error: UserError) -> None:
        """Says what went wrong with the open model, under its field."""
        self.problem.setText(breakable(in_words(error, str(self._path or ""))))
        self.problem.show()
        polish(self.models, state="danger")

    # -- models -------------------------------------------------------------------------------------------------------

    def _take_models(self, models: list[KeptModel]) -> None:
        for model in models:
            if self.models.findData(model.path) < 0:
                self.models.addItem(shortened(model.name, LONGEST_NAME), model.path)
        if self._path is None and models:
            starter = next((model for model in models if model.name == places.STARTER), models[0])
            self.open(starter.path, starter.name)
        elif self._path is None:
            self.count.set_text("No model is kept on this machine yet.")

    def _offer(self, model: KeptModel) -> None:
        if self.models.findData(model.path) < 0:
            self.models.addItem(shortened(model.name, LONGEST_NAME), model.path)
        row = self.models.findData(model.path)
        self.models.setCurrentIndex(row)
        self.models.setToolTip(plain_tip(str(model.path)))

    def _choose_model(self, row: int) -> None:
        path = self.models.itemData(row)
        if path != self._path or not self._tensors:
            self.open(path)

    def _find_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self.window(), "Find a model folder", str(self._start()))
        if found:
            self.open(Path(found))

    def _find_file(self) -> None:
        kinds = "Safetensors (*.safetensors)"
        found, _kind = QFileDialog.getOpenFileName(self.window(), "Find a safetensors file", str(self._start()), kinds)
        if found:
            self.open(Path(found))

    def _start(self) -> Path:
        return self._path.parent if self._path is not None else Path.home()

    # -- tensors ------------------------------------------------------------------------------------------------------

    def _take(self, tensors: list[StoredTensor]) -> None:
        self.problem.hide()
        polish(self.models, state="")
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
    for ending in FIRST_TENSORS:
        for tensor in fitting:
            if tensor.name.endswith(ending):
                return tensor
    return next(iter(fitting), tensors[0])
