"""One row once more, by its number in the table."""

from pathlib import Path

import pytest

from tests.core.tokens.prepared.made import asked, prepared, recipe, write
from tests.core.tokens.tokenizers_made import byte_tokenizer
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.data.source import Place
from workbench.core.tokens.prepared.one_row import opened_again, pieces_of
from workbench.core.tokens.prepared.tables import Tables
from workbench.core.tokens.tokenizing import RowTokenizer


def test_that_pieces_are_the_text_once_also_where_a_character_is_several_tokens(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", [{"prompt": "Hé 👧 二?", "completion": "Größe 🙂é"}])
    tokenizer, asked_for = byte_tokenizer(), recipe(data)
    row = OpenRows(asked_for.data).at(Place(0, 1, 0))
    assert isinstance(row, DataRow)
    ((made,),) = RowTokenizer(tokenizer, asked_for).rows([row])
    pieces = pieces_of(made, tokenizer)
    assert len(pieces) == len(made.ids)
    assert "".join(pieces) == made.text
    assert pieces.count("👧") == 1


@pytest.mark.parametrize("source", [0, 1])
def test_that_a_row_is_found_in_the_file_it_is_of(tmp_path: Path, source: int) -> None:
    data, held_out = write(tmp_path / "a.jsonl", asked(3)), write(tmp_path / "b.jsonl", asked(3, 10))
    change = f"evaluation.path={held_out}"
    table = Tables(Path(prepared(data, change).folder))
    number = next(number for number, row in enumerate(table.rows) if row["source"] == source)
    (row,) = opened_again(recipe(data, change), table, [number])
    assert isinstance(row, DataRow)
    assert row.asked == f"What is {10 * source} and {10 * source}?"


def test_that_a_row_that_went_from_its_file_is_a_problem_of_that_row(tmp_path: Path) -> None:
    data = write(tmp_path / "rows.jsonl", asked(3))
    opened = OpenRows(recipe(data).data)
    gone = opened.at(Place(0, 9, data.stat().st_size))
    assert isinstance(gone, RowProblem)
    assert (gone.line, gone.file, gone.text) == (9, "rows.jsonl", "it is not there any more.")
