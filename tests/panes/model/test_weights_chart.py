"""The bars of the weights' memory: what is chosen with them, and that the limit and the sizes stay in sight."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.model.pages import llama_8b
from tests.panes.shown import forget
from workbench.core.memory import ledger
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.model.weights_chart import WeightsChart

SIZES = {name: ledger.weights_bytes(llama_8b(), name, True) for name in FORMATS}
WORDS = "12.0 GB free on this card"


@pytest.fixture
def chart(theme: Theme) -> Iterator[WeightsChart]:
    made = WeightsChart(theme)
    made.resize(470, 230)
    made.show_sizes(SIZES, 12_000_000_000, WORDS)
    made.set_value("nf4")
    made.show()
    yield made
    forget(made)


def drawn(chart: WeightsChart) -> QImage:
    QApplication.processEvents()
    return chart.grab().toImage()


def width_of(chart: WeightsChart, name: str, color: QColor) -> int:
    """Pixels of a colour in the middle of a row."""
    image, y = drawn(chart), int(chart.row_of(name).center().y())
    return sum(image.pixelColor(x, y) == color for x in range(image.width()))


def test_that_the_bars_are_as_long_as_the_weights_are_large(chart: WeightsChart, theme: Theme) -> None:
    stored = {name: width_of(chart, name, theme.color("memory.weights")) for name in FORMATS}
    kept = {name: width_of(chart, name, theme.color("memory.unquantized")) for name in FORMATS}
    for name in FORMATS:
        whole = sum(SIZES[name]) / sum(SIZES["fp32"])
        # The line of the limit lies over the long ones, and a pixel parts the two.
        assert stored[name] + kept[name] == pytest.approx(whole * (stored["fp32"] + kept["fp32"]), abs=5)
    assert stored["fp32"] == pytest.approx(2 * stored["bf16"], abs=4)
    assert kept["nf4"] == pytest.approx(kept["bf16"], abs=2), "embeddings and head stay in the compute type"


def test_that_the_limit_is_a_line_in_the_colour_of_the_text(chart: WeightsChart, theme: Theme) -> None:
    def has_line() -> bool:
        image = drawn(chart)
        high = [chart.row_of(name).top() + 1 for name in FORMATS]
        return any(
            all(image.pixelColor(x, int(y)) == theme.color("memory.limit") for y in high) for x in range(chart.width())
        )

    assert has_line()
    chart.show_sizes(SIZES, 900_000_000_000, WORDS)  # far to the right: said in words
    assert not has_line()


def test_that_what_is_shown_is_told_to_a_screen_reader(chart: WeightsChart) -> None:
    said = chart.accessibleDescription()
    for part in ("NF4 is chosen", "FP32 32.12 GB", "BF16 16.06 GB", WORDS):
        assert part in said


def test_that_a_click_chooses_the_row_that_is_hit(chart: WeightsChart) -> None:
    chosen: list[str] = []
    chart.chosen.connect(chosen.append)
    for name in FORMATS:
        at = chart.row_of(name).center().toPoint()
        QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(3, at.y()))
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(30, chart.height() - 4))
    assert chosen == list(FORMATS)


def test_that_arrows_move_the_choice_and_stop_at_the_ends(chart: WeightsChart) -> None:
    chosen: list[str] = []
    chart.chosen.connect(chosen.append)
    chart.chosen.connect(chart.set_value)
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Home, Qt.Key.Key_Up, Qt.Key.Key_End):
        QTest.keyClick(chart, key)
    assert chosen == ["fp4", "nf4", "fp32", "fp4"]


def test_that_without_sizes_it_says_so_and_nothing_is_chosen_by_a_click(chart: WeightsChart) -> None:
    chosen: list[str] = []
    chart.chosen.connect(chosen.append)
    with_sizes = drawn(chart)
    chart.show_sizes({}, 12_000_000_000, WORDS)
    assert drawn(chart) != with_sizes
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert not chosen


@pytest.mark.parametrize("limit_bytes", [0, 1, 5_700_000_000, 9_000_000_000, 32_120_000_000, 40_000_000_000])
@pytest.mark.parametrize(("wide", "high"), [(240, 124), (470, 230), (1380, 520)])
def test_that_it_can_be_drawn_at_any_size_and_limit(
    chart: WeightsChart, theme: Theme, limit_bytes: int, wide: int, high: int
) -> None:
    chart.resize(wide, high)
    chart.show_sizes(SIZES, limit_bytes, WORDS)
    for choice in ("light", "dark"):
        theme.choose(choice)
        assert not drawn(chart).isNull()
    bottom = chart.row_of("fp4").bottom()
    assert 0 < bottom <= chart.height() - theme.px(20), "the words of the limit keep their line"


def test_that_a_model_without_linear_layers_is_drawn(chart: WeightsChart) -> None:
    chart.show_sizes({name: (0, 5_000_000) for name in FORMATS}, 12_000_000_000, WORDS)
    assert not drawn(chart).isNull()
