"""A list of turns as any program writes it, read as the turns of a row: OpenAI's messages, ShareGPT and their kin."""

from collections.abc import Sequence
from typing import Any

from workbench.core.data.cells import empty, is_clean, parsed_json, quoted, text_of
from workbench.core.data.row import Turn
from workbench.core.data.tool_calls import calls_of
from workbench.core.data.wrong import Wrong, value_in_words
from workbench.core.problems import SHOWN_CHARACTERS, nearest, shown

ENDS_WITH_A_USER, PARTS, OTHER_KEYS = "ends with a user", "parts joined", "other keys"
PART_WEIGHT = "part of a weight"
ROLES = ("system", "user", "assistant", "tool")
ROLE_KEYS = ("role", "from", "speaker", "author", "sender")
CONTENT_KEYS = ("content", "value", "text", "message", "parts")
_SPEAKERS = {
    "system": "system developer sys",
    "user": "user human prompter customer question",
    "assistant": "assistant gpt chatgpt bot bard model ai claude bing chatbot answer",
    "tool": "tool function observation ipython tool_response tool_result tool_output function_response",
    "call": "function_call tool_call",  # of the assistant: its content is the call
}
_ROLE_OF = {word: role for role, words in _SPEAKERS.items() for word in words.split()}
_REASONING_KEYS = ("reasoning_content", "reasoning", "thinking")
_PASSED_KEYS = ("name", "tool_call_id", "weight")
_READ_KEYS = frozenset((*_REASONING_KEYS, *_PASSED_KEYS, "tool_calls", "function_call"))
_TEXT_PARTS = ("text", "input_text", "output_text")


def conversation(value: Any, name: str, changes: set[str]) -> list[Turn]:
    """The turns of a column's value, which may end with anybody's. Raises Wrong.

    `name` is the column's; what was changed on the way is added to `changes`.
    """
    listed = parsed_json(value)
    if isinstance(listed, dict):
        listed = [listed]
    if listed is None or listed == "":
        raise empty(quoted(name))
    if not isinstance(listed, list):
        raise Wrong(
            f"{quoted(name)} has to be a list of turns, and is {value_in_words(listed)}.",
            "Save the data as JSONL or Parquet.",
            kind="wrong type",
        )
    return [_turn(turn, number, name, changes) for number, turn in enumerate(listed, 1)]


def ended(turns: Sequence[Turn], column: str, changes: set[str]) -> tuple[Turn, ...]:
    """The turns up to the last one of the assistant; cutting is added to `changes`. Raises Wrong where it says nothing.

    `column` holds the turns; it is empty where several do.
    """
    for last in range(len(turns), 0, -1):
        if turns[last - 1]["role"] == "assistant":
            if last < len(turns):
                changes.add(ENDS_WITH_A_USER)
            return tuple(turns[:last])
    wrong = Wrong(
        f"{quoted(column) if column else 'it'} has no turn of the assistant: there is nothing to learn.",
        "Leave the row out, or write the answer.",
        kind="no assistant turn",
    )
    wrong.cell = column
    raise wrong


def looks_like_turns(value: Any) -> str:
    """The keys by which a value is a conversation, "role" or "from"; empty where it is none."""
    listed = parsed_json(value)
    if not isinstance(listed, list) or not listed:
        return ""
    first = listed[0]
    if not isinstance(first, dict):
        return ""
    role = next((key for key in ROLE_KEYS if isinstance(first.get(key), str)), "")
    return role if role and any(key in first for key in (*CONTENT_KEYS, "tool_calls")) else ""


# -- one turn ----------------------------------------------------------------------------------------------------------


def _turn(turn: Any, number: int, name: str, changes: set[str]) -> Turn:
    if type(turn) is dict and len(turn) == 2 and "role" in turn and "content" in turn:
        content = turn["content"]
        if turn["role"] in ROLES and type(content) is str and is_clean(content):
            return turn  # as nearly every turn is
    return _rich_turn(turn, number, name, changes)


def _rich_turn(turn: Any, number: int, name: str, changes: set[str]) -> Turn:
    role_key = next((key for key in ROLE_KEYS if key in turn), "") if isinstance(turn, dict) else ""
    content_key = next((key for key in CONTENT_KEYS if key in turn), "") if role_key else ""
    if not role_key or not (content_key or _calls(turn)):
        raise Wrong(
            f'turn {number} of {quoted(name)} is not an object of "role" and "content".',
            "Give every turn both.",
            kind="wrong type",
        )
    role = _role(turn[role_key], number)
    made: Turn = {"role": role, "content": ""}
    reasoning = next((turn[key] for key in _REASONING_KEYS if turn.get(key)), None)
    content = turn.get(content_key)
    if isinstance(content, list):
        content, thought = _joined(content, number, changes)
        reasoning = reasoning or thought
    if role == "call":
        made["role"] = "assistant"
        made["tool_calls"] = calls_of(content, number)
    else:
        made["content"] = text_of(content, f'"{content_key}" of turn {number}', changes)
    if reasoning:
        made["reasoning_content"] = text_of(reasoning, f"the reasoning of turn {number}", changes)
    if role in ("assistant", "call") and (calls := _calls(turn)):
        made["tool_calls"] = calls_of(calls, number)
    for key in _PASSED_KEYS:
        if turn.get(key) is not None:
            made[key] = _passed(key, turn[key], number, changes)
    others = turn.keys() - _READ_KEYS - {role_key, content_key}
    if any(turn[key] not in (None, [], {}, "") for key in others):
        changes.add(OTHER_KEYS)
    text = made["content"]
    says_more = made.get("tool_calls") or made.get("reasoning_content")
    if made["role"] in ("user", "assistant") and not says_more and (not text or text.isspace()):
        raise _empty_turn(number, made["role"])
    return made


def _empty_turn(number: int, role: str) -> Wrong:
    return Wrong(f"turn {number} ({role}) is empty.", "Fill it in, or leave the row out.", kind="empty")


def _calls(turn: Turn) -> Any:
    calls = turn.get("tool_calls")
    return calls or turn.get("function_call")


def _role(said: Any, number: int) -> str:
    if isinstance(said, str):
        role = _ROLE_OF.get(said) or _ROLE_OF.get(said.strip().casefold().replace("-", "_").replace(" ", "_"))
        if role:
            return role
        words = f'"{shown(said)}"'
        near = nearest(said, list(_ROLE_OF)) if len(said) <= SHOWN_CHARACTERS else ""
    else:
        words, near = value_in_words(said), ""
    raise Wrong(
        f"turn {number} has the role {words}.{near}",
        f"Roles are {', '.join(ROLES)} and their kin.",
        kind="unknown role",
    )


def _passed(key: str, value: Any, number: int, changes: set[str]) -> Any:
    """A name or an id as text, a weight as a number. Raises Wrong."""
    if key != "weight":
        return text_of(value, f'"{key}" of turn {number}', changes)
    if isinstance(value, int | float) and 0 <= value <= 1:
        if 0 < value < 1:
            changes.add(PART_WEIGHT)
        return value
    raise Wrong(
        f'"weight" of turn {number} is {value_in_words(value)}.',
        "1 is learned, 0 is read only.",
        kind="wrong type",
    )


def _joined(parts: list[Any], number: int, changes: set[str]) -> tuple[str, str]:
    """The texts of a content in parts, joined by line ends, and those that are reasoning. Raises Wrong."""
    texts: list[str] = []
    thoughts: list[str] = []
    name = f"a part of turn {number}"
    for part in parts:
        kind = part.get("type", "text" if "text" in part else "") if isinstance(part, dict) else ""
        if isinstance(part, str):
            texts.append(text_of(part, name, changes))
        elif kind in _TEXT_PARTS and "text" in part:
            texts.append(text_of(part["text"], name, changes))
        elif kind in ("thinking", "reasoning"):
            thoughts.append(text_of(part.get(kind, part.get("text")), name, changes))
        else:
            held = shown(kind) if isinstance(kind, str) and kind else value_in_words(part)
            raise Wrong(
                f'turn {number} has a part that is not text: "{held}".',
                "Only text is learned: take the part out, or leave the row out.",
                kind="not text",
            )
    if len(texts) > 1:
        changes.add(PARTS)
    return "\n".join(texts), "\n".join(thoughts)
