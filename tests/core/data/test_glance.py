"""A data file at a glance: what the data page shows of it."""

import json
from pathlib import Path

import pytest

from tests.fakes import write_rows
from workbench.core.data import glance as data_glance
from workbench.core.data.glance import PROBLEMS_SHOWN, ROWS_SHOWN, glance
from workbench.core.data.jsonl import to_jsonl_value
from workbench.core.data.mapping import UnclearRows
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

COLUMNS = DataSettings()


def test_that_the_starter_dataset_is_seen_whole() -> None:
    seen = glance("shopping", COLUMNS)
    assert (seen.name, seen.mapping.shape.name, seen.rows, seen.problem_count) == ("shopping", "prompt", 500, 0)
    assert seen.is_complete
    assert len(seen.first_rows) == ROWS_SHOWN
    assert len(seen.lengths) == 500
    first = seen.first_rows[0].row
    assert seen.lengths[0] == len(first.asked) + len(first.answer)
    assert seen.size_bytes == seen.path.stat().st_size


def test_that_reading_goes_on_past_bad_rows(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", 6)
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = '{"prompt": "cut'
    lines[4] = json.dumps({"prompt": "Is it?", "completion": "  "})
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    seen = glance(str(path), COLUMNS)
    assert (seen.rows, seen.problem_count) == (4, 2)
    assert [problem.line for problem in seen.problems] == [2, 5]
    assert seen.problems[1].text == '"completion" is empty.'
    assert [first.line for first in seen.first_rows] == [1, 3, 4, 6]
    assert len(seen.lengths) == 4


def test_that_problems_are_counted_and_the_first_shown(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", 1)
    with path.open("a", encoding="utf-8") as file:
        file.write("no json\n" * (PROBLEMS_SHOWN + 25))
    seen = glance(str(path), COLUMNS)
    assert (seen.rows, len(seen.problems), seen.problem_count) == (1, PROBLEMS_SHOWN, PROBLEMS_SHOWN + 25)


def test_that_a_long_file_is_read_as_far_as_asked(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", 30)
    seen = glance(str(path), COLUMNS, limit_rows=20)
    assert (seen.rows, seen.is_complete) == (20, False)
    assert glance(str(path), COLUMNS, limit_rows=30).is_complete


@pytest.mark.parametrize(
    ("row", "shape", "length"),
    [
        ({"text": "as it goes"}, "text", 10),
        (
            {
                "messages": [
                    {"role": "system", "content": "As JSON."},
                    {"role": "user", "content": "Why?"},
                    {"role": "assistant", "content": "So."},
                ]
            },
            "messages",
            15,
        ),
    ],
)
def test_that_every_shape_is_told_with_its_length(
    row: dict[str, object], shape: str, length: int, tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    seen = glance(str(path), COLUMNS)
    assert (seen.mapping.shape.name, seen.lengths.tolist()) == (shape, [length])
    assert [(first.line, to_jsonl_value(first.row)) for first in seen.first_rows] == [(1, row)]


def test_that_a_csv_file_is_seen_as_well(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("prompt,completion\na,b\nc\nd,e\n", encoding="utf-8")
    seen = glance(str(path), COLUMNS)
    assert (seen.rows, seen.problem_count, seen.problems[0].line) == (2, 1, 3)


def test_that_a_row_over_several_lines_is_found_where_it_begins(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('prompt,completion\n"a\nlong one",b\n\nc,d\n', encoding="utf-8")
    assert [first.line for first in glance(str(path), COLUMNS).first_rows] == [2, 5]


def test_that_columns_that_tell_nothing_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"size": 3, "colour": 5}\n' * 3, encoding="utf-8")
    with pytest.raises(UnclearRows, match="is not clear"):
        glance(str(path), COLUMNS)
    path.write_text("no json\n" * 3, encoding="utf-8")
    seen = glance(str(path), COLUMNS)
    assert (seen.mapping, seen.rows, seen.problem_count) == (None, 0, 3)


def test_that_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no file"):
        glance(str(tmp_path / "missing.jsonl"), COLUMNS)
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(UserError, match="is empty"):
        glance(str(tmp_path / "empty.jsonl"), COLUMNS)


def test_that_tokens_are_estimated_at_four_characters() -> None:
    assert data_glance.estimated_tokens(400) == 100
