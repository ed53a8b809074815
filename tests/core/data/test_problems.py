"""Dataset files that are refused, each with a sentence that names the place."""

import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.core.data import stored
from workbench.core.data.row_kinds import PROBLEMS
from workbench.core.data.rows import RowProblem, each, read, settings_at
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

COLUMNS = DataSettings()
GOOD = '{"prompt": "a", "completion": "b"}\n'


def written(folder: Path, name: str, data: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def problems(path: Path) -> list[RowProblem]:
    """What is wrong with which rows of a file, in its order."""
    return [row for _, row in each(settings_at(COLUMNS, str(path))) if isinstance(row, RowProblem)]


def refusal(path: Path) -> str:
    """What `read` says, which is what `each` says of the first row that is wrong, or of the file."""
    settings = settings_at(COLUMNS, str(path))
    with pytest.raises(UserError) as error:
        read(settings)
    assert error.value.remedy
    if error.value.what.startswith((f"{path.name}, line ", f"{path.name}, row ")):
        first = next(row for _, row in each(settings) if isinstance(row, RowProblem))
        assert error.value.what.endswith(f": {first.text}")
        assert first.remedy == error.value.remedy
        assert first.kind in PROBLEMS
        assert first.file == path.name
    return str(error.value)


def test_that_what_is_no_dataset_file_is_refused(tmp_path: Path) -> None:
    written(tmp_path, "train.jsonl", GOOD)
    assert 'The nearest one is "train.jsonl"' in refusal(tmp_path / "trian.jsonl")
    assert "There is no folder" in refusal(tmp_path / "nowhere" / "a.jsonl")
    (tmp_path / "none").mkdir()
    assert "is a folder without a data file. It would end with .jsonl, .json," in refusal(tmp_path / "none")
    assert ".jsonl, .json, .ndjson, .csv" in refusal(written(tmp_path, "a.doc", "x"))
    assert "Save it as .xlsx." in refusal(written(tmp_path, "a.xls", "x"))
    assert "cannot be read" in refusal(tmp_path / ("a" * 300 + ".jsonl"))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.jsonl")
        assert "neither a file nor a folder" in refusal(tmp_path / "pipe.jsonl")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.jsonl", ""),
        ("a.jsonl", "\n \n"),
        ("a.jsonl", "\ufeff"),
        ("a.json", "[]"),
        ("a.json", " [ ] "),
        ("a.csv", ""),
        ("a.csv", "prompt,completion\n"),
    ],
)
def test_that_a_file_without_rows_is_refused(tmp_path: Path, name: str, text: str) -> None:
    assert "is empty: it has no rows" in refusal(written(tmp_path, name, text))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"prompt": "a" "completion": "b"}\n', "broken JSON at column 16: Expecting ',' delimiter"),
        ('{"prompt": "a", "compl', "ends in the middle of it (broken JSON at column 17"),
        ("[" * 100_000 + "\n", "broken JSON: maximum recursion"),
        ("9" * 5000 + "\n", "broken JSON: Exceeds the limit"),
        ("\0\n", "broken JSON at column 1"),
        (b'{"prompt": "\xe4"}\n{"prompt": "\xc3\xa4\xc3\xa4"}\n', "byte 13 of it (0xe4) is not UTF-8"),
        (b'{"prompt": "\xc3', "byte 13 of it (0xc3) is not UTF-8"),
        ("[1]\n", "has to be an object, and this is a list"),
        ("null\n", "has to be an object, and this is null"),
        ('"text"\n', 'has to be an object, and this is the text "text"'),
        ('{"prompt": "a"}\n', 'has no "completion", as the rows before it have; it has: prompt'),
        ('{"prompt": "a", "completion": NaN}\n', '"completion" is empty'),
        ('{"prompt": null, "completion": "b"}\n', '"prompt" is empty'),
        ('{"prompt": [1], "completion": "b"}\n', 'turn 1 of "prompt" is not an object of "role" and "content"'),
        ('{"prompt": "#REF!", "completion": "b"}\n', '"prompt" holds the error #REF! in place of a value'),
        ('{"prompt": "a", "completion": " #NV "}\n', '"completion" holds the error #NV in place of a value'),
        ('{"prompt": {}, "completion": "b"}\n', '"prompt" has to be text, and is an object'),
        ('{"prompt": "", "completion": "b"}\n', '"prompt" is empty'),
        ('{"prompt": "a", "completion": " \\n"}\n', '"completion" is empty'),
        ('{"prompt": "a\\u0000", "completion": "b"}\n', '"prompt" has a NUL character at position 2'),
        ('{"prompt": "a", "completion": "\\ud800"}\n', '"completion" has half a character (U+D800) at position 1'),
    ],
)
def test_that_a_bad_line_is_named_by_its_number(tmp_path: Path, line: str | bytes, said: str) -> None:
    data = GOOD.encode() + b"\n" + (line if isinstance(line, bytes) else line.encode())
    text = refusal(written(tmp_path, "a.jsonl", data))
    assert text.startswith("a.jsonl, line 3: ")
    assert said in text
    assert len(text) < 400


def turns(*pairs: tuple[Any, Any]) -> str:
    return json.dumps({"messages": [{"role": role, "content": content} for role, content in pairs]})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"messages": "hello"}', '"messages" has to be a list of turns, and is the text "hello"'),
        ('{"messages": null}', '"messages" is empty'),
        ('{"messages": 7}', '"messages" has to be a list of turns, and is the number 7'),
        ('{"messages": []}', "has no turn of the assistant"),
        ('{"messages": ["hi"]}', 'turn 1 of "messages" is not an object of "role" and "content"'),
        ('{"messages": [{"role": "user"}]}', 'turn 1 of "messages" is not an object of "role" and "content"'),
        (turns(("asistant", "a")), 'turn 1 has the role "asistant". The nearest one is "assistant"'),
        (turns((5, "a")), "turn 1 has the role the number 5"),
        (turns(([], "a")), "turn 1 has the role a list"),
        (turns(("user", None)), "turn 1 (user) is empty"),
        (turns(("user", {})), '"content" of turn 1 has to be text, and is an object'),
        (turns(("user", [{"type": "text"}])), 'turn 1 has a part that is not text: "text"'),
        (turns(("user", [{"type": "image_url", "image_url": {}}])), 'turn 1 has a part that is not text: "image_url"'),
        (turns(("user", [{"type": "input_audio"}])), 'turn 1 has a part that is not text: "input_audio"'),
        (turns(("user", " "), ("assistant", "a")), "turn 1 (user) is empty"),
        (turns(("user", "a"), ("assistant", "")), "turn 2 (assistant) is empty"),
        (turns(("system", "a"), ("user", "a")), "has no turn of the assistant"),
    ],
)
def test_that_a_bad_conversation_is_refused(tmp_path: Path, row: str, said: str) -> None:
    good = turns(("user", "a"), ("assistant", "b"))
    text = refusal(written(tmp_path, "a.jsonl", f"{good}\n{good}\n{row}\n"))
    assert text.startswith("a.jsonl, line 3: ")
    assert said in text


def test_that_rows_of_no_shape_are_told_with_a_sample_of_each_column_and_what_settles_it(tmp_path: Path) -> None:
    said = refusal(written(tmp_path, "a.jsonl", '{"size": 3, "colour": 4}\n'))
    assert (
        "What the columns of a.jsonl are for is not clear: there is no text in them. It has: size (3), colour" in said
    )
    assert "--set data.prompt_column=" in said
    said = refusal(written(tmp_path, "a.jsonl", '{"left": "ab", "right": "cd"}\n'))
    assert "--set data.shape=prompt --set data.prompt_column=left --set data.completion_column=right" in said
    said = refusal(written(tmp_path, "a.jsonl", '{"role": "user", "content": "Hello"}\n'))
    assert "each row is one turn of a conversation, and a row has to hold all of it" in said
    assert "The rows have no columns" in refusal(written(tmp_path, "a.jsonl", "{}\n"))


@pytest.mark.parametrize("name", ["promt", "answer"])
def test_that_a_setting_that_names_no_column_is_told_the_nearest(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, "a.jsonl", '{"prompt": "a", "answers": "b"}\n')
    role = "prompt" if name == "promt" else "completion"
    with pytest.raises(UserError) as error:
        read(DataSettings(path=str(path), **{f"{role}_column": name}))
    nearest = {"promt": "prompt", "answer": "answers"}[name]
    said = f'data.{role}_column: the rows have no column "{name}". The nearest one is "{nearest}".'
    assert str(error.value).startswith(f"{said} They have: prompt, answers.")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("prompt,completion\na,b\nc\n", 3, "it has 1 cell, and the header has 2"),
        ('prompt,completion\n"a\nb",c\na,b,c\n', 4, "it has 3 cells"),
        ('prompt,completion\na,b\n"c,d\ne,f\n', 3, "broken CSV: unexpected end of data"),
        ('prompt,completion\n"a"b,c\n', 2, "broken CSV"),
        ("prompt,completion\na,\n", 2, '"completion" is empty'),
        ("prompt,completion\na,b\0\n", 2, '"completion" has a NUL'),
        (b"prompt,completion\n\xc3\xa4\xc3\xa4,b\nc,\xe4\n", 3, "byte 3 of it (0xe4) is not UTF-8"),
    ],
)
def test_that_a_bad_csv_names_the_line(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    refused = refusal(written(tmp_path, "a.csv", text))
    assert refused.startswith(f"a.csv, line {line}: ")
    assert said in refused


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[\n{"text": "a"},\n{"text": {}}]', 3, '"text" has to be text'),
        ('[\n{"text": "a"}\n{"text": "b"}]', 3, "broken JSON at column 1: Expecting ',' delimiter"),
        ('[\n{"text": "a"},\n]', 3, "broken JSON at column 1"),
        ('[{"text": "a"}]\nx', 2, "broken JSON at column 1: Extra data"),
        ('[{"text": "a"},\n{"text": "b', 2, "the file ends in the middle of it"),
        ('[{"text": "a"},\n' + "[" * 100_000, 2, "broken JSON"),
        (b'[{"text": "\xc3\xa4\xc3\xa4"},\n{"text": "\xe4"}]', 2, "byte 11 of it (0xe4) is not UTF-8"),
    ],
)
def test_that_a_bad_array_names_the_line(tmp_path: Path, text: str | bytes, line: int, said: str) -> None:
    refused = refusal(written(tmp_path, "a.json", text))
    assert refused.startswith(f"a.json, line {line}: ")
    assert said in refused


def test_that_parquet_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"prompt": ["a"] * 2000, "completion": ["b"] * 1999 + [None]}), path)
    assert refusal(path).startswith('a.parquet, row 2000: "completion" is empty')
    pq.write_table(pa.table({"prompt": [1], "completion": ["b"]}), path)
    assert problems(path) == []
    pq.write_table(pa.table({"prompt": [b"a"], "completion": ["b"]}), path)
    assert '"prompt" has to be text, and is a value of type bytes' in refusal(path)
    pq.write_table(pa.table({"input": [1]}), path)
    assert "It has: input (1)" in refusal(path)
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), path)
    assert "is empty: it has no rows" in refusal(path)
    bad = pa.Array.from_buffers(pa.string(), 2, pa.array([b"ok", b"\xff\xfe"]).buffers())
    pq.write_table(pa.table({"text": bad}), path)
    assert refusal(path).startswith("a.parquet, row 2: it cannot be read")


def test_that_broken_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [f"{n}" * 100 for n in range(3000)]}), path)
    whole = path.read_bytes()
    damaged = (b"", b"PAR1", b"text", whole[: len(whole) // 2], whole[:2000] + bytes(3000) + whole[5000:])
    for data in damaged:
        assert "is not a Parquet file that can be read" in refusal(written(tmp_path, "a.parquet", data))


@pytest.mark.parametrize("is_nested", [False, True])
def test_that_a_parquet_bomb_is_refused_before_it_is_decoded(tmp_path: Path, is_nested: bool) -> None:
    resource = pytest.importorskip("resource")
    once = pa.array(["a" * 1_000_000])
    many = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), once)
    if is_nested:
        roles = pa.array(["assistant"] * 3000)
        many = pa.ListArray.from_arrays(
            pa.array([0, 3000], pa.int32()), pa.StructArray.from_arrays([roles, many], ["role", "content"])
        )
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"messages" if is_nested else "text": many}), path, compression="zstd")
    assert path.stat().st_size < 2000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "becomes more than 1,000 times its size" in refusal(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


def test_that_a_billion_empty_rows_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 1_000_000, pa.int8()), pa.array(["a"]))
    pq.write_table(pa.table({"text": text}), path)
    assert path.stat().st_size < 100_000
    monkeypatch.setattr(stored, "UNFOLDED_FREE_BYTES", 10_000_000)
    assert "becomes more than 1,000 times its size" in refusal(path)


def test_that_a_line_of_33_megabytes_is_passed_over_and_the_next_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", GOOD + '{"prompt": "' + "x" * 33_000_000 + '"}\n{"prompt": "a"}\n')
    assert refusal(path).startswith("a.jsonl, line 2: it is longer than 32 MB.")
    assert [problem.line for problem in problems(path)] == [2, 3]


def test_that_reading_goes_on_after_each_problem(tmp_path: Path) -> None:
    bad = '{"prompt": "a", "completion": ""}\n'
    path = written(tmp_path, "a.jsonl", GOOD + bad * 30)
    found = problems(path)
    assert [problem.line for problem in found] == list(range(2, 32))
    assert found[0] == RowProblem(
        2, '"completion" is empty.', "Fill it in, or leave the row out.", "empty", "a.jsonl", 0, "completion"
    )


def test_that_no_message_holds_a_whole_line(tmp_path: Path) -> None:
    long = "x" * 100_000
    for row in (
        {long: 1},
        {"prompt": "a", "completion": [long], long: 1},
        {"messages": long},
        {"messages": [{"role": long, "content": "a"}]},
        {"prompt": "a", "completion": "\ud800", long: "b"},
    ):
        assert len(refusal(written(tmp_path, "a.jsonl", json.dumps(row)))) < 400


def test_that_a_message_holds_nothing_a_terminal_obeys(tmp_path: Path) -> None:
    assert "\x1b" not in refusal(written(tmp_path, "a.jsonl", '{"\\u001b[31m": 1}'))
