"""The article's own sums as bars: what it prints, and what they come to."""

from workbench.core.memory.scenarios import article_sums
from workbench.panes.memory.scale import BarBlock, WayBar

TITLE = "The article's sums"
PRINTED, COMES_OUT = "printed", "reckoned"
LABEL_WIDTH = 262  # of the drawing


def article_bars() -> list[WayBar]:
    """Each sum twice: what is printed, and what it comes to."""
    found = []
    for told in article_sums():
        said = BarBlock("claim", told.printed_bytes, told.printed)
        found.append(WayBar(f"{told.title}, {PRINTED}", "", (said,), told.printed_bytes, told.printed))
        parts = tuple(BarBlock(part, size) for part, size in told.our_parts if size)
        found.append(WayBar(f"{told.title}, {COMES_OUT}", "", parts, told.our_bytes, told.ours))
    return found


def article_words() -> str:
    return "\n".join(f"{told.title}: {told.sentence}" for told in article_sums())
