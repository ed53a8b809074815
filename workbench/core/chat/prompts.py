"""A list of prompts from a file: a line each of a text, or the rows of a data file with the answers expected there."""

from typing import Any

from workbench.core import sources
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.data.shapes.text import SHAPE
from workbench.core.data.wrong import Wrong
from workbench.core.job.question import Asking
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import DataSettings

TEXT = ".txt"
# What a column of prompts alone is called, where there are others beside it.
_NAMES = ("prompt", "question", "instruction", "input", "text")


def read_prompts(name: str, settings: DataSettings) -> list[Asking]:
    """The prompts of a file, in its order; `settings` say what columns are for. Raises UserError."""
    path = sources.data_path(name)
    if path.suffix.lower() == TEXT:
        try:
            lines = path.read_text("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            raise UserError(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from None
        except OSError as error:
            raise UserError(
                f"{path} cannot be read: {error.strerror or error}.", remedy="Name a file of prompts."
            ) from None
        found = [Asking(text=line) for line in lines if line.strip()]
    else:
        found = _of_rows(OpenRows(settings_at(settings, name)))
    if not found:
        raise UserError(f"There is no prompt in {shown(str(path), 300)}.", remedy="Write one on each line.")
    return found


def _of_rows(opened: OpenRows) -> list[Asking]:
    column = _prompt_column(opened)
    if column:
        return [
            Asking(text=_text(value, column, opened.source.place_in_words(place)))
            for place, value in opened.source.values()
        ]
    found = []
    for place, row in opened.each():
        where = opened.source.place_in_words(place)
        if isinstance(row, RowProblem):
            raise UserError(f"{where}: {row.text}", remedy=row.remedy)
        if not row.turns:
            raise UserError(f"{where}: plain text asks nothing.", remedy="Give rows with a prompt.")
        *before, last = row.turns[:-1] or ({"role": "user", "content": ""},)
        is_asked = last["role"] == "user"
        found.append(
            Asking(
                text=str(last["content"]) if is_asked else "",
                before=tuple(before) if is_asked else (*before, last),
                tools=row.tools,
                expected=row.answer,
            )
        )
    return found


def _prompt_column(opened: OpenRows) -> str:
    """The column of prompts in a file that has no answers beside them; empty where it has."""
    rows = [value for _, value in opened.first if not isinstance(value, Wrong)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if len(columns) == 1 and all(isinstance(row.get(columns[0]), str) for row in rows):
        return columns[0]
    found = opened.found
    if found.mapping is not None and found.is_certain and found.mapping.shape.name != SHAPE.name:
        return ""
    return next((name for name in columns if name.lower() in _NAMES), "")


def _text(value: dict[str, Any] | Wrong, column: str, where: str) -> str:
    if isinstance(value, Wrong):
        raise UserError(f"{where}: {value.text}", remedy=value.remedy)
    text = value.get(column)
    if not isinstance(text, str) or not text.strip():
        raise UserError(f"{where}: {shown(column)} is not a text.", remedy="Give each row a prompt.")
    return text
