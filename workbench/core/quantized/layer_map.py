"""The groups of a tensor as a picture of its rows and columns, at most as large as the room there is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.core.quantized.layer_study import LayerStudy

# Rows looked at for one line of the picture where blocks run on from row to row.
MOST_SAMPLED_ROWS = 32


@dataclass(frozen=True)
class GroupMap:
    """Which group each cell shows: of all in its place the one with the largest absmax.

    Where blocks do not end with the rows and many rows make a line, some rows of a line are looked at, not all.
    """

    groups: NDArray[np.int64]  # lines, columns
    rows_per_line: int
    columns: int  # of the tensor, for all columns of the picture

    @property
    def lines(self) -> int:
        return len(self.groups)


def map_of(study: LayerStudy, lines: int, columns: int) -> GroupMap:
    rows, length, size = study.rows, study.tensor.row_length, study.group_size
    per_line = -(-rows // max(1, lines))
    if length % size == 0:
        return GroupMap(_whole_blocks(study, per_line, max(1, columns)), per_line, length)
    shown = min(length, max(1, columns))
    places = (np.arange(shown) * 2 + 1) * length // (2 * shown)
    steps = min(per_line, MOST_SAMPLED_ROWS) if study.groups > 1 else 1
    offsets = np.arange(steps) * per_line // steps
    firsts = np.arange(0, rows, per_line)
    at = np.minimum(firsts[:, None] + offsets, rows - 1)
    groups = (at[:, :, None] * length + places) // size
    largest = study.absmax[groups].argmax(axis=1)
    return GroupMap(np.take_along_axis(groups, largest[:, None, :], axis=1)[:, 0, :], per_line, length)


def _whole_blocks(study: LayerStudy, per_line: int, columns: int) -> NDArray[np.int64]:
    """Rows of whole blocks: all of them are looked at."""
    across = study.tensor.row_length // study.group_size
    per_column = -(-across // columns)
    absmax = study.absmax.reshape(study.rows, across)
    lines, shown = -(-study.rows // per_line), -(-across // per_column)
    padded = np.full((lines * per_line, shown * per_column), -1, np.float32)
    padded[: study.rows, :across] = absmax
    cells = padded.reshape(lines, per_line, shown, per_column).swapaxes(1, 2).reshape(lines, shown, -1)
    place = cells.argmax(axis=2)
    row = np.arange(lines)[:, None] * per_line + place // per_column
    column = np.arange(shown) * per_column + place % per_column
    groups: NDArray[np.int64] = row * across + column
    return groups
