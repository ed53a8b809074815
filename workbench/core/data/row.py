"""A row of any file as everything after reading knows it: turns of a conversation, or plain text."""

import json
from typing import Any, NamedTuple

# {"role": "user", "content": "…"}, and as a file gave them tool_calls, name, tool_call_id, reasoning_content, weight.
Turn = dict[str, Any]
# The keys of a turn beside its role and content that are kept; a template may show them, or not.
KEPT_KEYS = ("reasoning_content", "tool_calls", "tool_call_id", "name", "weight")


class DataRow(NamedTuple):
    """What is read and learned of a row; slim, since a file may have millions.

    Attributes:
        turns: A conversation that ends with the assistant; empty where the row is plain text. Contents are text.
        text: Plain text to be continued as it goes; empty where there are turns.
        tools: The functions that the assistant may call, as the chat template is given them.
        group: What the row is grouped by when some are held out or scored; empty without a group column.
        changes: The kinds of what was changed on the way, names of `row_kinds.CHANGES`, each once.
    """

    turns: tuple[Turn, ...] = ()
    text: str = ""
    tools: tuple[dict[str, Any], ...] = ()
    group: str = ""
    changes: tuple[str, ...] = ()

    @property
    def asked(self) -> str:
        """What stands for the row in one line: what a user asks first, else its first text."""
        for turn in self.turns:
            if turn["role"] == "user":
                return str(turn["content"])
        return str(self.turns[0]["content"]) if self.turns else self.text

    @property
    def answer(self) -> str:
        """What the assistant says last; empty for plain text."""
        return str(self.turns[-1]["content"]) if self.turns else ""

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The texts of the row, each with its name: "User", "Assistant", "Reasoning", "Tool calls", "Text"."""
        if not self.turns:
            return [("Text", self.text)]
        found = []
        for turn in self.turns:
            if reasoning := turn.get("reasoning_content"):
                found.append(("Reasoning", reasoning))
            calls = turn.get("tool_calls")
            if turn["content"] or not calls:
                found.append((turn["role"].capitalize(), turn["content"]))
            if calls:
                found.append(("Tool calls", json.dumps(calls, ensure_ascii=False)))
        return found

    @property
    def characters(self) -> int:
        """Characters of what is read and learned."""
        if not self.turns:
            return len(self.text)
        return sum(
            len(turn["content"]) if len(turn) == 2 else sum(len(text) for _, text in DataRow(turns=(turn,)).parts)
            for turn in self.turns
        )

    @property
    def plain(self) -> tuple[str, str] | None:
        """The row without a chat template: what is given, and what is learned; None for what needs one."""
        if not self.turns:
            return "", self.text
        if [turn["role"] for turn in self.turns] == ["user", "assistant"]:
            return self.turns[0]["content"], self.turns[1]["content"]
        return None
