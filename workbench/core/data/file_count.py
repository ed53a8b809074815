"""All rows of a dataset counted by what is wrong with them, told on the way, and given up when asked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from workbench.core.data.mapping import Mapping
from workbench.core.data.rows import OpenRows, RowProblem
from workbench.core.units import counted, grouped

# Rows between two looks at whether the count is still wanted.
STRIDE = 500


@dataclass(frozen=True)
class FileCount:
    """What was counted.

    Attributes:
        rows: How many were read.
        last_line: Where the last of them stands.
        problems: How many cannot be learned from, by a name of `row_kinds.PROBLEMS`.
        is_complete: There are no more rows.
    """

    rows: int
    last_line: int
    problems: dict[str, int]
    is_complete: bool

    @property
    def in_words(self) -> str:
        """Such as "All 100 000 rows are read: 12 are left out (10 empty, 2 broken)"."""
        left = sum(self.problems.values())
        why = ", ".join(f"{grouped(count)} {kind}" for kind, count in self.problems.items())
        said = f"{grouped(left)} {'is' if left == 1 else 'are'} left out ({why})" if left else "none is left out"
        which = (
            f"All {counted(self.rows, 'row')} are read" if self.is_complete else f"Read up to row {grouped(self.rows)}"
        )
        return f"{which}: {said}"


def count_rows(opened: OpenRows, mapping: Mapping, goes_on: Callable[[int], bool]) -> FileCount:
    """Reads every row; `goes_on` is told how many were read, and says whether to go on. Raises UserError."""
    problems: Counter[str] = Counter()
    rows = line = 0
    for place, row in opened.each(mapping):
        if rows % STRIDE == 0 and not goes_on(rows):
            return FileCount(rows, line, dict(problems.most_common()), is_complete=False)
        rows, line = rows + 1, place.line
        if isinstance(row, RowProblem):
            problems[row.kind] += 1
    return FileCount(rows, line, dict(problems.most_common()), is_complete=True)
