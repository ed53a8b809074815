"""The model of the Bits page: what follows what, and what undo brings back."""

from fractions import Fraction

import pytest

from workbench.core.bits.number_text import number_text
from workbench.core.bits.state import BitsState
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.named_formats import ARTICLE, BF16, FP16, FP32, INT8, NF4
from workbench.numerics.number import NAN, Number
from workbench.numerics.number_text import read_number
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.presets import PRESETS


@pytest.fixture
def model() -> BitsModel:
    return BitsModel()


def row(model: BitsModel, name: str) -> int:
    return [format_.name for format_ in model.formats].index(name)


def code(model: BitsModel, name: str) -> int | None:
    return model.rows[row(model, name)].code


def test_that_a_value_is_rounded_once_in_every_row(model: BitsModel) -> None:
    model.set_text("0.1")
    codes = {"FP32": 0x3DCCCCCD, "FP16": 0x2E66, "BF16": 0x3DCD, "FP8 E4M3": 0x1D, "INT8": 13, "NF4": 8}
    assert {name: code(model, name) for name in codes} == codes
    assert code(model, "Article 6+10") == 0xF59A


def test_that_a_text_that_cannot_be_read_leaves_the_number(model: BitsModel) -> None:
    model.set_text("0.25")
    told: list[str] = []
    model.changed.connect(lambda: told.append(model.problem))
    for bad in ("1e", "0x", "9" * 10_000, "nan(7)", "🙂", "9**9**9", "", "1/0"):
        model.set_text(bad)
        assert model.text == bad
        assert model.problem.endswith(".")
        assert model.number == Number.of(Fraction(1, 4))
        assert code(model, "FP16") == 0x3400
    assert len(told) == 8
    model.set_text("0.5")
    assert model.problem == ""


def test_that_a_flipped_bit_makes_the_value_what_the_row_holds(model: BitsModel) -> None:
    model.set_text("1")
    model.flip(row(model, "FP16"), 9)
    assert model.text == "1.5"
    assert code(model, "FP32") == 0x3FC00000
    assert model.rows[row(model, "FP16")].inspection.is_exact


def test_that_edited_bits_stay_though_another_code_stands_for_the_same_value(model: BitsModel) -> None:
    article = row(model, ARTICLE.name)
    model.set_code(article, 0b111111_0010000000)
    assert model.text == "0.125"
    assert model.rows[article].code == 0b111111_0010000000
    model.set_text("0.1250")
    assert model.rows[article].code == 0b111110_0100000000


def test_that_a_nan_keeps_its_payload_until_the_value_changes(model: BitsModel) -> None:
    model.set_code(row(model, "FP32"), 0x7F800001)
    assert model.number.is_nan
    assert code(model, "FP32") == 0x7F800001
    assert code(model, "INT8") is None
    assert "INT8 has no code for NaN" in model.rows[row(model, "INT8")].inspection.note


def test_that_a_locked_row_keeps_its_bits_and_leaves_the_value_alone(model: BitsModel) -> None:
    model.set_text("0.1")
    half = row(model, "FP16")
    model.set_lock(half, True)
    model.set_text("7")
    assert model.rows[half].code == 0x2E66
    assert model.rows[half].is_locked
    model.flip(half, 0)
    assert model.rows[half].code == 0x2E67
    assert model.text == "7"
    model.set_lock(half, False)
    assert model.rows[half].code == FP16.encode(7)


def test_that_a_row_without_bits_cannot_be_locked_and_says_why(model: BitsModel) -> None:
    said: list[str] = []
    model.said.connect(said.append)
    model.set_number(NAN)
    model.set_lock(row(model, "NF4"), True)
    assert not model.rows[row(model, "NF4")].is_locked
    assert said == ["NF4 holds no bits to keep: NF4 has no code for NaN."]


def test_that_places_are_jumped_to_or_said_to_be_none(model: BitsModel) -> None:
    said: list[str] = []
    model.said.connect(said.append)
    half, integer = row(model, "FP16"), row(model, "INT8")
    for place, expected in (("infinity", 0x7C00), ("zero", 0), ("largest", 0x7BFF), ("smallest", 1)):
        model.jump(half, place)  # type: ignore[arg-type]
        assert model.rows[half].code == expected
    model.jump(integer, "infinity")
    assert said == ["INT8 has no infinity."]


def test_that_neighbours_go_on_to_infinity_and_ulps_do_not(model: BitsModel) -> None:
    half = row(model, "FP16")
    model.set_text("65504")
    model.shift(half, 1)
    assert model.rows[half].code == 0x7BFF
    model.neighbour(half, 1)
    assert model.rows[half].code == 0x7C00
    model.neighbour(half, -1)
    assert model.rows[half].code == 0x7BFF


def test_that_every_change_is_undone_and_done_again(model: BitsModel) -> None:
    model.set_text("0.1")
    before = model.state()
    model.set_rounding(Rounding.UP)
    model.set_lock(0, True)
    model.flip(1, 3)
    model.move(0, 2)
    after = model.state()
    for _ in range(4):
        model.undo()
    assert model.state() == before
    for _ in range(4):
        model.redo()
    assert model.state() == after


def test_that_a_stroke_is_one_step_and_typing_is_one_step(model: BitsModel) -> None:
    model.set_text("0")
    model.set_rounding(Rounding.DOWN)
    half = row(model, "FP16")
    model.set_code(half, 1)
    for painted in (3, 7, 15):
        model.set_code(half, painted, joins=True)
    model.undo()
    assert model.rows[half].code == 0
    for text in ("4", "42", "42."):
        model.set_text(text)
    model.undo()
    assert model.text == "0"


def test_that_a_state_is_taken_whole_and_given_back_by_undo(model: BitsModel) -> None:
    mine = FloatFormat("Mine", "", 3, 4, 3)
    model.add_format(mine)
    model.set_lock(row(model, "Mine"), True)
    line = model.state().to_text()
    other = BitsModel(BitsState.from_text(line))
    assert [format_.name for format_ in other.formats] == [format_.name for format_ in model.formats]
    assert other.state().to_text() == line
    other.set_state(BitsState("1/3", (FP32, BF16)))
    assert [held.format for held in other.rows] == [FP32, BF16]
    other.undo()
    assert other.state().to_text() == line


def test_that_a_format_of_its_own_stays_known_when_its_row_goes(model: BitsModel) -> None:
    mine = FloatFormat("Mine", "", 3, 4, 3)
    model.add_format(mine)
    model.remove(len(model.rows) - 1)
    assert mine not in model.formats
    assert model.own == [mine]


def test_that_the_last_row_stays(model: BitsModel) -> None:
    model.set_formats([NF4])
    model.remove(0)
    assert model.formats == [NF4]


def test_that_the_selection_follows_its_row(model: BitsModel) -> None:
    model.select(row(model, "FP16"), 15)
    model.move(model.selected, 3)
    assert model.row.format == FP16
    model.select(row(model, "NF4"))
    assert model.bit == 3
    model.set_formats([INT8, FP16])
    assert model.selected < 2


def test_that_what_is_not_changed_is_not_told(model: BitsModel) -> None:
    told: list[int] = []
    model.changed.connect(lambda: told.append(1))
    model.set_text(model.text)
    model.select(model.selected, model.bit)
    model.set_rounding(model.rounding)
    model.set_code(0, model.rows[0].code or 0)
    assert told == []


@pytest.mark.parametrize(
    "text", ["0.1", "-0", "inf", "-inf", "nan", "2^-1074", "3*2^-40", "-7/127", "1e300", "0x1.8p-3"]
)
def test_that_the_text_of_a_number_reads_back_as_it(text: str) -> None:
    number = read_number(text)
    again = read_number(number_text(number))
    assert (again.value, again.is_nan, again.is_negative) == (number.value, number.is_nan, number.is_negative)


def test_that_the_presets_teach_what_is_true(model: BitsModel) -> None:
    stored = {}
    for preset in PRESETS:
        model.set_text(preset.text)
        assert model.problem == ""
        stored[preset.text] = model.rows[row(model, preset.format)]
        assert 20 < len(preset.sentence) < 130
    decoded = {text: held.inspection.decoded for text, held in stored.items()}
    assert stored["65504"].code == 0x7BFF
    assert stored["65520"].code == 0x7C00
    assert (stored["2^-24"].code, stored["2^-25"].code, stored["-0"].code) == (1, 0, 0x8000)
    assert decoded["nan"] is not None
    assert decoded["nan"].number.is_nan
    assert decoded["16777217"] is not None
    assert decoded["16777217"].value == 16777216
    assert decoded["256+1"] is not None
    assert decoded["256+1"].value == 256
    integer = stored["0.3"]
    assert integer.code == 38
    assert integer.inspection.error is not None
    assert round(float(integer.inspection.error.absolute), 5) == 0.00079
