"""Calls of functions within a turn, and the functions beside a conversation, as chat templates take them."""

from typing import Any

from workbench.core.data.cells import parsed_json, quoted
from workbench.core.data.wrong import Wrong, value_in_words

_REMEDY = 'A call is {"name": …, "arguments": {…}}; write it so, or leave the row out.'


def calls_of(value: Any, number: int) -> list[dict[str, Any]]:
    """A turn's calls, each {"type": "function", "function": {"name", "arguments"}} with its id. Raises Wrong."""
    listed = parsed_json(value)
    return [_call(parsed_json(call), number) for call in (listed if isinstance(listed, list) else [listed])]


def tools_of(value: Any, name: str) -> tuple[dict[str, Any], ...]:
    """The functions in a column, a list or JSON text of one, each {"type": "function", "function": {…}}.

    Raises Wrong.
    """
    listed = parsed_json(value)
    if listed is None or listed == "" or listed == []:
        return ()
    listed = listed if isinstance(listed, list) else [listed]
    made = []
    for tool in map(parsed_json, listed):
        if not isinstance(tool, dict) or not tool:
            raise Wrong(
                f"{quoted(name)} has to be a list of functions, and has {value_in_words(tool)} in it.",
                "Write each function as an object with its name.",
                kind="tool call",
            )
        tool = _without_nothing(tool)
        made.append(tool if "function" in tool or "type" in tool else {"type": "function", "function": tool})
    return tuple(made)


def _call(call: Any, number: int) -> dict[str, Any]:
    if not isinstance(call, dict):
        raise Wrong(
            f"a tool call of turn {number} has to be an object, and is {value_in_words(call)}.",
            _REMEDY,
            kind="tool call",
        )
    inner = call.get("function")
    function = _without_nothing(inner if isinstance(inner, dict) else {**call, "name": inner or call.get("name")})
    if not isinstance(function.get("name"), str):
        raise Wrong(f"a tool call of turn {number} names no function.", _REMEDY, kind="tool call")
    arguments = parsed_json(function.get("arguments", function.get("parameters", {})))
    made: dict[str, Any] = {"id": call["id"]} if call.get("id") else {}
    return {**made, "type": "function", "function": {"name": function["name"], "arguments": arguments}}


def _without_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """Without the nulls that a table of Parquet fills in where an object has no such key."""
    return {key: other for key, other in value.items() if other is not None}
