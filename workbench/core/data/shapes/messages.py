"""Conversations: a list of turns in one column, the last one the assistant's."""

from typing import Any

from workbench.core.data.shapes.shape import DataShape, Example, Row, Turn, text_of
from workbench.core.data.wrong import Wrong, value_in_words
from workbench.core.problems import SHOWN_CHARACTERS, nearest, shown
from workbench.core.recipe.recipe import DataSettings

ROLES = ("system", "user", "assistant", "tool")


class MessagesShape(DataShape):
    """A row is {"messages": [{"role": str, "content": str}, ...]}."""

    name = "messages"
    title = "conversations"
    example = Example(
        title="Conversations",
        fact="the last turn is what is learned",
        text='{"messages": [{"role": "user", "content": "…"},\n              {"role": "assistant", "content": "…"}]}',
        place=2,
    )
    preference = 1
    has_turns = True

    def columns(self, settings: DataSettings) -> tuple[str, ...]:
        return (settings.messages_column,)

    def checked(self, value: Row, columns: tuple[str, ...]) -> Row:
        name = columns[0]
        listed = value[name]
        if not isinstance(listed, list):
            raise Wrong(
                f'"{name}" has to be a list of turns, and is {value_in_words(listed)}.',
                "Save the data as JSONL or Parquet.",
            )
        turns = [_turn(turn, number, name) for number, turn in enumerate(listed, 1)]
        if not any(turn["role"] == "assistant" for turn in turns):
            raise Wrong(f'"{name}" has no turn of the assistant: there is nothing to learn.', "Leave the row out.")
        if turns[-1]["role"] != "assistant":
            raise Wrong(
                f'"{name}" ends with a turn of the {turns[-1]["role"]}, not of the assistant.',
                "Cut what follows the answer.",
            )
        return {"messages": turns}

    def parts(self, row: Row) -> list[tuple[str, str]]:
        return [(turn["role"].capitalize(), turn["content"]) for turn in row["messages"]]

    def asked(self, row: Row) -> str:
        turns = self.turns(row)
        return next((turn["content"] for turn in turns if turn["role"] == "user"), turns[0]["content"])

    def turns(self, row: Row) -> list[Turn]:
        turns: list[Turn] = row["messages"]
        return turns

    def plain(self, row: Row) -> None:
        return None


def _turn(turn: Any, number: int, name: str) -> Turn:
    if not isinstance(turn, dict) or "role" not in turn or "content" not in turn:
        raise Wrong(f'turn {number} of "{name}" is not an object of "role" and "content".', "Give every turn both.")
    role = turn["role"]
    if role not in ROLES:
        said = f'"{shown(role)}"' if isinstance(role, str) else value_in_words(role)
        near = nearest(role, list(ROLES)) if isinstance(role, str) and len(role) <= SHOWN_CHARACTERS else ""
        raise Wrong(f"turn {number} has the role {said}.{near}", f"Roles are {', '.join(ROLES)}.")
    content = text_of(turn["content"], f'"content" of turn {number}')
    if role in ("user", "assistant") and not content.strip():
        raise Wrong(f"turn {number} ({role}) is empty.", "Fill it in, or leave the row out.")
    return {"role": role, "content": content}


SHAPE = MessagesShape()
