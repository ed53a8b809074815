"""Rows as people have them, read in their shape: nothing that belongs to a row is left out without a word."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.core.data.row import DataRow
from workbench.core.data.rows import RowProblem, Rows, each, read
from workbench.core.recipe.recipe import DataSettings


def read_rows(folder: Path, *values: dict[str, Any], **settings: Any) -> Rows:
    path = folder / "rows.json"
    path.write_text(json.dumps(values), encoding="utf-8")
    return read(DataSettings(path=str(path), **settings))


def said(row: DataRow) -> list[tuple[str, str]]:
    return [(turn["role"], turn["content"]) for turn in row.turns]


@pytest.mark.parametrize("column", ["", "conversations"])
def test_that_sharegpt_rows_are_read_as_they_are(tmp_path: Path, column: str) -> None:
    rows = read_rows(
        tmp_path,
        {
            "conversations": [
                {"from": "system", "value": "Answer like a sailor."},
                {"from": "human", "value": "Where is the harbour?"},
                {"from": "gpt", "value": "Aye, past the lighthouse."},
            ]
        },
        {"conversations": [{"from": "human", "value": "Is it far?"}, {"from": "gpt", "value": "Two miles by water."}]},
        messages_column=column,
    )
    assert rows.mapping.shape.name == "sharegpt"
    assert [turn["role"] for turn in rows.rows[0].turns] == ["system", "user", "assistant"]
    assert said(rows.rows[1]) == [("user", "Is it far?"), ("assistant", "Two miles by water.")]


@pytest.mark.parametrize("named", [{}, {"prompt_column": "instruction", "completion_column": "output"}])
def test_that_the_input_of_alpaca_stands_below_its_instruction_and_an_empty_one_leaves_no_gap(
    tmp_path: Path, named: dict[str, str]
) -> None:
    rows = read_rows(
        tmp_path,
        {"instruction": "Make it a question.", "input": "The ferry leaves at noon.", "output": "Does it?"},
        {"instruction": "Name a root vegetable.", "input": "", "output": "Parsnip."},
        {"instruction": "Count the words.", "output": 6},
        **named,
    )
    assert rows.mapping.sentence == "`instruction` and `input` below it are the prompt, `output` the completion"
    asked = ["Make it a question.\n\nThe ferry leaves at noon.", "Name a root vegetable.", "Count the words."]
    assert [row.asked for row in rows.rows] == asked
    assert rows.rows[2].answer == "6"


def test_that_alpaca_without_an_input_and_a_context_beside_a_question_are_read(tmp_path: Path) -> None:
    assert read_rows(tmp_path, {"instruction": "Name a root.", "output": "Parsnip."}).rows[0].asked == "Name a root."
    row = read_rows(tmp_path, {"question": "Which bird?", "context": "A wren sang.", "answer": "A wren."}).rows[0]
    assert row.asked == "Which bird?\n\nA wren sang."


def test_that_alpaca_may_have_a_system_text_and_what_was_said_before(tmp_path: Path) -> None:
    row = {"instruction": "And now?", "input": "", "output": "Four.", "system": "Count.", "history": [["One?", "One."]]}
    read_row = read_rows(tmp_path, row).rows[0]
    assert said(read_row) == [
        ("system", "Count."),
        ("user", "One?"),
        ("assistant", "One."),
        ("user", "And now?"),
        ("assistant", "Four."),
    ]


def test_that_prompt_and_completion_may_be_turns(tmp_path: Path) -> None:
    asked, learned = {"role": "user", "content": "Hello?"}, {"role": "assistant", "content": "Yes."}
    rows = read_rows(tmp_path, {"prompt": [asked], "completion": [learned]})
    assert rows.mapping.shape.name == "prompt"
    assert rows.rows == [DataRow(turns=(asked, learned))]
    assert read_rows(tmp_path, {"prompt": [asked], "completion": "Yes."}).rows == [DataRow(turns=(asked, learned))]


def test_that_text_that_looks_like_json_stays_text(tmp_path: Path) -> None:
    row = read_rows(tmp_path, {"prompt": '[{"a": 1}]', "completion": '[{"name": "tea"}]'}).rows[0]
    assert said(row) == [("user", '[{"a": 1}]'), ("assistant", '[{"name": "tea"}]')]


TURNS = [{"role": "user", "content": "Tea?"}, {"role": "assistant", "content": "Please."}]


@pytest.mark.parametrize(
    "row",
    [
        {"prompt": "Tea?", "chosen": "Please.", "rejected": "No."},
        {"chosen": TURNS, "rejected": TURNS},
        {"prompt": "Tea?", "chosen": TURNS, "rejected": TURNS},
        {"prompt": TURNS[:1], "chosen": TURNS[1:], "rejected": TURNS[1:]},
        {"prompt": "Tea?", "chosen": TURNS[1], "rejected": TURNS[1]},
        {"chosen": "\n\nHuman: Tea?\n\nAssistant: Please.", "rejected": "\n\nHuman: Tea?\n\nAssistant: No."},
    ],
)
def test_that_the_chosen_side_of_a_pair_is_learned_and_that_is_said(tmp_path: Path, row: dict[str, Any]) -> None:
    rows = read_rows(tmp_path, row)
    assert rows.mapping.shape.name == "preference"
    assert "`chosen` is learned, `rejected` is left out" in rows.mapping.sentence
    assert said(rows.rows[0]) == [("user", "Tea?"), ("assistant", "Please.")]
    assert rows.rows[0].changes == ("chosen side",)


def test_that_a_chosen_text_that_nobody_asked_for_is_plain_text(tmp_path: Path) -> None:
    row = read_rows(tmp_path, {"chosen": "Once upon a time", "rejected": "Once"}).rows[0]
    assert row == DataRow(text="Once upon a time", changes=("chosen side",))


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (3.0, "3"), (0.5, "0.5"), (True, "true"), (False, "false"), (10**30, "1" + "0" * 30), (1e300, "1e+300")],
)
def test_that_numbers_are_taken_as_they_are_shown_and_that_is_a_change(tmp_path: Path, value: Any, text: str) -> None:
    row = read_rows(tmp_path, {"prompt": "Is it good?", "completion": value}).rows[0]
    assert (row.answer, row.changes) == (text, ("numbers as text",))


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ('{"prompt": "Is it?", "completion": null}', "empty"),
        ('{"prompt": "Is it?", "completion": NaN}', "empty"),
        ('{"prompt": "Is it?", "completion": " "}', "empty"),
        ('{"prompt": "Is it?"}', "missing column"),
        ('{"prompt": "Is it?", "completion": {"a": 1}}', "wrong type"),
        ('{"prompt": "Is it?", "completion": "#DIV/0!"}', "formula error"),
        ('{"prompt": "Is it?", "completion": "\\u0000"}', "bad character"),
        ('["Is it?", "It is."]', "not a row"),
        ('{"prompt": "Is it?", ', "broken"),
    ],
)
def test_that_what_is_wrong_with_a_row_has_a_kind_and_the_rows_around_it_are_read(
    tmp_path: Path, line: str, kind: str
) -> None:
    good = '{"prompt": "Is it?", "completion": "It is."}'
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{good}\n{line}\n{good}\n", encoding="utf-8")
    found = [row for _, row in each(DataSettings(path=str(path)))]
    problem = found[1]
    assert isinstance(problem, RowProblem)
    assert (problem.kind, problem.line) == (kind, 2)
    assert [isinstance(row, DataRow) for row in found] == [True, False, True]


def test_that_a_header_with_spaces_names_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("Prompt , Completion\nHow many?,Three\n", encoding="utf-8")
    rows = read(DataSettings(path=str(path)))
    assert said(rows.rows[0]) == [("user", "How many?"), ("assistant", "Three")]


def test_that_broken_rows_at_the_beginning_hide_no_shape(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("no json\n" * 20_000 + '{"question": "Is it?", "answer": "It is."}\n', encoding="utf-8")
    *_, (place, last) = each(DataSettings(path=str(path)))
    assert isinstance(last, DataRow)
    assert place.line == 20_001
