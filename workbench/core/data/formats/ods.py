"""OpenDocument spreadsheets, as LibreOffice writes them: the rows of one sheet."""

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any

from workbench.core.data.cell_format import shown_value
from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.workbook import chosen_sheet, refuse_what_is_no_workbook, sheet_values
from workbench.core.problems import UserError, shown

# The reader holds the sheet in memory, and one element may stand for a million cells.
LARGEST_CONTENT_BYTES = 1_000_000_000
MOST_CELLS = 20_000_000
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


class OpenSheetFile(RowFile):
    """Its first sheet that has rows, or the one the settings name."""

    def sheets(self) -> tuple[str, ...]:
        return tuple(self._book.sheet_names)

    def columns(self) -> tuple[str, ...]:
        for _, _, value in self.values():
            return tuple(value) if isinstance(value, dict) else ()
        return ()

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        notes: list[str] = []
        names = list(self._book.sheet_names)
        chosen = chosen_sheet(names, self.settings.sheet, self.stored.name)
        for name in names if chosen is None else [chosen]:
            sheet = self._book.get_sheet_by_name(name)
            if not sheet.total_height:
                continue
            if chosen is None and len(names) > 1:
                others = ", ".join(f'"{shown(other)}"' for other in names if other != name)
                notes.append(f'The sheet "{shown(name)}" is read; there is also {shown(others, 200)}.')
            notes.extend(self._facts.get(name, ()))
            skipped = sheet.start[0] if sheet.start else 0
            yield from sheet_values(_rows(sheet, skipped), notes)
            break
        self.notes.extend(note for note in notes if note not in self.notes)

    @cached_property
    def _facts(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def _book(self) -> Any:
        import python_calamine

        with self.stored.open_seekable() as file:
            with refuse_what_is_no_workbook(file, self.stored.name) as archive:
                if "content.xml" not in archive.namelist():
                    raise _unreadable(self.stored.name, "it has no content.xml")
                if archive.getinfo("content.xml").file_size > LARGEST_CONTENT_BYTES:
                    raise UserError(
                        f"{self.stored.name} holds more than {LARGEST_CONTENT_BYTES // 10**6} MB of rows.",
                        remedy="Save the sheet as .csv.",
                    )
                with archive.open("content.xml") as content:
                    self._facts.update(_looked_through(content, self.stored.name))
            file.seek(0)
            try:
                return python_calamine.CalamineWorkbook.from_filelike(file)
            except python_calamine.PasswordError:
                raise UserError(
                    f"{self.stored.name} is protected by a password.", remedy="Take the password off, and save it."
                ) from None
            except (python_calamine.CalamineError, OSError) as error:
                raise _unreadable(self.stored.name, str(error)) from None


def _looked_through(content: Any, name: str) -> dict[str, list[str]]:
    """Facts of each sheet, once it is known that it fits into memory. Raises UserError."""
    import zipfile
    import zlib
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    facts: dict[str, list[str]] = {}
    hidden = merged = cells = filled = 0
    try:
        for _, element in iterparse(content, events=("end",)):
            if element.tag == f"{TABLE}table-cell":
                many = _repeated(element, "columns") if len(element) else 0
                filled += many
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
                said = facts.setdefault(element.get(f"{TABLE}name", ""), [])
                if hidden:
                    said.append(f"{hidden:,} hidden rows are read as the others are.")
                if merged:
                    said.append(f"{merged:,} merged cells count once: their value stands in the first row and column.")
                hidden = merged = 0
                element.clear()
    except DefusedXmlException:
        raise UserError(
            f"{name} is not read: it defines entities, which a workbook has no use for.",
            remedy="Copy the rows into a new workbook.",
        ) from None
    except (ParseError, zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
        raise _unreadable(name, str(error)) from None
    return facts


def _repeated(element: Any, kind: str) -> int:
    return max(1, int(element.get(f"{TABLE}number-{kind}-repeated", "1")))


def _unreadable(name: str, said: str) -> UserError:
    return UserError(
        f"{name} is not a spreadsheet that can be read.",
        why=f"The reader says: {shown(said).rstrip('.')}.",
        remedy="Open it in a spreadsheet program and save it anew, or save the sheet as .csv.",
    )


def _rows(sheet: Any, skipped: int) -> Iterator[tuple[int, list[Any]]]:
    for number, row in enumerate(sheet.iter_rows(), start=skipped + 1):
        yield number, [None if cell == "" else shown_value(cell, "General") for cell in row]


FORMAT = Format("OpenDocument spreadsheet", (".ods",), "row", OpenSheetFile, place=6)
