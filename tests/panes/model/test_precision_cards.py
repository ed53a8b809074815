"""The cards of the precisions: what they say, and that they are one group of radio buttons."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.numerics.formats import FORMATS
from workbench.panes.look.theme import Theme
from workbench.panes.model.precision_cards import SENTENCES, VERDICTS, CardFacts, PrecisionCards

GROUP = dict.fromkeys(FORMATS, CardFacts(5_700_000_000, 4.127, "fits", "this card"))


@pytest.fixture
def cards(theme: Theme) -> Iterator[PrecisionCards]:
    made = PrecisionCards(theme)
    made.resize(870, made.sizeHint().height())
    made.show_facts(GROUP)
    made.set_value("nf4")
    made.show()
    made.activateWindow()
    wait_until(made.isActiveWindow)
    yield made
    forget(made)


def test_that_every_format_has_its_bits_in_the_colours_of_its_fields(cards: PrecisionCards) -> None:
    strokes = {name: [color.partition(".")[2] for color in card.strokes()] for name, card in cards.cards.items()}
    assert [len(strokes[name]) for name in FORMATS] == [32, 16, 16, 8, 4, 4]
    assert strokes["bf16"] == ["sign"] + 8 * ["exponent"] + 7 * ["fraction"]
    assert strokes["int8"] == ["sign"] + 7 * ["integer"]
    assert set(strokes["nf4"] + strokes["fp4"]) == {"index"}


def test_that_every_format_has_a_sentence(cards: PrecisionCards) -> None:
    assert set(SENTENCES) == set(FORMATS) == set(cards.cards)


def test_that_a_screen_reader_is_told_of_radio_buttons_with_all_that_is_seen(cards: PrecisionCards) -> None:
    for name, card in cards.cards.items():
        told = QAccessible.queryAccessibleInterface(card)
        assert told.role() == QAccessible.Role.RadioButton
        assert told.text(QAccessible.Text.Name) == FORMATS[name].title
        said = told.text(QAccessible.Text.Description)
        for part in (SENTENCES[name], "5.70 GB", "4.127 bits a weight", "fits on this card"):
            assert part in said


@pytest.mark.parametrize("verdict", ["", *VERDICTS])
def test_that_each_verdict_is_said_and_drawn(cards: PrecisionCards, verdict: str) -> None:
    before = cards.grab().toImage()
    cards.show_facts(dict.fromkeys(FORMATS, CardFacts(0 if not verdict else 9_000_000_000, 8.0, verdict, "this card")))
    assert cards.grab().toImage() != before
    said = cards.cards["int8"].accessibleDescription()
    assert ("this card" in said) == bool(verdict)
    assert verdict or "Size unknown" in said


def test_that_arrows_and_space_choose_and_the_ends_meet(cards: PrecisionCards) -> None:
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    QTest.keyClick(cards.cards["nf4"], Qt.Key.Key_Right)
    QTest.keyClick(cards.cards["fp4"], Qt.Key.Key_Down)
    QTest.keyClick(cards.cards["fp32"], Qt.Key.Key_Left)
    QTest.keyClick(cards.cards["bf16"], Qt.Key.Key_Space)
    assert chosen == ["fp4", "fp32", "fp4", "bf16"]


def test_that_a_click_chooses_anywhere_on_a_card(cards: PrecisionCards) -> None:
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    card = cards.cards["int8"]
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() - 3, card.height() - 3))
    assert chosen == ["int8"]


def test_that_a_choice_made_elsewhere_is_shown_and_not_told_again(cards: PrecisionCards) -> None:
    chosen: list[str] = []
    cards.chosen.connect(chosen.append)
    cards.set_value("fp16")
    assert [name for name, card in cards.cards.items() if card.isChecked()] == ["fp16"]
    assert not chosen


def test_that_tab_stops_at_the_chosen_card_alone_and_the_focus_goes_with_the_choice(cards: PrecisionCards) -> None:
    cards.cards["nf4"].setFocus(Qt.FocusReason.TabFocusReason)
    cards.set_value("bf16")
    stops = [name for name, card in cards.cards.items() if card.focusPolicy() & Qt.FocusPolicy.TabFocus]
    assert stops == ["bf16"]
    assert QApplication.focusWidget() is cards.cards["bf16"]


def test_that_nothing_within_a_card_moves_when_it_is_chosen(cards: PrecisionCards, theme: Theme) -> None:
    """Below the tick and inside border and ring a chosen card is the same to the pixel."""
    QApplication.processEvents()

    def inside(name: str) -> object:
        card = cards.cards[name]
        return card.grab(card.rect().adjusted(8, theme.px(34), -8, -8)).toImage()

    without = inside("int8")
    cards.set_value("int8")
    assert inside("int8") == without


def test_that_the_chosen_border_is_the_accent_in_both_themes(cards: PrecisionCards, theme: Theme) -> None:
    for choice in ("light", "dark"):
        theme.choose(choice)
        QApplication.processEvents()
        card = cards.cards["nf4"]
        edge = card.grab().toImage().pixelColor(1, card.height() // 2)
        assert edge == QColor(theme.color("accent.line"))


def test_that_a_compact_card_is_lower_and_keeps_its_sentence_in_the_tooltip(cards: PrecisionCards) -> None:
    high = cards.sizeHint().height()
    cards.set_compact(True)
    assert cards.sizeHint().height() < high
    assert SENTENCES["nf4"] in cards.cards["nf4"].toolTip()
