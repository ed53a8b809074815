"""Runs that go to the system's bin, from where a person can take them back."""

import os
from collections.abc import Iterable
from pathlib import Path

from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError, shown
from workbench.core.runs.row import RunRow
from workbench.core.units import bytes_in_words, counted


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder, as far as they can be looked at; what links lead to is not counted."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(parent) / name).lstat().st_size
            except OSError:  # it went just now
                continue
    return total


def trained_further(run: RunFolder, rows: Iterable[RunRow]) -> list[str]:
    """What the other runs are called that began with this one's adapter or model."""
    return [row.called for row in rows if row.path != run.path and _lies_in(row.model, run.path)]


def _lies_in(source: str, folder: Path) -> bool:
    try:
        return Path(source).expanduser().is_relative_to(folder)
    except (RuntimeError, ValueError):  # no path at all
        return False


def removal_in_words(run: RunFolder, users: list[str]) -> str:
    """What is asked before it goes."""
    size = bytes_in_words(size_of(run.path))
    further = ""
    if users:
        what = "was" if len(users) == 1 else "were"
        further = f" {counted(len(users), 'run')} {what} trained further from it: {shown(', '.join(users), 200)}."
    return f"Run {run.name} goes to the system's bin, {size}, from {run.path}.{further}"


def to_bin(run: RunFolder) -> int:
    """Puts the folder into the system's bin, and gives its bytes. Raises UserError, of a run at work too."""
    return _thrown(run, run.path)


def checkpoints_to_bin(run: RunFolder) -> int:
    """Puts its checkpoints there alone: what was learned stays, and nothing can be gone on from.

    Gives their bytes. Raises UserError, of a run at work too.
    """
    return _thrown(run, run.checkpoints)


def _thrown(run: RunFolder, folder: Path) -> int:
    import send2trash  # on some systems it looks for the desktop's own libraries

    if run.state().is_alive:
        raise UserError(
            f"Run {run.name} is at work.", remedy=f"Stop it first: `workbench stop {run.name}`, or cancel it."
        )
    size_bytes = size_of(folder)
    try:
        send2trash.send2trash(str(folder))
    except OSError as error:
        raise UserError(
            f"Run {run.name} cannot be put into the system's bin: {error.strerror or error}.",
            remedy=f"Grant writing there, or delete {folder} yourself.",
        ) from None
    return size_bytes
