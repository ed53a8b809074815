"""What is known of a run or a model before it is loaded to be talked to."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from workbench.core.chat.speakers import speaker
from workbench.core.job import checkpoints
from workbench.core.job.journal import parsed
from workbench.core.job.run_folder import RunFolder
from workbench.core.model.adapter_folder import CONFIG
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

# As the journal writes it: within the text of an event its quotes would be escaped.
_EVALUATED = b'"kind":"evaluated"'


class Checkpoint(NamedTuple):
    """Weights of a run at a step, by the name that a chat knows them by; the run's own result `is_last`."""

    name: str
    step: int
    is_last: bool
    is_best: bool = False

    @property
    def words(self) -> str:
        return f"step {self.step}" if self.step else "the end"


class Known(NamedTuple):
    """A run or a model that can be talked to.

    Attributes:
        name: What a chat knows it by.
        title: In words.
        recipe: What it was trained by; None without a run.
        run: Its folder; None without one.
        has_base: Whether its adapter can be turned off, so that the base stands beside it.
        checkpoints: Of its run, the newest first; none without a run.
    """

    name: str
    title: str
    recipe: Recipe | None
    run: RunFolder | None
    has_base: bool
    checkpoints: tuple[Checkpoint, ...]


def known_of(name: str) -> Known:
    """Looks a name up, as the chat job knows it. Raises UserError where it means nothing that can be talked to.

    A run without a result is known by its newest checkpoint, under that one's name.
    """
    try:
        found = speaker(name)
    except UserError:
        newest = newest_checkpoint(name)
        if newest is None:
            raise
        name, found = str(newest), speaker(str(newest))
    run = _run_of(name) if found.recipe is not None else None
    listed = checkpoints_of(run) if run is not None and found.adapter is not None else ()
    return Known(name, found.title, found.recipe, run, found.adapter is not None, listed)


def newest_checkpoint(name: str) -> Path | None:
    """That of a run which has no result; None where it has one, or no checkpoint, or the name means no run."""
    run = None if (Path(name) / CONFIG).is_file() else _run_of(name)
    if run is None or run.has_adapter or run.has_model:
        return None
    return next((Path(entry.name) for entry in checkpoints_of(run)), None)


def _run_of(name: str) -> RunFolder | None:
    """The run of a name that means a run, or a checkpoint or an adapter within one."""
    path = Path(name)
    for folder in (path, *path.parents[:2]):
        if (folder / "job.toml").is_file():
            return RunFolder.open(folder)
    with suppress(UserError):
        return RunFolder.find(name)
    return None


def checkpoints_of(run: RunFolder) -> tuple[Checkpoint, ...]:
    """The adapters of a run, its result first, then the newest; the best is that of its lowest evaluation loss."""
    steps = [(step, folder) for step, folder in checkpoints.steps(run.checkpoints) if (folder / CONFIG).is_file()]
    losses = _losses(run)
    best = min(losses, key=lambda step: losses[step]) if losses else 0
    found = [Checkpoint(str(folder), step, False, step == best) for step, folder in reversed(steps)]
    if run.has_adapter:
        last = _last_step(run)
        found = [
            Checkpoint(str(run.path), last, True, last == best and last > 0),
            *(entry for entry in found if entry.step != last),
        ]
    return tuple(found)


def _last_step(run: RunFolder) -> int:
    """The step at which the run ended; 0 where its journal does not say."""
    with suppress(UserError):
        return run.outline().step
    return 0


def _losses(run: RunFolder) -> dict[int, float]:
    """The evaluation losses by their steps."""
    found: dict[int, float] = {}
    with suppress(OSError), run.journal.open("rb") as file:
        for line in file:
            if _EVALUATED in line:
                event = parsed(line)
                if event.kind == "evaluated":
                    found[event.step] = event.loss
    return found


def has_answers(run: RunFolder) -> bool:
    """Whether a run has anything to talk to: its result, or the adapter of a checkpoint."""
    if run.has_adapter or run.has_model:
        return True
    return any((folder / CONFIG).is_file() for _, folder in checkpoints.steps(run.checkpoints))
