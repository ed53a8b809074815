"""A recipe repeated with changes: one run for each way to choose among the values of one to three settings."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe, settings
from workbench.core.recipe.setting import Setting
from workbench.core.runs.row import RunRow

MOST_SETTINGS = 3
MOST_RUNS = 100


def parsed_values(assignments: Iterable[str]) -> dict[str, list[str]]:
    """The values of each setting as `--vary lora.rank=8,16` gives them; those of a list or text are parted by ";".

    Raises UserError.
    """
    found: dict[str, list[str]] = {}
    for assignment in assignments:
        entry, text = recipe_text.assigned(assignment, "--vary takes path=values, such as lora.rank=8,16")
        path = entry.path
        if path in found:
            raise UserError(f"{path} is varied twice.", remedy="Name all of its values at once.")
        mark = mark_of(entry)
        values = list(dict.fromkeys(value.strip() for value in text.split(mark) if value.strip()))
        if not values:
            raise UserError(f"No values are named for {path}.", remedy=f"It takes {entry.range_in_words}.")
        found[path] = values
    if len(found) > MOST_SETTINGS:
        raise UserError(f"{len(found)} settings are varied at once.", remedy=f"{MOST_SETTINGS} are the most.")
    return found


def mark_of(entry: Setting) -> str:
    """What parts the values of a setting."""
    return ";" if entry.kind in ("list", "text") else ","


def variations(recipe: Recipe, values: Mapping[str, Sequence[str]]) -> list[Recipe]:
    """The recipe with each choice of values, the last setting's changing first. Raises UserError."""
    choices = list(itertools.product(*([f"{path}={value}" for value in given] for path, given in values.items())))
    if len(choices) > MOST_RUNS:
        raise UserError(f"That would be {len(choices)} runs.", remedy=f"{MOST_RUNS} are the most: leave values out.")
    return [recipe_text.with_overrides(recipe, choice) for choice in choices]


def sweep_tag(now: datetime) -> str:
    """What the runs of a sweep are tagged with, so that they are found together."""
    return f"sweep {now:%Y-%m-%d %H:%M:%S}"


# -- what came of one --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """A run of a sweep: its value of each setting that the runs do not share."""

    row: RunRow
    values: tuple[Any, ...]

    @property
    def loss(self) -> float | None:
        """Of held-out rows where it was evaluated, else of its last step; None where neither is a number."""
        loss = self.row.loss_last if self.row.evaluation_loss is None else self.row.evaluation_loss
        return loss if loss is not None and loss == loss else None


@dataclass(frozen=True)
class Sweep:
    """Runs that differ in some settings, by these settings' values."""

    paths: tuple[str, ...]
    points: tuple[Point, ...]

    @property
    def best(self) -> Point | None:
        """The run of the smallest loss; None where it says nothing, of one run or of losses of two kinds."""
        known = [point for point in self.points if point.loss is not None]
        kinds = {point.row.evaluation_loss is None for point in known}
        return min(known, key=lambda point: point.loss or 0.0) if len(known) > 1 and len(kinds) == 1 else None


def read_sweep(rows: Iterable[RunRow]) -> Sweep:
    """The runs as a sweep; those whose recipe cannot be read are left out."""
    found: list[tuple[RunRow, Recipe]] = []
    for row in rows:
        with suppress(UserError):
            found.append((row, RunFolder(row.path).recipe()))
    paths = tuple(
        path
        for path in settings()
        if len({recipe.value(path) for _, recipe in found}) > 1 and any(recipe.applies(path) for _, recipe in found)
    )
    points = [Point(row, tuple(recipe.value(path) for path in paths)) for row, recipe in found]
    return Sweep(paths, tuple(sorted(points, key=lambda point: list(map(_in_order, point.values)))))


def _in_order(value: Any) -> tuple[bool, float, str]:
    """Numbers by what they are, the rest by their words."""
    is_number = isinstance(value, int | float)
    return not is_number, float(value) if is_number else 0.0, str(value)
