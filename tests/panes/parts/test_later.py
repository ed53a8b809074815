"""Pages that are not built yet say so, and lead on."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.panes.shown import in_every_look, shown
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.later import LaterPage, try_page


def words(page: LaterPage) -> str:
    return " ".join(label.text() for label in page.picture.findChildren(QLabel))


def test_that_it_says_that_it_is_not_built_and_what_will_be_there(theme: Theme) -> None:
    page = try_page(theme)
    assert page.header.sentence.whole.startswith("Ask the base model and the tuned one")
    assert [tag.text for tag in page.header.findChildren(Tag)] == ["Not built yet"]
    assert "What will be here" in words(page)
    assert "Meanwhile" in words(page)


@pytest.mark.parametrize("term", ["side by side", "chat template", "PEFT in four lines"])
def test_that_the_terms_of_the_field_are_named(theme: Theme, term: str) -> None:
    assert term.lower() in words(try_page(theme)).lower()


def test_that_the_button_goes_to_a_page_that_there_is_by_the_keyboard_too(theme: Theme) -> None:
    went: list[str] = []
    page = try_page(theme)
    page.go_to.connect(went.append)
    QTest.keyClick(page.onward, Qt.Key.Key_Space)
    assert went == ["train"]


def test_that_every_look_has_room(theme: Theme) -> None:
    page = try_page(theme)
    with shown(page):
        in_every_look(theme, page)
