"""The card of one row: three views of the same, a sentence at its foot, and what is said where there are no tokens."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from workbench.panes.data.seen.card import SeenCard
from workbench.panes.data.seen.row_view import LONGEST_SHOWN, MOST_TURNS, ChatTurn, RowView, Stretch
from workbench.panes.data.seen.shown_tokens import CONTEXT, SPECIAL, TRAINED, ShownTokens
from workbench.panes.look.theme import Theme

TURNS = (ChatTurn("user", "Tea?"), ChatTurn("assistant", "Yes.", is_learned=True))
STRETCHES = (Stretch("<u>", SPECIAL), Stretch("Tea?", CONTEXT), Stretch("Yes.", TRAINED))


def row(**changes: object) -> RowView:
    tokens = ShownTokens.of([1, 2, 3], [SPECIAL, CONTEXT, TRAINED], ["<u>", "Tea?", "Yes."])
    return RowView(**{"place": "row 7", "turns": TURNS, "stretches": STRETCHES, "tokens": tokens, **changes})  # type: ignore[arg-type]


@pytest.fixture
def card(theme: Theme) -> Iterator[SeenCard]:
    made = SeenCard(theme)
    made.resize(760, 320)
    made.show_row(row(), has_after=True)
    yield made
    forget(made)


def test_that_the_three_views_show_the_same_row(card: SeenCard) -> None:
    assert card.view == "tokens"
    assert card.chat.words == "user: Tea?\nassistant: Yes."
    assert card.text.toPlainText() == "<u>Tea?Yes."
    assert card.legend.accessibleName() == "Tokens: 1 trained, 1 context, 1 special, 0 cut off, 0 padding"
    assert card.scope.text() == "row 7"
    assert card.sentence.words.startswith("Token 1 of 3: <u>, id 1.")
    card.views.button_of("chat").click()
    assert card.sentence.words == "1 of 3 tokens are learned. The rest is read, not learned."
    assert "Tea?" in card.chat.toPlainText()


def test_that_the_arrows_ask_for_neighbours_that_there_are(card: SeenCard) -> None:
    ways: list[int] = []
    card.step_wanted.connect(ways.append)
    assert not card.before.isEnabled()
    card.after.click()
    assert ways == [1]


def test_that_a_token_that_is_chosen_by_keys_is_told_at_the_foot(card: SeenCard) -> None:
    card.focus_row()
    QTest.keyClick(card.flow, Qt.Key.Key_End)
    assert card.sentence.words.startswith("Token 3 of 3: Yes., id 3. The loss is counted here: the model is asked to")
    assert card.sentence.words.endswith("guess it from the 2 tokens before it.")


def test_that_a_row_that_is_wrong_says_so_in_every_view(card: SeenCard) -> None:
    problem = "Broken JSON at column 41: no closing quote."
    card.show_row(row(tokens=None, turns=(), stretches=(), problem=problem, remedy="Set data.bad_rows = refuse."))
    for view in ("chat", "tokens", "text"):
        card.show_view(view)
        assert card.sentence.words.startswith(problem)
        assert "Bad rows" in card.sentence.words
    assert card.flow.accessibleDescription() == problem
    assert card.legend.counts == ()


def test_that_a_row_without_a_tokenizer_says_why_there_are_no_tokens(card: SeenCard) -> None:
    card.show_row(row(tokens=None, stretches=(), why_no_tokens="The model's tokenizer is not here."))
    assert card.sentence.words == "The model's tokenizer is not here."
    assert card.chat.words


def test_that_no_row_is_shown_as_none(card: SeenCard) -> None:
    card.show_row(None)
    assert (card.scope.text(), card.sentence.words, card.text.toPlainText()) == ("", "", "")
    assert not card.after.isEnabled()


def test_that_long_texts_and_many_turns_are_shown_to_a_limit_and_counted(card: SeenCard) -> None:
    long = "word " * LONGEST_SHOWN
    card.show_row(row(turns=(ChatTurn("user", long),) * (MOST_TURNS + 3), stretches=(Stretch(long),)))
    assert "3 turns more" in card.chat.toPlainText()
    assert "characters more" in card.chat.toPlainText()
    assert "80\u2009000 characters more" in card.text.toPlainText()
    assert len(card.text.toPlainText()) < LONGEST_SHOWN + 100


def test_that_markup_is_shown_as_text_in_every_view(card: SeenCard, theme: Theme) -> None:
    markup = "<b>bold</b><img src=x>"
    card.show_row(row(turns=(ChatTurn("user", markup),), stretches=(Stretch(markup),)))
    assert markup in card.chat.toPlainText()
    assert markup in card.text.toPlainText()
    for choice in ("dark", "light"):
        theme.choose(choice)  # type: ignore[arg-type]
        for view in ("chat", "tokens", "text"):
            card.show_view(view)
            assert not card.grab().isNull()
