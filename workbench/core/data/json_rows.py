"""The values in a JSON file, by lines or of an array, or what is wrong with them."""

import codecs
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from workbench.core.data.files import LONGEST_LINE_BYTES, ONE_A_LINE, Wrong, lines
from workbench.core.data.json_text import PIECE_BYTES, JsonText
from workbench.core.problems import shown


def json_values(path: Path) -> Iterator[tuple[int, Any]]:
    """Each row's line with what stands there, or with a Wrong; of an array where the file begins with a bracket."""
    with path.open("rb") as file:
        head = file.read(65536).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
    return _array(path) if head.startswith(b"[") else _by_lines(path)


def _by_lines(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in lines(path):
        if isinstance(line, Wrong):
            yield number, line
        elif line.strip():
            try:
                yield number, json.loads(line)
            except json.JSONDecodeError as error:
                # Only the last line has no line end, and a row that was written to its end closes its brace.
                is_cut = not line.endswith("\n") and not line.rstrip().endswith("}")
                yield number, _broken(error.msg, error.colno, is_cut=is_cut)
            except (ValueError, RecursionError) as error:
                yield number, _broken(str(error))


def _broken(words: str, column: int = 0, *, is_cut: bool = False, is_last: bool = False) -> Wrong:
    """No column where JSON is not at fault: a number of more than 4300 digits, lists within lists."""
    said = f"broken JSON at column {column}: {shown(words)}." if column else f"broken JSON: {shown(words)}."
    if is_cut and "Extra data" not in said:
        return Wrong(f"the file ends in the middle of it ({said[:-1]}).", "Get the whole file.", is_last=is_last)
    return Wrong(said, ONE_A_LINE, is_last=is_last)


def _array(path: Path) -> Iterator[tuple[int, Any]]:
    """Each value's line with what stands there, or with a Wrong. Raises OSError."""
    with path.open("rb") as file:
        is_cut = _is_cut(file)
        text = JsonText(file)
        position = text.after_space(text.after_space(0) + 1)  # the bracket is what an array is known by
        mark = ","
        if text.at(position) == "]" and text.after_space(position + 1) == len(text):
            mark = "]"
        while mark == ",":
            position = text.cut(position)
            line = text.line_of(position)
            try:
                value, end = text.value(position)
                if end - position > LONGEST_LINE_BYTES:
                    value = Wrong(f"it is longer than {LONGEST_LINE_BYTES // 1_000_000} MB.", "Leave it out.")
                yield line, value
                position = text.after_space(end)
                mark = text.at(position)
                if mark not in (",", "]") or not mark:
                    raise text.error("Expecting ',' delimiter", position)
                position = text.after_space(position + 1)
                if mark == "]" and position < len(text):
                    raise text.error("Extra data", position)
            except json.JSONDecodeError as error:
                if text.wrong is None or not text.goes_on_after(error):
                    line, column = text.place_of(error)
                    yield line, _broken(error.msg, column, is_cut=is_cut, is_last=True)
                    return
                break
            except (ValueError, RecursionError) as error:
                yield line, _broken(str(error), is_last=True)
                return
        if text.wrong is not None:
            yield text.wrong


def _is_cut(file: BinaryIO) -> bool:
    """Whether the file ends otherwise than an array does."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - PIECE_BYTES))
    end = file.read().rstrip()
    file.seek(0)
    return not end.endswith(b"]")
