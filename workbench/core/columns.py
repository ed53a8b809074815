"""Named columns of numbers that grow in place, for what is appended often and drawn whole.

numpy, which takes 0.09 s to import, is imported with the first row: the window's first paint has none.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIRST_CAPACITY = 256


class Columns:
    """Rows of float64, appended in amortised constant time; a column is a view that holds until the next change."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._place = {name: place for place, name in enumerate(self.names)}
        self._kept: NDArray[np.float64] | None = None
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, row: tuple[float, ...]) -> None:
        """Takes one number a column, in the order of `names`."""
        numbers = self._numbers
        if self._count == numbers.shape[1]:
            numbers = self._empty(self._count + self._count // 4)
            numbers[:, : self._count] = self._numbers
            self._kept = numbers
        numbers[:, self._count] = row
        self._count += 1

    def extend(self, columns: "Mapping[str, NDArray[np.float64]]") -> None:
        """Takes many rows at once, by column and of shape (rows,) each; a column that is not named is 0 in them."""
        rows = len(next(iter(columns.values())))
        numbers = self._empty(self._count + rows + FIRST_CAPACITY)
        numbers[:, : self._count] = self._numbers[:, : self._count]
        numbers[:, self._count : self._count + rows] = 0
        for name, values in columns.items():
            numbers[self._place[name], self._count : self._count + rows] = values
        self._kept = numbers
        self._count += rows

    def keep(self, is_kept: "NDArray[np.bool_]") -> None:
        """Forgets the rows that are not marked; `is_kept` has the shape (rows,)."""
        kept = self._numbers[:, : self._count][:, is_kept]
        self._count = kept.shape[1]
        self._kept = self._empty(max(FIRST_CAPACITY, self._count * 2))
        self._kept[:, : self._count] = kept

    @property
    def _numbers(self) -> "NDArray[np.float64]":
        if self._kept is None:
            self._kept = self._empty(FIRST_CAPACITY)
        return self._kept

    def _empty(self, capacity: int) -> "NDArray[np.float64]":
        import numpy as np

        return np.empty((len(self.names), capacity), dtype=np.float64)

    def column(self, name: str) -> "NDArray[np.float64]":
        """The numbers of one column, shape (rows,), read-only. Raises KeyError for another name."""
        view = self._numbers[self._place[name], : self._count]
        view.flags.writeable = False
        return view

    def row(self, index: int) -> dict[str, float]:
        """One row by name. Raises IndexError."""
        if not -self._count <= index < self._count:
            raise IndexError(index)
        return dict(zip(self.names, self._numbers[:, index % self._count].tolist(), strict=True))
