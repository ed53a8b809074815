"""The rows of a dataset file, each one checked before anything is learned from it."""

import codecs
import csv
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any, Literal

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
    return _Wrong(f"byte {start + 1} of it (0x{byte:02x}) is not UTF-8.", "Save the file as UTF-8.")


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
    if is_cut and "Extra data" not in said:
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
    return _Wrong(
        f"it has {len(cells)} cell{'s' * (len(cells) != 1)}, and the header has {len(header)}.",
        "Give every row all its cells.",
    )


def _wrong_header(header: list[str]) -> _Wrong | None:
    if len(header) == 1 and re.search(r"[;\t|]", header[0]):
        return _Wrong(f'the header "{_shown(header[0])}" has no comma.', "Separate columns by commas.", is_last=True)
    twice = next((name for name in header if header.count(name) > 1), None) if len(header) < 1000 else None
    if twice is not None:
        return _Wrong(f'the header names "{_shown(twice)}" twice.', "Give each column a name of its own.", is_last=True)
    return None


# -- Parquet -----------------------------------------------------------------------------------------------------------


def _parquet(path: Path, checker: "_Checker") -> Iterator[tuple[int, Any]]:
    import pyarrow as pa  # here and below: 0.25 s that a start without Parquet need not wait
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            metadata, schema = file.metadata, file.schema_arrow
            leaves = [(file.schema.column(index).path, index) for index in range(len(file.schema))]
            texts = {path for path, index in leaves if file.schema.column(index).physical_type == "BYTE_ARRAY"}
        kind = checker.kind_of(schema.names)
        if kind is None or not metadata.num_rows:
            yield from [(1, dict.fromkeys(schema.names))] if metadata.num_rows else []
            return
        names = [field.name for field in schema if field.name in checker.columns_of[kind]]
        if kind == "prompt":
            names += [field.name for field in schema if field.name not in names and _is_scalar(field.type)]
        read = [(leaf, index) for leaf, index in leaves if any(f"{leaf}.".startswith(f"{name}.") for name in names)]
        total = metadata.num_rows * ROW_BYTES
        for group in range(metadata.num_row_groups):
            chunks = [metadata.row_group(group).column(index) for _, index in read]
            total += sum(chunk.total_uncompressed_size + 8 * chunk.num_values for chunk in chunks)
        _refuse_bomb(path, total)
        # As dictionaries, what repeats stays small until its size is known.
        repeated = [leaf for leaf, _ in read if leaf in texts]
        with pq.ParquetFile(path, metadata=metadata, read_dictionary=repeated) as file:
            total = metadata.num_rows * ROW_BYTES
            number = 1
            for group in range(metadata.num_row_groups):
                table = file.read_row_group(group, columns=names)
                total += sum(_decoded_bytes(chunk) for column in table.columns for chunk in column.chunks)
                _refuse_bomb(path, total)
                plain = pa.schema([(field.name, _plain(field.type)) for field in table.schema])
                for start in range(0, table.num_rows, 1024):
                    # Lists come eight times faster from plain columns than from dictionaries.
                    for row in _pylist(table.slice(start, 1024).cast(plain)):
                        yield number, row
                        number += 1
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UserError(
            f"{path.name} is not a Parquet file that can be read.",
            why=f"The reader says: {_shown(str(error)).rstrip('.')}.",
            remedy="Get the whole file, or save it anew.",
        ) from None


def _plain(kind: Any) -> Any:
    import pyarrow as pa

    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _is_scalar(kind: Any) -> bool:
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_boolean)
    return any(test(_plain(kind)) for test in tests)


def _refuse_bomb(path: Path, decoded: int) -> None:
    if decoded > LARGEST_DECODED_BYTES:
        raise UserError(
            f"{path.name} holds more than {LARGEST_DECODED_BYTES // 1_000_000} MB once it is decoded.",
            why="Rows are held in memory.",
            remedy="Split it, and train on a part.",
        )


def _decoded_bytes(array: Any) -> int:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(array.type):
        return pc.sum(pc.binary_length(array.dictionary).take(array.indices)).as_py() or 0
    if pa.types.is_struct(array.type):
        return sum(_decoded_bytes(child) for child in array.flatten())
    if pa.types.is_nested(array.type):
        return _decoded_bytes(array.flatten())
    return int(array.nbytes)


def _pylist(table: Any) -> list[Any]:
    try:
        return list(table.to_pylist())
    except ValueError as error:  # text that is not UTF-8, a date before year 1
        if table.num_rows == 1:
            return [_Wrong(f"it cannot be read: {_shown(str(error))}.", "Save the file anew, with text as UTF-8.")]
        return [row for index in range(table.num_rows) for row in _pylist(table.slice(index, 1))]


# -- one row -----------------------------------------------------------------------------------------------------------


class _Checker:
    """Takes rows as the file holds them and gives them as Rows has them; the first one decides the kind."""

    def __init__(self, columns: DataSettings) -> None:
        self.kind: Kind | None = None
        # In the order of preference.
        self.columns_of: dict[Kind, tuple[str, ...]] = {
            "messages": (columns.messages_column,),
            "prompt": (columns.prompt_column, columns.completion_column),
            "text": (columns.text_column,),
        }

    def kind_of(self, names: Sequence[str]) -> Kind | None:
        """The kind that columns of these names make."""
        return next((kind for kind, wanted in self.columns_of.items() if set(wanted) <= set(names)), None)

    def row(self, value: Any) -> dict[str, Any]:
        """The row as it comes out. Raises _Wrong."""
        if not isinstance(value, dict):
            raise _Wrong(f"a row has to be an object, and this is {_named(value)}.", _ONE_A_LINE)
        self.kind = self.kind or self.kind_of(list(value))
        if self.kind is None:
            raise self._no_kind(list(value))
        wanted = self.columns_of[self.kind]
        for name in wanted:
            if name not in value:
                there = _shown(", ".join(value)) or "nothing"
                raise _Wrong(f'it has no "{name}", as the rows before it have; it has: {there}.', "Complete the row.")
        if self.kind == "messages":
            return {"messages": _messages(value[wanted[0]], wanted[0])}
        texts = [_text(value[name], f'"{name}"') for name in wanted]
        empty = [f'"{name}"' for name, text in zip(wanted, texts, strict=True) if not text.strip()]
        if empty:
            raise _Wrong(
                f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty.",
                "Fill it in, or leave the row out.",
            )
        if self.kind == "text":
            return {"text": texts[0]}
        others = {
            name: _text(other, f'"{_shown(name)}"') if isinstance(other, str) else other
            for name, other in value.items()
            if name not in wanted and isinstance(other, str | int | float)
        }
        return {**others, "prompt": texts[0], "completion": texts[1]}

    def _no_kind(self, names: list[str]) -> _Wrong:
        there = f"It has: {_shown(', '.join(names))}." if names else "It has no columns."
        known = [name for name in names[:200] if len(name) <= SHOWN_CHARACTERS]
        half = [name for name in self.columns_of["prompt"] if name not in names]
        missing = half if len(half) == 1 else [name for wanted in self.columns_of.values() for name in wanted]
        pairs = ((name, near) for name in missing for near in get_close_matches(name, known, n=1, cutoff=0.7))
        hint = next((f' Is "{near}" meant for "{name}"?' for name, near in pairs), "")
        if len(half) == 1:
            text = f'it has no "{half[0]}".'
        else:
            messages, (prompt, completion), text_name = self.columns_of.values()
            text = f'it has neither "{messages[0]}" nor "{prompt}" and "{completion}" nor "{text_name[0]}".'
        remedy = "Rename the column, or say in the recipe's [data] what it is called, such as data.prompt_column."
        return _Wrong(f"{text} {there}{hint}", remedy, is_last=True)


def _messages(value: Any, name: str) -> list[dict[str, str]]:
    if not isinstance(value, list):
        raise _Wrong(
            f'"{name}" has to be a list of turns, and is {_named(value)}.',
            "Save the data as JSONL or Parquet.",
        )
    turns = []
    for number, turn in enumerate(value, 1):
        if not isinstance(turn, dict) or "role" not in turn or "content" not in turn:
            raise _Wrong(f'turn {number} of "{name}" is no object of "role" and "content".', "Give every turn both.")
        role = turn["role"]
        if role not in ROLES:
            said = f'"{_shown(role)}"' if isinstance(role, str) else _named(role)
            near = nearest(role, list(ROLES)) if isinstance(role, str) and len(role) <= SHOWN_CHARACTERS else ""
            raise _Wrong(f"turn {number} has the role {said}.{near}", f"Roles are {', '.join(ROLES)}.")
        content = _text(turn["content"], f'"content" of turn {number}')
        if role in ("user", "assistant") and not content.strip():
            raise _Wrong(f"turn {number} ({role}) is empty.", "Fill it in, or leave the row out.")
        turns.append({"role": role, "content": content})
    if not any(turn["role"] == "assistant" for turn in turns):
        raise _Wrong(f'"{name}" has no turn of the assistant: there is nothing to learn.', "Leave the row out.")
    if turns[-1]["role"] != "assistant":
        raise _Wrong(
            f'"{name}" ends with a turn of the {turns[-1]["role"]}, not of the assistant.',
            "Cut what follows the answer.",
        )
    return turns


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _Wrong(f"{name} has to be text, and is {_named(value)}.", 'Put it into "quotes", or leave the row out.')
    if "\0" in value:
        raise _Wrong(f"{name} has a NUL character at position {value.index(chr(0)) + 1}.", "Take the character out.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}"
        raise _Wrong(f"{name} has half a character ({half}) at position {error.start + 1}.", "Take it out.") from None
    return value


def _named(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {_shown(repr(value))}"
        case str():
            return f'the text "{_shown(value)}"'
        case list():
            return "a list"
        case dict():
            return "an object"
    return f"a value of type {type(value).__name__}"


def _shown(text: str) -> str:
    """At most SHOWN_CHARACTERS of it, none of which a terminal obeys."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:SHOWN_CHARACTERS])
    return shown + "…" if len(text) > SHOWN_CHARACTERS else shown
