"""One file of the Hub into the cache: from where the part of it ends that is there, and checked by its sum.

huggingface_hub 2.4 loads each file into a temporary one that it deletes when it is interrupted, and its own way of
resuming is gone; so the bytes are asked for here, with its client, and put where it looks for them.
"""

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx2
from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout
from huggingface_hub import get_session, hf_raise_for_status
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError

from workbench.core.hub import cache as hub_cache
from workbench.core.hub import client
from workbench.core.hub.errors import reason, refusal
from workbench.core.hub.listing import HubFile
from workbench.core.hub.offline import why_offline
from workbench.core.hub.repo import Repo
from workbench.core.problems import UserError, shown
from workbench.core.units import bytes_in_words
from workbench.core.whole_folder import flush
from workbench.engine.job.job import Job

CHUNK_BYTES = 1 << 20
# The Hub's store gives no more than 50 GB to one question (huggingface_hub 2.4, constants.py).
PIECE_BYTES = 20_000_000_000
SILENCE_SECONDS = 20.0
RETRY_SECONDS = (2.0, 8.0, 20.0)
# What the Hub asks for with a 429 may be longer.
LONGEST_RETRY_SECONDS = 300.0
LOCK_SECONDS = 0.2
# Between two looks at whether the Hub may still be asked.
OFFLINE_SECONDS = 1.0
# A quota that is used up is a full disk to whoever has it.
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
_PASSING = (408, 429, 500, 502, 503, 504)


class BrokenOff(Exception):
    """The Hub does not give the rest for now; what came is kept. Says why, as a sentence."""


class _Held(Exception):
    """A person has paused the job: the file's lock is let go of, for another program may want the file meanwhile."""


class Download:
    """Files of one commit, one after the other.

    `folder` is the snapshot that they are put into; `came` is called with the bytes of a file that are here, as they
    come and before each wait.
    """

    def __init__(self, job: Job, repo: Repo, commit: str) -> None:
        self._job = job
        self._repo = repo
        self._commit = commit
        self._folder = hub_cache.folder_of(repo.name)
        self.folder = self._folder / "snapshots" / commit
        self.came_bytes = 0  # over the network
        self._sums: _Sums | None = None
        self._offline_at = 0.0

    def load(self, file: HubFile, came: Callable[[int], None]) -> None:
        """Brings one file, which `link` then puts in its place. Raises BrokenOff, UserError, Ordered and OSError."""
        is_here = False
        while not is_here:
            self._job.hold()
            with suppress(_Held):
                is_here = self._bring(file, came)
        came(file.size_bytes)

    def _bring(self, file: HubFile, came: Callable[[int], None]) -> bool:
        """Loads it unless it is here. Raises _Held beside what `load` does."""
        if not _is_whole(self._pointer(file), file):
            blob = self._blob(file)
            with self._lock(file):  # another program, or another fetch, may be loading it
                if not (_is_whole(blob, file) or _is_whole(self._pointer(file), file)):
                    self._load_with_retries(file, blob, came)
        return True

    def link(self, files: Iterable[HubFile]) -> None:
        """Puts files that are here into the snapshot, all at once: half a model never looks like one.

        As huggingface_hub does: by a link, or where there are none the file itself. Raises OSError.
        """
        for file in files:
            blob, pointer = self._blob(file), self._pointer(file)
            if _is_whole(pointer, file):  # all that is read of a cache that cannot be written to
                continue
            with self._lock(file):
                if not _is_whole(pointer, file):
                    pointer.parent.mkdir(parents=True, exist_ok=True)
                    pointer.unlink(missing_ok=True)
                    try:
                        pointer.symlink_to(os.path.relpath(blob, pointer.parent))
                    except OSError:  # Windows without its developer mode
                        blob.replace(pointer)

    def _blob(self, file: HubFile) -> Path:
        return self._folder / "blobs" / file.sum

    def _pointer(self, file: HubFile) -> Path:
        return self.folder / file.name

    @contextmanager
    def _lock(self, file: HubFile) -> Iterator[None]:
        """The lock that huggingface_hub takes for a file; orders are obeyed while it is waited for."""
        path = hub_cache.root() / ".locks" / self._repo.folder_name / f"{file.sum}.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        lock: BaseFileLock = FileLock(path)
        is_told = False
        while True:
            try:
                lock.acquire(timeout=LOCK_SECONDS)
                break
            except NotImplementedError:  # a network drive without locks: huggingface_hub does the same
                lock = SoftFileLock(path)
            except Timeout:
                self._job.obey()
                self._job.hold()
                if not is_told:
                    self._job.notice(f"Another program is fetching {shown(file.name)}; it is waited for.")
                    is_told = True
        try:
            yield
        finally:
            lock.release()

    def _load_with_retries(self, file: HubFile, blob: Path, came: Callable[[int], None]) -> None:
        blob.parent.mkdir(parents=True, exist_ok=True)
        part = blob.with_name(blob.name + hub_cache.PART)
        if self._sums is None or self._sums.file != file:
            self._sums = _Sums(file)
        sums = self._sums  # what was read before a pause is not read again
        tries, wrong_sums = 0, 0
        while True:
            before = _size(part)
            try:
                self._load_part(file, part, sums, came)
            except httpx2.HTTPError as error:  # HfHubHTTPError too
                seconds = self._wait_after(error, file, tries if _size(part) == before else 0)
                tries = 1 if _size(part) > before else tries + 1
                self._wait(seconds)
                continue
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                raise BrokenOff(f"The disk of {hub_cache.root()} is full.") from None
            if sums.hex == file.sum:
                flush(part)
                part.replace(blob)
                return
            part.unlink()
            came(0)
            wrong_sums += 1
            if wrong_sums > 1:
                raise UserError(
                    f"{shown(file.name)} of {self._repo.id} came twice with a checksum that is not the Hub's.",
                    why="Something on the way changes it, or it is damaged on the Hub.",
                    remedy="Try again later, or from another network.",
                )
            self._job.notice(f"{shown(file.name)} came with a wrong checksum and is loaded once more.")

    def _load_part(self, file: HubFile, part: Path, sums: "_Sums", came: Callable[[int], None]) -> None:
        """Appends to the part until it is as long as the file; `sums` is then of all of it."""
        try:
            with part.open("a+b") as out:
                if out.tell() > file.size_bytes:
                    _empty(out)
                if sums.count != out.tell() or (sums.count and sums.stamp != _stamp(part)):
                    self._read_again(out, sums, came)
                came(out.tell())
                while out.tell() < file.size_bytes:
                    self._append(file, out, sums, came)
        finally:
            sums.stamp = _stamp(part)

    def _read_again(self, out: BinaryIO, sums: "_Sums", came: Callable[[int], None]) -> None:
        """Takes the sum of what an earlier fetch has left."""
        sums.restart()
        out.seek(0)
        while chunk := out.read(CHUNK_BYTES):
            sums.update(chunk)
            came(sums.count)

    def _append(self, file: HubFile, out: BinaryIO, sums: "_Sums", came: Callable[[int], None]) -> None:
        """One question for the bytes that follow, until its answer ends or the job is held."""
        if why := why_offline():
            raise BrokenOff(why)
        start = out.tell()
        end = min(start + PIECE_BYTES, file.size_bytes)
        with get_session().stream(
            "GET",
            self._address(file),
            # Without identity what is text may come packed, of which no range can be asked.
            headers={**client.headers(), "Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"},
            timeout=SILENCE_SECONDS,
            follow_redirects=True,
        ) as answer:
            if answer.status_code >= 400:
                answer.read()
            hf_raise_for_status(answer)
            if answer.status_code != 206 and start:  # it gives the whole file alone
                _empty(out)
                sums.restart()
            for chunk in answer.iter_bytes():  # as it comes: of a slow line a megabyte takes a minute
                taken = chunk[: file.size_bytes - out.tell()]
                out.write(taken)
                sums.update(taken)
                self.came_bytes += len(chunk)
                came(out.tell())
                if out.tell() >= file.size_bytes or self._job.orders.is_paused or self._is_offline():
                    break
            else:
                if out.tell() < end:
                    raise httpx2.RemoteProtocolError("The answer ended before the file did.")
        out.flush()
        self._leave_if_paused()

    def _leave_if_paused(self) -> None:
        if self._job.orders.is_paused:
            raise _Held

    def _is_offline(self) -> bool:
        """Whether nobody is to be asked any more, as of OFFLINE_SECONDS ago."""
        now = time.monotonic()
        if now - self._offline_at < OFFLINE_SECONDS:
            return False
        self._offline_at = now
        return bool(why_offline())

    def _address(self, file: HubFile) -> str:
        kind = "datasets/" if self._repo.kind == "dataset" else ""
        return f"{client.api().endpoint}/{kind}{self._repo.id}/resolve/{self._commit}/{quote(file.name)}"

    def _wait_after(self, error: Exception, file: HubFile, tries: int) -> float:
        """Seconds until the next try. Raises BrokenOff after the last, UserError where none will help."""
        asked = ""
        if isinstance(error, HfHubHTTPError):
            status = error.response.status_code
            if isinstance(error, GatedRepoError | RepositoryNotFoundError) or status in (401, 403):
                raise refusal(error, self._repo.name, self._commit) from None
            if status not in _PASSING:
                raise UserError(
                    f"The Hub does not give {shown(file.name)} of {self._repo.id}.",
                    why=f"It answered {status}.",
                    remedy="Try again later.",
                ) from None
            asked = error.response.headers.get("Retry-After", "")
        if tries >= len(RETRY_SECONDS):
            raise BrokenOff(_why(error)) from None
        seconds = min(float(asked), LONGEST_RETRY_SECONDS) if asked.isdecimal() else RETRY_SECONDS[tries]
        self._job.notice(f"{_why(error)} The next try is in {seconds:.0f} s.")
        return seconds

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._job.obey()
            self._leave_if_paused()
            time.sleep(min(0.1, max(0.0, end - time.monotonic())))


def _why(error: Exception) -> str:
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return "The Hub has been asked too often (429)." if status == 429 else f"The Hub answered {status}."
    if isinstance(error, httpx2.TimeoutException):
        return f"Nothing has come for {SILENCE_SECONDS:.0f} s."
    return f"The connection broke off: {reason(error).rstrip('.')}."


# -- files -------------------------------------------------------------------------------------------------------------


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _empty(file: BinaryIO) -> None:
    """Takes out all that is in it; what is cut off alone still counts as the place that is written to."""
    file.truncate(0)
    file.seek(0)


def _stamp(path: Path) -> tuple[int, int]:
    """The size and the time by which a file that another program has written to is known."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def _is_whole(path: Path, file: HubFile) -> bool:
    """Whether a file of its name and size lies there: it is put there only once its sum was right."""
    try:
        return path.stat().st_size == file.size_bytes
    except OSError:
        return False


class _Sums:
    """Of what has come of a file: its sha256, or of a small file the sha1 that git gives it.

    `stamp` is that of the part when it was last left.
    """

    def __init__(self, file: HubFile) -> None:
        self.file = file
        self.stamp = (0, 0)
        self.restart()

    def restart(self) -> None:
        self.count = 0  # bytes
        is_large = len(self.file.sum) == 64
        self._sums: Any = hashlib.sha256() if is_large else hashlib.sha1(b"blob %d\0" % self.file.size_bytes)

    def update(self, data: bytes) -> None:
        self._sums.update(data)
        self.count += len(data)

    @property
    def hex(self) -> str:
        return str(self._sums.hexdigest())


def refuse_without_room(name: str, needed_bytes: int, free_bytes: int) -> None:
    """Raises UserError where the cache's disk has less room than is needed."""
    if needed_bytes > free_bytes:
        raise UserError(
            f"{name} needs {bytes_in_words(needed_bytes)} more on the disk, and {bytes_in_words(free_bytes)} are free.",
            why=f"It goes into {hub_cache.root()}.",
            remedy="Make room there, or set HF_HOME to a folder on a larger disk.",
        )
