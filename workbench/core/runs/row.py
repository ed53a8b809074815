"""A run as the list of runs shows it."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from workbench.core.job.label import Label, read_label, read_notes
from workbench.core.job.marks import Judged, read_marks
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.core.job.outline import Outline


@dataclass(frozen=True)
class RunRow:
    """A run in the list.

    Attributes:
        name: Its folder's.
        made_at: When its job.toml was written, in seconds since 1970.
        title: The name that a person has given it, nothing where it has none.
        scored: How many answers were compared after training, of which `right` were as expected.
        judged: What came of its answers in the table of Try.
        error: What is wrong with its job.toml.
        unreadable: Why its journal cannot be read.
        told: What is wrong with its label, notes or marks, which then count as empty.
    """

    # A loss may be NaN, which JSON has no number for.
    __pydantic_config__: ClassVar[dict[str, str]] = {"ser_json_inf_nan": "strings"}

    name: str
    path: Path
    state: RunState
    started_at: datetime
    made_at: float
    step: int = 0
    steps: int = 0
    model: str = ""
    precision: str = ""
    data: str = ""
    loss_last: float | None = None
    evaluation_loss: float | None = None
    right: int = 0
    scored: int = 0
    peak_bytes: int = 0
    elapsed_seconds: float = 0.0
    adapter: str = ""
    title: str = ""
    tags: tuple[str, ...] = ()
    notes: str = ""
    judged: Judged | None = None
    error: str = ""
    unreadable: str = ""
    told: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """What to call it: the person's name for it, else its folder's."""
        return self.title or self.name

    @property
    def answers_right(self) -> Judged | None:
        """What is told of its answers: a person's marks, else the exact match of its training, else of a table."""
        if self.scored and not (self.judged is not None and self.judged.judge == "person"):
            return Judged("exact match", self.right, self.scored)
        return self.judged

    def holds(self, words: str) -> bool:
        """Whether all of the words are found in its names, model, data, tags and notes, whatever their case."""
        texts = (self.name, self.title, self.model, self.data, *self.tags, self.notes)
        whole = "\n".join(texts).casefold()
        return all(word in whole for word in words.casefold().split())

    def has_tags(self, *tags: str) -> bool:
        """Whether it has all of the tags."""
        label = Label(tags=self.tags)
        return all(label.has_tag(tag) for tag in tags)


def row_of(run: RunFolder, recipe: Recipe | str, seen: "Outline", state: RunState) -> RunRow:
    """The run by what was read of it; in place of a recipe that cannot be read stands why. Raises FileNotFoundError."""
    asked = recipe if isinstance(recipe, Recipe) else None
    made_at = run.job.stat().st_mtime
    row = RunRow(
        name=run.name,
        path=run.path,
        state=state,
        started_at=_started_at(run.name, made_at),
        made_at=made_at,
        step=seen.step,
        steps=seen.total_steps or (asked.training.max_steps if asked else 0),
        model=asked.model.source if asked else "",
        precision=str(asked.model.precision) if asked else "",
        data=asked.data.path if asked else "",
        loss_last=seen.loss_last,
        evaluation_loss=seen.evaluation_loss,
        right=seen.scored.right if seen.scored else 0,
        scored=seen.scored.rows if seen.scored else 0,
        peak_bytes=seen.peak_bytes,
        elapsed_seconds=seen.trained_seconds,
        adapter=run.result(seen.ended.adapter) if seen.ended else "",
        error="" if asked else str(recipe),
    )
    return with_words(row, run)


def with_words(row: RunRow, run: RunFolder) -> RunRow:
    """The row with the run's label, notes and marks as they are now."""
    told: list[str] = []
    label, notes, judged = Label(), "", None
    try:
        label = read_label(run.path)
    except UserError as error:
        told.append(str(error))
    try:
        notes = read_notes(run.path)
    except UserError as error:
        told.append(str(error))
    try:
        judged = read_marks(run.path).judged
    except UserError as error:
        told.append(str(error))
    return replace(row, title=label.name, tags=label.tags, notes=notes, judged=judged, told=tuple(told))


def _started_at(name: str, made_at: float) -> datetime:
    try:
        return datetime.strptime(name[:15], "%Y-%m-%d-%H%M")
    except ValueError:
        return datetime.fromtimestamp(made_at)
