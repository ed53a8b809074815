"""Words in boxes, as painted widgets write them."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter

from workbench.panes.charts.canvas import write_line, write_notice
from workbench.panes.look.theme import Theme


def blank(theme: Theme) -> QImage:
    made = QImage(200, 60, QImage.Format.Format_RGB32)
    made.fill(theme.color("surface.card"))
    return made


def columns_written(made: QImage, theme: Theme) -> list[int]:
    ground = theme.color("surface.card")
    return [x for x in range(made.width()) if any(made.pixelColor(x, y) != ground for y in range(made.height()))]


def test_that_a_line_too_long_for_its_box_is_shortened_and_stays_in_it(theme: Theme) -> None:
    made = blank(theme)
    with QPainter(made) as painter:
        write_line(painter, theme, QRectF(20, 10, 100, 40), "words " * 20, theme.font("body"), "text.primary")
    written = columns_written(made, theme)
    assert min(written) >= 20
    assert 100 < max(written) <= 120


def test_that_a_line_stands_at_the_side_that_is_asked_for(theme: Theme) -> None:
    made, right = blank(theme), Qt.AlignmentFlag.AlignRight
    with QPainter(made) as painter:
        write_line(painter, theme, QRectF(0, 10, 180, 40), "word", theme.font("body"), "text.primary", right)
    written = columns_written(made, theme)
    assert 170 < max(written) <= 180
    assert min(written) >= 178 - QFontMetricsF(theme.font("body")).horizontalAdvance("word")


def test_that_a_notice_stands_in_the_middle_in_as_many_lines_as_it_needs(theme: Theme) -> None:
    made = blank(theme)
    with QPainter(made) as painter:
        painter.setFont(theme.font("small"))
        write_notice(painter, theme, QRectF(50, 0, 100, 60), "Nothing is there to be drawn yet")
    written = columns_written(made, theme)
    assert 50 <= min(written) <= max(written) <= 150
    assert abs((min(written) + max(written)) / 2 - 100) < 4
