"""What can be wrong with a row, and what may be changed in it on the way: two closed lists, each with its words."""

from typing import NamedTuple


class RowKind(NamedTuple):
    """One kind of problem or change.

    Attributes:
        name: What Wrong, RowProblem and DataRow.changes hold, and reports count by; short enough for a tag.
        words: What is so with such rows: "3 rows " may stand before it.
        remedy: What a person can do about them.
    """

    name: str
    words: str
    remedy: str = ""


def _by_name(*kinds: RowKind) -> dict[str, RowKind]:
    return {kind.name: kind for kind in kinds}


PROBLEMS = _by_name(
    RowKind("broken", "cannot be read", "Mend them at the places named."),
    RowKind("too large", "are larger than a row may be", "Split them, or leave them out."),
    RowKind("cells", "have more or fewer cells than the header", "Give every row all its cells."),
    RowKind("not a row", "hold anything but columns", "Put one JSON object on each line, or all into one array."),
    RowKind("missing column", "lack a column that the others have", "Complete them, or leave them out."),
    RowKind("empty", "have nothing where text is needed", "Fill it in, or leave them out."),
    RowKind("wrong type", "hold something that is not text", "Write it as text, or leave them out."),
    RowKind("bad character", "hold a character that no text has", "Take the character out."),
    RowKind("formula error", "hold the error of a formula", "Mend the formula in the spreadsheet, and save it."),
    RowKind("unknown role", "have a turn of nobody that is known", "Name the speaker: system, user, assistant, tool."),
    RowKind("not text", "hold images, sound or files", "Only text is learned: leave them out."),
    RowKind("tool call", "have a tool call that cannot be read", "Write calls as the chat template takes them."),
    RowKind("no assistant turn", "have no answer to learn from", "Leave them out, or write the answer."),
)  # fmt: skip

CHANGES = _by_name(
    RowKind("ends with a user", "end without an answer and are cut after the last one", "Write the answer, or let it."),
    RowKind("numbers as text", "have a number, a date or true or false where text is needed, taken as it is shown"),
    RowKind("other keys", "have keys in their turns that are not read, such as a date"),
    RowKind("two system texts", "have a system text in a column and another among their turns, which is kept"),
    RowKind("part of a weight", "have a turn of a weight between 0 and 1, which counts as 1"),
    RowKind("parts joined", "have text in several parts, which are joined"),
    RowKind("chosen side", "have a chosen and a rejected answer, of which the chosen one is learned"),
    RowKind("system prompt added", "are given the recipe's system prompt"),
    RowKind("system prompt replaced", "have the recipe's system prompt in place of their own"),
    RowKind("system in the question", "have their system text before the first question"),
)  # fmt: skip
