"""Run folders from elsewhere: checked, then copied among the runs, whole or not at all."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from workbench.core import places
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, shown
from workbench.core.runs.removal import size_of
from workbench.core.units import bytes_in_words
from workbench.core.whole_folder import flush, free_place

# What a process holds or was filling is not part of a run.
_LEFT_BEHIND = ("engine.lock", "*.partial", ".step-*.old")
# What is left free on the disk beside the copy.
SPARE_BYTES = 50_000_000


@dataclass(frozen=True)
class Imported:
    """A run that has come: where it is now, and a sentence for each thing that is not as it was."""

    run: RunFolder
    size_bytes: int
    told: tuple[str, ...]


def import_run(folder: Path) -> Imported:
    """Copies a run folder among those at home, under its name or one like it. Raises UserError, and nothing is left."""
    given = RunFolder.open(folder)
    _check(given)
    size_bytes = size_of(given.path)
    home = places.runs()
    staging = home / f".{given.name}.{os.getpid()}.partial"
    try:
        home.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(home).free
        if free < size_bytes + SPARE_BYTES:
            raise UserError(
                f"Run {given.name} takes {bytes_in_words(size_bytes)}, and {bytes_in_words(free)} are free in {home}.",
                remedy="Make room there.",
            )
        try:
            shutil.copytree(given.path, staging, symlinks=True, ignore=shutil.ignore_patterns(*_LEFT_BEHIND))
            for path in staging.rglob("*"):
                flush(path)
            told = tuple(_damaged(RunFolder(staging)))
            run = RunFolder(free_place(staging, home / given.name))
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except (OSError, shutil.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else shown(str(error), 200)
        raise UserError(f"Run {given.name} cannot be copied to {home}: {why}.", remedy="Nothing was kept.") from None
    return Imported(run, size_bytes, told)


def _check(run: RunFolder) -> None:
    """Raises UserError for the first thing that makes the folder none that can be taken in."""
    home = places.runs().resolve()
    if home.is_relative_to(run.path):
        raise UserError(f"{run.path} is where the runs lie.", remedy="Name the folder of one run.")
    if run.path.is_relative_to(home):
        raise UserError(f"{run.path} lies among the runs already.", remedy="`workbench runs` lists it.")
    if run.kind() != "train":
        raise UserError(f"{run.path} is not a training: it is a job of the kind {shown(run.kind())}.")
    run.recipe()
    for parent, folders, names in os.walk(run.path):
        for name in (*folders, *names):
            path = Path(parent) / name
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                raise UserError(
                    f"{path} is not a file of its own: it may lead anywhere.",
                    remedy="Copy the folder with what its links lead to, and import that.",
                )
    if run.outline().started is None:
        raise UserError(f"Run {run.name} has not begun: its journal tells of no start.")
    if run.is_held():
        raise UserError(f"Run {run.name} is at work.", remedy="Import it once it is over.")


def _damaged(run: RunFolder) -> list[str]:
    """What of its checkpoints does not verify: a resume passes over them."""
    found = ((folder.name, checkpoints.problem(folder)) for _, folder in checkpoints.steps(run.checkpoints))
    return [f"Checkpoint {name} cannot be gone on from: {why}." for name, why in found if why]
