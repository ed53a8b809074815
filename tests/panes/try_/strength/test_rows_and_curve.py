"""Answers by strength with their mix and marks, and the curve whose points choose them."""

import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.panes.try_.findings import answered, measured
from workbench.panes.look.theme import Theme
from workbench.panes.try_.strength.curve import StrengthCurve
from workbench.panes.try_.strength.rows import StrengthRows
from workbench.panes.try_.strength.words import AtStrength, as_markdown, mark_all, take_measured

TEXTS = {0.0: "It takes a few days.", 0.5: "It takes two working days.", 1.0: "Bring your bicycle on Monday morning"}
FOUND = [measured(0.0, loss=math.log(8.4)), measured(0.5, loss=math.log(3.2)), measured(1.0, loss=math.log(2.19))]


def answers() -> list[AtStrength]:
    made = [AtStrength(strength, text, 5, "done", answered(strength, text)) for strength, text in TEXTS.items()]
    mark_all(made)
    take_measured(made, FOUND)
    return made


@pytest.fixture
def rows(theme: Theme) -> Iterator[StrengthRows]:
    made = StrengthRows(theme)
    made.resize(840, 380)
    made.show_answers(answers())
    made.show()
    yield made
    forget(made)


@pytest.fixture
def curve(theme: Theme) -> Iterator[StrengthCurve]:
    made = StrengthCurve(theme)
    made.resize(840, 220)
    made.show_found(FOUND, 1.0, "")
    made.show()
    yield made
    forget(made)


def test_that_words_are_marked_that_strength_0_did_not_say() -> None:
    base, half, whole = answers()
    assert not base.marks.runs
    assert [half.text[start:end] for start, end in half.marks.runs] == ["two working"]
    assert whole.marks.is_wholly_different
    assert "words that strength 0 did not say: two working" in half.sentence()
    assert "wholly different from strength 0" in whole.sentence()
    assert half.figure() == ("3.20", "perplexity")


def test_that_the_bar_mixes_the_colours_of_base_and_tuned(rows: StrengthRows, theme: Theme) -> None:
    image = rows.viewport().grab().toImage()
    first, last = theme.px(14) + 4, theme.px(14) + theme.px(52) - 5
    for place, (left, right) in enumerate((("base", "base"), ("base", "tuned"), ("tuned", "tuned"))):
        box = rows.box_of(place)
        column = [image.pixelColor(first, y) for y in range(round(box.top()), round(box.bottom()))]
        assert theme.color(f"curves.{left}") in column
        column = [image.pixelColor(last, y) for y in range(round(box.top()), round(box.bottom()))]
        assert theme.color(f"curves.{right}") in column


def test_that_rows_are_chosen_by_keys_and_clicks(rows: StrengthRows) -> None:
    told: list[float] = []
    rows.chose.connect(told.append)
    QTest.keyClick(rows, Qt.Key.Key_Down)
    QTest.keyClick(rows, Qt.Key.Key_End)
    QTest.mouseClick(rows.viewport(), Qt.MouseButton.LeftButton, pos=rows.box_of(1).center().toPoint())
    assert told == [0.0, 1.0, 0.5]
    assert rows.accessibleDescription().startswith("Strength 0.50, 3.20 perplexity, 5 tokens")
    rows.choose_strength(0.3)
    assert rows.chosen == -1
    assert rows.tip_at(rows.box_of(2).center()) == "Base bbbbbbbbbbbb, adapter aaaaaaaaaaaa, strength 1."


def test_that_a_long_answer_makes_its_row_higher_and_is_scrolled_to(rows: StrengthRows) -> None:
    made = answers()
    made[0].text = "many words " * 400
    rows.show_answers(made)
    assert rows.box_of(0).height() > rows.viewport().height()
    rows.choose_by_hand(2)
    assert rows.box_of(2).bottom() <= rows.viewport().height() + 1


def test_that_points_are_chosen_and_the_best_is_ringed(curve: StrengthCurve, theme: Theme) -> None:
    told: list[float] = []
    curve.chose.connect(told.append)
    at = curve.x_pixels(0.5), curve.y_pixels(3.2)
    QTest.mouseClick(curve.viewport(), Qt.MouseButton.LeftButton, pos=curve.mapFromScene(*at))
    QTest.keyClick(curve, Qt.Key.Key_Right)
    assert told == [0.5, 1.0]
    assert curve.accessibleDescription() == "Strength 1.00: perplexity 2.19"
    image = curve.viewport().grab().toImage()
    x, y = round(curve.x_pixels(1.0)), round(curve.y_pixels(2.19))
    assert theme.color("text.primary") in [image.pixelColor(x + side, y) for side in range(-8, 9)]
    names, (strengths, values) = curve.table()
    assert names == ["strength", "perplexity"]
    assert strengths.tolist() == [0.0, 0.5, 1.0]
    assert values.tolist() == pytest.approx([8.4, 3.2, 2.19])


def test_that_answers_right_have_an_axis_to_all_rows_and_a_break_a_logarithmic_one(curve: StrengthCurve) -> None:
    curve.show_found([measured(0, right=1), measured(1, right=31)], 1.0, "")
    assert curve.extent()[3] >= 40
    assert not curve.is_log
    curve.show_found([measured(0, loss=2.0), measured(1.5, loss=12.0)], 1.5, "")
    assert curve.is_log
    assert curve.extent()[1] == 1.5
    curve.show_found([], 1.0, "Nothing is measured yet.")
    assert not curve.is_log
    assert curve.values_at(0.5) is None


def test_that_all_of_it_is_written_as_markdown() -> None:
    text = as_markdown("How | long?", "mine", answers(), FOUND)
    lines = text.splitlines()
    assert lines[0] == "# mine at 3 strengths"
    assert "> How | long?" in lines
    assert "| 0.5 | It takes two working days. | 5 |" in lines
    assert "| 1 | 2.1900 | 40 |" in lines
    assert lines[-1] == f"Base {'b' * 64}, adapter {'a' * 64}."
