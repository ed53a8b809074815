"""The rows of a dataset file, each one checked before anything is learned from it."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from workbench.core.data.files import ONE_A_LINE, Wrong, csv_values, json_values, refuse_what_is_no_file, unreadable
from workbench.core.data.parquet import parquet_values
from workbench.core.problems import SHOWN_CHARACTERS, UserError, nearest, shown
from workbench.core.recipe.recipe import DataSettings

ROLES = ("system", "user", "assistant", "tool")

Kind = Literal["prompt", "messages", "text"]


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
    {"messages": [{"role": str, "content": str}, ...]}, a "text" row is {"text": str}.
    """

    path: Path
    kind: Kind
    rows: list[dict[str, Any]]

    @cached_property
    def sha256(self) -> str:
        """Of the whole file, which is read for it: whoever only looks at rows has no use for that. Raises UserError."""
        try:
            with self.path.open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise unreadable(self.path, error) from None

    def part(self, indices: Sequence[int]) -> "Rows":
        """Only the rows at these indices."""
        return Rows(self.path, self.kind, [self.rows[index] for index in indices])


def read(path: Path, columns: DataSettings, *, limit: int | None = None) -> Rows:
    """The file's rows, or its first `limit`. Raises UserError naming the first line or row that is wrong."""
    checker = _Checker(columns)
    rows = []
    for _, row in islice(_checked(path, checker), limit):
        if isinstance(row, RowProblem):
            unit = "row" if path.suffix.lower() == ".parquet" else "line"
            raise UserError(f"{path.name}, {unit} {row.line}: {row.text}", remedy=row.remedy)
        rows.append(row)
    assert checker.kind is not None, "a row was checked, or _checked raised"
    return Rows(path, checker.kind, rows)


def each(path: Path, columns: DataSettings) -> Iterator[tuple[str, int, dict[str, Any] | RowProblem]]:
    """The kind known so far, a line, and its row or what is wrong with it. Raises UserError for the file as a whole."""
    checker = _Checker(columns)
    for line, row in _checked(path, checker):
        yield checker.kind or "", line, row


def problems(path: Path, columns: DataSettings, most: int = 20) -> list[RowProblem]:
    """What `read` would refuse, collected in the order of the file; empty where it would read."""
    found: list[RowProblem] = []
    try:
        for _, row in _checked(path, _Checker(columns)):
            if isinstance(row, RowProblem):
                found.append(row)
            if len(found) >= most:
                break
    except UserError as error:
        found.append(RowProblem(0, f"{error.what} {error.why}".strip(), error.remedy))
    return found


def _checked(path: Path, checker: "_Checker") -> Iterator[tuple[int, dict[str, Any] | RowProblem]]:
    """Each line with its row as it comes out, or what is wrong with it. Raises UserError for the file as a whole."""
    refuse_what_is_no_file(path)
    is_empty = True
    try:
        for line, value in _values(path, checker):
            is_empty = False
            try:
                if isinstance(value, Wrong):
                    raise value
                row = checker.row(value)
            except Wrong as wrong:
                yield line, RowProblem(line, wrong.text, wrong.remedy)
                if wrong.is_last:
                    return
            else:
                yield line, row
    except OSError as error:
        raise unreadable(path, error) from None
    if is_empty:
        raise UserError(f"{path.name} is empty: it has no rows.", remedy="Give a file with at least one row.")


def _values(path: Path, checker: "_Checker") -> Iterator[tuple[int, Any]]:
    """Each row's line with what stands there, or with a Wrong."""
    match path.suffix.lower():
        case ".csv":
            return csv_values(path)
        case ".parquet":
            return parquet_values(path, checker.columns)
    return json_values(path)


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

    def columns(self, names: list[str], scalars: list[str]) -> list[str]:
        """Of a file's columns, those that make its rows, then the single values beside a prompt; none of no kind."""
        kind = self.kind_of(names)
        wanted = [name for name in names if kind and name in self.columns_of[kind]]
        return wanted + [name for name in scalars if kind == "prompt" and name not in wanted]

    def row(self, value: Any) -> dict[str, Any]:
        """The row as it comes out. Raises Wrong."""
        if not isinstance(value, dict):
            raise Wrong(f"a row has to be an object, and this is {_named(value)}.", ONE_A_LINE)
        self.kind = self.kind or self.kind_of(list(value))
        if self.kind is None:
            raise self._no_kind(list(value))
        wanted = self.columns_of[self.kind]
        for name in wanted:
            if name not in value:
                there = shown(", ".join(value)) or "nothing"
                raise Wrong(f'it has no "{name}", as the rows before it have; it has: {there}.', "Complete the row.")
        if self.kind == "messages":
            return {"messages": _messages(value[wanted[0]], wanted[0])}
        texts = [_text(value[name], f'"{name}"') for name in wanted]
        empty = [f'"{name}"' for name, text in zip(wanted, texts, strict=True) if not text.strip()]
        if empty:
            raise Wrong(
                f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty.",
                "Fill it in, or leave the row out.",
            )
        if self.kind == "text":
            return {"text": texts[0]}
        others = {
            name: _text(other, f'"{shown(name)}"') if isinstance(other, str) else other
            for name, other in value.items()
            if name not in wanted and isinstance(other, str | int | float)
        }
        return {**others, "prompt": texts[0], "completion": texts[1]}

    def _no_kind(self, names: list[str]) -> Wrong:
        there = f"It has: {shown(', '.join(names))}." if names else "It has no columns."
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
        return Wrong(f"{text} {there}{hint}", remedy, is_last=True)


def _messages(value: Any, name: str) -> list[dict[str, str]]:
    if not isinstance(value, list):
        raise Wrong(
            f'"{name}" has to be a list of turns, and is {_named(value)}.',
            "Save the data as JSONL or Parquet.",
        )
    turns = []
    for number, turn in enumerate(value, 1):
        if not isinstance(turn, dict) or "role" not in turn or "content" not in turn:
            raise Wrong(f'turn {number} of "{name}" is no object of "role" and "content".', "Give every turn both.")
        role = turn["role"]
        if role not in ROLES:
            said = f'"{shown(role)}"' if isinstance(role, str) else _named(role)
            near = nearest(role, list(ROLES)) if isinstance(role, str) and len(role) <= SHOWN_CHARACTERS else ""
            raise Wrong(f"turn {number} has the role {said}.{near}", f"Roles are {', '.join(ROLES)}.")
        content = _text(turn["content"], f'"content" of turn {number}')
        if role in ("user", "assistant") and not content.strip():
            raise Wrong(f"turn {number} ({role}) is empty.", "Fill it in, or leave the row out.")
        turns.append({"role": role, "content": content})
    if not any(turn["role"] == "assistant" for turn in turns):
        raise Wrong(f'"{name}" has no turn of the assistant: there is nothing to learn.', "Leave the row out.")
    if turns[-1]["role"] != "assistant":
        raise Wrong(
            f'"{name}" ends with a turn of the {turns[-1]["role"]}, not of the assistant.',
            "Cut what follows the answer.",
        )
    return turns


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise Wrong(f"{name} has to be text, and is {_named(value)}.", 'Put it into "quotes", or leave the row out.')
    if "\0" in value:
        raise Wrong(f"{name} has a NUL character at position {value.index(chr(0)) + 1}.", "Take the character out.")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        half = f"U+{ord(value[error.start]):04X}"
        raise Wrong(f"{name} has half a character ({half}) at position {error.start + 1}.", "Take it out.") from None
    return value


def _named(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {shown(repr(value))}"
        case str():
            return f'the text "{shown(value)}"'
        case list():
            return "a list"
        case dict():
            return "an object"
    return f"a value of type {type(value).__name__}"
