"""Named columns of numbers that grow in place, for what is appended often and drawn whole."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

FIRST_CAPACITY = 256


class Columns:
    """Rows of float64, appended in amortised constant time; a column is a view that holds until the next change."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._place = {name: place for place, name in enumerate(self.names)}
        self._numbers = np.empty((len(self.names), FIRST_CAPACITY), dtype=np.float64)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, row: tuple[float, ...]) -> None:
        """Takes one number a column, in the order of `names`."""
        if self._count == self._numbers.shape[1]:
            larger = np.empty((len(self.names), self._count * 2), dtype=np.float64)
            larger[:, : self._count] = self._numbers
            self._numbers = larger
        self._numbers[:, self._count] = row
        self._count += 1

    def keep(self, is_kept: NDArray[np.bool_]) -> None:
        """Forgets the rows that are not marked."""
        kept = self._numbers[:, : self._count][:, is_kept]
        self._count = kept.shape[1]
        self._numbers = np.empty((len(self.names), max(FIRST_CAPACITY, self._count * 2)), dtype=np.float64)
        self._numbers[:, : self._count] = kept

    def column(self, name: str) -> NDArray[np.float64]:
        """The numbers of one column, shape (rows,), read-only. Raises KeyError for another name."""
        view = self._numbers[self._place[name], : self._count]
        view.flags.writeable = False
        return view

    def row(self, index: int) -> dict[str, float]:
        """One row by name. Raises IndexError."""
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return dict(zip(self.names, self._numbers[:, index % self._count].tolist(), strict=True))
