"""Spreadsheets: cells as they are shown, the header found, and nothing unfolded that is larger than a sheet."""

import datetime
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.core.data.given import source_of, values_of
from workbench.core.data.wrong import CellError
from workbench.core.problems import UserError


def saved(path: Path, *rows: list[Any], **formats: str) -> openpyxl.Workbook:
    """A workbook of one sheet; formats are number formats by cell, such as C2="0%"."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for cell, number_format in formats.items():
        book.active[cell].number_format = number_format
    book.save(path)
    return book


def test_that_cells_are_as_the_sheet_shows_them(tmp_path: Path) -> None:
    day = datetime.datetime(2024, 1, 5, 13, 7)
    path = tmp_path / "a.xlsx"
    saved(
        path,
        ["share", "price", "day", "time", "plain", "yes", "whole"],
        [0.256, 1234.5, day, day, 0.1, True, 3.0],
        A2="0.0%", B2='#,##0.00 "€"', C2="dd.mm.yyyy", D2="h:mm AM/PM",
    )  # fmt: skip
    assert values_of(path) == [
        {
            "share": "25.6%", "price": "1,234.50 €", "day": "05.01.2024", "time": "1:07 PM", "plain": 0.1, "yes": True,
            "whole": 3,
        }
    ]  # fmt: skip


def test_that_the_header_is_found_and_rows_have_the_sheets_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    saved(path, ["My questions"], [], ["Question", "Answer"], ["Why?", "So."], [], ["How?", None])
    source = source_of(path)
    found = list(source.values())
    assert [(place.line, value) for place, value in found] == [
        (4, {"Question": "Why?", "Answer": "So."}),
        (6, {"Question": "How?", "Answer": None}),
    ]
    assert source.unit == "row"
    assert any("named in row 3" in note for note in source.notes)


def test_that_errors_hidden_rows_merged_cells_and_formulas_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = saved(path, ["Question", "Answer"], ["a", "#REF!"], ["b", "=1+1"], ["c", "d"], [None, "e"])
    sheet = book.active
    sheet["B2"].data_type = "e"
    sheet.row_dimensions[4].hidden = True
    sheet.merge_cells("A4:A5")
    book.save(path)
    source = source_of(path)
    values = [value for _, value in source.values()]
    assert values[0]["Answer"] == CellError("#REF!", "B2")
    assert values[2:] == [{"Question": "c", "Answer": "d"}, {"Question": None, "Answer": "e"}]
    told = " ".join(source.notes)
    for words in ("#REF! in B2", "1 hidden row, read", "1 merged cell: the value", "1 formula without a value"):
        assert words in told


def test_that_a_sheet_is_chosen_by_its_name_and_else_the_first_with_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = saved(path)
    book.create_sheet("Second").append(["text"])
    book["Second"].append(["two"])
    book.create_sheet("Third").append(["text"])
    book["Third"].append(["three"])
    book.save(path)
    assert source_of(path).sheets == ("Sheet", "Second", "Third")
    assert values_of(path) == [{"text": "two"}]
    assert values_of(path, sheet="Third") == [{"text": "three"}]
    with pytest.raises(UserError, match='The nearest one is "Third"'):
        values_of(path, sheet="Thrid")


@pytest.mark.parametrize("suffix", [".xlsx", ".ods"])
def test_that_what_is_protected_or_old_or_broken_says_so(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
    path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UserError, match="protected by a password"):
        values_of(path)
    path.write_bytes(ole)
    with pytest.raises(UserError, match="of before 2007"):
        values_of(path)
    path.write_bytes(b"PK\3\4 and no more")
    with pytest.raises(UserError, match="that can be read"):
        values_of(path)


def changed(path: Path, member: str, text: str) -> None:
    """Puts another text in place of a member of the archive."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members[member] = text.encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


ENTITIES = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;">]>'
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)


def test_that_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    saved(path, ["text"], ["a"])
    row = '<row r="1"><c r="A1" t="inlineStr"><is><t>&c;</t></is></c></row>'
    changed(path, "xl/worksheets/sheet1.xml", ENTITIES + SHEET % row)
    with pytest.raises(UserError, match="it defines entities"):
        values_of(path)


def test_that_a_sheet_that_unfolds_to_more_than_a_sheet_can_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    saved(path, ["text"], ["a"])
    changed(path, "xl/worksheets/sheet1.xml", SHEET % (" " * 110_000_000))
    assert path.stat().st_size < 200_000
    with pytest.raises(UserError, match=r"holds 110 MB of .* No sheet is folded that small"):
        values_of(path)


def test_that_a_row_beyond_the_last_ends_the_sheet(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    saved(path, ["text"], ["a"])
    cell = '<c r="A%d" t="inlineStr"><is><t>b</t></is></c>'
    rows = "".join(f'<row r="{line}">{cell % line}</row>' for line in (1, 2, 99_999_999))
    changed(path, "xl/worksheets/sheet1.xml", SHEET % rows)
    assert values_of(path)[0] == {"b": "b"}
    assert values_of(path)[-1] == "a sheet has 1,048,576 rows."


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"
CONTENT = (
    f'<office:document-content xmlns:office="{OFFICE}office:1.0" xmlns:table="{OFFICE}table:1.0" '
    f'xmlns:text="{OFFICE}text:1.0"><office:body><office:spreadsheet><table:table table:name="One">%s</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def open_sheet(path: Path, rows: str, before: str = "") -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{OFFICE}manifest:1.0"/>')
        archive.writestr("content.xml", before + CONTENT % rows)


def cells(*texts: str, repeated: int = 1, hidden: bool = False) -> str:
    inner = "".join(
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
        for text in texts
    )
    said = ' table:visibility="collapse"' if hidden else ""
    return f"<table:table-row{said}>{inner}</table:table-row>"


def test_that_an_open_document_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    open_sheet(path, cells("Question", "Answer") + cells("Why?", "So.") + cells("How?", "Thus.", hidden=True))
    source = source_of(path)
    assert [(place.line, value) for place, value in source.values()] == [
        (2, {"Question": "Why?", "Answer": "So."}),
        (3, {"Question": "How?", "Answer": "Thus."}),
    ]
    assert source.notes == ["1 hidden row, read as the others are."]


def test_that_an_open_document_of_a_billion_cells_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    open_sheet(path, cells("a", repeated=1_000_000_000))
    with pytest.raises(UserError, match="holds more than 20,000,000 cells"):
        values_of(path)
    far = '<table:table-row><table:table-cell table:number-columns-repeated="1000000000"/>' + cells("y")[17:]
    for rows in (cells("b") + far, f'<table:table-row x="{"a" * 20_000_000}"/>'):
        open_sheet(path, rows)
        with pytest.raises(UserError, match=r"a row of more cells|a text or tag of more than 8 MB"):
            values_of(path)
    open_sheet(path, cells("&c;"), before=ENTITIES)
    with pytest.raises(UserError, match="it defines entities"):
        values_of(path)


def typed(kind: str, value: str, text: str) -> str:
    return f'<table:table-cell office:value-type="{kind}" {value}><text:p>{text}</text:p></table:table-cell>'


def test_that_cells_of_an_open_document_are_as_the_sheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    row = (
        typed("percentage", 'office:value="0.256"', "25.6%")
        + typed("currency", 'office:value="1234.5" office:currency="EUR"', "1.234,50 €")
        + typed("date", 'office:date-value="2024-01-05"', "05.01.24")
        + typed("date", 'office:date-value="2024-01-05T13:07:00"', "05.01.24 13:07")
        + typed("time", 'office:time-value="PT13H07M00S"', "13:07")
        + typed("boolean", 'office:boolean-value="true"', "WAHR")
        + typed("float", 'office:value="1234567"', "1234567")
        + typed("float", 'office:value="0.1"', "0,10")
        + typed("string", 'office:string-value=""', "#DIV/0!")
        + typed(
            "string", "", 'two</text:p><text:p>lines<text:s text:c="3"/>x<text:line-break/><text:span>y</text:span>'
        )
    )
    empty = '<table:table-row table:number-rows-repeated="5"><table:table-cell/></table:table-row>'
    open_sheet(path, empty + cells(*"abcdefghij") + f"<table:table-row>{row}</table:table-row>" + empty)
    assert [(place.line, value) for place, value in source_of(path).values()] == [
        (7, {"a": "25.6%", "b": "1.234,50 €", "c": "2024-01-05", "d": "2024-01-05 13:07:00", "e": "13:07", "f": True,
             "g": 1234567, "h": "0,10", "i": "#DIV/0!", "j": "two\nlines   x\ny"}),
    ]  # fmt: skip


def test_that_a_cell_may_stand_for_many_and_rows_for_many_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    many = cells("x", repeated=2).replace("<table:table-row>", '<table:table-row table:number-rows-repeated="3">')
    gap = '<table:table-row><table:table-cell table:number-columns-repeated="1"/>' + cells("y")[17:]
    open_sheet(path, cells("a", "b") + many + gap)
    assert values_of(path) == [{"a": "x", "b": "x"}] * 3 + [{"a": None, "b": "y"}]


def test_that_an_open_document_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ods"
    open_sheet(path, cells("a"))
    changed(path, "META-INF/manifest.xml", "<manifest:encryption-data/>")
    with pytest.raises(UserError, match="is protected by a password"):
        values_of(path)
