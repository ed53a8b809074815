"""Excel workbooks: the rows of one sheet, with cells as the sheet shows them and formulas by their last value."""

import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.sheets.cell_format import shown_value
from workbench.core.data.sheets.workbook import chosen_sheet, refuse_what_is_no_workbook, sheet_values
from workbench.core.data.stored import BUFFER_BYTES
from workbench.core.data.wrong import CellError
from workbench.core.problems import UserError, shown
from workbench.core.units import counted

LARGEST_WHOLE_BYTES = 50_000_000
LARGEST_STRINGS_BYTES = 2_000_000_000
OVERLAP_BYTES = 4096
_HIDDEN = re.compile(rb'<(?:\w+:)?row\b[^>]*\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="')
_UNSOLVED = re.compile(
    rb"<(?:\w+:)?c\b[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<v\s*/>|<v></v>)?\s*</(?:\w+:)?c>"
)


class WorkbookFile(RowFile):
    """Its first sheet that has rows, or the one the settings name."""

    def sheets(self) -> tuple[str, ...]:
        with self._opened() as (book, _):
            return tuple(sheet.title for sheet in book.worksheets)

    def columns(self) -> tuple[str, ...]:
        for _, _, value in self.values():
            return tuple(value) if isinstance(value, dict) else ()
        return ()

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        notes: list[str] = []
        with self._opened() as (book, archive):
            sheet = self._sheet(book, notes)
            if sheet is None:
                return
            errors: list[CellError] = []
            yield from sheet_values(_rows(sheet, errors), notes)
            if errors:
                named = ", ".join(f"{error.text} in {error.cell}" for error in errors[:3])
                more = f" and {len(errors) - 3:,} more" if len(errors) > 3 else ""
                notes.append(f"Cells show an error in place of a value: {named}{more}.")
            notes.extend(_told(archive, sheet.title))
        self.notes.extend(note for note in notes if note not in self.notes)

    def _sheet(self, book: Any, notes: list[str]) -> Any:
        """The sheet to read; None where none has rows."""
        sheets = list(book.worksheets)
        name = chosen_sheet([sheet.title for sheet in sheets], self.settings.sheet, self.stored.name)
        if name is not None:
            return next(sheet for sheet in sheets if sheet.title == name)
        visible = [sheet for sheet in sheets if sheet.sheet_state == "visible"] or sheets
        for sheet in visible:
            if any(cell.value is not None for _, row in zip(range(1000), sheet.iter_rows()) for cell in row):  # noqa: B905
                if len(sheets) > 1:
                    others = ", ".join(f'"{shown(other.title)}"' for other in sheets if other is not sheet)
                    notes.append(f'The sheet "{shown(sheet.title)}" is read; there is also {shown(others, 200)}.')
                return sheet
        return None

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, zipfile.ZipFile]]:
        from workbench.core.data.sheets.excel_reader import (
            WHOLE_MEMBERS,
        )  # 0.2 s that a start without a workbook need not wait

        with self.stored.open_seekable() as file:
            archive = refuse_what_is_no_workbook(file, self.stored.name)
            for member in archive.infolist():
                limit = LARGEST_WHOLE_BYTES if member.filename.endswith(WHOLE_MEMBERS) else LARGEST_STRINGS_BYTES
                if member.file_size > limit and not member.filename.startswith("xl/worksheets/"):
                    raise UserError(
                        f'{self.stored.name} has {member.file_size / 1e6:,.0f} MB in "{shown(member.filename)}".',
                        why=f"At most {limit / 1e6:,.0f} MB are read of it.",
                        remedy="Save the sheet as .csv.",
                    )
            book = _loaded(file, self.stored.name)
            try:
                yield book, archive
            except _errors() as error:
                raise _unreadable(self.stored.name, error) from None
            finally:
                book.close()


def _loaded(file: BinaryIO, name: str) -> Any:
    from workbench.core.data.sheets.excel_reader import open_workbook

    try:
        return open_workbook(file)
    except _errors() as error:
        raise _unreadable(name, error) from None


def _errors() -> tuple[type[Exception], ...]:
    """What openpyxl raises for a workbook that is damaged, or made to do harm."""
    import xml.etree.ElementTree as ElementTree
    import zlib

    from openpyxl.utils.exceptions import InvalidFileException

    return (
        InvalidFileException, ElementTree.ParseError, zipfile.BadZipFile, zlib.error, EOFError,
        KeyError, ValueError, TypeError, IndexError, AttributeError, NotImplementedError, OverflowError,
    )  # fmt: skip


def _unreadable(name: str, error: Exception) -> UserError:
    causes = (error, error.__cause__, error.__context__)
    if any(type(cause).__module__.startswith("defusedxml") for cause in causes):
        return UserError(
            f"{name} is not read: it defines entities, which a workbook has no use for.",
            remedy="Copy the rows into a new workbook.",
        )
    return UserError(
        f"{name} is not a workbook that can be read.",
        why=f"The reader says: {shown(str(error.__cause__ or error)).rstrip('.') or type(error).__name__}.",
        remedy="Open it in a spreadsheet program and save it anew, or save the sheet as .csv.",
    )


def _rows(sheet: Any, errors: list[CellError]) -> Iterator[tuple[int, list[Any]]]:
    """Each row with its number; of merged cells the first alone has a value."""
    for number, row in enumerate(sheet.iter_rows(), start=1):
        cells: list[Any] = []
        for cell in row:
            value = cell.value
            if value is not None and not isinstance(value, str):
                value = shown_value(value, cell.number_format)
            elif value is not None and cell.data_type == "e":
                value = CellError(value, cell.coordinate)
                errors.append(value)
            cells.append(value)
        yield number, cells


def _told(archive: zipfile.ZipFile, title: str) -> Iterator[str]:
    """What openpyxl passes over in read-only mode, counted in the sheet's own text."""
    member = _member(archive, title)
    if member is None:
        return
    hidden = merged = unsolved = 0
    with archive.open(member) as file:
        before = b""
        while piece := file.read(BUFFER_BYTES):
            text = before + piece
            cut = max(0, len(text) - OVERLAP_BYTES)
            cut = text.rfind(b"<row", 0, len(text)) if b"<row" in text[cut:] else text.rfind(b"<", cut)
            whole, before = (text[:cut], text[cut:]) if cut > 0 else (text, b"")
            hidden += len(_HIDDEN.findall(whole))
            merged += len(_MERGED.findall(whole))
            unsolved += len(_UNSOLVED.findall(whole))
        hidden += len(_HIDDEN.findall(before))
        merged += len(_MERGED.findall(before))
        unsolved += len(_UNSOLVED.findall(before))
    if hidden:
        yield f"{counted(hidden, 'hidden row')}, read as the others are."
    if merged:
        yield f"{counted(merged, 'merged cell')}: the value stands in the first row and column."
    if unsolved:
        yield (
            f"{counted(unsolved, 'formula')} without a value, never computed. "
            "Open the workbook in a spreadsheet program and save it."
        )


def _member(archive: zipfile.ZipFile, title: str) -> str | None:
    """The file of a sheet within the workbook."""
    from defusedxml.ElementTree import fromstring

    relation = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
    try:
        book = fromstring(archive.read("xl/workbook.xml"))
        names = {sheet.get("name"): sheet.get(relation) for sheet in book.iter() if sheet.tag.endswith("}sheet")}
        relations = fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        target = {entry.get("Id"): entry.get("Target", "") for entry in relations}[names[title]]
    except KeyError:
        return None
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return path if path in archive.namelist() else None


FORMAT = Format("Excel workbook", (".xlsx",), "row", WorkbookFile, place=5)
