"""The rows of a dataset file, each one checked before anything is learned from it."""

import codecs
import csv
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.core.problems import UserError, nearest
from workbench.core.recipe import DataSettings

# A line takes about five times its length in memory once it is parsed.
LONGEST_LINE_BYTES = 32_000_000
# A JSON array has to be read whole, a file of lines does not.
LARGEST_ARRAY_BYTES = 512_000_000
# A dictionary page repeats one value for nothing: 469 bytes of Parquet can hold 500 MB of text.
LARGEST_DECODED_BYTES = 2_000_000_000
# What a row costs as a dict, however short its text.
ROW_BYTES = 200
SHOWN_CHARACTERS = 80
SUFFIXES = (".jsonl", ".json", ".csv", ".parquet")
ROLES = ("system", "user", "assistant", "tool")

Kind = Literal["prompt", "messages", "text"]

_SPACE = re.compile(r"[ \t\r\n]*")
_ONE_A_LINE = "Put one JSON object on each line, or all of them into one array."


@dataclass(frozen=True)
class RowProblem:
    """One thing wrong; `line` counts from 1 (rows in Parquet, lines elsewhere) and is 0 for the file as a whole."""

    line: int
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Rows:
    """Checked rows of one kind.

    A "prompt" row is {"prompt": str, "completion": str} beside the file's other scalar columns, a "messages" row is
    {"messages": [{"role": str, "content": str}, ...]}, a "text" row is {"text": str}. `sha256` is that of the file.
    """

    path: Path
    kind: Kind
    rows: list[dict[str, Any]]
    sha256: str

    def part(self, indices: Sequence[int]) -> "Rows":
        """Only the rows at these indices; `sha256` stays that of the whole file."""
        return Rows(self.path, self.kind, [self.rows[index] for index in indices], self.sha256)


class _Wrong(Exception):
    """What is wrong with one row; nothing after it can be read where `is_last`."""

    def __init__(self, text: str, remedy: str = "", *, is_last: bool = False) -> None:
        super().__init__(text)
        self.text = text
        self.remedy = remedy
        self.is_last = is_last


def read(path: Path, columns: DataSettings, *, limit: int | None = None) -> Rows:
    """The file's rows, or its first `limit`. Raises UserError naming the first line or row that is wrong."""
    checker = _Checker(columns)
    rows = []
    for row in islice(_checked(path, checker), limit):
        if isinstance(row, RowProblem):
            unit = "row" if path.suffix.lower() == ".parquet" else "line"
            raise UserError(f"{path.name}, {unit} {row.line}: {row.text}", remedy=row.remedy)
        rows.append(row)
    assert checker.kind is not None, "a row was checked, or _checked raised"
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from None
    return Rows(path, checker.kind, rows, digest)


def problems(path: Path, columns: DataSettings, most: int = 20) -> list[RowProblem]:
    """What `read` would refuse, collected in the order of the file; empty where it would read."""
    found: list[RowProblem] = []
    try:
        for row in _checked(path, _Checker(columns)):
            if isinstance(row, RowProblem):
                found.append(row)
            if len(found) >= most:
                break
    except UserError as error:
        found.append(RowProblem(0, f"{error.what} {error.why}".strip(), error.remedy))
    return found


def _checked(path: Path, checker: "_Checker") -> Iterator[dict[str, Any] | RowProblem]:
    """Each row as it comes out, or what is wrong with it. Raises UserError for the file as a whole."""
    _refuse_what_is_no_file(path)
    is_empty = True
    try:
        for line, value in _values(path, checker):
            is_empty = False
            try:
                if isinstance(value, _Wrong):
                    raise value
                row = checker.row(value)
            except _Wrong as wrong:
                yield RowProblem(line, wrong.text, wrong.remedy)
                if wrong.is_last:
                    return
            else:
                yield row
    except OSError as error:
        raise _unreadable(path, error) from None
    if is_empty:
        raise UserError(f"{path.name} is empty: it has no rows.", remedy="Give a file with at least one row.")


# -- the file as a whole -----------------------------------------------------------------------------------------------


def _unreadable(path: Path, error: OSError) -> UserError:
    return UserError(f"{path} cannot be read: {error.strerror or error}.", remedy="Check the file and its permissions.")


def _refuse_what_is_no_file(path: Path) -> None:
    try:
        if not path.exists():
            if not path.parent.is_dir():
                raise UserError(f"There is no folder {path.parent}.", remedy="Check the path.")
            names = sorted(entry.name for entry in islice(path.parent.iterdir(), 1000))
            raise UserError(f"There is no file {path}.{nearest(path.name, names)}", remedy="Check the path.")
        if path.is_dir():
            names = sorted(entry.name for entry in islice(path.iterdir(), 1000) if entry.suffix.lower() in SUFFIXES)
            named = f"Name a file in it: {_shown(', '.join(names))}." if names else "Name a file."
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
        raise _unreadable(path, error) from None
    except ValueError:
        raise UserError(f"{_shown(str(path))} cannot be the name of a file.", remedy="Check the path.") from None


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


def _values(path: Path, checker: "_Checker") -> Iterator[tuple[int, Any]]:
    """Each row's line with what stands there, or with a _Wrong."""
    match path.suffix.lower():
        case ".csv":
            return _csv(path)
        case ".parquet":
            return _parquet(path, checker)
    with path.open("rb") as file:
        head = file.read(65536).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    return _json_array(path) if head.startswith(b"[") else _json_lines(path)


# -- JSON and CSV ------------------------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[int, str | _Wrong]]:
    """Each line with its number and its line end, decoded."""
    with path.open("rb") as file:
        number = 0
        while data := file.readline(LONGEST_LINE_BYTES + 1):
            number += 1
            if len(data) > LONGEST_LINE_BYTES:
                while data and not data.endswith(b"\n"):
                    data = file.readline(LONGEST_LINE_BYTES)
                longest = LONGEST_LINE_BYTES // 1_000_000
                yield number, _Wrong(f"it is longer than {longest} MB.", "Split it, or leave it out.")
                continue
            if number == 1:
                data = data.removeprefix(codecs.BOM_UTF8)
            try:
                yield number, data.decode()
            except UnicodeDecodeError as error:
                yield number, _not_utf8(data[error.start], error.start)


def _not_utf8(byte: int, start: int) -> _Wrong:
    return _Wrong(f"byte {start + 1} of it (0x{byte:02x}) is not UTF-8.", "Save the file as UTF-8.", is_last=False)


def _json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in _lines(path):
        if isinstance(line, _Wrong):
            yield number, line
        elif line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                # Only the last line has no line end, and a row that was written to its end closes its brace.
                is_cut = not line.endswith("\n") and not line.rstrip().endswith("}")
                yield number, _broken_json(error, is_cut=is_cut)


def _broken_json(error: Exception, *, is_cut: bool, is_last: bool = False) -> _Wrong:
    if isinstance(error, json.JSONDecodeError):
        said = f"broken JSON at column {error.colno}: {_shown(error.msg)}."
    else:
        # ValueError for a number of more than 4300 digits, RecursionError for lists within lists.
        said = f"broken JSON: {_shown(str(error))}."
    if is_cut:
        return _Wrong(f"the file ends in the middle of it ({said[:-1]}).", "Get the whole file.", is_last=is_last)
    return _Wrong(said, _ONE_A_LINE, is_last=is_last)


def _json_array(path: Path) -> Iterator[tuple[int, Any]]:
    if path.stat().st_size > LARGEST_ARRAY_BYTES:
        raise UserError(
            f"{path.name} is a JSON array of more than {LARGEST_ARRAY_BYTES // 1_000_000} MB.",
            why="An array has to be held in memory as a whole.",
            remedy="Save it as JSONL: one object on each line.",
        )
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line_start = data.rfind(b"\n", 0, error.start) + 1
        yield data.count(b"\n", 0, error.start) + 1, _not_utf8(data[error.start], error.start - line_start)
        return
    is_cut = not text.rstrip().endswith("]")
    decoder = json.JSONDecoder()
    line = 1
    counted = 0
    position = _after_space(text, text.index("[") + 1)
    if text[position : position + 1] == "]" and not text[position + 1 :].strip():
        return
    mark = ","
    while mark == ",":
        line, counted = line + text.count("\n", counted, position), position
        try:
            value, end = decoder.raw_decode(text, position)
            if end - position > LONGEST_LINE_BYTES:
                value = _Wrong(f"it is longer than {LONGEST_LINE_BYTES // 1_000_000} MB.", "Leave it out.")
            yield line, value
            position = _after_space(text, end)
            mark = text[position : position + 1]
            if mark not in (",", "]") or not mark:
                raise json.JSONDecodeError("Expecting ',' delimiter", text, position)
            position = _after_space(text, position + 1)
            if mark == "]" and position < len(text):
                raise json.JSONDecodeError("Extra data", text, position)
        except json.JSONDecodeError as error:
            yield error.lineno, _broken_json(error, is_cut=is_cut, is_last=True)
            return
        except (ValueError, RecursionError) as error:
            yield line, _broken_json(error, is_cut=False, is_last=True)
            return


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _csv(path: Path) -> Iterator[tuple[int, Any]]:
    def feed() -> Iterator[str]:
        for _, line in _lines(path):
            if isinstance(line, _Wrong):
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
            yield line, _Wrong(f"broken CSV: {_shown(str(error))}.", remedy, is_last=True)
            return
        except _Wrong as wrong:
            yield reader.line_num + 1, _Wrong(wrong.text, wrong.remedy, is_last=True)
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


def _uneven(cells: list[str], header: list[str]) -> _Wrong:
    return _Wrong(f"it has {len(cells)} cells, and the header has {len(header)}.", "Give every row all its cells.")


def _wrong_header(header: list[str]) -> _Wrong | None:
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        return _Wrong(f'the header "{_shown(header[0])}" has no comma.', "Separate columns by commas.", is_last=True)
    twice = next((name for name in header if header.count(name) > 1), None) if len(header) < 1000 else None
    if twice is not None:
        return _Wrong(f'the header names "{_shown(twice)}" twice.', "Give each column a name of its own.", is_last=True)
    return None


# -- Parquet -----------------------------------------------------------------------------------------------------------


def _parquet(path: Path, checker: "_Checker") -> Iterator[tuple[int, Any]]:
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            names = checker.wanted(schema.names) or list(schema.names)
            if checker.wanted(schema.names) and not file.metadata.num_rows:
                return
            if not checker.wanted(schema.names):
                yield 1, dict.fromkeys(names)
                return
    except pa.ArrowException as error:
        raise _broken_parquet(path, error) from None
