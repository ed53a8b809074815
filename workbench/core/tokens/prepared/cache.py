"""Prepared rows kept for the next run that asks for the same, in a folder named by a hash of all that decides them."""

import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from filelock import FileLock, Timeout
from pydantic import ValidationError

from workbench.core import places
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.whole_file import write_whole
from workbench.core.whole_folder import whole_folder

# Raised whenever what is written changes: what an older version wrote is then made anew.
FORMAT = 3
REPORT, TRAINED, HELD_OUT = "report.json", "trained.arrow", "held-out.arrow"
MOST_BYTES = 20_000_000_000  # older ones than the newest go beyond that
STAMPS, MOST_STAMPS = "known-files.json", 2000
# A file that was written so shortly before may be written again within one tick of the file system's clock.
SETTLED_SECONDS = 2.0
LOCKS, LOCK_SECONDS = ".locks", 0.2
_STAGING = re.compile(r"\.[0-9a-f.]+\.(\d+)\.partial")


def key_of(parts: Mapping[str, str]) -> str:
    """The name of what these parts decide: 32 hexadecimal digits."""
    return hashlib.sha256(json.dumps([FORMAT, sorted(parts.items())]).encode()).hexdigest()[:32]


def find(key: str) -> DataPrepared | None:
    """What is kept under a key, which counts as used now; None where there is nothing whole."""
    folder = places.prepared() / key
    try:
        found = DataPrepared.model_validate_json((folder / REPORT).read_text(encoding="utf-8"))
        wanted = {TRAINED: found.used, HELD_OUT: found.held_out}
        if not all((folder / name).is_file() for name, rows in wanted.items() if rows):
            return None
        os.utime(folder / REPORT)
    except (OSError, ValidationError, UnicodeDecodeError):
        return None
    return found.model_copy(update={"folder": str(folder), "is_from_cache": True})


@contextmanager
def making(key: str) -> Iterator[Path]:
    """A folder to fill, which is kept under the key once the block is done."""
    parent = places.prepared()
    parent.mkdir(parents=True, exist_ok=True)
    _sweep(parent)
    with whole_folder(parent / key) as folder:
        yield folder
    prune(keep=key)


@contextmanager
def alone(key: str, wait: Callable[[], None]) -> Iterator[None]:
    """Holds the key's lock; `wait` is called again and again while another process has it, and may raise."""
    locks = places.prepared() / LOCKS
    locks.mkdir(parents=True, exist_ok=True)
    lock = FileLock(locks / key)
    while True:
        try:
            lock.acquire(timeout=LOCK_SECONDS)
            break
        except Timeout:
            wait()
    try:
        yield
    finally:
        lock.release()


def prune(*, keep: str) -> None:
    """Deletes what was not used for longest, until the rest takes MOST_BYTES at most; `keep` stays."""
    kept: list[tuple[float, Path, int]] = []
    for folder in _folders():
        with suppress(OSError):
            size = sum(path.stat().st_size for path in folder.iterdir())
            kept.append(((folder / REPORT).stat().st_mtime, folder, size))
    total = sum(size for _, _, size in kept)
    for _, folder, size in sorted(kept):
        if total <= MOST_BYTES:
            return
        if folder.name != keep:
            shutil.rmtree(folder, ignore_errors=True)
            total -= size


def _folders() -> list[Path]:
    with suppress(OSError):
        return [path for path in places.prepared().iterdir() if path.is_dir() and not path.name.startswith(".")]
    return []


def _sweep(parent: Path) -> None:
    """Removes what killed processes left half-filled; those that live go on."""
    for path in parent.glob(".*.partial"):
        found = _STAGING.fullmatch(path.name)
        if found and int(found[1]) != os.getpid() and not psutil.pid_exists(int(found[1])):
            shutil.rmtree(path, ignore_errors=True)


# -- files whose hash is known -----------------------------------------------------------------------------------------


def stamp(paths: tuple[Path, ...]) -> str:
    """Changes with whatever the system says of files that change: name, size, times, place. Raises OSError."""
    facts = []
    for path in paths:
        found = path.stat()
        facts.append([str(path.resolve()), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino])
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def known_sha256(stamped: str) -> str | None:
    """The hash of the files with that stamp, where they were read before."""
    return _stamps().get(stamped)


def keep_sha256(paths: tuple[Path, ...], stamped: str, sha256: str) -> None:
    """Remembers the hash of files with that stamp, unless they were written just now."""
    try:
        if time.time() - max(path.stat().st_mtime for path in paths) < SETTLED_SECONDS:
            return
        known = {name: value for name, value in _stamps().items() if name != stamped} | {stamped: sha256}
        newest = dict(list(known.items())[-MOST_STAMPS:])
        places.prepared().mkdir(parents=True, exist_ok=True)
        write_whole(places.prepared() / STAMPS, json.dumps(newest))
    except OSError:
        return  # they are read once more


def _stamps() -> dict[str, str]:
    try:
        found = json.loads((places.prepared() / STAMPS).read_text(encoding="utf-8"))
        return {str(name): str(value) for name, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return {}
