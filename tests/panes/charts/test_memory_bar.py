"""The memory bar: order, gaps, limit, hatching, pointer and keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from workbench.core.memory.ledger import PARTS, Ledger
from workbench.panes.charts.memory_bar import MemoryBar
from workbench.panes.charts.memory_blocks import OTHERS
from workbench.panes.look.theme import Theme

SIZES = (500, 300, 100, 100, 200, 400, 800, 50, 150)
PEAK = sum(SIZES) * 1_000_000


@pytest.fixture
def bar(theme: Theme) -> Iterator[MemoryBar]:
    bar = MemoryBar(theme)
    bar.resize(800, 100)
    bar.show_ledger(ledger())
    yield bar
    bar.deleteLater()


def ledger(**sizes: int) -> Ledger:
    parts = {name: size * 1_000_000 for name, size in zip(PARTS, SIZES, strict=True)} | sizes
    return Ledger(parts=parts, after_load_bytes=1, peak_bytes=sum(parts.values()), moment="the end of the forward pass")


def picture(bar: MemoryBar) -> QImage:
    return bar.grab().toImage()


def test_that_the_parts_stand_in_the_order_of_the_ledger(bar: MemoryBar) -> None:
    assert [block.name for block in bar.blocks] == list(PARTS)
    lefts = [rect.left() for rect in bar.block_rects()]
    assert lefts == sorted(lefts)


def test_that_blocks_share_the_width_by_their_bytes(bar: MemoryBar) -> None:
    rects = bar.block_rects()
    assert rects[6].width() == pytest.approx(798 * 800 / 2600 - 1, abs=1)
    assert rects[-1].right() == pytest.approx(799, abs=2)


def test_that_a_part_of_nothing_is_left_out(bar: MemoryBar) -> None:
    bar.show_ledger(ledger(workspace=0))
    assert "workspace" not in [block.name for block in bar.blocks]


def test_that_blocks_wider_than_six_pixels_are_parted_by_one(bar: MemoryBar) -> None:
    rects = bar.block_rects()
    assert rects[1].left() - rects[0].right() == pytest.approx(1, abs=0.01)
    bar.show_ledger(ledger(workspace=1_000))
    rects = bar.block_rects()
    narrow = next(rect for block, rect in zip(bar.blocks, rects, strict=True) if block.name == "workspace")
    assert narrow.width() == 1


def test_that_each_block_has_its_parts_colour_and_the_yellow_one_its_edge(bar: MemoryBar, theme: Theme) -> None:
    image = picture(bar)
    for block, rect in zip(bar.blocks, bar.block_rects(), strict=True):
        middle = rect.center().toPoint()
        assert image.pixelColor(middle) == theme.color(f"memory.{block.name}")
    gradients = bar.block_rects()[3]
    edge = image.pixelColor(round(gradients.center().x()), round(gradients.top()))
    assert edge == theme.color("memory.edge_gradients")


def test_that_a_limit_nearby_is_a_line_and_one_far_away_is_not(bar: MemoryBar) -> None:
    bar.show_ledger(ledger(), limit_bytes=3_000_000_000, limit_words="the card ends here")
    assert bar.shows_limit
    assert bar.limit_x() == pytest.approx(799, abs=2)
    bar.show_ledger(ledger(), limit_bytes=24_000_000_000)
    assert not bar.shows_limit


def test_that_the_limit_is_two_pixels_of_the_text_colour(bar: MemoryBar, theme: Theme) -> None:
    bar.show_ledger(ledger(), limit_bytes=2_000_000_000, limit_words="the card ends here")
    image, x = picture(bar), round(bar.limit_x())
    assert image.pixelColor(x - 1, 8) == theme.color("memory.limit")
    assert image.pixelColor(x, 8) == theme.color("memory.limit")


def test_that_what_lies_beyond_the_limit_is_hatched(bar: MemoryBar, theme: Theme) -> None:
    bar.show_ledger(ledger(), limit_bytes=1_500_000_000)
    image = picture(bar)
    logits = bar.block_rects()[6]
    y = round(logits.center().y())
    beyond = {image.pixelColor(x, y).name() for x in range(round(bar.limit_x()) + 4, round(logits.right()) - 4)}
    assert len(beyond) > 2  # strokes, ground and what lies between
    before = {image.pixelColor(x, y).name() for x in range(round(logits.left()) + 2, round(bar.limit_x()) - 2)}
    assert before <= {theme.color("memory.logits").name()}


def test_that_other_programs_come_first(bar: MemoryBar) -> None:
    bar.show_ledger(ledger(), others_bytes=900_000_000)
    assert bar.blocks[0].name == OTHERS
    assert bar.total_bytes == PEAK + 900_000_000


def test_that_the_arrows_choose_a_part_and_tell_it(bar: MemoryBar) -> None:
    QTest.keyClick(bar, Qt.Key.Key_Right)
    assert bar.chosen_words().startswith("Weights: 500 MB, 19%.")
    QTest.keyClick(bar, Qt.Key.Key_End)
    assert bar.chosen_words().startswith("Overhead: 150 MB")
    QTest.keyClick(bar, Qt.Key.Key_Escape)
    assert bar.chosen_words() == ""


def test_that_the_pointer_chooses_a_part_on_the_bar_and_in_the_legend(bar: MemoryBar) -> None:
    bar.show()
    QTest.mouseMove(bar, bar.block_rects()[6].center().toPoint())
    assert bar.chosen_words().startswith("Logits: 800 MB")
    QTest.mouseMove(bar, bar.block_rects()[0].center().toPoint())
    assert bar.chosen_words().startswith("Weights: ")
    QTest.mouseMove(bar, QPoint(4, bar.height() - 8))  # the legend's last line
    assert bar.chosen_words().startswith("Logits: ")
    bar.hide()


def test_that_it_can_be_heard(bar: MemoryBar) -> None:
    assert bar.accessibleName() == "Memory by parts"
    assert "Logits 800 MB" in bar.accessibleDescription()


def test_that_the_legend_takes_as_many_rows_as_the_width_asks_for(bar: MemoryBar) -> None:
    bar.show()
    wide = bar.height()
    bar.resize(300, bar.height())
    assert bar.height() > wide
    bar.hide()


def test_that_a_new_theme_leaves_nothing_behind(bar: MemoryBar, theme: Theme) -> None:
    theme.choose("dark")
    middle = bar.block_rects()[0].center().toPoint()
    assert picture(bar).pixelColor(middle) == theme.color("memory.weights")
    theme.set_projector(True)
    assert bar.height() > 60


def test_that_an_empty_bar_is_painted(theme: Theme) -> None:
    assert not MemoryBar(theme).grab().isNull()
