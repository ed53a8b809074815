"""The names and sizes of the memory's parts, beside the bands they belong to."""

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from workbench.core.memory.ledger import Ledger
from workbench.panes.charts.plot_base import PlotBase
from workbench.panes.look.theme import Theme

# Parts that are named together: apart, their labels would have no room.
GROUPS = (
    ("Weights", ("weights",)),
    ("Unquantized", ("unquantized",)),
    ("Adapter state", ("adapters", "gradients", "optimizer")),
    ("Activations", ("activations",)),
    ("Logits", ("logits",)),
    ("Workspace, overhead", ("workspace", "overhead")),
)
# A part below this would be a line of no height.
LEAST_BYTES = 5e6


class BandLabel(NamedTuple):
    """A group of parts: its size, and the middle of its bands from the bottom, in bytes."""

    name: str
    size: float
    middle: float


def labels_of(ledger: Ledger) -> list[BandLabel]:
    """The groups worth a label, from the bottom up."""
    found, below = [], 0.0
    for name, parts in GROUPS:
        size = float(sum(ledger.parts[part] for part in parts))
        if size >= LEAST_BYTES:
            is_all = name == "Adapter state" and ledger.parts["adapters"] > ledger.parts["weights"]
            found.append(BandLabel("Training state" if is_all else name, size, below + size / 2))
        below += size
    return found


def room_for(theme: Theme, labels: list[BandLabel]) -> int:
    """Pixels that the labels take, with their leaders."""
    plain, strong = QFontMetricsF(theme.font("axis")), QFontMetricsF(theme.font("axis", weight=600))
    widths = [plain.horizontalAdvance(f"{each.name} ") + strong.horizontalAdvance(_size(each)) for each in labels]
    return round(max(widths, default=0.0)) + theme.px(24)


def paint_labels(painter: QPainter, plot: PlotBase, labels: list[BandLabel]) -> None:
    """Each label as near to its band as the others leave room; the smallest go where there is too little."""
    theme, area = plot.theme, plot.area()
    plain, strong = theme.font("axis"), theme.font("axis", weight=600)
    high = QFontMetricsF(plain).height()
    most = max(1, int((area.height() + high) // high))
    largest = sorted(labels, key=lambda each: -each.size)[:most]
    labels = [each for each in labels if each in largest]
    wanted = [plot.y_pixels(each.middle / 1e9) for each in labels]
    left, gap = area.right(), theme.px(14)
    for each, anchor, y in zip(labels, wanted, apart(wanted, high, area.top() - high / 2, area.bottom()), strict=True):
        painter.setPen(QPen(theme.color("text.tertiary"), 1))
        painter.drawLine(QPointF(left + 2, anchor), QPointF(left + gap - 3, y))
        painter.setFont(plain)
        painter.setPen(theme.color("text.secondary"))
        box = QRectF(left + gap, y - high / 2, plot.width(), high)
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, f"{each.name} ")
        box.translate(QFontMetricsF(plain).horizontalAdvance(f"{each.name} "), 0)
        painter.setFont(strong)
        painter.setPen(theme.color("text.primary"))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, _size(each))


def _size(label: BandLabel) -> str:
    return f"{label.size / 1e9:.2f}"


def apart(wanted: list[float], least: float, top: float, bottom: float) -> list[float]:
    """Places near the wanted ones, given from the bottom up, at least so far apart and between two ends."""
    places, below = [], bottom + least / 2
    for place in wanted:
        below = min(place, below - least)
        places.append(below)
    above = top - least / 2
    for index in range(len(places) - 1, -1, -1):
        places[index] = above = max(places[index], above + least)
    return places
