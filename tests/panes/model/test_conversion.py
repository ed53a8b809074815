"""A GGUF file that is chosen as the model is offered a conversion, and the model is what it became."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.model.pages import Desk, desk
from tests.qt_waits import wait_until
from tests.verbs.test_convert import write_gguf
from workbench.panes.look.theme import Theme


@pytest.fixture
def page(cache: Path, theme: Theme) -> Iterator[Desk]:
    with desk(theme) as made:
        yield made


@pytest.mark.slow
def test_that_a_gguf_file_is_converted_by_its_button_and_taken(
    page: Desk, tiny_model: Callable[[str], Path], tmp_path: Path, home: Path
) -> None:
    source = write_gguf(tmp_path / "mine.gguf", tiny_model("llama"))
    shown, conversion = page.page, page.page.conversion
    assert conversion.isHidden()
    shown.open_folder(source)
    wait_until(lambda: not conversion.isHidden())
    wait_until(lambda: "GGUF file, which cannot be trained on" in shown.source.problem_text())
    assert conversion.start.isEnabled()
    QTest.keyClick(conversion.start, Qt.Key.Key_Space)
    assert not conversion.start.isEnabled()
    wait_until(lambda: page.store.recipe.model.source == str(home / "models" / "mine"), 120)
    wait_until(lambda: shown.shape is not None)
    assert shown.source.problem_text() == ""
    assert conversion.isHidden()
    conversion.close_study()


def test_that_a_folder_with_a_model_or_nothing_is_offered_none(
    page: Desk, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    for folder in (tiny_model("llama"), tmp_path):
        page.page.open_folder(folder)
        wait_until(lambda: page.page.shape is not None or page.page.error is not None)
        assert page.page.conversion.isHidden()


def test_that_what_is_not_a_gguf_file_within_is_told(page: Desk, tmp_path: Path) -> None:
    path = tmp_path / "odd.gguf"
    path.write_text("some text")
    page.page.open_folder(path)
    wait_until(lambda: not page.page.conversion.isHidden())
    page.page.conversion.start.click()
    assert "does not begin as one" in page.page.conversion.words.text()
