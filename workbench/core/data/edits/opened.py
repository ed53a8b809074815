"""A draft that is opened to be written in: whose rows they are, held against other windows, and where a copy goes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.core import places, sources
from workbench.core.data.edits import drafts
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.drafts import Held
from workbench.core.data.hub_dataset import is_hub_dataset
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings


@dataclass(frozen=True, eq=False)
class Opened:
    """A draft.

    Attributes:
        held: Its lock, which whoever opens it has to release.
        folder: Where a copy goes if nobody names another folder.
        trouble: Why rows that were written before are not these; None where they are, and where there are none.
    """

    draft: Draft
    held: Held
    folder: Path
    trouble: UserError | None = None


def open_draft_of(settings: DataSettings, progress: Callable[[int], None]) -> Opened:
    """The draft of a file: that of which the file is a copy, else the file's own, else a new one. Raises UserError.

    `progress` is given the number of rows that were read, and may raise to end it.
    """
    path = sources.data_path(settings.path)
    is_own = settings.path in places.built_in_datasets() or is_hub_dataset(settings.path)
    folder = places.written() if is_own or path.is_dir() else path.parent
    kept = drafts.find_kept(settings)
    if kept is not None:
        return _open(kept, folder)
    draft = drafts.begin_draft(settings, progress)
    return Opened(draft, Held(draft.folder), folder)


def open_written() -> Opened:
    """The rows that were written last and have no copy yet, else an empty row. Raises UserError."""
    kept, trouble = drafts.find_written(), None
    if kept is not None:
        try:
            return _open(kept, places.written())
        except UserError as error:
            trouble = error  # others are written then: told, for those are still there
    draft = drafts.begin_empty_draft()
    return Opened(draft, Held(draft.folder), places.written(), trouble)


def _open(kept: Path, folder: Path) -> Opened:
    held = Held(kept)
    try:
        return Opened(Draft(kept), held, folder)
    except UserError:
        held.release()
        raise
