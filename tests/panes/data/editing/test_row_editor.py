"""The card of one row: what is typed is counted and committed, told and mended, by mouse and by keyboard."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow

from tests.core.tokens.tokenizers_made import byte_tokenizer
from tests.panes.shown import forget
from tests.qt_waits import wait_until
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.data.edits.value import Value
from workbench.core.recipe.recipe import Recipe
from workbench.panes.data.editing.row_count import RowCount
from workbench.panes.data.editing.row_editor import Note, RowEditor
from workbench.panes.data.editing.row_field import RowField
from workbench.panes.look.reading_order import put_in_order
from workbench.panes.look.theme import Theme

PAIR: Value = {"prompt": "Tea?", "completion": "Yes.", "topic": "drinks"}


def recipe(longest: int = 256) -> Recipe:
    made = Recipe()
    return made.model_copy(update={"training": made.training.model_copy(update={"max_length": longest})})


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
    made.read_with(recipe(), byte_tokenizer())
    return made


def show(editor: RowEditor, value: Value = PAIR, before: Value | None = PAIR, *notes: Note, row: int = 3) -> None:
    editor.show_row(row, row + 1, value, before, notes)
    assert wait_for_tasks(60)


def field(editor: RowEditor, name: str) -> RowField:
    found = editor.fields.edit_of(name)
    assert found is not None
    return found


def count_of(editor: RowEditor, name: str) -> str:
    return next(box.count.text() for box in editor.fields.boxes if box.name == name)


def test_that_a_row_is_shown_with_its_tokens(editor: RowEditor) -> None:
    counts: list[tuple[int, RowCount]] = []
    editor.counted.connect(lambda row, count: counts.append((row, count)))
    show(editor)
    (row, count) = counts[-1]
    assert row == 3
    assert count.total == count.read + count.template + count.learned
    assert (count.read, count.learned, count.cut, count.is_estimate) == (4, 6, 0, False)
    assert (count_of(editor, "prompt"), count_of(editor, "completion")) == ("4 tokens", "6 tokens")
    assert (editor.title.text(), editor.scope.text(), editor.tag.text) == ("Row 4", "drinks", "")
    assert editor.warnings.words == ("Nothing wrong with this row.",)


def test_that_keys_are_told_counted_and_committed_with_ctrl_enter(editor: RowEditor) -> None:
    typed: list[Value] = []
    committed: list[tuple[int, Value, str]] = []
    steps: list[int] = []
    editor.typed.connect(lambda _row, value: typed.append(value))
    editor.committed.connect(lambda *told: committed.append(told))
    editor.stepped.connect(steps.append)
    show(editor)
    editor.fields.focus_field("completion")
    QTest.keyClicks(field(editor, "completion"), " Two")
    assert [value["completion"] for value in typed] == ["Yes. ", "Yes. T", "Yes. Tw", "Yes. Two"]
    assert editor.tag.text == "changed"
    assert not committed
    wait_until(lambda: count_of(editor, "completion") == "10 tokens, was 6")
    QTest.keyClick(field(editor, "completion"), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert committed == [(3, {**PAIR, "completion": "Yes. Two"}, "completion")]
    assert steps == [1]


def test_that_leaving_a_field_commits_it_once(editor: RowEditor) -> None:
    committed: list[str] = []
    editor.committed.connect(lambda _row, _value, name: committed.append(name))
    show(editor)
    put_in_order(editor)  # as the page does with each Tab
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Tab)
    assert editor.fields.focused == "completion"
    QTest.keyClick(field(editor, "completion"), Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert committed == ["prompt"]


def test_that_two_seconds_without_a_key_commit(editor: RowEditor) -> None:
    committed: list[Value] = []
    editor.committed.connect(lambda _row, value, _name: committed.append(value))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClicks(field(editor, "prompt"), "!")
    wait_until(lambda: committed)
    assert committed == [{**PAIR, "prompt": "Tea?!"}]
    assert editor.fields.focused == "prompt"


def test_that_a_space_at_the_end_is_taken_out_by_one_click(editor: RowEditor) -> None:
    committed: list[Value] = []
    editor.committed.connect(lambda _row, value, _name: committed.append(value))
    show(editor, {**PAIR, "prompt": "Tea? "}, PAIR, Note("same as 2", "It asks the same as row 2."))
    assert editor.warnings.words == ("It asks the same as row 2.", "The prompt ends in a space.")
    action = editor.warnings.action_of("The prompt ends in a space.")
    assert action is not None
    QTest.mouseClick(action, Qt.MouseButton.LeftButton)
    assert committed == [PAIR]
    assert field(editor, "prompt").text() == "Tea?"
    assert editor.warnings.words == ("It asks the same as row 2.",)


def test_that_del_is_the_rows_only_where_no_text_has_the_keyboard(editor: RowEditor) -> None:
    deleted: list[bool] = []
    editor.delete_asked.connect(lambda: deleted.append(True))
    show(editor)
    editor.fields.focus_field("prompt")
    QTest.keyClick(field(editor, "prompt"), Qt.Key.Key_Delete)
    assert not deleted
    editor.after.setFocus()
    QTest.keyClick(editor.after, Qt.Key.Key_Delete)
    assert deleted == [True]


def test_that_there_is_nothing_to_write_in_without_a_row(editor: RowEditor) -> None:
    asked: list[bool] = []
    editor.add_asked.connect(lambda: asked.append(True))
    show(editor)
    editor.clear()
    assert not editor.fields.isVisible()
    assert not editor.as_it_was.isEnabled()
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert asked == [True]
