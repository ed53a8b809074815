"""Where the model comes from: the starter, the Hub, or a folder."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core import hub_models, preflight
from workbench.core.units import bytes_in_words
from workbench.panes.controls import Segmented, TextField, button, label
from workbench.panes.theme import Theme


class ModelSource(QWidget):
    """Three ways to name a model; `chosen` tells what a recipe calls it, `wanted` which id to ask the Hub about."""

    chosen = Signal(str)
    wanted = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(label("Where from", "heading"))
        self.kind = Segmented([("starter", "Starter"), ("hub", "Hub"), ("folder", "Folder")], "Where from")
        self.kind.chosen.connect(self._turn)
        layout.addWidget(self.kind)
        self._stack = QStackedWidget()
        self._parts = (self._starter(), self._hub(theme), self._folder(theme))
        for part in self._parts:
            self._stack.addWidget(part)
        layout.addWidget(self._stack)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        layout.addWidget(self.problem)
        self._source = ""

    def _starter(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(label("SmolLM2-135M-Instruct", "medium"))
        layout.addWidget(label("HuggingFaceTB, Apache-2.0. It trains on a CPU in minutes.", "fact", wraps=True))
        layout.addStretch(1)
        return page

    def _hub(self, theme: Theme) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        self.hub_id = TextField()
        self.hub_id.setPlaceholderText("org/name")
        self.hub_id.setAccessibleName("Hub id")
        self.hub_id.setToolTip("A model of the Hugging Face Hub, such as org/name")
        self.hub_id.edited.connect(self._take_id)
        self.ask = button("Look it up", theme, "magnifying-glass")
        self.ask.setToolTip("Asks the Hub for the model's config.json")
        self.ask.clicked.connect(lambda: self.wanted.emit(self.hub_id.text().strip()))
        line.addWidget(self.hub_id, 1)
        line.addWidget(self.ask)
        layout.addLayout(line)
        self.cached = QListWidget()
        self.cached.setProperty("role", "onpage")
        self.cached.setAccessibleName("Models of the Hub on this machine")
        self.cached.itemActivated.connect(self._take_item)
        self.cached.itemClicked.connect(self._take_item)
        self.none = label("No model of the Hub is on this machine yet.", "fact", wraps=True)
        layout.addWidget(self.none)
        layout.addWidget(self.cached)
        return page

    def _folder(self, theme: Theme) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        line = QHBoxLayout()
        line.setSpacing(6)
        self.folder = TextField()
        self.folder.setPlaceholderText("A folder with config.json and safetensors")
        self.folder.setAccessibleName("Model folder")
        self.folder.edited.connect(self._take_id)
        self.browse = button("Browse", theme, "folder-open")
        self.browse.clicked.connect(self._browse)
        line.addWidget(self.folder, 1)
        line.addWidget(self.browse)
        layout.addLayout(line)
        layout.addStretch(1)
        return page

    # -- showing ------------------------------------------------------------------------------------------------------

    def show_source(self, source: str) -> None:
        """Shows what the recipe names."""
        if source == self._source:
            return
        self._source = source
        if source == "starter":
            kind = "starter"
        elif preflight.model_path(source) is not None:
            kind = "folder"
            self.folder.show_text(source)
        else:
            kind = "hub"
            self.hub_id.show_text(source)
        self.kind.set_value(kind)
        self._show_part(kind)

    def show_cached(self, models: list[hub_models.CachedModel]) -> None:
        self.cached.clear()
        for model in models:
            size = bytes_in_words(model.size_bytes) if model.has_weights else "config.json alone"
            item = QListWidgetItem(f"{model.id}   {size}")
            item.setToolTip(model.id)
            item.setData(256, model.id)
            self.cached.addItem(item)
        self.none.setVisible(not models)
        self.cached.setVisible(bool(models))

    def show_problem(self, text: str) -> None:
        self.problem.setText(text)
        self.problem.setVisible(bool(text))

    # -- choosing -----------------------------------------------------------------------------------------------------

    def _turn(self, kind: str) -> None:
        self._show_part(kind)
        if kind == "starter":
            self._tell("starter")

    def _show_part(self, kind: str) -> None:
        index = ("starter", "hub", "folder").index(kind)
        self._stack.setCurrentIndex(index)
        for position, page in enumerate(self._parts):
            # A page that is not shown takes no height.
            page.setMaximumHeight(16_777_215 if position == index else 0)

    def _take_id(self, text: str) -> None:
        if text:
            self._tell(text)

    def _take_item(self, item: QListWidgetItem) -> None:
        self.hub_id.show_text(item.data(256))
        self._tell(item.data(256))

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A model folder", self.folder.text() or str(Path.home()))
        if folder:
            self._tell(folder)

    def _tell(self, source: str) -> None:
        self.show_problem("")
        self.chosen.emit(source)
