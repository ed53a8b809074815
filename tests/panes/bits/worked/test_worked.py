"""The worked-out card: it fits, follows the selected row, and copies what it says; the view of conversions."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.qt_waits import wait_until
from workbench.numerics.codebook import Codebook
from workbench.numerics.named_formats import FP16, NF4, NUMBER_FORMATS
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.conversions.conversion_words import by_way_of, dropped_bits, into_others
from workbench.panes.bits.conversions.conversions import ConversionsView
from workbench.panes.bits.shown.letters import LetterCase
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.worked.equation import Equation
from workbench.panes.bits.worked.fields import shortened_sum
from workbench.panes.bits.worked.worked import WorkedCard
from workbench.panes.look.theme import Theme

NAMES = list(NUMBER_FORMATS)


@pytest.fixture
def model(qapp: QApplication) -> BitsModel:
    made = BitsModel()
    made.set_formats(list(NUMBER_FORMATS.values()))
    return made


@pytest.fixture
def card(theme: Theme, model: BitsModel) -> Iterator[WorkedCard]:
    made = WorkedCard(theme, model)
    made.resize(588, 286)
    made.show()
    yield made
    made.hide()
    made.deleteLater()


def select(model: BitsModel, name: str) -> None:
    model.select([format_.name for format_ in model.formats].index(name))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", ["0.1", "-1/3", "65520", "2^-24", "0", "nan", "-inf", "1e300", "2^-1074"])
def test_that_everything_fits_its_place(card: WorkedCard, model: BitsModel, theme: Theme, name: str, text: str) -> None:
    select(model, name)
    model.set_text(text)
    assert not card.grab().isNull()
    view = card.view
    assert view.strip.isHidden() is (model.row.code is None)
    assert view.strip.geometry().right() <= view.width()
    width = view.levels.x() if view.has_levels else view.width()
    equation = Equation(theme, LetterCase(theme), view.workings.equation, width - 3)
    assert equation.width <= width - 3


@pytest.mark.parametrize("name", NAMES)
def test_that_it_is_drawn_in_every_look(card: WorkedCard, model: BitsModel, theme: Theme, name: str) -> None:
    select(model, name)
    for choice, projector in (("dark", False), ("light", True), ("light", False)):
        theme.projector = projector
        theme.choose(choice)  # type: ignore[arg-type]
        assert not card.grab().isNull()
        assert card.view.strip.geometry().right() <= card.view.width()


def test_that_it_follows_the_selected_row_and_its_bits(card: WorkedCard, model: BitsModel) -> None:
    select(model, "FP16")
    assert card.title.text() == "FP16, worked out"
    model.flip(model.selected, 15)
    assert card.text.startswith("FP16: 0xAE66")
    select(model, "NF4")
    assert card.accessibleName() == "NF4, worked out"
    assert card.view.has_levels


def test_that_copy_puts_the_workings_on_the_clipboard(card: WorkedCard, model: BitsModel) -> None:
    select(model, "FP16")
    QTest.mouseClick(card.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text.startswith("FP16: 0x2E66, 0 01011 1001100110, 0.0999755859375\n")
    assert "2^(11 \u2212 15)" in text
    assert "Neighbour below: 0.09991455078" in text
    assert card.copy.text() == "Copied"


def test_that_a_click_on_a_large_bit_flips_it(card: WorkedCard, model: BitsModel) -> None:
    select(model, "FP16")
    strip = card.view.strip
    box = strip.cells.boxes[9]
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert model.row.code == 0x2E66 ^ 0x200
    assert "102/1024" in card.text


def test_that_a_number_without_a_code_is_explained(card: WorkedCard, model: BitsModel) -> None:
    select(model, "NF4")
    model.set_text("nan")
    assert "NF4 has no code for NaN" in card.text
    assert card.view.strip.isHidden()


def test_that_a_click_in_the_table_takes_the_level(card: WorkedCard, model: BitsModel) -> None:
    select(model, "NF4")
    levels = card.view.levels
    assert levels.chosen() == 8
    box = levels.row_box(10)
    QTest.mouseClick(levels, Qt.MouseButton.LeftButton, pos=QPoint(20, round(box.center().y())))
    assert model.row.code == 10
    assert model.number.value == NF4.levels[10]


def test_that_all_sixteen_levels_are_in_sight(card: WorkedCard, model: BitsModel) -> None:
    select(model, "NF4")
    levels = card.view.levels
    assert levels.first_shown() == 0
    assert levels.row_box(0).bottom() <= levels.height() + 1


def test_that_a_large_table_shows_the_chosen_level(card: WorkedCard, model: BitsModel) -> None:
    large = Codebook("Many levels", "", tuple(NF4.levels[0] * (n + 1) / 256 for n in range(256)))
    model.add_format(large)
    select(model, "Many levels")
    model.set_text("-0.5")
    card.grab()
    levels = card.view.levels
    chosen = levels.chosen()
    assert chosen is not None
    assert 0 < levels.row_box(chosen).top() < levels.height()


def test_that_a_long_sum_loses_its_middle_terms_alone(theme: Theme) -> None:
    letters = LetterCase(theme).of("small")
    whole = "64 + 32 + 16 + 8 + 4 + 2 + 1 = 127"
    assert shortened_sum(whole, letters, 1000) == whole
    short = shortened_sum(whole, letters, letters.width(whole) * 0.8)
    assert short.startswith("64 + 32 + ")
    assert short.endswith("\u2026 + 1 = 127")


def test_that_it_can_be_heard(card: WorkedCard, model: BitsModel) -> None:
    select(model, "FP32")
    wait_until(lambda: "0.100000001490116119384765625" in card.view.accessibleDescription())


# -- conversions ------------------------------------------------------------------------------------------------------


def verdicts(model: BitsModel) -> dict[str, str]:
    return {step.name: step.verdict for step in by_way_of(model)[0]}


def test_that_rounding_twice_is_shown_where_it_differs(theme: Theme, model: BitsModel) -> None:
    view = ConversionsView(theme, model)
    view.resize(1186, 600)
    view.show()
    view.show_example()
    assert model.row.format == FP16
    steps, why = by_way_of(model)
    by_name = {step.name: step for step in steps}
    assert by_name["straight"].code == 0x3C01
    assert by_name["FP32"].code == 0x3C00
    assert by_name["FP32"].verdict == "one value lower"
    assert by_name["FP64"].verdict == "the same"
    assert why.startswith("Rounded twice: FP32 hands on 1.00048828125, just half way between two values of FP16")
    assert [step.name for step in view.through.table.steps] == list(by_name)
    assert not view.grab().isNull()
    view.hide()
    view.deleteLater()


def test_that_overflow_on_the_way_to_fp16_is_named(model: BitsModel) -> None:
    select(model, "FP32")
    model.set_text("65520")
    steps = {step.name: step for step in into_others(model)[0]}
    assert steps["FP16"].verdict == "overflow"
    assert steps["FP16"].result == "\u221e"
    assert steps["FP64"].verdict == "nothing is lost"
    assert steps["FP8 E4M3"].verdict == "too large: becomes NaN"
    assert steps["INT8"].verdict == "too large: held at the end"


def test_that_bf16_is_fp32_without_its_last_sixteen_bits(model: BitsModel) -> None:
    select(model, "FP32")
    steps, why = into_others(model)
    assert {step.name: step for step in steps}["BF16"].stored == "0x3DCD"
    assert "BF16 has the sign and exponent of FP32 and drops the last 16 of its 23 fraction bits" in why
    dropped = dropped_bits(model)
    assert dropped is not None
    assert dropped[1] == 0x3DCD
    select(model, "INT8")
    assert dropped_bits(model) is None


def test_that_every_conversion_is_named_for_every_number(model: BitsModel) -> None:
    for text in ("0", "-0", "nan", "inf", "-inf", "1e-50", "0.1", "1e300", "448", "-464"):
        model.set_text(text)
        for row in range(len(model.rows)):
            model.select(row)
            for steps, why in (by_way_of(model), into_others(model)):
                assert why.endswith(".")
                assert all(step.verdict for step in steps)


def test_that_the_same_way_is_the_same_for_exact_numbers(model: BitsModel) -> None:
    select(model, "FP16")
    model.set_text("0.5")
    assert verdicts(model)["FP32"] == "the same"
    assert verdicts(model)["BF16"] == "the same"
    model.set_rounding(Rounding.UP)
    assert verdicts(model)["FP32"] == "the same"


def test_that_escape_and_the_button_close_the_view(theme: Theme, model: BitsModel) -> None:
    view = ConversionsView(theme, model)
    closed: list[bool] = []
    view.closed.connect(lambda: closed.append(True))
    view.show()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseClick(view.back, Qt.MouseButton.LeftButton)
    assert closed == [True, True]
    view.hide()
    view.deleteLater()
