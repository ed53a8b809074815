"""Form rows made from the recipe's own declarations: label, field, unit, problem and the way back to the default."""

from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Signal
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.figures import setting_text
from workbench.core.problems import Problem, UserError
from workbench.core.recipe.recipe import settings
from workbench.core.recipe.setting import Setting
from workbench.core.recipe.text import parsed_value
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, Switch, breakable, label, set_icon
from workbench.panes.parts.fields import (
    ChoiceBox,
    IntegerField,
    LinesField,
    NumberField,
    TextField,
    lock,
    put_fact,
)
from workbench.panes.parts.page import FormGroup

LARGEST_SPIN = 2_147_483_647
# More choices than this are a list to open.
MOST_SEGMENTS = 3
LONGEST_SEGMENTS = 16  # characters of all choices together


class SettingRow(QWidget):
    """One setting of the store: what is edited goes there, what changes there is shown here.

    One that does not apply is hidden, unless it `stays`; text has several lines where `has_lines`; a `title` of the
    page's own stands in place of the setting's.

    Attributes:
        fact: The label beside a switch.
    """

    def __init__(
        self,
        store: RecipeStore,
        theme: Theme,
        path: str,
        *,
        stays: bool = False,
        has_lines: bool = False,
        title: str = "",
    ) -> None:
        super().__init__()
        self._stays, self._has_lines = stays, has_lines
        self._notice: Problem | None = None
        self.setting: Setting = settings()[path]
        title = title or self.setting.title
        self._store = store
        self._theme = theme
        self._said = ""
        self.label = RowLabel(theme, title, self.setting.help, default_in_words(self.setting))
        self.label.reset.connect(lambda: store.reset(path))
        self.field = self._field()
        self.field.setToolTip(self.setting.help)
        self.field.setAccessibleName(title)
        self.field.setAccessibleDescription(self.setting.help)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        self.fact = label("", "fact")
        is_switch = isinstance(self.field, Switch)
        in_column(in_row(self.field, self.fact, 1) if is_switch else self.field, self.problem, gap=2, of=self)
        if self.setting.unit and isinstance(self.field, IntegerField | NumberField):
            put_fact(self.field, self.setting.unit)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.refresh()

    @property
    def path(self) -> str:
        return self.setting.path

    def _field(self) -> Any:
        setting, path = self.setting, self.setting.path
        match setting.kind:
            case "switch":
                switch = Switch(self._theme)
                switch.clicked.connect(lambda checked: self._set_value(checked))
                return switch
            case "choice" if _is_short(setting):
                segments = Segmented([(choice, choice_in_words(choice)) for choice in setting.choices], setting.title)
                segments.chosen.connect(self._set_value)
                return segments
            case "choice":
                box = ChoiceBox(self._theme)
                for choice in setting.choices:
                    box.addItem(choice_in_words(choice), choice)
                box.activated.connect(lambda index: self._set_value(box.itemData(index)))
                return box
            case "integer":
                spin = IntegerField()
                least = setting.minimum if setting.minimum is not None else -LARGEST_SPIN
                most = setting.maximum if setting.maximum is not None else LARGEST_SPIN
                spin.setRange(int(least), int(most))
                spin.valueChanged.connect(self._set_value)
                return spin
            case "number":
                number = NumberField()
                number.edited.connect(lambda text: self._set_value(parsed_value(setting, text)))
                return number
            case _ if self._has_lines:
                lines = LinesField(self._theme)
                lines.setObjectName(path)
                lines.edited.connect(self._set_value)
                return lines
            case _:
                text_field = TextField()
                text_field.setObjectName(path)
                text_field.edited.connect(lambda text: self._set_value(parsed_value(setting, text)))
                return text_field

    def _set_value(self, value: Any) -> None:
        if value == self._store.recipe.value(self.path):
            self._said = ""
            self._show_problem(None)
            return
        try:
            self._store.set(self.path, value)
            self._said = ""
        except UserError as error:
            self._said = str(error).partition(": ")[2] or str(error)
            self._show_problem(Problem(self.path, self._said))

    def refresh(self) -> None:
        """Shows the store's value, whether it applies, and whether it is the default."""
        value = self._store.recipe.value(self.path)
        field = self.field
        field.blockSignals(True)
        if isinstance(field, Switch):
            field.setChecked(value)
        elif isinstance(field, Segmented):
            field.set_value(value)
        elif isinstance(field, ChoiceBox):
            field.setCurrentIndex(max(0, field.findData(value)))
        elif isinstance(field, IntegerField):
            field.setValue(value)
        elif isinstance(field, NumberField):
            field.show_number(value)
        elif isinstance(field, LinesField):
            field.show_text(value)
        elif isinstance(field, TextField):
            field.show_text(", ".join(value) if isinstance(value, tuple) else value)
        field.blockSignals(False)
        field.update()
        self._said = ""
        self.label.show_default(self._store.is_default(self.path))
        self.set_applies(self._store.recipe.applies(self.path))

    def set_applies(self, applies: bool) -> None:
        if self._stays:
            return
        for widget in (self, self.label):
            if not applies or widget.parentWidget() is not None:  # without a parent it would be a window
                widget.setVisible(applies)

    def set_locked(self, is_locked: bool) -> None:
        """Reads as plain text while a run goes on."""
        lock(self.field, is_locked)
        self.label.set_locked(is_locked)

    def show_problems(self, problems: list[Problem]) -> None:
        mine = next((problem for problem in problems if problem.path == self.path), None)
        if not self._said:
            self._show_problem(mine)

    def show_notice(self, notice: Problem | None) -> None:
        """What is to be said of the setting where nothing is wrong with it."""
        self._notice = notice
        if not self._said:
            self.show_problems(self._store.problems)

    def show_fact(self, fact: str) -> None:
        """A second fact: beside a switch, and in another field at its right."""
        if isinstance(self.field, Switch):
            self.fact.setText(fact)
        elif isinstance(self.field, ChoiceBox):
            self.field.show_fact(fact)
        elif isinstance(self.field, IntegerField | NumberField | TextField):
            put_fact(self.field, fact)

    def _show_problem(self, problem: Problem | None) -> None:
        problem = problem or self._notice
        self.problem.setVisible(problem is not None)
        if problem is not None:
            polish(self.problem, state="warn" if problem.is_warning else "danger")
            self.problem.setText(breakable(f"{problem.text} {in_form_words(problem.remedy)}".strip()))
        polish(self.field, state="danger" if problem is not None and not problem.is_warning else "")

    def problem_text(self) -> str:
        return self.problem.text() if not self.problem.isHidden() else ""


def default_in_words(setting: Setting) -> str:
    """What a setting is where nobody has changed it."""
    default = setting.default
    if isinstance(default, tuple):
        return ", ".join(default) or "empty"
    if isinstance(default, float):
        return setting_text(default)
    if isinstance(default, bool):
        return "on" if default else "off"
    if isinstance(default, str):
        return choice_in_words(default) or "empty"
    return str(default)


class RowLabel(QWidget):
    """A row's words, with a small button that puts the default back where the value differs from it."""

    reset = Signal()

    def __init__(self, theme: Theme, title: str, help: str, default: str) -> None:
        super().__init__()
        self.words = label(title, "label", wraps=True)
        self.words.setToolTip(help)
        self.words.setMinimumWidth(1)
        self._back = QToolButton()
        self._back.setProperty("role", "reset")
        self._back.setToolTip(f"Differs from the default. Put it back to {default}.")
        self._back.setAccessibleName(f"Put {title} back to {default}")
        set_icon(self._back, theme, "arrow-counter-clockwise", "accent.line")
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self._back.clicked.connect(self.reset)
        in_row((self.words, 1), self._back, gap=0, of=self)
        self._differs = False
        self._theme = theme
        self.words.installEventFilter(self)
        theme.follow(self._resize)

    def _resize(self) -> None:
        px = self._theme.px
        self._back.setIconSize(QSize(px(12), px(12)))
        self._back.setFixedSize(px(18), px(18))
        self._narrow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._narrow()
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._narrow()

    def _narrow(self) -> None:
        """A word that is wider than the column is set a little narrower: it cannot be wrapped."""
        font = self.words.font()
        font.setStretch(QFont.Stretch.Unstretched)
        room = self.width() - self._back.width()
        widest = max(QFontMetrics(font).horizontalAdvance(word) for word in self.words.text().split())
        font.setStretch(max(75, 96 * room // widest) if widest > room else 100)
        if font.stretch() != self.words.font().stretch():
            self.words.setFont(font)

    def show_default(self, is_default: bool) -> None:
        self._differs = not is_default
        self._back.setVisible(self._differs)
        polish(self.words, differs=self._differs)

    def set_locked(self, is_locked: bool) -> None:
        self._back.setVisible(self._differs and not is_locked)


class SettingRows:
    """The rows of a page: kept beside the store, locked together, shown their problems together."""

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        self._store = store
        self._theme = theme
        self.rows: dict[str, SettingRow] = {}
        store.changed.connect(self._changed)

    def add(self, group: FormGroup, *paths: str, has_lines: bool = False, title: str = "") -> None:
        for path in paths:
            row = SettingRow(self._store, self._theme, path, has_lines=has_lines, title=title)
            self.rows[path] = row
            group.add_row(row.label, row)

    def set_locked(self, is_locked: bool) -> None:
        for row in self.rows.values():
            row.set_locked(is_locked)

    def _changed(self, paths: list[str]) -> None:
        problems = self._store.problems
        for path, row in self.rows.items():
            if path in paths:
                row.refresh()
            else:
                row.set_applies(self._store.recipe.applies(path))
            row.show_problems(problems)


def _is_short(setting: Setting) -> bool:
    words = [choice_in_words(choice) for choice in setting.choices]
    return len(words) <= MOST_SEGMENTS and sum(map(len, words)) <= LONGEST_SEGMENTS


def choice_in_words(choice: str) -> str:
    """A choice as people read it: "NF4", "Cosine with restarts"."""
    if choice in FORMATS:
        return FORMATS[choice].title
    known = {
        "cpu": "CPU",
        "cuda": "Card",
        "sdpa": "SDPA",
        "adamw_torch_fused": "AdamW, fused",
        "adamw_torch": "AdamW",
        "adamw_8bit": "AdamW, 8-bit",
        "paged_adamw_8bit": "AdamW, 8-bit, paged",
        "paged_adamw_32bit": "AdamW, 32-bit, paged",
        "sgd": "SGD",
    }
    if choice in known:
        return known[choice]
    words = choice.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def in_form_words(remedy: str) -> str:
    """A remedy that names settings by their path, in the titles of the form."""
    for path, setting in sorted(settings().items(), key=lambda item: -len(item[0])):
        remedy = remedy.replace(f"{path} = ", f"{setting.title} to ").replace(path, setting.title)
    return remedy.replace(" to true", " on").replace(" to false", " off")
