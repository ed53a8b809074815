"""CSV and its kin: cells by the names in the header, with the delimiter, quoting and encoding that are found."""

import csv
from collections import deque
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any, BinaryIO

from workbench.core.data.delimiters import NAMES, Dialect, dialect_of
from workbench.core.data.encoding import Encoding, encoding_of, open_text
from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.headers import MOST_COLUMNS, column_names, too_many_columns
from workbench.core.data.stored import StreamError
from workbench.core.data.text_lines import BOM, LONGEST_LINE_BYTES, TextLines
from workbench.core.data.wrong import Wrong
from workbench.core.problems import shown
from workbench.core.units import counted

SAMPLE_BYTES = 65_536
# A quote that is never closed takes what follows with it, which then is read once more, line by line.
MOST_RETURNS = 1000
REMEDY = 'Put values with delimiters, quotes or line ends into "quotes", and double the quotes within.'


class DelimitedFile(RowFile):
    """The first line that is not blank names the columns."""

    @cached_property
    def encoding(self) -> Encoding:
        found = encoding_of(self.stored, is_ended=False)
        if found.codec != "utf-8":
            self.notes.append(f"The text is {found.title}.")
        return found

    @cached_property
    def dialect(self) -> Dialect:
        with self._open() as file:
            try:
                sample = file.read(SAMPLE_BYTES)
            except StreamError:  # said where the rows are read
                sample = b""
        found = dialect_of(sample.decode("utf-8", "replace"), is_whole=len(sample) < SAMPLE_BYTES, tabs=self._has_tabs)
        if found.delimiter != ("\t" if self._has_tabs else ","):
            self.notes.append(f"Columns are separated by {NAMES[found.delimiter]}.")
        if found.quoting_words:
            self.notes.append(found.quoting_words)
        return found

    @cached_property
    def header(self) -> tuple[str, ...]:
        with self._open() as file:
            for _, _, cells in _Records(TextLines(file), self.dialect):
                if isinstance(cells, Wrong) or len(cells) > MOST_COLUMNS:
                    return ()
                names, notes = column_names(cells)
                self.notes.extend(notes)
                return names
        return ()

    def columns(self) -> tuple[str, ...]:
        return self.header

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        header, count = self.header, len(self.header)
        has_offsets = self.encoding.is_plain and not self.stored.packing
        again = 0
        with self._open() as file:
            records = iter(_Records(TextLines(file, offset=self.encoding.mark_bytes), self.dialect))
            for number, _, first in records:
                if isinstance(first, Wrong):
                    yield number, -1, Wrong(first.text, first.remedy, is_last=True)
                    return
                if any("\0" in cell for cell in first):
                    text = "the header has a NUL character: it is not a text, or the disk was not written to."
                    yield number, -1, Wrong(text, "Get the file anew.", is_last=True, kind="bad character")
                    return
                if len(first) > MOST_COLUMNS:
                    yield number, -1, too_many_columns(len(first), is_last=True)
                    return
                break
            for number, offset, cells in records:
                if cells == first:
                    again += 1
                elif isinstance(cells, list):
                    value = dict(zip(header, cells)) if len(cells) == count else _uneven(cells, header)  # noqa: B905
                    yield number, offset if has_offsets else -1, value
                else:
                    yield number, -1, cells
        if again:
            self.notes.append(
                f"The header stands {counted(again, 'time')} more within the rows, where files were joined."
            )

    def at(self, line: int, offset: int) -> Any:
        if offset < 0:
            return super().at(line, offset)
        with self.stored.open() as file:
            file.seek(offset)
            for _, _, cells in _Records(TextLines(file, number=line, offset=offset), self.dialect):
                if isinstance(cells, Wrong):
                    return cells
                if len(cells) != len(self.header):
                    return _uneven(cells, self.header)
                return dict(zip(self.header, cells, strict=True))
        raise LookupError(line)

    @property
    def _has_tabs(self) -> bool:
        return self.stored.suffix == ".tsv"

    def _open(self) -> BinaryIO:
        return open_text(self.stored, self.encoding)


class _Records:
    """Records with the number and offset of their first line; a broken one costs its first line alone."""

    def __init__(self, lines: TextLines, dialect: Dialect) -> None:
        csv.field_size_limit(LONGEST_LINE_BYTES)  # 131 072 characters otherwise
        self._lines = lines
        self._back: deque[tuple[int, int, str | Wrong]] = deque()
        self._record: list[tuple[int, int, str | Wrong]] = []
        self._characters = 0
        self._reader = csv.reader(_Feed(self.next_line), **dialect.for_reader())
        self._returns = 0

    def next_line(self) -> str:
        """The next line of a record, with its line end. Raises Wrong and StopIteration."""
        entry = self._back.popleft() if self._back else next(self._lines)
        text = entry[2]
        self._record.append(entry)
        if isinstance(text, Wrong):
            raise text
        self._characters += len(text)
        if self._characters > LONGEST_LINE_BYTES:
            raise csv.Error(f"a quote is not closed within {LONGEST_LINE_BYTES // 1_000_000} MB")
        return (text[1:] if text.startswith(BOM) else text) + "\n"

    def __iter__(self) -> Iterator[tuple[int, int, list[str] | Wrong]]:
        record = self._record
        while True:
            record.clear()
            self._characters = 0
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                wrong = Wrong(f"broken CSV: {shown(str(error))}.", REMEDY)
                self._back.extendleft(reversed(record[1:]))
                if len(record) > 1:
                    self._returns += 1
                    wrong.is_last = self._returns > MOST_RETURNS
                yield record[0][0], record[0][1], wrong
                if wrong.is_last:
                    return
            except Wrong as wrong:
                yield record[0][0], record[0][1], wrong
                if wrong.is_last:
                    return
            else:
                if cells:
                    yield record[0][0], record[0][1], cells


class _Feed:
    """What the csv module asks for lines; unlike a generator it goes on after it raised."""

    def __init__(self, take: Any) -> None:
        self._take = take

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        line: str = self._take()
        return line


def _uneven(cells: list[str], header: tuple[str, ...]) -> dict[str, str] | Wrong:
    """A row of more or fewer cells than the header; what is beyond may be empty, as spreadsheets write it."""
    if len(cells) > len(header) and not any(cell.strip() for cell in cells[len(header) :]):
        return dict(zip(header, cells, strict=False))
    return Wrong(
        f"it has {len(cells):,} cell{'s' * (len(cells) != 1)}, and the header has {len(header):,}.",
        "Give every row all its cells.",
        kind="cells",
    )


FORMAT = Format("CSV", (".csv", ".tsv"), "line", DelimitedFile, place=2)
