"""The article's own sums as bars: what it prints, and what they come to."""

from workbench.core.memory.scenarios import article_sums
from workbench.panes.memory.scale import BarBlock, WayBar

TITLE = "The article's sums"
PRINTED, COMPUTED = "printed", "computed"
LABEL_WIDTH = 262  # of the drawing


def article_bars() -> list[WayBar]:
    """Each sum twice: what is printed, and what it comes to."""
    found = []
    for shown in article_sums():
        claim = BarBlock("claim", shown.printed_bytes, shown.printed)
        found.append(WayBar(f"{shown.title}, {PRINTED}", "", (claim,), shown.printed_bytes, shown.printed))
        parts = tuple(BarBlock(part, size) for part, size in shown.our_parts if size)
        found.append(WayBar(f"{shown.title}, {COMPUTED}", "", parts, shown.our_bytes, shown.ours))
    return found


def article_words() -> str:
    return "\n".join(f"{shown.title}: {shown.sentence}" for shown in article_sums())
