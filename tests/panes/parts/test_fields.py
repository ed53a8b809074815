"""Fields that a person writes in and chooses with."""

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.panes.shown import forget
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.fields import ChoiceBox


@pytest.mark.parametrize("count", [1, 2, 9])
def test_that_a_list_that_opens_shows_its_last_line(theme: Theme, count: int) -> None:
    page, box = QWidget(), ChoiceBox(theme)
    in_column(box, of=page)
    for number in range(count):
        box.addItem(f"Sheet {number}")
    page.show()
    QApplication.processEvents()
    for _ in range(2):
        box.showPopup()
        QApplication.processEvents()
        lines = box.view()
        needed = count * lines.sizeHintForRow(0)
        assert needed <= lines.viewport().height() < needed + lines.sizeHintForRow(0)
        box.hidePopup()
    forget(page)


def test_that_the_fact_beside_a_choice_never_lies_on_it(theme: Theme) -> None:
    page, box = QWidget(), ChoiceBox(theme)
    box.addItem("Question")
    box.addItem("What the customer wanted to know from us")
    in_column(box, of=page)
    page.resize(200, 60)
    page.show()
    QApplication.processEvents()
    box.show_fact("column A")
    assert box.shown_words() == ("Question", "column A")
    box.setCurrentIndex(1)
    text, fact = box.shown_words()
    box.setPlaceholderText("Used before")
    box.setCurrentIndex(-1)
    assert box.shown_words()[0] == "Used before"
    assert (text[:8], text[-1], fact) == ("What the", "\u2026", "")
    forget(page)
