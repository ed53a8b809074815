"""What runs were asked differently and what came of each: rows of a table with a column a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.runs.comparison import are_best, common_settings, differing_settings, stand_alone
from workbench.core.runs.result import RunResult
from workbench.core.runs.result_words import outcome_in_words, value_in_words
from workbench.panes.parts.form_rows import choice_in_words
from workbench.panes.parts.run_words import NOT_KNOWN, data_in_words, model_in_words

# What came of it by the words of the card, in its order.
OUTCOMES = {
    "Evaluation": "Evaluation loss",
    "Last loss": "Loss",
    "Right": "Answers right",
    "Exact match": "Exact match",
    "Peak memory": "Peak memory",
    "predicted": "Peak memory predicted",
    "Tokens/s": "Tokens a second",
    "Time": "Time",
    "Steps": "Steps",
}
BY_HAND = "by a person"
# Of a path or an id the last part is told.
_LAST_PARTS = {"model.source": model_in_words, "data.path": data_in_words}


@dataclass(frozen=True)
class Row:
    """A line of the card.

    Attributes:
        path: Of the setting that it is of; nothing where it is none.
        strong: Which of the cells stand out.
        kind: "setting", "common" (the same in all), "outcome" or "section".
    """

    title: str
    cells: tuple[str, ...] = ()
    strong: tuple[bool, ...] = ()
    path: str = ""
    kind: str = "setting"


@dataclass(frozen=True)
class Compared:
    """All that the card may show, and how many settings that is about."""

    rows: tuple[Row, ...] = ()
    common: tuple[Row, ...] = ()
    outcomes: tuple[Row, ...] = ()

    @property
    def settings(self) -> int:
        return len(self.rows) + len(self.common)


def compared(results: Sequence[RunResult]) -> Compared:
    """Only what differs, what is the same, and what came of each."""
    rows = []
    for path, values in differing_settings(results).items():
        cells = tuple(setting_in_words(path, value) for value in values)
        rows.append(Row(settings()[path].title, cells, tuple(stand_alone(cells)), path))
    common = [
        Row(settings()[path].title, tuple([setting_in_words(path, value)] * len(results)), (), path, "common")
        for path, value in common_settings(results).items()
    ]
    return Compared(tuple(rows), tuple(common), _outcomes(results))


def alone(result: RunResult) -> Compared:
    """What was set, what is as it comes, and what came of it."""
    usual = Recipe()
    rows: list[Row] = []
    common: list[Row] = []
    for path in settings():
        if result.recipe.applies(path):
            value = result.recipe.value(path)
            is_usual = value == usual.value(path)
            cells = (setting_in_words(path, value),)
            row = Row(settings()[path].title, cells, (), path, "common" if is_usual else "setting")
            (common if is_usual else rows).append(row)
    return Compared(tuple(rows), tuple(common), _outcomes([result]))


def _outcomes(results: Sequence[RunResult]) -> tuple[Row, ...]:
    columns = [outcome_in_words(result) for result in results]
    made = []
    for title, measure in OUTCOMES.items():
        cells = [column[measure] for column in columns]
        if any(cells):
            if measure == "Answers right" and all(not cell or cell.endswith(BY_HAND) for cell in cells):
                title = "Right, by hand"
            words = tuple(cell.partition(",")[0] or NOT_KNOWN for cell in cells)
            made.append(Row(title, words, tuple(are_best(measure, results)), kind="outcome"))
    return tuple(made)


def setting_in_words(path: str, value: Any) -> str:
    """A setting's value as forms show it; a dash where it has none."""
    if path in _LAST_PARTS and isinstance(value, str) and value:
        return _LAST_PARTS[path](value)
    if settings()[path].kind == "choice" and isinstance(value, str) and value:
        return choice_in_words(value)
    return value_in_words(value)


def as_text(found: Compared, names: Sequence[str], with_common: bool) -> str:
    """The rows with tabs between their cells, for a spreadsheet."""
    lines: list[Sequence[str]] = [("setting", *names)]
    shown = (*found.rows, *(found.common if with_common else ()), *found.outcomes)
    lines += [(row.title, *row.cells) for row in shown]
    return "".join("\t".join(" ".join(cell.split()) for cell in line) + "\n" for line in lines)
