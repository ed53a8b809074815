"""Which column is taken for what: the one choice that the sheet's roles and the form's fields show and change."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.core.data.column_text import columns_of
from workbench.core.data.mapping import Found
from workbench.core.recipe.recipe import Recipe

ROLES = ("prompt", "completion", "system", "group", "messages", "text")
# What becomes of a column in a role, and what it is in words.
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
    "prompt": ("messages", "text", "chosen", "rejected", "history"),
    "completion": ("messages", "text", "chosen", "rejected", "history"),
    "messages": (*_SIDES, "text"),
    "text": (*_SIDES, "messages", "system", "tools"),
}
LINE_BREAK = "\n"


@dataclass(frozen=True)
class Choice:
    """A role's column, or a template that joins columns.

    Attributes:
        names: All columns of the file.
        shape: Of the rows as they were found; "auto" where a role was taken since.
        group_before: `evaluation.groups` of the recipe, which a group column switches on.
    """

    names: tuple[str, ...] = ()
    columns: Mapping[str, str] = None  # type: ignore[assignment]
    shape: str = "auto"
    groups: str = "ignored"

    @classmethod
    def of(cls, found: Found, recipe: Recipe) -> "Choice":
        """What the rows are taken for, with the group that is proposed where nothing is said yet."""
        mapping = found.mapping
        columns = dict(mapping.columns) if mapping is not None else {}
        if found.group and "group" not in columns and not is_said(recipe):
            columns["group"] = found.group
        shape = mapping.shape.name if mapping is not None else "auto"
        return cls(tuple(found.sample.names), columns, shape, recipe.evaluation.groups)

    def columns_in(self, role: str) -> list[str]:
        """The columns that a role reads."""
        spec = self.columns.get(role, "")
        return columns_of(spec, self.names) if spec else []

    def role_of(self, column: str) -> str:
        """The role of a column; empty for one that is not used."""
        return next((role for role in self.columns if column in self.columns_in(role)), "")

    def taking(self, column: str, role: str) -> "Choice":
        """The column in another role, which it is moved to; an empty role is none."""
        columns = {
            other: spec
            for other, spec in self.columns.items()
            if column not in self.columns_in(other) and other not in _AGAINST.get(role, ())
        }
        if role:
            columns[role] = column
        return replace(self, columns=columns, shape="auto")

    def reading(self, role: str, spec: str) -> "Choice":
        """A role that reads a column or a template; the columns in it leave their other roles."""
        made = self
        for column in columns_of(spec, self.names) if spec else ():
            made = made.taking(column, role)
        columns = {other: read for other, read in made.columns.items() if other != role}
        if spec:
            columns[role] = spec
        return replace(made, columns=columns, shape="auto")

    def joining(self, role: str, column: str) -> "Choice":
        """A role that reads one column more, below what it reads already."""
        there = self.columns.get(role, "")
        if not there:
            return self.taking(column, role)
        before = f"{{{there}}}" if there in self.names else there
        return self.reading(role, f"{before}{LINE_BREAK}{{{column}}}")

    @property
    def unused(self) -> list[str]:
        """The columns without a role."""
        used = {column for role in self.columns for column in self.columns_in(role)}
        return [name for name in self.names if name not in used]

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
        shape = self.shape
        if shape == "auto":
            shape = "text" if "text" in self.columns else "auto" if "messages" in self.columns else "prompt"
        if "group" not in self.columns:
            groups = "ignored"
        else:
            groups = self.groups if self.groups != "ignored" else "of_each"
        return {**said, "data.shape": shape, "evaluation.groups": groups}


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
