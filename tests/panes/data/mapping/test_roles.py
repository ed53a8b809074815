"""What is taken for what: a role moves, sides that exclude each other go, and the recipe says the same."""

from typing import Any

import pytest

from workbench.core.data.mapping import find_mapping
from workbench.core.recipe.recipe import DataSettings, Recipe
from workbench.panes.data.mapping.roles import Choice, letter

ROW = {"Received": "1", "Question": "Why?", "Answer": "So.", "Channel": "mail"}


def choice_of(*rows: dict[str, Any]) -> Choice:
    return Choice.of(find_mapping(rows, DataSettings()), Recipe())


def read_by(choice: Choice, *rows: dict[str, Any]) -> dict[str, str]:
    """The columns that the choice's settings find again."""
    said = {path.removeprefix("data."): value for path, value in choice.settings.items() if path.startswith("data.")}
    mapping = find_mapping(rows, DataSettings(**said)).mapping
    assert mapping is not None
    return dict(mapping.columns)


def test_that_a_choice_begins_with_what_was_found() -> None:
    choice = choice_of(ROW)
    assert choice.roles == {"Question": "prompt", "Answer": "completion"}
    assert choice.unused == ["Received", "Channel"]
    assert choice.missing == ""


def test_that_one_column_has_one_role_and_taking_it_moves_it() -> None:
    choice = choice_of(ROW).taking("Question", "completion")
    assert choice.columns == {"completion": "Question"}
    assert choice.missing == "prompt"
    assert choice.taking("Answer", "prompt").columns == {"completion": "Question", "prompt": "Answer"}


def test_that_plain_text_leaves_no_sides_and_a_side_leaves_no_text() -> None:
    choice = choice_of(ROW).taking("Answer", "text")
    assert choice.columns == {"text": "Answer"}
    assert (choice.missing, choice.settings["data.shape"]) == ("", "text")
    assert read_by(choice, ROW) == {"text": "Answer"}
    back = choice.taking("Question", "prompt")
    assert back.columns == {"prompt": "Question"}
    assert back.missing == "completion"


def test_that_columns_are_joined_by_a_line_break_and_leave_their_other_roles() -> None:
    choice = choice_of(ROW).taking("Channel", "group").joining("prompt", "Channel")
    assert choice.columns == {"prompt": "{Question}\n{Channel}", "completion": "Answer"}
    assert choice.roles["Channel"] == choice.roles["Question"] == "prompt"
    assert read_by(choice, ROW) == choice.columns
    assert choice.joining("prompt", "Received").columns["prompt"] == "{Question}\n{Channel}\n{Received}"


def test_that_a_group_beside_an_instruction_with_input_leaves_the_shape() -> None:
    row = {"instruction": "Add.", "input": "1 1", "output": "2", "topic": "sums"}
    choice = choice_of(row)
    assert choice.shape == "alpaca"
    grouped = choice.taking("topic", "group")
    assert grouped.settings["data.shape"] == "alpaca"
    assert read_by(grouped, row) == {**choice.columns, "group": "topic"}
    assert read_by(choice.taking("input", ""), row) == {"prompt": "instruction", "completion": "output"}


def test_that_a_system_column_that_is_not_to_be_used_stays_unused() -> None:
    row = {"question": "Why?", "answer": "So.", "system": "Be kind."}
    choice = choice_of(row)
    assert choice.roles["system"] == "system"
    without = choice.taking("system", "")
    assert without.settings["data.system_column"] == "none"
    assert read_by(without, row) == {"prompt": "question", "completion": "answer"}


def test_that_a_group_switches_the_split_by_groups_on_and_goes_with_it() -> None:
    choice = choice_of(ROW).taking("Channel", "group")
    assert choice.settings["evaluation.groups"] == "of_each"
    assert choice.taking("Channel", "").settings["evaluation.groups"] == "ignored"
    recipe = Recipe.model_validate({"data": {"group_column": "Channel"}, "evaluation": {"groups": "whole"}})
    found = find_mapping([ROW], recipe.data)
    assert Choice.of(found, recipe).settings["evaluation.groups"] == "whole"


def test_that_a_column_of_few_values_is_proposed_as_the_group_until_something_is_said() -> None:
    rows = [{**ROW, "Question": f"Why {n}?", "Answer": f"So {n}.", "Topic": ("a", "b")[n % 2]} for n in range(12)]
    choice = choice_of(*rows)
    assert choice.roles["Topic"] == "group"
    said = Recipe.model_validate({"data": {"prompt_column": "Question", "completion_column": "Answer"}})
    assert "group" not in Choice.of(find_mapping(rows, said.data), said).columns


@pytest.mark.parametrize(("column", "called"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")])
def test_that_columns_are_lettered_as_in_a_spreadsheet(column: int, called: str) -> None:
    assert letter(column) == called
