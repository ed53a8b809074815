"""Runs of words are marked where they stand, in whatever script and however the lines break."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from workbench.panes.charts.marked_text import MarkedText
from workbench.panes.look.theme import Theme

WIDE = 10_000.0


def marked(theme: Theme, text: str, words: str, width: float = WIDE) -> list[QRectF]:
    start = text.index(words)
    return MarkedText(text, [(start, start + len(words))], theme.font(), width, 19).marked_boxes()


@pytest.mark.parametrize("before", ["It takes ", "\U0001f600 it takes ", "A\r\nB takes "])
def test_that_a_run_is_marked_where_its_words_stand(theme: Theme, before: str) -> None:
    (box,) = marked(theme, f"{before}two days.", "two days")
    metrics = QFontMetricsF(theme.font())
    line = before.splitlines()[-1]
    assert box.left() == pytest.approx(metrics.horizontalAdvance(line), abs=2)
    assert box.width() == pytest.approx(metrics.horizontalAdvance("two days"), abs=2)
    assert (box.top() > 19) == (len(before.splitlines()) > 1)


def test_that_a_run_over_two_lines_is_marked_in_both(theme: Theme) -> None:
    width = QFontMetricsF(theme.font()).horizontalAdvance("one two three") + 1
    boxes = marked(theme, "one two three four five", "three four", width)
    assert len(boxes) == 2
    assert boxes[0].left() > boxes[1].left() == 0
    assert boxes[1].top() - boxes[0].top() == 19


def test_that_the_mark_is_a_pale_ground_with_a_line_below(theme: Theme) -> None:
    text = MarkedText("word", [(0, 4)], theme.font(), 200, 19)
    image = QImage(200, 30, QImage.Format.Format_RGB32)
    image.fill(theme.color("surface.card"))
    painter = QPainter(image)
    text.paint(painter, QPointF(0, 0), theme.color("surface.card"), theme.color("curves.tuned"))
    painter.end()
    (box,) = text.marked_boxes()
    assert image.pixelColor(3, round(box.bottom()) - 1) == theme.color("curves.tuned")
    ground = image.pixelColor(3, round(box.top()) + 1)
    assert ground not in (theme.color("curves.tuned"), theme.color("surface.card"))
    assert image.pixelColor(round(box.right()) + 4, round(box.bottom()) - 1) == theme.color("surface.card")
