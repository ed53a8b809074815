"""A row that is being written: its fields one by one, in any of the three spellings that a saved copy has."""

from typing import Any, Literal, NamedTuple

from workbench.core.data.row import DataRow

Value = dict[str, Any]
Spelling = Literal["pair", "messages", "text"]


class Field(NamedTuple):
    """One text of a row that can be written.

    Attributes:
        name: What `with_text` is given: "prompt", "completion", "text", or the number of a turn from 0.
        title: For a person, such as "Completion" or "User".
        role: Of a turn; of prompt and completion "user" and "assistant"; empty for plain text.
        text: As it stands.
    """

    name: str
    title: str
    role: str
    text: str


def spelling_of(value: Value) -> Spelling:
    if "messages" in value:
        return "messages"
    return "text" if "text" in value else "pair"


def empty_value(spelling: Spelling) -> Value:
    """A row with nothing in it yet."""
    match spelling:
        case "messages":
            return {"messages": [{"role": role, "content": ""} for role in ("user", "assistant")]}
        case "text":
            return {"text": ""}
    return {"prompt": "", "completion": ""}


def fields(value: Value) -> list[Field]:
    """The texts of a row, in the order in which they are read."""
    match spelling_of(value):
        case "messages":
            return [
                Field(str(number), turn["role"].capitalize(), turn["role"], turn["content"])
                for number, turn in enumerate(value["messages"])
            ]
        case "text":
            return [Field("text", "Text", "", value["text"])]
    return [
        Field("prompt", "Prompt", "user", value["prompt"]),
        Field("completion", "Completion", "assistant", value["completion"]),
    ]


def asked(value: Value) -> str:
    """What stands first in a table: the first question, else the first text."""
    written = fields(value)
    return next((field.text for field in written if field.role == "user"), written[0].text if written else "")


def answer(value: Value) -> str:
    """The last answer; empty where the row has none."""
    return next((field.text for field in reversed(fields(value)) if field.role == "assistant"), "")


def with_text(value: Value, name: str, text: str) -> Value:
    """The row with another text in one field."""
    if spelling_of(value) != "messages":
        return {**value, name: text}
    return _with_turn(value, int(name), {"content": text})


def with_role(value: Value, turn: int, role: str) -> Value:
    """A conversation with another speaker of one turn."""
    return _with_turn(value, turn, {"role": role})


def with_turn(value: Value) -> Value:
    """A conversation with one turn more at its end: of the assistant after a question, else of the user."""
    turns = value["messages"]
    role = "assistant" if turns and turns[-1]["role"] in ("user", "tool") else "user"
    return {**value, "messages": [*turns, {"role": role, "content": ""}]}


def without_turn(value: Value, turn: int) -> Value:
    """A conversation without one of its turns."""
    return {**value, "messages": [kept for number, kept in enumerate(value["messages"]) if number != turn]}


def as_messages(value: Value) -> Value:
    """A pair as a conversation, for a copy in which others are; what is not a pair as it is."""
    if spelling_of(value) != "pair":
        return value
    turns = [{"role": field.role, "content": field.text} for field in fields(value)]
    others = {name: other for name, other in value.items() if name not in ("prompt", "completion")}
    return {"messages": turns, **others}


def row_of(value: Value, group_column: str = "") -> DataRow:
    """The row as it would be learned, though a text may still be empty."""
    group = str(value.get(group_column, "")) if group_column else ""
    match spelling_of(value):
        case "messages":
            return DataRow(turns=tuple(value["messages"]), tools=tuple(value.get("tools", ())), group=group)
        case "text":
            return DataRow(text=value["text"], group=group)
    turns = tuple({"role": field.role, "content": field.text} for field in fields(value))
    return DataRow(turns=turns, group=group)


def _with_turn(value: Value, turn: int, news: dict[str, str]) -> Value:
    turns = list(value["messages"])
    turns[turn] = {**turns[turn], **news}
    return {**value, "messages": turns}
