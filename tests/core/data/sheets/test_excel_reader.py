"""Excel workbooks read piece by piece: shared texts as rows ask for them, and no part that takes all memory."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.strings import read_string_table

from tests.core.data.given import source_of, values_of
from workbench.core.data.sheets import excel_reader
from workbench.core.data.sheets.excel_reader import SharedTexts, open_workbook
from workbench.core.problems import UserError

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
STRINGS = f"""<sst {MAIN}><si><t>question</t></si><si><t xml:space="preserve"> answer ä</t></si><si/>
<si><r><t>one </t></r>
<r><rPr><b/></rPr><t>bold</t></r><rPh sb="0" eb="1"><t>never said</t></rPh></si><si><t>_x005F_x</t></si></sst>"""


def workbook(path: Path, *, sheet: str, strings: str) -> Path:
    """A workbook of one sheet whose texts are shared."""
    openpyxl.Workbook().save(path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    entry = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace("</Types>", entry)
    members["xl/sharedStrings.xml"] = strings
    members["xl/worksheets/sheet1.xml"] = f"<worksheet {MAIN}><sheetData>{sheet}</sheetData></worksheet>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def row(line: int, *numbers: int) -> str:
    cells = "".join(f'<c r="{column}{line}" t="s"><v>{n}</v></c>' for column, n in zip("ABCDE", numbers, strict=False))
    return f'<row r="{line}">{cells}</row>'


def test_that_shared_texts_are_those_that_openpyxl_reads(tmp_path: Path) -> None:
    expected = read_string_table(io.BytesIO(STRINGS.encode()))
    path = workbook(tmp_path / "a.xlsx", sheet=row(1, 0, 1, 2, 3, 4), strings=STRINGS)
    with path.open("rb") as file:
        book = open_workbook(file)
        assert [cell.value or "" for cell in next(book.worksheets[0].iter_rows())] == expected
    path = workbook(tmp_path / "a.xlsx", sheet=row(1, 0, 1) + row(2, 3, 4) + row(3, 0, 99), strings=STRINGS)
    with pytest.raises(UserError, match="a cell names a text that is not there"):
        values_of(path)


@pytest.mark.parametrize("held", [0, 3000, 10**9])
def test_that_no_more_texts_are_read_than_asked_for_wherever_they_are_kept(
    monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(excel_reader, "HELD_CHARACTERS", held)
    monkeypatch.setattr(excel_reader, "READ_AT_ONCE", 100)
    read = 0

    def texts() -> Iterator[str]:
        nonlocal read
        for number in range(1000):
            read += 1
            yield f"ä{number}"

    shared = SharedTexts(texts())
    assert [shared[index] for index in (0, 5, 99)] == ["ä0", "ä5", "ä99"]
    assert read == 100
    for index in [*range(0, 1000, 7), *range(999, 0, -11)]:
        assert shared[index] == f"ä{index}"
    with pytest.raises(IndexError):
        shared[1000]


HOSTILE = {
    "a row of more cells": row(1, 0, 1) + '<row r="2">' + "<c/>" * 1_000_000 + "</row>",
    "a text or tag of more than 8 MB": row(1, 0, 1) + f'<row r="2" x="{"a" * 20_000_000}"></row>',
}


@pytest.mark.parametrize("said", HOSTILE)
def test_that_a_part_that_no_program_writes_is_refused_before_it_is_held(tmp_path: Path, said: str) -> None:
    with pytest.raises(UserError, match=f"The reader says: it has {said}"):
        values_of(workbook(tmp_path / "a.xlsx", sheet=HOSTILE[said], strings=STRINGS))


def test_that_a_sheet_of_charts_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["text"])
    book.active.append(["a"])
    assert isinstance(book.create_chartsheet("Chart"), Chartsheet)
    book.save(path)
    assert source_of(path).sheets == ("Sheet",)
    assert values_of(path) == [{"text": "a"}]


def test_that_the_first_rows_of_a_sheet_that_says_no_size_are_there_before_its_last(tmp_path: Path) -> None:
    rows = "".join(row(line, 0, 1) for line in range(1, 1200)) + "<row><this is broken"
    source = source_of(workbook(tmp_path / "a.xlsx", sheet=rows, strings=STRINGS))
    values = source.values()
    assert [next(values)[0].line for _ in range(3)] == [2, 3, 4]
