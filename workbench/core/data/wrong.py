"""What is wrong with one row of a dataset, and a value in words."""

from dataclasses import dataclass
from typing import Any

from workbench.core.problems import shown

ONE_A_LINE = "Put one JSON object on each line, or all of them into one array."


class Wrong(Exception):
    """What is wrong with one row; nothing after it can be read where `is_last`.

    Attributes:
        kind: By which a report counts it, such as "broken" or "wrong type".
        column: Counted from 1 within the row's line; 0 where no character is at fault.
        cell: The name of the column whose value is to blame; empty where none is.
    """

    def __init__(
        self, text: str, remedy: str = "", *, is_last: bool = False, kind: str = "broken", column: int = 0
    ) -> None:
        super().__init__(text)
        self.text = text
        self.remedy = remedy
        self.is_last = is_last
        self.kind = kind
        self.column = column
        self.cell = ""


@dataclass(frozen=True)
class CellError:
    """What a cell of a spreadsheet shows in place of a value, such as #REF! in C5."""

    text: str
    cell: str


def value_in_words(value: Any) -> str:
    """What stands in place of what should, such as "the number 3"."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {shown(repr(value))}"
        case str():
            return f'the text "{shown(value)}"'
        case list():
            return "a list"
        case dict():
            return "an object"
        case CellError():
            return f"the error {shown(value.text)} in cell {value.cell}"
    return f"a value of type {type(value).__name__}"
