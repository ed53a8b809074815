"""OpenDocument spreadsheets, as LibreOffice writes them: the rows of one sheet, with cells as the sheet shows them."""

import datetime
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import ParseError

from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.sheets.cell_format import shown_value
from workbench.core.data.sheets.workbook import (
    CheckedStream,
    WorkbookError,
    chosen_sheet,
    refuse_what_is_no_workbook,
    sheet_values,
)
from workbench.core.problems import UserError, shown
from workbench.core.units import counted

# One element may stand for a million cells.
LARGEST_CONTENT_BYTES = 1_000_000_000
MOST_CELLS = 20_000_000
MOST_ROW_CELLS = 1_000_000
_NAMES = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}"
TABLE, OFFICE, TEXT = (_NAMES % kind for kind in ("table", "office", "text"))
CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"
MOST_SPACES = 1000  # that one element stands for
_BROKEN = (ParseError, zipfile.BadZipFile, zlib.error, EOFError, ValueError, KeyError, NotImplementedError)


class OpenSheetFile(RowFile):
    """Its first sheet that has rows, or the one the settings name."""

    def sheets(self) -> tuple[str, ...]:
        return tuple(self._facts)

    def columns(self) -> tuple[str, ...]:
        for _, _, value in self.values():
            return tuple(value) if isinstance(value, dict) else ()
        return ()

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        notes: list[str] = []
        names = list(self._facts)
        chosen = chosen_sheet(names, self.settings.sheet, self.stored.name)
        filled = [name for name in names if self._facts[name].has_rows]
        name = chosen if chosen is not None else next(iter(filled), None)
        if name is None:
            return
        if chosen is None and len(names) > 1:
            others = ", ".join(f'"{shown(other)}"' for other in names if other != name)
            notes.append(f'The sheet "{shown(name)}" is read; there is also {shown(others, 200)}.')
        notes.extend(self._facts[name].told)
        with self._content() as content:
            yield from sheet_values(_rows(content, name), notes)
        self.notes.extend(note for note in notes if note not in self.notes)

    @cached_property
    def _facts(self) -> "dict[str, _Facts]":
        with self._content() as content:
            return _looked_through(content, self.stored.name)

    @contextmanager
    def _content(self) -> Iterator[Any]:
        from defusedxml.common import DefusedXmlException

        with (
            self.stored.open_seekable() as file,
            refuse_what_is_no_workbook(file, self.stored.name) as archive,
        ):
            names = archive.namelist()
            if CONTENT not in names:
                raise _unreadable(self.stored.name, "it has no content.xml")
            if archive.getinfo(CONTENT).file_size > LARGEST_CONTENT_BYTES:
                raise UserError(
                    f"{self.stored.name} holds more than {LARGEST_CONTENT_BYTES // 10**6} MB of rows.",
                    remedy="Save the sheet as .csv.",
                )
            try:
                if MANIFEST in names and b"encryption-data" in archive.read(MANIFEST):
                    raise UserError(
                        f"{self.stored.name} is protected by a password.", remedy="Take the password off, and save it."
                    )
                with CheckedStream(archive.open(CONTENT)) as content:
                    yield content
            except DefusedXmlException:
                raise UserError(
                    f"{self.stored.name} is not read: it defines entities, which a workbook has no use for.",
                    remedy="Copy the rows into a new workbook.",
                ) from None
            except _BROKEN as error:
                raise _unreadable(self.stored.name, str(error)) from None


class _Facts:
    """Of one sheet: whether any cell has a value, and what is to be told."""

    def __init__(self) -> None:
        self.has_rows = False
        self.told: list[str] = []


def _looked_through(content: Any, name: str) -> dict[str, _Facts]:
    """Facts of each sheet, once it is known that its cells are not too many. Raises UserError and what XML raises."""
    from defusedxml.ElementTree import iterparse

    facts: dict[str, _Facts] = {}
    hidden = merged = cells = filled = before = 0
    for _, element in iterparse(content, events=("end",)):
        if element.tag == f"{TABLE}table-cell":
            filled += _repeated(element, "columns") if len(element) else 0
            merged += any(element.get(f"{TABLE}number-{kind}-spanned", "1") != "1" for kind in ("rows", "columns"))
        elif element.tag == f"{TABLE}table-row":
            many = _repeated(element, "rows") if filled else 1
            hidden += many if element.get(f"{TABLE}visibility") in ("collapse", "filter") and filled else 0
            cells += filled * many
            filled = 0
            if cells > MOST_CELLS:
                raise UserError(f"{name} holds more than {MOST_CELLS:,} cells.", remedy="Save the sheet as .csv.")
            element.clear()
        elif element.tag == f"{TABLE}table":
            found = facts.setdefault(element.get(f"{TABLE}name", ""), _Facts())
            found.has_rows = found.has_rows or cells > before
            if hidden:
                found.told.append(f"{counted(hidden, 'hidden row')}, read as the others are.")
            if merged:
                found.told.append(f"{counted(merged, 'merged cell')}: the value stands in the first row and column.")
            hidden, merged, before = 0, 0, cells
            element.clear()
    return facts


def _rows(content: Any, name: str) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the sheet of that name that have a value, each with its number."""
    from defusedxml.ElementTree import iterparse

    is_there = False
    number = 1
    for event, element in iterparse(content, events=("start", "end")):
        if event == "start":
            if element.tag == f"{TABLE}table" and element.get(f"{TABLE}name", "") == name:
                is_there = True
        elif element.tag == f"{TABLE}table-row":
            if is_there:
                cells = _cells(element)
                many = _repeated(element, "rows")
                for line in range(number, number + many) if cells else ():
                    yield line, cells
                number += many
            element.clear()
        elif element.tag == f"{TABLE}table" and is_there:
            return


def _cells(row: Any) -> list[Any]:
    """Values up to the last that is there; empty ones are None."""
    cells: list[Any] = []
    empty = 0
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        many = _repeated(cell, "columns")
        value = _value(cell) if len(cell) else None
        if value is None or value == "":
            empty += many
            continue
        if len(cells) + empty + many > MOST_ROW_CELLS:
            raise WorkbookError("it has a row of more cells than a sheet can have")
        cells += [None] * empty + [value] * many
        empty = 0
    return cells


def _value(cell: Any) -> Any:
    """Text as the sheet shows it; a plain number, a day and true or false as what they are. Raises ValueError."""
    text = "\n".join(_text(part) for part in cell if part.tag == f"{TEXT}p")
    match cell.get(f"{OFFICE}value-type"):
        case "float":
            number = shown_value(float(cell.get(f"{OFFICE}value", "nan")), "General")
            return text if text and text.replace(",", ".") != str(number) else number
        case "date":
            said = cell.get(f"{OFFICE}date-value", "")
            day = datetime.datetime.fromisoformat(said) if "T" in said else datetime.date.fromisoformat(said)
            return shown_value(day, "General")
        case "boolean":
            return cell.get(f"{OFFICE}boolean-value") == "true"
    return text


def _text(element: Any) -> str:
    """Of a paragraph, with its spaces, tabs and line breaks, which have elements of their own."""
    parts = [element.text or ""]
    for part in element:
        match part.tag.removeprefix(TEXT):
            case "s":
                parts.append(" " * min(int(part.get(f"{TEXT}c", "1")), MOST_SPACES))
            case "tab":
                parts.append("\t")
            case "line-break":
                parts.append("\n")
            case "span" | "a":
                parts.append(_text(part))
        parts.append(part.tail or "")
    return "".join(parts)


def _repeated(element: Any, kind: str) -> int:
    return max(1, int(element.get(f"{TABLE}number-{kind}-repeated", "1")))


def _unreadable(name: str, said: str) -> UserError:
    return UserError(
        f"{name} is not a spreadsheet that can be read.",
        why=f"The reader says: {shown(said).rstrip('.')}.",
        remedy="Open it in a spreadsheet program and save it anew, or save the sheet as .csv.",
    )


FORMAT = Format("OpenDocument spreadsheet", (".ods",), "row", OpenSheetFile, place=6)
