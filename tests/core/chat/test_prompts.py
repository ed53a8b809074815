"""Prompts from a file: lines of a text, rows with their answers, rows of prompts alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.core.chat.prompts import prompt_file, prompts_of_rows, read_prompts, typed_prompts
from workbench.core.data.row import DataRow
from workbench.core.job.question import Asking
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings


def read(path: Path) -> list[Asking]:
    return read_prompts(str(path), DataSettings())


def written(path: Path, *rows: Any) -> Path:
    path.write_text(
        "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n", encoding="utf-8"
    )
    return path


def test_that_a_text_has_a_prompt_on_each_line(tmp_path: Path) -> None:
    found = read(written(tmp_path / "a.txt", "Two loaves, please.", "", "  ", "Grüße"))
    assert found == [Asking(text="Two loaves, please."), Asking(text="Grüße")]


def test_that_rows_bring_their_answers(tmp_path: Path) -> None:
    found = read(
        written(tmp_path / "a.jsonl", {"prompt": "One", "completion": "1"}, {"prompt": "Two", "completion": "2"})
    )
    assert found == [Asking(text="One", expected="1"), Asking(text="Two", expected="2")]


def test_that_a_conversation_is_asked_its_last_question(tmp_path: Path) -> None:
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One"},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "Two"},
        {"role": "assistant", "content": "2"},
    ]
    (found,) = read(written(tmp_path / "a.jsonl", {"messages": turns}))
    assert found == Asking(text="Two", before=tuple(turns[:3]), expected="2")


def test_that_what_a_tool_said_is_answered_too(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "How warm is it?"},
        {"role": "assistant", "content": "I look."},
        {"role": "tool", "content": "21"},
        {"role": "assistant", "content": "21 degrees."},
    ]
    (found,) = read(written(tmp_path / "a.jsonl", {"messages": turns}))
    assert (found.text, found.expected) == ("", "21 degrees.")
    assert [turn["role"] for turn in found.before] == ["user", "assistant", "tool"]


@pytest.mark.parametrize(
    "rows", [({"ask": "One"}, {"ask": "Two"}), ({"id": 1, "prompt": "One"}, {"id": 2, "prompt": "Two"})]
)
def test_that_prompts_alone_are_asked_without_an_answer_to_compare(rows: tuple[Any, ...], tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.jsonl", *rows)) == [Asking(text="One"), Asking(text="Two")]


def test_that_a_csv_of_one_column_is_a_list_of_prompts(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a.csv", "Prompt", "One", "Two")) == [Asking(text="One"), Asking(text="Two")]


def test_that_the_rows_held_out_of_the_demo_are_a_hundred_prompts() -> None:
    found = read_prompts("shopping-heldout", DataSettings())
    assert len(found) == 100
    assert all(asked.expected for asked in found)


def test_that_any_column_may_hold_the_expected_answers(tmp_path: Path) -> None:
    path = written(
        tmp_path / "a.jsonl",
        {"prompt": "One", "completion": "1", "short": "I"},
        {"prompt": "Two", "completion": "2", "short": {"a": 2}},
        {"prompt": "Three", "completion": "3", "short": None},
    )
    as_learned = prompt_file(str(path), DataSettings())
    assert as_learned.columns == ("prompt", "completion", "short")
    assert [asked.expected for asked in as_learned.prompts] == ["1", "2", "3"]
    other = prompt_file(str(path), DataSettings(), "short").prompts
    assert [asked.expected for asked in other] == ["I", '{"a": 2}', None]
    assert [asked.expected for asked in prompt_file(str(path), DataSettings(), "").prompts] == [None] * 3
    with pytest.raises(UserError, match="has no column gone"):
        prompt_file(str(path), DataSettings(), "gone")
    alone = written(tmp_path / "b.jsonl", {"id": 1, "prompt": "One"}, {"id": 2, "prompt": "Two"})
    assert [asked.expected for asked in prompt_file(str(alone), DataSettings(), "id").prompts] == ["1", "2"]


def test_that_what_is_typed_or_pasted_is_a_prompt_a_line_with_its_answer_behind_a_tab() -> None:
    found = typed_prompts("One\n\n  Two  \t 2 \r\nThree\t\n\tnothing asked\n")
    assert found == [Asking(text="One"), Asking(text="Two", expected="2"), Asking(text="Three")]


def test_that_rows_of_a_run_are_asked_and_plain_text_is_not() -> None:
    turns = ({"role": "user", "content": "One"}, {"role": "assistant", "content": "1"})
    assert prompts_of_rows([DataRow(turns=turns), DataRow(text="plain")]) == [Asking(text="One", expected="1")]


def test_that_a_file_without_prompts_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no prompt in"):
        read(written(tmp_path / "a.txt", "", " "))
    with pytest.raises(UserError, match=r"cannot be read"):
        read(tmp_path / "none.txt")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UserError, match="is not UTF-8"):
        read(tmp_path / "b.txt")
    with pytest.raises(UserError, match=r"line 2"):
        read(written(tmp_path / "c.jsonl", {"prompt": "One", "completion": "1"}, {"prompt": "Two"}))
    with pytest.raises(UserError, match=r"line 2: prompt is not a text"):
        read(written(tmp_path / "d.jsonl", {"prompt": "One", "id": 1}, {"prompt": None, "id": 1}))
    with pytest.raises(UserError, match=r"line 2"):
        read(written(tmp_path / "e.jsonl", {"prompt": "One"}, "{broken"))
