"""An editor of a row in a window that has the keyboard, with a tokenizer of bytes."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMainWindow

from tests.core.tokens.test_tokenizing import recipe_of
from tests.core.tokens.tokenizers_made import byte_tokenizer
from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.data.editing.row_editor import RowEditor
from workbench.panes.look.theme import Theme


@pytest.fixture
def window(theme: Theme) -> Iterator[QMainWindow]:
    made = QMainWindow()
    made.resize(1366, 300)
    made.setCentralWidget(RowEditor(theme))
    made.show()
    made.activateWindow()
    wait_until(made.isActiveWindow)
    yield made
    assert wait_for_tasks(60)
    forget(made)


@pytest.fixture
def editor(window: QMainWindow) -> RowEditor:
    made = window.centralWidget()
    assert isinstance(made, RowEditor)
    made.read_with(recipe_of(max_length=256), byte_tokenizer())
    return made
