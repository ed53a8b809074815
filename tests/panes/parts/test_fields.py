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
