"""An answer token by token: coloured, told, stepped through, base and tuned on the same token."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.panes.try_.findings import scored, token
from workbench.panes.charts.probability_colors import SHADES, ground_of, probability_words, shade_of
from workbench.panes.look.theme import Theme
from workbench.panes.try_.tokens.picture import COLORS, Shown, TokensPicture

ALL = [(number, f" w{number}", 0.05 / (number - 15)) for number in range(20, 32)]
BASE = scored(
    "base",
    [
        token(1, "Two", 0.95),
        token(2, " days", 0.002, ALL),
        token(3, ".\n", 0.3, [(4, "!", 0.6)]),
        token(5, "Bye", 0.5),
    ],
)
TUNED = scored("tuned", [token(1, "Two", 0.9), token(2, " days", 0.8), token(3, ".\n", 0.9), token(5, "Bye", 0.7)])


@pytest.fixture
def picture(theme: Theme) -> Iterator[TokensPicture]:
    made = TokensPicture(theme)
    made.resize(860, 640)
    made.show_sides([Shown("The base model", COLORS[0], BASE), Shown("mine", COLORS[1], TUNED)])
    made.show()
    QTest.qWait(0)
    yield made
    forget(made)


def names(picture: TokensPicture, side: int) -> list[str]:
    return [row.words[0].text for row in picture.lists[side].rows.bar_rows()]


def test_that_each_token_has_the_colour_and_the_percent_of_its_probability(
    picture: TokensPicture, theme: Theme
) -> None:
    base, tuned = (card.flow for card in picture.cards)
    assert base.tokens is not None
    assert tuned.tokens is not None
    assert list(base.tokens.numbers) == ["95", "0.2", "30", "50"]
    assert list(tuned.tokens.numbers) == ["90", "80", "90", "70"]
    for place, probability in enumerate((0.95, 0.002, 0.3, 0.5)):
        assert base.look_of(base.tokens, place).ground == ground_of(theme, shade_of(probability))
    image = base.viewport().grab().toImage()
    corner = base.box_of(1).topLeft() + QPointF(2, 3)
    assert image.pixelColor(corner.toPoint()) == ground_of(theme, SHADES[-1])
    assert list(base.tokens.lines) == [0, 3], "a line of the text begins a line of chips"


def test_that_the_sums_stand_above_and_where_the_sides_part_is_marked(picture: TokensPicture, theme: Theme) -> None:
    first, second, parts = picture.tiles
    assert first.text.startswith("\u22128.16 log-probability")
    assert second.text.startswith("\u22120.79 log-probability")
    assert parts.text == "2 of 4 tokens"
    base = picture.cards[0].flow
    assert base.tokens is not None
    assert [base.look_of(base.tokens, place).line == theme.color("text.primary") for place in range(4)] == [
        False,
        True,
        True,
        False,
    ]
    assert "no adapter at work" in picture.cards[0].toolTip()
    assert "adapter aaaaaaaaaaaa at strength 1" in picture.cards[1].toolTip()


def test_that_arrows_step_through_both_sides_and_n_and_p_go_where_they_part(picture: TokensPicture) -> None:
    base, tuned = (card.flow for card in picture.cards)
    QTest.keyClick(base, Qt.Key.Key_Right)
    assert (base.chosen, tuned.chosen) == (1, 1)
    assert "token 2 of 4, ·days, the sides part here" in picture.token.scope.whole
    assert len(names(picture, 0)) == 11, "the ten likeliest, and the token that is not among them"
    assert names(picture, 0)[-1] == names(picture, 1)[0] == "·days"
    assert picture.lists[0].rows.bar_rows()[-1].is_chosen
    QTest.keyClick(tuned, Qt.Key.Key_N)
    assert (base.chosen, tuned.chosen) == (2, 2)
    QTest.keyClick(tuned, Qt.Key.Key_N)
    assert base.chosen == 2, "they part no further"
    QTest.keyClick(base, Qt.Key.Key_P)
    assert (base.chosen, tuned.chosen) == (1, 1)
    QTest.keyClick(base, Qt.Key.Key_End)
    assert tuned.chosen == 3
    assert base.accessibleDescription() == f"Token 4 of 4: Bye, {probability_words(0.5)}, the likeliest here."


def test_that_the_token_at_the_pointer_is_told_before_the_chosen_one(picture: TokensPicture) -> None:
    base = picture.cards[0].flow
    QTest.mouseMove(base.viewport(), base.box_of(2).center().toPoint())
    QTest.qWait(20)
    assert picture.token.scope.whole.startswith("in place of token 3")
    assert base.chosen == 0
    assert names(picture, 0) == ["!", ".⏎"]
    assert picture.lists[0].name.whole.split() == ["The", "base", "model:", "30", "%,", "number", "2"]
    QTest.mouseClick(base.viewport(), Qt.MouseButton.LeftButton, pos=base.box_of(3).center().toPoint())
    assert picture.cards[1].flow.chosen == 3


def test_that_one_side_alone_has_no_one_to_part_from(picture: TokensPicture) -> None:
    picture.show_sides([Shown("The model", COLORS[0], BASE)])
    assert len(picture.cards) == len(picture.lists) == 1
    assert [tile.isVisible() for tile in picture.tiles] == [True, False, False]
    picture.show_sides([Shown("The model", COLORS[0], None)], "Nothing yet.")
    assert picture.cards[0].flow.accessibleDescription() == "Nothing yet."
    assert picture.token.scope.whole == ""
