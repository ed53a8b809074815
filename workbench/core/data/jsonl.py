"""A row as one line of JSON: the spelling in which rows are saved, which reads back as the same row."""

import json
from typing import Any

from workbench.core.data.row import DataRow

_PLAIN = {"role", "content"}


def to_jsonl_value(row: DataRow, *, group_column: str = "group", as_messages: bool = False) -> dict[str, Any]:
    """The object that stands for a row: prompt and completion, messages, or text, with the group in its column.

    A file holds one spelling: where any of its rows is not a question and its answer, all are given `as_messages`.
    """
    grouped = {group_column: row.group} if row.group else {}
    if not row.turns:
        return {"text": row.text, **grouped}
    if not as_messages and is_pair(row):
        return {"prompt": row.turns[0]["content"], "completion": row.turns[1]["content"], **grouped}
    tools = {"tools": list(row.tools)} if row.tools else {}
    return {"messages": [dict(turn) for turn in row.turns], **tools, **grouped}


def to_jsonl_line(row: DataRow, *, group_column: str = "group", as_messages: bool = False) -> str:
    """The same as text, with its line end."""
    value = to_jsonl_value(row, group_column=group_column, as_messages=as_messages)
    return json.dumps(value, ensure_ascii=False) + "\n"


def is_pair(row: DataRow) -> bool:
    """Whether a row is one question and its answer, and nothing else."""
    roles = [turn["role"] for turn in row.turns]
    return roles == ["user", "assistant"] and not row.tools and all(turn.keys() == _PLAIN for turn in row.turns)
