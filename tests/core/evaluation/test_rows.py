"""What a file is evaluated on."""

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.core.chat.speakers import Speaker
from workbench.core.evaluation.rows import HELD_OUT, Choice, read_choices, read_rows
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings, ModelSettings

NOBODY = Speaker("base", "a model", ModelSettings())


def written(path: Path, *rows: Any) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    "row",
    [
        {"question": "Q?", "choices": ["x", "y", "z"], "answer": 1},
        {"question": "Q?", "choices": ["x", "y", "z"], "answer": "B"},
        {"question": "Q?", "choices": ["x", "y", "z"], "answer": "y"},
        {"Question": "Q?", "A": "x", "B": "y", "C": "z", "D": None, "Answer": "b"},
        {"prompt": "Q?", "option_1": "x", "option_2": "y", "option_3": "z", "label": "2"},
        {"question": "Q?", "choices": {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}, "answerKey": "2"},
        {"ctx": "Q?", "endings": ["x", "y", "z"], "label": "1"},
    ],
)
def test_that_choices_are_read_as_files_have_them(tmp_path: Path, row: dict[str, Any]) -> None:
    choices, left_out, source = read_choices(written(tmp_path / "c.jsonl", row), DataSettings())
    assert choices == [Choice("Q?", ("x", "y", "z"), 1)]
    assert (left_out.count, source) == (0, "c.jsonl")


def test_that_a_choice_without_its_right_answer_is_left_out_and_told(tmp_path: Path) -> None:
    rows = [{"question": "Q?", "choices": ["x", "y"], "answer": given} for given in ("y", "w", 2, None)]
    choices, left_out, _ = read_choices(written(tmp_path / "c.jsonl", *rows, {"question": "Q?"}), DataSettings())
    assert len(choices) == 1
    assert left_out.count == 4
    assert left_out.first.startswith('c.jsonl, line 2: "w" is none of its answers.')


def test_that_a_file_without_choices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no question with several answers") as refused:
        read_choices(written(tmp_path / "c.jsonl", {"prompt": "a", "completion": "b"}), DataSettings())
    assert "there are not several answers" in refused.value.why


def test_that_rows_without_an_answer_are_told_where_one_is_needed(tmp_path: Path) -> None:
    name = written(tmp_path / "t.jsonl", {"text": "One."}, {"text": "Two."})
    assert [row.text for row in read_rows(name, NOBODY, DataSettings(), needs_answer=False).rows] == ["One.", "Two."]
    with pytest.raises(UserError, match=r"no row in t\.jsonl that could be measured") as refused:
        read_rows(name, NOBODY, DataSettings(), needs_answer=True)
    assert "plain text has no answer" in refused.value.why


def test_that_a_model_which_is_not_a_run_held_nothing_out() -> None:
    with pytest.raises(UserError, match="held no rows out"):
        read_rows(HELD_OUT, NOBODY, DataSettings(), needs_answer=True)
