"""The Train page's form: the recipe's settings by groups, the run's own and locked while one goes on."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.problems import Problem
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.units import bytes_in_words, counted, grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.disclosure import Folded
from workbench.panes.parts.fields import ChoiceBox, lock, put_fact
from workbench.panes.parts.form_rows import SettingRows
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.parts.rule_notice import RULE_PATH, RuleNotice
from workbench.panes.parts.run_words import model_in_words
from workbench.panes.train.before.forecaster import Reading
from workbench.panes.train.field_button import LinkRow

# The few that matter, by group; every other setting of the recipe stands under More.
TOP = {
    "adapter": ("lora.enabled", "lora.rank", "lora.alpha", "lora.targets"),
    "training": (
        "training.max_steps",
        "training.epochs",
        "training.learning_rate",
        "training.schedule",
        "training.batch_size",
        "training.accumulation",
        "training.max_length",
        "training.optimizer",
        "training.gradient_checkpointing",
    ),
}
MODEL_PATH, PRECISION_PATH, DATA_PATH = "model.source", "model.precision", "data.path"
CHECKPOINTING_PATH = "training.gradient_checkpointing"
SECTIONS = {
    "model": "Model",
    "lora": "Adapter",
    "data": "Data",
    "training": "Training",
    "evaluation": "Evaluation",
    "samples": "Samples",
    "tracking": "Records elsewhere",
}


class FormRecipe(RecipeStore):
    """The store as the form sees it: the recipe of a run while one is held, else the person's own, untouched by it."""

    def __init__(self, store: RecipeStore) -> None:
        super().__init__(store)
        self._store = store
        self._held: Recipe | None = None
        store.changed.connect(self._pass_on)

    def hold(self, recipe: Recipe | None) -> None:
        """Shows a run's recipe, or the person's own again."""
        before, self._held = self.recipe, recipe
        self.changed.emit([path for path in settings() if before.value(path) != self.recipe.value(path)])

    @property
    def recipe(self) -> Recipe:
        return self._held or self._store.recipe

    @property
    def problems(self) -> list[Problem]:
        """Those for the rows; the rule about adapters has a notice of its own."""
        if self._held is not None:
            return []
        return [problem for problem in self._store.problems if problem.path != RULE_PATH]

    def is_default(self, path: str) -> bool:
        return bool(self.recipe.value(path) == settings()[path].default)

    def set(self, path: str, value: Any) -> None:
        if self._held is None:
            self._store.set(path, value)

    def reset(self, path: str) -> None:
        if self._held is None:
            self._store.reset(path)

    def _pass_on(self, paths: list[str]) -> None:
        if self._held is None:
            self.changed.emit(paths)


class TrainForm(QObject):
    """All settings of a recipe in the column of the Train page; `wants_page` names the page that a field leads to."""

    wants_page = Signal(str)

    def __init__(self, store: RecipeStore, theme: Theme, column: FormColumn) -> None:
        super().__init__(column)
        self._theme = theme
        self.recipe = FormRecipe(store)
        self._store = store
        self._column = column
        self.is_locked = False
        self._reading: Reading | None = None
        self.rows = SettingRows(self.recipe, theme)
        self.model = LinkRow(theme, MODEL_PATH)
        self.data = LinkRow(theme, DATA_PATH)
        self.model.field.clicked.connect(lambda: self.wants_page.emit("model"))
        self.data.field.clicked.connect(lambda: self.wants_page.emit("data"))
        self._recipe_group = FormGroup(theme, "Recipe")
        self._recipe_group.add_row(self.model.label, self.model)
        self.rows.add(self._recipe_group, PRECISION_PATH)
        self._recipe_group.add_row(self.data.label, self.data)
        column.add_group(self._recipe_group)
        self._adapter = FormGroup(theme, "Adapter")
        self.rows.add(self._adapter, *TOP["adapter"])
        self.notice = RuleNotice(store, theme)
        self._adapter.add_wide(self.notice)
        column.add_group(self._adapter)
        training = FormGroup(theme, "Training")
        self.rows.add(training, *TOP["training"])
        column.add_group(training)
        self._more_groups: dict[str, FormGroup] = {}
        self._more_paths = [
            path
            for path in settings()
            if path not in (MODEL_PATH, PRECISION_PATH, DATA_PATH, *TOP["adapter"], *TOP["training"])
        ]
        box = QWidget()
        self._more_rows = in_column(gap=14, of=box)
        self.more = Folded(theme, "More", column, box, self._make_more)
        column.end()
        self.recipe.changed.connect(self.refresh)
        theme.changed.connect(self._place_facts)
        self.refresh()

    # -- more ---------------------------------------------------------------------------------------------------------

    def _make_more(self) -> None:
        """The rest of the settings, made when they are first looked at."""
        problems = self.recipe.problems
        for section, title in SECTIONS.items():
            group = self._more_groups[section] = FormGroup(self._theme, title)
            paths = self._more_of(section)
            self.rows.add(group, *paths)
            self._more_rows.addWidget(group)
            for path in paths:
                self.rows.rows[path].set_locked(self.is_locked)
                self.rows.rows[path].show_problems(problems)
            for field in group.findChildren(QWidget):
                field.installEventFilter(self._column)  # a field that the focus comes to is scrolled into sight
        self._hide_empty_groups()

    def _more_of(self, section: str) -> list[str]:
        return [path for path in self._more_paths if path.startswith(f"{section}.")]

    def _hide_empty_groups(self) -> None:
        """A group all of whose settings mean nothing now is not shown."""
        recipe = self.recipe.recipe
        for section, group in self._more_groups.items():
            group.setVisible(any(recipe.applies(path) for path in self._more_of(section)))

    # -- showing ------------------------------------------------------------------------------------------------------

    def lock(self, recipe: Recipe | None) -> None:
        """Shows a run's recipe as plain text, or the person's own as fields again."""
        if (recipe is not None) == self.is_locked and recipe == (self.recipe.recipe if self.is_locked else None):
            return
        self.is_locked = recipe is not None
        self.recipe.hold(recipe)
        self.rows.set_locked(self.is_locked)
        for row in (self.model, self.data):
            lock(row.field, self.is_locked)
            row.field.make_room()
        self.refresh()

    def refresh(self, _paths: object = None) -> None:
        """Shows what is not in a row of its own."""
        recipe = self.recipe.recipe
        self._recipe_group.fact.setText("locked while running" if self.is_locked else "")
        self._adapter.fact.setText(_adapter_kind(recipe))
        self.notice.setVisible(not self.is_locked and any(p.path == RULE_PATH for p in self._store.problems))
        differing = sum(not self.recipe.is_default(path) for path in self._more_paths)
        self.more.show_differing(differing, len(self._more_paths))
        self._hide_empty_groups()
        self._show_files()
        self._place_facts()

    def _place_facts(self) -> None:
        """Double quantization stands inside the field of the precision."""
        recipe = self.recipe.recipe
        field = self.rows.rows[PRECISION_PATH].field
        assert isinstance(field, ChoiceBox)
        doubled = recipe.model.double_quant and recipe.applies("model.double_quant")
        field.show_fact("double quant." if doubled else "")

    def show_reading(self, reading: Reading) -> None:
        """What was read of the files, and what the forecast says, beside the settings they belong to."""
        if reading.recipe != self.recipe.recipe:
            return
        self._reading = reading
        self._show_files()
        training, looked = reading.recipe.training, reading.forecast
        steps = settings()["training.max_steps"].unit
        if not training.max_steps:
            steps = f"{grouped(looked.steps)} steps" if looked is not None and looked.steps else "by epochs"
        put_fact(self.rows.rows["training.max_steps"].field, steps)
        saved = f"saves {bytes_in_words(reading.saved_bytes)}" if reading.saved_bytes else ""
        self.rows.rows[CHECKPOINTING_PATH].show_fact(saved)

    def _show_files(self) -> None:
        """The model and the data by their names, with what is wrong with them."""
        recipe, reading = self.recipe.recipe, self._reading
        is_known = reading is not None and reading.recipe == recipe
        shape, glance = (reading.shape, reading.glance) if reading is not None and is_known else (None, None)
        model = shape.name if shape is not None else model_in_words(recipe.model.source)
        self.model.field.show_choice(model)
        data = PurePath(recipe.data.path).name or recipe.data.path
        rows = counted(glance.rows, "row") if glance is not None else ""
        self.data.field.show_choice(data, rows)
        errors = (None, None) if reading is None else (reading.model_error, reading.data_error)
        for row, error in zip((self.model, self.data), errors, strict=True):
            row.say_problem(error.what if error is not None and is_known and not self.is_locked else "")

    def first_problem(self) -> str:
        """The first thing that keeps the recipe from being trained, in the titles of the form."""
        return next(iter(broken(self._store.problems)), "")


def broken(problems: Sequence[Problem]) -> list[str]:
    """Those problems that are more than warnings, each in its first words."""
    return [problem.text.partition(": ")[0].rstrip(".") for problem in problems if not problem.is_warning]


def _adapter_kind(recipe: Recipe) -> str:
    """The adapter's name in the field."""
    if not recipe.lora.enabled:
        return "all weights"
    name = "DoRA" if recipe.lora.dora else "LoRA"
    return f"Q{name}" if recipe.model.precision in ("nf4", "fp4", "int8") else name
