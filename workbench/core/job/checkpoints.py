"""Checkpoint folders: written whole or not at all, verified before they are used.

`step-00000040/` holds the files of one checkpoint and manifest.json with the size and sha256 of each. Writing: fill a
staging folder, flush each file and the folder to disk, write the manifest, rename, flush the parent. A folder without a
manifest that agrees is never resumed from.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.core.whole_folder import flush

MANIFEST = "manifest.json"
FORMAT = 1
_NAME = re.compile(r"step-(\d{8})")


@dataclass(frozen=True)
class Skipped:
    """A checkpoint that does not verify, and why in words."""

    folder: Path
    reason: str


def folder_name(step: int) -> str:
    return f"step-{step:08d}"


def write(parent: Path, step: int, fill: Callable[[Path], None]) -> Path:
    """Writes the checkpoint of a step; `fill` puts its files into the folder it is given.

    Raises OSError where the disk does not take it; nothing of it is left then, and older checkpoints are untouched.
    """
    parent.mkdir(parents=True, exist_ok=True)
    target = parent / folder_name(step)
    staging = parent / f".{target.name}.partial"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        staging.mkdir()
        fill(staging)
        files = {}
        for path in sorted(staging.rglob("*")):
            if path.is_file():
                flush(path)
                files[path.relative_to(staging).as_posix()] = {"size": path.stat().st_size, "sha256": sha256(path)}
        manifest = {"format": FORMAT, "step": step, "files": files}
        (staging / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
        flush(staging / MANIFEST)
        flush(staging)
        if target.exists():
            # Only a resume that came by this step again gets here; what stands there has not verified or is the same.
            old = parent / f".{target.name}.old"
            shutil.rmtree(old, ignore_errors=True)
            target.rename(old)
            staging.rename(target)
            shutil.rmtree(old, ignore_errors=True)
        else:
            staging.rename(target)
        flush(parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return target


def problem(folder: Path) -> str:
    """Why a checkpoint cannot be used, in words; empty where every file is there with its size and sha256."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["format"] != FORMAT:
            return f"its format is {manifest['format']}, and this version reads {FORMAT}"
        if folder_name(manifest["step"]) != folder.name:
            return f"its manifest is that of step {manifest['step']}"
        expected = {name: (entry["size"], entry["sha256"]) for name, entry in files.items()}
    except FileNotFoundError:
        return "it has no manifest: it was never finished"
    except (ValueError, KeyError, TypeError, AttributeError, OSError, RecursionError):
        return "its manifest cannot be read"
    if not expected:
        return "its manifest names no files"
    try:
        return _first_difference(folder, expected)
    except (OSError, ValueError, RuntimeError):  # names that no file can have, links in a circle
        return "its manifest names files that cannot be"


def _first_difference(folder: Path, expected: dict[str, tuple[int, str]]) -> str:
    root = folder.resolve()
    for name, (size, digest) in expected.items():
        path = folder / name
        if not path.resolve().is_relative_to(root):
            return f"{name} lies outside it"
        if not path.is_file():
            return f"{name} is missing"
        if path.stat().st_size != size:
            return f"{name} has {path.stat().st_size} bytes and should have {size}"
        if sha256(path) != digest:
            return f"{name} is damaged"
    return ""


def steps(parent: Path) -> list[tuple[int, Path]]:
    """The finished checkpoints by step, oldest first; not verified."""
    if not parent.is_dir():
        return []
    found = [(int(match[1]), path) for path in parent.iterdir() if (match := _NAME.fullmatch(path.name))]
    return sorted(found)


def newest_whole(parent: Path) -> tuple[Path | None, list[Skipped]]:
    """The newest checkpoint that verifies, and the newer ones that do not."""
    skipped: list[Skipped] = []
    for _, folder in reversed(steps(parent)):
        reason = problem(folder)
        if not reason:
            return folder, skipped
        skipped.append(Skipped(folder, reason))
    return None, skipped


def discard(skipped: list[Skipped]) -> None:
    """Deletes checkpoints that do not verify, so that rotation never counts them among those kept."""
    for entry in skipped:
        shutil.rmtree(entry.folder, ignore_errors=True)


def rotate(parent: Path, keep: int, protected: set[str]) -> None:
    """Deletes all but the `keep` newest by step number (a clock may jump) and those whose folder name is protected."""
    for _, folder in steps(parent)[:-keep]:
        if folder.name not in protected:
            shutil.rmtree(folder, ignore_errors=True)


def sweep(parent: Path) -> None:
    """Removes what a killed process left half-written."""
    for old in parent.glob(".step-*.old"):
        target = parent / old.name.removeprefix(".").removesuffix(".old")
        if not target.exists():  # killed between the two renames
            old.rename(target)
    for path in parent.glob(".step-*"):
        shutil.rmtree(path, ignore_errors=True)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
