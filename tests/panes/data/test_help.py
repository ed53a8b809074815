"""The examples of what a dataset may look like."""

from PySide6.QtWidgets import QApplication, QPlainTextEdit, QStackedWidget, QWidget

from tests.panes.shown import forget
from workbench.panes.data.help import DataHelp
from workbench.panes.data.trouble import in_quotes
from workbench.panes.look.theme import Theme


def test_that_a_name_read_from_the_right_leaves_the_sentence_as_it_is() -> None:
    said = in_quotes("`\u0633\u0624\u0627\u0644` is the prompt, `Answer` the completion")
    assert said == "\u2068\u201c\u0633\u0624\u0627\u0644\u201d\u2069 is the prompt, \u201cAnswer\u201d the completion"


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
