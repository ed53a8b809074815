"""Words have room: with the system's font as it is and larger, in other fonts, and with none."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QApplication

from tests.window.clipping import clipped
from tests.window.states import every_state
from workbench.window.main_window import MainWindow

Open = Callable[[], MainWindow]


@pytest.mark.parametrize(("pixels", "width"), [(13, 1366), (16, 1366), (16, 1920)])
def test_that_no_words_are_clipped_at_any_size_of_the_systems_font(
    qapp: QApplication, open_window: Open, pixels: int, width: int
) -> None:
    font = qapp.font()
    font.setPixelSize(pixels)
    qapp.setFont(font)
    window = open_window()
    window.resize(width, 738 if width < 1600 else 1050)
    assert window.theme.size("font.body") == pixels
    wrong: dict[str, str] = {}
    for state in every_state(window):
        for words in clipped(window):
            wrong.setdefault(words, state)
    assert "\n".join(f"{state}: {words}" for words, state in wrong.items()) == ""
