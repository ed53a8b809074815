"""Two folders of pictures laid beside each other, pixel by pixel."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PySide6.QtGui import QImage


class Difference(NamedTuple):
    """How one picture differs; `words` says where, or that it is in one folder alone."""

    name: str
    words: str


def compare(old: Path, new: Path, words: list[str]) -> int:
    """Prints each picture that differs and where; gives 0 where none does, else 1.

    With words, only pictures whose name holds one of them.
    """
    names = sorted({path.name for folder in (old, new) for path in folder.glob("*.png")})
    names = [name for name in names if not words or any(word in name for word in words)]
    found = [difference for name in names if (difference := difference_of(old / name, new / name))]
    for difference in found:
        print(f"{difference.name}: {difference.words}")
    print(f"{len(names) - len(found)} of {len(names)} pictures are the same to the pixel.")
    return 1 if found or not names else 0


def difference_of(old: Path, new: Path) -> Difference | None:
    """What is not the same in two pictures of one name; None where every pixel is."""
    if not (old.exists() and new.exists()):
        return Difference(new.name, f"only in {old.parent if old.exists() else new.parent}")
    before, after = pixels(old), pixels(new)
    if before.shape != after.shape:
        sizes = [f"{width}x{height}" for height, width, _ in (before.shape, after.shape)]
        return Difference(new.name, f"{sizes[0]} before, {sizes[1]} now")
    differs = (before != after).any(axis=2)
    if not differs.any():
        return None
    rows, columns = np.nonzero(differs)
    return Difference(
        new.name,
        f"{int(differs.sum())} pixels, between x {columns.min()} to {columns.max()} and y {rows.min()} to {rows.max()}",
    )


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The colours of a picture: height by width by 4 bytes. Raises ValueError where the file holds no picture."""
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_ARGB32)
    if image.isNull():
        raise ValueError(f"{path} is not a picture.")
    # A copy: the bytes go with the image.
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()
