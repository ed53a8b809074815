"""The examples of what a dataset may look like."""

from PySide6.QtWidgets import QApplication, QPlainTextEdit, QStackedWidget, QWidget

from tests.panes.shown import forget
from workbench.panes.data.help import DataHelp
from workbench.panes.look.theme import Theme


def test_that_every_line_of_an_example_is_seen_wherever_it_is_put(theme: Theme) -> None:
    made, stack = DataHelp(theme), QStackedWidget()
    stack.addWidget(QWidget())
    stack.addWidget(made)
    stack.resize(800, 300)
    stack.show()
    QApplication.processEvents()
    stack.setCurrentWidget(made)
    QApplication.processEvents()
    codes = made.findChildren(QPlainTextEdit)
    assert max(code.document().blockCount() for code in codes) == 2
    assert [code.verticalScrollBar().maximum() for code in codes] == [0] * len(codes)
    forget(stack)
