"""What all matrices take together: as they are stored, and in each format."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.core.units import bytes_in_words
from workbench.panes.charts.bar_rows import BarRow, BarRows, Columns, Words
from workbench.panes.look.theme import Theme

TITLE, BITS, SIZE = 86, 80, 62


@dataclass(frozen=True)
class SizeRow:
    """A bar: what it is of, its length, and what a weight takes."""

    title: str
    size_bytes: int
    bits: str
    color: str


class SizeBars(BarRows):
    """Rows of bars to one scale, the stored size first."""

    SIZE, LEAST = (330, 0), (220, 0)
    ROW, BAR = (30, 16, 44), 14

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.rows: tuple[SizeRow, ...] = ()

    def show_rows(self, rows: Sequence[SizeRow]) -> None:
        if tuple(rows) == self.rows:
            return
        self.rows = tuple(rows)
        said = "; ".join(f"{row.title} {bytes_in_words(row.size_bytes)}, {row.bits} bits per weight" for row in rows)
        self.setAccessibleName(f"Size of all matrices: {said}" if rows else "Size of all matrices")
        self._restyle()

    def row_count(self) -> int:
        return max(3, len(self.rows))

    def columns(self) -> Columns:
        px = self._theme.px
        left, right = float(px(TITLE)), float(self.width() - px(SIZE) - px(BITS))
        size, bits = right + px(4), right + px(SIZE)
        return Columns((left, right), ((0.0, left - px(8)), (size, size + px(SIZE)), (bits, bits + px(BITS))))

    def bar_rows(self) -> list[BarRow]:
        most = max((row.size_bytes for row in self.rows), default=0) or 1
        return [
            BarRow(
                (
                    Words(row.title),
                    Words(bytes_in_words(row.size_bytes), weight=600),
                    Words(f"{row.bits} bits", "text.tertiary", "small"),
                ),
                row.size_bytes / most,
                row.color,
            )
            for row in self.rows
        ]
