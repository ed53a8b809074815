"""The ink on a coloured ground: contrast as WCAG 2.2 defines it, and the best of several."""

import pytest
from PySide6.QtGui import QColor

from workbench.panes.look.ink import contrast, readable_on

BLACK, WHITE = QColor("#000000"), QColor("#ffffff")


def test_that_black_on_white_has_the_largest_ratio_and_a_colour_on_itself_the_least() -> None:
    assert contrast(BLACK, WHITE) == contrast(WHITE, BLACK) == pytest.approx(21)
    assert contrast(QColor("#808080"), QColor("#808080")) == 1


@pytest.mark.parametrize(("ground", "ratio"), [("#777777", 4.48), ("#767676", 4.54), ("#0000ff", 8.59)])
def test_that_the_ratio_with_white_is_that_of_the_standards_examples(ground: str, ratio: float) -> None:
    assert contrast(QColor(ground), WHITE) == pytest.approx(ratio, abs=0.01)


@pytest.mark.parametrize(("ground", "ink"), [("#ffff00", BLACK), ("#00008b", WHITE)])
def test_that_the_ink_with_most_contrast_is_taken(ground: str, ink: QColor) -> None:
    assert readable_on(QColor(ground), (BLACK, WHITE)) == ink
