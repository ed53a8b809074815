"""Folders that appear whole or not at all."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.core.problems import UserError


def sweep(parent: Path) -> None:
    """Removes what a killed process left half-filled."""
    for path in parent.glob(".*.partial"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder to fill that takes its place only once the block is done; an older one there is replaced."""
    target.parent.mkdir(parents=True, exist_ok=True)
    staging = target.parent / f".{target.name}.{uuid.uuid4().hex[:8]}.{os.getpid()}.partial"  # two threads may fill one
    staging.mkdir()
    try:
        yield staging
        for path in sorted(staging.rglob("*")):
            flush(path)
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
        flush(target.parent)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def free_place(staging: Path, wanted: Path) -> Path:
    """Puts a folder where `wanted` is, or beside it under a like name where that is taken.

    Raises OSError and UserError.
    """
    for number in range(1, 1000):
        target = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            staging.rename(target)  # fails where a folder of that name has anything in it
        except OSError:
            if not target.exists():
                raise
            continue
        return target
    raise UserError(f"There are a thousand runs called {wanted.name}.", remedy="Delete some.")


def flush(path: Path) -> None:
    """Puts a file or a folder's entries on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no handle to flush a folder by
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
