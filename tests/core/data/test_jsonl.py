"""The round trip of every shape: what a file holds, the row that is learned, one line of JSON, the same row."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.data.cells import FORMULA_ERRORS
from workbench.core.data.jsonl import is_pair, to_jsonl_line, to_jsonl_value
from workbench.core.data.mapping import find_mapping
from workbench.core.data.row import DataRow, Turn
from workbench.core.data.shapes.known import shapes
from workbench.core.data.wrong import Wrong
from workbench.core.recipe.recipe import DataSettings

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(
    lambda text: bool(text.strip()) and text.strip() not in FORMULA_ERRORS
)
cells = texts | st.integers() | st.floats(allow_nan=False) | st.booleans()
arguments = st.dictionaries(st.text(max_size=5), st.integers() | texts, max_size=3)
calls = st.builds(lambda name, said: {"function": {"name": name, "arguments": said}}, texts, arguments)
answers = st.fixed_dictionaries(
    {"role": st.just("assistant"), "content": texts},
    optional={"weight": st.sampled_from([0, 1]), "reasoning_content": texts, "tool_calls": st.lists(calls, min_size=1)},
)
others = st.fixed_dictionaries(
    {"role": st.sampled_from(["user", "tool", "system", "developer"]), "content": texts}, optional={"name": texts}
)
conversations = st.lists(others | answers, min_size=1, max_size=5).flatmap(
    lambda turns: answers.map(lambda last: [*turns, last])
)
spoken = st.lists(st.fixed_dictionaries({"from": st.sampled_from(["human", "gpt"]), "value": texts}), max_size=4).map(
    lambda turns: [*turns, {"from": "gpt", "value": "Yes."}]
)
tools = st.lists(st.fixed_dictionaries({"name": texts, "parameters": arguments}), max_size=2)
PAIR: tuple[Turn, ...] = ({"role": "user", "content": "a"}, {"role": "assistant", "content": "b"})
VALUES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "prompt": st.fixed_dictionaries({"question": cells, "answer": cells}, optional={"system": texts}),
    "alpaca": st.fixed_dictionaries({"instruction": texts, "input": cells | st.just(""), "output": cells}),
    "messages": st.fixed_dictionaries({"messages": conversations}, optional={"tools": tools}),
    "sharegpt": st.fixed_dictionaries({"conversations": spoken}),
    "preference": st.fixed_dictionaries({"prompt": texts, "chosen": texts, "rejected": texts}),
    "text": st.fixed_dictionaries({"text": texts}),
}


def test_that_every_shape_has_its_round_trip() -> None:
    assert VALUES.keys() == {shape.name for shape in shapes()}


def row_of(value: dict[str, Any], shape: str = "auto") -> DataRow:
    return find_mapping([value], DataSettings(shape=shape)).certain("a").row(value)


@pytest.mark.parametrize("shape", VALUES)
@given(st.data())
def test_that_a_row_is_the_same_after_it_was_saved(shape: str, data: st.DataObject) -> None:
    row = row_of(data.draw(VALUES[shape]), shape)
    for as_messages in (False, True):
        line = to_jsonl_line(row, as_messages=as_messages)
        assert line.count("\n") == 1
        assert row_of(json.loads(line)) == DataRow(row.turns, row.text, row.tools, row.group)


@given(st.dictionaries(st.sampled_from(["prompt", "completion"]), cells | st.none() | st.lists(cells), min_size=2))
def test_that_a_row_of_anything_is_read_or_wrong(value: dict[str, Any]) -> None:
    mapping = find_mapping([{"prompt": "a", "completion": "b"}], DataSettings()).certain("a")
    with suppress(Wrong):
        row = mapping.row(value)
        assert row.turns[-1]["role"] == "assistant"
        assert all(turn["content"].strip() for turn in row.turns)


@given(st.recursive(cells | st.none(), lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=6))
def test_that_a_conversation_of_anything_is_read_or_wrong(value: Any) -> None:
    good = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    mapping = find_mapping([good], DataSettings()).certain("a")
    with pytest.raises(Wrong) as error:
        mapping.row({"messages": value})
    assert error.value.remedy


def test_that_the_group_is_kept_under_its_column() -> None:
    row = DataRow(PAIR, group="easy")
    assert to_jsonl_value(row) == {"prompt": "a", "completion": "b", "group": "easy"}
    assert to_jsonl_value(row, group_column="level", as_messages=True)["level"] == "easy"


def test_that_only_a_question_and_its_answer_are_a_pair() -> None:
    assert is_pair(DataRow(PAIR))
    assert not is_pair(DataRow(({"role": "system", "content": "c"}, *PAIR)))
    assert not is_pair(DataRow((PAIR[0], {**PAIR[1], "weight": 0})))
    assert not is_pair(DataRow(PAIR, tools=({"type": "function"},)))
    assert not is_pair(DataRow(text="a"))
