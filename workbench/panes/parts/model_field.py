"""A field for a model: one kept on this machine, a folder or a safetensors file that is looked for."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.model.kept import KeptModel, kept_models
from workbench.core.problems import UserError, shortened
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import breakable, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox, words_with
from workbench.panes.parts.model_reading import in_words
from workbench.panes.parts.page import FormGroup

LONGEST_NAME = 22


class ModelField(QWidget):
    """The kept models to choose from, two buttons that find others, and below them what is wrong with the chosen one.

    The one that is open, chosen again, is opened again.

    Signals:
        picked: The path that is to be opened; None where no model is kept on this machine, or they cannot be listed.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._path: Path | None = None
        self._has_asked = False
        self.choice = ChoiceBox(theme)
        self.choice.setAccessibleName("Model")
        self.choice.setPlaceholderText("Choose a model")
        self.choice.setStyleSheet("QComboBox { padding-right: 0; }")  # the caret's room is enough beside a long name
        self.choice.activated.connect(lambda row: self.open(self.choice.itemData(row)))
        self.find_folder = icon_button("Find a model folder", theme, "folder-open")
        self.find_file = icon_button("Find a safetensors file", theme, "file")
        self.find_folder.clicked.connect(self._find_folder)
        self.find_file.clicked.connect(self._find_file)
        self.problem = label("", "problem", wraps=True)
        self.problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem.hide()
        in_column(in_row((self.choice, 1), self.find_folder, self.find_file, gap=4), self.problem, gap=6, of=self)

    @property
    def path(self) -> Path | None:
        """The folder or the file that is open."""
        return self._path

    def look_around(self) -> None:
        """Lists the models that are kept, and opens one where none is open; done once."""
        if not self._has_asked:
            self._has_asked = True
            run_task(kept_models, self._offer_models, self._fail, parent=self)

    def open(self, path: Path, name: str = "") -> None:
        """Shows a model folder or a safetensors file as the chosen one, and tells it."""
        self._path = path
        self.choice.choose(path, shortened(name or path.name, LONGEST_NAME))
        self.choice.setToolTip(plain_tip(str(path)))
        self.say(None)
        self.picked.emit(path)

    def say(self, error: UserError | None) -> None:
        """Says below the field what went wrong with the open model; None takes it back."""
        self.problem.setText("" if error is None else breakable(in_words(error, str(self._path or ""))))
        self.problem.setVisible(error is not None)
        polish(self.choice, state="" if error is None else "danger")

    def _offer_models(self, models: list[KeptModel]) -> None:
        for model in models:
            self.choice.offer(model.path, shortened(model.name, LONGEST_NAME))
        if self._path is not None:
            return
        if models:
            starter = next((model for model in models if model.name == places.STARTER), models[0])
            self.open(starter.path, starter.name)
        else:
            self.picked.emit(None)

    def _fail(self, error: UserError) -> None:
        self.say(error)
        if self._path is None:
            self.picked.emit(None)

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


def add_model_row(group: FormGroup, field: ModelField) -> None:
    """Puts it into a form: the buttons stand beside the label, so that the field has the width of the others."""
    group.add_row(words_with("Model", field.find_folder, field.find_file), field)
