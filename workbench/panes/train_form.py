"""The Train page's form: the recipe's settings by groups, the run's own and locked while one goes on."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.problems import Problem, shown
from workbench.core.recipe import Recipe, settings
from workbench.core.units import bytes_in_words, grouped
from workbench.panes.controls import ChoiceBox, breakable, label, lock, put_fact
from workbench.panes.forecaster import Reading
from workbench.panes.form_rows import SettingRow, SettingRows
from workbench.panes.page import Disclosure, FormColumn, FormGroup
from workbench.panes.rule_notice import RULE_PATH, RuleNotice
from workbench.panes.run_words import model_in_words
from workbench.panes.theme import Theme, polish

# The few that matter on top, by group; the first and the third of the first group are fields that lead to their pages.
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
# Under a field there is room for a sentence; the picture says the rest.
LONGEST_PROBLEM = 140
SECTIONS = {
    "model": "Model",
    "lora": "Adapter",
    "data": "Data",
    "training": "Training",
    "evaluation": "Evaluation",
    "samples": "Samples",
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


class FieldButton(QPushButton):
    """A field that is chosen on another page: its text is shortened to fit, its fact stands at its right."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._whole = ""
        self.setProperty("kind", "field")
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        put_fact(self, "")
        self.make_room()
        theme.changed.connect(self.make_room)

    def show_choice(self, text: str, fact: str = "") -> None:
        self._whole = " ".join(text.split())
        put_fact(self, fact)
        self.setAccessibleName(f"{self._name}: {self._whole} {fact}".strip())
        self._elide()

    @property
    def whole(self) -> str:
        return self._whole

    @property
    def fact(self) -> str:
        return self._fact_label().text()

    def _fact_label(self) -> QLabel:
        found = self.findChild(QLabel, "fact")
        assert isinstance(found, QLabel)
        return found

    def make_room(self) -> None:
        """For the caret, which is not there while the field is locked."""
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(0, 0, 0 if self.property("locked") else self._theme.px(24), 0)
        self._elide()

    def _elide(self) -> None:
        fact = self._fact_label()
        taken = fact.sizeHint().width() + self._theme.px(8) if fact.text() else 0
        room = self.width() - self._theme.px(4 if self.property("locked") else 38) - taken
        shortened = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, max(0, room))
        self.setText(shortened.replace("&", "&&"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(120), super().sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.property("locked"):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("text.secondary"), 1.2))
        x, y, half = self.width() - self._theme.px(14), self.height() / 2, self._theme.px(3)
        painter.drawPolyline(
            QPolygonF([QPointF(x - half / 2, y - half), QPointF(x + half / 2, y), QPointF(x - half / 2, y + half)])
        )


class LinkRow(QWidget):
    """A setting that another page is for: its value, and what is wrong with it."""

    def __init__(self, theme: Theme, path: str) -> None:
        super().__init__()
        setting = settings()[path]
        self.label = label(setting.title, "label", wraps=True)
        self.label.setToolTip(setting.help)
        self.field = FieldButton(theme, setting.title)
        self.field.setToolTip(setting.help)
        self.field.setAccessibleDescription(setting.help)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.field)
        layout.addWidget(self._problem)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say_problem(self, text: str) -> None:
        self._problem.setText(breakable(shown(text, LONGEST_PROBLEM)))
        self._problem.setVisible(bool(text))
        polish(self.field, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self._problem.isHidden() else self._problem.text()


class TrainForm(QWidget):
    """All settings of a recipe in the column of the Train page; `wants_page` names the page that a field leads to."""

    wants_page = Signal(str)

    def __init__(self, store: RecipeStore, theme: Theme, column: FormColumn) -> None:
        super().__init__()
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
        self.saved = self._fact_beside(self.rows.rows["training.gradient_checkpointing"])
        self.more = Disclosure(theme, "More")
        self._more_fact = label("", "fact")
        self._more_groups: dict[str, FormGroup] = {}
        self._more_paths = [
            path
            for path in settings()
            if path not in (MODEL_PATH, PRECISION_PATH, DATA_PATH, *TOP["adapter"], *TOP["training"])
        ]
        column.add_group(self._more_line())
        self._more_box = QWidget()
        self._more_rows = QVBoxLayout(self._more_box)
        self._more_rows.setContentsMargins(0, 0, 0, 0)
        self._more_rows.setSpacing(14)
        self._more_box.hide()
        column.add_group(self._more_box)
        column.end()
        self.more.toggled.connect(self._show_more)
        self.recipe.changed.connect(self.refresh)
        theme.changed.connect(self._place_facts)
        self.refresh()

    def _more_line(self) -> QWidget:
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.more)
        layout.addWidget(self._more_fact, 1)
        return line

    def _fact_beside(self, row: SettingRow) -> QLabel:
        """A fact at the right of a switch."""
        fact = label("", "fact")
        line = row.layout().itemAt(0).layout() if row.layout() else None  # type: ignore[union-attr]
        assert isinstance(line, QBoxLayout)
        line.insertWidget(1, fact)
        return fact

    # -- more ---------------------------------------------------------------------------------------------------------

    def _show_more(self, is_open: bool) -> None:
        if is_open and not self._more_groups:
            self._make_more()
        self._more_box.setVisible(is_open)

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
        same = len(self._more_paths) - differing
        words = f"{same} settings at their defaults"
        self._more_fact.setText(f"{differing} of {len(self._more_paths)} settings differ" if differing else words)
        self.more.setAccessibleName(f"More: {self._more_fact.text()}")
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
        self.saved.setText(f"saves {bytes_in_words(reading.saved_bytes)}" if reading.saved_bytes else "")

    def _show_files(self) -> None:
        """The model and the data by their names, with what is wrong with them."""
        recipe, reading = self.recipe.recipe, self._reading
        is_known = reading is not None and reading.recipe == recipe
        shape, glance = (reading.shape, reading.glance) if reading is not None and is_known else (None, None)
        model = shape.name if shape is not None else model_in_words(recipe.model.source)
        self.model.field.show_choice(model)
        data = PurePath(recipe.data.path).name or recipe.data.path
        rows = f"{grouped(glance.rows)} row{'s' * (glance.rows != 1)}" if glance is not None else ""
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
