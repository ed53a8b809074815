"""The form's group of columns: a list for each role, a template where columns are joined, and what is not used."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from workbench.core.data.column_text import resolved
from workbench.core.problems import UserError
from workbench.core.units import counted, grouped
from workbench.panes.data.mapping.roles import Choice, as_template, letter
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
ALWAYS_THERE = ("prompt", "completion", "group")
JOINED = ("prompt", "completion", "text")
NEEDED = {"prompt": "question", "completion": "answer"}
LONGEST_NAME = 60
# A list or a menu of more columns is none that anybody reads; those that are taken stand in it in any case.
MOST_LISTED = 200
NOT_LISTED = "{} more are not listed: choose them in the sheet"
JOIN = "\0join"  # in place of a column


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
        self.role = role
        self._choice = Choice()
        self.box = ChoiceBox(theme)
        self.box.setAccessibleName(title)
        self.box.activated.connect(self._take)
        self.template = LinesField(theme)
        self.template.setAccessibleName(f"{title}, joined from columns")
        self.template.setToolTip("{title}: {body} joins columns; Ctrl+Enter takes it")
        self.template.edited.connect(self._take_template)
        self.template.hide()
        self.add = button("Add one", theme, "plus", "link")
        self.add.setAccessibleName(f"Add a column to {title}")
        self.add.hide()
        self.menu = QMenu(self.add)
        self.menu.aboutToShow.connect(self._offer_columns)
        self.add.setMenu(self.menu)
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        in_column(self.box, self.template, self.problem, in_row(self.add, 1), gap=2, of=self)

    def show_choice(self, choice: Choice, kinds: Sequence[int]) -> None:
        """Shows what the role reads; `kinds` are the different values of each column."""
        names, spec = choice.names, choice.columns.get(self.role, "")
        self._list(names)
        self._choice = choice
        is_template = bool(spec) and spec not in names
        if is_template:
            self.box.addItem(" + ".join(choice.columns_in(self.role))[:LONGEST_NAME], spec)
        else:
            self.box.offer(spec, spec[:LONGEST_NAME])
        if self.role in JOINED and spec in names and can_join(spec):
            self.box.addItem("Join columns …", JOIN)
        self.box.setCurrentIndex(self.box.findData(spec))
        self.box.show_fact(self._fact(spec, kinds))
        self.template.setVisible(is_template)
        self.template.show_text(spec if is_template else "")
        can_add = self.role == "prompt" and bool(spec) and (spec not in names or can_join(spec))
        self.add.setVisible(can_add and any(map(can_join, choice.unused)))
        is_missing = choice.missing == self.role
        self.say_problem(f"No column holds the {NEEDED[self.role]}: choose it." if is_missing else "")

    def _fact(self, spec: str, kinds: Sequence[int]) -> str:
        if spec not in self._choice.names:
            return ""
        column = self._choice.names.index(spec)
        is_group = self.role == "group" and column < len(kinds)
        return counted(kinds[column], "kind") if is_group else f"column {letter(column)}"

    def _list(self, names: tuple[str, ...]) -> None:
        """Lists the columns; of the same ones what was behind them goes."""
        listed = names[:MOST_LISTED]
        if self.box.count() and self._choice.names == names:
            while self.box.count() > len(listed) + 1:
                self.box.removeItem(self.box.count() - 1)
            return
        self.box.clear()
        self.box.addItem("none", "")
        for name in listed:
            self.box.addItem(name[:LONGEST_NAME], name)
        self.box.setToolTip(NOT_LISTED.format(grouped(len(names) - MOST_LISTED)) if len(names) > MOST_LISTED else "")

    def _offer_columns(self) -> None:
        self.menu.clear()
        free = [name for name in self._choice.unused if can_join(name)]
        for name in free[:MOST_LISTED]:
            added = self.menu.addAction(name[:LONGEST_NAME].replace("&", "&&"))
            added.triggered.connect(lambda _checked=False, name=name: self.one_more.emit(self.role, name))
        if len(free) > MOST_LISTED:
            self.menu.addAction(NOT_LISTED.format(grouped(len(free) - MOST_LISTED))).setEnabled(False)

    def _take(self, index: int) -> None:
        spec = self.box.itemData(index)
        if spec != JOIN:
            self.changed.emit(self.role, str(spec))
            return
        there = self._choice.columns.get(self.role, "")
        self.template.show_text(as_template(there, self._choice.names))
        self.template.show()
        self.template.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take_template(self, text: str) -> None:
        try:
            spec = resolved(text, self._choice.names, f"data.{self.role}_column") if text else ""
        except UserError as error:
            self.say_problem(error.what.partition(": ")[2])
            return
        only = spec[1:-1] if spec[:1] == "{" else spec
        self.changed.emit(self.role, only if only in self._choice.names else spec)

    def say_problem(self, text: str) -> None:
        self.problem.setText(text[:300])
        self.problem.setVisible(bool(text))
        polish(self.box, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self.problem.isHidden() else self.problem.text()


def can_join(name: str) -> bool:
    """Whether a template can name the column."""
    return "{" not in name and "}" not in name


class ColumnsGroup(FormGroup):
    """Shows a choice, and tells another one.

    Signals:
        choice_changed: The Choice after a field was changed.
        sheet_wanted: The columns are to be looked at in the sheet.
    """

    choice_changed = Signal(object)
    sheet_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Columns")
        self.choice = Choice()
        self.fields: dict[str, RoleField] = {}
        self._words: dict[str, QWidget] = {}
        self.why = label("", "small", wraps=True)
        self.why.setMinimumWidth(1)
        self.add_wide(self.why)
        for role, title in FIELDS:
            field = RoleField(theme, role, title)
            field.changed.connect(lambda role, spec: self.choice_changed.emit(self.choice.reading(role, spec)))
            field.one_more.connect(lambda role, name: self.choice_changed.emit(self.choice.joining(role, name)))
            self.fields[role] = field
            self._words[role] = label(title, "label")
            self.add_row(self._words[role], field)
        self.unused = ElidedLabel("", "", Qt.TextElideMode.ElideRight)
        self.unused.setContentsMargins(3, 0, 0, 0)
        self._unused_words = label("Not used", "label")
        self.add_row(self._unused_words, self.unused)
        self.show_sheet = button("Show the sheet", theme, "table", "link")
        self.show_sheet.clicked.connect(self.sheet_wanted)
        self.add_wide(self.show_sheet)

    def show_choice(self, choice: Choice, kinds: Sequence[int], fact: str, why: str) -> None:
        """`fact` says how sure it is, `why` why it is not."""
        self.choice = choice
        self.fact.setText(fact)
        self.why.setText(why)
        self.why.setVisible(bool(why))
        whole = next((role for role in ("messages", "text") if role in choice.columns), "")
        for role, field in self.fields.items():
            is_side = role in ("prompt", "completion")
            is_shown = role in choice.columns or (role in ALWAYS_THERE and not (whole and is_side))
            field.setVisible(is_shown)
            self._words[role].setVisible(is_shown)
            if is_shown:
                field.show_choice(choice, kinds)
        self.unused.set_text(", ".join(name[:LONGEST_NAME] for name in choice.unused[:100]) or "none")
