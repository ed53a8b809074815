"""A bar is filled within its box, and leaves the painter as it was."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen
from PySide6.QtWidgets import QApplication

from workbench.panes.parts.bars import paint_bar, paint_part

GROUND, RED, BLUE = QColor("white"), QColor("red"), QColor("blue")


def columns_of(picture: QImage, color: QColor) -> list[int]:
    middle = picture.height() // 2
    return [x for x in range(picture.width()) if picture.pixelColor(x, middle) == color]


def test_that_a_bar_fills_its_box_and_the_painter_keeps_its_pen(qapp: QApplication) -> None:
    picture = QImage(40, 10, QImage.Format.Format_RGB32)
    picture.fill(GROUND)
    painter = QPainter(picture)
    painter.setPen(QPen(BLUE, 3))
    paint_bar(painter, QRectF(5, 2, 20, 6), RED)
    assert (painter.pen().color(), painter.pen().width()) == (BLUE, 3)
    assert not painter.testRenderHint(QPainter.RenderHint.Antialiasing)
    painter.end()
    assert columns_of(picture, RED) == list(range(5, 25))
    assert picture.pixelColor(5, 2) != RED  # its corners are round


@pytest.mark.parametrize(("share", "reached"), [(0.0, 0), (0.25, 10), (1.0, 40)])
def test_that_a_track_is_filled_as_far_as_its_share(qapp: QApplication, share: float, reached: int) -> None:
    picture = QImage(40, 10, QImage.Format.Format_RGB32)
    picture.fill(GROUND)
    painter = QPainter(picture)
    paint_part(painter, QRectF(0, 0, 40, 10), share, BLUE, RED)
    painter.end()
    assert columns_of(picture, RED) == list(range(reached))
    assert columns_of(picture, BLUE) == list(range(reached, 40))
