"""The drafts on this machine: begun from a file or from nothing, found again, and let go."""

import hashlib
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Event, Lock

from filelock import FileLock, Timeout

from workbench.core import places, sources
from workbench.core.data.edits import journal
from workbench.core.data.edits.base import FACTS, write_base, write_empty
from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.journal import JOURNAL
from workbench.core.data.edits.value import Spelling
from workbench.core.data.rows import OpenRows, read_by
from workbench.core.data.source import open_source
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings
from workbench.core.whole_file import write_whole
from workbench.core.whole_folder import whole_folder

FIRST_ROWS = 1  # of a draft from nothing
WRITTEN = "written-"
COPY, LOCK = "copy.json", "window.lock"
# A draft in which nothing was written goes after a month, what a killed process left half made or gone after a day.
UNWRITTEN_SECONDS, PARTIAL_SECONDS = 30 * 86_400, 86_400


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
    folder = places.drafts() / f"{WRITTEN}{uuid.uuid4().hex[:12]}"
    with _new_folder(folder) as staging:
        write_empty(staging, spelling, rows)
    return Draft(folder)


def find_draft_of_copy(path: Path) -> Path | None:
    """The folder of the draft whose last copy a file is, as long as nobody else has written to it since."""
    stamp = _stamp(path)
    for folder in _newest_first("*"):
        try:
            kept = json.loads((folder / COPY).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if kept == [str(path.resolve()), *stamp] and (folder / FACTS).is_file():
            return folder
    return None


def find_kept(settings: DataSettings) -> Path | None:
    """The folder of the draft of which the file is a copy, else of the file's own; None where there is none yet.

    Raises UserError.
    """
    copied = find_draft_of_copy(sources.data_path(settings.path)) if not settings.also else None
    return copied or find_draft(settings)


def unsaved_changes(settings: DataSettings) -> int:
    """How many changes of a file's rows, or of those that it is the copy of, are in no copy. Raises UserError."""
    folder = find_kept(settings)
    return journal.unsaved_changes(folder) if folder is not None else 0


def find_written() -> Path | None:
    """The folder of the rows that were last written from nothing and have no copy yet; None where there are none."""
    for folder in _newest_first(f"{WRITTEN}*"):
        has_changes = (folder / JOURNAL).is_file() and not (folder / COPY).exists()
        if (folder / FACTS).is_file() and has_changes:
            return folder
    return None


def keep_copy(draft: Draft, path: Path) -> None:
    """Keeps that a file is the draft's copy, by which the draft is found again. Raises UserError."""
    with _guarded(draft.folder):
        write_whole(draft.folder / COPY, json.dumps([str(path.resolve()), *_stamp(path)]))


def sweep() -> None:
    """Removes what is of no use to anybody: old drafts in which nothing was written, and what is half made or gone."""
    now = time.time()
    for folder in places.drafts().glob("*"):
        age = now - _touched(folder)
        if _is_partial(folder) and age > PARTIAL_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
        elif not _is_partial(folder) and age > UNWRITTEN_SECONDS and not (folder / JOURNAL).exists():
            with suppress(UserError):  # a window has it open, or it cannot be written to
                held = Held(folder)
                held.release(partial(shutil.rmtree, folder, ignore_errors=True))


def _newest_first(pattern: str) -> list[Path]:
    """Drafts that are whole; one that is thrown away stands there under a hidden name until its files are gone."""
    found = (folder for folder in places.drafts().glob(pattern) if not _is_partial(folder))
    return sorted(found, key=_touched, reverse=True)


def _is_partial(folder: Path) -> bool:
    return folder.name.startswith(".")


def _touched(folder: Path) -> float:
    """Seconds since 1970 when something was last written there; 0 where that cannot be read."""
    try:
        return max(path.stat().st_mtime for path in (folder, folder / JOURNAL) if path.exists())
    except (OSError, ValueError):
        return 0.0


def _stamp(path: Path) -> list[int]:
    try:
        found = path.stat()
    except OSError:
        return [0, 0]
    return [found.st_size, found.st_mtime_ns]


class Held:
    """A draft's lock: one window at a time writes in it. The system lets go of it however the window ends.

    Who holds it may `share` it with work that goes on in a thread: it is let go of by whoever releases it last.
    Raises UserError where another window has it.
    """

    def __init__(self, folder: Path) -> None:
        self._holders, self._counting, self._is_free = 1, Lock(), Event()
        self._last_acts: list[Callable[[], object]] = []
        self._lock = FileLock(folder / LOCK, thread_local=False)
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise UserError(
                "These rows are being written in another window.",
                why="Two windows would write over each other.",
                remedy="Go on there, or close it first.",
            ) from None
        except OSError as error:
            raise UserError(
                f"No draft can be kept in {folder}: {error.strerror or error}.", remedy="Grant writing there."
            ) from None

    def share(self) -> None:
        """One more holds it, and has to release it."""
        with self._counting:
            self._holders += 1

    def release(self, act: Callable[[], object] = lambda: None) -> None:
        """Lets go of it; `act` is done while it is still held, in the thread of whoever is the last."""
        with self._counting:
            self._last_acts.append(act)
            self._holders -= 1
            is_last = self._holders == 0
        if is_last:
            try:
                for last_act in self._last_acts:
                    last_act()
            finally:
                self._lock.release()
                self._is_free.set()

    def wait(self) -> None:
        """Returns once nobody holds it any more."""
        self._is_free.wait()


def discard(draft: Draft) -> Callable[[], None]:
    """Lets go of a draft with all its changes; copies that were saved stay.

    It is there no more at once; what is given back frees the disk, which may take a while.
    """
    gone = draft.folder.with_name(f".{draft.folder.name}.{uuid.uuid4().hex[:8]}.partial")
    try:
        draft.folder.rename(gone)
    except OSError:
        gone = draft.folder
    return lambda: shutil.rmtree(gone, ignore_errors=True)


def _key(settings: DataSettings) -> str:
    """A folder's name that changes with the file and with how it is read."""
    source = open_source(settings)
    facts = [str(path.resolve()) for path in source.files], read_by(settings)
    return hashlib.sha256(json.dumps([facts, source.stamp()]).encode("utf-8", "surrogateescape")).hexdigest()[:24]


@contextmanager
def _new_folder(folder: Path) -> Iterator[Path]:
    """A folder that is there whole or not at all. Raises UserError."""
    with _guarded(folder.parent), whole_folder(folder) as staging:
        yield staging


@contextmanager
def _guarded(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"No draft can be kept in {folder}: {error.strerror or error}.",
            remedy="Make room or grant writing there, or set WORKBENCH_HOME to another folder.",
        ) from None
