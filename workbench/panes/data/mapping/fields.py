"""The form's group of columns: a list for each role, a template where columns are joined, and what is not used."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core.data.column_text import resolved
from workbench.core.problems import UserError
from workbench.core.units import grouped
from workbench.panes.data.mapping.roles import Choice, letter
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import ElidedLabel, button, label
from workbench.panes.parts.fields import ChoiceBox, LinesField
from workbench.panes.parts.page import FormGroup

FIELDS = (
    ("prompt", "Prompt"),
    ("completion", "Completion"),
    ("messages", "Messages"),
    ("text", "Text"),
    ("group", "Group"),
    ("system", "System"),
)
NEEDED = {"prompt": "question", "completion": "answer"}
LONGEST_NAME = 60


class RoleField(QWidget):
    """One role: its column, or a template that joins several.

    Signals:
        changed: The role, and the column or template it is to read; empty for none.
        one_more: The role, and the column it is to read besides.
    """

    changed = Signal(str, str)
    one_more = Signal(str, str)

    def __init__(self, theme: Theme, role: str, title: str) -> None:
        super().__init__()
        self.role, self._names = role, ()  # type: tuple[str, tuple[str, ...]]
        self.box = ChoiceBox(theme)
        self.box.setAccessibleName(title)
        self.box.activated.connect(lambda index: self.changed.emit(role, str(self.box.itemData(index))))
        self.template = LinesField(theme)
        self.template.setAccessibleName(f"{title}, joined from columns")
        self.template.setToolTip("{title}: {body} joins columns; Ctrl+Enter takes it")
        self.template.edited.connect(self._take_template)
        self.template.hide()
        self.add = button("Add one", theme, "plus", "link")
        self.add.setAccessibleName(f"Add a column to {title}")
        self.add.hide()
        self.menu = QMenu(self.add)
        self.add.setMenu(self.menu)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        in_column(self.box, self.template, self.problem, in_row(self.add, 1), gap=2, of=self)

    def show_choice(self, choice: Choice, kinds: Sequence[int]) -> None:
        """Shows what the role reads."""
        names, spec = choice.names, choice.columns.get(self.role, "")
        self._names = names
        is_template = bool(spec) and spec not in names
        self.box.clear()
        self.box.addItem("none", "")
        for name in names:
            self.box.addItem(name[:LONGEST_NAME], name)
        if is_template:
            self.box.addItem(" + ".join(choice.columns_in(self.role))[:LONGEST_NAME], spec)
        self.box.setCurrentIndex(max(0, self.box.findData(spec)))
        fact = ""
        if spec in names:
            column = names.index(spec)
            is_group = self.role == "group" and column < len(kinds)
            fact = f"{grouped(kinds[column])} kinds" if is_group else f"column {letter(column)}"
        self.box.show_fact(fact)
        self.template.setVisible(is_template)
        self.template.show_text(spec if is_template else "")
        self.menu.clear()
        for name in choice.unused:
            added = self.menu.addAction(name[:LONGEST_NAME])
            added.triggered.connect(lambda _checked=False, name=name: self.one_more.emit(self.role, name))
        self.add.setVisible(self.role == "prompt" and bool(spec) and bool(choice.unused))
        is_missing = choice.missing == self.role
        self.say_problem(f"No column holds the {NEEDED[self.role]}: choose it." if is_missing else "")

    def _take_template(self, text: str) -> None:
        try:
            spec = resolved(text, self._names, f"data.{self.role}_column") if text else ""
        except UserError as error:
            self.say_problem(error.what.partition(": ")[2])
            return
        self.changed.emit(self.role, spec)

    def say_problem(self, text: str) -> None:
        self.problem.setText(text[:300])
        self.problem.setVisible(bool(text))
        polish(self.box, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self.problem.isHidden() else self.problem.text()


class ColumnsGroup(FormGroup):
    """Shows a choice, and tells another one.

    Signals:
        choice_changed: The Choice after a field was changed.
    """

    choice_changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Columns")
        self.choice = Choice(columns={})
        self.fields: dict[str, RoleField] = {}
        self._words: dict[str, QWidget] = {}
        for role, title in FIELDS:
            field = RoleField(theme, role, title)
            field.changed.connect(lambda role, spec: self.choice_changed.emit(self.choice.reading(role, spec)))
            field.one_more.connect(lambda role, name: self.choice_changed.emit(self.choice.joining(role, name)))
            self.fields[role] = field
            self._words[role] = label(title, "label")
            self.add_row(self._words[role], field)
        self.unused = ElidedLabel("", "")
        self.unused.setContentsMargins(3, 0, 0, 0)
        self.add_row(label("Not used", "label"), self.unused)
        self.why = label("", "small", wraps=True)
        self.add_wide(self.why)

    def show_choice(self, choice: Choice, kinds: Sequence[int], fact: str, why: str) -> None:
        """`fact` says how sure it is, `why` why it is not."""
        self.choice = choice
        self.fact.setText(fact)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        whole = next((role for role in ("messages", "text") if role in choice.columns), "")
        for role, field in self.fields.items():
            is_shown = role in ("group", "system") or (role == whole if whole else role in ("prompt", "completion"))
            field.setVisible(is_shown)
            self._words[role].setVisible(is_shown)
            field.show_choice(choice, kinds)
        self.unused.set_text(", ".join(name[:LONGEST_NAME] for name in choice.unused[:100]) or "none")
