"""JSON: an object a line, one array of them, objects one after the other, or one that wraps a list of them."""

import json
import re
from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import chain, islice
from typing import Any, BinaryIO

from workbench.core.data.encoding import Encoding, encoding_of, open_text
from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.json_text import TOO_MANY_PARTS, JsonText, has_too_many_parts
from workbench.core.data.stored import StreamError
from workbench.core.data.text_lines import BOM, LONGEST_LINE_BYTES, TextLines, too_long
from workbench.core.data.wrong import ONE_A_LINE, Wrong
from workbench.core.problems import shown

HEAD_BYTES = 65536
SPACE = " \t\r\n"
# What programs call the list of rows in an object around it.
LIST_NAMES = ("data", "rows", "examples", "items", "records", "samples", "instances", "train", "dataset", "entries")
TURN_KEYS = {"role", "from", "content", "value"}

_FIRST_LIST = re.compile(r'\s*\{\s*("(?:[^"\\]|\\.)*")\s*:\s*\[')
_FIRST_KEY = re.compile(r'\s*\{\s*"([^"\\]*)"')


class JsonFile(RowFile):
    """Its layout is found at its beginning; rows on lines of their own can be read again by their offset."""

    @cached_property
    def encoding(self) -> Encoding:
        found = encoding_of(self.stored, is_ended=True)
        if found.codec != "utf-8":
            self.notes.append(f"The text is {found.title}.")
        return found

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        with self._open() as file:
            layout = _Layout(file)
        with self._open() as file:
            if layout.is_by_line:
                yield from self._by_lines(file)
            else:
                yield from _numbered(self._spread(JsonText(file), layout.list_name))

    def at(self, line: int, offset: int) -> Any:
        if offset < 0:
            return super().at(line, offset)
        with self.stored.open() as file:
            file.seek(offset)
            lines = TextLines(file, number=line, offset=offset)
            found = next(iter(lines), None)
            if found is None:
                raise LookupError(line)
            return _value_of(found[2], lines)

    def _open(self) -> BinaryIO:
        return open_text(self.stored, self.encoding)

    def _spread(self, text: JsonText, list_name: str) -> Iterator[tuple[int, int, Any]]:
        """The values in an array, or one after the other, over as many lines as they take."""
        try:
            position = text.after_space(0)
            if list_name:
                position = text.to_list(position, list_name)
                self._tell_list(list_name)
            if text.at(position) == "[":
                yield from _to_its_end(text, _array(text, position, has_end=not list_name))
                return
            entries = _to_its_end(text, _one_after_the_other(text, position))
            first, *more = islice(entries, 2)
            name = "" if more or not isinstance(first[2], dict) else _list_name(first[2])
            if name:
                self._tell_list(name)
                yield from ((first[0], -1, value) for value in first[2][name])
            else:
                yield from chain((first, *more), entries)
        except ValueError as error:
            yield text.last_line, -1, _broken(str(error), is_last=True)
        except StreamError as error:
            yield text.last_line, -1, Wrong(str(error), "Get the whole file.", is_last=True)

    def _tell_list(self, name: str) -> None:
        self.notes.append(f'The rows are the list "{shown(name)}" of the object in the file.')

    def _by_lines(self, file: BinaryIO) -> Iterator[tuple[int, int, Any]]:
        has_offsets = self.encoding.is_plain and not self.stored.packing
        lines = TextLines(file, offset=self.encoding.mark_bytes)
        decode = json.JSONDecoder().raw_decode
        for number, offset, text in lines:
            try:
                if has_too_many_parts(text):  # type: ignore[arg-type]  # a Wrong is not text, and fails as such
                    raise ValueError(TOO_MANY_PARTS)
                value, end = decode(text)  # type: ignore[arg-type]
                if end != len(text) and text[end:].strip(SPACE):  # type: ignore[arg-type,index]
                    value = _value_of(text, lines)
            except (ValueError, RecursionError, TypeError):
                if isinstance(text, str) and not text.strip(SPACE + BOM):
                    continue
                value = _value_of(text, lines)
            yield number, offset if has_offsets else -1, value


def _value_of(text: str | Wrong, lines: TextLines) -> Any:
    """What stands on a line, or what is wrong with it."""
    if isinstance(text, Wrong):
        return text
    if has_too_many_parts(text):
        return Wrong(TOO_MANY_PARTS, "Split it, or leave it out.", kind="too large")
    stripped = text.lstrip(SPACE + BOM)
    before = len(text) - len(stripped)
    try:
        return json.loads(stripped)
    except json.JSONDecodeError as error:
        # Only the last line has no line end, and a row that was written to its end closes its brace.
        is_cut = lines.ends_open and not text.rstrip().endswith("}")
        return _broken(error.msg, error.colno + before, is_cut=is_cut)
    except (ValueError, RecursionError) as error:
        return _broken(str(error))


def _broken(words: str, column: int = 0, *, is_cut: bool = False, is_last: bool = False) -> Wrong:
    """No column where JSON is not at fault: a number of more than 4300 digits, lists within lists."""
    said = f"broken JSON at column {column}: {shown(words)}." if column else f"broken JSON: {shown(words)}."
    if is_cut and "Extra data" not in said:
        text = f"the file ends in the middle of it ({said[:-1]})."
        return Wrong(text, "Get the whole file.", is_last=is_last, column=column)
    return Wrong(said, ONE_A_LINE, is_last=is_last, column=column)


class _Layout:
    """How the values lie in a JSON file, which stands at its beginning.

    Attributes:
        is_by_line: One on each line; otherwise in an array, or one after the other.
        list_name: The key whose list holds them.
    """

    def __init__(self, file: BinaryIO) -> None:
        self.is_by_line = False
        self.list_name = ""
        try:
            self._find(file)
        except StreamError:  # said where the rows are read
            self.is_by_line = True

    def _find(self, file: BinaryIO) -> None:
        head = file.read(HEAD_BYTES).lstrip(SPACE.encode())
        if head.startswith(b"["):
            return
        line, feed, rest = head.partition(b"\n")
        if not feed:
            line += file.readline(LONGEST_LINE_BYTES)
        if len(line) > LONGEST_LINE_BYTES:
            self.list_name = _first_list(head)
            self.is_by_line = not self.list_name
            return
        text = line.decode("utf-8", "replace").lstrip(BOM).strip(SPACE)
        self.is_by_line = True
        if has_too_many_parts(text):
            return
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            # The first line of an object that is spread over lines ends where more has to come.
            ends_open = error.pos >= len(text) and text.endswith(("{", "[", ",", ":"))
            is_row_next = rest.lstrip().startswith(b"{") and not text.endswith(("[", ":"))
            if ends_open and not is_row_next:
                self.is_by_line = False
                self.list_name = _first_list(head)
        except (ValueError, RecursionError):
            return
        else:
            if isinstance(value, dict) and not rest.strip() and not file.read(HEAD_BYTES).strip():
                self.list_name = _list_name(value)
                self.is_by_line = not self.list_name


def _list_name(value: dict[str, Any]) -> str:
    """The key of an object whose list of objects is what the file is about; "" where the object is a row itself."""
    for key, held in value.items():
        is_list = isinstance(held, list) and held and all(isinstance(entry, dict) for entry in held[:10])
        if is_list and not TURN_KEYS & held[0].keys() and (len(value) == 1 or key.lower() in LIST_NAMES):
            return key
    return ""


def _first_list(head: bytes) -> str:
    """The same by the beginning of an object whose first key holds a list."""
    text = head.decode("utf-8", "replace")
    match = _FIRST_LIST.match(text)
    if match is None:
        return ""
    inner = _FIRST_KEY.match(text, match.end())
    return "" if inner is None or inner[1] in TURN_KEYS else str(json.loads(match[1]))


def _numbered(values: Iterator[tuple[int, int, Any]]) -> Iterator[tuple[int, int, Any]]:
    """The same, with those that share a line told apart."""
    last, place = 0, -1
    for line, _, value in values:
        last, place = line, (place - 1 if line == last else -1)
        yield line, place, value


def _to_its_end(text: JsonText, values: Iterator[tuple[int, int, Any]]) -> Iterator[tuple[int, int, Any]]:
    """The values, then what is wrong with the rest of the file."""
    try:
        yield from values
    except json.JSONDecodeError as error:
        if text.wrong is None or not text.goes_on_after(error):
            line, column = text.place_of(error)
            yield line, -1, _broken(error.msg, column, is_cut=text.is_end(error), is_last=True)
            return
    except (ValueError, RecursionError) as error:
        yield text.last_line, -1, _broken(str(error), is_last=True)
        return
    if text.wrong is not None:
        yield text.wrong[0], -1, text.wrong[1]


def _array(text: JsonText, position: int, *, has_end: bool) -> Iterator[tuple[int, int, Any]]:
    """The values of an array whose bracket stands there; `has_end`: nothing else follows it. Raises ValueError."""
    position = text.after_space(position + 1)
    mark = ","
    if text.at(position) == "]" and (not has_end or text.after_space(position + 1) == len(text)):
        mark = "]"
    while mark == ",":
        position = text.cut(position)
        line = text.line_of(position)
        value, end = text.value(position)
        if end - position > LONGEST_LINE_BYTES:
            value = too_long()
        yield line, -1, value
        position = text.after_space(end)
        mark = text.at(position)
        if mark not in (",", "]") or not mark:
            raise text.error("Expecting ',' delimiter", position)
        position = text.after_space(position + 1)
        if mark == "]" and has_end and position < len(text):
            raise text.error("Extra data", position)


def _one_after_the_other(text: JsonText, position: int) -> Iterator[tuple[int, int, Any]]:
    """The values that follow each other without an array. Raises ValueError."""
    while position < len(text):
        position = text.cut(position)
        line = text.line_of(position)
        value, end = text.value(position)
        position = text.after_space(end)
        yield line, -1, value


FORMAT = Format("JSON", (".jsonl", ".json", ".ndjson"), "line", JsonFile, place=1)
