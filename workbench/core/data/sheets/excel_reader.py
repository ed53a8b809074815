"""Excel workbooks by openpyxl, with shared texts read as far as rows ask for them and no XML that takes all memory.

openpyxl reads every shared text before the first row, and a row whole before it gives a cell of it.
"""

import tempfile
import weakref
import zipfile
from array import array
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any, cast

from defusedxml.ElementTree import iterparse
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from workbench.core.data.sheets.workbook import CheckedStream

# Read whole, where sheets are read a row at a time.
WHOLE_MEMBERS = ("styles.xml", "workbook.xml", "workbook.xml.rels", "[Content_Types].xml", "theme1.xml")
READ_AT_ONCE = 1000
HELD_CHARACTERS = 50_000_000  # of shared texts; what follows waits on the disk


def open_workbook(file: IO[bytes]) -> Any:
    """An openpyxl workbook in read-only mode, without its chart sheets. Raises what openpyxl does."""
    reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
    reader.archive = _CheckedArchive(file)
    reader.read()
    return reader.wb


class _Reader(ExcelReader):  # type: ignore[misc]
    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is not None:
            self.shared_strings = SharedTexts(_texts(self.archive.open(part.PartName[1:])))

    def read_worksheets(self) -> None:
        for sheet, rel in self.parser.find_sheets():
            if rel.target in self.valid_files and "chartsheet" not in rel.Type:  # a sheet of charts has no rows
                found = _Sheet(self.wb, sheet.name, rel.target, self.shared_strings)
                found.sheet_state = sheet.state
                self.wb._sheets.append(found)


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]
    def _get_size(self) -> None:
        """What a sheet says of its size may be a million rows; one that says nothing would be read to its end."""


class SharedTexts:
    """The texts of a workbook by their numbers, read as they are asked for. Raises IndexError beyond the last."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._held: list[str] = []
        self._held_characters = 0
        self._recent: list[str] = []
        self._file = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115  # closed when this goes
        weakref.finalize(self, self._file.close)
        self._ends = array("Q", [0])

    def __getitem__(self, index: int) -> str:
        held, stored = len(self._held), len(self._ends) - 1
        while index >= held + stored:
            self._read_more()
            held, stored = len(self._held), len(self._ends) - 1
        if index < held:
            return self._held[index]
        behind = index - (held + stored - len(self._recent))
        if behind >= 0:
            return self._recent[behind]
        start, end = self._ends[index - held], self._ends[index - held + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode()

    def _read_more(self) -> None:
        self._recent = list(islice(self._texts, READ_AT_ONCE))
        if not self._recent:
            raise IndexError("a cell names a text that is not there")
        if self._held_characters < HELD_CHARACTERS:
            self._held += self._recent
            self._held_characters += sum(map(len, self._recent))
            self._recent = []
            return
        end = self._ends[-1]
        self._file.seek(end)
        for text in self._recent:
            data = text.encode()
            self._file.write(data)
            end += len(data)
            self._ends.append(end)


def _texts(source: IO[bytes]) -> Iterator[str]:
    """Each shared text, its runs joined and what says how it is pronounced left out, as openpyxl reads it."""
    item, text, run = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))
    root = None
    for event, node in iterparse(source, events=("start", "end")):
        if root is None:
            root = node
        if event == "end" and node.tag == item:
            parts = [child.text if child.tag == text else child.findtext(text) for child in node
                     if child.tag in (text, run)]  # fmt: skip
            yield "".join(part or "" for part in parts).replace("x005F_", "")
            root.clear()


class _CheckedArchive(zipfile.ZipFile):
    def open(self, name: Any, *rest: Any, **more: Any) -> Any:
        stream = super().open(name, *rest, **more)
        member = name if isinstance(name, str) else name.filename
        return stream if member.endswith(WHOLE_MEMBERS) else CheckedStream(stream)
