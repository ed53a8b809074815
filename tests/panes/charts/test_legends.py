"""A legend shows marks and words beside each other, and is as wide as they are."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from workbench.panes.charts.legends import Legend, Mark, block, dot, line, patch, square, stroke
from workbench.panes.look.theme import Theme

Make = Callable[..., Legend]
COLOR = "memory.weights"


@pytest.fixture
def make(qapp: QApplication, theme: Theme) -> Iterator[Make]:
    made: list[Legend] = []

    def legend(*pieces: str | Mark | float, **more: object) -> Legend:
        made.append(Legend(theme, pieces, "Legend", **more))  # type: ignore[arg-type]
        made[-1].resize(made[-1].sizeHint())
        made[-1].show()
        return made[-1]

    yield legend
    for each in made:
        each.close()
        each.deleteLater()
    QApplication.processEvents()


def columns_of(legend: Legend, color: QColor) -> list[int]:
    """The columns of pixels that hold the colour."""
    picture: QImage = legend.grab().toImage()
    return [
        x for x in range(picture.width()) if any(picture.pixelColor(x, y) == color for y in range(picture.height()))
    ]


def test_that_a_legend_is_as_wide_as_its_marks_words_and_gaps(make: Make, theme: Theme) -> None:
    words = QFontMetricsF(theme.font("small")).horizontalAdvance("weights")
    legend = make(Mark(11, 11, patch, COLOR, advance=17), "weights", 14, 3.0)
    assert legend.sizeHint().width() == round(theme.px(17) + words + theme.px(14) + 3)
    assert legend.words == ("weights",)
    before = legend.sizeHint()
    theme.set_projector(True)
    assert legend.sizeHint().width() > before.width()
    theme.set_projector(False)
    assert legend.sizeHint() == before
    legend.show_pieces((), "nothing")
    assert legend.sizeHint().width() == 0
    assert legend.accessibleName() == "nothing"


@pytest.mark.parametrize("paint", [dot, square, block, patch, line, stroke])
def test_that_every_mark_has_its_colour_and_its_place(make: Make, theme: Theme, paint: object) -> None:
    legend = make(20, Mark(10, 10, paint, COLOR), 5)  # type: ignore[arg-type]
    found = columns_of(legend, theme.color(COLOR))
    assert len(found) >= theme.px(10) - 2
    assert set(found) <= set(range(theme.px(20), theme.px(20) + theme.px(10)))


def test_that_a_strip_gives_way_where_there_is_too_little_room(make: Make, theme: Theme) -> None:
    boxes: list[QRectF] = []

    def strip(painter: QPainter, box: QRectF, theme: Theme, color: str) -> None:
        boxes.append(box)

    legend = make("0", 6, Mark(140, 8, strip, least=40), 6, "1", least_width=220)
    legend.grab()
    assert legend.sizeHint().width() == theme.px(220)
    assert boxes[-1].width() == theme.px(140)
    assert boxes[-1].center().y() == legend.height() / 2
    legend.resize(legend.minimumSizeHint())
    legend.grab()
    assert boxes[-1].width() == pytest.approx(theme.px(40), abs=1)
