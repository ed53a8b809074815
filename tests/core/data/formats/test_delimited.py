"""CSV and its kin, whatever wrote them: delimiter, quoting and encoding are found, and what is broken costs a line."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.data.given import source_of, values_of, wrongs_of

ROWS = [{"question": "Why?", "answer": "So, it is; or not."}, {"question": "Où ?", "answer": "Là-bas"}]


def written(rows: list[dict[str, str]], delimiter: str = ",", line_end: str = "\r\n") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_that_delimiter_and_encoding_are_found(tmp_path: Path, delimiter: str, codec: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(written(ROWS, delimiter).encode(codec))
    assert values_of(path) == ROWS


@pytest.mark.parametrize(
    ("codec", "text"),
    [
        ("cp1251", "Как называется столица Норвегии и сколько в ней живёт людей?"),
        ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy v zešeřelém městě."),
        ("cp1253", "Ποια είναι η πρωτεύουσα της Νορβηγίας και πόσοι ζουν εκεί;"),
        ("cp932", "ノルウェーの首都はどこですか。人口はどのくらいですか。"),
    ],
)
def test_that_other_code_pages_are_found(tmp_path: Path, codec: str, text: str) -> None:
    path = tmp_path / "a.csv"
    rows = [{"question": text, "answer": text[::-1]}] * 5
    path.write_bytes(written(rows, ";").encode(codec))
    source = source_of(path)
    assert [value for _, value in source.values()] == rows
    assert any("The text is" in note for note in source.notes)


TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r\ufeff"), max_size=12)
CELLS = st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=CELLS,
    delimiter=st.sampled_from(",;\t|"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_that_every_cell_comes_back(
    tmp_path: Path, cells: list[tuple[str, str]], delimiter: str, codec: str, line_end: str
) -> None:
    rows = [{"the question": "Why is it?", "the answer": "So."}] * 4
    rows += [{"the question": f"a{first}b", "the answer": f"c{second}d"} for first, second in cells]
    path = tmp_path / "a.csv"
    path.write_bytes(written(rows, delimiter, line_end).encode(codec))
    assert values_of(path) == rows


def test_that_a_space_behind_the_delimiter_is_no_part_of_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('prompt, completion\nHow many?, Three\n"a, b", "c"\n')
    assert values_of(path) == [
        {"prompt": "How many?", "completion": "Three"},
        {"prompt": "a, b", "completion": "c"},
    ]


def test_that_single_quotes_and_backslashes_are_found(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("prompt,completion\n'a, b','c'\n'd','e, f'\n")
    assert values_of(path)[1] == {"prompt": "d", "completion": "e, f"}
    path.write_text('prompt,completion\n"say \\"yes\\", now","c"\n"say \\"no\\"","d"\n')
    assert values_of(path)[0] == {"prompt": 'say "yes", now', "completion": "c"}
    path.write_text('prompt\tcompletion\n"a" it said\tb\n"c\td\n')
    assert values_of(path)[1] == {"prompt": '"c', "completion": "d"}


def test_that_an_open_quote_costs_its_line_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('prompt,completion\na,b\n"c,d\n' + "e,f\n" * 3)
    assert [line for line, _ in wrongs_of(path)] == [3]
    assert values_of(path)[2:] == [{"prompt": "e", "completion": "f"}] * 3
    path.write_text('prompt,completion\n"a"b,c\nd,e\n')
    assert values_of(path)[1:] == [{"prompt": "d", "completion": "e"}]


def test_that_joined_files_lose_their_second_mark_and_header(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    one = "\ufeffprompt,completion\r\na,b\r\n".encode()
    path.write_bytes(one + one)
    source = source_of(path)
    assert [value for _, value in source.values()] == [{"prompt": "a", "completion": "b"}] * 2
    assert any("header stands 1 time more" in note for note in source.notes)


def test_that_columns_get_names_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("prompt,completion,prompt,,last,\na,b,c,d,e,\n")
    assert source_of(path).columns() == ("prompt", "completion", "prompt (3)", "column 4", "last", "column 6")


def test_that_lines_may_end_as_they_did_on_old_machines(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"prompt,completion\ra,b\rc,d\r")
    assert values_of(path) == [{"prompt": "a", "completion": "b"}, {"prompt": "c", "completion": "d"}]


def test_that_a_hundred_thousand_columns_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for header in (",".join(f"c{number}" for number in range(100_000)), "," * 99_999):
        path.write_text(header + "\n1\n")
        assert values_of(path) == ["it has 100,000 columns, and at most 10,000 are read."]


def test_that_zeros_in_place_of_text_are_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    for data in (bytes(100_000), b"prompt,compl\0etion\na,b\n"):
        path.write_bytes(data)
        assert values_of(path) == ["the header has a NUL character: it is not a text, or the disk was not written to."]
