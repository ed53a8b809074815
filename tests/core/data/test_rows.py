"""Dataset files that are read, whatever writes them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.core import places
from workbench.core.data.mapping import UnclearRows
from workbench.core.data.row import DataRow
from workbench.core.data.rows import Rows, read
from workbench.core.recipe.recipe import DataSettings

COLUMNS = DataSettings()
TURNS = [{"role": "system", "content": ""}, {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]


def pair(prompt: str, completion: str, **more: Any) -> DataRow:
    return DataRow(turns=({"role": "user", "content": prompt}, {"role": "assistant", "content": completion}), **more)


def read_file(path: Path, settings: DataSettings = COLUMNS, *, limit: int | None = None) -> Rows:
    return read(settings.model_copy(update={"path": str(path)}), limit=limit)


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_that_the_datasets_that_come_with_the_program_are_read() -> None:
    for path in places.built_in_datasets().values():
        rows = read_file(path)
        assert rows.mapping.shape.name == "prompt"
        assert len(rows.rows) >= 100
        assert rows.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_that_a_row_keeps_the_group_that_is_asked_for_as_text(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", lines({"prompt": "a", "completion": "b", "n": 3, "kind": None}))
    assert read_file(path).rows == [pair("a", "b")]
    assert read_file(path, DataSettings(group_column="n")).rows == [pair("a", "b", group="3")]
    assert read_file(path, DataSettings(group_column="Kind")).rows == [pair("a", "b")]


def test_that_columns_can_have_other_names(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", lines({"question": "a", "answer": "b", "prompt": 7, "completion": "other"}))
    columns = DataSettings(prompt_column="question", completion_column="answer")
    assert read_file(path, columns).rows == [pair("a", "b")]


def test_that_of_several_shapes_one_has_to_be_named_and_text_stands_back(tmp_path: Path) -> None:
    everything = {"text": "t", "prompt": "p", "completion": "c", "messages": TURNS}
    path = written(tmp_path, "a.jsonl", lines(everything))
    with pytest.raises(UnclearRows, match=r"data\.shape=messages"):
        read_file(path)
    assert read_file(path, DataSettings(shape="messages")).rows == [DataRow(turns=tuple(TURNS))]
    assert read_file(path, DataSettings(shape="text")).rows == [DataRow(text="t")]
    del everything["messages"]
    assert read_file(written(tmp_path, "a.jsonl", lines(everything))).rows == [pair("p", "c")]


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "A.JSONL"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    "text",
    [
        '{"text": "ä"}\n{"text": "b"}\n',
        '{"text": "ä"}\r\n\r\n  \n{"text": "b"}',
        '[{"text": "ä"}, {"text": "b"}]',
        '\n [\n{"text": "ä"}\n,\n{"text": "b"}\n]\n\n',
    ],
)
def test_that_json_is_read_by_lines_and_as_an_array(tmp_path: Path, name: str, mark: str, text: str) -> None:
    rows = read_file(written(tmp_path, name, mark + text))
    assert rows.rows == [DataRow(text="ä"), DataRow(text="b")]


def test_that_csv_is_read_with_its_embedded_lines_commas_and_quotes(tmp_path: Path) -> None:
    text = '\ufeffprompt,completion,kind\r\n"a\r\nb","say ""yes"", now",=cmd|x\r\n\r\nc,d,e\r\n'
    assert read_file(written(tmp_path, "a.csv", text)).rows == [pair("a\r\nb", 'say "yes", now'), pair("c", "d")]


def test_that_a_csv_cell_may_be_longer_than_the_csv_module_takes_by_itself(tmp_path: Path) -> None:
    assert len(read_file(written(tmp_path, "a.csv", f"text\n{'x' * 200_000}\n")).rows[0].text) == 200_000


def test_that_parquet_is_read_over_row_groups_without_blobs(tmp_path: Path) -> None:
    table = pa.table(
        {
            "prompt": pa.array([f"p{n}" for n in range(5000)]),
            "completion": pa.array([f"c{n % 3}" for n in range(5000)]).dictionary_encode(),
            "n": list(range(5000)),
            "image": [b"\x00\xff"] * 5000,
            "nested": [[1]] * 5000,
        }
    )
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=2000)
    rows = read_file(tmp_path / "a.parquet").rows
    assert rows == [pair(f"p{n}", f"c{n % 3}") for n in range(5000)]


@pytest.mark.parametrize("string", [pa.string(), pa.large_string()])
def test_that_parquet_holds_conversations(tmp_path: Path, string: Any) -> None:
    kind = pa.list_(pa.struct([("content", string), ("role", string), ("name", string)]))
    pq.write_table(pa.table({"messages": pa.array([TURNS, TURNS], kind), "n": [1, 2]}), tmp_path / "a.parquet")
    assert read_file(tmp_path / "a.parquet").rows == [DataRow(turns=tuple(TURNS))] * 2


def test_that_a_limit_reads_no_further(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", lines({"text": "a"}, {"text": "b"}) + "broken")
    rows = read_file(path, limit=2)
    assert rows.rows == [DataRow(text="a"), DataRow(text="b")]
    assert rows.sha256() == hashlib.sha256(path.read_bytes()).hexdigest()


def test_that_a_part_keeps_what_the_file_is(tmp_path: Path) -> None:
    rows = read_file(written(tmp_path, "a.jsonl", lines({"text": "a"}, {"text": "b"}, {"text": "c"})))
    part = rows.part([2, 0])
    assert part.rows == [DataRow(text="c"), DataRow(text="a")]
    assert (part.mapping, part.source, part.sha256()) == (rows.mapping, rows.source, rows.sha256())
