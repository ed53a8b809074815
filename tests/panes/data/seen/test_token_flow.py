"""The tokens as they are painted: what each is called, how it is told, and that a long row is scrolled as a short."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from workbench.panes.charts.token_text import cells_of, label_of
from workbench.panes.data.seen.shown_tokens import (
    CONTEXT,
    KINDS,
    PADDING,
    SPECIAL,
    TRAINED,
    TRUNCATED,
    ShownTokens,
)
from workbench.panes.data.seen.token_flow import TokenFlow
from workbench.panes.look.theme import Theme, tokens


def row() -> ShownTokens:
    pieces = ["<s>", "Two", " rye", " loaves", "\n", "so", " be", " it", "</s>", "<pad>"]
    kinds = [SPECIAL, CONTEXT, CONTEXT, CONTEXT, SPECIAL, TRAINED, TRAINED, TRUNCATED, TRUNCATED, PADDING]
    return ShownTokens.of([1, 10, 39514, 200, 198, 7, 8, 9, 2, 0], kinds, pieces, [5], longest=7)


@pytest.fixture
def flow(theme: Theme) -> Iterator[TokenFlow]:
    made = TokenFlow(theme)
    made.resize(420, 200)
    made.show_tokens(row())
    yield made
    forget(made)


@pytest.mark.parametrize(
    ("piece", "label"),
    [
        (" loaf", "·loaf"),
        ("\n", "⏎"),
        ("\n\n", "⏎⏎"),
        ("  ", "␣␣"),
        ("\t", "⇥"),
        ("a b", "a b"),
        ("\x00", "␀"),
        ("\u200d", "U+200D"),
        ("", "∅"),
        ("-" * 80, "-" * 31 + "…"),
    ],
)
def test_that_what_nobody_sees_has_a_mark(piece: str, label: str) -> None:
    assert label_of(piece) == label


@pytest.mark.parametrize(("label", "cells"), [("loaf", 4), ("二三", 4), ("é", 1), ("e\u0301", 1), ("\u0301", 1)])
def test_that_wide_letters_take_two_cells(label: str, cells: int) -> None:
    assert cells_of(label) == cells


def test_that_every_kind_is_counted_and_told(flow: TokenFlow) -> None:
    shown = flow.tokens
    assert shown is not None
    assert dict(zip(KINDS, shown.counts, strict=True)) == {
        "trained": 2,
        "context": 3,
        "special": 2,
        "truncated": 2,
        "padding": 1,
    }
    said = "".join(shown.sentence(5))
    assert said.startswith("Token 6 of 10: so, id 7. The loss is counted here")
    assert said.endswith("guess it from the 5 tokens before it.")
    assert "id 39\u2009514. The loss is not counted here" in "".join(shown.sentence(2))
    assert "no loss is counted" in "".join(shown.sentence(0))
    assert "Cut off at 7 tokens: the model never reads it." in "".join(shown.sentence(7))
    assert "Padding" in "".join(shown.sentence(9))
    assert len({"".join(shown.sentence(token)) for token in range(10)}) == 10


def test_that_no_loss_is_promised_for_a_first_token() -> None:
    shown = ShownTokens.of([5, 6], [TRAINED, TRAINED], ["a", "b"])
    assert "no loss is counted" in shown.sentence(0)[2]
    assert "from the one token before it" in shown.sentence(1)[2]


def test_that_the_arrows_choose_and_a_screen_reader_is_told(flow: TokenFlow) -> None:
    told: list[int] = []
    flow.told.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_End, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Up):
        QTest.keyClick(flow, key)
    assert told == [1, 9, 9, 0, 5, 0]
    assert flow.accessibleDescription().startswith("Token 1 of 10: <s>, id 1.")


def test_that_the_pointer_is_told_before_what_is_chosen(flow: TokenFlow) -> None:
    flow.show()
    told: list[int] = []
    flow.told.connect(told.append)
    QTest.mouseMove(flow.viewport(), flow.box_of(2).center().toPoint())
    assert told[-1] == 2
    QTest.mouseClick(flow.viewport(), Qt.MouseButton.LeftButton, pos=flow.box_of(6).center().toPoint())
    assert flow.chosen == 6
    assert flow.cell_at(QPointF(415, 190)) is None


def test_that_a_message_begins_a_line_and_kinds_have_their_colours(flow: TokenFlow, theme: Theme) -> None:
    assert flow.box_of(5).top() > flow.box_of(4).top()
    assert flow.box_of(5).left() == flow.box_of(0).left()
    for choice in ("light", "dark"):
        theme.choose(choice)  # type: ignore[arg-type]
        image = flow.grab().toImage()
        drawn = {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}
        for kind in ("trained", "context", "special", "truncated"):
            assert theme.color(f"tokens.{kind}").name() in drawn
            assert theme.color(f"tokens.{kind}_line").name() in drawn
    theme.choose("light")


@pytest.mark.parametrize("name", ["light", "dark"])
def test_that_a_token_and_its_id_can_be_read_on_every_ground(name: str) -> None:
    from tests.panes.look.test_theme import LEAST, contrast

    shades = tokens()[name]
    for kind in KINDS:
        for role in ("primary", "secondary"):
            assert contrast(shades["text"][role], shades["tokens"][kind]) >= LEAST


def test_that_a_hundred_thousand_tokens_are_laid_out_once_and_scrolled(flow: TokenFlow) -> None:
    count = 100_000
    pieces = [f" w{number % 5000}" for number in range(count)]
    shown = ShownTokens.of(np.arange(count), np.arange(count) % 2, pieces, range(0, count, 1000))
    flow.show_tokens(shown)
    for place in (0.2, 0.5, 0.9):
        flow.verticalScrollBar().setValue(round(flow.verticalScrollBar().maximum() * place))
        flow.grab()
    QTest.keyClick(flow, Qt.Key.Key_End)
    assert flow.chosen == count - 1
    assert flow.viewport().rect().contains(flow.box_of(count - 1).toRect())


def test_that_a_place_is_kept_where_only_the_limit_changed(flow: TokenFlow) -> None:
    flow.choose_by_hand(6)
    flow.show_tokens(row(), keeps_place=True)
    assert flow.chosen == 6
    flow.show_tokens(row())
    assert flow.chosen == 0
    flow.show_tokens(None)
    assert flow.chosen == -1
    assert not flow.grab().isNull()
