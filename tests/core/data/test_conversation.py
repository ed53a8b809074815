"""Turns as any program writes them, read as the turns of a row."""

import json
from typing import Any

import pytest

from workbench.core.data.mapping import find_mapping
from workbench.core.data.row import DataRow
from workbench.core.data.row_kinds import CHANGES, PROBLEMS
from workbench.core.data.wrong import Wrong
from workbench.core.recipe.recipe import DataSettings

ASKED, LEARNED = {"role": "user", "content": "How warm is it?"}, {"role": "assistant", "content": "11 degrees."}
CALL = {"id": "c1", "type": "function", "function": {"name": "warmth", "arguments": {"town": "Bergen"}}}
RESULT = {"role": "tool", "tool_call_id": "c1", "name": "warmth", "content": "11"}


def row_of(*turns: Any, **more: Any) -> DataRow:
    value = {"messages": list(turns), **more}
    row = find_mapping([value], DataSettings(messages_column="messages")).certain("a").row(value)
    assert set(row.changes) <= CHANGES.keys()
    return row


def kind_of(*turns: Any) -> str:
    with pytest.raises(Wrong) as error:
        row_of(*turns)
    assert error.value.kind in PROBLEMS
    assert error.value.remedy
    assert error.value.cell == "messages"
    return error.value.kind


@pytest.mark.parametrize(
    ("said", "role"),
    [
        *((word, "user") for word in ("user", "human", "Human", "prompter")),
        *((word, "assistant") for word in ("assistant", "gpt", "chatgpt", "bard", "bot", "model", "AI")),
        *((word, "system") for word in ("system", "developer", "System")),
        *((word, "tool") for word in ("tool", "function", "observation", "tool-response")),
    ],
)
@pytest.mark.parametrize(("role_key", "content_key"), [("role", "content"), ("from", "value"), ("speaker", "text")])
def test_that_speakers_are_known_under_their_usual_names(said: str, role: str, role_key: str, content_key: str) -> None:
    row = row_of({role_key: said, content_key: "Hello."}, {role_key: "assistant", content_key: "Good day."})
    assert row.turns[0] == {"role": role, "content": "Hello."}
    assert row.changes == ()


def test_that_calls_results_and_what_else_a_template_may_show_are_kept() -> None:
    thought = {"role": "assistant", "content": None, "tool_calls": [CALL], "reasoning_content": "I look.", "weight": 0}
    row = row_of(ASKED, thought, RESULT, {**LEARNED, "weight": 1}, tools=[{"name": "warmth"}])
    assert row.turns == (ASKED, {**thought, "content": ""}, RESULT, {**LEARNED, "weight": 1})
    assert row.tools == ({"type": "function", "function": {"name": "warmth"}},)
    assert row.changes == ()


@pytest.mark.parametrize(
    "given",
    [
        {"tool_calls": [{**CALL, "function": {"name": "warmth", "arguments": '{"town": "Bergen"}'}}]},
        {"tool_calls": json.dumps([CALL])},
        {"tool_calls": [{"id": "c1", "name": "warmth", "arguments": {"town": "Bergen"}}]},
    ],
)
def test_that_calls_are_read_as_templates_take_them(given: dict[str, Any]) -> None:
    assert row_of(ASKED, {"role": "assistant", "content": None, **given}).turns[1]["tool_calls"] == [CALL]


def test_that_a_call_may_be_the_content_of_a_turn_of_its_own_or_under_its_old_name() -> None:
    call = {"type": "function", "function": CALL["function"]}
    spoken = {"from": "function_call", "value": json.dumps(CALL["function"])}
    assert row_of(ASKED, spoken, RESULT, LEARNED).turns[1] == {"role": "assistant", "content": "", "tool_calls": [call]}
    old = {"role": "assistant", "content": None, "function_call": CALL["function"]}
    assert row_of(ASKED, old).turns[1]["tool_calls"] == [call]


def test_that_nulls_that_a_table_fills_in_are_not_keys() -> None:
    nothing = {"name": None, "tool_calls": None, "weight": None, "date": None}
    row = row_of({**ASKED, **nothing}, {**LEARNED, **nothing})
    assert (row.turns, row.changes) == ((ASKED, LEARNED), ())


def test_that_text_in_parts_is_joined_and_more_than_one_is_a_change() -> None:
    def parts(*texts: str) -> list[dict[str, str]]:
        return [{"type": "text", "text": text} for text in texts]

    row = row_of({"role": "user", "content": parts("How warm is it?")}, LEARNED)
    assert (row.turns, row.changes) == ((ASKED, LEARNED), ())
    row = row_of({"role": "user", "content": [*parts("How warm"), "is it?"]}, LEARNED)
    assert (row.asked, row.changes) == ("How warm\nis it?", ("parts joined",))
    thought = {"role": "assistant", "content": [{"type": "thinking", "thinking": "I look."}, *parts("11 degrees.")]}
    assert row_of(ASKED, thought).turns[1] == {**LEARNED, "reasoning_content": "I look."}


def test_that_what_follows_the_last_answer_is_cut_and_is_a_change() -> None:
    row = row_of(ASKED, LEARNED, ASKED, RESULT)
    assert (row.turns, row.changes) == ((ASKED, LEARNED), ("ends with a user",))


def test_that_keys_that_are_not_read_are_a_change_and_numbers_too() -> None:
    assert row_of({**ASKED, "mood": "kind"}, LEARNED).changes == ("other keys",)
    assert row_of(ASKED, {"role": "assistant", "content": 11}).changes == ("numbers as text",)


def test_that_a_weight_between_0_and_1_is_told_to_count_as_1() -> None:
    assert row_of(ASKED, {**LEARNED, "weight": 0.5}).changes == ("part of a weight",)
    assert not any(row_of(ASKED, {**LEARNED, "weight": weight}).changes for weight in (0, 1, 1.0))


@pytest.mark.parametrize(
    ("turns", "kind"),
    [
        ([ASKED], "no assistant turn"),
        ([], "no assistant turn"),
        ([ASKED, {"role": "assistant", "content": ""}], "empty"),
        ([ASKED, {"role": "assistant", "content": "#REF!"}], "formula error"),
        ([{"role": "narrator", "content": "a"}, LEARNED], "unknown role"),
        ([{"role": "user", "content": [{"type": "image"}]}, LEARNED], "not text"),
        ([{"role": "user", "content": [{"type": "audio", "audio": "x.wav"}]}, LEARNED], "not text"),
        ([{"role": "user", "content": {"a": 1}}, LEARNED], "wrong type"),
        ([{"role": "user"}, LEARNED], "wrong type"),
        ([ASKED, {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]}], "tool call"),
        ([ASKED, {"role": "assistant", "content": None, "tool_calls": ["warmth"]}], "tool call"),
        ([ASKED, {**LEARNED, "weight": "much"}], "wrong type"),
        ([ASKED, {"role": "assistant", "content": "a\0"}], "bad character"),
    ],
)
def test_that_a_conversation_that_cannot_be_learned_is_wrong_in_a_known_way(turns: list[Any], kind: str) -> None:
    assert kind_of(*turns) == kind
