"""Where the bars of the Memory page stand: bytes to pixels, rows to heights."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from workbench.core import ticks
from workbench.core.memory.corrections import Corrected
from workbench.core.memory.ledger import Ledger
from workbench.panes.look.theme import Theme
from workbench.panes.memory.words import UNITS

# A limit further away than this many times the longest bar is left to words: the parts could not be told apart.
FARTHEST_LIMIT = 2.5
MOST_TICKS = 7


@dataclass(frozen=True)
class BarBlock:
    """A stretch of a bar; `claim` is one that is only said."""

    part: str
    size_bytes: float
    formula: str = ""


@dataclass(frozen=True)
class WayBar:
    """A row of the picture: blocks, how far they count, and what stands beside and under them."""

    title: str
    subtitle: str
    blocks: tuple[BarBlock, ...]
    total_bytes: float
    figure: str
    verdict: str = ""
    state: str = ""  # of the verdict
    note: str = ""
    mark_bytes: float = 0  # of a dotted line across the bar that the note is about

    @property
    def longest_bytes(self) -> float:
        return max(self.total_bytes, sum(block.size_bytes for block in self.blocks))


def blocks_of(ledger: Ledger, corrected: Corrected | None = None) -> tuple[BarBlock, ...]:
    """The lines of a ledger, and what was learned where that is more."""
    found = [BarBlock(line.part, line.size_bytes, line.formula) for line in ledger.lines if line.size_bytes > 0]
    if corrected is not None and corrected.peak_bytes > ledger.peak_bytes:
        found.append(BarBlock("learned", corrected.peak_bytes - ledger.peak_bytes, corrected.correction.in_words))
    return tuple(found)


def between(before: WayBar | None, after: WayBar, share: float) -> WayBar:
    """The second bar on its way from the first, or from nothing."""
    sizes = {block.part: block.size_bytes for block in before.blocks} if before else {}
    formulas = {block.part: block.formula for block in after.blocks}
    wanted = {block.part: block.size_bytes for block in after.blocks}
    parts = [*wanted, *(part for part in sizes if part not in wanted)]
    order = [block.part for block in (before.blocks if before else ())]
    parts.sort(key=lambda part: order.index(part) if part in order else len(order) + list(wanted).index(part))
    moved = tuple(
        BarBlock(
            part,
            sizes.get(part, 0.0) + (wanted.get(part, 0.0) - sizes.get(part, 0.0)) * share,
            formulas.get(part, ""),
        )
        for part in parts
    )
    start = before.total_bytes if before else 0.0
    total = start + (after.total_bytes - start) * share
    return WayBar(after.title, "", moved, total, "", "", "", "", 0)


@dataclass(frozen=True)
class Scale:
    """A picture of a number of rows in a widget of this size."""

    theme: Theme
    width: int
    height: int
    rows: int
    most_bytes: float
    limit_bytes: float
    unit: str
    label_width: int
    figure_width: int
    has_sentence: bool = False

    @property
    def left(self) -> float:
        return float(self.label_width)

    @property
    def right(self) -> float:
        return max(self.left + 40.0, float(self.width - self.figure_width))

    @property
    def shows_limit(self) -> bool:
        return 0 < self.limit_bytes <= FARTHEST_LIMIT * self.most_bytes

    @property
    def whole(self) -> float:
        return max(self.most_bytes, self.limit_bytes if self.shows_limit else 0.0) or 1.0

    def x(self, size_bytes: float) -> float:
        return self.left + (self.right - self.left) * size_bytes / self.whole

    @property
    def top(self) -> int:
        """Below the axis's words."""
        return self.theme.px(20)

    @property
    def bottom(self) -> int:
        """Where the rows end, above the limit's words."""
        return self.height - self.theme.px(22) - (self.theme.px(24) if self.has_sentence else 0)

    @property
    def pitch(self) -> float:
        room = (self.bottom - self.top) / max(1, self.rows)
        return min(room, self.theme.px(76 if self.rows <= 4 else 44))

    def row(self, index: int) -> QRectF:
        """All of a row."""
        return QRectF(self.theme.px(6), self.top + index * self.pitch, self.width - 2 * self.theme.px(6), self.pitch)

    def bar(self, index: int) -> QRectF:
        """Where its bar may reach to."""
        row = self.row(index)
        high = min(self.theme.px(30), round(0.57 * self.pitch) if self.rows <= 4 else round(0.72 * self.pitch))
        return QRectF(self.left, row.center().y() - high / 2, self.right - self.left, high)

    def ticks(self) -> list[tuple[float, str]]:
        """Where the axis has ticks, in pixels, and their words."""
        size = UNITS[self.unit]
        end = self.whole / size
        most = max(2, min(MOST_TICKS, int((self.right - self.left) // self.theme.px(70))))
        spacing = ticks.spacing_of(end, most)
        return [(self.x(value * size), words) for value, words in ticks.marks(0, end, spacing)]
