"""Where rows come from: one file, several, a folder; and what keeps them within bounds."""

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.core.data.given import source_of, values_of, wrongs_of
from workbench.core.data import files, stored, text_lines
from workbench.core.data.formats import parquet
from workbench.core.problems import UserError

ROWS = [{"text": "a"}, {"text": "ä"}]
JSONL = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


@pytest.mark.parametrize(
    ("name", "data", "rows"),
    [
        ("bom-crlf-newlines.csv", '\ufeffprompt,completion\r\n"Two\r\nlines?","Yes, ""two"""\r\n',
         [{"prompt": "Two\r\nlines?", "completion": 'Yes, "two"'}]),
        ("bom-crlf.jsonl", '\ufeff{"text":"a"}\r\n\r\n{"text":"ä"}\r\n', ROWS),
        ("semicolon.csv", "prompt;completion\nHow many?;Three\n", [{"prompt": "How many?", "completion": "Three"}]),
        ("tab.csv", "prompt\tcompletion\nHow many?\tThree\n", [{"prompt": "How many?", "completion": "Three"}]),
        ("tab.tsv", "prompt\tcompletion\nHow many?\tThree\n", [{"prompt": "How many?", "completion": "Three"}]),
        ("latin.csv", "prompt,completion\nOù?,Là-bas\n".encode("cp1252"), [{"prompt": "Où?", "completion": "Là-bas"}]),
        ("space.csv", "prompt, completion\nHow many?, Three\n", [{"prompt": "How many?", "completion": "Three"}]),
        ("joined.jsonl", '{"text":"a"}\n\ufeff{"text":"ä"}\n', ROWS),
        ("integer.jsonl", '{"prompt":"Is it?","completion":1}\n', [{"prompt": "Is it?", "completion": 1}]),
        ("null.jsonl", '{"prompt":"Is it?","completion":null}\n', [{"prompt": "Is it?", "completion": None}]),
        ("pretty.json", json.dumps({"prompt": "a", "completion": "b"}, indent=1), [{"prompt": "a", "completion": "b"}]),
        ("several.json", "".join(json.dumps(row, indent=1) + "\n" for row in ROWS), ROWS),
        ("wrapped.json", json.dumps({"data": ROWS}), ROWS),
        ("wrapped.json", json.dumps({"version": 1, "data": ROWS}, indent=2), ROWS),
        ("conversation.json", json.dumps({"messages": [{"role": "user", "content": "a"}]}),
         [{"messages": [{"role": "user", "content": "a"}]}]),
        ("wide.jsonl", JSONL.decode().encode("utf-16"), ROWS),
        ("rows.jsonl.gz", gzip.compress(JSONL, mtime=0), ROWS),
        ("rows.csv.zst", zstandard.compress("text\na\nä\n".encode()), ROWS),
        ("book.txt", "a\n\n \nä", ROWS),
        ("book.md", "a\r\n\r\nä\r\n", ROWS),
    ],
)  # fmt: skip
def test_that_what_people_have_is_read(tmp_path: Path, name: str, data: bytes | str, rows: list[Any]) -> None:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    assert values_of(path) == rows


@pytest.mark.parametrize("name", ["a.parquet", "a.parquet.gz", "a.arrow", "a.stream.arrow", "a.feather", "a.arrow.zst"])
def test_that_tables_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    table = pa.table({"text": ["a", "ä", None], "n": [1, None, 3]})
    plain = tmp_path / "plain"
    if "parquet" in name:
        pq.write_table(table, plain, row_group_size=2)
    elif name == "a.feather":
        feather.write_feather(table, str(plain), compression="zstd")
    else:
        make = pa.ipc.new_stream if "stream" in name else pa.ipc.new_file
        with pa.OSFile(str(plain), "wb") as file, make(file, table.schema) as writer:
            writer.write_table(table)
    data = plain.read_bytes()
    packed = {".gz": gzip.compress, ".zst": zstandard.compress}.get(path.suffix, bytes)
    path.write_bytes(packed(data))
    assert values_of(path) == [{"text": "a", "n": 1}, {"text": "ä", "n": None}, {"text": None, "n": 3}]
    source = source_of(path)
    assert (source.columns(), source.unit) == (("text", "n"), "row")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
def test_that_columns_of_one_name_are_told_apart(tmp_path: Path, name: str) -> None:
    table = pa.table([["a"], ["b"], ["c"]], names=["text", "text", "other"])
    path = tmp_path / name
    if name == "a.parquet":
        pq.write_table(table, path)
    else:
        with pa.ipc.new_file(str(path), table.schema) as writer:
            writer.write_table(table)
    assert values_of(path) == [{"text": "a", "text (2)": "b", "other": "c"}]
    source = source_of(path)
    assert source.columns() == ("text", "text (2)", "other")
    list(source.values(["text (2)"]))
    assert "more than once" in source.notes[0]


def test_that_a_table_of_nothing_a_billion_times_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pa.ipc.new_file(str(tmp_path / "a.arrow"), pa.schema([("text", pa.null())])) as writer:
        for _ in range(3):
            writer.write_batch(pa.record_batch([pa.nulls(10**9)], names=["text"]))
    found = wrongs_of(tmp_path / "a.arrow")
    assert "more than 1,000 times its size" in found[-1][1].text
    monkeypatch.setattr(parquet, "FREE_VALUES", 1_000_000)
    values = pa.concat_arrays([pa.array([0] * 1000)] * 10_000)
    lists = pa.ListArray.from_arrays(pa.array([0, len(values)], pa.int32()), values)
    pq.write_table(pa.table({"text": lists}), tmp_path / "a.parquet")
    with pytest.raises(UserError, match='holds 80 MB of "text'):
        values_of(tmp_path / "a.parquet")


def test_that_a_folder_is_read_in_order_and_what_is_passed_over_is_counted(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "b.jsonl").write_text('{"text": "second"}\n')
    (tmp_path / "a.csv").write_text("text\nfirst\n")
    (tmp_path / "in" / "c.txt").write_text("third")
    (tmp_path / ".hidden.jsonl").write_text("{}")
    (tmp_path / "picture.png").touch()
    source = source_of(tmp_path)
    assert [value["text"] for _, value in source.values()] == ["first", "second", "third"]
    assert source.name == "a.csv and 2 more"
    assert source.notes[0] == f"Passed over in {tmp_path.name}: 1 file of other kinds."
    places = [place for place, _ in source.values()]
    assert [source.place_in_words(place) for place in places] == ["a.csv, line 2", "b.jsonl, line 1", "c.txt, line 1"]
    more = tmp_path / "more.jsonl"
    more.write_text('{"text": "more"}\n')
    assert values_of(tmp_path / "a.csv", also=(str(more),)) == [{"text": "first"}, {"text": "more"}]


def test_that_a_text_can_be_one_row(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n\ntwo\n")
    assert values_of(tmp_path, text_rows="files") == [{"text": "one\n\ntwo"}]


def test_that_a_broken_file_among_several_costs_itself_alone(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    (tmp_path / "b.jsonl").write_text('[{"text": 1}, {"te')
    (tmp_path / "c.jsonl").write_text('{"text": "c"}\n')
    found = values_of(tmp_path)
    assert "a.parquet is not a Parquet file" in found[0]
    assert found[1] == {"text": 1}
    assert "the file ends in the middle of it" in found[2]
    assert found[3] == {"text": "c"}


def test_that_broken_lines_are_named_with_their_column_and_cost_themselves(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'{"text": "a"}\n{"text": "b",}\n[1]\n"c"\n{"text": "\xff"}\n'
        + b"[" * 10_000
        + b'\n{"text": "d"}\n'
        + '{"text": "ää"}\n'.encode()
    )
    assert [(line, wrong.kind, wrong.column) for line, wrong in wrongs_of(path)] == [
        (2, "broken", 14),
        (3, "not a row", 0),
        (4, "not a row", 0),
        (5, "broken", 11),
        (6, "broken", 0),
    ]
    assert values_of(path)[-2:] == [{"text": "d"}, {"text": "ää"}]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_that_a_row_of_ten_million_objects_is_a_sentence_before_it_takes_gigabytes(tmp_path: Path, name: str) -> None:
    bad, good = '{"text": [' + "{}," * 10_000_000 + "1]}", '{"text": "a"}'
    (tmp_path / name).write_text(f"{good}\n{bad}\n{good}\n" if name == "a.jsonl" else f"[{good},\n{bad}]")
    found = values_of(tmp_path / name)
    assert found[:2] == [{"text": "a"}, "it holds more than 2,000,000 lists and objects."]
    assert found[2:] == ([{"text": "a"}] if name == "a.jsonl" else [])


def test_that_a_row_of_a_hundred_thousand_columns_is_a_sentence(tmp_path: Path) -> None:
    wide = {f"c{number}": 1 for number in range(100_000)}
    (tmp_path / "a.jsonl").write_text(json.dumps(wide) + '\n{"text": "b"}\n')
    assert values_of(tmp_path / "a.jsonl") == [
        "it has 100,000 columns, and at most 10,000 are read.",
        {"text": "b"},
    ]
    pq.write_table(pa.table({f"c{number}": [1] for number in range(10_001)}), tmp_path / "a.parquet")
    with pytest.raises(UserError, match="has 10,001 columns"):
        values_of(tmp_path / "a.parquet")


@pytest.mark.parametrize("text", [b"\n", b"{}\n", b"x"])
def test_that_what_unfolds_without_end_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: bytes) -> None:
    monkeypatch.setattr(stored, "UNFOLDED_FREE_BYTES", 1_000_000)
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(zstandard.compress(text * (40_000_000 // len(text)), 19))
    last = wrongs_of(path)[-1][1]
    assert last.is_last
    assert "more than 1,000 times its size" in last.text


@pytest.mark.parametrize("codec", ["cp1252", "cp1251", "cp932"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_that_json_in_a_code_page_is_read_and_told(tmp_path: Path, name: str, codec: str) -> None:
    text = {"cp1252": "Où est la gare ?", "cp1251": "Где вокзал?", "cp932": "駅はどこですか。"}[codec]
    rows = [{"prompt": text, "completion": "yes"}] * 2
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    path = tmp_path / name
    path.write_text("\n".join(lines) if name == "a.jsonl" else f"[{','.join(lines)}]", encoding=codec)
    assert values_of(path) == rows
    source = source_of(path)
    list(source.values())
    assert source.notes == [f"The text is {codec.upper().replace('CP125', 'Windows-125')}."]


def test_that_text_that_is_cut_within_a_character_of_utf_8_is_in_no_code_page(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "a"}\n{"text": "ä'.encode()[:-1])
    assert values_of(path) == [{"text": "a"}, "byte 11 of it (0xc3) is not UTF-8."]


def test_that_a_zstandard_file_that_is_cut_anywhere_says_so(tmp_path: Path) -> None:
    """Its own reader takes a cut between two blocks for the end."""
    lines = b"".join(b'{"text": "%s"}\n' % os.urandom(500).hex().encode() for _ in range(400))
    skipped = b"\x50\x2a\x4d\x18" + (3).to_bytes(4, "little") + b"abc"
    whole = skipped + zstandard.ZstdCompressor(write_checksum=True).compress(lines) + zstandard.compress(b"{}\n" * 99)
    path = tmp_path / "a.jsonl.zst"
    path.write_bytes(whole)
    assert not wrongs_of(path)
    ends = {len(skipped), len(skipped) + len(zstandard.ZstdCompressor(write_checksum=True).compress(lines))}
    for end in [*range(1, 40), *range(1000, len(whole), 9973), *range(len(whole) - 9, len(whole)), *ends]:
        path.write_bytes(whole[:end])
        assert bool(wrongs_of(path)) == (end not in ends), end


def test_that_a_damaged_table_never_ends_the_process(tmp_path: Path) -> None:
    """Arrow reads what a file says of itself, and would look for a text in memory that is not its own."""
    text = pa.array(["a" * 10, "ä"])
    _, offsets, data = text.buffers()
    far = pa.py_buffer(offsets.to_pybytes()[:4] + (10**9).to_bytes(4, "little") + offsets.to_pybytes()[8:])
    path = tmp_path / "a.arrow"
    for column in (pa.Array.from_buffers(pa.string(), 2, [None, far, data]), text):
        with pa.ipc.new_file(str(path), pa.schema([("text", pa.string())])) as writer:
            writer.write_batch(pa.record_batch([column], names=["text"]))
        if column is not text:
            with pytest.raises(UserError, match="not an Arrow file that can be read"):
                values_of(path)
    path.write_bytes(path.read_bytes().replace("ä".encode(), b"\xffb"))
    found = values_of(path)
    assert (found[0], found[1][:17]) == ({"text": "a" * 10}, "it cannot be read")
    pq.write_table(pa.table({"texts": [["a"]]}), tmp_path / "a.parquet")
    broken = (tmp_path / "a.parquet").read_bytes().replace(b"texts", b"te\xff\xfes")
    (tmp_path / "a.parquet").write_bytes(broken)
    with pytest.raises(UserError, match="not a Parquet file that can be read"):
        values_of(tmp_path / "a.parquet")


@pytest.mark.parametrize("packing", ["gz", "zst"])
def test_that_what_is_cut_while_it_is_packed_says_so(tmp_path: Path, packing: str) -> None:
    data = os.urandom(300_000).hex().encode()
    lines = b"".join(b'{"text": "%s"}\n' % data[start : start + 1000] for start in range(0, 600_000, 1000))
    packed = gzip.compress(lines) if packing == "gz" else zstandard.compress(lines)
    path = tmp_path / f"a.jsonl.{packing}"
    path.write_bytes(packed[: len(packed) // 2])
    found = values_of(path)
    assert isinstance(found[0], dict)
    assert isinstance(found[-1], str)


def test_that_a_folded_table_is_refused_before_it_is_unfolded(tmp_path: Path) -> None:
    table = pa.table({"text": ["a" * 1_000_000] * 80})
    feather.write_feather(table, str(tmp_path / "a.feather"), compression="zstd", compression_level=19)
    with pytest.raises(UserError, match="holds 80 MB in"):
        values_of(tmp_path / "a.feather")
    pq.write_table(table, tmp_path / "a.parquet", compression="zstd", use_dictionary=False, compression_level=19)
    with pytest.raises(UserError, match='holds 80 MB of "text" in'):
        values_of(tmp_path / "a.parquet")


def test_that_a_line_without_end_is_passed_over_only_so_far(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_lines, "LONGEST_LINE_BYTES", 1_000_000)
    monkeypatch.setattr(text_lines, "LONGEST_PASSED_BYTES", 5_000_000)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "a"}\n' + b"x" * 3_000_000 + b'\n{"text": "b"}\n' + b"x" * 9_000_000 + b"\n{}\n")
    found = values_of(path)
    assert found[0::2] == [{"text": "a"}, {"text": "b"}]
    assert found[1] == "it is longer than 1 MB."
    assert "and what follows is not read" in found[3]
    assert len(found) == 4


def test_that_a_file_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(JSONL)
    source = source_of(path)
    stamp = source.stamp()
    rows = source.values()
    assert next(rows)[1] == ROWS[0]
    with path.open("ab") as file:
        file.write(JSONL)
    last = list(rows)[-1]
    assert (last[0].line, last[1].text) == (0, "the file changed while it was read.")
    assert source.stamp() != stamp


CHANGED = "the file changed while it was read."


@pytest.mark.parametrize("how", ["grown", "cut", "replaced", "touched"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json", "a.jsonl.gz", "a.parquet", "a.arrow", "a.txt"])
@pytest.mark.skipif(os.name == "nt", reason="no file that is being read is written to there")
def test_that_any_change_while_it_is_read_is_told_in_any_format(tmp_path: Path, name: str, how: str) -> None:
    path = tmp_path / name
    texts = [os.urandom(2000).hex() for _ in range(1000)]
    table = pa.table({"text": texts})
    lines = [json.dumps({"text": text}) for text in texts]
    match name.split(".", 1)[1]:
        case "parquet":
            pq.write_table(table, path, row_group_size=100)
        case "arrow":
            feather.write_feather(table, str(path), chunksize=100)
        case "csv" | "txt":
            path.write_text("\n\n".join(["text", *texts]))
        case "json":
            path.write_text(f"[{','.join(lines)}]")
        case "jsonl":
            path.write_text("\n".join(lines))
        case _:
            path.write_bytes(gzip.compress("\n".join(lines).encode()))
    source = source_of(path)
    rows = source.values()
    assert isinstance(next(rows)[1], dict)
    match how:
        case "grown":
            with path.open("ab") as file:
                file.write(b"\n" * 10)
        case "cut":
            os.truncate(path, path.stat().st_size // 2)
        case "touched":
            os.utime(path, ns=(1, 1))
        case _:
            before = path.stat()
            other = tmp_path / "other"
            other.write_bytes(path.read_bytes())
            os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
            other.replace(path)
    last = list(rows)[-1]
    assert (last[0].line, last[1].text) == (0, CHANGED)


def test_that_names_of_any_characters_are_read_and_told_without_them(tmp_path: Path) -> None:
    names = [b"with space.jsonl", "ä 字.jsonl".encode(), b"two\nlines.jsonl", b"bad\xff\xfe.jsonl", b"\x1b[31m.jsonl"]
    for name in names:
        path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        try:
            path.write_bytes(JSONL)
        except OSError:  # not every file system takes any bytes
            continue
        assert values_of(path) == ROWS
        path.unlink()
        with pytest.raises(UserError) as error:
            source_of(path)
        assert error.value.what.isprintable()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such links and pipes there")
def test_that_links_pipes_and_devices_are_refused_and_in_a_folder_counted(tmp_path: Path) -> None:
    for name, target in (("loop.jsonl", "loop.jsonl"), ("gone.csv", "nowhere"), ("zero.txt", "/dev/zero")):
        (tmp_path / name).symlink_to(target)
    for name in ("a.json", "a.xlsx", "a.ods", "a.parquet", "a.arrow", "a.jsonl.gz", "a.csv.zst"):
        os.mkfifo(tmp_path / name)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "around.jsonl").symlink_to(tmp_path)
    for path in tmp_path.iterdir():
        with pytest.raises(UserError, match=r"leads nowhere|neither a file nor a folder|without a data file"):
            source_of(path)
    (tmp_path / "rows.jsonl").write_bytes(JSONL)
    source = source_of(tmp_path)
    assert [value for _, value in source.values()] == ROWS
    assert source.notes == [
        f"Passed over in {tmp_path.name}: 10 names of links that lead to no file, of pipes or of devices."
    ]


def test_that_too_many_files_are_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        (tmp_path / f"{number}.txt").write_text("a")
    monkeypatch.setattr(files, "MOST_FILES", 10)
    with pytest.raises(UserError, match="holds 12 data files, and at most 10 are read"):
        source_of(tmp_path)
    monkeypatch.setattr(files, "MOST_ENTRIES", 5)
    with pytest.raises(UserError, match="holds more than 5 files"):
        source_of(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_that_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jsonl")
    (tmp_path / "b.jsonl").write_bytes(JSONL)
    assert values_of(tmp_path) == ROWS


@pytest.mark.parametrize(("name", "remedy"), [("a.xls", "Save it as .xlsx"), ("a.xlsm", "macros"), ("a.zip", "Unpack")])
def test_that_other_kinds_say_what_to_save_as(tmp_path: Path, name: str, remedy: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(UserError) as error:
        source_of(tmp_path / name)
    assert remedy in error.value.remedy
