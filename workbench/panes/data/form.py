"""The Data page's form: where the rows come from, what of them is learned, how long they may be, what is held out."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core import places, sources
from workbench.core.problems import Problem, UserError
from workbench.core.recipe.other_data import PATH, SHEET, unsaid_columns, values_for_data
from workbench.core.recipe.recipe import settings
from workbench.core.recipe.setting import Setting
from workbench.panes.data.held_out_field import HeldOutField
from workbench.panes.data.source_field import SourceField
from workbench.panes.data.template_field import TemplateField
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Segmented, label
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.form_rows import SettingRows
from workbench.panes.parts.page import FormColumn, FormGroup

LONGEST, PACKING = "training.max_length", "training.packing"
STARTER = "shopping"
HUB = "datasets/"
OF_A_HUB_DATASET = ("data.config", "data.split")
TEXT_ROWS = "data.text_rows"
TEXT_FORMATS = (".txt", ".md", ".markdown")
MORE = (
    "data.too_long", "data.bad_rows", "data.most_bad_share", "data.duplicates", "data.system_turns",
    "data.system_in_user", "evaluation.groups", "evaluation.path", "evaluation.score_path", "evaluation.score_group",
)  # fmt: skip


class DataForm(QWidget):
    """All settings of the page, each in the store.

    Signals:
        choosing_changed: `is_choosing` has changed.
        writing_wanted: Rows are to be written.
    """

    choosing_changed = Signal()
    writing_wanted = Signal()

    def __init__(
        self,
        store: RecipeStore,
        theme: Theme,
        column: FormColumn,
        columns: QWidget,
    ) -> None:
        """`columns` stands below the source."""
        super().__init__()
        self._store = store
        self._last_files: tuple[str, ...] = ()
        self._is_choosing = False  # "File" is chosen, and no file yet
        self._recent: list[str] = []
        self.rows = SettingRows(store, theme)
        self._build_source(theme, column)
        column.add_group(columns)
        self._build_learned(theme, column)
        more = FormGroup(theme, "")
        known: dict[str, Setting] = settings()
        self._more_paths = tuple(path for path in MORE if path in known)
        self.rows.add(more, *self._more_paths)
        self.more = Folded(theme, "More", column, more)
        column.end()
        store.changed.connect(self._store_changed)
        self.refresh()

    def _build_source(self, theme: Theme, column: FormColumn) -> None:
        self.source = FormGroup(theme, "Source")
        self.kind = Segmented((("starter", "Starter"), ("file", "File"), ("written", "Written")), "Source of the rows")
        self.kind.chosen.connect(self._choose_kind)
        self.source.add_row(label("From", "label"), self.kind)
        self.file = SourceField(theme)
        self.file.chosen.connect(self.take_paths)
        self.source.add_row(label("File", "label"), self.file)
        self.recent = ChoiceBox(theme)
        self.recent.setAccessibleName("A file used before")
        self.recent.setPlaceholderText("Used before")
        self.recent.activated.connect(lambda index: self.take_paths([str(self.recent.itemData(index))]))
        self._recent_words = label("Recent", "label")
        self.source.add_row(self._recent_words, self.recent)
        self.sheet = ChoiceBox(theme)
        self.sheet.setAccessibleName("Sheet")
        self.sheet.activated.connect(lambda index: self.forget_columns(str(self.sheet.itemData(index))))
        self._sheet_words = label("Sheet", "label")
        self.source.add_row(self._sheet_words, self.sheet)
        self.rows.add(self.source, *OF_A_HUB_DATASET, TEXT_ROWS)
        self.shape = label("", wraps=True)
        self.shape.setContentsMargins(3, 0, 0, 0)
        self.shape.setMinimumWidth(1)
        self.source.add_row(label("Shape", "label"), self.shape)
        column.add_group(self.source)
        self.show_sheets(())

    def _build_learned(self, theme: Theme, column: FormColumn) -> None:
        self.learned = FormGroup(theme, "What is learned")
        self.template = TemplateField(self._store, theme)
        self.learned.add_row(label("Template", "label"), self.template)
        self.rows.add(self.learned, "data.train_on", title="Loss on")
        self.rows.add(self.learned, "data.system_prompt", title="System", has_lines=True)
        column.add_group(self.learned)
        self.length = FormGroup(theme, "Length")
        self.rows.add(self.length, LONGEST, title="Longest row")
        self.rows.add(self.length, PACKING, title="Pack rows")
        column.add_group(self.length)
        self.split = FormGroup(theme, "Split")
        self.held_out = HeldOutField(self._store, theme)
        self.split.add_row(label("Held out", "label"), self.held_out)
        self.rows.add(self.split, "evaluation.seed")
        self.rows.rows["evaluation.seed"].show_fact("seed")
        column.add_group(self.split)

    # -- the source ---------------------------------------------------------------------------------------------------

    @property
    def is_choosing(self) -> bool:
        """Whether a file is wanted and none is named yet."""
        return self._is_choosing

    def take_paths(self, paths: Sequence[str]) -> None:
        """Makes files, or a folder, the recipe's dataset."""
        self.file.say_problem("")
        if not paths or not paths[0]:
            self._set_choosing(self.kind.value() == "file")
            return
        self._set_choosing(False)
        data = self._store.recipe.data
        if (data.path, *data.also) != tuple(paths):
            try:
                self._store.set_many(values_for_data(self._store.recipe, paths))
            except UserError as error:
                self.file.say_problem(str(error))
        self.refresh()

    def forget_columns(self, sheet: str | None = None) -> None:
        """Finds the columns anew, in a sheet where one is named."""
        self._store.set_many(unsaid_columns() if sheet is None else {SHEET: sheet, **unsaid_columns()})

    def _choose_kind(self, kind: str) -> None:
        if kind == "starter":
            self.take_paths([STARTER])
        elif kind == "written":
            self._set_choosing(False)
            self.kind.set_value(kind)
            self.writing_wanted.emit()
        elif self._last_files or self._recent:
            self.take_paths(self._last_files or self._recent[:1])
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

    def show_sheets(self, sheets: Sequence[str]) -> None:
        """Offers the sheets of a workbook; none of another file."""
        if [self.sheet.itemText(place) for place in range(self.sheet.count())] != list(sheets):
            self.sheet.clear()
            for sheet in sheets:
                self.sheet.addItem(sheet, sheet)
        chosen = self._store.recipe.data.sheet
        self.sheet.setCurrentIndex(max(0, self.sheet.findData(chosen)) if sheets else -1)
        self.sheet.show_fact(f"{self.sheet.currentIndex() + 1} of {len(sheets)}" if sheets else "")
        for part in (self.sheet, self._sheet_words):
            part.setVisible(bool(sheets))

    def refresh(self) -> None:
        data = self._store.recipe.data
        is_built_in = data.path in places.built_in_datasets()
        paths = (data.path, *data.also)
        if not is_built_in:
            self._last_files = paths
        is_file = self._is_choosing or not is_built_in
        is_written = is_file and not self._is_choosing and is_written_here(data.path)
        self.kind.set_value("written" if is_written else "file" if is_file else "starter")
        shown = "" if is_file else sources.data_path(data.path).name
        self.file.show_paths(() if self._is_choosing else paths, shown, is_locked=not is_file)
        others = [other for other in self._recent if other != data.path][:8]
        self.recent.clear()
        for other in others:
            self.recent.addItem(Path(other).name, other)
            self.recent.setItemData(self.recent.count() - 1, other, Qt.ItemDataRole.ToolTipRole)
        self.recent.setCurrentIndex(-1)
        for part in (self.recent, self._recent_words):
            part.setVisible(is_file and bool(others))
        self._show_only_what_applies(data.path)
        self.more.show_differing(
            sum(not self._store.is_default(path) for path in self._more_paths), len(self._more_paths)
        )
        self._show_problems()

    def _show_only_what_applies(self, path: str) -> None:
        is_text = Path(path.lower().removesuffix(".gz").removesuffix(".zst")).suffix in TEXT_FORMATS
        for setting, applies in (*((each, path.startswith(HUB)) for each in OF_A_HUB_DATASET), (TEXT_ROWS, is_text)):
            self.rows.rows[setting].set_applies(applies)

    def _show_problems(self) -> None:
        found = next((problem for problem in self._store.problems if problem.path == PATH), None)
        self.file.say_problem(found.text if found else "")

    def say_length(self, words: str) -> None:
        """What the longest row does to the rows, below its field."""
        self.rows.rows[LONGEST].show_notice(Problem(LONGEST, words, is_warning=True) if words else None)


def is_written_here(path: str) -> bool:
    """Whether a file is one of those that were written in the program."""
    return sources.data_path(path).parent == places.written()
