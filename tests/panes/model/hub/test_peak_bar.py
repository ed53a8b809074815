"""The bar of a step's memory: its parts within the limit, hatched beyond it."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from workbench.panes.look.theme import Theme
from workbench.panes.model.hub.peak_bar import LIMIT_SHARE, paint_peak
from workbench.panes.model.hub.row import StepPeak

TRACK = QRectF(0, 10, 100, 10)
LIMIT = 1000


def colors(theme: Theme, peak: StepPeak | None) -> list[QColor]:
    """The colour of each pixel along the middle of the track."""
    image = QImage(100, 30, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface.card"))
    painter = QPainter(image)
    paint_peak(painter, theme, TRACK, peak, LIMIT)
    painter.end()
    return [image.pixelColor(x, 15) for x in range(100)]


def test_that_each_part_is_as_long_as_its_share_of_the_limit(theme: Theme) -> None:
    seen = colors(theme, StepPeak(500, 250, 125))
    edge = int(100 * LIMIT_SHARE)
    assert seen[2] == seen[edge // 2 - 3] == theme.color("memory.weights")
    assert seen[edge // 2 + 2] == seen[edge * 3 // 4 - 3] == theme.color("memory.unquantized")
    assert seen[edge * 3 // 4 + 2] == theme.color("memory.overhead")
    assert seen[edge - 5] == seen[95] == theme.color("surface.inset")
    assert seen[edge] == theme.color("memory.limit")


def test_that_what_lies_beyond_the_limit_is_hatched(theme: Theme) -> None:
    edge = int(100 * LIMIT_SHARE)
    seen = colors(theme, StepPeak(5000, 0, 0))
    assert seen[edge - 4] == theme.color("memory.weights")
    beyond = seen[edge + 3 : 98]
    assert theme.color("surface.card") in beyond  # between the strokes
    assert len({color.name() for color in beyond}) > 1


def test_that_a_peak_that_is_not_known_is_an_empty_track(theme: Theme) -> None:
    seen = colors(theme, None)
    assert {color.name() for color in seen[2:80]} == {theme.color("surface.inset").name()}
