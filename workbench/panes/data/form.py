"""The Data page's form: where the rows come from, what of them is learned, what is held out."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core import places, sources
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import settings
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, icon_button, label
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.fields import ChoiceBox, TextField, lock
from workbench.panes.parts.form_rows import SettingRows
from workbench.panes.parts.page import FormColumn, FormGroup

PATH = "data.path"
STARTER = "shopping"
COLUMNS = ("data.prompt_column", "data.completion_column", "data.messages_column", "data.text_column")
MAPPED = (*COLUMNS, "data.shape", "data.system_column", "data.group_column")  # by which rows are read anew
LEARNED = ("data.chat_template", "data.train_on", "training.max_length")
HELD_OUT = ("evaluation.fraction", "evaluation.path", "evaluation.score_path", "evaluation.score_group")
FILES = "Datasets (*.jsonl *.json *.csv *.parquet);;All files (*)"


class SourceField(QWidget):
    """A file's path with a button that finds one, and what is wrong with it below.

    Signals:
        chosen: A path, as it was typed or found.
    """

    chosen = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.field = TextField()
        self.field.setAcceptDrops(False)  # the window takes them
        self.field.setPlaceholderText("Choose a file, or drop one")
        self.field.setAccessibleName(settings()[PATH].title)
        self.field.setAccessibleDescription(settings()[PATH].help)
        self.field.edited.connect(self.chosen)
        self.browse = icon_button("Find a file", theme, "folder-open")
        self.browse.clicked.connect(self.ask)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        in_column(in_row((self.field, 1), self.browse, gap=4), self._problem, gap=2, of=self)

    def show_path(self, path: str, shown: str = "", *, is_locked: bool) -> None:
        lock(self.field, is_locked)
        self.field.show_text(shown or path)
        if not is_locked:
            self.field.end(False)  # of a long path the name is what tells
        self.field.setToolTip(settings()[PATH].help)
        self.browse.setVisible(not is_locked)

    def say_problem(self, text: str) -> None:
        self._problem.setText(text[:300])
        self._problem.setVisible(bool(text))
        polish(self.field, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self._problem.isHidden() else self._problem.text()

    def ask(self) -> None:
        """Lets a person find a file."""
        typed = self.field.text()
        folder = sources.expanded(typed).parent if typed else Path.home()
        path, _ = QFileDialog.getOpenFileName(
            self.window(), "Find a dataset", str(folder if folder.is_dir() else Path.home()), FILES
        )
        if path:
            self.chosen.emit(path)


class DataForm(QWidget):
    """All settings of the page, each in the store.

    Signals:
        choosing_changed: `is_choosing` has changed.
    """

    choosing_changed = Signal()

    def __init__(self, store: RecipeStore, theme: Theme, column: FormColumn) -> None:
        super().__init__()
        self._store = store
        self._last_file = ""
        self._is_choosing = False  # "File" is chosen, and no file yet
        self._recent: list[str] = []
        self.rows = SettingRows(store, theme)
        self._build_source(theme, column)
        learned = FormGroup(theme, "What is learned")
        self.rows.add(learned, *LEARNED)
        column.add_group(learned)
        self.held_out = FormGroup(theme, "Held out")
        self.rows.add(self.held_out, *HELD_OUT)
        column.add_group(self.held_out)
        rows = FormGroup(theme, "")
        self.rows.add(rows, *COLUMNS)
        self.columns = Folded(theme, "Columns", column, rows)
        self.columns.opener.setToolTip("What the columns with the texts are called in the file")
        column.end()
        store.changed.connect(self._store_changed)
        self.refresh()
        self._show_problems()

    def _build_source(self, theme: Theme, column: FormColumn) -> None:
        self.source = FormGroup(theme, "Source")
        self.kind = Segmented((("starter", "Starter"), ("file", "File")), "Source of the rows")
        self.kind.chosen.connect(self._choose_kind)
        self.source.add_row(label("From", "label"), self.kind)
        self.file = SourceField(theme)
        self.file.chosen.connect(self.take_path)
        self.source.add_row(label("File", "label"), self.file)
        self.recent = ChoiceBox(theme)
        self.recent.setAccessibleName("A file used before")
        self.recent.setPlaceholderText("Used before")
        self.recent.activated.connect(lambda index: self.take_path(str(self.recent.itemData(index))))
        self._recent_words = label("Recent", "label")
        self.source.add_row(self._recent_words, self.recent)
        self.format = label("", wraps=True)
        self.format.setContentsMargins(3, 0, 0, 0)
        self.source.add_row(label("Format", "label"), self.format)
        column.add_group(self.source)

    # -- the source ---------------------------------------------------------------------------------------------------

    @property
    def is_choosing(self) -> bool:
        """Whether a file is wanted and none is named yet."""
        return self._is_choosing

    def take_path(self, path: str) -> None:
        """Makes a file the recipe's dataset."""
        self.file.say_problem("")
        if not path:
            self._set_choosing(self.kind.value() == "file")
            return
        self._set_choosing(False)
        try:
            self._store.set(PATH, path)
        except UserError as error:
            self.file.say_problem(str(error))
        self.refresh()

    def _choose_kind(self, kind: str) -> None:
        if kind == "starter":
            self.take_path(STARTER)
        elif self._last_file or self._recent:
            self.take_path(self._last_file or self._recent[0])
        else:
            self._set_choosing(True)
            self.file.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_choosing(self, is_choosing: bool) -> None:
        has_changed = is_choosing != self._is_choosing
        self._is_choosing = is_choosing
        self.refresh()
        if has_changed:
            self.choosing_changed.emit()

    def _store_changed(self, paths: list[str]) -> None:
        self._set_choosing(self._is_choosing and PATH not in paths)

    def show_recent(self, paths: Sequence[str]) -> None:
        """Offers files that were read before."""
        self._recent = list(paths)
        self.refresh()

    def refresh(self) -> None:
        path = str(self._store.recipe.value(PATH))
        is_built_in = path in places.built_in_datasets()
        if not is_built_in:
            self._last_file = path
        is_file = self._is_choosing or not is_built_in
        self.kind.set_value("file" if is_file else "starter")
        shown = "" if is_file else sources.data_path(path).name
        self.file.show_path("" if self._is_choosing else path, shown, is_locked=not is_file)
        others = [other for other in self._recent if other != path][:8]
        self.recent.clear()
        for other in others:
            self.recent.addItem(Path(other).name, other)
            self.recent.setItemData(self.recent.count() - 1, other, Qt.ItemDataRole.ToolTipRole)
        self.recent.setCurrentIndex(-1)
        for part in (self.recent, self._recent_words):
            part.setVisible(is_file and bool(others))
        differing = sum(not self._store.is_default(column) for column in COLUMNS)
        self.columns.fact.setText(f"{differing} named otherwise" if differing else "called as usual")
        self._show_problems()

    def _show_problems(self) -> None:
        found = next((problem for problem in self._store.problems if problem.path == PATH), None)
        self.file.say_problem(found.text if found else "")
