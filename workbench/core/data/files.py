"""The values in a dataset file, line by line, or what is wrong with a line."""

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.core.problems import UserError, nearest, shown

# A line takes about five times its length in memory once it is parsed.
LONGEST_LINE_BYTES = 32_000_000
# Each read from the disk lets go of Python's lock and takes it again. Every 8 kB it woke a window that waited for the
# lock, and was gone with it before the window had it, which then stood still for up to 200 ms (Python 3.11, 2 cores).
BUFFER_BYTES = 1_000_000
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
ONE_A_LINE = "Put one JSON object on each line, or all of them into one array."


class Wrong(Exception):
    """What is wrong with one row, of a kind of `row_kinds.PROBLEMS`; nothing after it can be read where `is_last`."""

    def __init__(self, text: str, remedy: str = "", *, kind: str = "broken", is_last: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.remedy = remedy
        self.kind = kind
        self.is_last = is_last


# -- the file as a whole -----------------------------------------------------------------------------------------------


def unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} cannot be read: {error.strerror or error}.", remedy="Check the file and its permissions.")


def refuse_what_is_no_file(path: Path) -> None:
    """Raises UserError for a path that cannot hold rows: nothing there, a folder, another ending or encoding."""
    try:
        if not path.exists():
            if not path.parent.is_dir():
                raise UserError(f"There is no folder {path.parent}.", remedy="Check the path.")
            names = sorted(entry.name for entry in islice(path.parent.iterdir(), 1000))
            raise UserError(f"There is no file {path}.{nearest(path.name, names)}", remedy="Check the path.")
        if path.is_dir():
            names = sorted(entry.name for entry in islice(path.iterdir(), 1000) if entry.suffix.lower() in SUFFIXES)
            named = f"Name a file in it: {shown(', '.join(names))}." if names else "Name a file."
            raise UserError(f"{path} is a folder, not a dataset file.", remedy=named)
        if path.suffix.lower() not in SUFFIXES:
            raise UserError(
                f"{path.name} is of an unknown kind.",
                why=f"The ending of its name has to be one of {', '.join(SUFFIXES)}.",
                remedy="Save the data as one of these.",
            )
        if not path.is_file():
            raise UserError(f"{path} is neither a file nor a folder.", remedy="Save the data as a file.")
        if path.suffix.lower() != ".parquet":
            _refuse_other_encodings(path)
    except OSError as error:
        raise unreadable(path, error) from None


def _refuse_other_encodings(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(4)
    # The mark of UTF-32 begins with that of UTF-16.
    for name, marks in (
        ("UTF-32", (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)),
        ("UTF-16", (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    ):
        if head.startswith(marks):
            raise UserError(f"{path.name} is {name} text, not UTF-8.", remedy="Save it as UTF-8.")


# -- line by line ------------------------------------------------------------------------------------------------------


def lines(path: Path) -> Iterator[tuple[int, str | Wrong]]:
    """Each line with its number and its line end, decoded."""
    with path.open("rb", buffering=BUFFER_BYTES) as file:
        number = 0
        while data := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(data) > LONGEST_LINE_BYTES:
                while data and not data.endswith(b"\n"):
                    data = file.readline(LONGEST_LINE_BYTES)
                longest = LONGEST_LINE_BYTES // 1_000_000
                yield number, Wrong(f"it is longer than {longest} MB.", "Split it, or leave it out.")
                continue
            if number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            try:
                yield number, data.decode()
            except UnicodeDecodeError as error:
                yield number, not_utf8(data[error.start], error.start)


def not_utf8(byte: int, start: int) -> Wrong:
    return Wrong(f"byte {start + 1} of it (0x{byte:02x}) is not UTF-8.", "Save the file as UTF-8.")


def csv_values(path: Path) -> Iterator[tuple[int, Any]]:
    """Each row's line with its cells by the names in the header, or with a Wrong."""

    def feed() -> Iterator[str]:
        for _, line in lines(path):
            if isinstance(line, Wrong):
                raise line
            yield line

    csv.field_size_limit(LONGEST_LINE_BYTES)  # 131 072 characters otherwise
    reader = csv.reader(feed(), strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = 'Put values with commas, quotes or line ends into "quotes", and double the quotes within.'
            yield line, Wrong(f"broken CSV: {shown(str(error))}.", remedy, is_last=True)
            return
        except Wrong as wrong:
            yield reader.line_num + 1, Wrong(wrong.text, wrong.remedy, is_last=True)
            return
        if not cells:
            continue
        if header:
            yield line, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else _uneven(cells, header)
            continue
        header = cells
        if wrong_header := _wrong_header(header):
            yield line, wrong_header
            return


def _uneven(cells: list[str], header: list[str]) -> Wrong:
    return Wrong(
        f"it has {len(cells)} cell{'s' * (len(cells) != 1)}, and the header has {len(header)}.",
        "Give every row all its cells.",
    )


def _wrong_header(header: list[str]) -> Wrong | None:
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        return Wrong(f'the header "{shown(header[0])}" has no comma.', "Separate columns by commas.", is_last=True)
    twice = next((name for name in header if header.count(name) > 1), None) if len(header) < 1000 else None
    if twice is not None:
        return Wrong(f'the header names "{shown(twice)}" twice.', "Give each column a name of its own.", is_last=True)
    return None
