"""A list of prompts: a line each of a text, or the rows of data with the answers expected there."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from workbench.core import sources
from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.data.shapes.text import SHAPE
from workbench.core.data.wrong import Wrong
from workbench.core.job.question import Asking
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import DataSettings

TEXT = ".txt"
# What a column of prompts alone is called, where there are others beside it.
_NAMES = ("prompt", "question", "instruction", "input", "text")


class PromptFile(NamedTuple):
    """The prompts of a file.

    Attributes:
        columns: Those of its rows, any of which may hold the expected answers; none of a text.
    """

    prompts: list[Asking]
    columns: tuple[str, ...] = ()


def read_prompts(name: str, settings: DataSettings) -> list[Asking]:
    """The prompts of a file, in its order; `settings` say what columns are for. Raises UserError."""
    return prompt_file(name, settings).prompts


def prompt_file(name: str, settings: DataSettings, expected: str | None = None) -> PromptFile:
    """The prompts of a file, in its order; `settings` say what columns are for.

    `expected` is the column with the right answers: None takes what the rows learn, an empty name none.
    Raises UserError.
    """
    path = sources.data_path(name)
    if path.suffix.lower() == TEXT:
        try:
            text = path.read_text("utf-8-sig")
        except UnicodeDecodeError:
            raise UserError(f"{path} is not UTF-8.", remedy="Save it as UTF-8.") from None
        except OSError as error:
            raise UserError(
                f"{path} cannot be read: {error.strerror or error}.", remedy="Name a file of prompts."
            ) from None
        found = PromptFile([Asking(text=line) for line in text.splitlines() if line.strip()])
    else:
        found = _of_rows(OpenRows(settings_at(settings, name)), expected)
    if not found.prompts:
        raise UserError(f"There is no prompt in {shown(str(path), 300)}.", remedy="Write one on each line.")
    return found


def typed_prompts(text: str) -> list[Asking]:
    """A prompt on each line; behind a tab, as two columns of a spreadsheet are pasted, its expected answer."""
    found = []
    for line in text.splitlines():
        prompt, _, expected = line.partition("\t")
        if prompt.strip():
            found.append(Asking(text=prompt.strip(), expected=expected.strip() or None))
    return found


def prompts_of_rows(rows: Iterable[DataRow]) -> list[Asking]:
    """What rows ask, with the answers that they learn; plain text, which asks nothing, is left out."""
    return [asking for row in rows if (asking := asking_of(row)) is not None]


def asking_of(row: DataRow) -> Asking | None:
    """A row as a prompt with the answer expected; None where it is plain text, which asks nothing."""
    if not row.turns:
        return None
    *before, last = row.turns[:-1] or ({"role": "user", "content": ""},)
    is_asked = last["role"] == "user"
    return Asking(
        text=str(last["content"]) if is_asked else "",
        before=tuple(before) if is_asked else (*before, last),
        tools=row.tools,
        expected=row.answer,
    )


def _of_rows(opened: OpenRows, expected: str | None) -> PromptFile:
    columns = tuple(dict.fromkeys(name for _, row in opened.first if not isinstance(row, Wrong) for name in row))
    if expected and expected not in columns:
        raise UserError(
            f"{opened.source.name} has no column {shown(expected)}.", remedy=f"It has {', '.join(columns)}."
        )
    prompts = []
    column = _prompt_column(opened, columns)
    if column:
        for place, value in opened.source.values():
            text = _text(value, column, opened.source.place_in_words(place))
            prompts.append(Asking(text=text, expected=_answer(value, expected) if expected else None))
        return PromptFile(prompts, columns)
    for place, row in opened.each():
        where = opened.source.place_in_words(place)
        if isinstance(row, RowProblem):
            raise UserError(f"{where}: {row.text}", remedy=row.remedy)
        asking = asking_of(row)
        if asking is None:
            raise UserError(f"{where}: plain text asks nothing.", remedy="Give rows with a prompt.")
        if expected is not None:
            answer = _answer(opened.source.at(place), expected) if expected else None
            asking = asking.model_copy(update={"expected": answer})
        prompts.append(asking)
    return PromptFile(prompts, columns)


def _answer(value: dict[str, Any] | Wrong, column: str) -> str | None:
    """The expected answer in a row's column; None where it has none."""
    found = None if isinstance(value, Wrong) else value.get(column)
    if found is None or isinstance(found, str):
        return found or None
    return json.dumps(found, ensure_ascii=False)


def _prompt_column(opened: OpenRows, columns: tuple[str, ...]) -> str:
    """The column of prompts in a file that has no answers beside them; empty where it has."""
    rows = [value for _, value in opened.first if not isinstance(value, Wrong)]
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
