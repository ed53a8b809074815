"""The system's bin: what went there, found again by where it lay, and taken back."""

import os
import shutil
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from workbench.core.problems import UserError


@dataclass(frozen=True)
class _Kept:
    """Something in the bin: where its content lies, the note of it where the bin keeps one, and when it came there."""

    content: Path
    note: Path | None
    at: float


def take_back(original: Path) -> None:
    """Puts back what went to the bin from `original` last. Raises UserError where it is gone, or in the way."""
    if original.exists():
        raise UserError(f"{original} is there again: what is in the bin stays there.")
    found = max(_kept(original), key=lambda kept: kept.at, default=None)
    if found is None:
        raise UserError(f"{original.name} is not in the system's bin any more.", remedy="It may have been emptied.")
    try:
        original.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(found.content, original)
    except OSError as error:
        raise UserError(
            f"{original.name} cannot be taken out of the bin: {error.strerror or error}.",
            remedy=f"It lies in {found.content}.",
        ) from None
    if found.note is not None:
        with suppress(OSError):  # a note of nothing harms nobody
            found.note.unlink()


def _kept(original: Path) -> Iterator[_Kept]:
    """All that the bin has from a place."""
    with suppress(OSError):
        if sys.platform == "win32":
            yield from _in_recycle_bin(Path(f"{original.drive}\\$Recycle.Bin"), original)
        elif sys.platform == "darwin":
            yield from _in_mac_trash(Path.home() / ".Trash", original)
        else:
            for top in _free_desktop_bins(original):
                yield from in_free_desktop_bin(top, original)


def _free_desktop_bins(original: Path) -> Iterator[Path]:
    """The person's own, and those that the file system of `original` may have (freedesktop.org's trash-spec)."""
    yield Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "Trash"
    mount = original.parent.resolve()
    while not mount.is_mount():
        mount = mount.parent
    uid = os.getuid() if hasattr(os, "getuid") else 0
    yield mount / ".Trash" / str(uid)
    yield mount / f".Trash-{uid}"


def in_free_desktop_bin(top: Path, original: Path) -> Iterator[_Kept]:
    for note in sorted(top.glob("info/*.trashinfo")):
        lines = note.read_text(encoding="utf-8", errors="replace").splitlines()
        told = next((line.removeprefix("Path=") for line in lines if line.startswith("Path=")), "")
        place = Path(unquote(told))
        content = top / "files" / note.name.removesuffix(".trashinfo")
        from_mount = top.parent.parent if top.parent.name == ".Trash" else top.parent
        if told and (place if place.is_absolute() else from_mount / place) == original and content.exists():
            yield _Kept(content, note, note.stat().st_mtime)


def _in_mac_trash(top: Path, original: Path) -> Iterator[_Kept]:
    for content in top.glob(f"{original.name}*"):
        yield _Kept(content, None, content.stat().st_ctime)


def _in_recycle_bin(top: Path, original: Path) -> Iterator[_Kept]:
    for note in top.glob("*/$I*"):
        with suppress(OSError):  # other people's cannot be looked into
            if recycled_from(note.read_bytes()) == str(original):
                yield _Kept(note.with_name("$R" + note.name[2:]), note, note.stat().st_mtime)


def recycled_from(note: bytes) -> str:
    """The path in a $I file of Windows: 8 bytes each of version, size and time, then it in UTF-16.

    Version 2 has its length before it, version 1 fills 260 characters.
    """
    if len(note) < 28:
        return ""
    (version,) = struct.unpack_from("<q", note)
    text = note[28:] if version == 2 else note[24:]
    return text.decode("utf-16-le", "replace").split("\0", 1)[0]
