"""Which column is taken for what: the one choice that the sheet's roles and the form's fields show and change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from workbench.core.data.column_text import columns_of
from workbench.core.data.mapping import NO_COLUMN, Found
from workbench.core.recipe.recipe import Recipe

# The roles that a person may give a column; a shape may read more, such as an instruction's input.
ROLES = ("prompt", "completion", "system", "group", "messages", "text")
BESIDE = ("system", "group")
# What becomes of a column in a role, and what the role is in words.
LEARNED, READ, UNUSED = "learned", "read", "not used"
BECOMES = {"prompt": READ, "completion": LEARNED, "system": READ, "messages": LEARNED, "text": LEARNED}
BECOMES |= {"input": READ, "chosen": LEARNED, "history": READ, "tools": READ}
WORDS = {
    "prompt": "what is asked",
    "completion": "the answer, which is learned",
    "system": "what the model is told first",
    "group": "by which rows are held out",
    "messages": "a whole conversation",
    "text": "plain text to continue",
}
_SIDES = ("prompt", "completion", "input", "chosen", "rejected", "history")
# What cannot stand beside a role.
_AGAINST = {
    "prompt": ("messages", "text"),
    "completion": ("messages", "text", "chosen", "rejected"),
    "messages": (*_SIDES, "text"),
    "text": (*_SIDES, "messages", "system", "tools"),
}
LINE_BREAK = "\n"


@dataclass(frozen=True)
class Choice:
    """A role's column, or a template that joins columns.

    Attributes:
        names: All columns of the file.
        shape: Of the rows as they were found; "auto" where what makes a shape was taken since.
        groups: What `evaluation.groups` of the recipe is to be where there is a group column.
    """

    names: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    shape: str = "auto"
    groups: str = "of_each"

    @classmethod
    def of(cls, found: Found, recipe: Recipe) -> "Choice":
        """What the rows are taken for, with the group that is proposed where nothing is said yet."""
        mapping = found.mapping
        columns = dict(mapping.columns) if mapping is not None else {}
        if found.group and "group" not in columns and not is_said(recipe):
            columns["group"] = found.group
        shape = mapping.shape.name if mapping is not None else "auto"
        groups = recipe.evaluation.groups
        if groups == "ignored" and not recipe.data.group_column:
            groups = "of_each"
        return cls(tuple(found.sample.names), columns, shape, groups)

    def columns_in(self, role: str) -> list[str]:
        """The columns that a role reads."""
        spec = self.columns.get(role, "")
        return columns_of(spec, self.names) if spec else []

    @cached_property
    def roles(self) -> Mapping[str, str]:
        """The role of each column that has one."""
        return {column: role for role in reversed(list(self.columns)) for column in self.columns_in(role)}

    def taking(self, column: str, role: str) -> "Choice":
        """The column in another role, which it is moved to; an empty role is none."""
        columns = {
            other: spec
            for other, spec in self.columns.items()
            if column not in self.columns_in(other) and other not in _AGAINST.get(role, ())
        }
        if role:
            columns[role] = column
        return self._with(columns)

    def reading(self, role: str, spec: str) -> "Choice":
        """A role that reads a column or a template; the columns in it leave their other roles."""
        made = self
        for column in columns_of(spec, self.names) if spec else ():
            made = made.taking(column, role)
        columns = {other: read for other, read in made.columns.items() if other != role}
        if spec:
            columns[role] = spec
        return self._with(columns)

    def _with(self, columns: dict[str, str]) -> "Choice":
        """Other columns; the shape stays where those that make it do."""
        sides = ({role: spec for role, spec in each.items() if role not in BESIDE} for each in (columns, self.columns))
        made, had = sides
        return replace(self, columns=columns, shape=self.shape if made == had else _shape_of(columns))

    def joining(self, role: str, column: str) -> "Choice":
        """A role that reads one column more, below what it reads already."""
        there = self.columns.get(role, "")
        if not there:
            return self.taking(column, role)
        return self.reading(role, f"{as_template(there, self.names)}{LINE_BREAK}{{{column}}}")

    @property
    def unused(self) -> list[str]:
        """The columns without a role."""
        return [name for name in self.names if name not in self.roles]

    @property
    def missing(self) -> str:
        """The role that lacks a column before rows can be learned: "prompt", "completion", or none."""
        if any(role in self.columns for role in ("messages", "text", "chosen")):
            return ""
        return next((role for role in ("completion", "prompt") if role not in self.columns), "")

    @property
    def settings(self) -> dict[str, str]:
        """The recipe's settings that say the same, by their paths."""
        said = {f"data.{role}_column": self.columns.get(role, "") for role in ROLES}
        if "system" not in self.columns and "text" not in self.columns and NO_COLUMN not in self.names:
            said["data.system_column"] = NO_COLUMN
        groups = self.groups if "group" in self.columns else "ignored"
        return {**said, "data.shape": self.shape, "evaluation.groups": groups}


def as_template(spec: str, names: tuple[str, ...]) -> str:
    """A column as the template that reads it alone; a template as it is."""
    return f"{{{spec}}}" if spec in names else spec


def _shape_of(columns: Mapping[str, str]) -> str:
    """The shape that reads these roles, as a recipe names it."""
    if "text" in columns:
        return "text"
    if "messages" in columns:
        return "auto"  # as its turns are spelled
    if "chosen" in columns:
        return "preference"
    return "alpaca" if "input" in columns or "history" in columns else "prompt"


def is_said(recipe: Recipe) -> bool:
    """Whether the recipe says what the columns are for."""
    data = recipe.data
    return data.shape != "auto" or any(getattr(data, f"{role}_column") for role in ROLES if role != "group")


def letter(column: int) -> str:
    """What a spreadsheet calls its column of a number from 0: A to Z, AA, AB."""
    made = ""
    column += 1
    while column:
        column, place = divmod(column - 1, 26)
        made = chr(65 + place) + made
    return made
