"""Axes: where lines and ticks are drawn, and which words stand beside them."""

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from workbench.core.ticks import marks
from workbench.core.units import grouped
from workbench.panes.charts.axes import Mark, paint_levels, paint_ticks
from workbench.panes.look.theme import Theme

AREA = QRectF(40, 10, 150, 80)


def levels_on(theme: Theme, found: list[Mark]) -> QImage:
    made = blank(theme)
    with QPainter(made) as painter:
        paint_levels(painter, theme, AREA, found, gap=6)
    return made


def ticks_on(theme: Theme, found: list[Mark], *, ends: tuple[float, float] = (0, 200)) -> QImage:
    made = blank(theme)
    with QPainter(made) as painter:
        paint_ticks(painter, theme, found, AREA.bottom(), length=4, gap=6, ends=ends)
    return made


def blank(theme: Theme) -> QImage:
    made = QImage(200, 130, QImage.Format.Format_RGB32)
    made.fill(theme.color("surface.card"))
    return made


def columns_with_words(made: QImage, theme: Theme, top: int, bottom: int) -> list[int]:
    """The columns of pixels in which something is written between two heights."""
    ground = theme.color("surface.card")
    return [x for x in range(made.width()) if any(made.pixelColor(x, y) != ground for y in range(top, bottom))]


def color_at(made: QImage, x: int, y: int) -> QColor:
    return made.pixelColor(x, y)


def test_that_marks_are_the_round_values_with_their_words() -> None:
    assert marks(0, 1, 0.5) == [(0.0, "0.0"), (0.5, "0.5"), (1.0, "1.0")]
    assert marks(0.9, 2500, 1000) == [(1000.0, grouped(1000)), (2000.0, grouped(2000))]


def test_that_a_level_is_a_line_across_the_area_and_its_words_end_before_it(theme: Theme) -> None:
    made = levels_on(theme, [(50, "1.0")])
    assert color_at(made, 40, 50) == color_at(made, 189, 50) == theme.color("border.divider")
    assert color_at(made, 39, 50) != theme.color("border.divider")
    assert color_at(made, 100, 49) == color_at(made, 100, 51) == theme.color("surface.card")
    written = [x for x in columns_with_words(made, theme, 40, 60) if x < 40]
    assert written
    assert max(written) < 34


def test_that_a_level_close_below_another_has_its_line_and_no_words(theme: Theme) -> None:
    made = levels_on(theme, [(50, ""), (53, "1.0")])
    assert color_at(made, 100, 53) == theme.color("border.divider")
    assert not [x for x in columns_with_words(made, theme, 40, 66) if x < 34]


def test_that_a_tick_stands_below_the_axis_with_its_words_around_it(theme: Theme) -> None:
    made = ticks_on(theme, [(100, "100")])
    assert [color_at(made, 100, y) == theme.color("border.control") for y in (89, 90, 93, 94)] == [
        False, True, True, False,
    ]  # fmt: skip
    written = columns_with_words(made, theme, 96, 112)
    assert abs((min(written) + max(written)) / 2 - 100) <= 1.5


def test_that_words_are_held_between_the_ends(theme: Theme) -> None:
    wide = QFontMetricsF(theme.font("axis")).horizontalAdvance("1,000")
    made = ticks_on(theme, [(40, "1,000"), (160, "1,000")], ends=(38, 162))
    written = columns_with_words(made, theme, 96, 112)
    assert min(written) >= 38
    assert max(written) <= 162
    assert next(x for x in written if x > 100) >= 160 - wide


def test_that_words_too_near_to_those_before_are_left_out_and_their_ticks_stay(theme: Theme) -> None:
    made = ticks_on(theme, [(100, "100"), (108, "108")])
    assert color_at(made, 108, 91) == theme.color("border.control")
    assert max(columns_with_words(made, theme, 96, 112)) < 115
