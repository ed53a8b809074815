"""The same in Python: coloured by the theme, copied whole, and never read as anything but text."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QTextLayout
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.core.model.python_lines import python_lines
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.parts.code_card import CodeCard

CODE = python_lines(Recipe())


@pytest.fixture
def card(theme: Theme) -> Iterator[CodeCard]:
    made = CodeCard(theme)
    made.resize(355, 310)
    made.show_code(CODE)
    made.show()
    yield made
    forget(made)


def colors(card: CodeCard) -> dict[str, QColor]:
    """The colour of each part that has one of its own."""
    found = {}
    block = card.code.document().begin()
    while block.isValid():
        ranges: list[QTextLayout.FormatRange] = block.layout().formats()
        for part in ranges:
            words = block.text()[part.start : part.start + part.length]
            found[words] = part.format.foreground().color()
        block = block.next()
    return found


def test_that_the_code_is_that_of_the_recipe_and_is_python(card: CodeCard) -> None:
    assert card.code.toPlainText() == CODE
    compile(card.code.toPlainText(), "card", "exec")
    assert card.code.isReadOnly()


def test_that_keywords_and_strings_have_their_colours_in_every_theme(card: CodeCard, theme: Theme) -> None:
    for choice in ("light", "dark"):
        theme.choose(choice)
        found = colors(card)
        assert found["from"] == found["import"] == found["True"] == theme.color("text.link")
        assert found['"nf4"'] == theme.color("status.success")


def test_that_a_string_with_a_quote_in_it_is_one_string(card: CodeCard, theme: Theme) -> None:
    card.show_code('model = load("/models/a\\"from b")\n')
    assert colors(card)['"/models/a\\"from b"'] == theme.color("status.success")


def test_that_html_in_a_path_stays_text(card: CodeCard) -> None:
    text = 'load("<b>bold</b><img src=x>")\n'
    card.show_code(text)
    assert card.code.toPlainText() == text


@pytest.mark.slow
def test_that_copy_copies_all_of_it_and_says_so_for_a_moment(card: CodeCard) -> None:
    QGuiApplication.clipboard().setText("before")
    wide = card.copy.width()
    QTest.keyClick(card.copy, Qt.Key.Key_Space)
    assert QGuiApplication.clipboard().text() == CODE
    assert card.copy.text() == "Copied"
    QApplication.processEvents()
    assert card.copy.width() >= wide
    wait_until(lambda: card.copy.text() == "Copy")


def test_that_tab_leaves_the_code(card: CodeCard) -> None:
    card.activateWindow()
    wait_until(card.isActiveWindow)
    card.code.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(card.code, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is card.copy
