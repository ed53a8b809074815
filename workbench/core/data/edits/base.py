"""The rows of a dataset as they were when somebody began to write in them: a canonical copy, read row by row."""

import json
from array import array
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from workbench.core.data.column_text import text_reader
from workbench.core.data.edits.value import Spelling, Value, as_messages, empty_value
from workbench.core.data.jsonl import is_pair, to_jsonl_value
from workbench.core.data.mapping import Mapping
from workbench.core.data.rows import OpenRows
from workbench.core.data.wrong import Wrong
from workbench.core.problems import UserError

ROWS = "base.jsonl"
OFFSETS = "base.offsets.npy"  # int64 of shape (rows + 1,)
LINES = "base.lines.npy"  # int64 of shape (rows,)
FACTS = "base.json"
PROGRESS_ROWS = 1000


@dataclass(frozen=True)
class BaseFacts:
    """What is known of the rows as a whole.

    Attributes:
        name: The source's, for a sentence; empty where the rows are written from nothing.
        spelling: Of every row.
        group_column: Under which the group of a row stands; empty without groups.
        unit: What a line's number counts: "line" or "row".
        problems: What was wrong with rows as they were read: row from 0, kind, and what is said; the first of them.
        not_kept: Columns of the file that are read for nothing, and are in no copy.
        files: The paths from which the rows were read, which no copy replaces.
    """

    name: str = ""
    spelling: Spelling = "pair"
    group_column: str = ""
    unit: str = "row"
    problems: tuple[tuple[int, str, str], ...] = ()
    not_kept: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


MOST_PROBLEMS = 10_000


class Base:
    """The copy in a folder, mapped and not held. Raises UserError where it is not whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            problems, not_kept = tuple(map(tuple, facts["problems"])), tuple(facts["not_kept"])
            files = tuple(facts.get("files", ()))
            self.facts = BaseFacts(**{**facts, "problems": problems, "not_kept": not_kept, "files": files})
            self._offsets = np.load(folder / OFFSETS, mmap_mode="r")
            self._lines = np.load(folder / LINES, mmap_mode="r")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise UserError(
                f"The rows that were being written in {folder} cannot be read: {error}.",
                remedy="Begin to edit the file anew.",
            ) from None

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, row: int) -> int:
        """Where a row stood in its file, from 1."""
        return int(self._lines[row])

    @property
    def last_line(self) -> int:
        return int(self._lines[-1]) if len(self._lines) else 0

    def size_of(self, row: int) -> int:
        """Bytes of a row."""
        return int(self._offsets[row + 1] - self._offsets[row])

    @property
    def size_bytes(self) -> int:
        """Of all rows."""
        return int(self._offsets[-1])

    def open(self) -> BinaryIO:
        """The file of the rows, for `text`. Raises UserError."""
        try:
            return (self.folder / ROWS).open("rb")
        except OSError as error:
            raise UserError(f"{self.folder / ROWS} cannot be read: {error.strerror or error}.") from None

    def text(self, row: int, file: BinaryIO) -> bytes:
        """A row as its line of JSON, with the line end."""
        file.seek(int(self._offsets[row]))
        return file.read(int(self._offsets[row + 1] - self._offsets[row]))

    def value(self, row: int) -> Value:
        """Raises UserError."""
        with self.open() as file:
            made: Value = json.loads(self.text(row, file))
        return made


def write_base(opened: OpenRows, mapping: Mapping, folder: Path, progress: Callable[[int], None]) -> None:
    """Copies every row, also those that are wrong, into a folder that is there; asks nothing of the file afterwards.

    `progress` is given the number of rows so far, and may raise to end it. Raises UserError and OSError.
    """
    spelling: Spelling = "text" if mapping.shape.name == "text" else "pair"
    try:
        _write(opened, mapping, folder, progress, spelling)
    except _Respell:
        _write(opened, mapping, folder, progress, "messages")


def write_empty(folder: Path, spelling: Spelling, rows: int) -> None:
    """Begins with empty rows in place of a file's."""
    line = json.dumps(empty_value(spelling)).encode() + b"\n"
    (folder / ROWS).write_bytes(line * rows)
    _write_places(
        folder, array("q", [number * len(line) for number in range(rows + 1)]), array("q", range(1, rows + 1))
    )
    _write_facts(folder, BaseFacts(spelling=spelling))


class _Respell(Exception):
    """A row is not a pair: all are written as conversations."""


def _write(
    opened: OpenRows, mapping: Mapping, folder: Path, progress: Callable[[int], None], spelling: Spelling
) -> None:
    group = mapping.columns.get("group", "")
    offsets, lines = array("q", [0]), array("q")
    problems: list[tuple[int, str, str]] = []
    with (folder / ROWS).open("wb", buffering=1_000_000) as file:
        for place, read in opened.source.values(mapping.used):
            try:
                if isinstance(read, Wrong):
                    raise read
                row = mapping.read(read)
                if spelling == "pair" and row.turns and not is_pair(row):
                    raise _Respell
                value = to_jsonl_value(row, group_column=group, as_messages=spelling == "messages")
            except Wrong as wrong:
                if not place.line:
                    continue  # of the file as a whole
                if len(problems) < MOST_PROBLEMS:
                    problems.append((len(lines), wrong.kind, wrong.text))
                value = _as_far_as_read(read, mapping, spelling)
            line = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
            file.write(line)
            offsets.append(offsets[-1] + len(line))
            lines.append(place.line)
            if len(lines) % PROGRESS_ROWS == 0:
                progress(len(lines))
    _write_places(folder, offsets, lines)
    unit = opened.source.unit
    not_kept = tuple(name for name in mapping.names if name not in mapping.used)
    files = tuple(str(path.resolve()) for path in opened.source.files)
    _write_facts(folder, BaseFacts(opened.source.name, spelling, group, unit, tuple(problems), not_kept, files))


def _as_far_as_read(read: Any, mapping: Mapping, spelling: Spelling) -> Value:
    """What of a wrong row can be shown: its texts that are whole, and nothing in place of the others."""
    value = empty_value(spelling)
    if not isinstance(read, dict):
        return value
    found: dict[str, str] = {}
    for role in ("prompt", "input", "completion", "chosen", "text", "group"):
        if role in mapping.columns:
            with suppress(Wrong):
                found[role] = text_reader(mapping.columns[role], mapping.names, is_needed=False)(read, set())
    group = {mapping.columns["group"]: found["group"]} if found.get("group") else {}
    if spelling == "text":
        return {"text": found.get("text", ""), **group}
    asked = "\n\n".join(filter(None, (found.get(role) for role in ("prompt", "input"))))
    pair = {"prompt": asked, "completion": found.get("completion") or found.get("chosen", ""), **group}
    return as_messages(pair) if spelling == "messages" else pair


def _write_places(folder: Path, offsets: "array[int]", lines: "array[int]") -> None:
    np.save(folder / OFFSETS, np.frombuffer(offsets, dtype=np.int64))
    np.save(folder / LINES, np.frombuffer(lines, dtype=np.int64))


def _write_facts(folder: Path, facts: BaseFacts) -> None:
    (folder / FACTS).write_text(json.dumps(vars(facts)), encoding="utf-8")
