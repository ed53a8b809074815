"""The drafts on this machine: begun from a file or from nothing, found again, and let go."""

import hashlib
import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core import places
from workbench.core.data.edits.base import FACTS, write_base, write_empty
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.value import Spelling
from workbench.core.data.rows import OpenRows, read_by
from workbench.core.data.source import open_source
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings
from workbench.core.whole_folder import whole_folder

FIRST_ROWS = 10  # of a draft from nothing


def find_draft(settings: DataSettings) -> Path | None:
    """The folder of the draft of a file as it is now; None where there is none yet. Raises UserError."""
    folder = places.drafts() / _key(settings)
    return folder if (folder / FACTS).is_file() else None


def begin_draft(settings: DataSettings, progress: Callable[[int], None] = lambda done: None) -> Draft:
    """The draft of a file: the one that is there, else a new one, for which the file is read once.

    `progress` is given the number of rows so far, and may raise to end it. Raises UserError.
    """
    folder = places.drafts() / _key(settings)
    if not (folder / FACTS).is_file():
        opened = OpenRows(settings)
        mapping = opened.mapping
        with _new_folder(folder) as staging:
            write_base(opened, mapping, staging, progress)
    return Draft(folder)


def begin_empty_draft(spelling: Spelling = "pair", rows: int = FIRST_ROWS) -> Draft:
    """A draft of rows that are all to be written. Raises UserError."""
    folder = places.drafts() / f"written-{uuid.uuid4().hex[:12]}"
    with _new_folder(folder) as staging:
        write_empty(staging, spelling, rows)
    return Draft(folder)


def discard(draft: Draft) -> None:
    """Lets go of a draft with all its changes; copies that were saved stay."""
    shutil.rmtree(draft.folder, ignore_errors=True)


def _key(settings: DataSettings) -> str:
    """A folder's name that changes with the file and with how it is read."""
    source = open_source(settings)
    facts = [str(path.resolve()) for path in source.files], read_by(settings)
    return hashlib.sha256(json.dumps([facts, source.stamp()]).encode("utf-8", "surrogateescape")).hexdigest()[:24]


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder that is there whole or not at all. Raises UserError."""
    try:
        with whole_folder(folder) as staging:
            yield staging
    except OSError as error:
        raise UserError(
            f"No draft can be kept in {folder.parent}: {error.strerror or error}.",
            remedy="Make room or grant writing there, or set WORKBENCH_HOME to another folder.",
        ) from None
