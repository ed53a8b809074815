"""Pages that are not built yet say so, and lead on."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from tests.panes.shown import in_every_look, shown
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Tag
from workbench.panes.parts.later import LaterPage, later_pages


def words(page: LaterPage) -> str:
    return " ".join(label.text() for label in page.picture.findChildren(QLabel))


def test_that_there_is_the_one_page_that_is_missing(theme: Theme) -> None:
    pages = later_pages(theme)
    assert [page.name for page in pages] == ["try"]
    assert all(page.title and page.sentence and page.icon for page in pages)


def test_that_each_says_that_it_is_not_built_and_what_will_be_there(theme: Theme) -> None:
    for page in later_pages(theme):
        assert [tag.text for tag in page.header.findChildren(Tag)] == ["Not built yet"]
        assert "What will be here" in words(page)
        assert "Meanwhile" in words(page)


@pytest.mark.parametrize("term", ["side by side", "chat template", "PEFT in four lines"])
def test_that_the_terms_of_the_field_are_named(theme: Theme, term: str) -> None:
    for page in later_pages(theme):
        assert term.lower() in words(page).lower()


def test_that_the_button_goes_to_a_page_that_there_is_by_the_keyboard_too(theme: Theme) -> None:
    went: list[str] = []
    pages = later_pages(theme)
    for page in pages:
        page.go_to.connect(went.append)
        QTest.keyClick(page.onward, Qt.Key.Key_Space)
    assert went == ["train"]


def test_that_every_look_has_room(theme: Theme) -> None:
    page = later_pages(theme)[0]
    with shown(page):
        in_every_look(theme, page)
