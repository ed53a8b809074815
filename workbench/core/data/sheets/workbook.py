"""What spreadsheets have in common: an archive that is looked at before it is unfolded, a sheet, a header."""

import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, BinaryIO

from workbench.core.data.headers import MOST_COLUMNS, column_names, too_many_columns
from workbench.core.data.text_lines import LONGEST_LINE_BYTES, too_long
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError, nearest, shown
from workbench.core.units import counted

# A sheet of cells that say the same is folded to a 60th; DEFLATE makes at most a 1032th of anything.
MOST_UNFOLDED_TIMES = 200
FREE_MEMBER_BYTES = 100_000_000
LARGEST_MEMBER_BYTES = 4_000_000_000
OLD_WORKBOOK_MARK = bytes.fromhex("d0cf11e0a1b11ae1")  # of .xls, and of what is protected by a password
SEARCHED_ROWS = 30
LAST_ROW = 1_048_576
# A cell holds up to 32 767 characters. Until 2.6 the XML reader looked at a tag from its beginning each time that more
# of it came: a tag of 90 MB took it minutes.
LONGEST_PART_BYTES = 8_000_000
# A row of 16 384 cells, each with a value or with a few runs of text in it.
MOST_TAGS = 500_000


class WorkbookError(ValueError):
    """What no spreadsheet program writes, as a sentence about "it"."""


def refuse_what_is_no_workbook(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """The archive that a workbook is, no member of which unfolds to more than a sheet can. Raises UserError."""
    head = file.read(len(OLD_WORKBOOK_MARK))
    if head == OLD_WORKBOOK_MARK:
        rest = file.read(10_000_000)
        if "EncryptedPackage".encode("utf-16-le") in rest:
            raise UserError(
                f"{name} is protected by a password.",
                remedy="Open it in the spreadsheet program, take the password off (File, Info), and save it.",
            )
        raise UserError(f"{name} is a workbook of before 2007.", remedy="Save it as .xlsx.")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, EOFError) as error:
        raise UserError(
            f"{name} is not a workbook that can be read.",
            why=f"{shown(str(error)).rstrip('.')}.",
            remedy="Get the whole file, or save it anew.",
        ) from None
    for member in archive.infolist():
        folded = max(1, member.compress_size)
        too_large = member.file_size > max(FREE_MEMBER_BYTES, MOST_UNFOLDED_TIMES * folded)
        if too_large or member.file_size > LARGEST_MEMBER_BYTES:
            raise UserError(
                f'{name} holds {member.file_size / 1e6:,.0f} MB of "{shown(member.filename)}" in {folded:,} bytes.',
                why="No sheet is folded that small.",
                remedy="Copy the rows into a new workbook, or save the sheet as .csv.",
            )
        if member.flag_bits & 1:
            raise UserError(f"{name} is protected by a password.", remedy="Take the password off, and save it.")
    return archive


def chosen_sheet(names: Sequence[str], wanted: str, file: str) -> str | None:
    """The sheet that settings name; None where they name none. Raises UserError for one that is not there."""
    if not wanted:
        return None
    if wanted not in names:
        listed = ", ".join(f'"{shown(name)}"' for name in names[:10])
        raise UserError(
            f'{file} has no sheet "{shown(wanted)}".{nearest(wanted, list(names))}', remedy=f"There is: {listed}."
        )
    return wanted


def header_of(rows: Sequence[tuple[int, Sequence[Any]]]) -> int:
    """Which of the first rows names the columns: the first that is about as wide as the widest and all text."""
    widths = [sum(_is_filled(cell) for cell in cells) for _, cells in rows]
    widest = max(widths, default=0)
    for index, (_, cells) in enumerate(rows):
        is_text = all(isinstance(cell, str) for cell in cells if _is_filled(cell))
        if widths[index] and widths[index] >= min(widest, max(2, widest * 0.6)) and is_text:
            return index
    return next((index for index, width in enumerate(widths) if width), 0)


def sheet_values(rows: Iterator[tuple[int, Sequence[Any]]], notes: list[str]) -> Iterator[tuple[int, int, Any]]:
    """Each row of a sheet as its columns' names and cells, an empty cell being None; blank rows are passed over.

    Rows come with their numbers in the sheet.
    """
    first: list[tuple[int, Sequence[Any]]] = []
    for number, cells in rows:
        if number > LAST_ROW:
            break
        if any(_is_filled(cell) for cell in cells):
            first.append((number, cells))
        if len(first) == SEARCHED_ROWS:
            break
    if not first:
        return
    at = header_of(first)
    line, cells = first[at]
    width = max(index for index, cell in enumerate(cells) if _is_filled(cell)) + 1
    if width > MOST_COLUMNS:
        yield line, -1, too_many_columns(width, is_last=True)
        return
    names, told = column_names(["" if cell is None else str(cell) for cell in cells[:width]])
    notes.extend(told)
    if at:
        notes.append(f"The columns are named in row {line}; what stands above is passed over.")
    beyond = 0
    for number, cells in _chain(first[at + 1 :], rows):
        if number > LAST_ROW:
            yield number, -1, Wrong(f"a sheet has {LAST_ROW:,} rows.", "Save the workbook anew.", is_last=True)
            break
        if not any(_is_filled(cell) for cell in cells):
            continue
        beyond += any(_is_filled(cell) for cell in cells[width:])
        value = dict.fromkeys(names) | dict(zip(names, cells, strict=False))
        size = sum(len(cell) for cell in cells if isinstance(cell, str))
        yield number, -1, value if size <= LONGEST_LINE_BYTES else too_long()
    if beyond:
        notes.append(
            f"{counted(beyond, 'row')} with cells beside the columns that have a name: those cells are not read."
        )


def _chain(first: Sequence[tuple[int, Any]], rows: Iterator[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    yield from first
    yield from rows


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell != ""


class CheckedStream:
    """A member's bytes, of which no part takes an XML reader more than a row does. Raises WorkbookError."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._without_tag = self._tags = 0

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        last = piece.rfind(b"<")
        self._without_tag = self._without_tag + len(piece) if last < 0 else len(piece) - last
        self._tags = 0 if b"row" in piece or b"si>" in piece else self._tags + piece.count(b"<")
        if self._without_tag > LONGEST_PART_BYTES:
            raise WorkbookError(f"it has a text or tag of more than {LONGEST_PART_BYTES // 10**6} MB")
        if self._tags > MOST_TAGS:
            raise WorkbookError("it has a row of more cells than a sheet can have")
        return piece

    def close(self) -> None:
        self._stream.close()

    def __enter__(self) -> "CheckedStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
