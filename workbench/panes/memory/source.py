"""The model that the Memory page is about: of the catalogue, of this machine, by id or folder, or by its sizes."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.tasks import run_task
from workbench.core import places
from workbench.core.model import catalogue
from workbench.core.model.catalogue import CatalogueModel
from workbench.core.model.kept import KeptModel, kept_models
from workbench.core.model.named import named_shape
from workbench.core.model.shape import ModelShape
from workbench.core.problems import UserError, shortened
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import breakable, icon_button, label, plain_tip
from workbench.panes.parts.fields import ChoiceBox, TextField, words_with
from workbench.panes.parts.model_reading import in_words
from workbench.panes.parts.page import FormGroup

LONGEST_NAME = 24
OTHER, SIZES = "other", "sizes"
DEFAULT = "Llama-3-8B"


class ModelChoice(QWidget):
    """A list of what is known, a line to type an id or a folder into, and what is wrong with it.

    Signals:
        read: A shape, what the model is called, and what a recipe calls it.
        sizes_wanted: Whether the sizes are to be typed in.
    """

    read = Signal(object, str, str)
    sizes_wanted = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._asked = 0
        self._has_looked = False
        self._row = -1  # the last one that could be read
        self.choice = ChoiceBox(theme)
        self.choice.setAccessibleName("Model")
        self.choice.setMaxVisibleItems(18)
        for model in catalogue.catalogue():
            self.choice.addItem(model.title, model)
        self.choice.insertSeparator(self.choice.count())
        self.choice.addItem("By id or folder…", OTHER)
        self.choice.addItem("Sizes typed in", SIZES)
        self.choice.activated.connect(self._choose_row)
        self.find_folder = icon_button("Find a model folder", theme, "folder-open")
        self.find_folder.clicked.connect(self._find_folder)
        self.typed = TextField()
        self.typed.setAccessibleName("Hub id or model folder")
        self.typed.setPlaceholderText("org/name or a folder")
        self.typed.setToolTip("A Hugging Face Hub id, a model folder, or a config.json")
        self.typed.edited.connect(self.open)
        self.typed.hide()
        self.note = label("", "problem", wraps=True)
        self.note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.note.hide()
        in_column(self.choice, self.typed, self.note, gap=4, of=self)

    # -- what is on this machine ---------------------------------------------------------------------------------------

    def look_around(self) -> None:
        """Puts the models that are kept here above the catalogue; done once."""
        if not self._has_looked:
            self._has_looked = True
            run_task(kept_models, self._list, lambda _error: None, parent=self)

    def _list(self, models: list[KeptModel]) -> None:
        for place, model in enumerate(models):
            self.choice.insertItem(place, f"{shortened(model.name, LONGEST_NAME)}", model)
            self.choice.setItemData(place, plain_tip(f"On this machine: {model.path}"), Qt.ItemDataRole.ToolTipRole)
        if models:
            self.choice.insertSeparator(len(models))
        self._row = self.choice.currentIndex()

    # -- choosing ------------------------------------------------------------------------------------------------------

    def show_default(self) -> None:
        self.choose_model(catalogue.find(DEFAULT))

    def choose_model(self, model: CatalogueModel) -> None:
        """Shows a model of the catalogue, which needs no reading."""
        row = next(row for row in range(self.choice.count()) if self.choice.itemData(row) == model)
        self.choice.setCurrentIndex(row)
        self._choose_row(row)

    def _choose_row(self, row: int) -> None:
        chosen = self.choice.itemData(row)
        self._asked += 1
        self._show_note("")
        self.typed.setVisible(chosen == OTHER)
        self.sizes_wanted.emit(chosen == SIZES)
        if chosen == OTHER:
            self.typed.setFocus(Qt.FocusReason.OtherFocusReason)
        elif isinstance(chosen, CatalogueModel):
            self._row = row
            self.read.emit(chosen.shape(), chosen.title, chosen.id)
        elif isinstance(chosen, KeptModel):
            source = "starter" if chosen.path.name == places.STARTER else str(chosen.path)
            if chosen.name != chosen.path.name:  # of the shared cache: by its id
                source = chosen.name
            self._read(str(chosen.path), chosen.name, source)

    def open(self, text: str) -> None:
        """Reads an id, a folder or a config.json, and adds it to the list. What cannot be read is said below."""
        if not text:
            return
        try:
            self.choose_model(catalogue.find(text))
        except UserError:
            self._read(text, "", text)

    def _read(self, text: str, name: str, source: str) -> None:
        self._asked += 1
        asked = self._asked
        self._show_note("Reading it…", "none")

        def done(shape: ModelShape) -> None:
            if asked == self._asked:
                self._show_note("")
                self._show(replace(shape, name=name or shape.name), source)

        def failed(error: UserError) -> None:
            if asked == self._asked:
                self._show_note(in_words(error, text), "danger")

        run_task(lambda: named_shape(text), done, failed, parent=self)

    def _show(self, shape: ModelShape, source: str) -> None:
        known = [self.choice.itemData(row) for row in range(self.choice.count())]
        if self.choice.currentData() == OTHER or not isinstance(self.choice.currentData(), KeptModel):
            entry = KeptModel(shape.name, Path(source))
            if entry not in known:
                self.choice.insertItem(0, shortened(shape.name, LONGEST_NAME), entry)
            self.choice.setCurrentIndex(self.choice.findText(shortened(shape.name, LONGEST_NAME)))
            self.typed.hide()
            self.sizes_wanted.emit(False)
        self._row = self.choice.currentIndex()
        self.read.emit(shape, shape.name, source)

    def _show_note(self, words: str, state: str = "") -> None:
        polish(self.note, role="fact" if state == "none" else "problem")
        self.note.setText(breakable(words))
        self.note.setVisible(bool(words))
        polish(self.choice, state="danger" if state == "danger" else "")

    def _find_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self.window(), "Find a model folder", str(Path.home()))
        if found:
            self.open(found)


def add_choice_row(group: FormGroup, field: ModelChoice) -> None:
    """The button stands beside the label, so that the field has the width of the others."""
    group.add_row(words_with("Model", field.find_folder), field)
