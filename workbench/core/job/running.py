"""What is said of a column as a whole, kept up as it grows."""

import numpy as np
from numpy.typing import NDArray


class Running:
    """The largest finite number of a column, and how many are not finite; only what is new is looked at."""

    def __init__(self) -> None:
        self._count = 0
        self.largest: float | None = None
        self.missing = 0

    def take_column(self, values: NDArray[np.float64], *, is_rewritten: bool = False) -> None:
        """Takes the whole column as it is now, shape (rows,)."""
        if is_rewritten or len(values) < self._count:
            self._count, self.largest, self.missing = 0, None, 0
        fresh = values[self._count :]
        self._count = len(values)
        finite = fresh[np.isfinite(fresh)]
        self.missing += len(fresh) - len(finite)
        if len(finite):
            highest = float(finite.max())
            self.largest = highest if self.largest is None else max(self.largest, highest)
