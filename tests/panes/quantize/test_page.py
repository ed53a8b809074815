"""The Quantize page: five views that share its header and take turns in it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from tests.panes.shown import in_every_look, shown
from tests.qt_waits import wait_until
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.page import VIEWS, QuantizePage


@pytest.fixture
def page(theme: Theme) -> QuantizePage:
    return QuantizePage(theme)


def test_that_a_view_is_made_when_it_is_first_shown_and_kept(page: QuantizePage) -> None:
    with shown(page):
        assert page.view is None
        page.shown_first()
        assert (page.view, list(page.views)) == (page.views["hand"], ["hand"])
        hand = page.view
        for name in (*VIEWS, "hand"):
            page.show_view(name)
            assert page.view is not None
            assert (page.view.name, page.choice.value()) == (name, name)
        assert page.view is hand
        assert list(page.views) == list(VIEWS)
        page.window_closes()


def test_that_the_form_is_that_of_the_view(page: QuantizePage) -> None:
    with shown(page):
        for name in VIEWS:
            page.show_view(name)
            assert page.view is not None
            assert page.form is page.view.form
            assert [view.form.isVisible() for view in page.views.values()].count(True) == 1
            assert page.view.form.isVisible()
        page.window_closes()


@pytest.mark.slow
@pytest.mark.parametrize("name", VIEWS)
def test_that_every_look_has_room(page: QuantizePage, theme: Theme, name: str) -> None:
    with shown(page):
        page.show_view(name)
        in_every_look(theme, page)
        page.window_closes()


@pytest.mark.slow
def test_that_the_button_of_a_view_stays_with_it_where_the_form_folds(page: QuantizePage, theme: Theme) -> None:
    with shown(page):
        theme.set_projector(True)
        for name in ("whole", "hand", "race", "whole"):
            page.show_view(name)
            inside = [view.name for view in page.views.values() if view.form.action_bar.parent() is page.header]
            assert inside == [name]
            assert page.save_button.text() == ""
        theme.set_projector(False)
        assert page.views["whole"].form.action_bar.parent() is page.views["whole"].form
        page.window_closes()


def test_that_views_are_chosen_by_the_keyboard(page: QuantizePage) -> None:
    with shown(page):
        page.shown_first()
        QTest.keyClick(page.choice.button_of("layer"), Qt.Key.Key_Space)
        assert page.view is page.views["layer"]


def test_that_what_is_said_gives_way_to_the_pages_sentence(page: QuantizePage) -> None:
    page.header.silence.setInterval(1)
    with shown(page):
        page.shown_first()
        assert page.view is not None
        page.view.message.emit("Copied: the table.")
        assert page.header.sentence.whole == "Copied: the table."
        wait_until(lambda: page.header.sentence.whole == page.sentence)


@pytest.mark.parametrize(("ending", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_that_what_is_shown_is_saved_as_a_picture(
    page: QuantizePage, tmp_path: Path, ending: str, beginning: bytes
) -> None:
    with shown(page):
        page.shown_first()
        page.save_button.click()
        dialog = page.window().findChild(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        target = tmp_path / f"hand.{ending}"
        dialog.fileSelected.emit(str(target))
        dialog.reject()
        assert target.read_bytes().startswith(beginning)
        assert page.header.sentence.whole == f"Written to {target}."
