"""The menu of recipes: those that come with the program, files, undo and the way back to the defaults."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.panes.look.theme import Theme
from workbench.panes.parts.save_as import ask_where

RECIPE_FILES = "Recipes (*.toml)"


class RecipeMenu(QMenu):
    """What can be done with the recipe as a whole; `refused` hands over what could not be done."""

    refused = Signal(object)

    def __init__(self, store: RecipeStore, theme: Theme, opener: QPushButton, page: QWidget) -> None:
        super().__init__(opener)
        self._store = store
        self._theme = theme
        self._page = page
        self._can_change = True
        self.setToolTipsVisible(True)
        self.presets: list[QAction] = []
        for name, path in store.presets().items():
            action = self.addAction(_in_words(name))
            action.triggered.connect(lambda _checked=False, path=path: self._take_preset(path))
            self.presets.append(action)
        self.addSeparator()
        self.open_file = self._action("Open a recipe…", self._choose_file)
        self.save = self._action("Save", self._save)
        self._action("Save as…", self._choose_target)
        self.addSeparator()
        self.undo = self._action("Undo", store.undo, QKeySequence.StandardKey.Undo)
        self.redo = self._action("Redo", store.redo, QKeySequence("Ctrl+Shift+Z"))
        self.addSeparator()
        self.reset = self._action("Put everything back to the defaults", store.reset_all)
        for action in (self.undo, self.redo):
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            page.addAction(action)
        store.changed.connect(self._refresh)
        store.file_changed.connect(self._refresh)
        theme.follow(self._draw)
        self._refresh()

    def _action(self, words: str, act: object, keys: QKeySequence | QKeySequence.StandardKey | None = None) -> QAction:
        action = self.addAction(words)
        action.triggered.connect(lambda _checked=False: act())  # type: ignore[operator]
        if keys is not None:
            action.setShortcut(keys)
        return action

    def _draw(self) -> None:
        for action, icon in (
            (self.open_file, "folder-open"),
            (self.save, "floppy-disk"),
            (self.undo, "arrow-counter-clockwise"),
            (self.redo, "arrow-clockwise"),
        ):
            action.setIcon(self._theme.icon(icon))

    def set_can_change(self, can_change: bool) -> None:
        """While a run shows its own recipe the person's is left alone; it can still be saved."""
        self._can_change = can_change
        self._refresh()

    def _refresh(self, _paths: object = None) -> None:
        store = self._store
        for action in (*self.presets, self.open_file, self.reset):
            action.setEnabled(self._can_change)
        self.undo.setEnabled(self._can_change and store.can_undo)
        self.redo.setEnabled(self._can_change and store.can_redo)
        name = store.file.name if store.file else ""
        self.save.setText(f"Save {_short(name)}" if name else "Save")
        self.save.setEnabled(store.is_modified or store.file is None)

    # -- doing --------------------------------------------------------------------------------------------------------

    def _take_preset(self, path: Path) -> None:
        try:
            self._store.replace(recipe_text.read(path), keep_undo=True)
        except UserError as error:
            self.refused.emit(error)

    def open_recipe(self, path: str) -> None:
        """Opens a file; what was in the form and in no file comes back with undo."""
        before, had_changes = self._store.recipe, self._store.is_modified
        try:
            self._store.open(Path(path))
        except UserError as error:
            self.refused.emit(error)
            return
        if had_changes and before != self._store.recipe:
            opened, file = self._store.recipe, self._store.file
            self._store.replace(before, file)
            self._store.replace(opened, file, keep_undo=True)

    def save_recipe(self, path: Path) -> None:
        try:
            self._store.save(path if path.suffix else path.with_suffix(".toml"))
        except UserError as error:
            self.refused.emit(error)

    def _save(self) -> None:
        if self._store.file is None:
            self._choose_target()
        else:
            self.save_recipe(self._store.file)

    def _choose_file(self) -> None:
        folder = self._store.file.parent if self._store.file else Path.home()
        dialog = QFileDialog(self._page, "Open a recipe", str(folder), RECIPE_FILES)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.open_recipe)
        dialog.open()

    def _choose_target(self) -> None:
        name = str(self._store.file or Path.home() / "recipe.toml")
        ask_where(self._page, "Save the recipe", name, {".toml": RECIPE_FILES}, self.save_recipe)


def _in_words(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _short(name: str) -> str:
    """A file name for a menu: not too long, and no ampersand that would be a mnemonic."""
    return (name if len(name) <= 40 else f"{name[:18]}…{name[-20:]}").replace("&", "&&")
