"""The fetch job: a model, or the Parquet files of a dataset, from the Hub into the cache that programs share."""

import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core.hub import cache as hub_cache
from workbench.core.hub.errors import Unreachable
from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import Fetched, FetchPlanned, FetchRequest
from workbench.core.model.hub_details import here_bytes
from workbench.core.problems import UserError
from workbench.engine.fetch.download import BrokenOff, Download, refuse_without_room
from workbench.engine.fetch.here import whole_here
from workbench.engine.fetch.wanted import Wanted, wanted
from workbench.engine.job.job import Job

# Over which the speed is taken.
SPEED_SECONDS = 30.0
# What is left to the system and to other programs.
SPARE_BYTES = 200_000_000


def run(job: Job) -> Ended:
    """Fetches what is asked for. Where it breaks off it holds itself, and goes on when it is told to."""
    request = job.request
    assert isinstance(request, FetchRequest)
    fetch_or_find(job, request, when_broken=job.hold)
    return Ended(state="finished")


def fetch_or_find(job: Job, request: FetchRequest, *, when_broken: Callable[[str], None], elsewhere: str = "") -> Path:
    """The snapshot's folder of what is asked for; where the Hub cannot be asked, as it lies here, which is said.

    Raises UserError, to which `elsewhere` adds where else it is not, and Ordered.
    """
    job.phase("look up")
    name = request.name
    try:
        found = wanted(name, request.revision, request.config, request.split, elsewhere=elsewhere)
    except Unreachable as error:
        here = whole_here(name, request.revision, request.config, request.split)
        if here is None:
            raise
        job.notice(f"{name} is taken as it lies on this machine. {error.why}")
        sizes = [path.stat().st_size for path in here.rglob("*") if path.is_file()]
        job.emit(
            Fetched(
                name=name,
                folder=str(here),
                commit=here.name,
                files=len(sizes),
                total_bytes=sum(sizes),
                came_bytes=0,
                seconds=0.0,
            )
        )
        return here
    return fetch(job, found, when_broken=when_broken)


def fetch(job: Job, found: Wanted, *, when_broken: Callable[[str], None]) -> Path:
    """The snapshot's folder, once all files are there; `when_broken` is told why it broke off, and may let it go on.

    Raises UserError, Ordered and OSError.
    """
    began = time.monotonic()
    total, here = found.total_bytes, here_bytes(found.repo.name, found.files, found.commit)
    with _writing():
        free = free_bytes()
    job.emit(
        FetchPlanned(
            name=found.repo.name,
            commit=found.commit,
            files=[(file.name, file.size_bytes) for file in found.files],
            total_bytes=total,
            here_bytes=here,
            free_bytes=free,
        )
    )
    refuse_without_room(found.repo.id, total - here + SPARE_BYTES if total > here else 0, free)
    job.phase("download", total, "bytes")
    speed = _Speed()
    download = Download(job, found.repo, found.commit)
    done = 0
    for number, file in enumerate(found.files, 1):

        def came(count: int, before: int = done, name: str = file.name, number: int = number) -> None:
            job.progress(
                before + count,
                rate=speed.after(download.came_bytes),
                file=name,
                file_number=number,
                files=len(found.files),
            )

        while True:
            try:
                with _writing():
                    download.load(file, came)
                break
            except BrokenOff as broken:
                when_broken(str(broken))
                speed.restart(download.came_bytes)
        done += file.size_bytes
    with _writing():
        download.link(found.files)
        if hub_cache.snapshot(found.repo.name, found.revision) != download.folder:
            hub_cache.note_revision(found.repo.name, found.revision, found.commit)
    job.emit(
        Fetched(
            name=found.repo.name,
            folder=str(download.folder),
            commit=found.commit,
            files=len(found.files),
            total_bytes=total,
            came_bytes=download.came_bytes,
            seconds=round(time.monotonic() - began, 3),
        )
    )
    return download.folder


def give_up(why: str) -> None:
    """What a job does that cannot wait for the rest. Raises UserError."""
    raise UserError(
        "The download broke off.", why=why, remedy="What came is kept: start again, and it goes on from there."
    )


def free_bytes() -> int:
    """Of the disk that the cache lies on, or will."""
    folder = hub_cache.root()
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


@contextmanager
def _writing() -> Iterator[None]:
    """Says what keeps the cache from being written to. Raises UserError."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"{hub_cache.root()} cannot be written to: {error.strerror or error}.",
            remedy="Make room or grant writing there, or set HF_HOME to another folder.",
        ) from None


class _Speed:
    """Bytes a second, over the last SPEED_SECONDS."""

    def __init__(self) -> None:
        self.restart(0)

    def restart(self, came_bytes: int) -> None:
        """Begins anew, after a wait that is not to count."""
        self._seen = deque([(time.monotonic(), came_bytes)])

    def after(self, came_bytes: int) -> float:
        """The speed once `came_bytes` have come in all; 0 where that cannot be said yet."""
        now = time.monotonic()
        if now - self._seen[-1][0] > 0.2:
            self._seen.append((now, came_bytes))
            while now - self._seen[0][0] > SPEED_SECONDS and len(self._seen) > 2:
                self._seen.popleft()
        before, seconds = self._seen[0][1], now - self._seen[0][0]
        return round((came_bytes - before) / seconds, 1) if seconds > 0.5 else 0.0
