"""Texts that end an answer: added by Enter, taken away by their chips, never wider than the form."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from workbench.panes.look.theme import Theme
from workbench.panes.try_.form.stop_words import StopWords


def test_that_enter_adds_a_text_and_its_chip_takes_it_away(theme: Theme) -> None:
    words = StopWords(theme)
    told: list[tuple[str, ...]] = []
    words.edited.connect(told.append)
    words.show()
    words.show_own("<|im_end|>")
    for text in ("END", "\\n\\n", "END"):
        QTest.keyClicks(words.field, text)
        QTest.keyClick(words.field, Qt.Key.Key_Return)
    assert told == [("END",), ("END", "\n\n")]
    assert [chip.text() for chip in words.chips] == ["END", "\\n\\n"]
    words.chips[0].click()
    assert told[-1] == ("\n\n",)
    assert words.field.placeholderText() == "<|im_end|>"
    words.close()


def test_that_a_long_text_leaves_the_form_as_wide_as_it_is(theme: Theme) -> None:
    words = StopWords(theme)
    words.show_words(("a very long text that goes on and on and on",))
    form = theme.size("size.form") - 18 - 16 - theme.size("size.form_label") - 8
    assert words.minimumSizeHint().width() <= form
    assert "goes on and on and on" in words.chips[0].toolTip()
    words.close()
