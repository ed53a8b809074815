"""A column's name, or a template that joins columns, as what reads the text of a row: `{title}: {body}`."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from workbench.core.data.cells import empty, filled, quoted, text_of
from workbench.core.data.column_names import normal
from workbench.core.data.wrong import Wrong
from workbench.core.problems import SHOWN_CHARACTERS, UserError, nearest, shown

Row = dict[str, Any]
# Reads a row's text, and adds to the set what was changed on the way. Raises Wrong.
TextReader = Callable[[Row, set[str]], str]

_PIECES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_MISSING = object()


def resolved(asked: str, columns: Iterable[str], setting: str) -> str:
    """The column, or the template of columns, that a setting asks for, as the file spells them. Raises UserError.

    `setting` is its path, such as "data.prompt_column".
    """
    known = list(columns)
    found = _column(asked, known)
    if found is not None:
        return found
    if "{" not in asked and "}" not in asked:
        raise _unknown(asked, known, setting)
    parts = []
    for literal, field in pieces(asked, setting):
        parts.append(literal.replace("{", "{{").replace("}", "}}"))
        if field is not None:
            column = _column(field, known)
            if column is None:
                raise _unknown(field, known, setting)
            parts.append(f"{{{column}}}")
    return "".join(parts)


def _column(asked: str, known: list[str]) -> str | None:
    if asked in known:
        return asked
    near = [name for name in known if normal(name) == normal(asked)]
    return near[0] if len(near) == 1 else None


def _unknown(asked: str, known: list[str], setting: str) -> UserError:
    short = [name for name in known if len(name) <= SHOWN_CHARACTERS][:200]
    near = nearest(asked, short) if len(asked) <= SHOWN_CHARACTERS else ""
    return UserError(
        f"{setting}: the rows have no column {quoted(asked)}.{near}",
        why=f"They have: {shown(', '.join(known)) or 'no columns'}.",
        remedy=f"Set {setting} to one of them.",
    )


def pieces(template: str, setting: str) -> list[tuple[str, str | None]]:
    """Literal texts, each with the column that follows, or None at the end. Raises UserError for a lone brace."""
    found: list[tuple[str, str | None]] = []
    literal, start = "", 0
    for match in _PIECES.finditer(template):
        literal += template[start : match.start()]
        start = match.end()
        if match.group() in ("{{", "}}"):
            literal += match.group()[0]
        elif match.group(1) is None:
            raise UserError(
                f"{setting}: the brace at position {match.start() + 1} has no partner.",
                remedy="Write {column} for a column, and {{ or }} for a brace.",
            )
        else:
            found.append((literal, match.group(1)))
            literal = ""
    return [*found, (literal + template[start:], None)]


def columns_of(spec: str, columns: Iterable[str]) -> list[str]:
    """The columns that a resolved name or template reads."""
    if spec in set(columns):
        return [spec]
    return list(dict.fromkeys(field for _, field in pieces(spec, "data") if field is not None))


def text_reader(spec: str, columns: Iterable[str], *, is_needed: bool = True) -> TextReader:
    """What reads a resolved name or template; where it is needed, a row without any text of it is wrong."""
    if spec in set(columns):
        return _cell_reader(spec, is_needed=is_needed)
    parts = [(literal, field, _cell_reader(field, is_needed=False)) if field else (literal, None, None)
             for literal, field in pieces(spec, "data")]  # fmt: skip
    names = [quoted(field) for _, field, _ in parts if field]

    def read(row: Row, changes: set[str]) -> str:
        made, has_text = [], False
        for literal, _, cell in parts:
            made.append(literal)
            if cell is not None:
                text = cell(row, changes)
                has_text = has_text or not (not text or text.isspace())
                made.append(text)
        if names and not has_text:
            if is_needed:
                raise empty(" and ".join(names))
            return ""
        return "".join(made)

    return read


def _cell_reader(column: str, *, is_needed: bool) -> TextReader:
    name = quoted(column)

    def read_needed(row: Row, changes: set[str]) -> str:
        value = row.get(column, _MISSING)
        if value is _MISSING:
            raise missing(column, row)
        try:
            return filled(value, name, changes)
        except Wrong as wrong:
            wrong.cell = column
            raise

    def read(row: Row, changes: set[str]) -> str:
        try:
            return text_of(row.get(column), name, changes)
        except Wrong as wrong:
            wrong.cell = column
            raise

    return read_needed if is_needed else read


def missing(column: str, row: Row) -> Wrong:
    """What is wrong with a row that has a column less than the others."""
    there = shown(", ".join(map(str, row))) or "nothing"
    return Wrong(
        f"it has no {quoted(column)}, as the rows before it have; it has: {there}.",
        "Complete the row, or leave it out.",
        kind="missing column",
    )
