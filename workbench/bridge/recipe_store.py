"""The recipe that the window's form is about: changed by one setting or many, undone, kept in a file."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.bridge.timers import once_after
from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import Problem, UserError
from workbench.core.recipe import rules
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.whole_file import write_whole

# Letters typed one after the other into a field are one change.
MERGE_SECONDS = 0.8
AUTOSAVE_SECONDS = 1.0
MOST_UNDO_STEPS = 500
_FORM = "form"


class RecipeStore(QObject):
    """Holds one frozen recipe and replaces it; what is refused changes nothing.

    Signals:
        changed: The paths of the settings whose values changed; none where only `problems` may have.
        file_changed: `file` or `is_modified` has changed.
    """

    changed = Signal(list)
    file_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recipe = Recipe()
        self._kept = self._recipe  # as it was opened or saved
        self._file: Path | None = None
        self._device: rules.Device | None = None
        self._undo: list[Recipe] = []
        self._redo: list[Recipe] = []
        self._last_set = ("", 0.0)
        self._told: tuple[Path | None, bool] = (None, False)
        self._has_complained = False
        self._autosave = once_after(self, int(AUTOSAVE_SECONDS * 1000), self._write_autosave)

    # -- what there is ------------------------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        return self._recipe

    @property
    def file(self) -> Path | None:
        """The recipe file that `save` writes to; None where there is none yet."""
        return self._file

    @property
    def is_modified(self) -> bool:
        """Whether it differs from what was opened or saved last."""
        return self._recipe != self._kept

    @property
    def can_undo(self) -> bool:
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    @property
    def problems(self) -> list[Problem]:
        """What is wrong between the settings, and on the device where that is known."""
        return rules.check(self._recipe, self._device)

    def set_device(self, device: rules.Device | None) -> None:
        """Says what the recipe would run on."""
        if device != self._device:
            self._device = device
            self.changed.emit([])

    def is_default(self, path: str) -> bool:
        """Whether a setting has the value it is declared with."""
        return bool(self._recipe.value(path) == settings()[path].default)

    @staticmethod
    def presets() -> dict[str, Path]:
        """The recipes that come with the program, by name."""
        return places.built_in_recipes()

    # -- changing it --------------------------------------------------------------------------------------------------

    def set(self, path: str, value: Any) -> None:
        """Replaces one setting. Raises UserError with a sentence for its row."""
        recipe = self._with({path: value})
        if recipe == self._recipe:
            return
        last_path, at = self._last_set
        is_typing = path == last_path and time.monotonic() - at < MERGE_SECONDS and self._undo
        self._last_set = (path, time.monotonic())
        if is_typing:
            self._show(recipe)
            if self._undo[-1] == recipe:
                self._undo.pop()  # typed back to what it was
        else:
            self._push(recipe)
        self._tell_file()

    def set_many(self, values: Mapping[str, Any]) -> None:
        """Replaces several settings at once, as one step to undo. Raises UserError."""
        self._edit(self._with(values))

    def replace(self, recipe: Recipe, file: Path | None = None, *, keep_undo: bool = False) -> None:
        """Takes another recipe, as opened from `file`; with `keep_undo` as a change to the one that is open."""
        if keep_undo:
            self._edit(recipe)
            return
        self._undo.clear()
        self._redo.clear()
        self._last_set = ("", 0.0)
        self._file, self._kept = file, recipe
        self._show(recipe)
        self._tell_file()

    def reset(self, path: str) -> None:
        """Gives one setting its default."""
        self._edit(self._with({path: settings()[path].default}))

    def reset_all(self) -> None:
        """Gives every setting its default, as one step to undo."""
        self._edit(Recipe())

    def undo(self) -> None:
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        self._step(self._redo, self._undo)

    def _step(self, taken: list[Recipe], given: list[Recipe]) -> None:
        if taken:
            given.append(self._recipe)
            self._last_set = ("", 0.0)
            self._show(taken.pop())
            self._tell_file()

    def _with(self, values: Mapping[str, Any]) -> Recipe:
        tables: dict[str, dict[str, Any]] = self._recipe.model_dump()
        for path, value in values.items():
            section, _, name = path.partition(".")
            tables[section][name] = value
        try:
            return recipe_text.from_tables(tables, name=_FORM)
        except UserError as error:
            raise UserError(_for_a_row(error.what)) from None

    def _edit(self, recipe: Recipe) -> None:
        if recipe != self._recipe:
            self._last_set = ("", 0.0)
            self._push(recipe)
            self._tell_file()

    def _push(self, recipe: Recipe) -> None:
        self._undo.append(self._recipe)
        del self._undo[:-MOST_UNDO_STEPS]
        self._redo.clear()
        self._show(recipe)

    def _show(self, recipe: Recipe) -> None:
        before, self._recipe = self._recipe, recipe
        paths = [path for path in settings() if before.value(path) != recipe.value(path)]
        if paths:
            self._autosave.start()
            self.changed.emit(paths)

    def _tell_file(self) -> None:
        now = (self._file, self.is_modified)
        if now != self._told:
            self._told = now
            self.file_changed.emit()

    # -- files --------------------------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Takes the recipe of a file or of a run folder; a built-in one has no file to save to. Raises UserError."""
        if path.is_dir():
            self.replace(RunFolder.open(path).recipe())
        else:
            self.replace(recipe_text.read(path), None if path in self.presets().values() else path)

    def save(self, path: Path | None = None) -> None:
        """Writes the recipe to a file, or to the one it came from. Raises UserError."""
        target = path or self._file
        if target is None:
            raise UserError("This recipe has no file yet.", remedy="Choose one.")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, recipe_text.to_toml(self._recipe))
        except UnicodeEncodeError as error:
            raise UserError(f"A recipe cannot keep {error.object!r:.200}: it is not text.") from None
        except OSError as error:
            raise UserError(
                f"{target} cannot be written: {error.strerror}.", remedy="Save it in another folder."
            ) from None
        self._file, self._kept = target, self._recipe
        self._last_set = ("", 0.0)  # what is typed from here on is undone apart
        self._tell_file()

    @staticmethod
    def autosave_path() -> Path:
        return places.home() / "window-recipe.toml"

    def restore(self) -> str:
        """Takes the recipe as the window last held it; a sentence where that file cannot be used, else nothing."""
        path = self.autosave_path()
        if not path.exists():
            return ""
        try:
            recipe = recipe_text.read(path)
        except UserError as error:
            return f"The form begins as new: {error}"
        self.replace(Recipe())
        self._show(recipe)
        self._tell_file()
        return ""

    def flush(self) -> None:
        """Keeps now what would be kept in a moment."""
        if self._autosave.isActive():
            self._autosave.stop()
            self._write_autosave()

    def _write_autosave(self) -> None:
        try:
            self.autosave_path().parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.autosave_path(), recipe_text.to_toml(self._recipe))
        except (OSError, UnicodeEncodeError) as error:
            if not self._has_complained:
                print(f"The form cannot be kept in {self.autosave_path()}: {error}", file=sys.stderr)
            self._has_complained = True


def _for_a_row(text: str) -> str:
    """ "form: lora.rank cannot be 0. ..." with the setting called as its row is: "Rank cannot be 0. ..." """
    text = text.removeprefix(f"{_FORM}: ")
    path, space, rest = text.partition(" ")
    return f"{settings()[path].title}{space}{rest}" if path in settings() else text
