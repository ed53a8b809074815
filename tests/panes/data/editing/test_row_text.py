"""What a field cannot hold stays in the text as it was, wherever something else is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication

from workbench.panes.data.editing.row_field import RowField
from workbench.panes.data.editing.row_text import shown_text, written_text
from workbench.panes.look.theme import Theme

ODD = st.text(alphabet="ab \n\r\u2028\u2029\ufdd0\u00a0é😀", max_size=20)


@given(ODD, ODD, st.integers(0, 20), st.integers(0, 20))
def test_that_what_stands_around_what_is_written_stays(text: str, new: str, start: int, length: int) -> None:
    new = shown_text(new)
    shown = shown_text(text)
    written = written_text(text, shown[:start] + new + shown[start + length :])
    assert shown_text(written) == shown[:start] + new + shown[start + length :]
    assert written_text(text, shown) == text


def test_that_a_line_end_of_another_system_outlives_a_key() -> None:
    assert written_text("one\r\ntwo\rthree", "one\ntwo!\nthree") == "one\r\ntwo!\rthree"


@pytest.mark.parametrize(
    "text", ["a\r\nb\rc", "a\u2028b\u2029c", "a\u00a0b\ufdd0c\ufdd1", "a\x00b\x1e\tc", "😀e\u0301\u200b"]
)
def test_that_a_field_gives_back_what_it_was_given(qapp: QApplication, theme: Theme, text: str) -> None:
    field = RowField(theme)
    field.show_text(text)
    assert field.text() == text
    assert not field.isReadOnly()
    field.insertPlainText("x")
    assert field.text() == f"x{text}"
